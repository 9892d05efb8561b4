//! What Asterisk says of itself and of the call before anything is asked of it.

use super::ARGUMENTS_MAX;

/// The lines of an environment that are made use of. What is unknown is empty; bytes that are
/// no UTF-8 have become U+FFFD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `agi_network_script`: what follows the host in the URL, such as `ask?account=office`.
    pub script: String,
    /// `agi_channel`, such as `PJSIP/1001-00000000`.
    pub channel: String,
    /// `agi_uniqueid`: the channel's, unique on its switch.
    pub unique_id: String,
    /// `agi_callerid`: the calling number presented.
    pub caller: String,
    /// `agi_rdnis`: the number that forwarded the call here.
    pub redirected_from: String,
    /// `agi_extension`: the extension that asks; where outgoing calls are asked about, the
    /// number dialled.
    pub extension: String,
    /// `agi_arg_1` and on, in order; empty ones are kept for their place.
    pub arguments: Vec<String>,
    /// The caller had gone before the environment was whole.
    pub has_hung_up: bool,
}

impl Environment {
    /// Takes one line in; `None` where it is no `name: value`.
    pub(super) fn add(&mut self, line: &[u8]) -> Option<()> {
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let name = name.strip_prefix(b"agi_")?;
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        if let Some(place) = name.strip_prefix(b"arg_") {
            self.argument(place, &value);
            return Some(());
        }
        let field = match name {
            b"network_script" => &mut self.script,
            b"channel" => &mut self.channel,
            b"uniqueid" => &mut self.unique_id,
            b"callerid" => &mut self.caller,
            b"rdnis" => &mut self.redirected_from,
            b"extension" => &mut self.extension,
            _ => return Some(()),
        };
        *field = known(&value);
        Some(())
    }

    /// `agi_arg_N`, counted from one; what is past the limit is left out.
    fn argument(&mut self, place: &[u8], value: &str) {
        let place = std::str::from_utf8(place).ok().and_then(|digits| digits.parse().ok());
        let Some(place @ 1..=ARGUMENTS_MAX) = place else { return };
        if self.arguments.len() < place {
            self.arguments.resize_with(place, String::new);
        }
        self.arguments[place - 1] = value.trim().to_owned();
    }
}

/// Asterisk writes `unknown` where it knows nothing.
fn known(value: &str) -> String {
    let value = value.trim();
    if value == "unknown" { String::new() } else { value.to_owned() }
}
