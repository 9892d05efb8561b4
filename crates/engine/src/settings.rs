//! What an operator may set: a few amounts of money and likelihoods, each with its default and
//! the reason for it. Amounts are in the configured currency.

use crate::{detectors, exposure, incident, judgement};
use sekimori_atlas::money::Money;
use serde::{Deserialize, Deserializer, de};

/// Everything that can be set of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Costs and likelihoods of the decision.
    pub judgement: judgement::Settings,
    /// How much may be at risk.
    pub envelope: exposure::Settings,
    /// How long restrictions last.
    pub incident: incident::Settings,
    /// Of each detector.
    pub detectors: detectors::Settings,
}

/// Yen that stand for one unit of a currency in the default amounts: round figures, since the
/// amounts themselves are judgements and not prices.
const YEN_PER_UNIT: [(&str, i64); 16] = [
    ("JPY", 1),
    ("USD", 150),
    ("EUR", 160),
    ("GBP", 190),
    ("CHF", 170),
    ("AUD", 100),
    ("NZD", 90),
    ("CAD", 110),
    ("SGD", 110),
    ("HKD", 20),
    ("CNY", 20),
    ("TWD", 5),
    ("THB", 4),
    ("INR", 2),
    ("BRL", 30),
    ("ZAR", 8),
];

impl Settings {
    /// The defaults in this currency (ISO 4217); `None` for one without stated defaults, whose
    /// amounts the configuration has to give.
    pub fn for_currency(code: &str) -> Option<Settings> {
        let (_, yen) = YEN_PER_UNIT.iter().find(|(known, _)| *known == code)?;
        let mut settings = Settings::default();
        for amount in [
            &mut settings.judgement.refused_honest,
            &mut settings.judgement.challenged_honest,
            &mut settings.envelope.cohort,
        ] {
            *amount = amount.scaled(1, *yen);
        }
        Some(settings)
    }
}

/// Reads an amount: a whole number, or a decimal in quotes with at most three places.
///
/// # Errors
/// Anything else, with what was expected.
pub fn money<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Amount {
        Whole(u32),
        Decimal(String),
    }
    let expected = "an amount is a whole number or a decimal in quotes, such as 3000 or \"0.125\"";
    match Amount::deserialize(from).map_err(|_| de::Error::custom(expected))? {
        Amount::Whole(units) => Ok(Money::units(i64::from(units))),
        Amount::Decimal(text) => Money::parse(&text).ok_or_else(|| de::Error::custom(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_stated_per_currency() {
        let dollars = Settings::for_currency("USD").expect("stated");
        assert_eq!(dollars.envelope.cohort, Money(133_333));
        assert_eq!(Settings::for_currency("JPY"), Some(Settings::default()));
        assert_eq!(Settings::for_currency("XXX"), None);
    }
}
