//! Dependencies point one way: sekimori → {switches, columns, journal} → engine → atlas, and
//! the journal on nothing of ours. The simulator may use all and only tests and chores use it. Atlas and engine stay small.

use super::{Complaints, manifests};
use crate::tree::Tree;

/// Each crate and those of ours that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("sekimori-atlas", &[]),
    ("sekimori-engine", &["sekimori-atlas"]),
    ("sekimori-switches", &["sekimori-atlas", "sekimori-engine"]),
    ("sekimori-columns", &["sekimori-atlas", "sekimori-engine"]),
    ("sekimori-journal", &[]),
    (
        "sekimori",
        &[
            "sekimori-atlas",
            "sekimori-engine",
            "sekimori-switches",
            "sekimori-columns",
            "sekimori-journal",
        ],
    ),
    (
        "sekimori-sim",
        &["sekimori-atlas", "sekimori-engine", "sekimori-switches", "sekimori-columns", "sekimori"],
    ),
    (
        "xtask",
        &[
            "sekimori-atlas",
            "sekimori-engine",
            "sekimori-switches",
            "sekimori-journal",
            "sekimori-sim",
            "sekimori",
        ],
    ),
];

/// The crates that everything rests on, and how many dependencies they stay under.
const SMALL: [&str; 2] = ["sekimori-atlas", "sekimori-engine"];
const SMALL_DEPENDENCIES_BELOW: usize = 10;

/// Heavy crates, and the one of ours that may use each.
const HEAVY: [(&str, &str); 2] = [("arrow", "sekimori-columns"), ("parquet", "sekimori-columns")];

/// Looks at what each crate ships with; tests may use what they need.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, manifest) in manifests::members(tree, complaints) {
        let name = manifests::name(&manifest);
        let Some((_, may_use)) = MAY_USE.iter().find(|(of, _)| *of == name) else {
            complaints.add(
                &path,
                0,
                format!("{name} has no place yet: say what it may use (xtask/src/tidy/borders.rs)"),
            );
            continue;
        };
        let used: Vec<String> =
            manifests::table(&manifest, "dependencies").map(|(name, _)| name.clone()).collect();
        for other in used.iter().filter(|other| other.starts_with("sekimori")) {
            if !may_use.contains(&other.as_str()) {
                complaints.add(&path, 0, format!("{name} must not rest on {other}"));
            }
        }
        for (heavy, only) in HEAVY {
            if name != only && used.iter().any(|other| other == heavy) {
                complaints.add(&path, 0, format!("{heavy} is for {only} alone"));
            }
        }
        if SMALL.contains(&name.as_str()) && used.len() >= SMALL_DEPENDENCIES_BELOW {
            let what =
                format!("{} dependencies, fewer than {SMALL_DEPENDENCIES_BELOW}", used.len());
            complaints.add(&path, 0, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    fn told(name: &str, dependencies: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}");
        complaints(check, &[("crates/a/Cargo.toml", &text)])
    }

    #[test]
    fn an_arrow_that_points_back_is_named() {
        let told = told("sekimori-atlas", "sekimori-engine.workspace = true\n");
        assert_eq!(
            told,
            ["crates/a/Cargo.toml:0: sekimori-atlas must not rest on sekimori-engine"]
        );
    }

    #[test]
    fn the_core_stays_small_and_heavy_crates_stay_apart() {
        let ten: String = (0..10).map(|n| format!("a{n}.workspace = true\n")).collect();
        assert_eq!(told("sekimori-engine", &ten).len(), 1);
        assert!(told("sekimori-switches", &ten).is_empty());
        assert_eq!(told("sekimori", "parquet.workspace = true\n").len(), 1);
        assert_eq!(told("sekimori-new", "").len(), 1);
    }
}
