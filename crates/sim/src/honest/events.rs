//! What happens once: an engaged number dialled ten times, a missed call from abroad that
//! somebody calls back, a conference, the day of a disaster.

use super::lengths::{ABROAD, CONGESTED, Course, ENGAGED, Luck, Talk, conference, talk_abroad};
use super::{Pen, Plan, hours};
use crate::archetype::Archetype::*;
use crate::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::contacts::LISTED;
use crate::numbers::Kind;
use crate::record::{Direction, Disposition, Hand, Reach};
use crate::rng::Rng;

pub(super) fn of_the_day(pen: &mut Pen<'_>, busy: f64) {
    let mut rng = pen.stream(3);
    let archetype = pen.account.archetype;
    let the_day = pen.day == pen.account.event;
    match archetype {
        RedialStorm if the_day || rng.chance(0.03 * busy) => redial_storm(pen, &mut rng),
        CuriousCallBack if the_day => call_back(pen, &mut rng),
        Conference if rng.chance(0.2 * busy) => meet(pen, &mut rng),
        _ => {}
    }
    let ground = pen.ground;
    for (n, disaster) in ground.disasters.iter().enumerate() {
        if !disaster.is_in_the_news(pen.day) {
            continue;
        }
        // Whether it has somebody there is one draw for both days.
        let mut who = Rng::named(pen.account.seed, &[99, n as u64]);
        if who.chance(disaster.chance(archetype)) {
            ask_after(pen, &mut rng, n);
        }
    }
}

fn redial_storm(pen: &mut Pen<'_>, rng: &mut Rng) {
    let contact = &pen.account.contacts[0];
    let number = pen.account.known_number(&pen.ground.numbers, &contact.iso, 0);
    let line = pen.line(rng);
    let mut at = pen.moment(rng, hours::abroad(pen.account.archetype, &contact.iso));
    for _ in 0..rng.between(10, 40) {
        let talk = talk_abroad(rng, pen.account.archetype);
        let course = ENGAGED.course(rng, talk);
        let dialled = pen.dialled(rng, &number);
        let ended = pen.write(rng, at, line, course, dialled, Reach::Abroad);
        if course.disposition == Disposition::Answered {
            return;
        }
        at = ended + rng.between(8, 40) * SECOND;
    }
}

/// One missed call from anywhere, called back once within the hour, briefly.
fn call_back(pen: &mut Pen<'_>, rng: &mut Rng) {
    let isos = pen.ground.numbers.isos();
    let iso = if rng.chance(0.2) { *rng.pick(&LISTED) } else { *rng.pick(&isos) };
    let number = pen.ground.numbers.number(rng, iso, Kind::Mobile);
    let rang = pen.day.starts() + rng.between(8 * 60, 20 * 60) * MINUTE;
    let line = pen.line(rng);
    let ring = Course {
        disposition: Disposition::NoAnswer,
        ring: 4 * SECOND,
        talk: 0,
        hand: Hand::Person,
    };
    let own = pen.account.caller.to_string();
    pen.write(rng, rang, line, ring, own, Reach::Home);
    if let Some(call) = pen.out.last_mut() {
        call.direction = Direction::Inbound;
        call.caller = format!("+{number}").into();
    }
    let at = rang + rng.between(1, 55) * MINUTE + rng.between(0, 59) * SECOND;
    let talk = Talk::of_person(rng.between(4, 70) * SECOND);
    let course = ABROAD.course(rng, talk);
    let dialled = pen.dialled(rng, &number);
    pen.write(rng, at, line, course, dialled, Reach::Abroad);
}

fn meet(pen: &mut Pen<'_>, rng: &mut Rng) {
    let n = rng.below(pen.account.contacts.len().min(3) as u64) as usize;
    let contact = &pen.account.contacts[n];
    let number = pen.account.known_number(&pen.ground.numbers, &contact.iso, 500);
    let at = pen.day.starts() + rng.between(8 * 60, 22 * 60) * MINUTE;
    let talk = conference(rng);
    let line = pen.line(rng);
    pen.attempts(
        rng,
        Plan { at, line, luck: Luck([0.95, 0.02, 0.02, 0.01]), talk, tries: 3 },
        &number,
    );
}

/// Calls to people in a stricken country, most of which the network there cannot carry.
fn ask_after(pen: &mut Pen<'_>, rng: &mut Rng, nth: usize) {
    let disaster = &pen.ground.disasters[nth];
    let mut who = Rng::named(pen.account.seed, &[98, nth as u64]);
    let n_people = who.between(1, 3) as u64;
    let (opens, ends) = (pen.day.starts(), pen.day.starts() + DAY);
    let from = disaster.at.max(opens);
    let until = (disaster.at + DAY + DAY / 2).min(ends);
    for _ in 0..rng.between(1, 6) {
        let number =
            pen.account.known_number(&pen.ground.numbers, disaster.iso, 700 + rng.below(n_people));
        let at = from + rng.between(0, (until - from).max(HOUR) / SECOND - 1) * SECOND;
        let talk = talk_abroad(rng, pen.account.archetype);
        let line = pen.line(rng);
        pen.attempts(rng, Plan { at, line, luck: CONGESTED, talk, tries: 5 }, &number);
    }
}
