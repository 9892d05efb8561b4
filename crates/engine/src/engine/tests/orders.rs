//! What people order: stops, exceptions, bars, terms, renewals that are asked for.

use super::*;
use crate::detectors;

const CUSTOMERS: By = By::Customer;

fn stop(scope: Scope) -> Imposed {
    Imposed { scope, until: Until::LiftedByPerson, by: CUSTOMERS }
}

fn open(scope: Option<Scope>, until: Option<Timestamp>) -> Released {
    Released { scope, by: CUSTOMERS, until }
}

fn to(number: usize) -> Destination {
    abroad(&format!("{}0007", COUNTRIES[number].1), country(number))
}

impl Run {
    /// A call of the first account abroad, at a price.
    fn ask(&mut self, number: usize) -> Verdict {
        let rate = Rate { price_per_minute: 30_000_000, increment_seconds: 60, setup_price: 0 };
        let attempt = Attempt { rate, ..attempt(0, self.now, to(number)) };
        self.engine.attempt(&attempt, &mut self.effects)
    }

    /// Lets time pass and keeps the effects.
    fn wait(&mut self, seconds: i64) {
        self.now = self.now + Span::seconds(seconds);
        self.engine.advance(self.now, &wall, &mut self.effects);
    }

    fn impose(&mut self, imposed: Imposed) {
        self.engine.impose(AccountIdx(0), self.now, imposed, &mut self.effects);
    }

    fn release(&mut self, released: Released) -> usize {
        self.engine.release(AccountIdx(0), self.now, released, &mut self.effects)
    }

    /// The effects since the last look: acts and scopes.
    fn acts(&mut self) -> Vec<(Act, Scope)> {
        let acts = std::mem::take(&mut self.effects).into_iter();
        let order = |effect| match effect {
            Effect::Order(order) => Some((order.act, order.scope)),
            _ => None,
        };
        acts.filter_map(order).collect()
    }

    /// Countries (by place in [`COUNTRIES`]) that the first account may call.
    fn open_countries(&mut self) -> Vec<usize> {
        (0..5).filter(|number| self.ask(*number).ruling == Ruling::Allow).collect()
    }

    fn first_reason(&mut self, number: usize) -> &'static str {
        self.ask(number).findings.first().map_or("", |finding| finding.detector)
    }

    /// The first account has called China for months.
    fn get_to_know_china(&mut self) {
        for _ in 0..60 {
            self.home(0);
            let verdict = self.ask(2);
            if let Some(leg) = verdict.leg {
                self.engine.answered(leg, self.now);
                self.wait(120);
                self.engine.ended(leg, self.now, Disposition::Answered);
            }
            self.wait(86_400);
        }
    }
}

#[test]
fn a_stop_refuses_what_the_account_has_always_called_and_touches_nothing_at_home() {
    let mut run = Run::new();
    run.get_to_know_china();
    let before = run.engine.exposure(AccountIdx(0), run.now, wall(AccountIdx(0), run.now));
    assert_eq!(run.engine.countries(AccountIdx(0)), [country(2)]);
    run.impose(stop(Scope::International));
    for number in 0..5 {
        let verdict = run.ask(number);
        assert_eq!((verdict.ruling, verdict.leg, verdict.judgement), (Ruling::Refuse, None, None));
        assert_eq!(verdict.findings[0].detector, "stop");
    }
    run.home(0);
    let after = run.engine.exposure(AccountIdx(0), run.now, wall(AccountIdx(0), run.now));
    assert_eq!(before, after);
}

#[test]
fn nothing_is_learned_from_what_a_stop_refuses() {
    let mut run = Run::new();
    run.impose(stop(Scope::International));
    let before = postcard::to_allocvec(&run.engine.save(AccountIdx(0))).expect("plain data");
    for number in 0..200 {
        run.ask(number % 5);
        run.wait(3_000);
    }
    let after = postcard::to_allocvec(&run.engine.save(AccountIdx(0))).expect("plain data");
    assert_eq!(before, after);
    assert!(!run.engine.calls_abroad(AccountIdx(0)));
}

#[test]
fn a_stop_hangs_up_what_runs_in_its_scope_and_never_lets_it_be_renewed() {
    let mut run = Run::new();
    let legs: Vec<LegRef> = (0..3).filter_map(|number| run.ask(number).leg).collect();
    for leg in &legs {
        run.engine.answered(*leg, run.now);
    }
    run.effects.clear();
    run.impose(stop(Scope::Country(country(1))));
    let hung_up = (Act::HangUp(legs[1]), Scope::Leg(legs[1]));
    assert_eq!(run.acts(), [(Act::Restrict, Scope::Country(country(1))), hung_up]);
    run.impose(stop(Scope::International));
    let acts = run.acts();
    assert_eq!(acts[0], (Act::Restrict, Scope::International));
    assert_eq!(acts.len(), 3, "each of the other two, once: {acts:?}");
    assert_eq!(run.engine.renew_asked(legs[0], run.now, &wall, &mut run.effects), None);
    run.wait(3_600);
    assert_eq!(run.acts(), []);
}

#[test]
fn a_repeat_keeps_the_first_time_and_the_later_end() {
    let mut run = Run::new();
    let (first, hour) = (run.now, Span::hours(1));
    let until = |at| Imposed { until: Until::At(at), ..stop(Scope::International) };
    run.impose(until(first + hour));
    run.wait(60);
    run.impose(until(first + Span::minutes(2)));
    let imposed = |run: &Run| run.engine.imposed(AccountIdx(0)).cloned().collect::<Vec<_>>();
    assert_eq!(run.acts().len(), 1, "a repeat changes nothing");
    run.impose(stop(Scope::International));
    assert_eq!(imposed(&run).len(), 1);
    assert_eq!(
        (imposed(&run)[0].requested_at, imposed(&run)[0].until),
        (first, Until::LiftedByPerson)
    );
    run.wait(9_000_000);
    assert_eq!(run.open_countries(), []);
}

#[test]
fn a_stop_ends_by_itself_where_it_has_an_end() {
    let mut run = Run::new();
    let end = run.now + Span::hours(1);
    run.impose(Imposed { until: Until::At(end), ..stop(Scope::International) });
    run.acts();
    run.wait(3_599);
    assert_eq!(run.first_reason(1), "stop");
    run.wait(1);
    assert_eq!(run.acts(), [(Act::Lift, Scope::International)]);
    assert_eq!(run.ask(1).ruling, Ruling::Allow);
    assert_eq!(run.engine.imposed(AccountIdx(0)).count(), 0);
}

#[test]
fn a_country_opened_under_a_stop_is_an_exception_and_closes_again_in_time() {
    let mut run = Run::new();
    run.impose(stop(Scope::International));
    run.acts();
    let china = Scope::Country(country(2));
    assert_eq!(run.release(open(Some(china), Some(run.now + Span::hours(2)))), 1);
    assert_eq!(run.acts(), [(Act::Lift, china)]);
    assert_eq!(run.open_countries(), [2]);
    run.acts();
    let leg = run.engine.legs_of(AccountIdx(0))[0];
    run.wait(7_200);
    assert_eq!(run.acts(), [(Act::Restrict, china), (Act::HangUp(leg), Scope::Leg(leg))]);
    assert_eq!(run.open_countries(), []);
}

#[test]
fn a_stop_that_is_opened_for_a_while_comes_back_by_itself() {
    let mut run = Run::new();
    run.impose(stop(Scope::International));
    run.acts();
    let back = run.now + Span::hours(2);
    assert_eq!(run.release(open(None, Some(back))), 1);
    assert_eq!(run.acts(), [(Act::Lift, Scope::International)]);
    assert_eq!(run.ask(1).ruling, Ruling::Allow);
    run.wait(7_200);
    let leg = run.engine.legs_of(AccountIdx(0))[0];
    let hung_up = (Act::HangUp(leg), Scope::Leg(leg));
    assert_eq!(run.acts(), [(Act::Restrict, Scope::International), hung_up]);
    assert_eq!(run.first_reason(1), "stop");
    let first = run.engine.imposed(AccountIdx(0)).next().map(|imposed| imposed.requested_at);
    assert_eq!(first, Some(back - Span::hours(2)), "it is the same stop as before");
    assert_eq!(run.release(open(None, None)), 1);
    assert_eq!(run.engine.imposed(AccountIdx(0)).count(), 0);
}

#[test]
fn a_customer_does_not_open_what_an_operator_has_closed() {
    let mut run = Run::new();
    run.impose(Imposed { by: By::Operator, ..stop(Scope::International) });
    assert_eq!(run.first_reason(1), "restriction");
    assert_eq!(run.release(open(None, None)), 0);
    assert_eq!(run.release(open(Some(Scope::Country(country(1))), None)), 0);
    assert_eq!(run.open_countries(), []);
    assert_eq!(run.release(Released { by: By::Operator, ..open(None, None) }), 1);
    assert_eq!(run.ask(1).ruling, Ruling::Allow);
}

#[test]
fn a_proof_does_not_open_a_stop() {
    let mut run = Run::new();
    run.impose(stop(Scope::Country(country(0))));
    let attempt = attempt(0, run.now, to(0));
    let verdict = run.engine.proven(&attempt, &mut run.effects);
    assert_eq!((verdict.ruling, verdict.leg), (Ruling::Refuse, None));
}

#[test]
fn more_restrictions_than_there_is_room_for_become_one_of_everything() {
    let mut run = Run::new();
    let first = run.now;
    for n in 0..40_u64 {
        run.impose(stop(Scope::Line(Token(n))));
        run.wait(1);
    }
    let imposed: Vec<_> = run.engine.imposed(AccountIdx(0)).cloned().collect();
    assert_eq!(imposed.len(), 1);
    assert_eq!((imposed[0].scope, imposed[0].requested_at), (Scope::International, first));
}

#[test]
fn an_operator_lifts_an_incidents_restriction_and_the_incident_with_the_last() {
    let mut run = Run::new();
    run.wait(40 * 86_400);
    run.home(0);
    run.wait(40 * 86_400);
    let flood = |run: &mut Run| {
        let rate = Rate { price_per_minute: 175_000_000, increment_seconds: 60, setup_price: 0 };
        for n in 0..60 {
            let number = abroad(&format!("23222280{n:03}"), country(0));
            let attempt = Attempt { rate, source: Some(address(5)), ..attempt(0, run.now, number) };
            let leg = run.engine.attempt(&attempt, &mut run.effects).leg;
            if let Some(leg) = leg {
                run.engine.answered(leg, run.now);
                run.wait(20);
                run.engine.ended(leg, run.now, Disposition::Answered);
            }
            run.wait(5);
        }
    };
    flood(&mut run);
    let account = AccountIdx(0);
    let id = run.engine.incident(account).expect("a flood opens an incident");
    run.effects.clear();
    let scopes: Vec<Scope> = run.engine.restrictions(account).map(|r| r.scope).collect();
    assert!(!scopes.is_empty());
    assert!(!run.engine.lift(account, run.now, Scope::Line(Token(77)), &mut run.effects));
    for scope in &scopes {
        assert!(run.engine.lift(account, run.now, *scope, &mut run.effects));
    }
    assert_eq!(run.engine.incident(account), None);
    assert_eq!(run.effects.last(), Some(&Effect::IncidentReleased { id, at: run.now }));
    assert!(!run.engine.lift(account, run.now, scopes[0], &mut run.effects));
}

#[test]
fn a_bar_is_for_everyone_or_for_one_service_and_ends_by_itself() {
    let mut run = Run::new();
    let until = Until::At(run.now + Span::hours(1));
    let bar = Bar { place: place(0), service: service(1), until };
    let leg = run.ask(0).leg.expect("nothing speaks against it");
    run.effects.clear();
    assert!(run.engine.bar(run.now, bar, &mut run.effects));
    assert_eq!(run.acts(), [], "the account is of another service");
    run.engine.terms(AccountIdx(0), Terms { service: service(1), ..Terms::default() });
    assert_eq!(run.first_reason(0), "bar");
    assert!(run.engine.bar(run.now, Bar { service: None, ..bar }, &mut run.effects));
    assert_eq!(run.acts(), [(Act::HangUp(leg), Scope::Leg(leg))]);
    run.engine.terms(AccountIdx(0), Terms::default());
    assert_eq!((run.first_reason(0), run.ask(1).ruling), ("bar", Ruling::Allow));
    run.wait(3_600);
    let ended = |effect: &&Effect| matches!(effect, Effect::BarEnded { .. });
    assert_eq!(run.effects.iter().filter(ended).count(), 2);
    assert!(run.engine.bars().is_empty());
    assert_ne!(run.first_reason(0), "bar");
    assert!(!run.engine.unbar(run.now, place(0), None, &mut run.effects));
}

#[test]
fn terms_set_the_envelope_and_a_trusted_country_is_the_accounts_own() {
    let mut run = Run::new();
    let account = AccountIdx(0);
    let noon = Moment { hour: 12, day: DayKind::Workday, minutes_until_reaction: 0 };
    let night = Moment { minutes_until_reaction: 60 * 30, ..noon };
    run.home(0);
    run.wait(60 * 86_400);
    let envelope = |run: &Run, moment| run.engine.exposure(account, run.now, moment).1;
    assert_eq!(envelope(&run, noon), Money::units(6_000));
    let agreed = Some(Money::units(90_000));
    let trusted = vec![country(3), country(1), country(3)];
    run.engine.terms(account, Terms { envelope: agreed, trusted, service: None });
    assert_eq!(envelope(&run, noon), Money::units(90_000));
    assert_eq!(envelope(&run, night), Money::units(72_000));
    let mut countries = vec![country(1), country(3)];
    countries.sort_unstable();
    assert_eq!(run.engine.countries(account), countries);
    let bits = |run: &mut Run, number: usize| {
        let findings = run.ask(number).findings;
        let of = |finding: &&crate::finding::Finding| finding.detector == "new_country";
        findings.iter().find(of).map_or(0, |finding| finding.bits.0)
    };
    assert!(bits(&mut run, 3) <= 0, "a country of its own");
    assert!(bits(&mut run, 0) > 0, "a new one");
    run.engine.terms(account, Terms::default());
    assert_eq!(envelope(&run, noon), Money::units(6_000));
    assert!(run.engine.countries(account).is_empty());
}

#[test]
fn what_is_presumed_counts_and_ages_and_stays_within_the_envelope() {
    let mut run = Run::new();
    let account = AccountIdx(1);
    let moment = wall(account, run.now);
    let most = run.engine.largest_grant_left(account, run.now, moment);
    assert!(most > Money::ZERO);
    assert_eq!(run.engine.presume(account, most, run.now, moment), most);
    assert_eq!(run.at_risk(1).0, most);
    let rest = run.engine.presume(account, Money::units(9_000_000), run.now, moment);
    let (exposure, envelope) = run.at_risk(1);
    assert_eq!((exposure, rest), (envelope, envelope - most));
    assert_eq!(run.engine.presume(account, Money::units(-5), run.now, moment), Money::ZERO);
    run.wait(79 * 3_600);
    assert_eq!(run.at_risk(1).0, Money::ZERO);
}

#[test]
fn who_renews_decides_how_long_the_first_grant_is_and_whether_it_goes_on() {
    let mut run = Run::new();
    let rate = Rate { price_per_minute: 1_000_000, increment_seconds: 60, setup_price: 0 };
    let mut let_out = |account, renewal| {
        let attempt = Attempt { rate, renewal, ..attempt(account, run.now, to(1)) };
        let verdict = run.engine.attempt(&attempt, &mut run.effects);
        let leg = verdict.leg.expect("nothing speaks against it");
        run.engine.answered(leg, run.now);
        (leg, verdict.max_seconds)
    };
    let (commanded, seconds) = let_out(0, Renewal::Commanded);
    assert_eq!(seconds, Some(900));
    let (asked, seconds) = let_out(1, Renewal::Asked);
    assert_eq!(seconds, Some(900));
    let (alone, seconds) = let_out(2, Renewal::Impossible);
    assert_eq!(seconds, Some(3_600));
    assert_eq!(run.at_risk(2).0, Money::units(60), "the whole grant is reserved");
    run.wait(870);
    assert_eq!(run.acts(), [(Act::Extend(commanded, 1_800), Scope::Leg(commanded))]);
    let ask = |run: &mut Run| run.engine.renew_asked(asked, run.now, &wall, &mut run.effects);
    assert_eq!(ask(&mut run), Some(1_800));
    assert_eq!(ask(&mut run), Some(1_800), "asking twice reserves nothing");
    assert_eq!(run.at_risk(1).0, Money::units(30));
    run.engine.ended(asked, run.now, Disposition::Answered);
    assert_eq!(ask(&mut run), None);
    run.engine.ended(commanded, run.now, Disposition::Answered);
    run.acts();
    run.wait(20_000);
    assert_eq!(run.acts(), [], "nobody extends the third");
    assert_eq!(run.engine.leg(alone).map(|leg| leg.granted), Some(3_600));
}

#[test]
fn an_end_far_ahead_and_one_that_denies_the_answer_are_harmless() {
    let mut run = Run::new();
    let rate = Rate { price_per_minute: 60_000_000, increment_seconds: 60, setup_price: 0 };
    let mut leg = |account, answered: bool| {
        let attempt = Attempt { rate, ..attempt(account, run.now, to(1)) };
        let leg = run.engine.attempt(&attempt, &mut run.effects).leg.expect("it goes out");
        if answered {
            run.engine.answered(leg, run.now);
        }
        leg
    };
    let (ahead, denied, untold) = (leg(0, true), leg(1, true), leg(2, false));
    run.engine.ended(ahead, Timestamp::MAX, Disposition::Answered);
    run.engine.ended(denied, run.now + Span::seconds(61), Disposition::NoAnswer);
    assert_eq!(run.at_risk(1).0, Money::units(120), "it is charged all the same");
    run.engine.ended(untold, run.now + Span::hours(90), Disposition::Answered);
    assert_eq!(run.at_risk(2).0, Money::units(900), "up to its grant of a quarter of an hour");
    run.wait(10 * 86_400);
    for account in 0..3 {
        run.home(account);
        let moment = wall(AccountIdx(account), run.now);
        run.engine.largest_grant_left(AccountIdx(account), run.now, moment);
        assert_eq!(run.at_risk(account).0, Money::ZERO, "it ages like any other charge");
        let countries = run.engine.accounts[account as usize]
            .abroad
            .as_ref()
            .map(|abroad| abroad.profile.numbers.len());
        assert_eq!(countries, Some(0), "and teaches nothing");
    }
}

#[test]
fn settings_are_exchanged_without_losing_a_call() {
    let mut run = Run::new();
    let leg = run.ask(1).leg.expect("nothing speaks against it");
    run.engine.answered(leg, run.now);
    run.impose(stop(Scope::Country(country(0))));
    let mut settings = Settings::default();
    settings.envelope.slice_seconds = 60;
    let wrong = Settings {
        detectors: detectors::Settings { off: vec!["nobody".to_owned()], ..Default::default() },
        ..Settings::default()
    };
    assert!(run.engine.reload(wrong).is_err());
    assert_eq!(run.engine.settings(), &Settings::default());
    assert_eq!(run.engine.reload(settings), Ok(()));
    run.acts();
    run.wait(870);
    assert_eq!(run.acts(), [(Act::Extend(leg, 960), Scope::Leg(leg))]);
    assert_eq!(run.first_reason(0), "stop");
}
