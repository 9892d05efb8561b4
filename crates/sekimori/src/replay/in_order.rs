//! Lines in the order of their calls, although a line is complete only when its call has ended.
//!
//! Lines that are complete wait behind the first that is not. What waits is held up to a limit;
//! past it, everything complete goes to a temporary file as one run, sorted as it is, and only
//! the places of unfinished lines stay. A long call therefore costs disk, not memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Bytes that may wait in memory.
pub const WAITING_MAX: usize = 32 << 20;
/// Runs that may be open at once; more are merged into one.
const RUNS_MAX: usize = 64;
/// What a piece takes besides its bytes, about.
const PIECE_OVERHEAD: usize = 64;
/// A piece of finished lines is closed at this size, so that it can be written whole.
const PIECE_MAX: usize = 64 << 10;

/// Writes lines in order of their ordinals, which are dense and start at 0.
#[derive(Debug)]
pub struct InOrder<W> {
    out: W,
    waiting_max: usize,
    next: u64,
    pieces: VecDeque<Piece>,
    waiting: usize,
    runs: Vec<Run>,
}

/// Lines that follow each other, or the place of one that is not finished.
#[derive(Debug)]
struct Piece {
    first: u64,
    /// One past its last line.
    end: u64,
    text: Option<Vec<u8>>,
}

impl<W: Write> InOrder<W> {
    /// Nothing written yet.
    pub fn new(out: W) -> InOrder<W> {
        InOrder::with_limit(out, WAITING_MAX)
    }

    /// With another limit on the bytes that wait in memory.
    pub fn with_limit(out: W, waiting_max: usize) -> InOrder<W> {
        let (pieces, runs) = (VecDeque::new(), Vec::new());
        InOrder { out, waiting_max, next: 0, pieces, waiting: 0, runs }
    }

    /// The next line or lines, `n` of them, finished.
    ///
    /// # Errors
    /// What the output or a temporary file says.
    pub fn push(&mut self, text: &[u8], n: u64) -> io::Result<()> {
        let first = self.next;
        self.next += n;
        if self.pieces.is_empty() && self.runs.is_empty() {
            return self.out.write_all(text);
        }
        self.waiting += text.len();
        match self.pieces.back_mut() {
            Some(Piece { text: Some(last), end, .. })
                if *end == first && last.len() < PIECE_MAX =>
            {
                last.extend_from_slice(text);
                *end = self.next;
            }
            _ => {
                self.waiting += PIECE_OVERHEAD;
                self.pieces.push_back(Piece { first, end: self.next, text: Some(text.to_vec()) });
            }
        }
        self.spill_if_full()
    }

    /// The next line will be given later, by [`InOrder::fill`].
    pub fn leave_open(&mut self) {
        let first = self.next;
        self.next += 1;
        self.pieces.push_back(Piece { first, end: self.next, text: None });
        self.waiting += PIECE_OVERHEAD;
    }

    /// The line that was left open at this ordinal.
    ///
    /// # Errors
    /// What the output or a temporary file says.
    ///
    /// # Panics
    /// Where no line is open there, which is our own bug.
    pub fn fill(&mut self, ordinal: u64, text: &[u8]) -> io::Result<()> {
        let place = self.pieces.partition_point(|piece| piece.first < ordinal);
        let piece = self.pieces.get_mut(place).filter(|piece| piece.first == ordinal);
        let piece = piece.expect("a line is filled where it was left open");
        piece.text = Some(text.to_vec());
        self.waiting += text.len();
        if place == 0 {
            self.emit()?;
        }
        self.spill_if_full()
    }

    /// Everything out; lines still open are left out.
    ///
    /// # Errors
    /// What the output or a temporary file says.
    pub fn finish(mut self) -> io::Result<W> {
        self.pieces.retain(|piece| piece.text.is_some());
        self.emit()?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The first line that is not finished: everything before it may go out.
    fn first_open(&self) -> u64 {
        let open = self.pieces.iter().find(|piece| piece.text.is_none());
        open.map_or(self.next, |piece| piece.first)
    }

    fn emit(&mut self) -> io::Result<()> {
        let end = self.first_open();
        loop {
            let in_memory = self.pieces.front().map_or(u64::MAX, |piece| piece.first);
            let in_run = (0..self.runs.len()).min_by_key(|at| self.runs[*at].head);
            match in_run {
                Some(at) if self.runs[at].head < in_memory.min(end) => {
                    self.runs[at].copy_piece(&mut self.out)?;
                    if self.runs[at].head == u64::MAX {
                        self.runs.remove(at);
                    }
                }
                _ if in_memory < end => {
                    let text = self.pieces.pop_front().and_then(|piece| piece.text);
                    let text = text.expect("pieces before the first open one are finished");
                    self.waiting = self.waiting.saturating_sub(text.len() + PIECE_OVERHEAD);
                    self.out.write_all(&text)?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn spill_if_full(&mut self) -> io::Result<()> {
        if self.waiting <= self.waiting_max {
            return Ok(());
        }
        let mut run = RunWriter::new()?;
        let (finished, open): (VecDeque<Piece>, VecDeque<Piece>) =
            self.pieces.drain(..).partition(|piece| piece.text.is_some());
        for piece in &finished {
            run.piece(piece.first, piece.text.as_deref().unwrap_or_default())?;
        }
        self.pieces = open;
        self.waiting = self.pieces.len() * PIECE_OVERHEAD;
        if !finished.is_empty() {
            self.runs.push(run.finish()?);
        }
        if self.runs.len() > RUNS_MAX { self.merge_runs() } else { Ok(()) }
    }

    fn merge_runs(&mut self) -> io::Result<()> {
        let mut merged = RunWriter::new()?;
        while let Some(at) = (0..self.runs.len()).min_by_key(|at| self.runs[*at].head) {
            let run = &mut self.runs[at];
            if run.head == u64::MAX {
                self.runs.remove(at);
                continue;
            }
            merged.head(run.head, run.length)?;
            run.copy_piece(&mut merged.file)?;
        }
        self.runs.push(merged.finish()?);
        Ok(())
    }
}

/// A sorted run being written: each piece is its first ordinal, its length, its bytes.
struct RunWriter {
    file: BufWriter<File>,
}

impl RunWriter {
    fn new() -> io::Result<RunWriter> {
        Ok(RunWriter { file: BufWriter::with_capacity(1 << 18, tempfile::tempfile()?) })
    }

    fn head(&mut self, first: u64, length: u64) -> io::Result<()> {
        self.file.write_all(&first.to_le_bytes())?;
        self.file.write_all(&length.to_le_bytes())
    }

    fn piece(&mut self, first: u64, text: &[u8]) -> io::Result<()> {
        self.head(first, text.len() as u64)?;
        self.file.write_all(text)
    }

    fn finish(self) -> io::Result<Run> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut run = Run { file: BufReader::with_capacity(1 << 16, file), head: 0, length: 0 };
        run.read_head()?;
        Ok(run)
    }
}

/// A sorted run being read.
#[derive(Debug)]
struct Run {
    file: BufReader<File>,
    /// First ordinal of the next piece; `u64::MAX` past the last.
    head: u64,
    length: u64,
}

impl Run {
    fn read_head(&mut self) -> io::Result<()> {
        let mut head = [0_u8; 16];
        match self.file.read_exact(&mut head) {
            Ok(()) => {
                let (first, length) = head.split_at(8);
                self.head = u64::from_le_bytes(first.try_into().expect("eight bytes"));
                self.length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.head = u64::MAX;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn copy_piece(&mut self, out: &mut impl Write) -> io::Result<()> {
        let copied = io::copy(&mut self.file.by_ref().take(self.length), out)?;
        if copied != self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read_head()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines `0..n`; `Some(k)` is finished when line `k` has been pushed.
    fn written(ends: &[Option<u8>], limit: usize) -> String {
        let mut out = InOrder::with_limit(Vec::new(), limit);
        let mut open: Vec<(u64, u64)> = Vec::new();
        for (n, end) in ends.iter().enumerate() {
            let n = n as u64;
            match end {
                None => out.push(format!("{n}\n").as_bytes(), 1).expect("memory"),
                Some(after) => {
                    out.leave_open();
                    open.push((n + u64::from(*after), n));
                }
            }
            for (_, due) in open.extract_if(.., |(at, _)| *at <= n) {
                out.fill(due, format!("{due}\n").as_bytes()).expect("memory");
            }
        }
        for (_, due) in open {
            out.fill(due, format!("{due}\n").as_bytes()).expect("memory");
        }
        String::from_utf8(out.finish().expect("memory")).expect("ASCII")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn lines_come_in_order_whenever_they_are_finished(
            ends in prop::collection::vec(prop::option::weighted(0.4, 0_u8..60), 0..300),
            limit in 0_usize..2_000,
        ) {
            let expected: String = (0..ends.len()).map(|n| format!("{n}\n")).collect();
            prop_assert_eq!(written(&ends, limit), expected);
        }
    }

    #[test]
    fn a_long_call_at_the_head_holds_little_in_memory() {
        let mut out = InOrder::with_limit(Vec::new(), 1_000);
        out.leave_open();
        for n in 1..2_000 {
            out.push(format!("{n}\n").as_bytes(), 1).expect("memory");
            assert!(out.waiting <= 1_100 && out.runs.len() <= RUNS_MAX);
        }
        out.fill(0, b"0\n").expect("memory");
        assert!(out.runs.is_empty());
        let text = String::from_utf8(out.finish().expect("memory")).expect("ASCII");
        assert!(text.lines().map(|line| line.parse::<u64>().expect("a number")).eq(0..2_000));
    }
}
