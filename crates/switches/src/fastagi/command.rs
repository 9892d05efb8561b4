//! What Asterisk is told to do.

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Sets a variable of the channel.
    SetVariable {
        /// Its name: letters, digits and underscores.
        name: &'a str,
        /// What it is set to.
        value: &'a str,
    },
    /// Says something on the console, to whoever runs it with `-v`.
    Verbose(&'a str),
}

impl Command<'_> {
    /// The command's line. Quoted, so that a value can hold spaces; a character that would end
    /// the line becomes a space.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::SetVariable { name, value } => {
                out.extend_from_slice(b"SET VARIABLE ");
                out.extend(name.bytes().filter(|b| b.is_ascii_alphanumeric() || *b == b'_'));
                out.push(b' ');
                quote(value, out);
            }
            Command::Verbose(text) => {
                out.extend_from_slice(b"VERBOSE ");
                quote(text, out);
                out.extend_from_slice(b" 1");
            }
        }
        out.push(b'\n');
    }
}

fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..32 | 127 => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
