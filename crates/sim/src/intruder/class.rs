//! The classes of attack, A1 to A18.

/// What an intruder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A1: short calls of one length, 1.5 to 3.5 a minute, on 1 to 6 channels.
    Metronome,
    /// A2: a call every 2 to 3 s by forwarding, legs of 1 to 4 h, hundreds at once.
    ForwardingFlood,
    /// A3: about 600 an hour over some 750 numbers.
    Wide,
    /// A4: pulses of 1 s to numbers with a set-up charge.
    Pulses,
    /// A5: one call of about 10 h.
    OneLong,
    /// A6: three short windows a day in office hours, about 1,000 calls a month.
    LowAndSlow,
    /// A7: test calls, silence for hours or days, then the burst.
    TestThenBurst,
    /// A8: dial prefixes tried until one works.
    PrefixProbing,
    /// A9: scan, enumerate, crack, call.
    Cracked,
    /// A10: stolen credentials without noise.
    Stolen,
    /// A11: DISA with its PIN guessed.
    Disa,
    /// A12: an extension forwarded abroad.
    CallForwarding,
    /// A13: many customers of one PBX make.
    Campaign,
    /// A14: a baseline poisoned, by slow growth or from the start.
    PoisonedBaseline,
    /// A15: dear ranges inside a country that the customer calls.
    DearRange,
    /// A16: one ring from abroad, which a few call back.
    CallBackBait,
    /// A17: made not to be found.
    Evasion,
    /// A18: a maker's login at night, settings changed, then calls.
    Maintenance,
}

use Class::*;

impl Class {
    /// All of them, in order.
    pub const ALL: [Class; 18] = [
        Metronome,
        ForwardingFlood,
        Wide,
        Pulses,
        OneLong,
        LowAndSlow,
        TestThenBurst,
        PrefixProbing,
        Cracked,
        Stolen,
        Disa,
        CallForwarding,
        Campaign,
        PoisonedBaseline,
        DearRange,
        CallBackBait,
        Evasion,
        Maintenance,
    ];

    /// `A1` to `A18`.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 18] = [
            "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13",
            "A14", "A15", "A16", "A17", "A18",
        ];
        NAMES[self as usize]
    }

    /// From `A1` to `A18`.
    pub fn parse(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|c| c.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_read_back_from_its_name() {
        for (n, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class.name(), format!("A{}", n + 1));
            assert_eq!(Class::parse(class.name()), Some(class));
        }
        assert_eq!(Class::parse("A19"), None);
    }
}
