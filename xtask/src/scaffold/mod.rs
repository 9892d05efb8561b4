//! `cargo xtask new-detector NAME` and `new-switch NAME`: the files, their pages of cases and the
//! lines in the lists, so that the author starts at what is to be said. The gaps (`…`) are for
//! the author: tidy and the casebook complain until they are filled.

mod detector;
mod switch;

pub use detector::{Detector, detector};
pub use switch::{Switch, switch};

use crate::Failure;
use std::path::Path;

/// Lower-case words with `_` between them.
fn named_well(name: &str) -> Result<(), Failure> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if name.split('_').all(word) {
        Ok(())
    } else {
        Err(format!("{name}: a name is words in lower case with _ between them."))
    }
}

/// The text with `new` in front of what closes each block that opens so.
fn with_last(text: &str, opens: &str, new: &str) -> Result<String, Failure> {
    let mut lines: Vec<&str> = Vec::new();
    let mut closes: Option<String> = None;
    let mut n_added = 0;
    for line in text.lines() {
        if closes.as_ref().is_some_and(|closes| {
            line.strip_prefix(closes.as_str()).is_some_and(|rest| rest.starts_with(['}', ']']))
        }) {
            lines.push(new);
            closes = None;
            n_added += 1;
        }
        lines.push(line);
        if line.trim_start().starts_with(opens) {
            closes = Some(line[..line.len() - line.trim_start().len()].to_owned());
        }
    }
    if n_added == 0 {
        return Err(format!("No block that opens with `{opens}`: add by hand\n{new}"));
    }
    Ok(lines.join("\n") + "\n")
}

fn read(root: &Path, path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Writes a file that must not be there yet.
fn create(root: &Path, path: &str, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let whole = root.join(path);
    if let Some(folder) = whole.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&whole);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{path}: {error}"))
}

fn write(root: &Path, path: &str, text: &str) -> Result<(), Failure> {
    std::fs::write(root.join(path), text).map_err(|error| format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{named_well, with_last};

    #[test]
    fn a_name_is_words_in_lower_case() {
        assert!(named_well("sequential_dialling").is_ok());
        for name in ["Burst", "burst-rate", "_burst", "", "burst_", "../burst", "2fast"] {
            assert!(named_well(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_line_goes_before_what_closes_its_block() {
        let text = "enum A {\n    B {\n    },\n}\nenum C {\n}\n";
        let more = with_last(text, "enum A {", "    D,").unwrap();
        assert_eq!(more, "enum A {\n    B {\n    },\n    D,\n}\nenum C {\n}\n");
        assert!(with_last(text, "enum E {", "    D,").is_err());
    }
}
