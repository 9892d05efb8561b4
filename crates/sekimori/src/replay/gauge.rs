//! How far a replay has come, for whoever waits at a terminal: a bar where the size of the
//! input is known, a count where it is not; the rate and the time left. On standard error, and
//! nowhere but on a terminal.

use super::outlet::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loudness {
    /// Failures only.
    Quiet,
    /// A progress bar as well.
    #[default]
    Normal,
    /// And the settings in force.
    Verbose,
}

/// How often it moves.
const STEP: Duration = Duration::from_millis(150);
/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_millis(600);

/// A moving gauge.
pub struct Gauge {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Gauge {
    /// Starts to show `progress`, where somebody can see it.
    pub fn start(progress: &Arc<Progress>, loudness: Loudness) -> Gauge {
        let done = Arc::new(AtomicBool::new(false));
        let is_wanted = loudness != Loudness::Quiet && std::io::stderr().is_terminal();
        let thread = is_wanted.then(|| {
            let (progress, done) = (Arc::clone(progress), Arc::clone(&done));
            thread::Builder::new().name("gauge".to_owned()).spawn(move || show(&progress, &done))
        });
        // Without a thread to spare the replay goes on unseen.
        Gauge { done, thread: thread.and_then(Result::ok) }
    }

    /// Takes the gauge off the screen.
    pub fn finish(self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            thread.thread().unpark();
            // A gauge that has panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

fn show(progress: &Progress, done: &AtomicBool) {
    let pause = |how_long| {
        thread::park_timeout(how_long);
        done.load(Ordering::Relaxed)
    };
    if pause(PATIENCE) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.enable_steady_tick(STEP);
    let mut is_sized = None;
    loop {
        let size = progress.n_bytes.load(Ordering::Relaxed);
        if is_sized != Some(size > 0) {
            is_sized = Some(size > 0);
            bar.set_style(style(size > 0));
        }
        let read = progress.n_bytes_read.load(Ordering::Relaxed);
        if size > 0 {
            bar.set_length(size);
        }
        bar.set_position(read);
        bar.set_message(rows(progress.n_rows_out.load(Ordering::Relaxed), bar.elapsed()));
        if pause(STEP) {
            break;
        }
    }
    bar.finish_and_clear();
}

fn style(is_sized: bool) -> ProgressStyle {
    let template = if is_sized {
        "{bar:30} {percent:>3}%  {msg}  {eta} left"
    } else {
        "{spinner} {bytes} read  {msg}  {elapsed}"
    };
    ProgressStyle::with_template(template).expect("the templates are tested")
}

/// `1,234,567 calls, 980,000/s`.
fn rows(n: u64, elapsed: Duration) -> String {
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = n.saturating_mul(1_000) / milliseconds;
    let grouped = crate::report::words::grouped;
    format!("{} calls, {}/s", grouped(n), grouped(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_sound() {
        let _ = (style(true), style(false));
        assert_eq!(rows(3_000, Duration::from_secs(2)), "3,000 calls, 1,500/s");
    }
}
