#!/bin/sh
# Installs the Kamailio that `cargo xtask bench sip` compares with (Debian's, 5.6.3 in bookworm)
# and leaves no service running. Needs root.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y --no-install-recommends kamailio kamailio-extra-modules
if command -v systemctl >/dev/null 2>&1; then
    systemctl disable --now kamailio >/dev/null 2>&1 || true
fi
kamailio -v | head -n 1
