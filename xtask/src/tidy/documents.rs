//! Documents name only what is there: files and folders of the project in code marks and
//! links, and chores of `cargo xtask`.

use super::Complaints;
use crate::tree::Tree;
use clap::CommandFactory;

/// Words in a path that the reader replaces.
const GAPS: [&str; 5] = ["NAME", "CRATE", "TARGET", "FILE", "NNNN-what"];

/// Looks at every page of prose, and at the documentation in the code.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    check_code(tree, complaints);
    let command = crate::Cli::command();
    let chores: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    for (page, text) in tree.ending(".md") {
        let mut in_block = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_block = !in_block;
            }
            for chore in chores_named(line) {
                if !chores.contains(&chore) && !is_placeholder(chore) {
                    let there = chores.join(", ");
                    complaints.add(page, at + 1, format!("no chore {chore}; there are: {there}"));
                }
            }
            if in_block {
                continue;
            }
            for path in marked(line).filter(|mark| is_path(tree, mark)) {
                if !is_there(tree, page, path) {
                    complaints.add(page, at + 1, format!("names {path}, which is not there"));
                }
            }
            for target in links(line) {
                if !is_there(tree, page, target) {
                    complaints.add(page, at + 1, format!("links to {target}, which is not there"));
                }
            }
        }
    }
}

/// Documentation in the code: paths in marks that begin in the project's root.
fn check_code(tree: &Tree, complaints: &mut Complaints) {
    for (path, text) in tree.ending(".rs") {
        for (at, line) in text.lines().enumerate() {
            let line = line.trim_start();
            if !line.starts_with("//") {
                continue;
            }
            let named = marked(line).filter(|mark| mark.contains('/') && is_path(tree, mark));
            for mark in named.filter(|mark| !is_there(tree, path, mark)) {
                complaints.add(path, at + 1, format!("names {mark}, which is not there"));
            }
        }
    }
}

/// What follows each `cargo xtask`.
fn chores_named(line: &str) -> impl Iterator<Item = &str> {
    line.split("cargo xtask ").skip(1).filter_map(|after| {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let word = &after[..end.unwrap_or(after.len())];
        (!word.is_empty() && !word.starts_with('-')).then_some(word)
    })
}

/// `NAME`, `STEP`: to be put in by the reader.
fn is_placeholder(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_uppercase() || c == '-' || c == '_')
}

/// What stands between single backticks.
fn marked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Where links lead that lead into the project.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|after| {
        let target = after.split([')', '#', ' ']).next()?;
        let elsewhere = target.contains("://") || target.starts_with("mailto:");
        (!target.is_empty() && !elsewhere).then_some(target)
    })
}

/// Whether a mark is meant as a path of the project: its first part stands in the root, or
/// it is a page's or a manifest's name.
fn is_path(tree: &Tree, mark: &str) -> bool {
    if mark.contains(|c: char| c.is_whitespace() || "<>{}()|=:,".contains(c)) {
        return false;
    }
    match mark.split_once('/') {
        Some((first, _)) => !first.is_empty() && tree.has(first),
        None => mark.ends_with(".md"),
    }
}

/// From the root or from the page's folder; `*` and the words of [`GAPS`] stand for
/// anything, so only the folder before them is looked for.
fn is_there(tree: &Tree, page: &str, path: &str) -> bool {
    let mut known: Vec<&str> = Vec::new();
    for part in path.trim_end_matches('/').split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        let free = part.contains(['*', '…']) || GAPS.contains(&stem);
        if free {
            break;
        }
        known.push(part);
    }
    let known = known.join("/");
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    known.is_empty()
        || tree.has(&known)
        || resolved(folder, &known).is_some_and(|path| tree.has(&path))
}

/// A path from a folder, with `..` followed.
fn resolved(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    fn told(page: &str) -> Vec<String> {
        complaints(
            check,
            &[("docs/page.md", page), ("docs/other.md", ""), ("crates/a/src/b.rs", "")],
        )
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        assert_eq!(
            told("See `crates/a/src/c.rs`."),
            ["docs/page.md:1: names crates/a/src/c.rs, which is not there"]
        );
        assert_eq!(told("\nSee [it](missing.md).").len(), 1);
        assert_eq!(told("`GONE.md`").len(), 1);
    }

    #[test]
    fn paths_from_the_root_and_from_the_page_are_found() {
        let page = "`crates/a/src/b.rs`, `crates/a/`, [one](other.md), [two](../crates/a), \
                    `crates/a/src/NAME.rs`, [web](https://example.org/x), `and/or`, `a::b/c`";
        assert_eq!(told(page), Vec::<String>::new());
    }

    #[test]
    fn a_path_in_the_codes_documentation_is_looked_for() {
        let code = "//! Rules: `docs/rules.md`, `docs/page.md`.\n// And `a::b`, `x/y`.\n";
        let told = complaints(check, &[("docs/page.md", ""), ("crates/a/src/b.rs", code)]);
        assert_eq!(told, ["crates/a/src/b.rs:1: names docs/rules.md, which is not there"]);
    }

    #[test]
    fn a_chore_that_is_not_there_is_named() {
        assert_eq!(told("`cargo xtask tidy` and `cargo xtask dance`").len(), 1);
        assert_eq!(told("```\ncargo xtask dance --now\n```").len(), 1);
        assert!(told("`cargo xtask CHORE`, `cargo xtask --help`").is_empty());
    }
}
