//! The project's files as text, read once: what the tidy rules look at. Files that are not
//! UTF-8 are left out, and so is what git ignores (built files, the fuzzer's finds).

use crate::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders that are not the project's.
const NOT_OURS: [&str; 6] =
    ["target", ".git", "fuzz/target", "fuzz/corpus", "fuzz/artifacts", "node_modules"];
/// A larger file is data, and no rule reads it.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The folder that holds the workspace.
pub fn root() -> Result<PathBuf, Failure> {
    // Asked for at run time: a binary built in one work tree may run in another.
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .ok_or("CARGO_MANIFEST_DIR is not set: start this as `cargo xtask`")?;
    let parent = Path::new(&own).parent().ok_or("xtask/ lies inside the workspace")?;
    Ok(parent.to_owned())
}

/// Paths from the root, with `/` between the parts, and what stands in each.
#[derive(Default)]
pub struct Tree {
    texts: BTreeMap<String, String>,
    others: Vec<String>,
    sources: BTreeMap<String, syn::File>,
}

impl Tree {
    /// Reads everything under `root`.
    pub fn read(root: &Path) -> Result<Tree, Failure> {
        let mut tree = Tree::default();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            tree.read_folder(root, &folder, &mut folders)
                .map_err(|error| format!("{}: {error}", root.join(&folder).display()))?;
        }
        Ok(tree)
    }

    fn read_folder(
        &mut self,
        root: &Path,
        folder: &str,
        folders: &mut Vec<String>,
    ) -> std::io::Result<()> {
        for entry in std::fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if NOT_OURS.contains(&path.as_str()) || path == ".git" {
                continue;
            }
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(path);
            } else if about.len() > FILE_BYTES_MAX {
                self.others.push(path);
            } else {
                match String::from_utf8(std::fs::read(entry.path())?) {
                    Ok(text) => self.add(&path, text),
                    Err(_) => self.others.push(path),
                }
            }
        }
        Ok(())
    }

    /// Puts a file in; Rust files are parsed. One that does not parse is the compiler's to
    /// complain of.
    pub fn add(&mut self, path: &str, text: String) {
        if path.ends_with(".rs")
            && let Ok(source) = syn::parse_file(&text)
        {
            self.sources.insert(path.to_owned(), source);
        }
        self.texts.insert(path.to_owned(), text);
    }

    /// Every text file, in the order of paths.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text files whose path ends so.
    pub fn ending(&self, end: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(end))
    }

    /// One file's text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Every Rust file that parses.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &syn::File)> {
        self.sources.iter().map(|(path, source)| (path.as_str(), source))
    }

    /// Whether a file or folder of this path is there.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.texts.contains_key(path)
            || self.others.iter().any(|other| other == path || other.starts_with(&inside))
            || self
                .texts
                .range(inside.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&inside))
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn a_folder_is_there_when_a_file_is_in_it() {
        let mut tree = Tree::default();
        tree.add("docs/decisions/0001-a.md", String::new());
        assert!(tree.has("docs") && tree.has("docs/decisions/"));
        assert!(tree.has("docs/decisions/0001-a.md"));
        assert!(!tree.has("doc") && !tree.has("docs/decisions/0001"));
    }
}
