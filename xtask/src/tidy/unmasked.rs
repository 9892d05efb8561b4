//! Telephone numbers print masked. `.unmasked()` is the only way out, and each file that takes
//! it stands here with its reason.

use super::{Complaints, code};
use crate::tree::Tree;

/// Files that may see whole numbers, and why.
const AGREED: &[(&str, &str)] = &[
    ("crates/atlas/src/", "a look-up needs the digits; nothing is printed there"),
    ("crates/sekimori/src/replay/verdict_line.rs", "the contract's file for programs has them"),
    ("crates/sekimori/src/report/words/speech.rs", "shown whole when the reader asked for it"),
];

/// Looks for calls in what ships; an agreement that nothing uses is named as well.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    let mut used = vec![false; AGREED.len()];
    for (path, source) in tree.sources() {
        let tokens = code::shipped_tokens(tree, path, source);
        let calls = tokens.windows(2).filter(|two| two[0].0 == "." && two[1].0 == "unmasked");
        for call in calls {
            match AGREED.iter().position(|(agreed, _)| path.starts_with(agreed)) {
                Some(place) => used[place] = true,
                None => complaints.add(path, call[0].1, "shows whole numbers and is not agreed to"),
            }
        }
    }
    for ((path, _), used) in AGREED.iter().zip(used) {
        if !used && tree.has(path) {
            complaints.add(path, 0, "may show whole numbers and does not: take it off the list");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn whole_numbers_outside_the_list_are_named() {
        let text = "fn a(n: N) { n.unmasked(); }\n";
        assert_eq!(complaints(check, &[("crates/switches/src/a.rs", text)]).len(), 1);
        assert!(complaints(check, &[("crates/atlas/src/a.rs", text)]).is_empty());
        let stale = complaints(check, &[("crates/atlas/src/a.rs", "fn a() {}\n")]);
        assert_eq!(stale.len(), 1);
    }
}
