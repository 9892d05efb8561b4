//! What a dialled string turns out to be. How it is found out is `plan/`'s; what it costs is
//! the rate deck's.

use crate::country::Country;
use crate::e164::E164;
use serde::{Deserialize, Serialize};

/// Where a call goes, as far as the digits tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// What sort of call it is.
    pub kind: Kind,
    /// The number; `None` for emergency, internal and unreadable calls and for services that
    /// exist only inside the home country (`0120…` has one, `110` has none).
    pub e164: Option<E164>,
    /// Where it ends. Shared codes that no country owns (satellite, +800) are their own
    /// [`Country`] without an ISO code.
    pub country: Option<Country>,
    /// Whether the numbering plan of that country has such a number.
    pub validity: Validity,
    /// What the number is used for.
    pub number_type: NumberType,
    /// How it was dialled, where that is telling.
    pub dialled_as: DialledAs,
}

/// The contract's `destination.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// Another country's number, or a shared code such as +800 or +979.
    International,
    /// The home country's ordinary numbers, navi-dial and M2M included.
    Domestic,
    /// The home country's emergency numbers. Never stopped.
    Emergency,
    /// The home country's toll-free numbers. Never stopped.
    TollFree,
    /// The home country's premium-rate numbers.
    Premium,
    /// Satellite networks: +870, +881, +882/+883 ranges of satellite operators.
    Satellite,
    /// An extension, a feature code, a voicemail number.
    Internal,
    /// Nothing that a network would route.
    Unreadable,
}

impl Kind {
    /// The contract's `destination.international`.
    pub const fn is_international(self) -> bool {
        matches!(self, Kind::International | Kind::Satellite)
    }

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::International => "international",
            Kind::Domestic => "domestic",
            Kind::Emergency => "emergency",
            Kind::TollFree => "toll_free",
            Kind::Premium => "premium",
            Kind::Satellite => "satellite",
            Kind::Internal => "internal",
            Kind::Unreadable => "unreadable",
        }
    }
}

/// What libphonenumber's metadata says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Validity {
    /// A range that the plan assigns.
    Valid,
    /// The right length in a range that is not assigned: where numbers are hijacked.
    Unassigned,
    /// More digits than the plan has; some networks cut the rest off.
    TooLong,
    /// Fewer digits than the plan has.
    TooShort,
    /// Not asked, or no metadata for it.
    Unknown,
}

/// libphonenumber's number types, as far as they matter to a price or a suspicion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NumberType {
    /// Fixed line.
    Fixed,
    /// Mobile.
    Mobile,
    /// Fixed or mobile: the plan does not tell (NANP).
    FixedOrMobile,
    /// The called side pays.
    TollFree,
    /// The caller pays extra.
    PremiumRate,
    /// Shared cost.
    SharedCost,
    /// Internet telephony.
    Voip,
    /// Follows a person.
    PersonalNumber,
    /// Pagers, company-wide numbers, voicemail and what else there is.
    Other,
    /// Not known.
    Unknown,
}

/// The manner of dialling: an intruder who does not know the PBX tries several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DialledAs {
    /// As the home plan has it.
    Plain,
    /// With an outside-line digit in front.
    OutsideLine,
    /// With `+`.
    Plus,
    /// With a carrier's selection code in front (`0033`, `001`, …).
    CarrierCode,
    /// With another country's international prefix (`011`, `00`, `810`): read all the same,
    /// as a PBX or carrier might.
    ForeignPrefix,
    /// E.164 digits without anything in front, as carriers' records have them, or a home number
    /// without its trunk prefix.
    Bare,
    /// A guess at an outside line and a prefix (`9011`, `900`, `000`, `+0`).
    Probe,
}

impl DialledAs {
    /// As the casebook and the journal write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            DialledAs::Plain => "plain",
            DialledAs::OutsideLine => "outside_line",
            DialledAs::Plus => "plus",
            DialledAs::CarrierCode => "carrier_code",
            DialledAs::ForeignPrefix => "foreign_prefix",
            DialledAs::Bare => "bare",
            DialledAs::Probe => "probe",
        }
    }
}
