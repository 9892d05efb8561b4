//! One column of a batch, in one of the two forms that are asked for: texts or moments.

use crate::Cell;
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use jiff::tz::{Offset, TimeZone};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;

/// A column.
#[derive(Debug)]
pub(crate) enum Column {
    /// There is none.
    Absent,
    /// Texts and numbers.
    Texts(StringArray),
    /// Moments.
    Moments(Vec<Option<Rfc3339>>),
}

impl Column {
    /// `None` for a type that cannot be shown as text, such as a list. `zone` is that of
    /// moments without one.
    pub(crate) fn of(array: &ArrayRef, zone: &TimeZone) -> Option<Column> {
        match array.data_type() {
            DataType::Timestamp(unit, named) => {
                let wall = if named.is_none() { Wall::Local } else { Wall::Utc };
                let zone = named.as_deref().map_or_else(|| Some(zone.clone()), zone_of)?;
                moments(array, *unit, wall, &zone)
            }
            kind if kind.is_nested() => None,
            _ => {
                let texts = cast(array, &DataType::Utf8).ok()?;
                Some(Column::Texts(texts.as_string::<i32>().clone()))
            }
        }
    }

    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Column::Absent => Cell::Empty,
            Column::Texts(texts) if texts.is_null(row) => Cell::Empty,
            Column::Texts(texts) => Cell::Text(texts.value(row)),
            Column::Moments(moments) => moments[row].map_or(Cell::Empty, Cell::Moment),
        }
    }
}

/// Whether a timestamp counts from the epoch, or tells what a clock on the wall showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wall {
    Utc,
    Local,
}

/// Arrow names zones as `+09:00` or as `Asia/Tokyo`.
fn zone_of(name: &str) -> Option<TimeZone> {
    let fixed = || {
        let (sign, rest) = match name.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
        let minutes = hours.parse::<i32>().ok()?.checked_mul(60)? + minutes.parse::<i32>().ok()?;
        Offset::from_seconds(sign * minutes * 60).ok().map(TimeZone::fixed)
    };
    fixed().or_else(|| TimeZone::get(name).ok())
}

fn moments(array: &ArrayRef, unit: TimeUnit, wall: Wall, zone: &TimeZone) -> Option<Column> {
    let values = cast(array, &DataType::Int64).ok()?;
    let values = values.as_primitive::<Int64Type>();
    let nanos_each = match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    let moments =
        values.iter().map(|value| moment(value?.checked_mul(nanos_each)?, wall, zone)).collect();
    Some(Column::Moments(moments))
}

/// `None` past the ends of what a [`Timestamp`] can tell.
fn moment(nanos: i64, wall: Wall, zone: &TimeZone) -> Option<Rfc3339> {
    let told = jiff::Timestamp::from_nanosecond(i128::from(nanos)).ok()?;
    let at = match wall {
        Wall::Utc => told,
        Wall::Local => {
            let shown = TimeZone::UTC.to_datetime(told);
            zone.to_ambiguous_zoned_datetime(shown).compatible().ok()?.timestamp()
        }
    };
    let offset = zone.to_offset(at).seconds() / 60;
    let at = Timestamp(i64::try_from(at.as_nanosecond()).ok()?);
    Some(Rfc3339 { at, offset_minutes: offset as i16 })
}
