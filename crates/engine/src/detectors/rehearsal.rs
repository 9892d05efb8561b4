//! One account on a stage: what a detector sees, built by hand, so that a casebook page can ask
//! a detector without the rest of the engine. For tests only; it decides nothing, and what it
//! is given as history it takes for aged.

use super::{Findings, Memory, Off, Settings, observe};
use crate::event::{AccountIdx, Attempt, Registration, Token};
use crate::lessons::Lessons;
use crate::limits;
use crate::profile::hours::Hours;
use crate::profile::known::Known;
use crate::profile::{Profile, day_of, range_of};
use crate::recent::{Familiarity, Progress, Recent, RecentCall};
use crate::scene::{Running, Scene};
use crate::sign_ins::{SignIns, mark, network_of};
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};

/// What will become of a staged call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered after some ringing; talks for `talk`, or on and on.
    Answered {
        /// Ringing before it.
        ring: Span,
        /// `None`: it does not end while the page lasts.
        talk: Option<Span>,
    },
    /// Busy, no answer or refused by the network, after some ringing.
    Failed {
        /// Ringing before it.
        ring: Span,
    },
    /// Not let out.
    Stopped,
}

/// The account.
#[derive(Debug, Default)]
pub struct Stage {
    /// Habits abroad.
    pub profile: Profile,
    /// When its phones are in use.
    pub hours: Hours,
    /// Networks it comes from.
    pub sources: Known<{ limits::SOURCES_PER_ACCOUNT_MAX }>,
    /// Clients it uses.
    pub clients: Known<{ limits::CLIENTS_PER_ACCOUNT_MAX }>,
    /// Its door.
    pub sign_ins: SignIns,
    /// What others suffered.
    pub lessons: Lessons,
    /// First day it was seen on.
    pub first_day: u16,
    /// Day of its last attempt abroad.
    pub last_abroad: Option<u16>,
    recent: Recent,
    memory: Memory,
    planned: Vec<(u32, Timestamp, Outcome)>,
}

impl Stage {
    /// Its token.
    pub const ACCOUNT: Token = Token(1);

    /// An aged habit: `n` calls to a number, spread over the days before `today` that have
    /// aged, a dozen a day at most.
    pub fn called(&mut self, number: E164, country: Country, n: u32, rate: &Rate, today: u16) {
        let n_days = n.div_ceil(12).max(2) as u16;
        let from = today.saturating_sub(5 + n_days);
        for (nth, day) in (from..from + n_days).enumerate() {
            self.profile.countries.roll(day);
            let n_days = u32::from(n_days);
            let n_today = n / n_days + u32::from((nth as u32) < n % n_days);
            for _ in 0..n_today {
                self.profile.countries.learn(country, day, rate);
            }
            self.profile.numbers.learn(number.value(), day);
            self.profile.ranges.learn(range_of(number).value(), day);
        }
        self.profile.countries.roll(today);
        let last = from + n_days - 1;
        self.last_abroad = Some(self.last_abroad.map_or(last, |known| known.max(last)));
    }

    /// Asks about an attempt, then lets it take its course. Attempts come in order of time.
    pub fn attempt(
        &mut self,
        settings: &Settings,
        off: Off,
        attempt: &Attempt<'_>,
        outcome: Outcome,
    ) -> Findings {
        self.play_until(attempt.at);
        let day = day_of(attempt.at);
        let number = attempt.destination.e164;
        let country = attempt.destination.country;
        let familiarity = self.familiarity(number, country, day);
        let scene = Scene {
            attempt,
            account: Stage::ACCOUNT,
            number,
            country,
            range: number.map(range_of),
            familiarity,
            day,
            days_known: day.saturating_sub(self.first_day),
            days_since_abroad: self.last_abroad.map(|last| day.saturating_sub(last)),
            hours: &self.hours,
            profile: &self.profile,
            sources: &self.sources,
            clients: &self.clients,
            recent: &self.recent,
            running: self.running(attempt.at),
            sign_ins: &self.sign_ins,
            lessons: &self.lessons,
        };
        let findings = observe(settings, off, &mut self.memory, &scene);
        let serial = self.recent.push(recent_call(attempt, familiarity));
        self.planned.push((serial, attempt.at, outcome));
        self.last_abroad = Some(day);
        findings
    }

    /// A registration or a refused sign-in.
    pub fn registration(&mut self, event: &Registration<'_>) {
        self.sign_ins.note(event, &self.sources, &self.clients);
    }

    /// As [`crate::account::Abroad::familiarity`] has it.
    fn familiarity(&self, number: Option<E164>, country: Option<Country>, day: u16) -> Familiarity {
        let (Some(number), Some(country)) = (number, country) else { return Familiarity::Nothing };
        let profile = &self.profile;
        if profile.countries.get(country).is_none_or(|habit| habit.n_days_aged < 2) {
            Familiarity::Nothing
        } else if profile.numbers.is_known(number.value(), day) {
            Familiarity::Number
        } else if profile.ranges.is_known(range_of(number).value(), day) {
            Familiarity::Range
        } else {
            Familiarity::Country
        }
    }

    fn play_until(&mut self, now: Timestamp) {
        for (serial, at, outcome) in &self.planned {
            if let Some(call) = self.recent.get_mut(*serial) {
                call.progress = progress(*at, *outcome, now);
            }
        }
    }

    fn running(&self, now: Timestamp) -> Running {
        let mut running = Running::default();
        for call in self.recent.iter() {
            let talked = match call.progress {
                Progress::Ringing => Span::ZERO,
                Progress::Talking { since } => now.since(since),
                _ => continue,
            };
            running.n_legs += 1;
            running.n_unfamiliar += u32::from(call.familiarity < Familiarity::Range);
            running.longest = running.longest.max(talked);
        }
        running
    }
}

fn recent_call(attempt: &Attempt<'_>, familiarity: Familiarity) -> RecentCall {
    RecentCall {
        at: attempt.at,
        number: attempt.destination.e164,
        country: attempt.destination.country,
        progress: Progress::Ringing,
        line: attempt.line.map_or(0, |line| mark(line.token.0)),
        source: attempt.source.map_or(0, |source| mark(network_of(source))),
        dialled_as: attempt.destination.dialled_as,
        validity: attempt.destination.validity,
        familiarity,
        bits: 0,
        cost: Money::ZERO,
    }
}

/// What has become of a call by `now`.
fn progress(at: Timestamp, outcome: Outcome, now: Timestamp) -> Progress {
    match outcome {
        Outcome::Stopped => Progress::Stopped,
        Outcome::Failed { ring } if at + ring <= now => Progress::Failed,
        Outcome::Answered { ring, talk } if at + ring <= now => {
            let since = at + ring;
            match talk {
                Some(talk) if since + talk <= now => Progress::Talked {
                    seconds: u32::try_from(talk.whole_seconds()).unwrap_or(u32::MAX),
                    ended: since + talk,
                },
                _ => Progress::Talking { since },
            }
        }
        _ => Progress::Ringing,
    }
}

/// The account's index where there is only one.
pub const ONLY: AccountIdx = AccountIdx(0);
