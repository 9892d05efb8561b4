//! Manifests: one table of dependencies for the workspace, and its lints in every crate.

use super::Complaints;
use crate::tree::Tree;
use toml::{Table, Value};

/// Looks at the workspace's members.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, manifest) in members(tree, complaints) {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            complaints.add(&path, 0, "does not take the workspace's lints");
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table(&manifest, kind) {
                if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                    let what = format!("{name}: its version belongs in the workspace's table");
                    complaints.add(&path, 0, what);
                }
            }
        }
    }
}

/// The members' manifests that can be read; the others are complained of.
pub fn members(tree: &Tree, complaints: &mut Complaints) -> Vec<(String, Table)> {
    let mut found = Vec::new();
    for (path, text) in tree.ending("/Cargo.toml") {
        if path != "xtask/Cargo.toml" && !path.starts_with("crates/") {
            continue;
        }
        match text.parse::<Table>() {
            Ok(manifest) => found.push((path.to_owned(), manifest)),
            Err(error) => complaints.add(path, 0, error.to_string()),
        }
    }
    found
}

/// The package's name.
pub fn name(manifest: &Table) -> String {
    let package = manifest.get("package").and_then(|package| package.get("name"));
    package.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The entries of a top-level table; none when it is not there.
pub fn table<'m>(manifest: &'m Table, name: &str) -> impl Iterator<Item = (&'m String, &'m Value)> {
    manifest.get(name).and_then(Value::as_table).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn a_version_of_its_own_and_lints_of_its_own_are_named() {
        let path = "crates/a/Cargo.toml";
        let good = "[lints]\nworkspace = true\n[dependencies]\nb.workspace = true\n";
        assert!(complaints(check, &[(path, good)]).is_empty());
        let own = "[lints]\nworkspace = true\n[dev-dependencies]\nb = \"1\"\n";
        assert_eq!(complaints(check, &[(path, own)]).len(), 1);
        assert_eq!(complaints(check, &[(path, "[package]\nname = \"a\"\n")]).len(), 1);
    }
}
