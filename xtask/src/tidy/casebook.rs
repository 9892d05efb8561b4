//! Each detector and each switch's format has its page in the casebook: one case that fires,
//! one just below, one honest look-alike. The cases themselves are run by the crates' tests.

use super::Complaints;
use crate::tree::Tree;

const N_CASES_MIN: usize = 3;

/// The list of detectors, and the folder it stands in.
const LIST: &str = "crates/engine/src/detectors/mod.rs";
const DETECTORS: &str = "crates/engine/src/detectors/";
const PAGES: &str = "casebook/detectors/";

/// Where the formats of call records have their names, and their pages.
const FORMATS: &str = "crates/switches/src/records/format.rs";
const FORMAT_PAGES: &str = "casebook/switches/";
/// The replay contract's own: their columns are described with the command.
const OUR_FORMATS: [&str; 3] = ["generic", "registrations", "parquet"];

/// Looks for the pages, and for pages and files that belong to nothing.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    check_detectors(tree, complaints);
    check_formats(tree, complaints);
}

fn check_formats(tree: &Tree, complaints: &mut Complaints) {
    let text = tree.text(FORMATS).unwrap_or_default();
    let names = text.lines().filter_map(|line| {
        let (_, name) = line.trim().strip_prefix("Format::")?.split_once(" => \"")?;
        Some(name.trim_end_matches("\","))
    });
    for name in names.filter(|name| !OUR_FORMATS.contains(name)) {
        // Layouts of one switch (`asterisk`, `asterisk-custom`) share its page.
        let page = name.replace('-', "_");
        let switch = name.split('-').next().unwrap_or(name);
        let pages = [page.as_str(), switch].map(|page| format!("{FORMAT_PAGES}{page}.md"));
        if !pages.iter().any(|page| tree.has(page)) {
            complaints.add(FORMATS, 0, format!("{name} has no page {}", pages[0]));
        }
    }
}

fn check_detectors(tree: &Tree, complaints: &mut Complaints) {
    let detectors = detectors(tree);
    for name in &detectors {
        let page = format!("{PAGES}{name}.md");
        let Some(text) = tree.text(&page) else {
            complaints.add(LIST, 0, format!("{name} has no page {page}"));
            continue;
        };
        let n_cases = text.lines().filter(|line| line.starts_with("## ")).count();
        if n_cases < N_CASES_MIN {
            let what = format!("{n_cases} cases (`## …`), at least {N_CASES_MIN}");
            complaints.add(&page, 0, what);
        }
    }
    let is_one = |name: &str| detectors.iter().any(|detector| detector == name);
    for (page, _) in tree.ending(".md").filter(|(path, _)| path.starts_with(PAGES)) {
        let name = &page[PAGES.len()..page.len() - ".md".len()];
        if name != "README" && !is_one(name) {
            complaints.add(page, 0, "is the page of no detector");
        }
    }
    let list = tree.text(LIST).unwrap_or_default();
    for (path, _) in tree.ending(".rs").filter(|(path, _)| path.starts_with(DETECTORS)) {
        let name = path[DETECTORS.len()..].split(['/', '.']).next().unwrap_or_default();
        let declared = list.lines().any(|line| line.ends_with(&format!("mod {name};")));
        if name != "mod" && !is_one(name) && !declared {
            complaints.add(path, 0, "is not in the list of detectors, so nothing compiles it");
        }
    }
}

/// The ids in the list, in its order.
pub fn detectors(tree: &Tree) -> Vec<String> {
    let list = tree.text(LIST).unwrap_or_default();
    let inside = list.lines().skip_while(|line| !line.starts_with("detectors! {")).skip(1);
    let entries = inside.take_while(|line| !line.starts_with('}'));
    entries.filter_map(|line| Some(line.trim().split_once(':')?.0.to_owned())).collect()
}

/// Where a detector's code is.
pub fn file(detector: &str) -> String {
    format!("{DETECTORS}{detector}.rs")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    const LIST: (&str, &str) =
        (super::LIST, "mod chances;\ndetectors! {\n    burst: Pattern,\n}\n");
    const PAGE: &str = "casebook/detectors/burst.md";
    const CASES: &str = "# burst\n\n## fires\n\n## just below\n\n## an honest fax round\n";

    #[test]
    fn a_detector_without_a_page_is_named() {
        let told = complaints(check, &[LIST]);
        assert_eq!(told, [format!("{}:0: burst has no page {PAGE}", super::LIST)]);
        assert!(complaints(check, &[LIST, (PAGE, CASES)]).is_empty());
    }

    #[test]
    fn a_page_has_three_cases_and_a_detector() {
        let two = CASES.replace("## just below", "");
        assert_eq!(complaints(check, &[LIST, (PAGE, &two)]).len(), 1);
        let other = "casebook/detectors/brust.md";
        assert_eq!(complaints(check, &[LIST, (PAGE, CASES), (other, CASES)]).len(), 1);
    }

    #[test]
    fn a_format_without_a_page_is_named_and_layouts_share_one() {
        let names =
            "    Format::Generic => \"generic\",\n    Format::Custom => \"asterisk-custom\",\n";
        let format = (super::FORMATS, names);
        assert_eq!(complaints(check, &[format]).len(), 1);
        assert!(complaints(check, &[format, ("casebook/switches/asterisk.md", "")]).is_empty());
    }

    #[test]
    fn a_file_that_nothing_compiles_is_named() {
        let file = |name: &str| format!("crates/engine/src/detectors/{name}.rs");
        for (name, n_complaints) in [("burst", 0), ("chances", 0), ("brust", 1)] {
            let told = complaints(check, &[LIST, (PAGE, CASES), (&file(name), "")]);
            assert_eq!(told.len(), n_complaints, "{name}");
        }
    }
}
