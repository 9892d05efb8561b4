//! The token that a command shows: the file it was given, `SEKIMORI_TOKEN`, or the operator's own
//! where the server is this machine's. Never printed, and never sent where others could read it.

use super::args::ServerArgs;
use crate::config::serve::state_directory;
use crate::failure::{Advice, Failure};
use std::fmt;
use std::path::Path;

/// A longer file is no token.
const FILE_BYTES_MAX: u64 = 4_096;

/// A token. Its debug form hides it.
pub(super) struct Token(String);

impl Token {
    /// The header's value.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Whether the server is on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// By a loopback address.
    Loopback,
    /// By any other.
    Network,
}

/// The token to show; `None` where there is none to be found. Loopback may stop without one.
///
/// # Errors
/// A file that was named and cannot be read, or holds no token.
pub(super) fn find(args: &ServerArgs, reach: Reach) -> Result<Option<Token>, Failure> {
    if let Some(path) = &args.token_file {
        return read(path).map(Some).map_err(|why| {
            let what = format!("{}: {why}", path.display());
            Failure::Usage(Advice::new(what, "name a file that holds a token and nothing else"))
        });
    }
    if let Some(text) = std::env::var("SEKIMORI_TOKEN").ok().filter(|text| !text.is_empty()) {
        return token(&text).map(Some).map_err(|why| {
            let todo = "set it to a token, or unset it to use the operator's own";
            Failure::Usage(Advice::new(format!("SEKIMORI_TOKEN: {why}"), todo))
        });
    }
    // The operator's token opens this machine's server and no other: it is not carried around.
    if reach == Reach::Network {
        return Ok(None);
    }
    let found = state_directory(args.state.as_deref()).ok();
    Ok(found.and_then(|state| read(&state.join("operator.token")).ok()))
}

fn read(path: &Path) -> Result<Token, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if about.len() > FILE_BYTES_MAX {
        return Err("it is too large to be a token".to_owned());
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    token(&text)
}

fn token(text: &str) -> Result<Token, String> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it holds no token (one word of printable ASCII)".to_owned());
    }
    Ok(Token(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(token_file: Option<&Path>, state: Option<&Path>) -> ServerArgs {
        ServerArgs {
            server: String::new(),
            token_file: token_file.map(Path::to_owned),
            state: state.map(Path::to_owned),
            ca_file: None,
        }
    }

    #[test]
    fn the_operators_own_token_is_shown_on_its_machine_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("operator.token");
        std::fs::write(&file, "sekimori_abc\n").expect("it can be written");
        let own = args(None, Some(folder.path()));
        let bearer = |found: Option<Token>| found.map(|token| token.bearer());
        let shown = find(&own, Reach::Loopback).expect("found");
        assert_eq!(bearer(shown).as_deref(), Some("Bearer sekimori_abc"));
        assert!(find(&own, Reach::Network).expect("nothing").is_none());
        let named = find(&args(Some(&file), None), Reach::Network).expect("found");
        assert_eq!(bearer(named).as_deref(), Some("Bearer sekimori_abc"));
    }

    #[test]
    fn a_named_file_without_a_token_is_an_error_that_does_not_show_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        assert!(find(&args(Some(&file), None), Reach::Loopback).is_err(), "it is not there");
        std::fs::write(&file, "two words").expect("it can be written");
        let told = find(&args(Some(&file), None), Reach::Loopback).expect_err("no token");
        assert!(!told.to_string().contains("two words"), "{told}");
        assert!(!format!("{:?}", token("secret")).contains("secret"));
    }
}
