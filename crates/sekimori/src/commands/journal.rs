//! `sekimori journal`: looks at the journal's files. It talks to no server and may run beside one.

use crate::client::args::OutputArgs;
use crate::client::{Mood, Page, show};
use crate::config::serve::state_directory;
use crate::failure::{Advice, Failure};
use crate::report::words::{Gap, clean_line, grouped};
use clap::{Args as ClapArgs, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sekimori_journal::{Hash, Known, OpenError, Problem, Progress, Report, VerifyError, verify};
use serde_json::json;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub(super) enum Journal {
    Verify(Verify),
    Export(Box<super::export::Export>),
}

/// Look whether every record is there and is what was written.
///
/// Walks the journal from its signed beginning to its signed head and says where it is not what
/// was written: a record changed, removed, moved, added, or the end cut off. May run beside a
/// server.
///
/// Whoever can write to the state directory could replace the whole journal and its key. Note the
/// key and the last record elsewhere, as this prints them, and give them the next time: then
/// that shows as well.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// The state directory [default: the platform's].
    #[arg(long, value_name = "DIR", env = "SEKIMORI_STATE")]
    state: Option<PathBuf>,

    /// The public key, as it was noted when the journal was new: 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = key_of)]
    public_key: Option<[u8; 32]>,

    /// A record that was noted once: its number, a colon, its hash.
    #[arg(long, value_name = "SEQ:HASH", value_parser = record_of)]
    record: Option<(u64, Hash)>,

    /// Show no progress on standard error.
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori journal verify
  sekimori journal verify --state /srv/sekimori --json
  sekimori journal verify --public-key 9f86d0… --record 81723:a1b2c3…
      against what was noted elsewhere

Exit status: 0 every record is what was written; 1 something is wrong, and where; 2 usage, or there
is no journal to look at.";

pub(super) fn run(command: &Journal) -> Result<(), Failure> {
    let args = match command {
        Journal::Export(args) => return super::export::run(args),
        Journal::Verify(args) => args,
    };
    let state = state_directory(args.state.as_deref())?;
    let known = Known { public_key: args.public_key, record: args.record };
    let gauge = gauge(args);
    let walked = verify(&state, &known, &mut |at: Progress| {
        gauge.set_length(at.head);
        gauge.set_position(at.seq);
    });
    gauge.finish_and_clear();
    let report = walked.map_err(|error| not_looked_at(&error))?;
    tell(&state, &report, args)?;
    match &report.problem {
        None => Ok(()),
        Some(problem) => Err(wrong(&state, problem)),
    }
}

fn gauge(args: &Verify) -> ProgressBar {
    let is_wanted = !args.quiet && std::io::stderr().is_terminal();
    let target =
        if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = "{bar:30} {percent:>3}%  {human_pos} / {human_len}  {eta}";
    let style = ProgressStyle::with_template(style).expect("the template is tested");
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

fn tell(state: &Path, report: &Report, args: &Verify) -> Result<(), Failure> {
    if args.output.json {
        return show::print(&json(report).to_string());
    }
    let mut page = Page::new(args.output.lang()?);
    fill(state, report, &mut page);
    show::print(&page.finish())
}

fn fill(state: &Path, report: &Report, page: &mut Page) {
    let (seq, hash) = report.last;
    let count = grouped(report.n_records);
    let gaps = [("n", Gap::Number(report.n_records)), ("count", Gap::Text(&count))];
    match &report.problem {
        None => {
            let sound = page.words().say("journal-sound", &gaps);
            page.heading(Mood::Done, &sound);
        }
        Some(problem) => {
            let what =
                page.words().text(&format!("journal-{}", problem.what.word().replace('_', "-")));
            let at = grouped(problem.seq);
            let gaps = [("what", what.as_str()), ("seq", at.as_str())];
            page.heading(Mood::Alarm, &page.say("journal-wrong", &gaps));
            page.facts(&[("label-because", clean_line(&problem.why))]);
        }
    }
    let removed = match report.removed_up_to {
        0 => String::new(),
        seq => page.say("journal-removed-up-to", &[("seq", &grouped(seq))]),
    };
    page.facts(&[
        ("label-journal", page.say("as-said", &[("text", &state.display().to_string())])),
        ("label-sound-records", count.clone()),
        ("label-retention", removed),
        ("label-last-record", format!("{seq}:{hash}")),
        ("label-public-key", hex(&report.public_key)),
    ]);
    if report.problem.is_none() {
        page.gap();
        page.paragraph(&page.words().text("journal-note"));
    }
}

fn json(report: &Report) -> serde_json::Value {
    let problem = report.problem.as_ref().map(
        |problem| json!({ "what": problem.what.word(), "seq": problem.seq, "why": problem.why }),
    );
    json!({
        "sound": report.problem.is_none(),
        "records": report.n_records,
        "last": { "seq": report.last.0, "hash": report.last.1.to_string() },
        "removed_up_to": report.removed_up_to,
        "public_key": hex(&report.public_key),
        "problem": problem,
    })
}

fn wrong(state: &Path, problem: &Problem) -> Failure {
    let what = format!(
        "the journal in {} is not what was written, from record {} on",
        state.display(),
        problem.seq
    );
    let todo = "keep a copy of the directory as it is, find out who can write to it, and put a \
                sound copy in its place";
    Failure::Journal(Advice::new(what, todo))
}

/// Damage that keeps the journal from being opened is found damage as well.
fn not_looked_at(error: &VerifyError) -> Failure {
    let todo = "name the state directory of `sekimori serve` with --state";
    match error {
        VerifyError::Open(OpenError::Damaged { .. } | OpenError::Key { .. }) => {
            let todo = "keep a copy of the directory as it is, and put a sound one in its place";
            Failure::Journal(Advice::new(error.to_string(), todo))
        }
        VerifyError::Open(_) | VerifyError::Read(_) => {
            Failure::Usage(Advice::new(error.to_string(), todo))
        }
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

fn key_of(text: &str) -> Result<[u8; 32], String> {
    let read = blake3::Hash::from_hex(text.trim());
    read.map(|hash| *hash.as_bytes()).map_err(|_| "64 hexadecimal digits are wanted".to_owned())
}

fn record_of(text: &str) -> Result<(u64, Hash), String> {
    let read = text
        .split_once(':')
        .and_then(|(seq, hash)| Some((seq.trim().parse().ok()?, Hash::parse(hash.trim())?)));
    read.ok_or_else(|| "a number, a colon and 64 hexadecimal digits are wanted".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use jiff::tz::TimeZone;
    use sekimori_journal::What;

    const HASH: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    fn told(problem: Option<Problem>, lang: Lang) -> String {
        let last = record_of(&format!("81723:{HASH}")).expect("a record");
        let report = Report {
            n_records: 81_723,
            last,
            removed_up_to: 0,
            public_key: key_of(HASH).expect("a key"),
            problem,
        };
        let screen = Screen { width: 100, colour: Colour::None };
        let mut page = Page::on(screen, lang, TimeZone::UTC);
        fill(Path::new("/srv/sekimori"), &report, &mut page);
        page.finish()
    }

    #[test]
    fn a_sound_journal_is_told_with_what_to_note() {
        let text = told(None, Lang::En);
        assert!(
            text.contains("81,723 records") && text.contains(&format!("81723:{HASH}")),
            "{text}"
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_where_in_both_languages() {
        let all = [
            What::Changed,
            What::Removed,
            What::Reordered,
            What::CutOff,
            What::Added,
            What::BadSignature,
        ];
        for what in all {
            for lang in [Lang::En, Lang::Ja] {
                let problem = Problem { what, seq: 4_711, why: "it is not".to_owned() };
                let text = told(Some(problem), lang);
                assert!(text.contains("4,711") && text.contains("it is not"), "{text}");
            }
        }
    }

    #[test]
    fn what_was_noted_elsewhere_is_read_back() {
        assert!(record_of("4711").is_err() && record_of("x:00").is_err() && key_of("00").is_err());
        let verify = Verify {
            state: None,
            public_key: None,
            record: None,
            quiet: false,
            output: OutputArgs { json: false, lang: None },
        };
        drop(gauge(&verify));
    }
}
