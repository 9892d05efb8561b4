//! The rates table to a [`Deck`]. How lines and columns are found is `table.rs`'s.

use super::{Deck, DeckError, minute_price};
use crate::money::parse_decimal;
use crate::prefix_table::{Key, PrefixTable};
use crate::rate::Rate;
use crate::table::{Next, RowFault, RowProblem, Table, prefix_key};
use std::collections::HashMap;

const COLUMNS: &str = "prefix,name,price_per_minute,increment_seconds,setup_price";
/// Decimals that the contract allows in a price.
const DECIMALS: usize = 6;
/// Highest price that is believed, in millionths: ten million units a minute or a call.
const PRICE_MAX: i64 = 10_000_000_000_000;
/// Longest increment that is believed: an hour.
const INCREMENT_SECONDS_MAX: u32 = 3_600;
/// A name is cut to so many bytes.
const NAME_BYTES_MAX: usize = 120;

/// One row that can be used.
struct Row {
    key: Key,
    line: u64,
    rate: Rate,
    name: u32,
}

/// Names, each kept once: a deck repeats a name for hundreds of prefixes.
#[derive(Default)]
struct Names {
    names: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u32>,
}

pub(super) fn read(table: &[u8]) -> Result<(Deck, Vec<RowProblem>), DeckError> {
    let mut names = Names::default();
    let (rows, mut problems) = rows(table, &mut names)?;
    let rows = without_repeats(rows, &mut problems);
    let Some(dearest) = rows.iter().map(|row| row.rate).max_by_key(dearness) else {
        let first = problems.first().map(|problem| format!("; the first: {problem}"));
        let n_bad = problems.len();
        return Err(DeckError::NoRate { n_bad, first: first.unwrap_or_default() });
    };
    let deck = Deck {
        prefixes: PrefixTable::new(rows.iter().map(|row| row.key).collect()),
        rates: rows.iter().map(|row| row.rate).collect(),
        name_of: rows.iter().map(|row| row.name).collect(),
        names: names.names,
        dearest,
    };
    Ok((deck, problems))
}

fn dearness(rate: &Rate) -> (i64, i64) {
    let increment = i64::from(rate.increment_seconds) * rate.price_per_minute;
    (minute_price(rate), rate.setup_price.saturating_mul(60).saturating_add(increment))
}

fn rows(table: &[u8], names: &mut Names) -> Result<(Vec<Row>, Vec<RowProblem>), DeckError> {
    const READS: &str = "memory can always be read";
    let mut table = Table::new(table);
    let places = ["prefix", "price_per_minute", "increment_seconds", "name", "setup_price"];
    let places = table.header(places, 3, COLUMNS).expect(READS)?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    loop {
        let row = match table.next().expect(READS) {
            Next::End => return Ok((rows, problems)),
            Next::Fault(fault) => Err(fault),
            Next::Row => row(places.map(|place| table.field(place)), names),
        };
        if rows.len() + problems.len() == Deck::ROWS_MAX {
            return Err(DeckError::TooManyRows);
        }
        let line = table.line_number();
        match row {
            Ok((key, rate, name)) => rows.push(Row { key, line, rate, name }),
            Err(fault) => problems.push(RowProblem { line, fault }),
        }
    }
}

fn row(fields: [&[u8]; 5], names: &mut Names) -> Result<(Key, Rate, u32), RowFault> {
    let [prefix, price, increment, name, setup] = fields;
    let key = prefix_key(prefix)?;
    let rate = Rate {
        price_per_minute: amount("price_per_minute", price)?,
        increment_seconds: increment_seconds(increment)?,
        setup_price: if setup.is_empty() { 0 } else { amount("setup_price", setup)? },
    };
    Ok((key, rate, names.number_of(name)))
}

fn amount(column: &'static str, field: &[u8]) -> Result<i64, RowFault> {
    if field.is_empty() {
        return Err(RowFault::Missing(column));
    }
    let expected = "an amount such as 12.5, at most ten million, with at most six decimals";
    let amount = parse_decimal(field, DECIMALS).filter(|amount| *amount <= PRICE_MAX);
    amount.ok_or_else(|| RowFault::field(column, expected, field))
}

fn increment_seconds(field: &[u8]) -> Result<u32, RowFault> {
    if field.is_empty() {
        return Err(RowFault::Missing("increment_seconds"));
    }
    let seconds = parse_decimal(field, 0).and_then(|seconds| u32::try_from(seconds).ok());
    let known = seconds.filter(|seconds| (1..=INCREMENT_SECONDS_MAX).contains(seconds));
    let expected = "whole seconds from 1 to 3600";
    known.ok_or_else(|| RowFault::field("increment_seconds", expected, field))
}

impl Names {
    fn number_of(&mut self, name: &[u8]) -> u32 {
        let name = String::from_utf8_lossy(name);
        let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let number = self.names.len() as u32;
        self.names.push(name.into());
        self.by_name.insert(name.into(), number);
        number
    }
}

/// The rows in the order of their keys, of each key the last given; reports the others.
fn without_repeats(mut rows: Vec<Row>, problems: &mut Vec<RowProblem>) -> Vec<Row> {
    rows.sort_by_key(|row| (row.key, row.line));
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if last.key == row.key => {
                let fault = RowFault::Repeated { earlier: last.line };
                problems.push(RowProblem { line: row.line, fault });
                *last = row;
            }
            _ => kept.push(row),
        }
    }
    problems.sort_by_key(|problem| problem.line);
    kept
}
