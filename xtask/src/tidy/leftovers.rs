//! Nothing is left for later: no `todo!`, no test that is ignored, no marker of unfinished
//! work.

use super::{Complaints, code};
use crate::tree::Tree;

/// Macros that stand for code that is not there.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Code by its tokens, comments and documents by their words.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, text) in tree.ending(".rs") {
        let tokens = code::tokens(text);
        for three in tokens.windows(3) {
            let [(first, line), (second, _), (third, _)] = three else { continue };
            if second == "!" && MACROS.contains(&first.as_str()) {
                complaints.add(path, *line, format!("{first}! stands for code that is not there"));
            }
            if first == "#" && second == "[" && third == "ignore" {
                complaints.add(path, *line, "an ignored test guards nothing: mend it or remove it");
            }
        }
    }
    // Put together here, so that this file does not hold what it looks for.
    let marks = [["FIX", "ME"].concat(), ["TO", "DO"].concat()];
    let ends = [".rs", ".md", ".toml", ".sh", ".ftl", ".html"];
    let read = tree.texts().filter(|(path, _)| ends.iter().any(|end| path.ends_with(end)));
    for (path, text) in read {
        for (at, line) in text.lines().enumerate() {
            if is_gap(path, line) {
                complaints.add(path, at + 1, "a gap (…) is still to be filled");
            }
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
            if let Some(mark) = words.find(|word| marks.iter().any(|mark| mark == word)) {
                complaints.add(path, at + 1, format!("{mark}: file an issue, or do it"));
            }
        }
    }
}

/// Gaps that a new file was begun with (`xtask/src/scaffold/`): `…` alone, or after a colon.
fn is_gap(path: &str, line: &str) -> bool {
    let line = line.trim();
    let prose = line.starts_with("//!") || line.starts_with("///");
    let page = path.starts_with("casebook/");
    prose && line.contains(": …") || page && (line == "…" || line.ends_with(": …"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn what_is_left_for_later_is_named() {
        let text = format!(
            "fn a() {{ {}!() }}
#[{}]
fn b() {{}}
// {}: c
",
            "todo",
            "ignore",
            ["FIX", "ME"].concat()
        );
        let told = complaints(check, &[("a.rs", &text)]);
        let lines: Vec<&str> = told.iter().map(|t| t.split(": ").next().unwrap()).collect();
        assert_eq!(lines, ["a.rs:1", "a.rs:2", "a.rs:4"]);
    }

    #[test]
    fn gaps_of_a_new_file_are_named() {
        let code = "//! *What it sees*: …\n//!\n//! See `a: b`, …, c.\n";
        assert_eq!(complaints(check, &[("a.rs", code)]).len(), 1);
        let page = "# a\n\n…\n\nWho pays: …\n\nlines with `ACC: …` in them …\n";
        assert_eq!(complaints(check, &[("casebook/a.md", page)]).len(), 2);
    }

    #[test]
    fn the_words_in_text_and_in_names_are_free() {
        let text = "/// Nothing is ignored, nor is a todo! said.\nfn ignore() { [ignore]; }\n";
        assert!(complaints(check, &[("a.rs", text)]).is_empty());
    }
}
