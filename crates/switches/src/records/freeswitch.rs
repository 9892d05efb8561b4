//! FreeSWITCH's `mod_cdr_csv`: rows as a template writes them, the product's own templates known
//! by name.
//!
//! Values are not escaped there, and some templates put a space before a quotation mark. The
//! account is the PBX (`pbx`) unless said otherwise: `accountcode` is an extension's in the
//! product's example. Rules and rows: `casebook/switches/freeswitch.md`.

use super::cells::Row;
use super::clock::Clock;
use super::names::Waiting;
use super::options::{AccountFrom, Options};
use super::rows::raw_cells;
use super::{CallRecord, Decoded, Direction, Sink, Why, is_outside, or_default};
use sekimori_atlas::rfc3339::{self, Rfc3339};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::Disposition;

/// Legs whose other leg may still come in a row of its own.
const PAIRS_MAX: usize = 4_096;
/// The account where nothing names one.
const ACCOUNT: &str = "pbx";

/// What every template of the product except two begins with.
const BASE: &str = "caller_id_name,caller_id_number,destination_number,context,start_stamp,\
    answer_stamp,end_stamp,duration,billsec,hangup_cause,uuid,bleg_uuid,accountcode";
const EXAMPLE: &str = "read_codec,write_codec";
const SNOM: &str = "read_codec,write_codec,sip_user_agent,call_clientcode,sip_rtp_rxstat,\
    sip_rtp_txstat,sofia_record_file";
const LINKSYS: &str = "read_codec,write_codec,sip_user_agent,sip_p_rtp_stat";
const ASTERISK: &str = "accountcode,caller_id_number,destination_number,context,caller_id,\
    channel_name,bridge_channel,last_app,last_arg,start_stamp,answer_stamp,end_stamp,duration,\
    billsec,hangup_cause,amaflags,uuid,userfield";
const OPENCDRRATE: &str = "uuid,signal_bond,direction,ani,destination_number,answer_stamp,\
    end_stamp,billsec,accountcode,userfield,network_addr,original_caller_id_name,sip_gateway_name";

/// The columns that are used; several names for one thing stand together.
const USED: [&[&str]; 18] = [
    &["caller_id_number", "ani"],
    &["destination_number"],
    &["context"],
    &["start_stamp", "start_epoch"],
    &["answer_stamp", "answer_epoch"],
    &["end_stamp", "end_epoch"],
    &["duration"],
    &["billsec"],
    &["hangup_cause"],
    &["uuid"],
    &["bleg_uuid"],
    &["accountcode"],
    &["sip_user_agent"],
    &["network_addr", "sip_network_ip", "sip_received_ip"],
    &["sip_gateway_name", "sip_gateway"],
    &["bridge_channel"],
    &["last_arg"],
    &["direction", "call_direction"],
];
const START: usize = 3;
const ANSWER: usize = 4;
const ABSENT: usize = usize::MAX;

/// Which columns stand where.
#[derive(Debug)]
pub(super) struct Layout {
    at: [usize; USED.len()],
    account: usize,
    /// Cells that a row must have; more may follow.
    n_cells: usize,
}

impl Layout {
    /// The layout that `options` ask for, or the one that a first row shows.
    ///
    /// # Errors
    /// [`Why::MissingColumns`].
    pub(super) fn of(first: &Row<'_>, options: &Options) -> Result<(Layout, HeaderRow), Why> {
        let header: Vec<&str> = (0..first.len()).map(|n| bare(first.get(n))).collect();
        if options.layout.is_none() && header.contains(&"destination_number") {
            return Ok((Layout::named(&header, &options.account_from)?, HeaderRow::Yes));
        }
        let names = match options.layout.as_deref() {
            Some("sql") => BASE.to_owned(),
            Some("example") => format!("{BASE},{EXAMPLE}"),
            Some("snom") => format!("{BASE},{SNOM}"),
            Some("linksys") => format!("{BASE},{LINKSYS}"),
            Some("asterisk") => ASTERISK.to_owned(),
            Some("opencdrrate") => OPENCDRRATE.to_owned(),
            Some(other) => other.to_owned(),
            None if rfc3339::parse_local(bare(first.get(9)).as_bytes()).is_some() => {
                ASTERISK.to_owned()
            }
            None => BASE.to_owned(),
        };
        let names = template_names(&names);
        Ok((Layout::named(&names, &options.account_from)?, HeaderRow::No))
    }

    fn named(names: &[&str], account_from: &AccountFrom) -> Result<Layout, Why> {
        let find = |name: &str| names.iter().position(|n| *n == name);
        let at = USED.map(|known| known.iter().find_map(|name| find(name)).unwrap_or(ABSENT));
        let mut missing = Vec::new();
        for needed in ["destination_number", "end_stamp"] {
            if USED.iter().zip(at).any(|(names, at)| names.contains(&needed) && at == ABSENT) {
                missing.push(needed);
            }
        }
        if at[START] == ABSENT && at[ANSWER] == ABSENT {
            missing.push("start_stamp");
        }
        let account = match account_from {
            AccountFrom::Column(name) => find(name).unwrap_or(ABSENT),
            _ => ABSENT,
        };
        if let AccountFrom::Column(name) = account_from
            && account == ABSENT
        {
            missing.push(name);
        }
        if !missing.is_empty() {
            return Err(Why::missing(&missing, &names.join(", ")));
        }
        Ok(Layout { at, account, n_cells: names.len() })
    }
}

/// Whether the first row is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRow {
    Yes,
    No,
}

/// The names in a template (`"${caller_id_name}","${uuid}"`, an `INSERT` around it or not) or
/// in a plain list.
fn template_names(template: &str) -> Vec<&str> {
    let inside = template.split_once("VALUES (").map_or(template, |(_, inside)| inside);
    let inside = inside.trim_end_matches([';', ')', ' ']);
    inside
        .split(',')
        .map(|part| bare(part).trim_start_matches("${").trim_end_matches('}').trim())
        .collect()
}

/// A cell without the blanks, quotation marks and SQL that may be around it.
fn bare(cell: &str) -> &str {
    let cell = cell.strip_prefix("INSERT INTO cdr VALUES (").unwrap_or(cell).trim();
    let cell = cell.strip_suffix(");").unwrap_or(cell).trim();
    let cell = cell.strip_prefix('"').unwrap_or(cell);
    cell.strip_suffix('"').unwrap_or(cell)
}

/// Reads rows of `mod_cdr_csv`.
#[derive(Debug)]
pub(super) struct FreeSwitch {
    layout: Layout,
    clock: Clock,
    account_from: AccountFrom,
    /// Ids of legs whose call has been told by its other leg.
    told: Waiting<()>,
}

impl FreeSwitch {
    pub(super) fn new(layout: Layout, options: &Options) -> FreeSwitch {
        FreeSwitch {
            layout,
            clock: Clock::new(&options.zone),
            account_from: options.account_from.clone(),
            told: Waiting::new(PAIRS_MAX),
        }
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        let time = self.layout.at[if self.layout.at[START] == ABSENT { ANSWER } else { START }];
        let mut timed = false;
        let n = raw_cells(line, delimiter, |n, cell| {
            if n == time {
                let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
                timed = rfc3339::parse_local(cell.get(..19).unwrap_or_default()).is_some();
            }
        });
        timed && n.is_some_and(|n| n >= self.layout.n_cells)
    }

    pub(super) fn row(&mut self, row: &Row<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        let (found, expected) = (row.len(), self.layout.n_cells);
        if found < expected {
            return Err(Why::TooFewFields { found, expected });
        }
        let at = self.layout.at;
        let get = |n: usize| bare(row.get(at[n]));
        let dialled = bare(row.exact(at[1], "destination_number")?);
        let (uuid, other) = (get(9), get(10));
        if dialled.is_empty() {
            return Err(Why::EmptyCell { column: "destination_number" });
        }
        let (start, answer, end) = self.times(get)?;
        if !uuid.is_empty() && self.told.take(uuid).is_some() {
            sink(line, Decoded::Skipped);
            return Ok(());
        }
        let direction = direction(get(2), dialled, get(15), get(17));
        let caller = get(0);
        let bound_in = direction == Direction::Inbound;
        let line_name = match (bound_in, is_outside(caller)) {
            (true, _) => dialled,
            (false, true) => get(11),
            (false, false) => caller,
        };
        let trunk = trunk(get(14), get(15), get(16));
        let account = match &self.account_from {
            AccountFrom::Fixed(name) => name.as_str(),
            AccountFrom::Column(_) => bare(row.get(self.layout.account)),
            AccountFrom::Channel => line_name,
            AccountFrom::Trunk => trunk,
            AccountFrom::Default => ACCOUNT,
        };
        let account = or_default(account, &self.account_from, ACCOUNT)?;
        let nameless =
            if uuid.is_empty() { format!("{caller}>{dialled}@{start}") } else { String::new() };
        sink(
            line,
            Decoded::Call(CallRecord {
                call_id: if uuid.is_empty() { &nameless } else { uuid },
                account,
                dialled,
                start,
                answer,
                end,
                line: line_name,
                caller,
                source_ip: get(13),
                user_agent: get(12),
                forwarded_from: "",
                trunk,
                direction,
                disposition: disposition(get(8), answer.is_some()),
            }),
        );
        if !other.is_empty() && other != uuid {
            self.told.put(other, ());
        }
        Ok(())
    }

    /// Start, answer and end. Where the wall's clock contradicts itself (the hour that comes
    /// twice in autumn) or shows no end, the lengths are sure.
    fn times<'a>(&mut self, get: impl Fn(usize) -> &'a str) -> Result<Times, Why> {
        let clock = &mut self.clock;
        let mut read = |n: usize, column| match get(n) {
            "" | "0" => Ok(None),
            text => clock.read(text).map(Some).ok_or_else(|| Why::bad_time(column, text)),
        };
        let answer = read(ANSWER, "answer_stamp")?;
        let start = read(START, "start_stamp")?.or(answer);
        let start = start.ok_or(Why::EmptyCell { column: "start_stamp" })?;
        let mut end = read(5, "end_stamp")?.map(|end| end.at);
        let length = |n: usize| get(n).parse::<u32>().ok().map(|s| Span::seconds(i64::from(s)));
        if end.is_none_or(|end| end < start.at) {
            end = length(6).map(|length| start.at + length).or(end);
        }
        let mut answer = answer.map(|answer| answer.at);
        if answer.is_some_and(|at| at < start.at || end.is_some_and(|end| at > end)) {
            answer = length(7).zip(end).map(|(talked, end)| (end - talked).max(start.at));
        }
        let in_order = end.is_none_or(|end| end >= answer.unwrap_or(start.at));
        if in_order { Ok((start, answer, end)) } else { Err(Why::TimesDisagree) }
    }
}

/// Start, answer and end.
type Times = (Rfc3339, Option<Timestamp>, Option<Timestamp>);

/// `public` is where the product lets strangers and gateways in; everything else comes from a
/// phone that has signed in, and goes out when it was bridged to a gateway or dialled a number
/// that no extension has.
fn direction(context: &str, dialled: &str, bridged: &str, word: &str) -> Direction {
    match word {
        "local" => return Direction::Internal,
        "outbound" if context != "public" => return Direction::Outbound,
        _ => {}
    }
    if context == "public" {
        Direction::Inbound
    } else if is_outside(dialled) || bridged.starts_with("sofia/external/") {
        Direction::Outbound
    } else {
        Direction::Internal
    }
}

/// The gateway: its own column, the one in a bridge's argument, or the profile's peer.
fn trunk<'a>(gateway: &'a str, bridged: &'a str, argument: &'a str) -> &'a str {
    let of_argument = argument
        .rsplit_once("sofia/gateway/")
        .and_then(|(_, rest)| rest.split('/').next())
        .unwrap_or("");
    let of_bridge = bridged.rsplit_once('@').map_or("", |(_, host)| host);
    if !gateway.is_empty() {
        gateway
    } else if !of_argument.is_empty() {
        of_argument
    } else {
        of_bridge
    }
}

/// Q.850 causes by the product's names.
fn disposition(cause: &str, answered: bool) -> Disposition {
    match cause {
        _ if answered => Disposition::Answered,
        "USER_BUSY" => Disposition::Busy,
        "NORMAL_CLEARING" | "NO_ANSWER" | "NO_USER_RESPONSE" | "ORIGINATOR_CANCEL"
        | "ALLOTTED_TIMEOUT" | "LOSE_RACE" => Disposition::NoAnswer,
        "" => Disposition::Unknown,
        _ => Disposition::Failed,
    }
}
