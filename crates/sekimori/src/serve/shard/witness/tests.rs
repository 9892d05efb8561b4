//! The law that a journal in gives the same verdicts out: an evening on a live shard, with
//! everything that switches and people can do to it, judged again from what it recorded.

use super::*;
use crate::config::serve::{Said, settle};
use crate::replay::again::{Again, Compared, ShardsAgain};
use crate::replay::judge::Outputs;
use crate::report::words::Speech;
use crate::serve::ask::{Ask, CallName, Door, Happened, OwnedRegistration, Report, Ruled};
use crate::serve::request::StopRequest;
use crate::serve::shard::command::Command;
use crate::serve::shard::{Shared, micros, of_micros};
use crate::serve::view::StopScope;
use crate::serve::{fail_mode::FailBook, settled::Settled, start, vitals::Vitals};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::Engine;
use sekimori_engine::event::{Challenge, RegistrationOutcome, Renewal};
use sekimori_engine::verdict::Ruling;
use sekimori_journal::{Journal, Options, Reader};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{broadcast, oneshot};

const OHIO: &str = "00116145550123";

fn settled(state: &Path, cohort: i64) -> Settled {
    let said = Said { state: Some(state.to_owned()), ..Said::default() };
    let mut settled = settle(&said).expect("the defaults are sound");
    settled.setup.engine.envelope.cohort = sekimori_atlas::money::Money::units(cohort);
    settled
}

/// A live shard and the clock by which it is driven.
struct Evening {
    shard: Shard,
    journal: Journal,
    now: Timestamp,
    n_asked: u64,
    n_refused: u64,
}

impl Evening {
    fn begin(state: &Path) -> Evening {
        let settled = settled(state, 20_000);
        let (journal, _) = Journal::open(state, Options::default()).expect("a new journal");
        let manner = start::manner(&settled);
        let engine = Engine::new(settled.setup.engine.clone()).expect("sound settings");
        let (vitals, atlas) = (Arc::new(Vitals::default()), Arc::new(settled.setup.atlas));
        let (events, _) = broadcast::channel(16);
        let fail_book = Arc::new(FailBook::new(atlas.clone(), vitals.clone()));
        let shared = Shared { atlas, journal: journal.clone(), vitals, fail_book, events };
        let mut shard = Shard::new(0, 1, engine, shared, manner);
        shard.begin();
        let now = of_micros(1_425_254_400_000_000);
        Evening { shard, journal, now, n_asked: 0, n_refused: 0 }
    }

    fn pass(&mut self, span: Span) {
        self.now = self.now + span;
        self.shard.advance(self.now);
        self.shard.hand_over_all().expect("the journal takes it");
    }

    fn ask(&mut self, account: &str, dialled: &str) -> (String, Ruled) {
        let call_id = format!("c{}", self.n_asked);
        let told = Rfc3339 { at: self.now + Span::seconds(7), offset_minutes: 0 };
        let ask = Ask {
            call_id: &call_id,
            account,
            dialled,
            told_at: self.n_asked.is_multiple_of(3).then_some(told),
            line: "201",
            caller: "",
            source: "203.0.113.7".parse().ok(),
            user_agent: "phone/1.0",
            forwarded_from: "",
            trunk: "",
            challenge: Challenge::Impossible,
            renewal: Renewal::Commanded,
            door: Door::Http,
            transaction: 0,
        };
        let ruled = self.shard.ask_whole(&ask);
        self.n_asked += 1;
        self.n_refused += u64::from(ruled.brief.ruling == Ruling::Refuse);
        (call_id, ruled)
    }

    fn report(&mut self, account: &str, call_id: &str, what: Happened, told: Option<Timestamp>) {
        let call = CallName { call_id: call_id.to_owned(), account: Some(account.to_owned()) };
        let told_at = told.map(|at| Rfc3339 { at, offset_minutes: 0 });
        self.shard.report(&Report { call, what, told_at });
    }

    /// Answered after five seconds, and as long as said.
    fn call(&mut self, account: &str, dialled: &str, seconds: i64) {
        let (call_id, _) = self.ask(account, dialled);
        self.pass(Span::seconds(5));
        self.report(account, &call_id, Happened::Answered, None);
        self.pass(Span::seconds(seconds));
        let told = self.now - Span(1_234_567);
        self.report(account, &call_id, Happened::Ended { cause: Some(16) }, Some(told));
    }

    fn close(mut self) -> (u64, u64) {
        self.pass(Span::hours(1));
        self.journal.close(micros(self.now)).expect("the disk takes it");
        (self.n_asked, self.n_refused)
    }
}

fn evening(state: &Path) -> (u64, u64) {
    let mut evening = Evening::begin(state);
    for _ in 0..12 {
        for account in ["acme", "beta"] {
            evening.call(account, OHIO, 95);
            evening.pass(Span::minutes(40));
        }
        evening.pass(Span::hours(20));
    }
    evening.shard.registered(
        &OwnedRegistration {
            account: "acme".to_owned(),
            line: "201".to_owned(),
            source: "198.51.100.9".parse().ok(),
            user_agent: "scanner".to_owned(),
            outcome: RegistrationOutcome::BadPassword,
        },
        sekimori_journal::Door::Http,
    );
    // Two legs at once, one of which nobody tells the end of.
    let (first, _) = evening.ask("acme", "01023222280001");
    let _ = evening.ask("acme", "01023222280002");
    evening.pass(Span::seconds(9));
    evening.report("acme", &first, Happened::Answered, None);
    for n in 0..80 {
        evening.call("acme", &format!("0010232{:08}", 22_280_003 + n * 7), 32);
    }
    let (reply, _told) = oneshot::channel();
    let request = StopRequest {
        by: "Sato".to_owned(),
        note: String::new(),
        scope: StopScope::International,
        until: None,
    };
    evening.shard.command(Command::Stop("beta".to_owned(), request, reply));
    let (_, stopped) = evening.ask("beta", OHIO);
    assert_eq!(stopped.brief.ruling, Ruling::Refuse, "the stop decides");
    evening.pass(Span::hours(30));
    evening.call("acme", OHIO, 60);
    evening.close()
}

fn again(state: &Path, cohort: i64) -> Again {
    let settled = settled(state, cohort);
    let calendar_of = settled.setup.calendar_of.clone();
    let shards = ShardsAgain::new(settled).expect("sound settings");
    let (atlas, speech) = (shards.atlas(), Speech::default());
    let mut again = Again::new(atlas, calendar_of, speech, Outputs::default());
    let mut reader = Reader::open(state).expect("it is there");
    let judged = again.judge(&mut reader, |index| shards.shard(index), |_| {});
    assert_eq!(judged.expect("it is sound"), 2);
    again
}

#[test]
fn the_same_journal_in_gives_the_same_verdicts_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_asked, n_refused) = evening(folder.path());
    assert!(n_refused > 20, "the attack was stopped: {n_refused}");
    let same = again(folder.path(), 20_000);
    assert_eq!(same.compared, Compared { n_same: n_asked, n_other: 0 });
    assert_eq!(same.tally.counts.calls, n_asked);
    assert_eq!(same.tally.counts.refused, n_refused);
    assert_eq!(same.tally.n_incidents(), 1);
}

#[test]
fn other_settings_are_seen_in_other_verdicts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_asked, _) = evening(folder.path());
    let other = again(folder.path(), 200);
    assert!(other.compared.n_other > 0);
    assert_eq!(other.compared.n_same + other.compared.n_other, n_asked);
}
