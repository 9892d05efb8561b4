//! Rows that wait for their accounts' numbers: looked up several at a time, because nearly all
//! of a look-up is waiting for memory, and waits can overlap.

use super::accounts::Accounts;
use super::row;

/// Rows that are looked up at the same time: about as many as a processor has requests to
/// memory on the way.
const TOGETHER: usize = 16;

/// Packed rows without their accounts' numbers.
#[derive(Debug, Default)]
pub struct Together {
    names: String,
    asked: Vec<Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    hash: u64,
    name_to: usize,
    /// Where the row begins among the packed ones.
    row_from: usize,
}

impl Together {
    /// The row that is packed at `row_from` belongs to the account of this name and hash.
    #[inline]
    pub fn ask(&mut self, hash: u64, name: &str, row_from: usize) {
        self.names.push_str(name);
        self.asked.push(Asked { hash, name_to: self.names.len(), row_from });
    }

    /// Whether it is time for [`Together::answer`].
    #[inline]
    pub fn is_full(&self) -> bool {
        self.asked.len() >= TOGETHER
    }

    /// Writes the numbers into the rows, in the order in which they were asked for.
    pub fn answer(&mut self, accounts: &mut Accounts, rows: &mut [u8]) {
        let warmth = self.asked.iter().fold(0, |sum, asked| sum ^ accounts.warm(asked.hash));
        // Without this the compiler would see that nobody wants the sum.
        std::hint::black_box(warmth);
        let mut name_from = 0;
        for asked in self.asked.drain(..) {
            let number = accounts.number(asked.hash, &self.names[name_from..asked.name_to]);
            row::set_account(&mut rows[asked.row_from..], number);
            name_from = asked.name_to;
        }
        self.names.clear();
    }
}
