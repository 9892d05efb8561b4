//! Each detector and each switch's format has its page in the casebook: one case that fires,
//! one just below, one honest look-alike. The cases themselves are run by the crates' tests.

use super::Complaints;
use crate::tree::Tree;

const N_CASES_MIN: usize = 3;

/// Looks for the pages, and for pages of what is no longer there.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, _) in tree.ending(".rs").filter(|(path, _)| is_detector(path)) {
        let page = page(path);
        match tree.text(&page) {
            None => complaints.add(path, 0, format!("has no page {page}")),
            Some(text) => {
                let n_cases = text.lines().filter(|line| line.starts_with("## ")).count();
                if n_cases < N_CASES_MIN {
                    let what = format!("{n_cases} cases (`## …`), at least {N_CASES_MIN}");
                    complaints.add(&page, 0, what);
                }
            }
        }
    }
    for (page, _) in tree.ending(".md").filter(|(path, _)| path.starts_with(PAGES)) {
        let name = &page[PAGES.len()..page.len() - ".md".len()];
        if name != "README" && !tree.has(&format!("{DETECTORS}{name}.rs")) {
            complaints.add(page, 0, "is the page of no detector");
        }
    }
}

const DETECTORS: &str = "crates/engine/src/detectors/";
const PAGES: &str = "casebook/detectors/";

/// Whether a file is a detector's.
pub fn is_detector(path: &str) -> bool {
    path.strip_prefix(DETECTORS)
        .is_some_and(|name| !name.contains('/') && !["mod.rs", "tests.rs"].contains(&name))
}

fn page(detector: &str) -> String {
    let name = &detector[DETECTORS.len()..detector.len() - ".rs".len()];
    format!("{PAGES}{name}.md")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    const DETECTOR: (&str, &str) = ("crates/engine/src/detectors/burst.rs", "//! Card.\n");

    #[test]
    fn a_detector_without_a_page_is_named() {
        let told = complaints(check, &[DETECTOR]);
        assert_eq!(
            told,
            ["crates/engine/src/detectors/burst.rs:0: has no page casebook/detectors/burst.md"]
        );
    }

    #[test]
    fn a_page_has_three_cases() {
        let page = "casebook/detectors/burst.md";
        let two = "# burst\n\n## fires\n\n## just below\n";
        assert_eq!(complaints(check, &[DETECTOR, (page, two)]).len(), 1);
        let three = format!("{two}\n## an honest fax round\n");
        assert!(complaints(check, &[DETECTOR, (page, &three)]).is_empty());
        assert_eq!(complaints(check, &[(page, &three)]).len(), 1);
    }
}
