//! What comes of damaged and odd files, whole and in pieces of every size.

use super::*;
use crate::records::{AccountFrom, ROW_BYTES_MAX};

const HEADER: &str = "call_id,account,dialled,start,end\n";
const T: &str = "2015-03-13T23:10:04+09:00,2015-03-13T23:10:36+09:00";

/// Each result as a short text: `line:call_id`, `line:key`.
fn told(decoded: &Decoded<'_>, line: u64) -> String {
    match decoded {
        Decoded::Call(call) => format!("{line}:{}", call.call_id),
        Decoded::Registration(record) => format!("{line}:{}", record.line),
        Decoded::Skipped => format!("{line}:skipped"),
        Decoded::Undecoded(undecoded) => format!("{line}:!{}", undecoded.why.key()),
    }
}

/// Reads `bytes` in chunks of `size`, as a caller with a growing buffer does.
fn read(format: Format, options: &Options, bytes: &[u8], size: usize) -> Vec<String> {
    let mut decoder = Decoder::new(format, options).expect("rows");
    let mut out = Vec::new();
    let (mut buffer, mut from) = (Vec::new(), 0);
    loop {
        let to = (from + size).min(bytes.len());
        buffer.extend_from_slice(&bytes[from..to]);
        from = to;
        let last = if from == bytes.len() { Last::Yes } else { Last::No };
        let used =
            decoder.decode(&buffer, last, &mut |line, decoded| out.push(told(&decoded, line)));
        buffer.drain(..used);
        assert!(buffer.len() <= ROW_BYTES_MAX + 1 + size, "a bounded buffer is enough");
        if last == Last::Yes {
            assert!(buffer.is_empty(), "the end leaves nothing");
            return out;
        }
    }
}

fn check(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    for size in [1, 2, 7, 64, 1 << 20] {
        let found = read(Format::Generic, &Options::default(), bytes.as_ref(), size);
        assert_eq!(found, expected, "in chunks of {size}");
    }
}

#[test]
fn lines_end_in_every_way() {
    check(format!("{HEADER}a,x,1,{T}\nb,x,1,{T}"), &["2:a", "3:b"]);
    check(format!("{HEADER}a,x,1,{T}\nb,x,1,{T}\n\n").replace('\n', "\r\n"), &["2:a", "3:b"]);
    check(format!("\u{feff}{HEADER}a,x,1,{T}\nb,x,1,{T}\n").replace('\n', "\r"), &["2:a", "3:b"]);
}

#[test]
fn columns_are_found_by_name_and_any_delimiter() {
    let text = format!(
        "Dialled;extra;END;start;account;call_id\n1;?;{};x;a\n",
        "2015-03-13T23:10:36Z;2015-03-13T23:10:04Z"
    );
    check(&text, &["2:a"]);
    check(text.replace(';', "\t"), &["2:a"]);
}

#[test]
fn a_quoted_cell_may_span_lines() {
    let header = "call_id,account,dialled,start,end,user_agent\n";
    check(format!("{header}a,x,1,{T},\"two\nlines\"\nb,x,1,{T},\n"), &["2:a", "4:b"]);
}

#[test]
fn a_quotation_mark_left_open_costs_one_row() {
    let header = "call_id,account,dialled,start,end,user_agent\n";
    let rows = format!("{header}a,x,1,{T},\"open\nb,x,1,{T},ok\nc,x,1,{T},\"fine\"\n");
    check(rows, &["2:!unclosed-quote", "3:b", "4:c"]);
    let junk = "junk\n".repeat(40);
    let found = read(
        Format::Generic,
        &Options::default(),
        format!("{header}a,\"x\n{junk}b,x,1,{T},\n").as_bytes(),
        64,
    );
    assert_eq!(found.first().map(String::as_str), Some("2:!unclosed-quote"));
    assert_eq!(found.last().map(String::as_str), Some("43:b"));
}

#[test]
fn damaged_rows_are_said_and_passed_over() {
    check(
        format!(
            "{HEADER}a,x,1,{T}\nb,x,1,2015-03\n\0\0\0\0c,x,1,{T}\nd,x,\0,{T}\ne,x,1,never,\nf,,1,{T}\ng,x,1,{T},{T}\nh,x,1,2015-03-13T23:10:04Z,2015-03-13T23:10:03Z\ni,x,1,2015-03-13T23:10:04Z,\n"
        ),
        &[
            "2:a",
            "3:!too-few-fields",
            "4:!nul-bytes",
            "4:c",
            "5:!nul-bytes",
            "6:!bad-time",
            "7:!empty-cell",
            "8:!too-many-fields",
            "9:!times-disagree",
            "10:i",
        ],
    );
}

#[test]
fn a_quotation_mark_behind_zeros_opens_no_cell_that_is_not_closed() {
    let header = "call_id,account,dialled,start,end\n";
    check(format!("{header}\0\"a,x,1,{T}\nb,x,1,{T}\n"), &["2:!nul-bytes", "3:b"]);
    check(format!("{header}\0\0\"a\",x,1,{T}\n"), &["2:!nul-bytes", "2:a"]);
}

#[test]
fn names_in_shift_jis_do_not_lose_a_row_but_an_id_must_be_exact() {
    let header = "call_id,account,dialled,start,end,line\n";
    let mut bytes = format!("{header}a,x,1,{T},").into_bytes();
    bytes.extend_from_slice(b"\x8e\x52\x93\x63\n");
    bytes.extend_from_slice(b"\x8e\x52");
    bytes.extend_from_slice(format!(",x,1,{T},\n").as_bytes());
    check(&bytes, &["2:a", "3:!not-text"]);
}

#[test]
fn files_that_are_no_table_get_one_clear_message() {
    check("", &["1:!empty-file"]);
    check("\u{feff}\n\n", &["3:!empty-file"]);
    check(b"\xff\xfec\0a\0l\0l\0\n\0a\0", &["1:!utf-16"]);
    check("call_id,account,dialled,begin,end\na,x,1,2,3\nb\n", &["1:!missing-columns"]);
    check(HEADER, &[]);
}

#[test]
fn a_missing_column_is_named_beside_what_was_found() {
    let mut decoder = Decoder::new(Format::Generic, &Options::default()).expect("rows");
    let mut said = String::new();
    decoder.decode(b"id,account,dialled,start,end\n", Last::Yes, &mut |_, decoded| {
        if let Decoded::Undecoded(undecoded) = decoded {
            said = undecoded.why.to_string();
        }
    });
    assert_eq!(said, "the header has no column call_id; it has: id, account, dialled, start, end");
}

#[test]
fn a_quoted_cell_of_two_lines_in_front_is_no_accident() {
    let text = format!(
        "note,call_id,account,dialled,start,end\n\"a, \"\"b\"\"\nc\",a,x,1,{T}\n\
         \"c\nd\",b,x,1,{T}\n\"open,c,x,1,{T}\ne,d,x,1,{T}\n"
    );
    for size in [1, 7, 999] {
        let found = read(Format::Generic, &Options::default(), text.as_bytes(), size);
        assert_eq!(found, ["2:a", "4:b", "6:!unclosed-quote", "7:d"], "in chunks of {size}");
    }
}

#[test]
fn a_line_of_megabytes_is_reported_once_and_passed_over() {
    let mut bytes = format!("{HEADER}a,x,1,{T}\n").into_bytes();
    bytes.extend(std::iter::repeat_n(b'x', 5 * ROW_BYTES_MAX));
    bytes.extend_from_slice(format!("\nb,x,1,{T}\n").as_bytes());
    for size in [1 << 16, 1 << 18, 1 << 23] {
        let found = read(Format::Generic, &Options::default(), &bytes, size);
        assert_eq!(found, ["2:a", "3:!too-long", "4:b"], "in chunks of {size}");
    }
}

#[test]
fn a_long_row_within_the_limit_is_read() {
    let header = "call_id,account,dialled,start,end,user_agent\n";
    let long = "y".repeat(ROW_BYTES_MAX - 200);
    let found = read(
        Format::Generic,
        &Options::default(),
        format!("{header}a,x,1,{T},{long}\nb,x,1,{T},\n").as_bytes(),
        1 << 16,
    );
    assert_eq!(found, ["2:a", "3:b"]);
}

#[test]
fn registrations_are_read_and_their_outcomes_checked() {
    let text = "at,account,line,source_ip,user_agent,outcome\n\
        2015-03-13T23:10:04+09:00,x,201,203.0.113.9,sipvicious,bad_password\n\
        2015-03-13T23:10:05+09:00,x,202,203.0.113.9,,accepted\n\
        2015-03-13T23:10:05+09:00,x,203,203.0.113.9,,perhaps\n";
    let found = read(Format::Registrations, &Options::default(), text.as_bytes(), 9);
    assert_eq!(found, ["2:201", "3:202", "4:!unknown-word"]);
}

#[test]
fn the_account_can_be_fixed_or_another_column() {
    let text = format!("call_id,tenant,dialled,start,end\na,x,1,{T}\n");
    for account_from in
        [AccountFrom::Fixed("all".to_owned()), AccountFrom::Column("tenant".to_owned())]
    {
        let options = Options { account_from, ..Options::default() };
        assert_eq!(read(Format::Generic, &options, text.as_bytes(), 99), ["2:a"]);
    }
}
