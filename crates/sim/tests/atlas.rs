//! What the simulator dials is read by the Atlas as it was meant: the two know nothing of each
//! other, so that each is a check of the other.

use sekimori_atlas::country::Country;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_sim::calendar::Day;
use sekimori_sim::intruder::class::Class;
use sekimori_sim::record::{Direction, Reach};
use sekimori_sim::rng::Split;
use sekimori_sim::world::{Params, World};

#[test]
fn what_is_dialled_is_read_as_it_was_meant() {
    let home = Country::from_iso(b"JP").expect("Japan is a country");
    let plan = Plan::home(home, &Options::default()).expect("Japan has a plan");
    let mut world = World::new(Params {
        seed: 21,
        first: Day::of(2025, 1, 6),
        days: 28,
        n_accounts: 800,
        domestic_share: 0.05,
        split: Split::Judge,
        attacks: vec![(Class::Wide, 5), (Class::Metronome, 20), (Class::DearRange, 5)],
    });
    let (mut n, mut odd) = ([0_u32; 2], Vec::new());
    while let Some(batch) = world.next_day() {
        for call in batch.calls.iter().filter(|c| c.direction == Direction::Outbound) {
            let abroad = call.reach == Reach::Abroad;
            n[usize::from(abroad)] += 1;
            let read = plan.read(call.dialled.as_bytes());
            if read.kind.is_international() != abroad {
                odd.push((call.dialled.clone(), read));
            }
        }
    }
    assert!(n[0] > 5_000 && n[1] > 5_000, "{n:?}");
    // Behind an outside line's 0, a few numbers of Tokyo and Sapporo look like `00` abroad.
    assert!(odd.len() * 1_000 < (n[0] + n[1]) as usize, "{} of {n:?}: {odd:?}", odd.len());
}
