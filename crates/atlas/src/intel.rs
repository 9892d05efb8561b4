//! Destination intelligence: numbers and ranges that somebody has reported.

/// What a list says of a number, at the moment it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What it was listed as.
    pub kind: ListingKind,
    /// How many leading digits of the number the entry names: 3 is a whole country, 11 may
    /// be one number.
    pub n_digits: u8,
    /// What is left of its weight after decay, in thousandths: 1000 when fresh.
    pub weight: u16,
    /// Which imported list it came from: an index into the intelligence's sources.
    pub source: u16,
}

/// The contract's `kind` of a listed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListingKind {
    /// A number that intruders call first, to learn whether calls get through.
    TestNumber,
    /// A range that is traded for revenue share.
    Range,
    /// A destination code that a carrier published as a frequent target.
    Abused,
}
