//! The configuration's text to its [`Raw`] form, and what is wrong with it, by line.

use super::raw::Raw;
use crate::failure::{Advice, Failure};
use std::path::Path;
use toml::Table;

/// A file of settings, and the keys that it sets.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub raw: Raw,
    /// The same as it stands, to see what was said and what was not.
    pub table: Table,
}

/// Reads the file, or nothing where there is none.
pub(super) fn read(path: Option<&Path>) -> Result<Written, Failure> {
    let Some(path) = path else { return Ok(Written::default()) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let what = format!("{} cannot be read: {error}", path.display());
        let todo = "name a file that can be read, or leave --config out for the defaults";
        Failure::Settings(Advice::new(what, todo))
    })?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, name: &str) -> Result<Written, Failure> {
    let raw = toml::from_str(text).map_err(|error| failure(&error, text, name))?;
    let table = toml::from_str(text).map_err(|error| failure(&error, text, name))?;
    Ok(Written { raw, table })
}

fn failure(error: &toml::de::Error, text: &str, name: &str) -> Failure {
    let at = error.span().map_or_else(String::new, |span| {
        let line = text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
        format!(", line {line}")
    });
    let message = error.message();
    let (what, todo) = match unknown_key(message) {
        Some((key, known)) => {
            let todo = match nearest(key, &known) {
                Some(near) => format!("write `{near}`, if that is what is meant"),
                None if known.is_empty() => "leave it out".to_owned(),
                None => format!("write one of these there: {}", known.join(", ")),
            };
            (format!("there is no setting `{key}`"), todo)
        }
        None => {
            let todo = "put the line right; `sekimori config defaults` shows how each is written";
            (message.trim_end().replace('\n', " "), todo.to_owned())
        }
    };
    let advice = Advice::new(format!("{name}{at}: {what}"), todo);
    Failure::Settings(advice.because("A setting that is not understood is never passed over."))
}

/// The key, and those there are, of serde's message about an unknown field.
pub(crate) fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((key, known))
}

/// The known key that is likest, where one is like enough to be a slip of the pen.
pub(crate) fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored =
        known.iter().map(|candidate| (strsim::damerau_levenshtein(key, candidate), *candidate));
    scored
        .filter(|(edits, candidate)| *edits <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, near)| near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        parse(text, "s.toml").expect_err("refused").to_string()
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_likely_one() {
        let text = told("home = \"JP\"\n\n[dialing]\ncarrier_codes = []\n");
        assert!(text.contains("s.toml, line 3: there is no setting `dialing`"), "{text}");
        assert!(text.contains("write `dialling`"), "{text}");
        let text = told("[calendar]\nholidays = \"japan\"\n");
        assert!(text.contains("line 2: there is no setting `holidays`"), "{text}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let text = told("home = \"JP\"\nrates = rates.csv\n");
        assert!(text.contains("s.toml, line 2"), "{text}");
    }
}
