use super::*;
use crate::config::serve::{Said, settle};
use crate::replay::feed::InputOptions;
use crate::serve::ask::{Ask, Door, Ruled};
use crate::serve::shard::Shard;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Span;
use sekimori_engine::event::{Challenge, Renewal};
use sekimori_engine::verdict::Ruling;
use sekimori_journal::{Journal, Known as Noted, Options, verify};
use std::fmt::Write as _;
use std::path::Path;

/// Thousandths of a bit that make a plain difference: one in four.
const PLAIN: i32 = 2_000;
const OHIO: &str = "00116145550123";

fn settled(state: &Path) -> Settled {
    let said = Said { state: Some(state.to_owned()), ..Said::default() };
    settle(&said).expect("the defaults are sound")
}

fn plan(file: &Path, known: Known) -> Plan {
    Plan {
        input: InputOptions::of_files([file.to_str().expect("UTF-8")]),
        by: "tester".to_owned(),
        known,
        lang: Lang::En,
        loudness: Loudness::Quiet,
        shown: Shown::Json,
    }
}

fn header() -> String {
    "call_id,account,dialled,start,answer,end,line\n".to_owned()
}

fn row(text: &mut String, id: &str, account: &str, dialled: &str, at: Timestamp, seconds: i64) {
    let moment = |at| Rfc3339 { at, offset_minutes: 540 }.to_string();
    let (answer, end) = (at + Span::seconds(8), at + Span::seconds(8 + seconds));
    let (start, answer, end) = (moment(at), moment(answer), moment(end));
    writeln!(text, "{id},{account},{dialled},{start},{answer},{end},201").expect("memory");
}

/// Two calls to Ohio on each of the last 90 days but two.
fn habit(text: &mut String, account: &str) {
    let today = Timestamp(clock().0 - clock().0 % Span::hours(24).0);
    for day in 2..92 {
        for hour in [1, 5] {
            let at = Timestamp(today.0 - Span::hours(24 * day).0 + Span::hours(hour).0);
            row(text, &format!("{account}-{day}-{hour}"), account, OHIO, at, 95);
        }
    }
}

fn ask<'a>(account: &'a str, call_id: &'a str, dialled: &'a str) -> Ask<'a> {
    Ask {
        call_id,
        account,
        dialled,
        told_at: None,
        line: "201",
        caller: "",
        source: None,
        user_agent: "",
        forwarded_from: "",
        trunk: "",
        challenge: Challenge::Impossible,
        renewal: Renewal::Commanded,
        door: Door::Http,
        transaction: 0,
    }
}

/// What the shard that a start of the server makes says to a call, and what the evidence
/// comes to, in thousandths of a bit.
fn asked(state: &Path, question: &Ask<'_>) -> (Ruled, i32) {
    let mut books = Books::open(&settled(state)).expect("nobody has it");
    books.fold(settled(state), clock()).expect("it is sound");
    let shard: &mut Shard = &mut books.shards[0];
    let ruled = shard.ask_whole(question);
    let bits = ruled.findings.iter().map(|finding| finding.bits.0).sum();
    books.shards[0].hand_over_all().expect("the journal takes it");
    books.close(clock()).expect("the journal is closed");
    (ruled, bits)
}

fn imported(folder: &Path, text: &str, known: Known) -> Report {
    let file = folder.join("calls.csv");
    std::fs::write(&file, text).expect("the folder can be written");
    import(&plan(&file, known), settled(&folder.join("state"))).expect("it is imported")
}

#[test]
fn the_first_day_is_no_cold_start_with_snapshots_or_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let mut text = header();
    habit(&mut text, "acme");
    let report = imported(folder.path(), &text, Known::LeaveAlone);
    assert_eq!(report.taught, Taught { new: 1, ..Taught::default() });
    assert_eq!(report.countries.keys().map(ToString::to_string).collect::<Vec<_>>(), ["US"]);
    assert!(state.join("snapshots").is_dir(), "the next start is quick");

    let (_, cold) = asked(&state, &ask("stranger", "c0", OHIO));
    let (ruled, warm) = asked(&state, &ask("acme", "c1", OHIO));
    assert_eq!(ruled.brief.ruling, Ruling::Allow);
    assert!(warm < cold - PLAIN, "{warm} {cold}");
    std::fs::remove_dir_all(state.join("snapshots")).expect("a cache");
    let (ruled, folded) = asked(&state, &ask("acme", "c2", OHIO));
    assert_eq!(ruled.brief.ruling, Ruling::Allow);
    assert!(folded < cold - PLAIN, "{folded} {cold}");
    let sound = verify(&state, &Noted::default(), &mut |_| {}).expect("it can be read");
    assert_eq!(sound.problem, None);
}

#[test]
fn an_account_with_calls_on_record_is_left_alone_unless_it_is_taught_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    // It has called once, before anything was imported.
    let _ = asked(&state, &ask("acme", "c1", OHIO));
    let mut text = header();
    habit(&mut text, "acme");
    habit(&mut text, "beta");
    let first = imported(folder.path(), &text, Known::LeaveAlone);
    assert_eq!(first.taught, Taught { new: 1, left_alone: 1, ..Taught::default() });
    let (_, alone) = asked(&state, &ask("acme", "c2", OHIO));
    let again = imported(folder.path(), &text, Known::TeachAgain);
    assert_eq!(again.taught, Taught { again: 2, ..Taught::default() });
    std::fs::remove_dir_all(state.join("snapshots")).expect("a cache");
    let (_, taught) = asked(&state, &ask("acme", "c3", OHIO));
    assert!(taught < alone - PLAIN, "{taught} {alone}");
}

#[test]
fn an_attack_in_the_records_teaches_nothing_and_what_it_left_in_force_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let mut text = header();
    habit(&mut text, "acme");
    let begun = clock() - Span::hours(5);
    for n in 0..120 {
        let dialled = format!("0010232{:08}", 22_280_001 + n * 7);
        let at = begun + Span::seconds(n * 20);
        row(&mut text, &format!("x{n}"), "acme", &dialled, at, 32);
    }
    let report = imported(folder.path(), &text, Known::LeaveAlone);
    assert_eq!(report.countries.keys().map(ToString::to_string).collect::<Vec<_>>(), ["US"]);
    assert_eq!(report.n_open, 1);
    let told = report.text(&Words::new(Speech::default()));
    assert!(told.contains("Sierra Leone"), "{told}");
    let japanese = Speech { lang: Lang::Ja, ..Speech::default() };
    assert!(report.text(&Words::new(japanese)).contains("シエラレオネ"));
    std::fs::remove_dir_all(state.join("snapshots")).expect("a cache");
    let (ruled, _) = asked(&state, &ask("acme", "c1", "001023222280001"));
    assert_eq!(ruled.brief.ruling, Ruling::Refuse);
    assert!(ruled.incident.is_some());
    let mut books = Books::open(&settled(&state)).expect("nobody has it");
    books.fold(settled(&state), clock()).expect("it is sound");
    let orders = books.shards[0].order_views(Some("acme"), 10, Speech::default());
    assert!(!orders.is_empty() && orders.iter().all(|order| order.by == "incident"));
    let filter = crate::serve::request::IncidentFilter {
        account: Some("acme".to_owned()),
        only_open: true,
        limit: 10,
    };
    assert_eq!(books.shards[0].incident_views(&filter, Speech::default()).len(), 1);
}

#[test]
fn a_running_server_keeps_an_import_out_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let _server = Journal::open(&state, Options::default()).expect("a new journal");
    let told = import(&plan(Path::new("calls.csv"), Known::LeaveAlone), settled(&state));
    let told = told.err().expect("it is in use").to_string();
    assert!(told.contains("stop the server") && told.contains("--state"), "{told}");
}

#[test]
fn records_of_which_nothing_can_be_read_leave_the_journal_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let missing = folder.path().join("none.csv");
    let told = import(&plan(&missing, Known::LeaveAlone), settled(&state));
    assert!(matches!(told, Err(Failure::Records(_))));
    let (_, opened) = Journal::open(&state, Options::default()).expect("it is free again");
    assert_eq!(opened.last_stop, sekimori_journal::LastStop::Clean);
}

#[test]
fn rows_of_a_time_to_come_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = header();
    habit(&mut text, "acme");
    row(&mut text, "later", "acme", OHIO, clock() + Span::hours(3), 60);
    let report = imported(folder.path(), &text, Known::LeaveAlone);
    assert_eq!((report.n_ahead, report.taught.new), (1, 1));
}
