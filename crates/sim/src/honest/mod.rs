//! Honest traffic: one account, one day. Every stream of randomness is named by account and
//! day, and calls within Japan have their own, so that thinning them changes no call abroad.
//! Inbound calls are left out, but for the ring that somebody calls back.

mod events;
mod faxes;
pub(crate) mod hours;
pub(crate) mod lengths;
pub mod registers;
pub mod seasons;

use crate::account::Account;
use crate::archetype::Archetype::*;
use crate::calendar::{Day, HOUR, Millis, SECOND};
use crate::contacts::{Contact, fresh_country};
use crate::numbers::{Kind, Numbers, domestic, outside_line};
use crate::record::{Call, Direction, Disposition, Reach, Truth};
use crate::rng::Rng;
use hours::{Hours, busyness};
use lengths::{ABROAD, Course, DOMESTIC, Luck, Talk, talk_abroad, talk_at_home};
use seasons::Disaster;

/// What all accounts share.
pub(crate) struct Ground {
    pub(crate) numbers: Numbers,
    pub(crate) disasters: Vec<Disaster>,
    /// Of calls within Japan, the share that is kept.
    pub(crate) domestic_share: f64,
}

/// Appends the calls that begin on this day, and redials that may run into the next.
pub(crate) fn calls(ground: &Ground, account: &Account, place: u32, day: Day, out: &mut Vec<Call>) {
    if day < account.opened {
        return;
    }
    let mut pen = Pen { ground, account, place, day, out };
    let busy = busyness(account, day);
    pen.at_home(busy);
    let mut rng = pen.stream(2);
    if account.archetype == FaxBroadcast {
        faxes::broadcast(&mut pen, &mut rng);
    } else {
        pen.abroad(&mut rng, busy);
    }
    events::of_the_day(&mut pen, busy);
}

/// Writes calls of one account and day.
struct Pen<'a> {
    ground: &'a Ground,
    account: &'a Account,
    place: u32,
    day: Day,
    out: &'a mut Vec<Call>,
}

/// How an attempt is to go.
struct Plan {
    at: Millis,
    line: u32,
    luck: Luck,
    talk: Talk,
    /// Attempts at most, with redials when nobody answers.
    tries: u32,
}

impl Pen<'_> {
    fn stream(&self, of: u64) -> Rng {
        Rng::named(self.account.seed, &[self.day.0 as u64, of])
    }

    fn at_home(&mut self, busy: f64) {
        let mut rng = self.stream(1);
        let mean = self.account.domestic_per_day * busy * self.ground.domestic_share;
        let outside = outside_line(self.account.habit(self.day));
        let hours = hours::domestic(self.account.archetype);
        for _ in 0..rng.poisson(mean) {
            let at = self.moment(&mut rng, hours);
            let talk = talk_at_home(&mut rng, self.account.archetype);
            let course = DOMESTIC.course(&mut rng, talk);
            let line = self.line(&mut rng);
            let dialled = format!("{outside}{}", domestic(&mut rng));
            self.write(&mut rng, at, line, course, dialled, Reach::Home);
        }
    }

    fn abroad(&mut self, rng: &mut Rng, busy: f64) {
        let account = self.account;
        let total: f64 = account.contacts.iter().map(|c| c.weight).sum();
        for contact in &account.contacts {
            let factor = seasons::factor(account.archetype, &contact.iso, self.day);
            let mean = account.abroad_per_day * busy * factor * contact.weight / total;
            for _ in 0..rng.poisson(mean) {
                self.one_abroad(rng, contact);
            }
        }
        if let Some(branch) = account.branch.as_ref().filter(|_| self.day >= account.event) {
            let there =
                Contact { iso: branch.iso.clone(), weight: 1.0, n_numbers: branch.n_numbers };
            for _ in 0..rng.poisson(branch.per_day * busy) {
                self.one_abroad(rng, &there);
            }
        }
    }

    fn one_abroad(&mut self, rng: &mut Rng, contact: &Contact) {
        let archetype = self.account.archetype;
        let strays = match archetype {
            OfficeRare | CuriousCallBack => 0.03,
            Hotel | Embassy => 0.02,
            _ => 0.004,
        };
        if rng.chance(strays) {
            let iso = fresh_country(rng, &self.account.contacts);
            let number = self.ground.numbers.number(rng, &iso, Kind::Fixed);
            return self.place_abroad(rng, &iso, number);
        }
        let number = match rng.chance(self.account.novelty) {
            true => {
                let kind = if rng.chance(0.5) { Kind::Fixed } else { Kind::Mobile };
                self.ground.numbers.number(rng, &contact.iso, kind)
            }
            // Few numbers get most of the calls.
            false => {
                let n = (rng.unit() * rng.unit() * contact.n_numbers as f64) as u64;
                self.account.known_number(&self.ground.numbers, &contact.iso, n)
            }
        };
        self.place_abroad(rng, &contact.iso, number);
    }

    fn place_abroad(&mut self, rng: &mut Rng, iso: &str, number: String) {
        let at = self.moment(rng, hours::abroad(self.account.archetype, iso));
        let talk = talk_abroad(rng, self.account.archetype);
        let plan = Plan { at, line: self.line(rng), luck: ABROAD, talk, tries: 4 };
        let first = self.out.len();
        self.attempts(rng, plan, &number);
        if rng.chance(self.account.forwarded) {
            let forwarder = format!("cfu:{}", self.account.extension(rng));
            for call in &mut self.out[first..] {
                call.forwarded_from.clone_from(&forwarder);
            }
        }
    }

    /// Attempts until somebody answers or patience ends; returns when the last one ended.
    fn attempts(&mut self, rng: &mut Rng, plan: Plan, number: &str) -> Millis {
        let mut at = plan.at;
        for n in 1..=plan.tries {
            let course = plan.luck.course(rng, plan.talk);
            let dialled = self.dialled(rng, number);
            let ended = self.write(rng, at, plan.line, course, dialled, Reach::Abroad);
            let again = course.disposition != Disposition::Answered && rng.chance(0.55);
            if n == plan.tries || !again {
                return ended;
            }
            at = ended + rng.between(8, 240) * SECOND;
        }
        at
    }

    /// A number abroad as this account dials it; sometimes as a mobile would, or with the
    /// caller's number shown or hidden, and one in 200 with a digit lost.
    fn dialled(&self, rng: &mut Rng, number: &str) -> String {
        let habit = self.account.habit(self.day);
        match rng.below(400) {
            0..=7 => format!("+{number}"),
            8..=11 if habit != "+" => self.with_caller_id("186", number),
            12..=13 if habit != "+" => self.with_caller_id("184", number),
            14..=15 => format!("{habit}{}", &number[..number.len() - 1]),
            _ => format!("{habit}{number}"),
        }
    }

    /// Behind the outside line's digit, where there is one.
    fn with_caller_id(&self, service: &str, number: &str) -> String {
        let habit = self.account.habit(self.day);
        let outside = outside_line(habit);
        format!("{outside}{service}{}{number}", &habit[outside.len()..])
    }

    /// A second of this day by the weights of its hours.
    fn moment(&self, rng: &mut Rng, hours: &Hours) -> Millis {
        let hour = rng.weighted(hours.iter().map(|w| f64::from(*w))) as i64;
        self.day.starts() + hour * HOUR + rng.between(0, 3_599) * SECOND
    }

    fn line(&self, rng: &mut Rng) -> u32 {
        self.account.extension(rng)
    }

    /// Writes one leg and says when it ended.
    fn write(
        &mut self,
        rng: &mut Rng,
        at: Millis,
        line: u32,
        course: Course,
        dialled: String,
        to: Reach,
    ) -> Millis {
        let answered = course.disposition == Disposition::Answered;
        let end = at + course.ring + course.talk;
        self.out.push(Call {
            start: at,
            answer: answered.then_some(at + course.ring),
            end,
            account: self.place,
            line,
            dialled,
            caller: self.account.caller.clone(),
            source_ip: self.account.source(rng, self.day),
            user_agent: self.account.agent(self.day),
            forwarded_from: String::new(),
            trunk: self.account.trunk.clone(),
            direction: Direction::Outbound,
            disposition: course.disposition,
            truth: Truth::Honest(self.account.archetype_name),
            hand: course.hand,
            reach: to,
        });
        end
    }
}

#[cfg(test)]
mod tests;
