//! The names of channels and the strings that `Dial` is given, taken apart.

/// A channel's name: `PJSIP/201-0000002a`, `Local/0312@from-internal-00000001;2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channel<'a> {
    /// All of it.
    pub(super) whole: &'a str,
    /// The endpoint: `201`; empty when there is no channel.
    pub(super) name: &'a str,
    technology: &'a str,
}

impl<'a> Channel<'a> {
    pub(super) const NONE: Channel<'static> = Channel { whole: "", name: "", technology: "" };

    pub(super) fn of(whole: &'a str) -> Channel<'a> {
        let (technology, rest) = whole.split_once('/').unwrap_or(("", whole));
        let rest = rest.strip_suffix(";1").or(rest.strip_suffix(";2")).unwrap_or(rest);
        let name = match rest.rsplit_once('-') {
            Some((name, number)) if number.bytes().all(|b| b.is_ascii_hexdigit()) => name,
            _ => rest,
        };
        // DAHDI and chan_sip may put the number or the port behind the endpoint.
        let name = name.split('/').next().unwrap_or(name);
        Channel { whole, name, technology }
    }

    /// Whether it is one half of a `Local/` pair.
    pub(super) fn is_local(self) -> bool {
        self.technology == "Local"
    }

    /// What both halves of a `Local/` pair are called.
    pub(super) fn local_base(self) -> &'a str {
        self.whole.strip_suffix(";1").or(self.whole.strip_suffix(";2")).unwrap_or(self.whole)
    }

    /// The number that a `Local/` channel was dialled with.
    pub(super) fn local_number(self) -> &'a str {
        self.name.split('@').next().unwrap_or(self.name)
    }
}

/// Whom `Dial` was told to call: one of `lastdata`'s destinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialled<'a> {
    /// The endpoint.
    pub(super) endpoint: &'a str,
    /// The number sent to it; `None` for a plain device.
    pub(super) number: Option<&'a str>,
    /// Whether it is an endpoint of its own, neither `Local/` nor reached with a number.
    pub(super) is_device: bool,
}

impl<'a> Dialled<'a> {
    /// The destination that became `reached`, else the first.
    pub(super) fn of(
        lastapp: &str,
        lastdata: &'a str,
        reached: Channel<'_>,
    ) -> Option<Dialled<'a>> {
        if lastapp != "Dial" {
            return None;
        }
        let destinations = lastdata.split([',', '|']).next().unwrap_or_default();
        let mut first = None;
        for dialled in destinations.split('&').filter_map(Dialled::one) {
            if dialled.endpoint == reached.name {
                return Some(dialled);
            }
            first = first.or(Some(dialled));
        }
        first
    }

    /// `TECH/number@endpoint`, `TECH/endpoint/number` (a SIP URI may stand for the number) or
    /// `TECH/endpoint`.
    fn one(text: &'a str) -> Option<Dialled<'a>> {
        let (technology, rest) = text.split_once('/')?;
        if technology == "Local" {
            return Some(Dialled { endpoint: rest, number: None, is_device: false });
        }
        let (endpoint, number) = match (rest.split_once('/'), rest.split_once('@')) {
            (Some((endpoint, number)), _) => (endpoint, number),
            (None, Some((number, endpoint))) => (endpoint, number),
            (None, None) => (rest, ""),
        };
        // IAX2 may write `user:secret@endpoint/number`.
        let endpoint = endpoint.rsplit('@').next().unwrap_or(endpoint);
        let number = number.strip_prefix("sips:").or(number.strip_prefix("sip:")).unwrap_or(number);
        let number = number.split(['@', ';', ':', '/']).next().unwrap_or(number);
        let bare = number.strip_prefix('+').unwrap_or(number);
        let dialable =
            bare.len() >= 2 && bare.bytes().all(|b| b.is_ascii_digit() || b == b'*' || b == b'#');
        // `PJSIP/201/sip:201@192.0.2.1` is a device at one of its addresses.
        let number = (dialable && number != endpoint).then_some(number);
        Some(Dialled { endpoint, number, is_device: number.is_none() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_found_in_a_channels_name() {
        for (whole, name) in [
            ("PJSIP/201-0000002a", "201"),
            ("SIP/my-carrier-0000002a", "my-carrier"),
            ("PJSIP/my-carrier", "my-carrier"),
            ("DAHDI/i1/0312349999-5", "i1"),
            ("", ""),
        ] {
            assert_eq!(Channel::of(whole).name, name, "{whole}");
        }
        let local = Channel::of("Local/0103712@from-internal-00000001;2");
        assert!(local.is_local());
        assert_eq!(local.local_number(), "0103712");
        assert_eq!(local.local_base(), "Local/0103712@from-internal-00000001");
    }

    #[test]
    fn a_dial_string_tells_trunks_from_devices() {
        let check = |text, endpoint, number| {
            let dialled = Dialled::of("Dial", text, Channel::NONE).expect("a destination");
            assert_eq!((dialled.endpoint, dialled.number), (endpoint, number), "{text}");
        };
        check("PJSIP/0312349999@carrier,60,b(x^1)", "carrier", Some("0312349999"));
        check("SIP/carrier/0312349999,300", "carrier", Some("0312349999"));
        check("DAHDI/g1/0312349999", "g1", Some("0312349999"));
        check("PJSIP/carrier/sip:+81312349999@gw.example:5060", "carrier", Some("+81312349999"));
        check("PJSIP/201/sip:201@192.0.2.1:5060&PJSIP/202,20", "201", None);
        check("PJSIP/1002,20", "1002", None);
        check("Local/0103712@from-internal/n", "0103712@from-internal/n", None);
        assert_eq!(Dialled::of("Hangup", "21", Channel::NONE), None);
        let reached = Channel::of("PJSIP/202-00000001");
        assert_eq!(
            Dialled::of("Dial", "PJSIP/201&PJSIP/202", reached).map(|d| d.endpoint),
            Some("202")
        );
    }
}
