//! `sekimori replay`: the command line of it, and the steps in their order.

use crate::config::serve::{Said, settle};
use crate::config::{self, Overrides, Setup};
use crate::failure::{Advice, Failure};
use crate::replay::feed::InputOptions;
use crate::replay::gauge::Loudness;
use crate::replay::order::{OrderChoice, RowOrder};
use crate::replay::pipeline::{self, Plan, Shown, Wanted};
use crate::replay::source::{Origin, Reading};
use crate::report::words::{Currency, Lang};
use clap::{Args as ClapArgs, ValueEnum};
use sekimori_switches::records::{Format, Options, UnknownAccountFrom};
use std::path::{Path, PathBuf};

/// Runs recorded calls through the engine that guards live calls, in the order in which they
/// happened, and reports what would have been refused, what that would have saved, and which
/// honest calls would have been in the way.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Call records; `-` is standard input. Formats and compression (gzip, zstd) are found by
    /// themselves.
    #[arg(value_name = "FILE", required_unless_present = "journal")]
    pub files: Vec<PathBuf>,

    /// Judge the journal of `sekimori serve` again with today's settings instead of call records:
    /// its state directory, or the journal's file in it. May run beside the server.
    #[arg(long, value_name = "DIR|FILE", conflicts_with_all = ["files", "registrations"], help_heading = "Records")]
    pub journal: Option<PathBuf>,

    /// Registrations and sign-ins, as CSV: at,account,line,source_ip,user_agent,outcome.
    #[arg(long, value_name = "FILE", help_heading = "Records")]
    pub registrations: Vec<PathBuf>,

    /// The records' format, where it is not found by itself: generic, asterisk, asterisk-custom,
    /// freeswitch, kamailio, cisco, parquet.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    pub format: Option<String>,

    /// The columns of a format that its own configuration decides: a cdr_custom pattern, a
    /// mod_cdr_csv template, or a list of column names.
    #[arg(long, value_name = "LIST", help_heading = "Records")]
    pub layout: Option<String>,

    /// In which order the rows stand.
    #[arg(long, value_enum, default_value_t = Order::Auto, help_heading = "Records")]
    pub order: Order,

    /// Whose account a record is: default, column:NAME, channel, trunk, or fixed:NAME.
    #[arg(long, value_name = "WAY", default_value = "default", help_heading = "Records")]
    pub account_from: String,

    /// Time zone of records that do not say theirs, and of accounts without a calendar of their
    /// own, such as Asia/Tokyo.
    #[arg(long, value_name = "ZONE", help_heading = "Records")]
    pub zone: Option<String>,

    /// Settings; `sekimori config defaults` prints all of them.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,

    /// Home country, by whose numbering plan numbers are dialled [default: JP].
    #[arg(long, value_name = "COUNTRY", help_heading = "Settings")]
    pub home: Option<String>,

    /// Rate deck, as CSV: prefix,name,price_per_minute,increment_seconds,setup_price. Without
    /// it the approximate deck that ships is used.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub rates: Option<PathBuf>,

    /// Currency of the rate deck and of every amount, by its ISO code [default: JPY].
    #[arg(long, value_name = "CODE", help_heading = "Settings")]
    pub currency: Option<String>,

    /// Known bad numbers and ranges, as CSV: prefix,kind,source,seen_at.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub numbers: Vec<PathBuf>,

    /// Whether the door can ask a caller to prove themself [default: yes].
    #[arg(long, value_enum, value_name = "YES|NO", help_heading = "Settings")]
    pub challenge: Option<YesNo>,

    /// Write a verdict for each call, one JSON object on a line.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub verdicts: Option<PathBuf>,

    /// Write what would have been ordered, one JSON object on a line.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub orders: Option<PathBuf>,

    /// Write the sums and the incidents, one JSON object.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub summary: Option<PathBuf>,

    /// Write the report as a page with charts that stands on its own.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,

    /// Print the summary as JSON instead of the report.
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Language of the report and of reasons: en or ja [default: the locale's].
    #[arg(long, value_name = "LANG", help_heading = "Output")]
    pub lang: Option<String>,

    /// Threads to work with. A replay reads on one, judges on one, and writes each output on one;
    /// the result is the same with any number.
    #[arg(long, value_name = "N", help_heading = "Run", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Say on standard error which settings are in force, and what was read.
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Run")]
    pub verbose: bool,

    /// Show no progress on standard error.
    #[arg(short, long, help_heading = "Run")]
    pub quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  sekimori replay /var/log/asterisk/cdr-csv/Master.csv --zone Asia/Tokyo
      what would have been stopped, by a PBX's own records

  sekimori replay calls.csv.gz --rates our-rates.csv --html report.html
      in our own prices, with a page to show to others

  zcat 2015-*.csv.gz | sekimori replay - --verdicts verdicts.jsonl --summary summary.json
      for programs: one line for each call, and the sums

Exit status: 0 done; 1 nothing could be read; 2 usage, configuration or output.";

/// The order of rows in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// Found by itself.
    Auto,
    /// By the attempt.
    Start,
    /// By the end, as PBXs write them.
    End,
    /// Neither: all of it is sorted first, through temporary files.
    Any,
}

/// A question's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum YesNo {
    /// It can.
    Yes,
    /// It cannot.
    No,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(journal) = &args.journal {
        return run_journal(args, journal);
    }
    let setup = config::load(args.config.as_deref(), &overrides(args)?)?;
    let plan = plan(args, &setup)?;
    outputs_apart(&plan)?;
    pipeline::run(&plan, &setup)
}

fn run_journal(args: &Args, journal: &Path) -> Result<(), Failure> {
    let folder = if journal.is_file() { journal.parent() } else { Some(journal) };
    let state = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let said = Said {
        config: args.config.clone(),
        state: Some(state.to_owned()),
        overrides: overrides(args)?,
        ..Said::default()
    };
    let settled = settle(&said)?;
    let plan = plan(args, &settled.setup)?;
    outputs_apart(&plan)?;
    pipeline::run_journal(&plan, settled)
}

fn plan(args: &Args, setup: &Setup) -> Result<Plan, Failure> {
    let format = match args.format.as_deref() {
        None => None,
        Some(name) => Some(name.parse::<Format>().map_err(|e| usage(&e, "see --format"))?),
    };
    let account_from = args
        .account_from
        .parse()
        .map_err(|e: UnknownAccountFrom| usage(&e, "see --account-from"))?;
    let options = Options { account_from, zone: setup.zone.clone(), layout: args.layout.clone() };
    let input = InputOptions {
        calls: args.files.iter().map(|path| origin(path)).collect(),
        registrations: args.registrations.iter().map(|path| origin(path)).collect(),
        reading: Reading { format, options, order: order_choice(args.order) },
        ..InputOptions::default()
    };
    let loudness = match (args.quiet, args.verbose) {
        (true, _) => Loudness::Quiet,
        (false, false) => Loudness::Normal,
        (false, true) => Loudness::Verbose,
    };
    let wanted = Wanted {
        verdicts: args.verdicts.clone(),
        orders: args.orders.clone(),
        summary: args.summary.clone(),
        html: args.html.clone(),
        shown: if args.json { Shown::Json } else { Shown::Report },
    };
    Ok(Plan { input, wanted, lang: lang(args.lang.as_deref())?, loudness })
}

/// What the reader is told of the rows' order.
pub(super) fn order_choice(order: Order) -> OrderChoice {
    match order {
        Order::Auto => OrderChoice::Found,
        Order::Start => OrderChoice::Known(RowOrder::Start),
        Order::End => OrderChoice::Known(RowOrder::End),
        Order::Any => OrderChoice::Known(RowOrder::Any),
    }
}

pub(super) fn origin(path: &Path) -> Origin {
    if path == Path::new("-") { Origin::StandardInput } else { Origin::Path(path.to_owned()) }
}

pub(super) fn usage(error: &dyn std::error::Error, todo: &str) -> Failure {
    Failure::Usage(Advice::new(error.to_string(), todo))
}

/// An output must not be an input, nor another output: writing would destroy it.
fn outputs_apart(plan: &Plan) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let inputs = plan.input.calls.iter().chain(&plan.input.registrations);
    let mut taken: Vec<PathBuf> = inputs
        .filter_map(|origin| match origin {
            Origin::Path(path) => Some(real(path)),
            Origin::StandardInput => None,
        })
        .collect();
    let Wanted { verdicts, orders, summary, html, .. } = &plan.wanted;
    for path in [verdicts, orders, summary, html].into_iter().flatten() {
        let whole = real(path);
        let is_file = !whole.exists() || whole.is_file();
        if is_file && taken.contains(&whole) {
            let what = format!("{} is named twice, once to be written", path.display());
            return Err(Failure::Usage(Advice::new(what, "name another file for it")));
        }
        taken.push(whole);
    }
    Ok(())
}

fn overrides(args: &Args) -> Result<Overrides, Failure> {
    let currency = match args.currency.as_deref() {
        None => None,
        Some(code) => Some(Currency::parse(code).ok_or_else(|| {
            let what = format!("\"{code}\" is no currency");
            Failure::Usage(Advice::new(what, "give the ISO 4217 code, such as --currency JPY"))
        })?),
    };
    Ok(Overrides {
        home: args.home.clone(),
        currency,
        challenge: args.challenge.map(|answer| answer == YesNo::Yes),
        rates: args.rates.clone(),
        numbers: args.numbers.clone(),
        zone: args.zone.clone(),
    })
}

pub(super) fn lang(named: Option<&str>) -> Result<Lang, Failure> {
    let Some(text) = named else {
        return Ok(Lang::of_locale(|name| std::env::var(name).ok()));
    };
    let unknown = || {
        let what = format!("there are no words for --lang {text}");
        Failure::Usage(Advice::new(what, "say en for English or ja for Japanese"))
    };
    Lang::parse(text).ok_or_else(unknown)
}
