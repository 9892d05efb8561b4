//! Parts that several commands show alike: scopes, and the printing itself.

use super::page::{self, Page};
use crate::failure::{Advice, Failure};
use crate::serve::view::StopScope;
use serde_json::Value;
use std::io::{self, Write as _};

/// Which calls a stop is about, in words.
pub fn stop_scope(scope: &StopScope, page: &Page) -> String {
    match scope {
        StopScope::International => page.words().text("scope-international"),
        StopScope::Countries(codes) => {
            page.say("scope-country", &[("country", &page.countries(codes))])
        }
    }
}

/// Which calls a restriction is about, in words; one of a kind that is not known here, as it
/// came.
pub fn scope(scope: &Value, page: &Page) -> String {
    let text = |name: &str| scope[name].as_str().unwrap_or_default().to_owned();
    match scope["kind"].as_str() {
        Some("international") => page.words().text("scope-international"),
        Some("country") => {
            page.say("scope-country", &[("country", &page.country(&text("country")))])
        }
        Some("range") => page.say("scope-range", &[("range", &format!("+{}", text("prefix")))]),
        Some("line") => page.say("scope-line", &[("name", &text("line"))]),
        Some("source") => page.say("scope-source", &[("name", &text("source_ip"))]),
        Some("call") => page.words().text("scope-call"),
        _ => crate::report::words::clean(&scope.to_string()),
    }
}

/// Countries of the command line as the wire has them.
///
/// # Errors
/// What is no country.
pub fn countries(codes: &[String]) -> Result<Vec<String>, Failure> {
    let read = |code: &String| {
        let known = page::country(code.trim()).filter(|country| country.calling_code().is_some());
        known.map(|country| country.to_string()).ok_or_else(|| {
            let what = format!("\"{code}\" is no country");
            let todo = "write ISO codes with commas between, such as --countries SL,CU, or a \
                        shared code such as +870";
            Failure::Usage(Advice::new(what, todo))
        })
    };
    codes.iter().map(read).collect()
}

/// Prints on standard output.
///
/// # Errors
/// It cannot be written. A reader who has seen enough is none.
pub fn print(text: &str) -> Result<(), Failure> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match io::stdout().write_all(format!("{text}{end}").as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let what = format!("standard output cannot be written: {error}");
            Err(Failure::Storage(Advice::new(what, "look where the output was sent to")))
        }
        _ => Ok(()),
    }
}
