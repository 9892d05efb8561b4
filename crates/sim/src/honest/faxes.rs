//! Fax broadcasts: the same pages to a list of numbers, one after the other on a few lines,
//! 20 to 40 s each, at an hour of the account's own, often at night. The honest traffic that
//! looks most like a metronome of short calls.

use super::Pen;
use super::lengths::{FAX, Talk};
use crate::calendar::{DayKind, HOUR, MINUTE, SECOND};
use crate::record::Reach;
use crate::rng::Rng;

/// Numbers of one broadcast abroad at most.
const LIST_MAX: i64 = 400;

pub(super) fn broadcast(pen: &mut Pen<'_>, rng: &mut Rng) {
    let account = pen.account;
    let mut habits = Rng::named(account.seed, &[66]);
    let every_days = habits.between(1, 12);
    let hour = *habits.pick(&[2, 8, 9, 12, 17, 18, 22]);
    let n_lines = habits.between(1, 4);
    let phase = habits.between(0, every_days - 1);
    if (pen.day.0 + phase) % every_days != 0 || pen.day.kind() != DayKind::Working {
        return;
    }
    let pages = rng.between(20, 40) * SECOND;
    let n = (account.abroad_per_day * every_days as f64 * 1.4).ceil() as i64;
    let n = n.clamp(3, LIST_MAX);
    let start = pen.day.starts() + hour * HOUR + rng.between(0, 5) * MINUTE;
    let mut free = vec![start; n_lines as usize];
    for place in 0..n {
        let contact = &account.contacts[place as usize % account.contacts.len().min(4)];
        let number = account.known_number(&pen.ground.numbers, &contact.iso, 1_000 + place as u64);
        let line = place as usize % free.len();
        let at = free[line];
        // The far machine's speed differs by a second or two, not more.
        let talk = Talk::of_fax(pages + rng.between(-2, 2) * SECOND);
        let course = FAX.course(rng, talk);
        let dialled = pen.dialled(rng, &number);
        let ended = pen.write(rng, at, 290 + line as u32, course, dialled, Reach::Abroad);
        free[line] = ended + rng.between(2, 12) * SECOND;
    }
}

#[cfg(test)]
mod tests {
    use crate::archetype::Archetype::FaxBroadcast;
    use crate::calendar::{Day, SECOND};
    use crate::honest::tests::month_of;
    use crate::record::Reach;

    #[test]
    fn pages_take_20_to_40_seconds() {
        let calls = month_of(FaxBroadcast, Day::of(2025, 6, 1));
        let talks = calls
            .iter()
            .filter(|c| c.reach == Reach::Abroad)
            .filter_map(|c| Some(c.end - c.answer?));
        let talks: Vec<i64> = talks.collect();
        assert!(talks.len() > 100);
        assert!(talks.iter().all(|t| (18 * SECOND..=42 * SECOND).contains(t)));
    }
}
