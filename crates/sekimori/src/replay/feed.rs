//! The input of a replay as a whole: many files in, rows in event-time order out, in batches,
//! on a thread of its own, through bounded memory.
//!
//! Whichever file is furthest behind is read next, and rows go on as soon as no file can hold
//! an earlier one. What rows mean is the judge's business.

use crate::replay::accounts::Accounts;
use crate::replay::outlet::{Batch, Outlet, Progress, Stopped};
use crate::replay::problems::Log;
use crate::replay::reader::Taker;
use crate::replay::repeats::{Fate, Repeats};
use crate::replay::row::{self, Class, Fields, Place, TEXT_MAX, Texts};
use crate::replay::source::{Content, Origin, Reading, Source};
use crate::replay::spill::{Storage, StorageError};
use crate::replay::together::Together;
use crate::replay::unpack::Bytes;
use crate::replay::window::Window;
use crate::report::reason::Reason;
use crate::report::run::Run;
use crossbeam_channel::{Receiver, Sender};
use sekimori_switches::records::{CallRecord, RegistrationRecord};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// Files that are open at the same time. One that is wanted beyond it is read to its end at
/// once, into temporary files.
const OPEN_MAX: usize = 32;
/// Files in one run: what a row's place has room for.
const FILES_MAX: usize = u16::MAX as usize;
/// Rows that an input of unknown size is expected to have.
const N_ROWS_UNKNOWN: u64 = 40_000_000;

/// What is to be read, and how.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// Files of calls, in the order in which the user named them.
    pub calls: Vec<Origin>,
    /// Files of registrations.
    pub registrations: Vec<Origin>,
    /// Format, its options, and the order of rows.
    pub reading: Reading,
    /// Memory for rows that wait, in bytes.
    pub window_bytes: usize,
    /// Where temporary files go; `None` is the system's folder for them.
    pub temp_dir: Option<PathBuf>,
    /// About how many bytes of rows a batch has.
    pub batch_bytes: usize,
    /// Batches that may wait for the judge.
    pub n_batches_waiting: usize,
}

impl Default for InputOptions {
    fn default() -> InputOptions {
        InputOptions {
            calls: Vec::new(),
            registrations: Vec::new(),
            reading: Reading::default(),
            window_bytes: 64 << 20,
            temp_dir: None,
            batch_bytes: 256 << 10,
            n_batches_waiting: 8,
        }
    }
}

impl InputOptions {
    /// To read `files`, where `-` is standard input.
    pub fn of_files<S: AsRef<str>>(files: impl IntoIterator<Item = S>) -> InputOptions {
        let origin = |name: S| match name.as_ref() {
            "-" => Origin::StandardInput,
            path => Origin::Path(PathBuf::from(path)),
        };
        InputOptions { calls: files.into_iter().map(origin).collect(), ..InputOptions::default() }
    }
}

/// A running input.
#[derive(Debug)]
pub struct Feed {
    /// Rows in event-time order. It ends when everything has been handed over; dropping it
    /// stops the input.
    pub batches: Receiver<Batch>,
    /// Where emptied batches may be sent back to, so that their memory is used again.
    pub used: Sender<Batch>,
    /// How far it has come.
    pub progress: Arc<Progress>,
    /// What is known at the end.
    pub handle: JoinHandle<Result<InputReport, InputError>>,
}

/// What is known of the input when it has been read.
#[derive(Clone, Debug, Default)]
pub struct InputReport {
    /// Files, counts and problems; the other fields are the caller's.
    pub run: Run,
    /// Files of which something could be read. 0: nothing could be read at all (exit 1).
    pub n_files_read: usize,
    /// Rows handed over.
    pub n_rows: u64,
    /// Bytes written to temporary files.
    pub n_bytes_spilled: u64,
}

/// Why an input cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Temporary files cannot be written or read.
    #[error("{0}; make room there, or set TMPDIR to a folder that has some")]
    Storage(#[from] StorageError),
    /// Too many files at once.
    #[error("{n} files are more than the {FILES_MAX} that one run takes; join some of them")]
    TooManyFiles {
        /// As many were named.
        n: usize,
    },
}

/// Starts reading on a thread of its own.
pub fn spawn(options: InputOptions) -> Feed {
    spawn_with(options, Box::new(std::io::stdin()))
}

/// Like [`spawn`], with something else as standard input.
pub fn spawn_with(options: InputOptions, standard_input: Bytes) -> Feed {
    let (full, batches) = crossbeam_channel::bounded(options.n_batches_waiting);
    let (used, emptied) = crossbeam_channel::bounded(options.n_batches_waiting + 2);
    let progress = Arc::new(Progress::default());
    let outlet = Outlet::new(options.batch_bytes, full, emptied, &progress);
    let shared = Arc::clone(&progress);
    let handle = std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || run(&options, standard_input, outlet, &shared))
        .expect("the system has room for one more thread");
    Feed { batches, used, progress, handle }
}

fn run(
    options: &InputOptions,
    standard_input: Bytes,
    outlet: Outlet,
    progress: &Arc<Progress>,
) -> Result<InputReport, InputError> {
    let n = options.calls.len() + options.registrations.len();
    if n > FILES_MAX {
        return Err(InputError::TooManyFiles { n });
    }
    let storage = Storage::new(options.temp_dir.as_deref());
    let mut intake = Intake {
        accounts: Accounts::default(),
        together: Together::default(),
        window: Window::new(options.window_bytes, &storage),
        repeats: Repeats::new(0, &storage),
        outlet,
        log: Log::default(),
        rank: 0,
        n_rows_read: 0,
        has_sealed: false,
        failure: None,
    };
    let mut sources = look(options, standard_input, &storage, progress, &mut intake);
    let n_rows = sources.iter().map(|s| s.n_rows_guess().unwrap_or(N_ROWS_UNKNOWN)).sum();
    intake.repeats = Repeats::new(n_rows, &storage);
    match read_all(&mut sources, options, progress, &mut intake) {
        Ok(()) | Err(Stopped::NobodyListens) => {}
        Err(Stopped::Storage(error)) => return Err(InputError::Storage(error)),
    }
    Ok(intake.report(&sources))
}

/// Looks at every file, and adds up their sizes.
fn look(
    options: &InputOptions,
    standard_input: Bytes,
    storage: &Storage,
    progress: &Arc<Progress>,
    intake: &mut Intake,
) -> Vec<Source> {
    let calls = options.calls.iter().map(|origin| (Content::Calls, origin));
    let registrations = options.registrations.iter().map(|o| (Content::Registrations, o));
    let mut standard_input = Some(standard_input);
    let mut n_bytes = Some(0);
    let mut sources = Vec::new();
    for (rank, (content, origin)) in calls.chain(registrations).enumerate() {
        intake.rank = rank;
        intake.log.file(origin.name());
        let source = Source::look(
            origin.clone(),
            content,
            &options.reading,
            &mut standard_input,
            (&progress.n_bytes_read, storage),
            intake,
        );
        if !source.is_done() {
            n_bytes = n_bytes.zip(source.n_bytes()).map(|(sum, n)| sum + n);
        }
        sources.push(source);
    }
    progress.n_bytes.store(n_bytes.unwrap_or(0), Ordering::Relaxed);
    sources
}

fn read_all(
    sources: &mut [Source],
    options: &InputOptions,
    progress: &Progress,
    intake: &mut Intake,
) -> Result<(), Stopped> {
    let furthest_behind = |sources: &[Source]| {
        let waiting = sources.iter().enumerate().filter(|(_, source)| !source.is_done());
        waiting.min_by_key(|(_, source)| source.bound()).map(|(rank, _)| rank)
    };
    while let Some(rank) = furthest_behind(sources) {
        let n_open = sources.iter().filter(|source| source.is_open()).count();
        let to_its_end = !sources[rank].is_open() && n_open >= OPEN_MAX;
        intake.rank = rank;
        loop {
            sources[rank].read_on(&options.reading, intake);
            progress.n_rows_read.store(intake.n_rows_read, Ordering::Relaxed);
            if let Some(error) = intake.failure.take() {
                return Err(Stopped::Storage(error));
            }
            if !to_its_end || sources[rank].is_done() {
                break;
            }
        }
        if std::mem::take(&mut intake.has_sealed) {
            let bound = sources.iter().map(Source::bound).min().unwrap_or(i64::MAX);
            intake.emit(bound)?;
        }
    }
    intake.emit(i64::MAX)?;
    intake.outlet.flush()
}

/// What all files flow into.
struct Intake {
    accounts: Accounts,
    together: Together,
    window: Window,
    repeats: Repeats,
    outlet: Outlet,
    log: Log,
    /// Of the file that is being read.
    rank: usize,
    n_rows_read: u64,
    has_sealed: bool,
    failure: Option<StorageError>,
}

impl Intake {
    fn seal(&mut self) {
        self.has_sealed = true;
        self.together.answer(&mut self.accounts, self.window.filling());
        let log = &mut self.log;
        let sealed = self.window.seal(&mut self.repeats, &mut |row, fate| log.repeated(row, fate));
        if let Err(error) = sealed {
            self.failure.get_or_insert(error);
        }
    }

    /// Hands on what nothing can precede any more.
    fn emit(&mut self, bound: i64) -> Result<(), Stopped> {
        self.seal();
        self.has_sealed = false;
        if let Some(error) = self.failure.take() {
            return Err(Stopped::Storage(error));
        }
        let (outlet, accounts, log) = (&mut self.outlet, &mut self.accounts, &mut self.log);
        self.window.emit(bound, &mut self.repeats, &mut |row, fate| match fate {
            Fate::Stands => outlet.push(row, accounts),
            Fate::Superseded | Fate::TooLate => {
                log.repeated(row, fate);
                Ok(())
            }
        })
    }

    /// Packs a row, whose account's number is written into it later: see [`Together`].
    fn pack(&mut self, account: &str, account_hash: u64, fields: &Fields<'_>) {
        let filling = self.window.filling();
        self.together.ask(account_hash, account, filling.len());
        row::pack(filling, fields);
        self.n_rows_read += 1;
        if self.together.is_full() {
            self.together.answer(&mut self.accounts, self.window.filling());
        }
        if self.window.is_full() && self.failure.is_none() {
            self.seal();
        }
    }

    fn report(self, sources: &[Source]) -> InputReport {
        let mut run = self.log.into_run();
        let n_overflowed = self.repeats.n_overflowed();
        if n_overflowed > 0 {
            run.warnings.push(format!(
                "so many calls were repeated at the same time that of {n_overflowed} calls the \
                 row read first was taken instead of the later one"
            ));
        }
        let read = || sources.iter().filter(|source| source.is_understood());
        run.files = read().map(Source::name).collect();
        run.accounts = u64::from(self.accounts.n_announced());
        InputReport {
            run,
            n_files_read: read().count(),
            n_rows: self.outlet.n_rows(),
            n_bytes_spilled: self.window.n_bytes_spilled(),
        }
    }
}

impl Taker for Intake {
    #[inline]
    fn call(&mut self, line: u64, call: &CallRecord<'_>) {
        if call.call_id.len() > TEXT_MAX {
            let reason = format!("its call_id is longer than {TEXT_MAX} bytes");
            return self.unreadable(line, reason.into());
        }
        let account_hash = self.accounts.hash(call.account);
        let fields = Fields {
            class: Class::Attempt,
            at: call.start,
            answer: call.answer,
            end: call.end,
            code: row::disposition_code(call.disposition),
            key: self.accounts.call_key(account_hash, call.call_id),
            place: Place::new(self.rank as u16, line),
            account: 0,
            texts: Texts {
                call_id: call.call_id,
                dialled: call.dialled,
                line: call.line,
                caller: call.caller,
                source: call.source_ip,
                user_agent: call.user_agent,
                forwarded_from: call.forwarded_from,
                trunk: call.trunk,
            },
        };
        self.pack(call.account, account_hash, &fields);
    }

    fn registration(&mut self, line: u64, registration: &RegistrationRecord<'_>) {
        let account_hash = self.accounts.hash(registration.account);
        let fields = Fields {
            class: Class::Registration,
            at: registration.at,
            answer: None,
            end: None,
            code: row::outcome_code(registration.outcome),
            key: 0,
            place: Place::new(self.rank as u16, line),
            account: 0,
            texts: Texts {
                line: registration.line,
                source: registration.source_ip,
                user_agent: registration.user_agent,
                ..Texts::default()
            },
        };
        self.pack(registration.account, account_hash, &fields);
    }

    fn skipped(&mut self) {
        self.log.skipped();
    }

    fn unreadable(&mut self, line: u64, reason: Reason) {
        self.log.unreadable(self.rank, line, reason);
    }

    fn file_problem(&mut self, line: Option<u64>, reason: Reason, n_rows: u64) {
        self.log.file_problem(self.rank, line, reason, n_rows);
    }
}

#[cfg(test)]
mod tests;
