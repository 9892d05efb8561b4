//! Why a command could not do what it was asked, sorted by who must act: what happened, why it
//! matters, what to do.

use std::fmt;
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
    /// The contract's exit status: 1 where nothing could be read, 2 for everything that has to
    /// be put right before the run.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Records(_) => ExitCode::from(1),
            Failure::Usage(_) | Failure::Settings(_) | Failure::Storage(_) => ExitCode::from(2),
        }
    }

    fn advice(&self) -> &Advice {
        let (Failure::Usage(advice)
        | Failure::Settings(advice)
        | Failure::Records(advice)
        | Failure::Storage(advice)) = self;
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
