//! Load for measurements: millions of calls of many accounts, mostly within Japan, a few
//! percent abroad, as fast as they can be written. 13 columns of the contract
//! (`forwarded_from` is left out). In order of start, or in order of end with calls of a day
//! and a half, for whoever has to sort them. Nothing in it is an attack, and nobody should be
//! judged by it.

use crate::account::home_address;
use crate::calendar::{DAY, Day, HOUR, Millis, SECOND, rfc3339};
use crate::numbers::{Kind, Numbers};
use crate::output::call_id;
use crate::rng::{Rng, mix};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

/// The header of the file.
pub const HEADER: &str = "call_id,account,dialled,start,end,answer,line,caller,source_ip,\
     user_agent,trunk,direction,disposition";

/// In which order rows come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrder {
    /// Of the attempt.
    Start,
    /// Of the end; one call in 20,000 lasts a day and a half.
    End,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct BenchParams {
    /// The seed.
    pub seed: u64,
    /// Calls.
    pub n_rows: u64,
    /// Accounts, some of which call much more than others.
    pub n_accounts: u32,
    /// First day.
    pub first: Day,
    /// Days over which the calls are spread.
    pub days: i64,
    /// Order of the rows.
    pub order: RowOrder,
}

/// Calls by hour of the day, in thousandths.
const HOURS: [u64; 24] =
    [5, 4, 3, 3, 3, 5, 10, 20, 50, 95, 105, 100, 60, 95, 95, 95, 90, 75, 40, 20, 12, 8, 4, 3];
const ABROAD_PERCENT: u64 = 3;
const COUNTRIES: [&str; 12] =
    ["CN", "US", "KR", "TW", "TH", "HK", "SG", "VN", "PH", "GB", "DE", "ID"];
const AGENTS: [&str; 4] =
    ["Asterisk PBX 16.28.0", "Yeastar P-Series", "Cisco-CP8861/12.5", "OKI DISCOVERY neo2"];
/// Rows are collected to this many bytes before they are written.
const PIECE: usize = 1 << 20;

/// What is the same in all of an account's rows.
struct Customer {
    /// From `caller` to `trunk`, with commas.
    tail: Vec<u8>,
    /// As dialled.
    abroad: [String; 3],
    n_lines: u64,
}

/// Writes the file; the same parameters write the same bytes.
pub fn write_bench(params: &BenchParams, out: &mut impl Write) -> io::Result<()> {
    out.write_all(format!("{HEADER}\n").as_bytes())?;
    let customers = customers(params);
    let mut sheet = Sheet { out, buffer: Vec::with_capacity(PIECE + 4096), up: BinaryHeap::new() };
    let mut writer = Writer {
        params,
        customers,
        rng: Rng::named(params.seed, &[0xbe]),
        n: 0,
        clocks: [Clock::default(); 3],
    };
    let n_hours = params.days.max(1) * 24;
    for hour in 0..n_hours {
        // Rows up to this hour's end, by the weights of all hours before it.
        let through = |h: i64| -> u64 {
            let day_share = HOURS[..(h % 24) as usize].iter().sum::<u64>() as u128;
            let total = (h / 24) as u128 * 1_000 + day_share;
            (u128::from(params.n_rows) * total / (params.days.max(1) as u128 * 1_000)) as u64
        };
        let n = through(hour + 1) - through(hour);
        let opens = params.first.starts() + hour * HOUR;
        for i in 0..n {
            let start = opens + (HOUR as u64 * i / n) as i64 / SECOND * SECOND;
            writer.row(start, &mut sheet)?;
        }
    }
    sheet.finish()
}

fn customers(params: &BenchParams) -> Vec<Customer> {
    let numbers = Numbers::load();
    let make = |place: u32| {
        let mut rng = Rng::named(params.seed, &[0xbec, u64::from(place)]);
        let habit = *rng.pick(&["010", "0033010", "+", "0061010"]);
        let abroad = std::array::from_fn(|_| {
            let iso = *rng.pick(&COUNTRIES);
            format!("{habit}{}", numbers.number(&mut rng, iso, Kind::Fixed))
        });
        let (caller, trunk) = (rng.digits(8), rng.between(1, 4));
        let (source, agent) = (home_address(&mut rng), *rng.pick(&AGENTS));
        let tail = format!(",03{caller},{source},{agent},ntt-{trunk},outbound,").into_bytes();
        Customer { tail, abroad, n_lines: rng.between(1, 20) as u64 }
    };
    (0..params.n_accounts.max(1)).map(make).collect()
}

struct Writer<'a> {
    params: &'a BenchParams,
    customers: Vec<Customer>,
    rng: Rng,
    n: u64,
    /// The last time written in each column: most rows share a second with their neighbour.
    clocks: [Clock; 3],
}

impl Writer<'_> {
    fn row<W: Write>(&mut self, start: Millis, sheet: &mut Sheet<'_, W>) -> io::Result<()> {
        self.n += 1;
        let bits = self.rng.bits();
        // Squared, so that a few accounts have most of the calls.
        let share = ((bits >> 32) * (bits >> 32)) >> 32;
        let place = (share * self.customers.len() as u64) >> 32;
        let (talk, answered) = self.talk();
        let ring = 2 + (bits & 15) as i64;
        let answer = start + ring * SECOND;
        let end = if answered { answer + talk } else { answer + 12 * SECOND };
        let customer = &self.customers[place as usize];
        let out = sheet.next_row();
        out.extend_from_slice(&call_id(self.n));
        out.extend_from_slice(b",K");
        push_digits(out, place + 1, 7);
        out.push(b',');
        if (bits >> 8) % 100 < ABROAD_PERCENT {
            out.extend_from_slice(customer.abroad[(bits >> 16) as usize % 3].as_bytes());
        } else {
            // One of 64 numbers that the account calls.
            let known = mix(place << 6 | (bits >> 20 & 63), self.params.seed);
            let area: &[u8] = [&b"03"[..], b"06", b"090", b"080"][known as usize & 3];
            out.extend_from_slice(area);
            push_digits(out, 30_000_000 + (known >> 8) % 60_000_000, 8);
        }
        out.push(b',');
        self.clocks[0].write(start, out);
        out.push(b',');
        self.clocks[1].write(end, out);
        out.push(b',');
        if answered {
            self.clocks[2].write(answer, out);
        }
        out.push(b',');
        push_digits(out, 201 + (bits >> 40) % customer.n_lines, 3);
        out.extend_from_slice(&customer.tail);
        out.extend_from_slice(if answered { b"answered\n" } else { b"no_answer\n" });
        sheet.end_row(self.params.order, start, end, self.n)
    }

    /// How long, and whether anybody answers.
    fn talk(&mut self) -> (Millis, bool) {
        let bits = self.rng.bits();
        if self.params.order == RowOrder::End && bits.is_multiple_of(20_000) {
            return (DAY + DAY / 2 + (bits >> 40) as i64 % HOUR / SECOND * SECOND, true);
        }
        // Two uniforms multiplied: many short calls, few of up to half an hour.
        let (a, b) = (bits >> 12 & 0x3ff, bits >> 32 & 0x3ff);
        (((a * b * 1_800) >> 20) as i64 * SECOND + 3 * SECOND, bits >> 50 & 7 != 0)
    }
}

/// Rows on their way to the file; in order of end, those of calls that are still up wait.
struct Sheet<'a, W> {
    out: &'a mut W,
    buffer: Vec<u8>,
    up: BinaryHeap<Reverse<(Millis, u64, Vec<u8>)>>,
}

impl<W: Write> Sheet<'_, W> {
    fn next_row(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn end_row(&mut self, order: RowOrder, start: Millis, end: Millis, n: u64) -> io::Result<()> {
        if order == RowOrder::End {
            let from = self.buffer.iter().rev().skip(1).position(|b| *b == b'\n');
            let row = self.buffer.split_off(from.map_or(0, |back| self.buffer.len() - 1 - back));
            self.up.push(Reverse((end, n, row)));
            self.let_go(start);
        }
        if self.buffer.len() >= PIECE {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Writes calls that ended before this instant.
    fn let_go(&mut self, before: Millis) {
        while self.up.peek().is_some_and(|Reverse((end, ..))| *end < before) {
            if let Some(Reverse((_, _, row))) = self.up.pop() {
                self.buffer.extend_from_slice(&row);
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.let_go(Millis::MAX);
        self.out.write_all(&self.buffer)
    }
}

/// A time and its text.
#[derive(Clone, Copy)]
struct Clock {
    at: Millis,
    text: [u8; 25],
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { at: Millis::MIN, text: [0; 25] }
    }
}

impl Clock {
    /// Whole seconds only.
    fn write(&mut self, at: Millis, out: &mut Vec<u8>) {
        let same_day = self.at != Millis::MIN && Day::containing(self.at) == Day::containing(at);
        if !same_day {
            let mut text = Vec::with_capacity(32);
            rfc3339(at, &mut text);
            self.text.copy_from_slice(&text[..25]);
        } else if self.at != at {
            let s = (at + 9 * HOUR).rem_euclid(DAY) / SECOND;
            for (place, n) in [(11, s / 3_600), (14, s / 60 % 60), (17, s % 60)] {
                self.text[place] = b'0' + (n / 10) as u8;
                self.text[place + 1] = b'0' + (n % 10) as u8;
            }
        }
        self.at = at;
        out.extend_from_slice(&self.text);
    }
}

fn push_digits(out: &mut Vec<u8>, mut n: u64, width: usize) {
    let mut digits = [b'0'; 20];
    for place in (0..width).rev() {
        digits[place] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    out.extend_from_slice(&digits[..width]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn rows(order: RowOrder, n_rows: u64) -> Vec<Vec<String>> {
        let first = Day::of(2025, 6, 2);
        let params = BenchParams { seed: 1, n_rows, n_accounts: 500, first, days: 3, order };
        let mut out = Vec::new();
        write_bench(&params, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let row = |line: &str| line.split(',').map(String::from).collect();
        text.lines().skip(1).map(row).collect()
    }

    #[test]
    fn there_are_as_many_rows_as_asked_in_order_of_start() {
        let rows = rows(RowOrder::Start, 20_000);
        assert_eq!(rows.len(), 20_000);
        assert!(rows.iter().all(|r| r.len() == 13 && r[3] < r[4]));
        assert!(rows.is_sorted_by(|a, b| a[3] <= b[3] && a[0] < b[0]));
        let accounts: BTreeSet<_> = rows.iter().map(|r| &r[1]).collect();
        assert!(accounts.len() > 450);
        let abroad = |r: &&Vec<String>| ["010", "00", "+"].iter().any(|p| r[2].starts_with(p));
        let n_abroad = rows.iter().filter(abroad).count();
        assert!((400..800).contains(&n_abroad), "{n_abroad}");
    }

    #[test]
    fn in_order_of_end_calls_of_a_day_and_a_half_come_late() {
        let rows = rows(RowOrder::End, 100_000);
        assert_eq!(rows.len(), 100_000);
        assert!(rows.is_sorted_by(|a, b| a[4] <= b[4]));
        let ids: BTreeSet<_> = rows.iter().map(|r| &r[0]).collect();
        assert_eq!(ids.len(), 100_000);
        assert!(!rows.is_sorted_by(|a, b| a[3] <= b[3]));
        assert!(rows.iter().filter(|r| r[3][..10] < r[4][..10]).count() >= 3);
    }
}
