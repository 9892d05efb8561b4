//! Names say what a thing is. These words say that somebody did not know.

use super::Complaints;
use crate::tree::Tree;
use syn::Item;

const FILES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "types"];
const ENDS: [&str; 5] = ["Manager", "Handler", "Service", "Processor", "Helper"];

/// Looks at the names of files, modules and types.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, source) in tree.sources() {
        let file = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
        let split = file.rsplit_once('_').is_some_and(|(_, n)| n.parse::<u32>().is_ok());
        if FILES.contains(&file) || split && !path.contains("/captures/") {
            complaints.add(path, 0, "is named after nothing: name its noun");
        }
        for item in &source.items {
            let name = match item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::Type(item) => &item.ident,
                _ => continue,
            };
            let line = name.span().start().line;
            if ENDS.iter().any(|end| name.to_string().ends_with(end)) {
                complaints.add(
                    path,
                    line,
                    format!("{name} says what it is made like, not what it is"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn empty_names_are_named() {
        assert_eq!(complaints(check, &[("crates/a/src/utils.rs", "")]).len(), 1);
        assert_eq!(complaints(check, &[("crates/a/src/row_2.rs", "")]).len(), 1);
        assert_eq!(complaints(check, &[("crates/a/src/b.rs", "struct CallManager;")]).len(), 1);
        assert!(complaints(check, &[("crates/a/src/row.rs", "struct Calls;")]).is_empty());
    }
}
