//! The state directory: that it is there, that it can be written, and the operator's token in it.
//! What the journal keeps there is its own.

use super::token::{self, Token};
use crate::failure::{Advice, Failure};
use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The file with the operator's token.
pub const OPERATOR_TOKEN: &str = "operator.token";

/// What the operator's token is called in the records; no token of the settings may be.
pub const OPERATOR: &str = "operator";

/// A longer file is no token.
const FILE_BYTES_MAX: u64 = 4_096;

/// The operator's token, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorToken {
    /// What it is known by.
    pub hash: [u8; 32],
    /// Where it stands.
    pub path: PathBuf,
    /// Since when.
    pub origin: TokenOrigin,
    /// The file's permission bits; anything but 0600 lets others read it.
    pub mode: u32,
}

/// Whether the operator's token was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// It was written just now: the first start.
    Written,
    /// An earlier start wrote it, or the operator.
    Found,
}

/// Makes the state directory where it is not there (for its owner alone), and tries whether
/// it can be written.
///
/// # Errors
/// It cannot be made or written.
pub fn prepare(state: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(state);
    made.and_then(|()| tempfile::tempfile_in(state)).map(drop).map_err(|error| {
        let what = format!("the state directory {} cannot be written: {error}", state.display());
        let todo = "make it writable for the user that runs the server, or name another \
                    with --state";
        let why = "Stops and settings have to survive a restart, so there is no guard without it.";
        Failure::State(Advice::new(what, todo).because(why))
    })
}

/// The operator's token: the one in the directory, or a new one that is written there, whole or
/// not at all, readable for its owner alone.
///
/// # Errors
/// The file cannot be read or written, or holds no token.
pub fn operator_token(state: &Path) -> io::Result<OperatorToken> {
    let path = state.join(OPERATOR_TOKEN);
    match File::open(&path) {
        Ok(file) => found(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => written(state, path),
        Err(error) => Err(error),
    }
}

fn found(file: File, path: PathBuf) -> io::Result<OperatorToken> {
    let mode = file.metadata()?.permissions().mode() & 0o777;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    let text = text.trim();
    if !token::may_be_token(text) {
        let what = format!(
            "{} holds no token (one word of 32 characters or more); remove it and the next \
             start writes a new one",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(OperatorToken { hash: token::hash(text), path, origin: TokenOrigin::Found, mode })
}

fn written(state: &Path, path: PathBuf) -> io::Result<OperatorToken> {
    let token = Token::new()?;
    let mode = 0o600;
    let mut file = tempfile::Builder::new()
        .prefix(".operator")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(state)?;
    writeln!(file, "{}", token.shown())?;
    file.as_file().sync_all()?;
    // Another start at the same moment may have been first: its token is the one.
    if let Err(error) = file.persist_noclobber(&path) {
        return match error.error.kind() {
            io::ErrorKind::AlreadyExists => found(File::open(&path)?, path),
            _ => Err(error.error),
        };
    }
    File::open(state)?.sync_all()?;
    Ok(OperatorToken { hash: token.hash(), path, origin: TokenOrigin::Written, mode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_writes_the_token_and_the_next_finds_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("a/b");
        prepare(&state).expect("it can be made");
        let mode = |path: &Path| {
            std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode(&state), 0o700);
        let first = operator_token(&state).expect("written");
        assert_eq!(first.origin, TokenOrigin::Written);
        assert_eq!(mode(&first.path), 0o600);
        let text = std::fs::read_to_string(state.join("operator.token")).expect("text");
        assert_eq!(token::hash(text.trim()), first.hash);
        let second = operator_token(&state).expect("found");
        assert_eq!((second.origin, second.hash), (TokenOrigin::Found, first.hash));
        let left: Vec<_> = std::fs::read_dir(&state).expect("a folder").collect();
        assert_eq!(left.len(), 1, "nothing else is left there");
    }

    #[test]
    fn a_file_that_holds_no_token_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        for text in ["", "secret\n", "two words that are long enough for a token, are they not"] {
            std::fs::write(folder.path().join(OPERATOR_TOKEN), text).expect("it can be written");
            let error = operator_token(folder.path()).expect_err("no token").to_string();
            assert!(error.contains("remove it"), "{error}");
        }
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_told_with_what_to_do() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let told = prepare(&file.path().join("state")).expect_err("a file is no folder");
        assert!(told.to_string().contains("--state"), "{told}");
    }
}
