//! The script: how each command is answered, and in which words it is written down.

use crate::serve::ask::{Brief, CallName, Noted, Origin, Ref, Ruled};
use crate::serve::guard::Refusal;
use crate::serve::shard::command::Command;
use crate::serve::view::{
    AccountAbout, AccountView, DestinationStopView, DestinationView, IncidentView, OpenView,
    OrderView, RenewView, RunningView, StopScope, StopView,
};
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use sekimori_atlas::e164::E164;
use sekimori_engine::event::Token;
use sekimori_engine::finding::{Bits, Fact, Finding, Sentence, Why};
use sekimori_engine::verdict::Ruling;
use std::sync::LazyLock;

/// The PIN of every account whose call is not named `pinless`.
pub(super) const PIN: &str = "471100";

static NEW_COUNTRY: Sentence =
    Sentence { en: "first call to {0} by {1}", ja: "{0}への最初の通話（{1}）" };

/// Answers one command, after writing down what it was.
pub(super) fn play(command: Command, tell: impl Fn(String)) {
    match command {
        Command::Ask(ask, reply) => {
            tell(format!("{ask:?}"));
            let ruling = match ask.dialled.as_str() {
                "110" => Ruling::Allow,
                "0101" => Ruling::Challenge,
                _ => Ruling::Refuse,
            };
            let _ = reply.send(ruled(ruling));
        }
        Command::Proved(call, reply) => {
            tell(format!("proved {}", name(&call)));
            let _ = reply.send(Some(ruled(Ruling::Allow)));
        }
        Command::PinOf(call, reply) => {
            let _ = reply.send(pin_of(&call));
        }
        Command::Renew(call, reply) => {
            tell(format!("renew {}", name(&call)));
            let view = RenewView {
                call_id: call.call_id.clone(),
                outcome: "go_on".into(),
                max_seconds: Some(1_800),
                reference: None,
            };
            let _ = reply.send((call.call_id != "unknown").then_some(view));
        }
        Command::Report(report, reply) => {
            let at = report.told_at.map(|at| at.to_string()).unwrap_or_default();
            tell(format!("{:?} {} {at}", report.what, name(&report.call)));
            let _ = reply.send(match report.call.call_id.as_str() {
                "unknown" => Noted::Late,
                "again" => Noted::Repeated,
                _ => Noted::Counted,
            });
        }
        Command::Registered(event, reply) => {
            tell(format!("{event:?}"));
            let _ = reply.send(());
        }
        other => play_people(other, tell),
    }
}

fn play_people(command: Command, tell: impl Fn(String)) {
    match command {
        Command::Stop(account, request, reply) => {
            tell(format!("stop {account} {request:?}"));
            let _ = reply.send(match account.as_str() {
                "full" => Err(Refusal::NotDurable("the disk is full".into())),
                _ => Ok(stop(&account)),
            });
        }
        Command::Open(account, request, reply) => {
            tell(format!("open {account} {request:?}"));
            let _ = reply.send(Ok(open(&account)));
        }
        Command::Restrict(account, request, reply) => {
            tell(format!("restrict {account} {request:?}"));
            let _ = reply.send(Ok(order()));
        }
        Command::Bar(request, reply) => {
            tell(format!("{request:?}"));
            let _ = reply.send(Ok(bar()));
        }
        Command::Unbar(place, service, actor, reply) => {
            tell(format!("unbar {place:?} {service:?} {actor:?}"));
            let _ = reply.send(Ok(bar()));
        }
        Command::Bars(reply) => {
            let _ = reply.send(vec![bar()]);
        }
        Command::Describe(account, description, _, reply) => {
            tell(format!("describe {account} {description:?}"));
            let _ = reply.send(Ok(account_view(&account)));
        }
        Command::Account(account, speech, reply) => {
            tell(format!("account {account} {:?} {:?}", speech.lang, speech.numbers));
            let view = match account.as_str() {
                "nobody" => Err(Refusal::UnknownAccount(account)),
                _ => Ok(account_view(&account)),
            };
            let _ = reply.send(view);
        }
        other => play_lists(other, tell),
    }
}

fn play_lists(command: Command, tell: impl Fn(String)) {
    match command {
        Command::Running(account, limit, speech, reply) => {
            tell(format!("running {account:?} {limit} {:?}", speech.numbers));
            let _ = reply.send(vec![running()]);
        }
        Command::Incidents(filter, _, reply) => {
            tell(format!("{filter:?}"));
            let _ = reply.send(vec![incident("I-A", "alpha")]);
        }
        Command::Incident(id, _, reply) => {
            let account = if id == "I-B" { "beta" } else { "alpha" };
            let _ = reply.send((id != "I-0").then(|| incident(&id, account)));
        }
        Command::Answer(id, answer, actor, _, reply) => {
            tell(format!("answer {id} {answer:?} {actor:?}"));
            let _ = reply.send(Some(Ok(incident(&id, "alpha"))));
        }
        Command::Orders(account, limit, _, reply) => {
            tell(format!("orders {account:?} {limit}"));
            let _ = reply.send(vec![order()]);
        }
        Command::Lift(id, actor, _, reply) => {
            tell(format!("lift {id} {actor:?}"));
            let _ = reply.send((id != "O-0").then(|| Ok(order())));
        }
        Command::Unmasked(actor, what, reply) => {
            tell(format!("unmasked {actor:?} {what}"));
            let _ = reply.send(Ok(()));
        }
        // What is not played goes unanswered, and the guard says that nobody answered.
        _ => {}
    }
}

fn name(call: &CallName) -> String {
    format!("{} {:?}", call.call_id, call.account)
}

fn pin_of(call: &CallName) -> Option<(String, Option<String>)> {
    static HASH: LazyLock<String> =
        LazyLock::new(|| crate::serve::pins::hash(PIN).expect("random bytes"));
    let account = call.account.clone().unwrap_or_else(|| "alpha".to_owned());
    match call.call_id.as_str() {
        "unknown" => None,
        "pinless" => Some((account, None)),
        _ => Some((account, Some(HASH.clone()))),
    }
}

fn ruled(ruling: Ruling) -> Ruled {
    let country = Country::from_iso(b"SL").expect("two letters");
    let name = Token::of(b"201");
    let facts = [Fact::Country(country), Fact::Name(name)];
    Ruled {
        brief: Brief { ruling, max_seconds: Some(900), reference: Ref(42) },
        destination: Destination {
            kind: Kind::International,
            e164: E164::parse(b"23222280001"),
            country: Some(country),
            validity: Validity::Valid,
            number_type: NumberType::Mobile,
            dialled_as: DialledAs::Plain,
        },
        findings: vec![Finding {
            detector: "new_country",
            bits: Bits(4_100),
            why: Why::with(&NEW_COUNTRY, &facts),
        }],
        names: vec![(name, "201".into())],
        incident: None,
        origin: Origin::Judged,
    }
}

fn stop(account: &str) -> StopView {
    StopView {
        account: account.into(),
        requested_at: "2026-03-13T23:10:04Z".into(),
        in_force_since: "2026-03-13T23:10:04.02Z".into(),
        scope: StopScope::International,
        until: None,
        calls_ended: 0,
        calls_ending: 1,
        switches_pending: Vec::new(),
        not_covered: vec!["calls by another carrier's prefix".into()],
        by: "p".into(),
    }
}

fn open(account: &str) -> OpenView {
    OpenView {
        account: account.into(),
        opened_at: "2026-03-14T09:00:00Z".into(),
        countries: None,
        until: None,
        still_stopped: None,
        by: "p".into(),
    }
}

fn order() -> OrderView {
    OrderView {
        id: "O-1".into(),
        account: Some("alpha".into()),
        scope: serde_json::json!({"kind": "international"}),
        at: "2026-03-13T23:10:04Z".into(),
        until: None,
        by: "operator".into(),
        incident: None,
        why: "because".into(),
    }
}

fn bar() -> DestinationStopView {
    DestinationStopView {
        place: "SL".into(),
        service: None,
        at: "2026-03-13T23:10:04Z".into(),
        until: None,
        by: "p".into(),
        evidence: "e".into(),
        accounts_hit: 3,
        calls_ending: 0,
        in_force: true,
    }
}

fn account_view(account: &str) -> AccountView {
    AccountView {
        account: account.into(),
        about: AccountAbout::default(),
        currency: "JPY".into(),
        envelope: "10000.000".into(),
        exposure: "175.000".into(),
        countries: vec!["SL".into()],
        days_known: Some(3),
        calls_running: 1,
        stop: matches!(account, "alpha" | "acme").then(|| stop(account)),
        restrictions: Vec::new(),
        incidents: Vec::new(),
    }
}

fn running() -> RunningView {
    RunningView {
        call_id: "c1".into(),
        account: "alpha".into(),
        line: "201".into(),
        destination: DestinationView {
            e164: None,
            country: Some("SL".into()),
            kind: "international".into(),
            international: true,
        },
        started_at: "2026-03-13T23:10:04Z".into(),
        answered_at: None,
        max_seconds: Some(900),
        cost_so_far: "175.000".into(),
        currency: "JPY".into(),
        state: "up".into(),
        reference: "V-0000000000001".into(),
    }
}

fn incident(id: &str, account: &str) -> IncidentView {
    IncidentView {
        id: id.into(),
        account: account.into(),
        opened_at: "2026-03-13T23:10:04Z".into(),
        released_at: None,
        scope: serde_json::json!({"kind": "international"}),
        calls: 9,
        calls_before_stop: 4,
        cost_before_stop: "700.000".into(),
        currency: "JPY".into(),
        seconds_to_stop: 61,
        reasons: Vec::new(),
        answer: None,
        answered_by: None,
        answered_at: None,
    }
}
