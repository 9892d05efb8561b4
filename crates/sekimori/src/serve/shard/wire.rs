//! The shard's values and the journal's: both ways for each, side by side, so that what is written
//! and what is read back cannot part. The journal has primitive types of its own.

use crate::serve::ask::Door;
use crate::serve::request::country;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_engine::event::{
    Challenge, Disposition, ForwardedBy, RegistrationOutcome, Renewal, Token,
};
use sekimori_engine::finding::Fact;
use sekimori_engine::judgement::Judgement;
use sekimori_engine::verdict::Ruling;
use sekimori_journal as journal;

/// Two functions for a closed set whose words are the same on both sides.
macro_rules! both_ways {
    ($($to:ident, $of:ident: $set:ident { $($word:ident),* })*) => {$(
        #[doc = concat!("`", stringify!($set), "` as the journal has it.")]
        pub const fn $to(ours: $set) -> journal::$set {
            match ours { $($set::$word => journal::$set::$word),* }
        }

        #[doc = concat!("`", stringify!($set), "` back from the journal.")]
        pub const fn $of(theirs: journal::$set) -> $set {
            match theirs { $(journal::$set::$word => $set::$word),* }
        }
    )*};
}

both_ways! {
    ruling, of_ruling: Ruling { Allow, Challenge, Refuse }
    challenge, of_challenge: Challenge { Possible, Impossible }
    renewal, of_renewal: Renewal { Impossible, Asked, Commanded }
    disposition, of_disposition: Disposition { Answered, Busy, NoAnswer, Failed, Unknown }
}

/// As the journal has it.
pub const fn door(door: Door) -> journal::Door {
    match door {
        Door::SipUdp => journal::Door::SipUdp,
        Door::SipTcp => journal::Door::SipTcp,
        Door::SipTls => journal::Door::SipTls,
        Door::Http => journal::Door::Http,
        Door::Agi => journal::Door::Agi,
    }
}

/// Back from the journal. What was read from records came in as over HTTP.
pub const fn of_door(door: journal::Door) -> Door {
    match door {
        journal::Door::SipUdp => Door::SipUdp,
        journal::Door::SipTcp => Door::SipTcp,
        journal::Door::SipTls => Door::SipTls,
        journal::Door::Http | journal::Door::Records => Door::Http,
        journal::Door::Agi => Door::Agi,
    }
}

/// As the journal has it.
pub const fn sign_in(outcome: RegistrationOutcome) -> journal::SignIn {
    match outcome {
        RegistrationOutcome::Accepted => journal::SignIn::Accepted,
        RegistrationOutcome::BadPassword => journal::SignIn::BadPassword,
        RegistrationOutcome::UnknownLine => journal::SignIn::UnknownLine,
    }
}

/// Back from the journal.
pub const fn of_sign_in(outcome: journal::SignIn) -> RegistrationOutcome {
    match outcome {
        journal::SignIn::Accepted => RegistrationOutcome::Accepted,
        journal::SignIn::BadPassword => RegistrationOutcome::BadPassword,
        journal::SignIn::UnknownLine => RegistrationOutcome::UnknownLine,
    }
}

/// As the journal has it.
pub fn weighed(judgement: &Judgement) -> journal::Weighed {
    journal::Weighed {
        log_odds: judgement.log_odds.0,
        intruder_ppm: judgement.intruder_ppm as u32,
        stake_milli: judgement.stake.0,
        allow_milli: judgement.allow.0,
        challenge_milli: judgement.challenge.map(|cost| cost.0),
        refuse_milli: judgement.refuse.0,
    }
}

/// As the journal has it; texts that it borrows are written into the two spaces.
pub fn fact<'a>(
    fact: Fact,
    (country, range): (&'a mut [u8; 4], &'a mut [u8; 16]),
) -> journal::Fact<'a> {
    match fact {
        Fact::Country(of) => journal::Fact::Country(country_text(of, country)),
        Fact::Range(prefix) => journal::Fact::Range(write_into(range, format_args!("{prefix}"))),
        Fact::Number(number) => journal::Fact::Number(number.value()),
        Fact::Count(n) => journal::Fact::Count(n),
        Fact::Seconds(n) => journal::Fact::Seconds(n),
        Fact::Hour(hour) => journal::Fact::Hour(hour),
        Fact::Money(Money(milli)) => journal::Fact::Money(milli),
        Fact::Times(tenths) => journal::Fact::Times(tenths),
        Fact::Forwarded(by) => journal::Fact::Forwarded(forwarded_word(by)),
        Fact::Name(token) => journal::Fact::Name(token.0),
    }
}

fn country_text(country: Country, space: &mut [u8; 4]) -> &str {
    write_into(space, format_args!("{country}"))
}

/// What is written into a space of fixed length; cut where it does not fit.
fn write_into<'a, const N: usize>(
    space: &'a mut [u8; N],
    text: std::fmt::Arguments<'_>,
) -> &'a str {
    use std::io::Write as _;
    let mut rest: &mut [u8] = &mut space[..];
    let _ = rest.write_fmt(text);
    let n = N - rest.len();
    std::str::from_utf8(&space[..n]).unwrap_or("")
}

/// The journal's fact as the engine's; `None` for one that a later program wrote.
pub fn of_fact(fact: &journal::Fact<'_>) -> Option<Fact> {
    Some(match *fact {
        journal::Fact::Country(text) => Fact::Country(country(text)?),
        journal::Fact::Range(digits) => {
            Fact::Range(Prefix::parse(digits.trim_start_matches('+').as_bytes())?)
        }
        journal::Fact::Number(value) => Fact::Number(E164::from_value(value)?),
        journal::Fact::Count(n) => Fact::Count(n),
        journal::Fact::Seconds(n) => Fact::Seconds(n),
        journal::Fact::Hour(hour) => Fact::Hour(hour),
        journal::Fact::Money(milli) => Fact::Money(Money(milli)),
        journal::Fact::Times(tenths) => Fact::Times(tenths),
        journal::Fact::Forwarded(word) => Fact::Forwarded(forwarded_by(word)),
        journal::Fact::Name(token) => Fact::Name(Token(token)),
        journal::Fact::Text(_) => return None,
    })
}

fn forwarded_by(word: &str) -> ForwardedBy {
    crate::replay::judge::forwarded(word).map_or(ForwardedBy::Other, |forwarded| forwarded.by)
}

/// The replay contract's word.
const fn forwarded_word(by: ForwardedBy) -> &'static str {
    match by {
        ForwardedBy::Forward => "forward",
        ForwardedBy::Redirect => "302",
        ForwardedBy::Transfer => "refer",
        ForwardedBy::Disa => "disa",
        ForwardedBy::Maintenance => "maintenance",
        ForwardedBy::Other => "other",
    }
}
