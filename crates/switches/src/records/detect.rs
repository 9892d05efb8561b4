//! Which format a file is in, told from its first bytes; its name only breaks a tie.
//!
//! A header names itself. Formats without one are known by what stands in which column, and
//! the first rows may be damaged, so several are looked at.

use super::format::Format;
use super::rows::raw_cells;
use sekimori_atlas::rfc3339;

/// Rows of a headerless file that are looked at.
const ROWS_MAX: usize = 50;

/// A guess at a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The format.
    pub format: Format,
    /// What it was told by.
    pub by: Sign,
}

/// What a format was told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The names in its header, or its first bytes.
    Header,
    /// What stands in which column.
    Content,
    /// Nothing but the file's name.
    Name,
}

/// The format of a file called `name` (a path or only its last part, without the ending that
/// a compression adds) that begins with `head`; 64 KiB of it are plenty.
pub fn detect(name: &str, head: &[u8]) -> Option<Detected> {
    if head.starts_with(b"PAR1") {
        return Some(Detected { format: Format::Parquet, by: Sign::Header });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut lines = text
        .split(|b| matches!(b, b'\n' | b'\r'))
        .map(|line| line.trim_ascii_start().strip_prefix(b"\0").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .peekable();
    let header = lines.peek().copied().unwrap_or_default();
    if let Some(format) = by_header(header) {
        return Some(Detected { format, by: Sign::Header });
    }
    if let Some(format) = lines.take(ROWS_MAX).find_map(by_content) {
        return Some(Detected { format, by: Sign::Content });
    }
    by_name(name).map(|format| Detected { format, by: Sign::Name })
}

fn by_header(line: &[u8]) -> Option<Format> {
    let line = String::from_utf8_lossy(line).to_ascii_lowercase();
    let names: Vec<&str> =
        line.split([',', ';', '\t']).map(|name| name.trim().trim_matches('"')).collect();
    let has = |name: &str| names.contains(&name);
    if has("call_id") && has("dialled") {
        Some(Format::Generic)
    } else if has("at") && has("outcome") {
        Some(Format::Registrations)
    } else if has("globalcallid_callid") || has("cdrrecordtype") {
        Some(Format::CiscoCucm)
    } else if has("method") && (has("callid") || has("call_id")) && has("sip_code") {
        Some(Format::KamailioAcc)
    } else if has("channel") && has("dst") && (has("calldate") || has("start")) {
        Some(Format::AsteriskCustom)
    } else if has("destination_number") && has("start_stamp") {
        Some(Format::FreeSwitch)
    } else {
        None
    }
}

/// The format that a line is surely of.
fn by_content(line: &[u8]) -> Option<Format> {
    if memchr::memmem::find(line, b"ACC: ").is_some_and(|at| line[at..].contains(&b'=')) {
        return Some(Format::KamailioAcc);
    }
    if line.starts_with(b"INSERT INTO cdr VALUES (") {
        return Some(Format::FreeSwitch);
    }
    let mut cells: Vec<&[u8]> = Vec::new();
    raw_cells(line, b',', |_, cell| {
        let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
        cells.push(cell.strip_suffix(b"\"").unwrap_or(cell));
    })?;
    let cell = |n: usize| cells.get(n).copied().unwrap_or_default();
    let time = |n: usize| rfc3339::parse_local(cell(n)).is_some();
    let number = |n: usize| !cell(n).is_empty() && cell(n).iter().all(u8::is_ascii_digit);
    let cause = cell(14).contains(&b'_') && !cell(14).contains(&b' ');
    if time(9) && time(11) && number(12) && number(13) && cells.len() >= 15 {
        return Some(if cause { Format::FreeSwitch } else { Format::AsteriskMaster });
    }
    (time(4) && time(6) && number(7) && number(8) && cells.len() >= 11)
        .then_some(Format::FreeSwitch)
}

fn by_name(name: &str) -> Option<Format> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    if file.ends_with(".parquet") {
        Some(Format::Parquet)
    } else if file.starts_with("cdr_") && file.matches('_').count() >= 4 {
        Some(Format::CiscoCucm)
    } else if file.contains("master.csv") {
        Some(Format::AsteriskMaster)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, head: &str, expected: Option<(Format, Sign)>) {
        let found = detect(name, head.as_bytes()).map(|found| (found.format, found.by));
        assert_eq!(found, expected, "{name}: {head}");
    }

    #[test]
    fn a_header_names_the_format() {
        let header = |format| Some((format, Sign::Header));
        check("x", "\u{feff}start;END;Call_ID;account;dialled\n", header(Format::Generic));
        check(
            "x",
            "at,account,line,source_ip,user_agent,outcome\r\n",
            header(Format::Registrations),
        );
        check("x", "\"cdrRecordType\",\"globalCallID_callManagerId\"\n", header(Format::CiscoCucm));
        check("x", "id,method,from_tag,to_tag,callid,sip_code\n", header(Format::KamailioAcc));
        check("x", "calldate,clid,src,dst,dcontext,channel\n", header(Format::AsteriskCustom));
        check("x", "PAR1....", header(Format::Parquet));
    }

    #[test]
    fn a_file_without_a_header_is_known_by_its_columns_past_damage() {
        let times = r#""2026-11-22 09:36:04","2026-11-22 09:36:04","2026-11-22 09:36:06",2,2"#;
        let master = format!(
            "\0\0cut\"\n\"\",\"1\",\"2\",\"c\",\"\",\"S/1-0\",\"S/t-1\",\"Dial\",\"\",{times},\"ANSWERED\",\"DOCUMENTATION\"\n"
        );
        check("x", &master, Some((Format::AsteriskMaster, Sign::Content)));
        let free =
            format!("\"n\",\"1\",\"2\",\"default\",{times},\"NORMAL_CLEARING\",\"u\",\"\",\"\"\n");
        check("x", &free, Some((Format::FreeSwitch, Sign::Content)));
        let acc = "Nov 22 09:36:04 edge kamailio[1]: NOTICE: acc [acc.c:287]: x(): ACC: call missed: timestamp=1;method=INVITE";
        check("x", acc, Some((Format::KamailioAcc, Sign::Content)));
    }

    #[test]
    fn a_name_alone_is_a_guess_and_nothing_is_no_guess() {
        check(
            "/var/log/asterisk/cdr-csv/Master.csv",
            "",
            Some((Format::AsteriskMaster, Sign::Name)),
        );
        check("cdr_StandAloneCluster_01_201503132310_1", "", Some((Format::CiscoCucm, Sign::Name)));
        check("notes.txt", "hello, world", None);
    }
}
