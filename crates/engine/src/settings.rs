//! What an operator may set: a few amounts of money and likelihoods, each with its default and
//! the reason for it. Amounts are in the configured currency.

use crate::detectors;
use serde::Deserialize;

/// Everything that can be set of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Of each detector.
    pub detectors: detectors::Settings,
}
