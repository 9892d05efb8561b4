//! `cargo xtask new-detector NAME`.

use super::{create, named_well, read, with_last, write};
use crate::{Failure, tree};

const LIST: &str = "crates/engine/src/detectors/mod.rs";

/// `cargo xtask new-detector`.
#[derive(clap::Args)]
pub struct Detector {
    /// Its id and its file's name: what it sees, like `sequential_dialling`
    name: String,
    /// Which fact its evidence rests on: a variant of the engine's `Family`
    #[arg(long, default_value = "Pattern")]
    family: String,
}

/// Makes a detector that says nothing yet.
pub fn detector(options: &Detector) -> Result<(), Failure> {
    let root = tree::root()?;
    let Detector { name, family } = options;
    named_well(name)?;
    let list = read(&root, LIST)?;
    let families = families(&list);
    if !families.contains(family) {
        return Err(format!("There is no family {family}; there are: {}.", families.join(", ")));
    }
    let list = with_detector(&list, name, family)?;
    let code = format!("crates/engine/src/detectors/{name}.rs");
    let page = format!("casebook/detectors/{name}.md");
    create(&root, &code, include_str!("detector.rs.txt"))?;
    create(&root, &page, &include_str!("detector.md.txt").replace("NAME", name))?;
    write(&root, LIST, &list)?;
    println!("{code}\n{page}\n{LIST}: last of the list; its place there is its running order");
    println!("Fill the gaps (…), then: cargo test -p sekimori-engine, cargo xtask tidy");
    Ok(())
}

/// The variants of the engine's `Family`.
fn families(list: &str) -> Vec<String> {
    let items = syn::parse_file(list).map(|source| source.items).unwrap_or_default();
    let family = items.into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Family" => Some(item),
        _ => None,
    });
    family.into_iter().flat_map(|f| f.variants).map(|v| v.ident.to_string()).collect()
}

/// The list's file with one line more, last in the list.
fn with_detector(list: &str, name: &str, family: &str) -> Result<String, Failure> {
    let entry = format!("    {name}: ");
    if list.lines().any(|line| line.starts_with(&entry)) {
        return Err(format!("{name} stands in the list already."));
    }
    with_last(list, "detectors! {", &format!("{entry}{family},"))
}

#[cfg(test)]
mod tests {
    use super::{families, with_detector};

    const LIST: &str = "enum Family { Time, Pattern }\ndetectors! {\n    burst: Pattern,\n}\n";

    #[test]
    fn a_line_is_added_at_the_end_of_the_list_and_once() {
        let more = with_detector(LIST, "metronome", "Time").unwrap();
        assert_eq!(
            more,
            "enum Family { Time, Pattern }\n\
             detectors! {\n    burst: Pattern,\n    metronome: Time,\n}\n"
        );
        assert!(with_detector(&more, "metronome", "Time").is_err());
        assert!(with_detector("mod a;\n", "metronome", "Time").is_err());
    }

    #[test]
    fn families_are_the_engines() {
        assert_eq!(families(LIST), ["Time", "Pattern"]);
    }

    #[test]
    fn what_is_written_for_the_author_is_rust() {
        assert!(syn::parse_file(include_str!("detector.rs.txt")).is_ok());
    }
}
