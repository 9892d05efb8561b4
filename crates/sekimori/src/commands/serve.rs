//! `sekimori serve`: the command line of it. What the server then does is `serve/`'s.

use crate::config::Overrides;
use crate::config::serve::{Said, settle};
use crate::failure::{Advice, Failure};
use crate::report::words::Currency;
use crate::serve::settled::LogFormat;
use crate::serve::start;
use clap::Args as ClapArgs;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Guards live calls: switches ask before they let a call out, by SIP, HTTP or FastAGI, and a
/// stop is in force within a second.
///
/// Needs no configuration. Prints one line on standard output once it answers; its log goes to
/// standard error. What the command line says counts more than the environment, that more than
/// the file. SIGHUP reads the settings again; SIGTERM and SIGINT end it in an orderly way.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Settings; `sekimori config defaults` prints all of them.
    #[arg(long, value_name = "FILE", env = "SEKIMORI_CONFIG", help_heading = "Settings")]
    pub config: Option<PathBuf>,

    /// Where the journal and the operator's token are kept [default: the platform's state
    /// directory].
    #[arg(long, value_name = "DIR", env = "SEKIMORI_STATE", help_heading = "Settings")]
    pub state: Option<PathBuf>,

    /// Rate deck, as CSV: prefix,name,price_per_minute,increment_seconds,setup_price. Without
    /// it the approximate deck that ships is used.
    #[arg(long, value_name = "FILE", env = "SEKIMORI_RATES", help_heading = "Settings")]
    pub rates: Option<PathBuf>,

    /// Home country, by whose numbering plan numbers are dialled [default: JP].
    #[arg(long, value_name = "COUNTRY", env = "SEKIMORI_HOME", help_heading = "Settings")]
    pub home: Option<String>,

    /// Currency of the rate deck and of every amount, by its ISO code [default: JPY].
    #[arg(long, value_name = "CODE", env = "SEKIMORI_CURRENCY", help_heading = "Settings")]
    pub currency: Option<String>,

    /// Time zone of accounts without a calendar of their own, such as Asia/Tokyo.
    #[arg(long, value_name = "ZONE", env = "SEKIMORI_ZONE", help_heading = "Settings")]
    pub zone: Option<String>,

    /// Where switches ask by SIP, over UDP and TCP [default: 127.0.0.1:5070].
    #[arg(long, value_name = "ADDR", env = "SEKIMORI_SIP", help_heading = "Doors")]
    pub sip: Option<SocketAddr>,

    /// Where the API, the console and /metrics are [default: 127.0.0.1:8740].
    #[arg(long, value_name = "ADDR", env = "SEKIMORI_HTTP", help_heading = "Doors")]
    pub http: Option<SocketAddr>,

    /// Where Asterisk asks by FastAGI [default: 127.0.0.1:4573].
    #[arg(long, value_name = "ADDR", env = "SEKIMORI_AGI", help_heading = "Doors")]
    pub agi: Option<SocketAddr>,

    /// Threads that own accounts; one answers tens of thousands of attempts a second
    /// [default: 1].
    #[arg(long, value_name = "N", env = "SEKIMORI_SHARDS", help_heading = "Run")]
    pub shards: Option<usize>,

    /// The log's format [default: text].
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        env = "SEKIMORI_LOG_FORMAT",
        help_heading = "Run"
    )]
    pub log: Option<LogFormat>,

    /// Which lines the log has: a level (error, warn, info, debug), or PART=LEVEL, with commas
    /// between [default: info].
    #[arg(long, value_name = "FILTER", env = "SEKIMORI_LOG", help_heading = "Run")]
    pub log_filter: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  sekimori serve
      for the switches of this machine, with everything by default

  sekimori serve --config /etc/sekimori/sekimori.toml --log json
      by a file of settings, with a log for programs

  sekimori config defaults > sekimori.toml
      every setting with its default and its meaning, to start from

  SEKIMORI_STATE=/tmp/guard sekimori serve --sip 127.0.0.1:0 --http 127.0.0.1:0 --agi 127.0.0.1:0
      one to try things with: whichever ports are free, named in the line that it prints

Exit status: 0 ended in an orderly way; 2 usage or configuration; 3 an address or the state
directory cannot be used: trying again may help.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let said = said(args)?;
    start::run(settle(&said)?, || settle(&said))
}

fn said(args: &Args) -> Result<Said, Failure> {
    let currency = args.currency.as_deref().map(|code| {
        Currency::parse(code).ok_or_else(|| {
            let what = format!("\"{code}\" is no currency");
            Failure::Usage(Advice::new(what, "give the ISO 4217 code, such as --currency JPY"))
        })
    });
    Ok(Said {
        config: args.config.clone(),
        state: args.state.clone(),
        sip: args.sip,
        http: args.http,
        agi: args.agi,
        shards: args.shards,
        log: args.log,
        log_filter: args.log_filter.clone(),
        overrides: Overrides {
            home: args.home.clone(),
            currency: currency.transpose()?,
            challenge: None,
            rates: args.rates.clone(),
            numbers: Vec::new(),
            zone: args.zone.clone(),
        },
    })
}
