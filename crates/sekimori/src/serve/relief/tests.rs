use super::*;
use crate::config::{self, Overrides};
use crate::serve::view::StopScope;
use sekimori_atlas::rfc3339;
use sekimori_journal::{
    Answered, Attempted, Batch, Challenge, Disposition, Door, Ended, EndedBy, Findings, Journal,
    Options, Renewal, Ruling,
};

const FREETOWN: &str = "01023222280001";
const OHIO: &str = "00116145550123";
const RATES: &str = "prefix,name,price_per_minute,increment_seconds,setup_price\n\
                     232,Sierra Leone,175,60,0\n1,NANP,9,60,0\n";

/// A journal written for one test: records of one shard, at clocks of one evening.
struct Scene {
    folder: tempfile::TempDir,
    batch: Batch,
    n_calls: u64,
}

fn at(clock: &str) -> Timestamp {
    rfc3339::parse(format!("2015-03-13T{clock}+09:00").as_bytes()).expect("a clock").at
}

impl Scene {
    fn new() -> Scene {
        let mut batch = Batch::new(0);
        for (account, name) in [(0, "other"), (1, "acme")] {
            batch.push(0, &Event::Introduced { account, name }).expect("it is short");
        }
        Scene { folder: tempfile::tempdir().expect("a folder"), batch, n_calls: 0 }
    }

    fn event(&mut self, clock: &str, event: &Event<'_>) {
        self.batch.push(micros(at(clock)), event).expect("it is short");
    }

    fn act(&mut self, clock: &str, act: &PersonAct) {
        let json = serde_json::to_vec(act).expect("memory");
        let pushed = self.batch.push_single(micros(at(clock)), act.kind(), "acme", &json, None);
        pushed.expect("it is short");
    }

    fn stop(&mut self, clock: &str, scope: StopScope) {
        let (by, note) = ("Sato".to_owned(), "by telephone".to_owned());
        self.act(clock, &PersonAct::Stop { by, note, scope, until_us: None });
    }

    fn open(&mut self, clock: &str) {
        let (by, note) = ("Sato".to_owned(), String::new());
        self.act(clock, &PersonAct::Open { by, note, countries: None, until_us: None });
    }

    fn attempt(&mut self, account: u32, dialled: &str, clock: &str, ruling: Ruling) -> u64 {
        self.n_calls += 1;
        let event = Attempted {
            account,
            call_id: &format!("c{}", self.n_calls),
            dialled,
            line: "",
            caller: "",
            source: None,
            user_agent: "",
            forwarded_from: "",
            trunk: "",
            challenge: Challenge::Impossible,
            renewal: Renewal::Commanded,
            door: Door::Http,
            shift_us: 0,
            ruling,
            max_seconds: Some(900),
            reference: self.n_calls,
            incident: (dialled == FREETOWN).then_some(7),
            e164: None,
            weighed: None,
            findings: Findings::new(),
        };
        self.event(clock, &Event::Attempted(event));
        self.n_calls
    }

    /// A call that was let out and answered at once, and when it ended.
    fn call(&mut self, account: u32, dialled: &str, clock: &str, end: Option<(&str, EndedBy)>) {
        let reference = Some(self.attempt(account, dialled, clock, Ruling::Allow));
        let call_id = format!("c{}", self.n_calls);
        let call_id = call_id.as_str();
        let answered = Answered { account, call_id, reference, switch_at_us: None };
        self.event(clock, &Event::Answered(answered));
        let Some((end, by)) = end else { return };
        let (disposition, cause) = (Disposition::Answered, "");
        let switch_at_us = None;
        let ended = Ended { account, call_id, reference, switch_at_us, disposition, cause, by };
        self.event(end, &Event::Ended(ended));
    }

    fn statement(self, from: &str, to: &str) -> ReliefView {
        let rates = self.folder.path().join("rates.csv");
        std::fs::write(&rates, RATES).expect("the folder can be written");
        let overrides = Overrides { rates: Some(rates), ..Overrides::default() };
        let setup = config::load(None, &overrides).expect("the deck is sound");
        let state = self.folder.path().join("state");
        let (journal, _) = Journal::open(&state, Options::default()).expect("a new journal");
        journal.submit(self.batch).expect("the queue is empty");
        journal.close(micros(at("23:59:59"))).expect("the disk takes it");
        let mut reader = Reader::open(&state).expect("it is there");
        let asked = Asked {
            account: "acme",
            number: 1,
            shard: 0,
            from: at(from),
            to: at(to),
            atlas: &setup.atlas,
            speech: Speech::default(),
        };
        draw_up(&mut reader, &asked).expect("it is sound")
    }
}

fn ended(clock: &str) -> Option<(&str, EndedBy)> {
    Some((clock, EndedBy::Switch))
}

#[test]
fn a_call_that_was_up_at_the_request_is_divided_to_the_second() {
    let mut scene = Scene::new();
    scene.call(1, FREETOWN, "22:00:00", ended("22:00:32"));
    scene.call(1, FREETOWN, "22:10:00", ended("22:15:30"));
    scene.stop("22:12:10", StopScope::International);
    scene.call(1, FREETOWN, "22:20:00", ended("22:20:01"));
    scene.call(0, FREETOWN, "22:21:00", ended("22:29:00"));
    let statement = scene.statement("00:00:00", "23:59:59");
    let [stop] = &statement.stops[..] else { panic!("one stop: {:?}", statement.stops) };
    assert_eq!((stop.before.calls, stop.before.charge.as_str()), (2, "700.000"));
    assert_eq!((stop.after.calls, stop.after.charge.as_str()), (2, "700.000"));
    assert_eq!((stop.before.seconds, stop.after.seconds), (32 + 130, 200 + 1));
    assert_eq!((statement.all.calls, statement.all.charge.as_str()), (3, "1400.000"));
    let split = &statement.calls[1];
    assert_eq!((split.before_stop.as_str(), split.after_stop.as_str()), ("525.000", "525.000"));
    assert_eq!(statement.by_country[0].country.as_deref(), Some("SL"));
    assert_eq!(statement.by_country[0].after_stop.charge, "700.000");
    assert_eq!(statement.incidents[0].calls.calls, 3);
    assert_eq!(statement.currency, "JPY");
}

#[test]
fn a_repeat_keeps_the_first_time_and_an_opening_ends_the_stop() {
    let mut scene = Scene::new();
    scene.stop("22:00:00", StopScope::Countries(vec!["SL".to_owned()]));
    scene.stop("22:30:00", StopScope::Countries(vec!["US".to_owned()]));
    scene.call(1, OHIO, "22:31:00", ended("22:31:50"));
    scene.open("22:40:00");
    scene.call(1, OHIO, "22:41:00", ended("22:41:50"));
    scene.stop("23:00:00", StopScope::Countries(vec!["SL".to_owned()]));
    scene.call(1, OHIO, "23:01:00", ended("23:01:50"));
    let statement = scene.statement("00:00:00", "23:59:59");
    let [first, second] = &statement.stops[..] else { panic!("two: {:?}", statement.stops) };
    assert_eq!(first.requested_at, "2015-03-13T13:00:00Z");
    assert_eq!(first.ended_at.as_deref(), Some("2015-03-13T13:40:00Z"));
    assert_eq!((first.repeats, first.after.charge.as_str()), (1, "9.000"));
    assert_eq!((second.before.calls, second.after.calls), (0, 0), "not of its scope");
    assert_eq!((statement.all.calls, statement.all.charge.as_str()), (3, "27.000"));
}

#[test]
fn what_nobody_told_the_end_of_is_marked_as_estimated() {
    let mut scene = Scene::new();
    scene.call(1, FREETOWN, "22:00:00", Some(("22:15:10", EndedBy::Grant)));
    scene.call(1, FREETOWN, "22:20:00", None);
    let refused = scene.attempt(1, FREETOWN, "22:22:00", Ruling::Refuse);
    let statement = scene.statement("00:00:00", "23:59:59");
    assert_eq!((statement.all.calls, statement.all.calls_estimated), (2, 2));
    assert_eq!(statement.calls[0].charge, "2625.000", "a grant of 15 minutes");
    assert_eq!(statement.calls[0].ended_at.as_deref(), Some("2015-03-13T13:15:00Z"));
    assert_eq!((statement.calls[1].ended_at.as_ref(), refused), (None, 3));
    assert_eq!(statement.attempts_refused, 1);
}

#[test]
fn calls_before_and_after_the_statements_time_are_not_in_it() {
    let mut scene = Scene::new();
    scene.call(1, FREETOWN, "21:59:00", ended("22:10:00"));
    scene.call(1, FREETOWN, "22:59:59", ended("23:10:00"));
    scene.call(1, FREETOWN, "23:00:00", ended("23:10:00"));
    let statement = scene.statement("22:00:00", "23:00:00");
    assert_eq!(statement.all.calls, 1);
    assert_eq!(statement.calls[0].seconds, 601);
    assert!(statement.stops.is_empty());
}
