//! Running other programs: their lines are shown as they come and read on the way, so that a
//! step can count what a test runner says.

use crate::Failure;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;

/// Words of a command that are said when it failed.
const SAID_WORDS_MAX: usize = 6;

/// Cargo, in the project's folder, without standard input.
pub fn cargo(root: &std::path::Path) -> Command {
    // Under `cargo xtask` this is the very cargo that started us.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    // What cargo told us of ourselves is not for those that we start.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it to its end and shows what it prints; each line, without colours, goes to `read` as
/// well. An error when it cannot be started or ends badly.
pub fn watch(command: Command, mut read: impl FnMut(&str)) -> Result<(), Failure> {
    follow(command, |line| {
        // A closed terminal must not stop the step.
        let _ = writeln!(std::io::stdout(), "{line}");
        read(&without_colours(line));
    })
}

/// Runs it to its end and keeps its lines to itself, unless it ends badly.
pub fn quietly(command: Command) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    let end = follow(command, |line| lines.push(line.to_owned()));
    if end.is_err() {
        lines.iter().for_each(|line| println!("{line}"));
    }
    end.map(|()| lines)
}

/// Runs it to its end and shows what it prints, each line to `read` as well; how it ended.
pub fn status(command: Command, mut read: impl FnMut(&str)) -> Result<ExitStatus, Failure> {
    ended(command, |line| {
        let _ = writeln!(std::io::stdout(), "{line}");
        read(&without_colours(line));
    })
}

fn follow(command: Command, each: impl FnMut(&str)) -> Result<(), Failure> {
    let said = said(&command);
    let status = ended(command, each)?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` ended with {status}")) }
}

fn ended(mut command: Command, mut each: impl FnMut(&str)) -> Result<ExitStatus, Failure> {
    let said = said(&command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{said}: {error}"))?;
    let (send, lines) = mpsc::channel();
    let out = child.stdout.take().expect("the output was asked for as a pipe");
    let err = child.stderr.take().expect("the errors were asked for as a pipe");
    std::thread::scope(|scope| {
        let send_err = send.clone();
        scope.spawn(move || forward(out, &send));
        scope.spawn(move || forward(err, &send_err));
        lines.iter().for_each(|line| each(&line));
    });
    child.wait().map_err(|error| format!("{said}: {error}"))
}

/// Runs it to its end and keeps what it prints on standard output; its errors are shown.
pub fn output(mut command: Command) -> Result<String, Failure> {
    let said = said(&command);
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{said}: {error}"))?;
    if !done.status.success() {
        return Err(format!("`{said}` ended with {}", done.status));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Whether a cargo subcommand is installed.
pub fn has_subcommand(root: &std::path::Path, name: &str) -> bool {
    let mut command = cargo(root);
    command.args([name, "--version"]).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A program of the workspace.
#[derive(Clone, Copy)]
pub enum Program {
    /// A binary.
    Bin(&'static str),
    /// An example, built as tests' dependencies are.
    Example(&'static str),
}

/// Builds one program of the workspace for release; where it lies.
pub fn release_binary(
    root: &std::path::Path,
    package: &str,
    program: Program,
) -> Result<std::path::PathBuf, Failure> {
    let (kind, name) = match program {
        Program::Bin(name) => ("--bin", name),
        Program::Example(name) => ("--example", name),
    };
    let mut build = cargo(root);
    build.args(["build", "--release", "--locked", "--package", package, kind, name]);
    build.arg("--message-format=json-render-diagnostics");
    let messages = output(build)?;
    let mut built = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        if message["target"]["name"] != name {
            return None;
        }
        message["executable"].as_str().map(std::path::PathBuf::from)
    });
    built.next_back().ok_or_else(|| format!("cargo built no {name}"))
}

/// The command as a person would type it, cut where it becomes a list.
pub fn said(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or_default().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    let rest = if words.len() > SAID_WORDS_MAX { " …" } else { "" };
    words.truncate(SAID_WORDS_MAX);
    words.join(" ") + rest
}

fn forward(from: impl Read, to: &mpsc::Sender<String>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if to.send(text).is_err() {
            return;
        }
    }
}

/// The line without terminal sequences (`ESC [ … letter`).
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{watch, without_colours};
    use std::process::Command;

    #[test]
    fn colours_are_taken_off() {
        assert_eq!(
            without_colours("\u{1b}[32;1m   Summary\u{1b}[0m 3 tests"),
            "   Summary 3 tests"
        );
    }

    #[test]
    fn lines_of_both_outputs_are_read_and_a_bad_end_is_an_error() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let mut lines = Vec::new();
        let failed = watch(command, |line| lines.push(line.to_owned()));
        lines.sort();
        assert_eq!(lines, ["one", "two"]);
        assert!(failed.is_err_and(|failure| failure.contains('3')));
    }
}
