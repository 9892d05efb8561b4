//! `cargo xtask new-detector NAME`: a file, its page of cases and its line in the list, so that
//! the author starts at what the detector sees. The gaps (`…`) are for the author: tidy and the
//! casebook complain until they are filled.

use crate::{Failure, tree};
use std::path::Path;

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
    std::fs::write(root.join(LIST), list).map_err(|error| format!("{LIST}: {error}"))?;
    println!("{code}\n{page}\n{LIST}: last of the list; its place there is its running order");
    println!("Fill the gaps (…), then: cargo test -p sekimori-engine, cargo xtask tidy");
    Ok(())
}

/// Lower-case words with `_` between them.
fn named_well(name: &str) -> Result<(), Failure> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if name.split('_').all(word) {
        Ok(())
    } else {
        Err(format!("{name}: a name is words in lower case with _ between them."))
    }
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
    let lines: Vec<&str> = list.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("detectors! {"));
    let end = start.and_then(|start| {
        Some(start + lines[start..].iter().position(|line| line.starts_with('}'))?)
    });
    let (Some(start), Some(end)) = (start, end) else {
        return Err(format!("{LIST} has no list of the form `detectors! {{ … }}`."));
    };
    let entry = format!("    {name}: ");
    if lines[start..end].iter().any(|line| line.starts_with(&entry)) {
        return Err(format!("{name} stands in the list already."));
    }
    let line = format!("{entry}{family},");
    let mut all = lines;
    all.insert(end, &line);
    Ok(all.join("\n") + "\n")
}

fn read(root: &Path, path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Writes a file that must not be there yet.
fn create(root: &Path, path: &str, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let whole = root.join(path);
    if let Some(folder) = whole.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&whole);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{families, named_well, with_detector};

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
    fn a_name_is_words_in_lower_case() {
        assert!(named_well("sequential_dialling").is_ok());
        for name in ["Burst", "burst-rate", "_burst", "", "burst_", "../burst", "2fast"] {
            assert!(named_well(name).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_written_for_the_author_is_rust() {
        assert!(syn::parse_file(include_str!("detector.rs.txt")).is_ok());
    }
}
