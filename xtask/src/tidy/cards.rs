//! A file opens with its card: what it is for, in `//!` lines. A detector's card has four parts.

use super::{Complaints, casebook};
use crate::tree::Tree;

/// What a detector's card tells, in this order; the words stand in asterisks.
const DETECTOR_PARTS: [&str; 4] =
    ["*What it sees*", "*Why it costs money*", "*What honest traffic looks like*", "*Settings*"];

/// Looks at every Rust file that is not tests alone.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, text) in tree.ending(".rs") {
        if path.ends_with("/tests.rs") {
            continue;
        }
        let card: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let words: usize = card.iter().map(|line| line.split_whitespace().count() - 1).sum();
        if words < 4 {
            complaints.add(path, 1, "opens without a card (`//!`: what it is for)");
        }
    }
    for name in casebook::detectors(tree) {
        let path = casebook::file(&name);
        let text = tree.text(&path).unwrap_or_default();
        let card: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        detector(&path, &card.join("\n"), complaints);
    }
}

fn detector(path: &str, card: &str, complaints: &mut Complaints) {
    let mut rest = card;
    for part in DETECTOR_PARTS {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => complaints.add(path, 1, format!("its card lacks {part}, or not in this order")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    const LIST: &str = "//! The list of the detectors.\ndetectors! {\n    metronome: Pattern,\n}\n";

    #[test]
    fn a_file_without_a_card_is_named() {
        let told = complaints(check, &[("crates/a/src/b.rs", "fn a() {}\n")]);
        assert_eq!(told.len(), 1);
        let short = complaints(check, &[("crates/a/src/b.rs", "//! Later.\nfn a() {}\n")]);
        assert_eq!(short.len(), 1);
        let card = "//! What it is for, in words.\n";
        assert!(complaints(check, &[("crates/a/src/b.rs", card)]).is_empty());
    }

    #[test]
    fn a_detectors_card_has_its_parts_in_order() {
        let path = "crates/engine/src/detectors/metronome.rs";
        let whole = "//! *What it sees*: a.\n//! *Why it costs money*: b.\n\
                     //! *What honest traffic looks like*: c.\n//! *Settings*: d.\n";
        let list = ("crates/engine/src/detectors/mod.rs", LIST);
        let complaints = |text: &str| complaints(check, &[list, (path, text)]);
        assert!(complaints(whole).is_empty());
        let without = whole.replace("//! *Why it costs money*: b.\n", "");
        assert_eq!(complaints(&without).len(), 1);
    }
}
