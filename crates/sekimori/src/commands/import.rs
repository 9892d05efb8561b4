//! `sekimori import`: the command line of it. What it then does is `import/`'s.

use super::replay::{Order, lang, order_choice, origin, usage};
use crate::config::Overrides;
use crate::config::serve::{Said, settle};
use crate::failure::{Advice, Failure};
use crate::import::{self, Plan};
use crate::replay::feed::InputOptions;
use crate::replay::gauge::Loudness;
use crate::replay::pipeline::Shown;
use crate::replay::source::Reading;
use crate::report::words::Currency;
use crate::serve::shard::past::Known;
use clap::Args as ClapArgs;
use sekimori_switches::records::{Format, Options, UnknownAccountFrom};
use std::path::PathBuf;

/// Teaches accounts' habits from past call records, so that the first day of guarding live calls
/// is not a cold start.
///
/// Reads what `sekimori replay` reads, and judges it in the same way: calls that would have been
/// stopped teach nothing. Runs while no server does on that state directory. An account that has
/// calls of its own on record there is left as it is.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Call records; `-` is standard input. Formats and compression (gzip, zstd) are found by
    /// themselves.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Registrations and sign-ins, as CSV: at,account,line,source_ip,user_agent,outcome.
    #[arg(long, value_name = "FILE", help_heading = "Records")]
    registrations: Vec<PathBuf>,

    /// The records' format, where it is not found by itself: generic, asterisk, asterisk-custom,
    /// freeswitch, kamailio, cisco, parquet.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    format: Option<String>,

    /// The columns of a format that its own configuration decides.
    #[arg(long, value_name = "LIST", help_heading = "Records")]
    layout: Option<String>,

    /// In which order the rows stand.
    #[arg(long, value_enum, default_value_t = Order::Auto, help_heading = "Records")]
    order: Order,

    /// Whose account a record is: default, column:NAME, channel, trunk, or fixed:NAME. It has to
    /// be the account that switches will ask about.
    #[arg(long, value_name = "WAY", default_value = "default", help_heading = "Records")]
    account_from: String,

    /// Replace the habits of accounts that have calls of their own on record. Their stops, money
    /// at risk and running calls stay; one with an open incident is left as it is.
    #[arg(long, help_heading = "State")]
    again: bool,

    /// The state directory of `sekimori serve` [default: the platform's].
    #[arg(long, value_name = "DIR", env = "SEKIMORI_STATE", help_heading = "State")]
    state: Option<PathBuf>,

    /// Who does it, for the record [default: the name of this user].
    #[arg(long, value_name = "NAME", help_heading = "State")]
    by: Option<String>,

    /// Settings, the server's own; `sekimori config defaults` prints all of them.
    #[arg(long, value_name = "FILE", env = "SEKIMORI_CONFIG", help_heading = "Settings")]
    config: Option<PathBuf>,

    /// Home country, by whose numbering plan numbers are dialled [default: JP].
    #[arg(long, value_name = "COUNTRY", env = "SEKIMORI_HOME", help_heading = "Settings")]
    home: Option<String>,

    /// Rate deck, as CSV: prefix,name,price_per_minute,increment_seconds,setup_price.
    #[arg(long, value_name = "FILE", env = "SEKIMORI_RATES", help_heading = "Settings")]
    rates: Option<PathBuf>,

    /// Currency of the rate deck and of every amount, by its ISO code [default: JPY].
    #[arg(long, value_name = "CODE", env = "SEKIMORI_CURRENCY", help_heading = "Settings")]
    currency: Option<String>,

    /// Time zone of records that do not say theirs, and of accounts without a calendar of their
    /// own, such as Asia/Tokyo.
    #[arg(long, value_name = "ZONE", env = "SEKIMORI_ZONE", help_heading = "Settings")]
    zone: Option<String>,

    /// Print what was done as JSON instead of the report.
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Language of the report: en or ja [default: the locale's].
    #[arg(long, value_name = "LANG", help_heading = "Output")]
    lang: Option<String>,

    /// Show no progress on standard error.
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  sekimori import /var/log/asterisk/cdr-csv/Master.csv --zone Asia/Tokyo
      what a PBX has called so far, before its first question

  sekimori import 2025-*.csv.gz --state /var/lib/sekimori --config /etc/sekimori/sekimori.toml
      into the state of the server that runs with that configuration

Exit status: 0 done; 1 nothing could be read; 2 usage, configuration, or the state directory.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let settled = settle(&said(args)?)?;
    let plan = plan(args, settled.setup.zone.clone())?;
    import::run(&plan, settled)
}

fn said(args: &Args) -> Result<Said, Failure> {
    let currency = args.currency.as_deref().map(|code| {
        Currency::parse(code).ok_or_else(|| {
            let what = format!("\"{code}\" is no currency");
            Failure::Usage(Advice::new(what, "give the ISO 4217 code, such as --currency JPY"))
        })
    });
    let overrides = Overrides {
        home: args.home.clone(),
        currency: currency.transpose()?,
        rates: args.rates.clone(),
        zone: args.zone.clone(),
        ..Overrides::default()
    };
    let (config, state) = (args.config.clone(), args.state.clone());
    Ok(Said { config, state, overrides, ..Said::default() })
}

fn plan(args: &Args, zone: jiff::tz::TimeZone) -> Result<Plan, Failure> {
    let format = match args.format.as_deref() {
        None => None,
        Some(name) => Some(name.parse::<Format>().map_err(|e| usage(&e, "see --format"))?),
    };
    let account_from = args
        .account_from
        .parse()
        .map_err(|e: UnknownAccountFrom| usage(&e, "see --account-from"))?;
    let options = Options { account_from, zone, layout: args.layout.clone() };
    let input = InputOptions {
        calls: args.files.iter().map(|path| origin(path)).collect(),
        registrations: args.registrations.iter().map(|path| origin(path)).collect(),
        reading: Reading { format, options, order: order_choice(args.order) },
        ..InputOptions::default()
    };
    Ok(Plan {
        input,
        by: args.by.clone().unwrap_or_else(this_user),
        known: if args.again { Known::TeachAgain } else { Known::LeaveAlone },
        lang: lang(args.lang.as_deref())?,
        loudness: if args.quiet { Loudness::Quiet } else { Loudness::Normal },
        shown: if args.json { Shown::Json } else { Shown::Report },
    })
}

/// The name of whoever runs this.
pub(super) fn this_user() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.unwrap_or_else(|| format!("uid {}", nix::unistd::geteuid()))
}
