//! The saved form: a number that changes with it, and bounds that what is read has to keep.

use super::*;
use crate::account::Abroad;
use crate::event::{AccountIdx, Name, Registration, RegistrationOutcome, Renewal, Token};
use crate::exposure::Split;
use crate::incident::Incident;
use crate::instructions::{By, Imposed, Instructions, Released};
use crate::legs::LegState;
use crate::lessons::{Lesson, Subject};
use crate::limits::SOURCES_PER_ACCOUNT_MAX;
use crate::order::{Scope, Until};
use crate::profile::known::Known;
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::sign_ins::SignIns;
use sekimori_atlas::calendar::{DayKind, Moment};
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{DialledAs, Validity};
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use std::net::IpAddr;

const RATE: Rate = Rate { price_per_minute: 7, increment_seconds: 6, setup_price: 1 };
const MORNING: Moment = Moment { hour: 9, day: DayKind::Workday, minutes_until_reaction: 0 };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn cuba() -> Country {
    Country::from_iso(b"CU").expect("two letters")
}

fn number() -> E164 {
    E164::parse(b"5352000001").expect("digits")
}

fn leg() -> Leg {
    Leg {
        account: AccountIdx(9),
        started: at(1),
        answered: Some(at(2)),
        rate: RATE,
        number: number(),
        country: cuba(),
        line: Some(Token(3)),
        source: Some(IpAddr::from([192, 0, 2, 1])),
        familiarity: Familiarity::Country,
        bits: -5,
        granted: 900,
        renewal: Renewal::Commanded,
        renew_at: Some(at(872)),
        split: Split { explained: Money(1), unexplained: Money(2) },
        serial: 4,
        incident: None,
        state: LegState::HangingUp,
    }
}

/// One entry in each table, made without asking a detector: what is tuned does not show here.
fn account() -> Account {
    let mut account = Account::new(Token(7));
    account.first_day = Some(20_000);
    account.hours.learn(at(5), MORNING);
    account.sources.learn(1, 20_000);
    account.clients.learn(2, 20_000);
    let mut door = SignIns::default();
    let sign_in = |outcome| Registration {
        at: at(3),
        account: AccountIdx(0),
        line: Name::new("201"),
        source: Some(IpAddr::from([198, 51, 100, 1])),
        user_agent: Name::new("phone"),
        outcome,
    };
    for outcome in [RegistrationOutcome::Accepted, RegistrationOutcome::BadPassword] {
        door.note(&sign_in(outcome), &account.sources, &account.clients);
    }
    account.sign_ins = Some(Box::new(door));
    account.instructions = Some(Box::new(instructions()));
    account.abroad = Some(Box::new(abroad()));
    account
}

fn instructions() -> Instructions {
    let mut instructions = Instructions::default();
    instructions.terms.trusted.push(cuba());
    let imposed =
        Imposed { scope: Scope::International, until: Until::At(at(99)), by: By::Operator };
    instructions.impose(at(1), imposed);
    let scope = Some(Scope::Country(cuba()));
    let released = Released { scope, by: By::Operator, until: Some(at(9)) };
    instructions.release(at(2), released, &mut Vec::new());
    instructions
}

fn abroad() -> Abroad {
    let mut abroad = Abroad::default();
    abroad.profile.countries.learn(cuba(), 3, &RATE);
    abroad.profile.numbers.learn(5, 3);
    abroad.profile.spend.learn(3, Money(77));
    abroad.profile.note_concurrent(2, 3);
    abroad.suspicion.add(&[1, 2, 3, 4, 5, 6]);
    abroad.ledger.charge(Money(12));
    abroad.recent.push(RecentCall {
        at: at(4),
        number: Some(number()),
        country: Some(cuba()),
        progress: Progress::Talked { seconds: 3, ended: at(8) },
        line: 1,
        source: 2,
        dialled_as: DialledAs::Plus,
        validity: Validity::Valid,
        familiarity: Familiarity::Nothing,
        bits: 1_000,
        cost: Money(5),
    });
    let mut incident = Incident::open(Token(7), at(4));
    incident.restrict(Scope::Source(IpAddr::from([192, 0, 2, 1])), at(50));
    abroad.incident = Some(Box::new(incident));
    abroad
}

#[test]
fn another_form_has_another_number() {
    let legs = [leg()];
    #[derive(Serialize)]
    struct Whole<'a>(&'a Account, &'a [Leg], Common<'a>);
    let mut lessons = Lessons::default();
    let lesson = Lesson { at: at(1), victim: Token(2), subject: Subject::Number(number()) };
    lessons.learn_own(lesson);
    let mut bars = Bars::default();
    let place = crate::bars::Place::Country(cuba());
    bars.add(crate::bars::Bar { place, service: Some(Token(1)), until: Until::LiftedByPerson });
    let common = Common { clock: at(6), lessons: &lessons, bars: &bars };
    let account = account();
    let bytes = postcard::to_allocvec(&Whole(&account, &legs, common)).expect("plain data");
    // Where this fails because the form has changed, raise FORM and write both figures anew.
    assert_eq!((FORM, Token::of(&bytes)), (1, Token(16_330_076_395_871_890_519)));
}

#[test]
fn more_than_the_engine_keeps_is_not_read() {
    let mut known = Known::<{ SOURCES_PER_ACCOUNT_MAX }>::default();
    for n in 0..SOURCES_PER_ACCOUNT_MAX as u64 {
        known.learn(n, 1);
    }
    let bytes = postcard::to_allocvec(&known).expect("plain data");
    assert!(postcard::from_bytes::<Known<{ SOURCES_PER_ACCOUNT_MAX }>>(&bytes).is_ok());
    assert!(postcard::from_bytes::<Known<{ SOURCES_PER_ACCOUNT_MAX - 1 }>>(&bytes).is_err());
}

#[test]
fn damaged_bytes_are_refused_or_read_and_never_panic() {
    let account = account();
    let legs = vec![leg()];
    #[derive(Serialize)]
    struct Whole<'a>(&'a Account, Vec<Leg>);
    let whole = postcard::to_allocvec(&Whole(&account, legs)).expect("plain data");
    assert!(postcard::from_bytes::<SavedAccount>(&whole).is_ok());
    let mut n_refused = 0;
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << bit;
            n_refused += u32::from(postcard::from_bytes::<SavedAccount>(&damaged).is_err());
        }
        assert!(postcard::from_bytes::<SavedAccount>(&whole[..place]).is_err());
    }
    assert!(n_refused > 0);
}
