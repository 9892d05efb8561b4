//! What `sekimori serve` says where it cannot start for what was typed or written.

use std::path::Path;
use std::process::{Command, Stdio};

fn sekimori(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekimori"));
    command.env_clear().env("HOME", folder).env("SEKIMORI_STATE", folder.join("state"));
    command.arg("serve").stdin(Stdio::null());
    command
}

/// Exit status and what is said.
fn cannot(folder: &Path, change: impl FnOnce(&mut Command)) -> (Option<i32>, String) {
    let mut command = sekimori(folder);
    change(&mut command);
    let output = command.output().expect("the binary of this build");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "never ready");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_environment_counts_less_than_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let nonsense = |command: &mut Command| {
        command.env("SEKIMORI_SIP", "everywhere");
    };
    let (status, told) = cannot(folder.path(), nonsense);
    assert_eq!(status, Some(2), "{told}");
    assert!(told.contains("everywhere"), "{told}");
    let over = |command: &mut Command| {
        command.env("SEKIMORI_SHARDS", "900").args(["--shards", "901"]);
    };
    let (status, told) = cannot(folder.path(), over);
    assert_eq!(status, Some(2), "{told}");
    assert!(told.contains("serve.shards = 901"), "{told}");
}

#[test]
fn a_setting_that_is_not_understood_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("s.toml");
    std::fs::write(&config, "[sip]\nlisten = \"127.0.0.1:0\"\nlissten = 1\n").expect("ours");
    let (status, told) = cannot(folder.path(), |command| {
        command.arg("--config").arg(&config);
    });
    assert_eq!(status, Some(2), "{told}");
    assert!(told.contains("line 3") && told.contains("write `listen`"), "{told}");
}

#[test]
fn the_help_shows_examples_and_the_environment() {
    let output = Command::new(env!("CARGO_BIN_EXE_sekimori"))
        .args(["serve", "--help"])
        .output()
        .expect("the binary of this build");
    let text = String::from_utf8_lossy(&output.stdout);
    for word in ["SEKIMORI_SIP", "Examples:", "127.0.0.1:8740", "Exit status:"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}
