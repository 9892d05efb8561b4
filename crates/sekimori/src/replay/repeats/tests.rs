use super::*;

const MINUTE: i64 = HOUR / 60;

/// Lets rows of one key arrive, each `(at in minutes, place)`, all of them before any goes on,
/// and says which go on.
fn standing(rows: &[(i64, u64)], per_block: usize) -> Vec<(i64, u64)> {
    let mut repeats = Repeats::new(100, &Storage::new(None));
    let mut waiting = Vec::new();
    for block in rows.chunks(per_block) {
        let mut arrivals: Vec<Arrival> = block
            .iter()
            .map(|(minutes, place)| {
                let at = minutes * MINUTE;
                let occurrence = Some(Occurrence { key: 7 << 40 | 7, at, place: *place });
                Arrival { occurrence, at, from: 0, fate: Fate::Stands }
            })
            .collect();
        repeats.arrive(&mut arrivals, i64::MIN).expect("temporary files work");
        let alive = block.iter().zip(&arrivals).filter(|(_, a)| a.fate == Fate::Stands);
        waiting.extend(alive.map(|(row, _)| *row));
    }
    waiting.sort();
    waiting.retain(|(at, place)| repeats.leave(7 << 40 | 7, at * MINUTE, *place) == Fate::Stands);
    assert!(repeats.suspects.is_empty(), "nothing is remembered of calls that have gone on");
    waiting
}

/// What the module's rule says, from all rows at once.
fn expected(rows: &[(i64, u64)]) -> Vec<(i64, u64)> {
    let first = rows.iter().map(|(at, _)| *at).min().expect("there are rows");
    let group = rows.iter().filter(|(at, _)| *at <= first + 60);
    group.max_by_key(|(_, place)| *place).copied().into_iter().collect()
}

#[test]
fn of_one_id_one_row_stands_whatever_the_order_of_arrival() {
    let mut seed = 1_u64;
    let mut next = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % n
    };
    for _ in 0..2_000 {
        let n_rows = 1 + next(6) as usize;
        let mut rows: Vec<(i64, u64)> =
            (0..n_rows as u64).map(|place| (next(130) as i64, place)).collect();
        for n in (1..n_rows).rev() {
            rows.swap(n, next(n as u64 + 1) as usize);
        }
        for per_block in 1..=3 {
            assert_eq!(standing(&rows, per_block), expected(&rows), "{rows:?}");
        }
    }
}
