//! The process as the kernel sees it (proc(5)); nothing where there is no such file system.

use nix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// Linux counts processor time to user space in hundredths of a second on every architecture.
const TICKS_PER_SECOND: u64 = 100;

/// What is worth a metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process {
    /// Hundredths of a second.
    pub cpu_ticks: u64,
    pub resident_bytes: u64,
    pub open_files: u64,
    /// Unix seconds.
    pub started_at: u64,
}

impl Process {
    /// As it is now.
    pub fn look() -> Option<Process> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The second field is a name in brackets that may hold anything; counting goes on after it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        // /proc/stat and /proc/uptime are not there for a service that sees its own processes alone.
        let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?.tv_sec();
        let age = u64::try_from(uptime).ok()?.saturating_sub(field(22)? / TICKS_PER_SECOND);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = resident.split_whitespace().next()?.parse().ok()?;
        Some(Process {
            cpu_ticks: field(14)? + field(15)?,
            resident_bytes: kilobytes * 1_024,
            open_files: fs::read_dir("/proc/self/fd").ok()?.count() as u64,
            started_at: now.saturating_sub(age),
        })
    }
}
