//! Nothing names the machine that it was built on: no home folders, no build folders.

use super::Complaints;
use crate::tree::Tree;

/// Folders that stand on one machine and not on the next.
const FOLDERS: [&str; 5] = ["root", "home", "work", "Users", "tmp/bash_jobs"];

/// Looks at every text file, captures of switches left out: what a switch said stays as it
/// was said.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    let folders: Vec<String> = FOLDERS.iter().map(|folder| format!("/{folder}/")).collect();
    for (path, text) in tree.texts().filter(|(path, _)| !path.contains("/captures/")) {
        for (at, line) in text.lines().enumerate() {
            for folder in &folders {
                let starts = line.match_indices(folder.as_str()).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || "._-$}*".contains(c))
                });
                if starts {
                    complaints.add(
                        path,
                        at + 1,
                        format!("names {folder}, a folder of one machine"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn a_home_folder_is_named_and_a_part_of_a_path_is_not() {
        let home = format!("see /{}/someone/notes\n", "home");
        assert_eq!(complaints(check, &[("a.md", &home)]).len(), 1);
        let inside = format!("see https://example.org/{}/page\n", "work");
        assert!(complaints(check, &[("a.md", &inside)]).is_empty());
    }
}
