//! One record as a run of bytes: the same form in the window, in a temporary file and on the
//! way to a judge, so that it is copied and never translated.
//!
//! Little endian: a head of [`HEAD`] bytes, then eight texts. What a record means is the
//! reader's and the judge's business.

use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{Disposition, RegistrationOutcome};
use std::cmp::Ordering;

/// Bytes before the texts.
pub const HEAD: usize = 72;
/// Longest text that a row carries; longer ones are cut, a longer `call_id` is refused.
pub const TEXT_MAX: usize = u16::MAX as usize;

const N_TEXTS: usize = 8;
const NONE: i64 = i64::MIN;

const LENGTH: usize = 0;
const CLASS: usize = 4;
const CODE: usize = 5;
const OFFSET: usize = 6;
const AT: usize = 8;
const ANSWER: usize = 16;
const END: usize = 24;
const KEY: usize = 32;
const PLACE: usize = 40;
const ACCOUNT: usize = 48;
const LENGTHS: usize = 52;

/// What a row is; its number is its place among rows of one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A registration or a refused sign-in.
    Registration,
    /// An outbound attempt.
    Attempt,
}

/// What goes into a row.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// What it is.
    pub class: Class,
    /// When, and in which offset it was written.
    pub at: Rfc3339,
    /// When it was answered.
    pub answer: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// A disposition or an outcome, by [`disposition_code`] or [`outcome_code`].
    pub code: u8,
    /// Stands for account and `call_id` when repeats are looked for; later the ordinal.
    pub key: u64,
    /// File and line it came from.
    pub place: Place,
    /// Its account, as the reader numbers them.
    pub account: u32,
    /// The texts.
    pub texts: Texts<'a>,
}

/// The texts of a row, in their order; empty where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Texts<'a> {
    /// Unique for a leg of its account.
    pub call_id: &'a str,
    /// As dialled.
    pub dialled: &'a str,
    /// Extension or line.
    pub line: &'a str,
    /// Calling number.
    pub caller: &'a str,
    /// Address that signalled.
    pub source: &'a str,
    /// Client.
    pub user_agent: &'a str,
    /// What caused the leg when no handset did.
    pub forwarded_from: &'a str,
    /// Outgoing trunk.
    pub trunk: &'a str,
}

/// Where a row stands in the input: the rank of its file and its line. Later in the input is
/// greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

impl Place {
    /// File `rank`, line `line`.
    pub fn new(rank: u16, line: u64) -> Place {
        Place(u64::from(rank) << 48 | line & 0xffff_ffff_ffff)
    }

    /// The place as one number, which grows along the input.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The file's rank.
    pub fn rank(self) -> usize {
        (self.0 >> 48) as usize
    }

    /// The line in the file, counted from 1.
    pub fn line(self) -> u64 {
        self.0 & 0xffff_ffff_ffff
    }
}

/// Appends a row.
pub fn pack(out: &mut Vec<u8>, fields: &Fields<'_>) {
    let t = &fields.texts;
    let texts =
        [t.call_id, t.dialled, t.line, t.caller, t.source, t.user_agent, t.forwarded_from, t.trunk]
            .map(cut);
    let length = HEAD + texts.iter().map(|text| text.len()).sum::<usize>();
    let mut head = [0_u8; HEAD];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(LENGTH, &(length as u32).to_le_bytes());
    put(CLASS, &[fields.class as u8]);
    put(CODE, &[fields.code]);
    put(OFFSET, &fields.at.offset_minutes.to_le_bytes());
    put(AT, &fields.at.at.0.to_le_bytes());
    put(ANSWER, &fields.answer.map_or(NONE, |t| t.0).to_le_bytes());
    put(END, &fields.end.map_or(NONE, |t| t.0).to_le_bytes());
    put(KEY, &fields.key.to_le_bytes());
    put(PLACE, &fields.place.0.to_le_bytes());
    put(ACCOUNT, &fields.account.to_le_bytes());
    for (n, text) in texts.iter().enumerate() {
        put(LENGTHS + 2 * n, &(text.len() as u16).to_le_bytes());
    }
    out.reserve(length);
    out.extend_from_slice(&head);
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}

/// At most [`TEXT_MAX`] bytes of `text`, whole characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_MAX)]
}

/// A row that was packed.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a>(&'a [u8]);

impl<'a> Row<'a> {
    /// The row that `bytes` begin with.
    ///
    /// # Panics
    /// On bytes that [`pack`] has not written, which is our own bug.
    pub fn first(bytes: &'a [u8]) -> Row<'a> {
        let length = u32::from_le_bytes(bytes[LENGTH..LENGTH + 4].try_into().expect("four bytes"));
        Row(&bytes[..length as usize])
    }

    /// All of it.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    fn i64(self, at: usize) -> i64 {
        i64::from_le_bytes(self.0[at..at + 8].try_into().expect("eight bytes"))
    }

    fn optional(self, at: usize) -> Option<Timestamp> {
        let value = self.i64(at);
        (value != NONE).then_some(Timestamp(value))
    }

    /// What it is.
    pub fn class(self) -> Class {
        if self.0[CLASS] == 0 { Class::Registration } else { Class::Attempt }
    }

    /// The disposition's or outcome's code.
    pub fn code(self) -> u8 {
        self.0[CODE]
    }

    /// When.
    pub fn at(self) -> Rfc3339 {
        let offset = i16::from_le_bytes([self.0[OFFSET], self.0[OFFSET + 1]]);
        Rfc3339 { at: Timestamp(self.i64(AT)), offset_minutes: offset }
    }

    /// When it was answered.
    pub fn answer(self) -> Option<Timestamp> {
        self.optional(ANSWER)
    }

    /// When it ended.
    pub fn end(self) -> Option<Timestamp> {
        self.optional(END)
    }

    /// The key or, once sent to a judge, the ordinal.
    pub fn key(self) -> u64 {
        self.i64(KEY) as u64
    }

    /// File and line.
    pub fn place(self) -> Place {
        Place(self.i64(PLACE) as u64)
    }

    /// The account's number.
    pub fn account(self) -> u32 {
        u32::from_le_bytes(self.0[ACCOUNT..ACCOUNT + 4].try_into().expect("four bytes"))
    }

    /// The `call_id` alone.
    pub fn call_id(self) -> &'a str {
        text(self.call_id_bytes())
    }

    fn call_id_bytes(self) -> &'a [u8] {
        let length = u16::from_le_bytes([self.0[LENGTHS], self.0[LENGTHS + 1]]);
        &self.0[HEAD..HEAD + usize::from(length)]
    }

    /// The texts.
    pub fn texts(self) -> Texts<'a> {
        // Checked once as a whole: cheaper than eight short texts.
        let mut rest = text(&self.0[HEAD..]);
        let mut next = |n: usize| {
            let at = LENGTHS + 2 * n;
            let length = usize::from(u16::from_le_bytes([self.0[at], self.0[at + 1]]));
            let (found, others) = rest.split_at(length);
            rest = others;
            found
        };
        const { assert!(N_TEXTS == 8 && LENGTHS + 2 * N_TEXTS <= HEAD) }
        Texts {
            call_id: next(0),
            dialled: next(1),
            line: next(2),
            caller: next(3),
            source: next(4),
            user_agent: next(5),
            forwarded_from: next(6),
            trunk: next(7),
        }
    }

    /// The order in which rows happen: time, then registrations before attempts, then
    /// `call_id`; rows that agree in all of these, as they stand in the input.
    pub fn order(self, other: Row<'_>) -> Ordering {
        (self.i64(AT), self.0[CLASS])
            .cmp(&(other.i64(AT), other.0[CLASS]))
            .then_with(|| self.call_id_bytes().cmp(other.call_id_bytes()))
            .then_with(|| self.place().cmp(&other.place()))
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a row is packed from texts")
}

/// Writes the ordinal and the account's number as the judge has it over a packed row's.
pub fn readdress(row: &mut [u8], ordinal: u64, account: u32) {
    row[KEY..KEY + 8].copy_from_slice(&ordinal.to_le_bytes());
    set_account(row, account);
}

/// Writes the account's number into a packed row.
#[inline]
pub fn set_account(row: &mut [u8], account: u32) {
    row[ACCOUNT..ACCOUNT + 4].copy_from_slice(&account.to_le_bytes());
}

const DISPOSITIONS: [Disposition; 5] = [
    Disposition::Unknown,
    Disposition::Answered,
    Disposition::Busy,
    Disposition::NoAnswer,
    Disposition::Failed,
];

const OUTCOMES: [RegistrationOutcome; 3] = [
    RegistrationOutcome::Accepted,
    RegistrationOutcome::BadPassword,
    RegistrationOutcome::UnknownLine,
];

/// A disposition in a byte.
pub fn disposition_code(disposition: Disposition) -> u8 {
    DISPOSITIONS.iter().position(|d| *d == disposition).unwrap_or(0) as u8
}

/// Undoes [`disposition_code`].
pub fn disposition_of(code: u8) -> Disposition {
    DISPOSITIONS.get(usize::from(code)).copied().unwrap_or(Disposition::Unknown)
}

/// An outcome in a byte.
pub fn outcome_code(outcome: RegistrationOutcome) -> u8 {
    OUTCOMES.iter().position(|o| *o == outcome).unwrap_or(0) as u8
}

/// Undoes [`outcome_code`].
pub fn outcome_of(code: u8) -> RegistrationOutcome {
    OUTCOMES.get(usize::from(code)).copied().unwrap_or(RegistrationOutcome::Accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was_packed() {
        let fields = Fields {
            class: Class::Attempt,
            at: Rfc3339 { at: Timestamp(-5), offset_minutes: -210 },
            answer: None,
            end: Some(Timestamp(7)),
            code: disposition_code(Disposition::Busy),
            key: 99,
            place: Place::new(3, 1_000_000_007),
            account: 12,
            texts: Texts {
                call_id: "c\"1", dialled: "010232", trunk: "日本", ..Texts::default()
            },
        };
        let mut bytes = Vec::new();
        pack(&mut bytes, &fields);
        let n = bytes.len();
        pack(&mut bytes, &fields);
        readdress(&mut bytes[..n], 1, 2);
        let row = Row::first(&bytes);
        assert_eq!((row.key(), row.account(), row.bytes().len()), (1, 2, n));
        let row = Row::first(&bytes[n..]);
        assert_eq!(row.texts(), fields.texts);
        assert_eq!((row.at(), row.answer(), row.end()), (fields.at, None, fields.end));
        assert_eq!((row.place().rank(), row.place().line()), (3, 1_000_000_007));
        assert_eq!(disposition_of(row.code()), Disposition::Busy);
    }
}
