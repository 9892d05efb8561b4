//! The service file is one that systemd takes, and it leaves the guard little of the machine.
//! Where systemd is not installed nothing can be tried, and that is said.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The exposure that `systemd-analyze security` finds, of 10; below 2 is what it calls OK.
const EXPOSURE_MAX: &str = "20";

/// The unit with this build's binary in it: systemd looks whether there is one.
fn unit(folder: &Path) -> PathBuf {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/sekimori.service");
    let text = std::fs::read_to_string(kept).expect("part of the source");
    assert!(text.contains("ExecStart=/usr/bin/sekimori serve "));
    let text = text.replace("/usr/bin/sekimori", env!("CARGO_BIN_EXE_sekimori"));
    let path = folder.join("sekimori.service");
    std::fs::write(&path, text).expect("a folder of our own");
    path
}

fn analyze(arguments: &[&str], unit: &Path) -> Option<Output> {
    match Command::new("systemd-analyze").args(arguments).arg(unit).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("NOT TRIED: systemd-analyze {arguments:?} cannot be run: {error}");
            None
        }
    }
}

#[test]
fn systemd_takes_the_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(output) = analyze(&["verify", "--man=no"], &unit(folder.path())) else { return };
    let told = String::from_utf8_lossy(&output.stderr);
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("sekimori")).collect();
    assert!(ours.is_empty(), "{told}");
    assert!(output.status.success(), "{told}");
}

#[test]
fn the_unit_leaves_the_guard_little_of_the_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE_MAX];
    let Some(output) = analyze(&arguments, &unit(folder.path())) else { return };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("Overall exposure level"), "{told}");
}
