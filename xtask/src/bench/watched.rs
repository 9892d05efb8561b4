//! A child process with a clock and a look at its memory.

use crate::{Failure, child};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the child's memory is read. Its peak is kept by the kernel, so only what it
/// gains in its very last moment is missed.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Runs it with its output thrown away; how long it took, and its peak resident memory in
/// KiB (0 where the system does not say).
#[expect(clippy::disallowed_methods, reason = "a look every so often is what this is")]
pub fn run(mut command: Command) -> Result<(Duration, u64), Failure> {
    let said = child::said(&command);
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{said}: {error}"))?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        // Looked at before the wait: a process that was waited for has no memory left.
        let looked = std::fs::read_to_string(&status_file).ok();
        peak_kib = looked.as_deref().and_then(high_water_kib).unwrap_or(0).max(peak_kib);
        let ended = child.try_wait().map_err(|error| format!("{said}: {error}"))?;
        match ended {
            Some(status) if status.success() => return Ok((begun.elapsed(), peak_kib)),
            Some(status) => return Err(format!("`{said}` ended with {status}")),
            None => std::thread::sleep(LOOK_EVERY),
        }
    }
}

fn high_water_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{high_water_kib, run};
    use std::process::Command;

    #[test]
    fn the_peak_is_read_from_the_kernels_page() {
        let page = "Name:\tsekimori\nVmPeak:\t  990000 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 9 kB\n";
        assert_eq!(high_water_kib(page), Some(123_456));
        assert_eq!(high_water_kib("Name:\tsekimori\n"), None);
    }

    #[test]
    fn a_child_that_fails_is_no_measurement() {
        assert!(run(Command::new("true")).is_ok());
        assert!(run(Command::new("false")).is_err());
    }
}
