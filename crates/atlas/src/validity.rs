//! Whether a number exists and what it is used for, by libphonenumber's metadata. For one that
//! does not exist, what is wrong with it: an unassigned range is where numbers are hijacked.

use crate::destination::{NumberType, Validity};
use crate::e164::E164;
use crate::numbering;

/// Whether `number` exists, and its type where it does. [`Validity::Unknown`] for a calling
/// code that nobody has. About 40 ns; the first call compiles the table, once in a process.
pub fn classify(number: E164) -> (Validity, NumberType) {
    match numbering::look_up(number) {
        Some(found) => (found.validity, found.number_type),
        None => (Validity::Unknown, NumberType::Unknown),
    }
}
