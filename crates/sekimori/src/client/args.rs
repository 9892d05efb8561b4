//! Options that every command of a running server takes.

use crate::failure::{Advice, Failure};
use crate::report::words::Lang;
use clap::Args;
use std::path::PathBuf;

/// Which server, and who asks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// Where the server's HTTP door is.
    #[arg(
        long,
        value_name = "URL",
        env = "SEKIMORI_SERVER",
        default_value = "http://127.0.0.1:8740"
    )]
    pub server: String,

    /// A file with the token to show. Without it: $SEKIMORI_TOKEN, else operator.token in the
    /// server's state directory, where this machine is the server's and this user may read it.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// The server's state directory, where operator.token is looked for [default: the
    /// platform's].
    #[arg(long, value_name = "DIR", env = "SEKIMORI_STATE")]
    pub state: Option<PathBuf>,

    /// Certificates to trust for https, as PEM, instead of the system's.
    #[arg(long, value_name = "FILE", env = "SEKIMORI_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// How the answer is shown.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print the server's answer as JSON.
    #[arg(long)]
    pub json: bool,

    /// Language of the answer: en or ja [default: the locale's].
    #[arg(long, value_name = "LANG")]
    pub lang: Option<String>,
}

/// Whether called numbers may be seen whole.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct NumbersArgs {
    /// Show called numbers whole: without it their last four digits are hidden. An auditor's
    /// unmasking is recorded.
    #[arg(long = "unmasked")]
    pub whole: bool,

    /// Why they have to be seen whole, for that record.
    #[arg(long, value_name = "TEXT", requires = "whole")]
    pub reason: Option<String>,
}

/// Who acts, for the record.
#[derive(Clone, Debug, Args)]
pub struct ByArgs {
    /// Who asks for it, for the record [default: the name of this user].
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

impl OutputArgs {
    /// The language to speak.
    ///
    /// # Errors
    /// One that there are no words for.
    pub fn lang(&self) -> Result<Lang, Failure> {
        let Some(text) = self.lang.as_deref() else {
            return Ok(Lang::of_locale(|name| std::env::var(name).ok()));
        };
        Lang::parse(text).ok_or_else(|| {
            let what = format!("there are no words for --lang {text}");
            Failure::Usage(Advice::new(what, "say en for English or ja for Japanese"))
        })
    }
}

impl ByArgs {
    /// Who asks, by name. Behind sudo it is the person, not root.
    pub fn name(&self) -> Option<String> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        self.by
            .clone()
            .or_else(|| set("SUDO_USER"))
            .or_else(|| set("USER"))
            .or_else(|| set("LOGNAME"))
    }
}

impl NumbersArgs {
    /// What a server has to be told before it shows whole numbers to an auditor.
    pub fn query(&self) -> Vec<(&str, &str)> {
        if !self.whole {
            return Vec::new();
        }
        let why = self.reason.as_deref().unwrap_or("asked for with --unmasked");
        vec![("unmask", "1"), ("why", why)]
    }
}
