//! A replay from its files to its reports: the input on one thread, the judge on this one, a
//! writer for each file with a line for every call.

use super::again::{Again, ShardsAgain};
use super::customers::Customers;
use super::feed::{self, Feed, InputOptions, InputReport};
use super::gauge::{Gauge, Loudness};
use super::judge::{Judge, Manner, Outputs};
use super::lines::{Lines, Stopped};
use super::outlet::Batch;
use super::row::Row;
use crate::config::Setup;
use crate::failure::{Advice, Failure};
use crate::report::tally::Tally;
use crate::report::terminal::{Asked, Screen};
use crate::report::words::{Lang, Speech, Visibility, Words};
use crate::report::{Run, html, summary, terminal};
use crate::serve::settled::Settled;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::Engine;
use sekimori_journal::Reader;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is to be replayed, and what is wanted of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, formats, order.
    pub input: InputOptions,
    /// Where things are written.
    pub wanted: Wanted,
    /// The reader's language.
    pub lang: Lang,
    /// What is said on standard error.
    pub loudness: Loudness,
}

/// Files to write.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--verdicts`.
    pub verdicts: Option<PathBuf>,
    /// `--orders`.
    pub orders: Option<PathBuf>,
    /// `--summary`.
    pub summary: Option<PathBuf>,
    /// `--html`.
    pub html: Option<PathBuf>,
    /// What standard output shows.
    pub shown: Shown,
}

/// What standard output shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The report for a person.
    #[default]
    Report,
    /// The summary as JSON.
    Json,
}

/// Rows whose accounts are brought near at the same time: about as many as a processor has
/// requests to memory on the way.
const TOGETHER: usize = 16;

/// Replays.
///
/// # Errors
/// Where nothing could be read, or something could not be written.
pub fn run(plan: &Plan, setup: &Setup) -> Result<(), Failure> {
    let started = Instant::now();
    let speech = Speech { lang: plan.lang, currency: setup.currency, numbers: Visibility::Masked };
    let engine = Engine::new(setup.engine.clone()).map_err(|error| {
        let todo = "put the name right in the configuration";
        Failure::Settings(Advice::new(error.to_string(), todo))
    })?;
    let outputs = open_outputs(&plan.wanted)?;
    // Those that are written last are opened first: a run of an hour must not end with a folder
    // that was never there.
    let late = Late::open(&plan.wanted)?;
    if plan.loudness == Loudness::Verbose {
        setup.listed.iter().for_each(|(name, value)| eprintln!("{name} = {value}"));
    }
    let feed = feed::spawn(plan.input.clone());
    let customers = Customers::new(setup.calendar_of.clone());
    let manner = Manner { challenge: setup.challenge, speech };
    let judge = Judge::new(engine, &setup.atlas, customers, manner, outputs);
    let (mut judge, report, _) = judge_all(judge, feed, plan.loudness, Timestamp::MAX)?;
    // Where a writer has given up, closing its file says why.
    let (Ok(()) | Err(Stopped)) = judge.finish();
    let (tally, outputs) = judge.into_parts();
    close(outputs, &plan.wanted)?;
    if plan.loudness == Loudness::Verbose {
        let InputReport { n_files_read, n_rows, n_bytes_spilled, .. } = report;
        eprintln!(
            "{n_rows} rows of {n_files_read} files; {n_bytes_spilled} bytes in temporary files"
        );
    }
    let mut run = report.run;
    complete(&mut run, setup, plan.lang);
    wind_up(plan, &tally, &mut run, (late, speech, started))?;
    if report.n_files_read == 0 { Err(nothing_read()) } else { Ok(()) }
}

/// Judges the journal of a state directory again.
///
/// # Errors
/// A journal that cannot be read, or something that could not be written.
pub fn run_journal(plan: &Plan, settled: Settled) -> Result<(), Failure> {
    let started = Instant::now();
    let currency = settled.setup.currency;
    let speech = Speech { lang: plan.lang, currency, numbers: Visibility::Masked };
    let mut reader = Reader::open(&settled.state).map_err(|error| {
        let todo = "name a state directory, or the journal's file in it, with --journal";
        Failure::Usage(Advice::new(error.to_string(), todo))
    })?;
    let outputs = open_outputs(&plan.wanted)?;
    let late = Late::open(&plan.wanted)?;
    let mut run = Run { files: vec![settled.state.display().to_string()], ..Run::default() };
    complete(&mut run, &settled.setup, plan.lang);
    let calendar_of = settled.setup.calendar_of.clone();
    let shards = ShardsAgain::new(settled)?;
    let mut again = Again::new(shards.atlas(), calendar_of, speech, outputs);
    run.accounts =
        again.judge(&mut reader, |index| shards.shard(index), |_| {}).map_err(|error| {
            let todo = "run `sekimori journal verify`; keep a copy of the directory as it is";
            Failure::Journal(Advice::new(error.to_string(), todo))
        })?;
    let words = Words::new(speech);
    run.warnings.push(words.count("again-same", again.compared.n_same));
    if again.compared.n_other > 0 {
        run.warnings.push(words.count("again-other", again.compared.n_other));
    }
    if reader.removed_up_to().is_ok_and(|removed| removed > 0) {
        run.warnings.push(words.text("again-removed"));
    }
    let Again { tally, outputs, .. } = again;
    close(outputs, &plan.wanted)?;
    wind_up(plan, &tally, &mut run, (late, speech, started))
}

/// Writes and shows what is known at the end.
fn wind_up(
    plan: &Plan,
    tally: &Tally,
    run: &mut Run,
    (late, speech, started): (Late, Speech, Instant),
) -> Result<(), Failure> {
    // A run has taken some time, so that its speed can be told.
    run.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    late.write(tally, run, speech, &plan.wanted)?;
    show(plan, tally, run, speech)?;
    tell_problems(plan.wanted.shown, run, &Words::new(speech));
    Ok(())
}

/// Judges all that the input hands over, or until a writer has given up. Rows after `until` are
/// left out and counted.
///
/// # Errors
/// Temporary files that cannot be written.
pub fn judge_all<'a>(
    mut judge: Judge<'a>,
    feed: Feed,
    loudness: Loudness,
    until: Timestamp,
) -> Result<(Judge<'a>, InputReport, u64), Failure> {
    let gauge = Gauge::start(&feed.progress, loudness);
    let mut n_ahead = 0;
    for batch in &feed.batches {
        match judge_batch(&mut judge, &batch, until) {
            Ok(n) => n_ahead += n,
            Err(Stopped) => break,
        }
        // A full channel has buffers enough; this one is let go.
        let _ = feed.used.try_send(batch);
    }
    drop(feed.batches);
    let report = feed.handle.join().expect("the input does not panic");
    gauge.finish();
    let report = report.map_err(|error| {
        let todo = "then start it again";
        Failure::Storage(Advice::new(error.to_string(), todo))
    })?;
    Ok((judge, report, n_ahead))
}

/// Returns how many rows were left out.
fn judge_batch(judge: &mut Judge<'_>, batch: &Batch, until: Timestamp) -> Result<u64, Stopped> {
    for name in &batch.newcomers {
        judge.newcomer(name);
    }
    let in_time = |row: &Row<'_>| row.at().at <= until;
    let (mut ahead, mut rows) = (batch.rows(), batch.rows().filter(in_time));
    let mut n_judged = 0;
    loop {
        let warmth = ahead.by_ref().take(TOGETHER).fold(0_u32, |sum, row| sum ^ judge.warm(row));
        // Without this the compiler would see that nobody wants the sum.
        std::hint::black_box(warmth);
        let Some(first) = rows.next() else { return Ok(u64::from(batch.n_rows) - n_judged) };
        judge.row(first)?;
        n_judged += 1;
        for row in rows.by_ref().take(TOGETHER - 1) {
            judge.row(row)?;
            n_judged += 1;
        }
    }
}

fn open_outputs(wanted: &Wanted) -> Result<Outputs, Failure> {
    let open = |path: &Option<PathBuf>, name: &str| -> Result<Option<Lines>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let file = create(path)?;
        Lines::to(name, file).map(Some).map_err(|error| cannot_write(path, &error))
    };
    Ok(Outputs {
        verdicts: open(&wanted.verdicts, "verdicts")?,
        orders: open(&wanted.orders, "orders")?,
    })
}

fn close(outputs: Outputs, wanted: &Wanted) -> Result<(), Failure> {
    let files = [(outputs.verdicts, &wanted.verdicts), (outputs.orders, &wanted.orders)];
    for (lines, path) in files {
        if let (Some(lines), Some(path)) = (lines, path) {
            lines.finish().map_err(|error| cannot_write(path, &error))?;
        }
    }
    Ok(())
}

/// Files that are written when all is known.
struct Late {
    summary: Option<File>,
    html: Option<File>,
}

impl Late {
    fn open(wanted: &Wanted) -> Result<Late, Failure> {
        Ok(Late {
            summary: wanted.summary.as_deref().map(create).transpose()?,
            html: wanted.html.as_deref().map(create).transpose()?,
        })
    }

    fn write(
        self,
        tally: &Tally,
        run: &Run,
        speech: Speech,
        wanted: &Wanted,
    ) -> Result<(), Failure> {
        if let (Some(file), Some(path)) = (self.summary, &wanted.summary) {
            let mut out = BufWriter::new(file);
            summary::write(&mut out, tally, run, speech)
                .and_then(|()| out.flush())
                .map_err(|error| cannot_write(path, &error))?;
        }
        if let (Some(mut file), Some(path)) = (self.html, &wanted.html) {
            let page = html::render(tally, run, &Words::new(speech))
                .map_err(|error| cannot_write(path, &io::Error::other(error)))?;
            file.write_all(page.as_bytes()).map_err(|error| cannot_write(path, &error))?;
        }
        Ok(())
    }
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be written: {error}", path.display());
    Failure::Storage(Advice::new(what, "name a file in a folder that can be written and has room"))
}

/// What the run's report says beside the input: settings, and what the reader should know.
fn complete(run: &mut Run, setup: &Setup, lang: Lang) {
    run.currency = setup.currency;
    run.settings.clone_from(&setup.listed);
    for problem in &setup.problems {
        run.problem(problem.clone());
    }
    if setup.rates_are_approximate {
        run.warnings.push(match lang {
            Lang::En => {
                "Costs are by the approximate rates that ship with Sekimori; give your own \
                         with --rates."
                    .to_owned()
            }
            Lang::Ja => {
                "金額は同梱のおおよその料金表によります。実際の料金は --rates で指定してください。"
                    .to_owned()
            }
        });
    }
}

fn show(plan: &Plan, tally: &Tally, run: &Run, speech: Speech) -> Result<(), Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let text = match plan.wanted.shown {
        Shown::Json => {
            let mut text = Vec::new();
            summary::write(&mut text, tally, run, speech).expect("memory takes all");
            text
        }
        Shown::Report => {
            let asked = Asked {
                html: plan.wanted.html.is_some(),
                verdicts: plan.wanted.verdicts.is_some(),
            };
            let screen = Screen::of_stdout(variable);
            terminal::render(tally, run, &Words::new(speech), screen, asked).into_bytes()
        }
    };
    match io::stdout().write_all(&text) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(cannot_write(Path::new("standard output"), &error)),
        Ok(()) => Ok(()),
    }
}

/// Says on standard error what could not be read, where no report on the screen says so.
fn tell_problems(shown: Shown, run: &Run, words: &Words) {
    if shown == Shown::Report && io::stdout().is_terminal() {
        return;
    }
    let mut text = String::new();
    for problem in &run.problems {
        text.push_str(&format!("{}\n", terminal::say_problem(problem, words)));
    }
    let rest = run.n_problems - run.problems.len() as u64;
    if rest > 0 {
        text.push_str(&format!("{}\n", words.count("problem-more", rest)));
    }
    // Nobody listens where this fails.
    let _ = io::stderr().write_all(text.as_bytes());
}

fn nothing_read() -> Failure {
    let what = "no call record was found in what was given";
    let todo = "look at the reasons above; name the format with --format where it was not found";
    Failure::Records(Advice::new(what, todo).because("A replay without records says nothing."))
}
