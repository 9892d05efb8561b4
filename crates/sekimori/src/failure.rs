//! Why a command could not do what it was asked, sorted by who must act: what happened, why it
//! matters, what to do.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

/// A command's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Whoever typed the command.
    Usage(Advice),
    /// Whoever keeps the configuration.
    Settings(Advice),
    /// Whoever has the records: nothing in them could be read.
    Records(Advice),
    /// Whoever keeps the machine: something could not be written.
    Storage(Advice),
    /// Whoever keeps the machine: the server's state directory cannot be used.
    State(Advice),
    /// Whoever keeps the machine: an address cannot be listened at, or what belongs to it (a
    /// certificate) cannot be used.
    Network(Advice),
    /// Whoever asked: the server does not do it.
    Refused(Advice),
    /// Whoever keeps the server: it cannot be reached.
    Unreachable(Advice),
    /// Whoever answers for the records: the journal is not what was written.
    Journal(Advice),
}

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// Why it matters; empty where that is plain.
    pub why: String,
    /// What to do.
    pub todo: String,
}

impl Advice {
    /// What happened and what to do, where why it matters is plain.
    pub fn new(what: impl Into<String>, todo: impl Into<String>) -> Advice {
        Advice { what: what.into(), why: String::new(), todo: todo.into() }
    }

    /// With why it matters.
    pub fn because(self, why: impl Into<String>) -> Advice {
        Advice { why: why.into(), ..self }
    }
}

impl Failure {
    /// The door cannot be opened at this address.
    pub fn cannot_listen(door: &str, address: SocketAddr, error: &io::Error) -> Failure {
        let todo = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("end whatever listens there, or give another address with --{door}")
            }
            io::ErrorKind::AddrNotAvailable => {
                format!("give an address that this machine has with --{door}")
            }
            io::ErrorKind::PermissionDenied => {
                format!("give a port from 1024 on with --{door}, or let the user have this one")
            }
            _ => format!("give another address with --{door}"),
        };
        let what = format!("the {door} door cannot listen at {address}: {error}");
        Failure::Network(Advice::new(what, todo))
    }

    /// The contract's exit status: 1 where nothing could be read, a server refused, or a journal
    /// is not sound; 2 for everything that has to be put right first; 3 where the machine did not
    /// let a server start: trying again may help.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Records(_) | Failure::Refused(_) | Failure::Journal(_) => ExitCode::from(1),
            Failure::Usage(_)
            | Failure::Settings(_)
            | Failure::Storage(_)
            | Failure::Unreachable(_) => ExitCode::from(2),
            Failure::State(_) | Failure::Network(_) => ExitCode::from(3),
        }
    }

    fn advice(&self) -> &Advice {
        let (Failure::Usage(advice)
        | Failure::Settings(advice)
        | Failure::Records(advice)
        | Failure::Storage(advice)
        | Failure::State(advice)
        | Failure::Network(advice)
        | Failure::Refused(advice)
        | Failure::Unreachable(advice)
        | Failure::Journal(advice)) = self;
        advice
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Failure::Usage(_) => "error",
            Failure::Settings(_) => "error in the configuration",
            Failure::Records(_) => "nothing could be read",
            Failure::Storage(_) => "error while writing",
            Failure::State(_) => "the server cannot start",
            Failure::Network(_) => "the server cannot listen",
            Failure::Refused(_) => "refused by the server",
            Failure::Unreachable(_) => "no answer",
            Failure::Journal(_) => "not sound",
        };
        let Advice { what, why, todo } = self.advice();
        writeln!(f, "sekimori: {kind}: {what}")?;
        if !why.is_empty() {
            writeln!(f, "  {why}")?;
        }
        write!(f, "  What to do: {todo}")
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_use_is_told_with_what_to_do() {
        let address = "127.0.0.1:5070".parse().expect("an address");
        let failure = Failure::cannot_listen("sip", address, &io::ErrorKind::AddrInUse.into());
        let told = failure.to_string();
        assert!(told.contains("127.0.0.1:5070") && told.contains("--sip"), "{told}");
        assert_eq!(failure.exit_code(), ExitCode::from(3));
    }
}
