//! Decision records: one page each, numbered once, saying context, decision and consequence.

use super::Complaints;
use crate::tree::Tree;
use std::collections::BTreeMap;

const FOLDER: &str = "docs/decisions/";
/// A page: what is longer is an essay.
const LINES_MAX: usize = 80;

/// Looks at every record.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    let mut numbers = BTreeMap::new();
    for (path, text) in tree.ending(".md").filter(|(path, _)| path.starts_with(FOLDER)) {
        let name = &path[FOLDER.len()..];
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|b| b.is_ascii_digit()) {
            complaints.add(path, 0, "is not named NNNN-what-was-decided.md");
        } else if let Some(other) = numbers.insert(number, name) {
            complaints.add(path, 0, format!("has the number of {other}"));
        }
        let lower = text.to_lowercase();
        for part in ["context", "decision", "consequence"] {
            let said = lower
                .lines()
                .any(|line| line.trim_start_matches(['#', '*', ' ']).starts_with(part));
            if !said {
                complaints.add(path, 0, format!("does not say its {part}"));
            }
        }
        if text.lines().count() > LINES_MAX {
            complaints.add(path, 0, format!("is longer than a page ({LINES_MAX} lines)"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    const WHOLE: &str = "# A\n\n## Context\n\n## Decision\n\n## Consequences\n";

    #[test]
    fn a_number_is_given_once() {
        let told = complaints(
            check,
            &[("docs/decisions/0001-a.md", WHOLE), ("docs/decisions/0001-b.md", WHOLE)],
        );
        assert_eq!(told, ["docs/decisions/0001-b.md:0: has the number of 0001-a.md"]);
    }

    #[test]
    fn a_record_says_why() {
        let without = WHOLE.replace("## Consequences\n", "");
        assert_eq!(complaints(check, &[("docs/decisions/0001-a.md", &without)]).len(), 1);
        assert!(complaints(check, &[("docs/decisions/0001-a.md", WHOLE)]).is_empty());
    }
}
