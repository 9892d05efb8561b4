//! One attempt: what the detectors say, what the money allows, and the ruling.

use super::{Engine, renewal};
use crate::account::{Abroad, Account};
use crate::detectors::{self, Findings, by_family};
use crate::event::{Attempt, LegRef, Token};
use crate::exposure::Trust;
use crate::finding::{Bits, Fact, Finding, Sentence, Why};
use crate::incident::Target;
use crate::judgement::Judgement;
use crate::legs::{Leg, LegState};
use crate::limits::LEGS_PER_ACCOUNT_MAX;
use crate::order::Effect;
use crate::profile::{day_of, range_of};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use crate::sign_ins::{SignIns, mark, network_of};
use crate::suspicion::ByFamily;
use crate::verdict::{Ruling, Verdict};
use renewal::Purse;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{DialledAs, Kind};
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Span;

static NO_MONEY: Sentence = Sentence {
    en: "{0} are at risk on calls abroad that nobody has confirmed; more is not put at risk",
    ja: "確認の取れていない国際通話がすでに{0}分あります。これ以上は危険にさらしません",
};
static TOO_MANY: Sentence = Sentence {
    en: "{0} calls abroad are up at once on this account",
    ja: "この契約で国際通話が同時に{0}件つながっています",
};

/// Stopped attempts within an hour from which a suspect without money opens an incident.
const INSISTENCE: usize = 6;

/// What an attempt looks like once the detectors have been asked.
pub(super) struct Look {
    findings: Findings,
    families: ByFamily,
    familiarity: Familiarity,
    running: u32,
}

impl Look {
    /// What stands for it where the caller has proved themself: nothing needs to be said.
    pub(super) fn of_proof(familiarity: Familiarity, log_odds: Bits) -> Look {
        let mut families = ByFamily::default();
        families[detectors::Family::Destination as usize] = log_odds.0;
        Look { findings: Findings::new(), families, familiarity, running: 0 }
    }
}

impl Engine {
    /// Judges an attempt. Call [`Engine::advance`] to its moment first. Effects are appended.
    pub fn attempt(&mut self, attempt: &Attempt<'_>, effects: &mut Vec<Effect>) -> Verdict {
        self.clock = self.clock.max(attempt.at);
        if attempt.destination.kind.is_international()
            && let Some(refusal) = self.forbidden(attempt)
        {
            return refusal;
        }
        let day = day_of(attempt.at);
        let account = &mut self.accounts[attempt.account.0 as usize];
        account.first_day.get_or_insert(day);
        let destination = &attempt.destination;
        if destination.kind.is_international()
            && let (Some(number), Some(country)) = (destination.e164, destination.country)
        {
            return self.attempt_abroad(attempt, number, country, effects);
        }
        if destination.kind == Kind::Unreadable || destination.dialled_as == DialledAs::Probe {
            self.note_unroutable(attempt);
        } else {
            learn_at_home(account, attempt, day);
        }
        Verdict::unlimited()
    }

    fn attempt_abroad(
        &mut self,
        attempt: &Attempt<'_>,
        number: E164,
        country: Country,
        effects: &mut Vec<Effect>,
    ) -> Verdict {
        let (growth, half_life) = (self.growth(attempt.account, attempt.at), self.half_life());
        let account = &mut self.accounts[attempt.account.0 as usize];
        let mut abroad = account.abroad.take().unwrap_or_default();
        abroad.roll(attempt.at, growth, half_life);
        let look = self.look(&mut abroad, attempt, Some((number, country)));
        let verdict = self.rule(&mut abroad, attempt, (number, country), look, effects);
        let account = &mut self.accounts[attempt.account.0 as usize];
        abroad.last_day = Some(day_of(attempt.at));
        if verdict.ruling == Ruling::Allow && abroad.incident.is_none() {
            learn_at_home(account, attempt, day_of(attempt.at));
        }
        account.abroad = Some(abroad);
        verdict
    }

    /// Asks the detectors.
    fn look(
        &self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        to: Option<(E164, Country)>,
    ) -> Look {
        let account = &self.accounts[attempt.account.0 as usize];
        let day = day_of(attempt.at);
        let familiarity = to.map_or(Familiarity::Nothing, |(number, country)| {
            abroad.familiarity(number, country, day, account.word_on(country))
        });
        let running = abroad.running(&self.legs, attempt.at);
        let nothing = SignIns::default();
        let mut memory = std::mem::take(&mut abroad.memory);
        let scene = Scene {
            attempt,
            account: account.token,
            number: to.map(|(number, _)| number),
            country: to.map(|(_, country)| country),
            range: to.map(|(number, _)| range_of(number)),
            familiarity,
            day,
            days_known: account.days_known(day),
            days_since_abroad: abroad
                .last_day
                .map(|last| crate::profile::known::forward(last, day)),
            hours: &account.hours,
            profile: &abroad.profile,
            sources: &account.sources,
            clients: &account.clients,
            recent: &abroad.recent,
            running,
            sign_ins: account.sign_ins.as_deref().unwrap_or(&nothing),
            lessons: &self.lessons,
        };
        let settings = &self.settings.detectors;
        let findings = detectors::observe(settings, self.off, &mut memory, &scene);
        abroad.memory = memory;
        let families = by_family(&findings, scene.days_known);
        Look { findings, families, familiarity, running: running.n_legs }
    }

    /// An attempt that no network would route, or a guess at a prefix: evidence only.
    fn note_unroutable(&mut self, attempt: &Attempt<'_>) {
        let (growth, half_life) = (self.growth(attempt.account, attempt.at), self.half_life());
        let account = &mut self.accounts[attempt.account.0 as usize];
        let mut abroad = account.abroad.take().unwrap_or_default();
        abroad.roll(attempt.at, growth, half_life);
        let look = self.look(&mut abroad, attempt, None);
        abroad.suspicion.add(&look.families);
        abroad.recent.push(recent_call(attempt, &look, Progress::Failed));
        self.accounts[attempt.account.0 as usize].abroad = Some(abroad);
    }

    fn rule(
        &mut self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        (number, country): (E164, Country),
        mut look: Look,
        effects: &mut Vec<Effect>,
    ) -> Verdict {
        let settings = &self.settings;
        let evidence = abroad.suspicion.with(&look.families);
        let mut log_odds = Bits(settings.judgement.prior_millibits) + evidence;
        abroad.suspicion.add(&look.families);
        let trust = settings.envelope.trust(log_odds);
        let target = &Target::of(attempt, number, country, look.familiarity, trust);
        let restricted = self.renew_restriction(abroad, attempt, target, effects);
        if let Some((_, incident_log_odds)) = &restricted {
            log_odds = log_odds.max(*incident_log_odds);
        }
        let settings = &self.settings.envelope;
        let standing = self.standing(abroad, attempt.account, attempt.at, attempt.moment);
        let trust = if restricted.is_some() { Trust::Suspected } else { trust };
        let purse = |trust| Purse::of(settings, &abroad.ledger, &standing, look.familiarity, trust);
        let purse_now = purse(trust);
        let grant = purse_now.grant(&attempt.rate, settings.slice(attempt.renewal));
        // Whoever is an intruder is soon suspected: what is at stake is what he can take then.
        let at_stake = purse(Trust::Suspected)
            .left()
            .scaled(i64::from(self.settings.judgement.envelope_at_stake_permille), 1_000);
        let stake = grant.map_or(Money::ZERO, |grant| grant.cost).max(at_stake);
        let judgement =
            Judgement::weigh(&self.settings.judgement, log_odds, stake, attempt.challenge)
                .with_room(purse_now.left(), renewal::least(&attempt.rate));
        let crowded = look.running >= LEGS_PER_ACCOUNT_MAX;
        let ruling = match judgement.ruling() {
            _ if crowded => Ruling::Refuse,
            Ruling::Allow if restricted.is_some() || grant.is_none() => judgement.stop(),
            ruling => ruling,
        };
        let restricted = restricted.map(|(why, _)| why);
        let at_risk = grant.is_none().then(|| abroad.ledger.exposure());
        say_why(&mut look, restricted, crowded, at_risk);
        let mut verdict = Verdict {
            ruling,
            max_seconds: None,
            findings: look.findings.clone(),
            incident: abroad.incident.as_ref().filter(|_| ruling != Ruling::Allow).map(|i| i.id),
            judgement: Some(judgement),
            leg: None,
        };
        match (ruling, grant) {
            (Ruling::Allow, Some(grant)) => {
                verdict.max_seconds = Some(grant.seconds);
                verdict.leg = Some(self.let_out(abroad, attempt, target, &look, grant));
            }
            _ => {
                abroad.recent.push(recent_call(attempt, &look, Progress::Stopped));
                let spent =
                    grant.is_none() && trust == Trust::Suspected && insists(abroad, attempt);
                if spent || judgement.log_odds.0 >= self.settings.incident.open_millibits {
                    verdict.incident =
                        Some(self.stop(abroad, attempt, target, &look.findings, log_odds, effects));
                }
            }
        }
        verdict
    }

    /// Grants to a caller who has proved themself.
    pub(super) fn grant_proven(
        &mut self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        target: &Target,
        look: Look,
        trust: Trust,
    ) -> Verdict {
        let standing = self.standing(abroad, attempt.account, attempt.at, attempt.moment);
        let settings = &self.settings.envelope;
        let purse = Purse::of(settings, &abroad.ledger, &standing, look.familiarity, trust);
        let mut verdict = Verdict::unlimited();
        match purse.grant(&attempt.rate, settings.slice(attempt.renewal)) {
            Some(grant) => {
                verdict.max_seconds = Some(grant.seconds);
                verdict.leg = Some(self.let_out(abroad, attempt, target, &look, grant));
            }
            None => verdict.ruling = Ruling::Refuse,
        }
        verdict
    }

    fn let_out(
        &mut self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        target: &Target,
        look: &Look,
        grant: renewal::Grant,
    ) -> LegRef {
        abroad.ledger.reserve(grant.split);
        let serial = abroad.recent.push(recent_call(attempt, look, Progress::Ringing));
        let leg = self.legs.insert(Leg {
            account: attempt.account,
            started: attempt.at,
            answered: None,
            rate: attempt.rate,
            number: target.number,
            country: target.country,
            line: target.line,
            source: target.source,
            familiarity: look.familiarity,
            bits: look.families.iter().sum(),
            granted: grant.seconds,
            renewal: attempt.renewal,
            renew_at: None,
            split: grant.split,
            serial,
            incident: None,
            state: LegState::Up,
        });
        abroad.legs.push(leg);
        let day = day_of(attempt.at);
        if abroad.incident.is_none() {
            abroad.profile.note_concurrent(look.running + 1, day);
            let unfamiliar = |call: &&RecentCall| call.familiarity < Familiarity::Range;
            let n = abroad.recent.within(attempt.at, Span::hours(1)).filter(unfamiliar).count();
            abroad.profile.note_unfamiliar_per_hour(n as u32, day);
            if let Some(forwarded) = attempt.forwarded {
                abroad.profile.forwarding.learn(forwarded.by as u64, day);
            }
        }
        leg
    }

    /// The token of an account.
    pub(super) fn token(&self, account: crate::event::AccountIdx) -> Token {
        self.accounts[account.0 as usize].token
    }
}

/// Whether attempt follows attempt although all are stopped: an honest caller proves themself, or
/// asks somebody.
fn insists(abroad: &Abroad, attempt: &Attempt<'_>) -> bool {
    let stopped = |call: &&RecentCall| call.progress == Progress::Stopped;
    abroad.recent.within(attempt.at, Span::hours(1)).filter(stopped).count() >= INSISTENCE
}

fn learn_at_home(account: &mut Account, attempt: &Attempt<'_>, day: u16) {
    account.hours.learn(attempt.at, attempt.moment);
    if let Some(source) = attempt.source {
        account.sources.learn(network_of(source), day);
    }
    if let Some(agent) = attempt.user_agent {
        account.clients.learn(agent.token.0, day);
    }
}

fn recent_call(attempt: &Attempt<'_>, look: &Look, progress: Progress) -> RecentCall {
    RecentCall {
        at: attempt.at,
        number: attempt.destination.e164,
        country: attempt.destination.country,
        progress,
        line: attempt.line.map_or(0, |line| mark(line.token.0)),
        source: attempt.source.map_or(0, |source| mark(network_of(source))),
        dialled_as: attempt.destination.dialled_as,
        validity: attempt.destination.validity,
        familiarity: look.familiarity,
        bits: look.families.iter().sum(),
        cost: Money::ZERO,
    }
}

/// Says what stands above the evidence, where something does: a restriction, too many calls, no
/// money left (what is `at_risk` then).
fn say_why(look: &mut Look, restricted: Option<Why>, crowded: bool, at_risk: Option<Money>) {
    let running = look.running;
    let findings = &mut look.findings;
    match (restricted, at_risk) {
        (Some(why), _) => add_reason(findings, "restriction", why),
        (None, _) if crowded => {
            add_reason(findings, "limit", Why::with(&TOO_MANY, &[Fact::Count(running)]));
        }
        (None, Some(at_risk)) => {
            add_reason(findings, "envelope", Why::with(&NO_MONEY, &[Fact::Money(at_risk)]));
        }
        (None, None) => {}
    }
}

/// Puts a reason that is not a detector's in front of the others.
fn add_reason(findings: &mut Findings, reason: &'static str, why: Why) {
    if findings.is_full() {
        findings.pop();
    }
    findings.insert(0, Finding { detector: reason, bits: Bits::ZERO, why });
}
