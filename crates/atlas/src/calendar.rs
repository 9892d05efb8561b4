//! Local time, holidays, and how long it is until somebody can react.

/// What the clock on an account's wall says at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Local hour, 0 to 23.
    pub hour: u8,
    /// Whether people work on this day.
    pub day: DayKind,
    /// Minutes until the next opening hour, when a person of the account could react; 0
    /// within them.
    pub minutes_until_reaction: u32,
}

/// A working day, or a weekend, holiday or closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// People work.
    Workday,
    /// They do not.
    DayOff,
}
