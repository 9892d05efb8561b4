//! Limits on files and functions. A file's tests do not count against it, unless they are a
//! file of their own.

use super::{Complaints, code};
use crate::tree::Tree;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Files that come by the dozen (detectors, formats, checks, commands) are short ones.
const LEAF_LINES_MAX: usize = 500;
const FILE_LINES_MAX: usize = 1_000;
const FUNCTION_LINES_MAX: usize = 70;

/// Where those files are.
const LEAVES: [&str; 4] = [
    "crates/engine/src/detectors/",
    "crates/switches/src/",
    "crates/posture/src/",
    "crates/sekimori/src/commands/",
];

/// Looks at every Rust file.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, source) in tree.sources() {
        let n_all = tree.text(path).map_or(0, |text| text.lines().count());
        let n_tests: usize = code::test_lines(source).iter().map(|l| l.end() - l.start() + 1).sum();
        let n_lines = n_all - n_tests.min(n_all);
        let max = limit(path);
        if n_lines > max {
            let what = format!("{n_lines} lines without tests, limit {max}: split it by noun");
            complaints.add(path, 0, what);
        }
        Functions { path, complaints }.visit_file(source);
    }
}

fn limit(path: &str) -> usize {
    let leaf = LEAVES.iter().any(|folder| path.starts_with(folder));
    if leaf && !code::is_test_file(path) { LEAF_LINES_MAX } else { FILE_LINES_MAX }
}

struct Functions<'t> {
    path: &'t str,
    complaints: &'t mut Complaints,
}

impl Functions<'_> {
    fn look(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let n_lines = block.span().end().line - first + 1;
        if n_lines > FUNCTION_LINES_MAX {
            let what =
                format!("{} has {n_lines} lines, limit {FUNCTION_LINES_MAX}", signature.ident);
            self.complaints.add(self.path, first, what);
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.look(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.look(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.look(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::{FUNCTION_LINES_MAX, LEAF_LINES_MAX, check};
    use crate::tidy::tests::complaints;

    fn function(n_lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    ();\n".repeat(n_lines - 2))
    }

    #[test]
    fn a_function_over_the_limit_is_named_with_its_line() {
        let text = format!("//! A card.\n\n{}", function(FUNCTION_LINES_MAX + 1));
        let path = "crates/atlas/src/a.rs";
        let told = complaints(check, &[(path, &text)]);
        assert_eq!(told, ["crates/atlas/src/a.rs:3: long has 71 lines, limit 70"]);
        assert!(complaints(check, &[(path, &function(FUNCTION_LINES_MAX))]).is_empty());
    }

    #[test]
    fn tests_do_not_count_against_a_file() {
        let path = "crates/engine/src/detectors/a.rs";
        let code = "const A: u8 = 0;\n".repeat(LEAF_LINES_MAX);
        let tests = "#[cfg(test)]\nmod tests {\n    const B: u8 = 0;\n}\n";
        assert!(complaints(check, &[(path, &format!("{code}{tests}"))]).is_empty());
        let more = complaints(check, &[(path, &format!("{code}const C: u8 = 0;\n{tests}"))]);
        assert_eq!(more.len(), 1);
        // A core file may be longer.
        assert!(
            complaints(check, &[("crates/engine/src/a.rs", &format!("{code}{code}"))]).is_empty()
        );
    }
}
