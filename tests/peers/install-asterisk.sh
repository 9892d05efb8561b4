#!/usr/bin/env bash
# An Asterisk for the tests with real peers (`cargo xtask ci --only peers`). Debian 12 has no
# Asterisk of its own; the package of Debian 11 runs on it unchanged (16.28: 13 s, 93 MB).
# Nothing of it is started here: the test runs it from a folder of its own.
#
# Exit status: 0 it is here; 3 it cannot be had on this machine, and why.
set -uo pipefail

say() { printf 'install-asterisk: %s\n' "$*"; }
cannot() {
    say "$*"
    exit 3
}

if command -v asterisk >/dev/null; then
    say "$(asterisk -V 2>/dev/null) is here"
    exit 0
fi
command -v apt-get >/dev/null || cannot "this is no Debian: install Asterisk 16 or later by hand"
[ "$(id -u)" = 0 ] || cannot "not root: install the package asterisk by hand"

release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
source_list=/etc/apt/sources.list.d/sekimori-asterisk.sources
pin=/etc/apt/preferences.d/sekimori-asterisk
guard=/usr/sbin/policy-rc.d

# What is only needed while installing is taken away again.
made_guard=no
clear_up() {
    rm -f "$source_list" "$pin"
    [ "$made_guard" = no ] || rm -f "$guard"
}
trap clear_up EXIT

packages=(asterisk asterisk-modules asterisk-config)
if [ "$release" = bookworm ]; then
    cat >"$source_list" <<LIST
Types: deb
URIs: ${mirror:-http://deb.debian.org/debian}
Suites: bullseye
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
LIST
    # Nothing else may come from there.
    printf 'Package: *\nPin: release n=bullseye\nPin-Priority: 50\n' >"$pin"
    packages=("${packages[@]/%//bullseye}")
fi
# The package starts a service unless this says that it must not.
if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard" && chmod +x "$guard" && made_guard=yes
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || cannot "the package lists cannot be read"
apt-get install -qy --no-install-recommends "${packages[@]}" >/dev/null ||
    cannot "the packages cannot be installed: ${packages[*]}"
say "$(asterisk -V) is here"
