//! Lines on their way from the judge to a file: batches over a bounded channel to a thread that
//! brings them into order and writes, so that the judge never waits for a disk.

use super::in_order::InOrder;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{self, Write};
use std::thread::{self, JoinHandle};

/// A batch is handed over at this size.
const BATCH_BYTES: usize = 256 << 10;
/// Batches on the way at once; more make the judge wait.
const BATCHES_MAX: usize = 8;

/// Takes lines in the order of their ordinals, those left open later.
#[derive(Debug)]
pub struct Lines {
    batch: Batch,
    to: Sender<Batch>,
    emptied: Receiver<Batch>,
    writer: JoinHandle<io::Result<()>>,
}

/// The writer has given up; [`Lines::finish`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

#[derive(Debug, Default)]
struct Batch {
    text: Vec<u8>,
    pieces: Vec<Piece>,
}

/// What a stretch of a batch's text is.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// So many lines, up to this place in the text.
    Ready { n: u64, end: usize },
    /// A line that will come later.
    Open,
    /// The line of this ordinal, up to this place in the text.
    Late { ordinal: u64, end: usize },
}

impl Lines {
    /// Lines that end up in `out`.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn to(name: &str, out: impl Write + Send + 'static) -> io::Result<Lines> {
        let (to, from) = bounded(BATCHES_MAX);
        let (back, emptied) = bounded(BATCHES_MAX);
        let name = format!("write-{name}");
        let writer = thread::Builder::new().name(name).spawn(move || write(out, &from, &back))?;
        Ok(Lines { batch: Batch::default(), to, emptied, writer })
    }

    /// The next line.
    ///
    /// # Errors
    /// Where the writer has given up.
    pub fn push(&mut self, line: impl FnOnce(&mut Vec<u8>)) -> Result<(), Stopped> {
        line(&mut self.batch.text);
        let now = self.batch.text.len();
        match self.batch.pieces.last_mut() {
            Some(Piece::Ready { n, end }) => {
                *n += 1;
                *end = now;
            }
            _ => self.batch.pieces.push(Piece::Ready { n: 1, end: now }),
        }
        if now >= BATCH_BYTES { self.hand_over() } else { Ok(()) }
    }

    /// The next line will be given by [`Lines::fill`].
    pub fn leave_open(&mut self) {
        self.batch.pieces.push(Piece::Open);
    }

    /// A line that was left open.
    ///
    /// # Errors
    /// Where the writer has given up.
    pub fn fill(&mut self, ordinal: u64, line: impl FnOnce(&mut Vec<u8>)) -> Result<(), Stopped> {
        line(&mut self.batch.text);
        let end = self.batch.text.len();
        self.batch.pieces.push(Piece::Late { ordinal, end });
        if end >= BATCH_BYTES { self.hand_over() } else { Ok(()) }
    }

    /// Gives the writer what is there.
    ///
    /// # Errors
    /// Where the writer has given up.
    pub fn hand_over(&mut self) -> Result<(), Stopped> {
        let next = self.emptied.try_recv().unwrap_or_default();
        let full = std::mem::replace(&mut self.batch, next);
        self.to.send(full).map_err(|_| Stopped)
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// What went wrong while writing.
    ///
    /// # Panics
    /// Where the writer has, which is our own bug.
    pub fn finish(mut self) -> io::Result<()> {
        let _ = self.hand_over();
        drop(self.to);
        self.writer.join().expect("the writer does not panic")
    }
}

fn write(out: impl Write, from: &Receiver<Batch>, back: &Sender<Batch>) -> io::Result<()> {
    let mut out = InOrder::new(out);
    for mut batch in from {
        let mut start = 0;
        for piece in batch.pieces.drain(..) {
            match piece {
                Piece::Ready { n, end } => {
                    out.push(&batch.text[start..end], n)?;
                    start = end;
                }
                Piece::Open => out.leave_open(),
                Piece::Late { ordinal, end } => {
                    out.fill(ordinal, &batch.text[start..end])?;
                    start = end;
                }
            }
        }
        batch.text.clear();
        let _ = back.try_send(batch);
    }
    out.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn late_lines_stand_where_they_belong() {
        let file = Shared::default();
        let mut lines = Lines::to("test", file.clone()).expect("a thread");
        let line =
            |n: u64| move |out: &mut Vec<u8>| out.extend_from_slice(format!("{n}\n").as_bytes());
        for n in 0..100_000 {
            match n % 3 {
                0 => lines.leave_open(),
                _ => lines.push(line(n)).expect("open"),
            }
            if n >= 3_000 && n % 3 == 0 {
                lines.fill(n - 3_000, line(n - 3_000)).expect("open");
            }
        }
        for n in (97_000..100_000).filter(|n| n % 3 == 0) {
            lines.fill(n, line(n)).expect("open");
        }
        lines.finish().expect("memory");
        let text = String::from_utf8(file.0.lock().expect("no panic").clone()).expect("ASCII");
        assert!(text.lines().map(|line| line.parse::<u64>().expect("a number")).eq(0..100_000));
    }

    #[test]
    fn a_full_disk_is_said_at_the_end_and_stops_the_judge() {
        let mut lines = Lines::to("test", Full).expect("a thread");
        let mut n = 0_u64;
        while lines.push(|out| out.resize(out.len() + BATCH_BYTES, b'x')).is_ok() {
            n += 1;
            assert!(n < 1_000, "the judge is never stopped");
        }
        assert_eq!(lines.finish().expect_err("full").kind(), io::ErrorKind::StorageFull);
    }
}
