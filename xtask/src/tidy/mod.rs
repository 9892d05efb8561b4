//! The house rules that no compiler knows, one file each. They run as a test of this crate and
//! as `cargo xtask tidy`, which prints every complaint.
//!
//! To add one: a file in this folder with `check(&Tree, &mut Complaints)` and a line in [`RULES`].

mod borders;
mod cards;
mod casebook;
mod code;
mod decisions;
mod documents;
mod floats;
mod leftovers;
mod lengths;
mod machines;
mod manifests;
mod names;
mod unmasked;

use crate::Failure;
use crate::tree::{self, Tree};

/// What a rule found.
#[derive(Debug, PartialEq, Eq)]
struct Complaint {
    path: String,
    /// From one; 0 where it is about the whole file.
    line: usize,
    what: String,
}

/// What the rules found so far.
#[derive(Default)]
struct Complaints(Vec<Complaint>);

impl Complaints {
    fn add(&mut self, path: &str, line: usize, what: impl Into<String>) {
        self.0.push(Complaint { path: path.to_owned(), line, what: what.into() });
    }
}

type Check = fn(&Tree, &mut Complaints);

/// What each rule asks for, and the rule.
const RULES: &[(&str, Check)] = &[
    ("a file and a function can be read at a sitting", lengths::check),
    ("a file opens with what it is for", cards::check),
    ("a detector, and a format, has its page of cases", casebook::check),
    ("what documents name is there", documents::check),
    ("decisions are numbered once and say why", decisions::check),
    ("nothing names the machine that it was built on", machines::check),
    ("nothing is left for later", leftovers::check),
    ("names say what a thing is", names::check),
    ("no float decides, and none is money", floats::check),
    ("numbers are shown whole only where it is agreed", unmasked::check),
    ("dependencies point one way", borders::check),
    ("manifests take versions and lints from the workspace", manifests::check),
];

/// Checks the tree and prints what is wrong.
pub fn run() -> Result<(), Failure> {
    let tree = Tree::read(&tree::root()?)?;
    let mut n_complaints = 0;
    for (asks, check) in RULES {
        let mut complaints = Complaints::default();
        check(&tree, &mut complaints);
        if complaints.0.is_empty() {
            continue;
        }
        println!("{asks}:");
        n_complaints += complaints.0.len();
        for Complaint { path, line, what } in complaints.0 {
            match line {
                0 => println!("  {path}: {what}"),
                _ => println!("  {path}:{line}: {what}"),
            }
        }
    }
    match n_complaints {
        0 => {
            println!("{} rules, {} files: tidy", RULES.len(), tree.texts().count());
            Ok(())
        }
        1 => Err("1 complaint".to_owned()),
        n => Err(format!("{n} complaints")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, Complaints, run};
    use crate::tree::Tree;

    /// What a rule says of some files: `path:line: what`.
    pub fn complaints(check: Check, files: &[(&str, &str)]) -> Vec<String> {
        let mut tree = Tree::default();
        files.iter().for_each(|(path, text)| tree.add(path, (*text).to_owned()));
        let mut found = Complaints::default();
        check(&tree, &mut found);
        found.0.iter().map(|c| format!("{}:{}: {}", c.path, c.line, c.what)).collect()
    }

    #[test]
    fn the_tree_is_tidy() {
        if let Err(failure) = run() {
            panic!("{failure}, printed above");
        }
    }
}
