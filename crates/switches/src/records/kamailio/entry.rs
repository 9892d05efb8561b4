//! One `acc` entry's values by name, out of a table's row or a log's line.
//!
//! The extra values have the names that a configuration gives them; those of the product's
//! example and the usual short ones are known.

use crate::records::cells::Row;
use crate::records::options::AccountFrom;
use crate::records::rows::raw_cells;
use crate::records::why::Why;

/// What an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A transaction that was answered, whatever the answer.
    Transaction,
    /// The end of a dialog, from the dialog module.
    Ended,
    /// Anything else: missed branches, acknowledgements.
    Other,
}

/// The values of one entry; empty where there is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    pub(super) method: &'a str,
    pub(super) from_tag: &'a str,
    pub(super) to_tag: &'a str,
    pub(super) callid: &'a str,
    code: &'a str,
    pub(super) time: &'a str,
    pub(super) account: &'a str,
    pub(super) dialled: &'a str,
    pub(super) source_ip: &'a str,
    pub(super) caller: &'a str,
    pub(super) user_agent: &'a str,
    pub(super) diversion: &'a str,
    pub(super) trunk: &'a str,
    pub(super) direction: &'a str,
    pub(super) line: &'a str,
    /// The value that was asked for as the account.
    pub(super) wanted: &'a str,
}

impl Entry<'_> {
    /// SIP's final code.
    pub(super) fn code(&self) -> Result<u16, Why> {
        let code = self.code.parse::<u16>().ok().filter(|code| (100..700).contains(code));
        code.ok_or_else(|| Why::bad_number("sip_code", self.code))
    }
}

/// Names of each value, the likeliest first. What was dialled is the request's own user where
/// it is noted: a To header is decoration.
const NAMES: [&[&str]; 15] = [
    &["method"],
    &["from_tag"],
    &["to_tag"],
    &["callid", "call_id"],
    &["sip_code", "code"],
    &["time", "timestamp", "end_time"],
    &["account", "acct", "account_id", "auth_user", "subscriber", "username"],
    &["dialled", "dst_user", "ru", "r_uri", "ruri_user", "dst_ouser", "tu"],
    &["src_ip", "source_ip", "src", "si"],
    &["src_user", "fu", "from_user", "caller"],
    &["user_agent", "ua"],
    &["diversion", "div"],
    &["trunk", "gw", "dst_domain"],
    &["direction", "dir"],
    &["line", "pai"],
];
/// Place of the time in [`NAMES`].
const TIME: usize = 5;
/// Parameters of SIP URIs, whose `;` and `=` stand unescaped inside a logged value.
const URI_PARAMETERS: [&str; 12] = [
    "user",
    "transport",
    "lr",
    "maddr",
    "ttl",
    "tag",
    "npdi",
    "rn",
    "cic",
    "ob",
    "phone-context",
    "isub",
];
const ABSENT: usize = usize::MAX;

/// Where values stand.
#[derive(Debug)]
pub(in crate::records) enum Columns {
    /// A table's columns.
    Table { at: [usize; NAMES.len()], wanted: usize, n_cells: usize },
    /// A log's `name=value`; the name of the value that was asked for as the account.
    Log { wanted: String },
}

impl Columns {
    /// The log's.
    pub(in crate::records) fn log(account_from: &AccountFrom) -> Columns {
        let wanted = match account_from {
            AccountFrom::Column(name) => name.clone(),
            _ => String::new(),
        };
        Columns::Log { wanted }
    }

    /// A table's, by its header.
    ///
    /// # Errors
    /// [`Why::MissingColumns`].
    pub(in crate::records) fn table(
        header: &Row<'_>,
        account_from: &AccountFrom,
    ) -> Result<Columns, Why> {
        let names: Vec<String> =
            (0..header.len()).map(|n| header.get(n).trim().to_ascii_lowercase()).collect();
        let find = |name: &str| names.iter().position(|n| n == name);
        let at = NAMES.map(|known| known.iter().find_map(|name| find(name)).unwrap_or(ABSENT));
        let needed = ["method", "from_tag", "to_tag", "callid", "sip_code", "time"];
        let mut missing: Vec<&str> = needed
            .into_iter()
            .zip(at)
            .filter(|(_, at)| *at == ABSENT)
            .map(|(name, _)| name)
            .collect();
        if at[7] == ABSENT {
            missing.push("dst_user");
        }
        let wanted = match account_from {
            AccountFrom::Column(name) => {
                let found = find(&name.to_ascii_lowercase());
                missing.extend(found.is_none().then_some(name.as_str()));
                found.unwrap_or(ABSENT)
            }
            _ => ABSENT,
        };
        if missing.is_empty() {
            return Ok(Columns::Table { at, wanted, n_cells: names.len() });
        }
        Err(Why::missing(&missing, &names.join(", ")))
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        let Columns::Table { at, n_cells, .. } = self else { return true };
        let mut timed = false;
        let n = raw_cells(line, delimiter, |n, cell| {
            let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
            timed |= n == at[TIME] && digits >= 10;
        });
        timed && n == Some(*n_cells)
    }

    /// The entry in a row; `None` for a line about something else.
    pub(super) fn entry<'a>(&self, row: &Row<'a>) -> Result<Option<Entry<'a>>, Why> {
        match self {
            Columns::Log { wanted } => Ok(log_entry(row.get(0), wanted)),
            Columns::Table { at, wanted, n_cells } => {
                row.check_len(*n_cells)?;
                for (n, name) in [(3, "callid"), (7, "dst_user")] {
                    row.exact(at[n], name)?;
                }
                let values = at.map(|n| row.get(n).trim());
                Ok(Some(entry(Kind::Transaction, values, row.get(*wanted).trim())))
            }
        }
    }
}

fn entry<'a>(kind: Kind, values: [&'a str; NAMES.len()], wanted: &'a str) -> Entry<'a> {
    let values = values.map(|value| if value == "<null>" || value == "NULL" { "" } else { value });
    let [method, from_tag, to_tag, callid, code, time, account, dialled, source_ip, caller, ..] =
        values;
    let [.., user_agent, diversion, trunk, direction, line] = values;
    Entry {
        kind,
        method,
        from_tag,
        to_tag,
        callid,
        code,
        time,
        account,
        dialled,
        source_ip,
        caller,
        user_agent,
        diversion,
        trunk,
        direction,
        line,
        wanted,
    }
}

/// Reads `… ACC: transaction answered: timestamp=…;method=…` and the dialog module's
/// `log_write_cdr(): start_time=…; end_time=…`. A script's own lines quote what strangers
/// send, so nothing in them is believed.
fn log_entry<'a>(line: &'a str, wanted: &str) -> Option<Entry<'a>> {
    if let Some((before, values)) = line.split_once("log_write_cdr(): ") {
        let ours = !before.contains("<script>") && !before.contains("ACC: ");
        return ours.then(|| values_entry(Kind::Ended, values, wanted));
    }
    let (before, rest) = line.split_once("ACC: ")?;
    if before.contains("<script>") {
        return None;
    }
    let (what, values) = rest.split_once(": ")?;
    let kind = if what == "transaction answered" { Kind::Transaction } else { Kind::Other };
    Some(values_entry(kind, values, wanted))
}

/// Splits `name=value;name=value`. The first of two equal names counts: what a caller smuggles
/// into a later value cannot replace it.
fn values_entry<'a>(kind: Kind, text: &'a str, wanted: &str) -> Entry<'a> {
    let mut values = [""; NAMES.len()];
    let mut ranks = [usize::MAX; NAMES.len()];
    let mut account = "";
    for piece in text.split(';') {
        let Some((name, value)) = piece.trim_start().split_once('=') else { continue };
        if URI_PARAMETERS.contains(&name) {
            continue;
        }
        if account.is_empty() && name == wanted {
            account = value;
        }
        for (n, known) in NAMES.iter().enumerate() {
            if let Some(rank) = known.iter().position(|k| *k == name)
                && rank < ranks[n]
            {
                (values[n], ranks[n]) = (value.trim(), rank);
            }
        }
    }
    entry(kind, values, account)
}
