//! Numbers are masked, hostile names are harmless, and a flood leaves few lines that say how many
//! were left out.

use super::seldom::{LINES_PER_SECOND_MAX, SOURCES_MAX, Sieve};
use super::*;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex};

#[test]
fn of_every_run_of_digits_the_last_four_are_hidden() {
    for (dialled, shown) in [
        ("01023222280001", "0102322228****"),
        ("+23222280001", "+2322228****"),
        ("110", "***"),
        ("", ""),
        ("*31#09012345678", "***#0901234****"),
        ("0901-234-5678", "****?***?****"),
        ("0312345678w4321", "031234****?****"),
        ("sip:0312345678@host", "????031234****?????"),
        ("１２３４５６", "??????"),
        ("0901234\n5678", "090****?****"),
    ] {
        assert_eq!(masked(dialled).to_string(), shown);
    }
    let long = masked(&"9".repeat(1_000)).to_string();
    assert_eq!(long.chars().count(), DIALLED_CHARS_MAX + 1);
}

#[test]
fn a_name_is_harmless_and_a_number_as_a_name_is_masked() {
    assert_eq!(named("acme tokyo"), "acme tokyo");
    assert_eq!(named("192.0.2.17"), "192.0.2.17");
    assert_eq!(named("a\r\nevent=\"ready\""), "a\u{fffd}\u{fffd}event=\"ready\"");
    assert_eq!(named("+81312345678"), "+8131234****");
    assert_eq!(named("201"), "201");
}

/// Takes what is written.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written(format: LogFormat, filter: &str) -> String {
    let page = Page::default();
    let settings = LogSettings { format, filter: filter.to_owned() };
    let to = page.clone();
    let subscriber = subscriber(&settings, move || to.clone()).expect("a filter");
    tracing::subscriber::with_default(subscriber, || {
        tracing::warn!(
            event = "fail_mode",
            account = %named("a\u{1b}[2J\nb"),
            dialled = %masked("01023222280001"),
            "a \"line\""
        );
        tracing::debug!(event = "detail", "not wanted");
    });
    let bytes = page.0.lock().expect("nobody panicked").clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_line_is_one_json_object_with_its_fields_beside_each_other() {
    let text = written(LogFormat::Json, "info");
    let [line] = text.lines().collect::<Vec<_>>()[..] else { panic!("one line: {text}") };
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["event"], "fail_mode");
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["dialled"], "0102322228****");
    assert_eq!(line["message"], "a \"line\"");
    assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{line}");
}

#[test]
fn as_text_it_is_one_line_without_control_characters() {
    let text = written(LogFormat::Text, "info");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.trim_end().contains(char::is_control), "{text}");
    assert!(text.contains("event=\"fail_mode\"") && text.contains("0102322228****"), "{text}");
    assert_eq!(written(LogFormat::Text, "debug").lines().count(), 2);
    assert_eq!(written(LogFormat::Text, "error"), "");
}

#[test]
fn a_filter_that_is_none_is_refused() {
    assert_eq!(check_filter("info,sekimori::serve=debug"), Ok(()));
    assert!(check_filter("sekimori=loud=er").is_err());
}

fn address(n: u32) -> Option<IpAddr> {
    Some(IpAddr::V4(Ipv4Addr::from_bits(n)))
}

#[test]
fn one_line_a_kind_and_source_in_a_second_and_what_was_left_out() {
    let mut sieve = Sieve::default();
    let (a, b) = (address(1), address(2));
    assert_eq!(sieve.pass(Noise::Unlisted, a, 7), Some(0));
    for _ in 0..10_000 {
        assert_eq!(sieve.pass(Noise::Unlisted, a, 7), None);
    }
    assert_eq!(sieve.pass(Noise::Unlisted, b, 7), Some(0));
    assert_eq!(sieve.pass(Noise::Undecoded, a, 7), Some(0));
    assert_eq!(sieve.pass(Noise::Unlisted, a, 8), Some(10_000));
    assert_eq!(sieve.pass(Noise::Unlisted, a, 9), Some(0));
}

#[test]
fn addresses_of_one_ipv6_network_are_one_source() {
    let mut sieve = Sieve::default();
    let of = |text: &str| Some(text.parse().expect("an address"));
    assert_eq!(sieve.pass(Noise::Unlisted, of("2001:db8::1"), 7), Some(0));
    assert_eq!(sieve.pass(Noise::Unlisted, of("2001:db8::ffff:2"), 7), None);
    assert_eq!(sieve.pass(Noise::Unlisted, of("2001:db8:0:1::1"), 7), Some(0));
}

/// A flood from ever new addresses: the lines a second are bounded, the table is, and no count is
/// lost.
#[test]
fn a_flood_from_everywhere_leaves_a_bounded_log() {
    let mut sieve = Sieve::default();
    let (mut n_lines, mut n_left_out) = (0_u64, 0);
    let n_seconds = 20;
    for second in 0..n_seconds {
        let mut in_this_second = 0;
        for n in 0..3 * SOURCES_MAX as u32 {
            let source = address(n + second as u32 * 100_000);
            if let Some(left_out) = sieve.pass(Noise::Unlisted, source, second) {
                in_this_second += 1;
                n_left_out += left_out;
            }
        }
        assert!(in_this_second <= LINES_PER_SECOND_MAX, "{in_this_second}");
        n_lines += u64::from(in_this_second);
    }
    assert_eq!(n_lines, n_seconds * u64::from(LINES_PER_SECOND_MAX));
    // All sources fall silent; their counts come with the next lines of the kind.
    for n in 0..2 * SOURCES_MAX as u32 {
        let second = 100 + u64::from(n);
        let left_out = sieve.pass(Noise::Unlisted, address(u32::MAX - n), second);
        n_left_out += left_out.expect("one line in a second");
        n_lines += 1;
    }
    let n_asked = n_seconds * 3 * SOURCES_MAX as u64 + 2 * SOURCES_MAX as u64;
    assert_eq!(n_lines + n_left_out, n_asked);
}

fn folder(path: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            folder(&path, found);
        } else if !path.ends_with("tests.rs") {
            found.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
}

/// Whoever writes a line with an `event` explains it in the page.
#[test]
fn the_page_says_what_each_line_means() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    folder(&root.join("src/serve"), &mut sources);
    let of_text = sources.iter().flat_map(|text| text.split("event = \"").skip(1));
    let mut events: Vec<&str> = of_text.filter_map(|rest| rest.split('"').next()).collect();
    events.extend(Noise::ALL.map(Noise::as_str));
    assert!(events.contains(&"ready"), "{events:?}");
    let page = std::fs::read_to_string(root.join("../../docs/serve.md")).expect("the page");
    for event in events {
        assert!(page.contains(&format!("\n| `{event}` | ")), "`{event}` is not explained");
    }
}
