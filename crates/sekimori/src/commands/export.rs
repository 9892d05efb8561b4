//! `sekimori journal export`: the command line of it. What it then does is `export/`'s.

use crate::client::args::{ByArgs, NumbersArgs};
use crate::config::serve::state_directory;
use crate::export::{self, Format, Plan, Recorded};
use crate::failure::{Advice, Failure};
use crate::report::words::{Currency, Gap, Speech, Visibility, Words, grouped};
use clap::Args as ClapArgs;
use sekimori_atlas::rfc3339;
use sekimori_atlas::time::Timestamp;
use std::path::PathBuf;

/// Write the journal's records out: one JSON object a line, or a Parquet table.
///
/// Events come in the contract's words, findings as sentences, money as decimal strings. The first
/// line (Parquet: the metadata `sekimori_export`) says what it contains: span, fields, whether
/// numbers are masked, and the journal's head at the time. May run beside a server.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {
    /// The file to write; `-` is standard output, for JSON lines.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// As what.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,

    /// Only records from this moment on (RFC 3339).
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    from: Option<Timestamp>,

    /// Only records before this moment (RFC 3339).
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    to: Option<Timestamp>,

    /// Only records of this account.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// Only records of this kind: stop, order, incident_opened …, or attempted, answered, ended …
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// The state directory [default: the platform's].
    #[arg(long, value_name = "DIR", env = "SEKIMORI_STATE")]
    state: Option<PathBuf>,

    /// Currency of every amount, by its ISO code: the server's [default: JPY].
    #[arg(long, value_name = "CODE", env = "SEKIMORI_CURRENCY")]
    currency: Option<String>,

    /// Language of reasons and of what is said here: en or ja [default: the locale's].
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,

    #[command(flatten)]
    numbers: NumbersArgs,

    #[command(flatten)]
    by: ByArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori journal export --out journal.jsonl
  sekimori journal export --format parquet --out march.parquet --from 2026-03-01T00:00:00+09:00
  sekimori journal export --out - --account acme --kind attempted | jq .verdict
  sekimori journal export --out bill.jsonl --unmasked --reason \"the carrier's bill of March\"";

pub(super) fn run(args: &Export) -> Result<(), Failure> {
    let currency = match args.currency.as_deref() {
        None => Currency::default(),
        Some(code) => Currency::parse(code).ok_or_else(|| {
            let what = format!("\"{code}\" is no currency");
            Failure::Usage(Advice::new(what, "give the ISO 4217 code, such as --currency JPY"))
        })?,
    };
    let is_whole = args.numbers.whole;
    let speech = Speech {
        lang: super::replay::lang(args.lang.as_deref())?,
        currency,
        numbers: if is_whole { Visibility::Whole } else { Visibility::Masked },
    };
    let plan = Plan {
        state: state_directory(args.state.as_deref())?,
        from: args.from,
        to: args.to,
        account: args.account.clone(),
        kind: args.kind.clone(),
        format: args.format,
        out: args.out.clone(),
        speech,
        by: args.by.by.clone().unwrap_or_else(super::import::this_user),
        why: args.numbers.reason.clone().unwrap_or_default(),
    };
    let exported = export::run(&plan)?;
    let words = Words::new(speech);
    // Standard output may be the export's.
    eprintln!("{}", words.count("export-done", exported.n_records));
    if exported.n_odd > 0 {
        eprintln!("{}", words.count("export-odd", exported.n_odd));
    }
    if exported.recorded == Recorded::No {
        let count = grouped(exported.n_records);
        eprintln!("{}", words.say("export-not-recorded", &[("count", Gap::Text(&count))]));
    }
    Ok(())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let read = rfc3339::parse(text.as_bytes()).map(|moment| moment.at);
    read.ok_or_else(|| "a moment such as 2026-03-13T23:10:04+09:00 is wanted".to_owned())
}
