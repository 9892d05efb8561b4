//! The detectors: one file each, one line in the list below, one casebook page. Each reports
//! evidence in bits, never an action.
//!
//! Evidence of one *family* rests on the same fact (that the destination is unusual, say), so it
//! is not independent: within a family the strongest finding counts whole and each further one
//! for half of the one before it ([`by_family`]). Families are taken to be independent.

use crate::finding::{Bits, Finding, Why};
use crate::limits::FINDINGS_PER_CALL_MAX;
use crate::scene::Scene;
use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

/// What one detector has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// For an intruder (positive) or for the account (negative).
    pub bits: Bits,
    /// Why, in words.
    pub why: Why,
}

/// Which fact a detector's evidence rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Where the call goes.
    Destination,
    /// When it is made, and that it is made at all.
    Time,
    /// How the calls follow each other.
    Pattern,
    /// Who signed in, and from where.
    Door,
    /// By which way the leg came about, and how it was dialled.
    Path,
    /// What other accounts suffered.
    Campaign,
}

/// How many families there are.
pub const N_FAMILIES: usize = 6;

/// The findings on one call, strongest first.
pub type Findings = ArrayVec<Finding, FINDINGS_PER_CALL_MAX>;

/// Declares the detectors: modules, ids, settings by name, memory by name, and the round that
/// asks each in the order of the list.
macro_rules! detectors {
    ($($id:ident: $family:ident),* $(,)?) => {
        $(pub mod $id;)*

        /// The ids in running order.
        pub const IDS: &[&str] = &[$(stringify!($id)),*];

        /// Every detector's settings, by its id.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            /// Ids of detectors that are not asked.
            pub off: Vec<String>,
            $(#[doc = concat!("Of `", stringify!($id), "`.")] pub $id: $id::Settings,)*
        }

        /// What the detectors remember of one account.
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        pub struct Memory { $(#[doc = concat!("Of `", stringify!($id), "`.")] pub $id: $id::Memory,)* }

        /// The family of each, in running order.
        const FAMILIES: &[Family] = &[$(Family::$family),*];

        /// Asks every detector that is not in `off`; findings come strongest first.
        pub fn observe(settings: &Settings, off: Off, memory: &mut Memory, scene: &Scene<'_>) -> Findings {
            let mut findings = Findings::new();
            let mut place = 0;
            $(
                if !off.has(place)
                    && let Some(evidence) = $id::observe(&settings.$id, &mut memory.$id, scene)
                {
                    keep(&mut findings, Finding { detector: IDS[place], bits: evidence.bits, why: evidence.why });
                }
                place += 1;
            )*
            let _ = place;
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.bits.0));
            findings
        }
    };
}

detectors! {
    new_country: Destination,
    new_range: Destination,
    price_outlier: Destination,
    invalid_number: Destination,
    listed_destination: Destination,
    test_call: Destination,
    off_profile_hour: Time,
    dormant_line: Time,
    prefix_probing: Path,
    repeat_dialling: Pattern,
    sequential_dialling: Pattern,
    wide_dialling: Pattern,
    metronome: Pattern,
    burst: Pattern,
    concurrent_surge: Pattern,
    long_running_call: Pattern,
    failed_attempt_run: Pattern,
    new_source: Door,
    password_guessing: Door,
    registration_change: Door,
    forwarding_abroad: Path,
    disa_abroad: Path,
    maintenance_door: Path,
    campaign: Campaign,
}

mod chances;
#[doc(hidden)]
pub mod rehearsal;

/// Detectors that are not asked, by their place in [`IDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Off(u64);

impl Off {
    /// Those that the settings name.
    ///
    /// # Errors
    /// A name that no detector has.
    pub fn read(settings: &Settings) -> Result<Off, String> {
        let mut off = Off::default();
        for name in &settings.off {
            let place = IDS.iter().position(|id| id == name).ok_or_else(|| name.clone())?;
            off.0 |= 1 << place;
        }
        Ok(off)
    }

    fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

/// Adds a finding; past the limit the least telling goes.
fn keep(findings: &mut Findings, finding: Finding) {
    if finding.bits == Bits::ZERO {
        return;
    }
    if let Err(full) = findings.try_push(finding) {
        let finding = full.element();
        let least = (0..findings.len()).min_by_key(|at| findings[*at].bits.0.abs());
        if let Some(at) = least.filter(|at| findings[*at].bits.0.abs() < finding.bits.0.abs()) {
            findings[at] = finding;
        }
    }
}

/// The family of a detector; `None` for a name that is none.
pub fn family(id: &str) -> Option<Family> {
    IDS.iter().position(|known| *known == id).map(|place| FAMILIES[place])
}

/// The most that the pattern of calls says, in thousandths of a bit. A new way of calling is seen
/// at honest accounts as well (fax broadcasts, sales campaigns): one in a hundred begins with it,
/// and of those that are known for long about one in two thousand begins it within a month, where
/// one in ten thousand is attacked. (Of the simulator's customers 8 in 1,000 send faxes.)
const PATTERN_MAX: i32 = 8_000;
/// The same in the first month of an account, when there is nothing to compare with.
const PATTERN_OF_NEWCOMER_MAX: i32 = 5_000;
/// Days in which an account is a newcomer.
const NEWCOMER_DAYS: u16 = 30;

/// What the findings say together, by family: within a family and a direction the strongest
/// whole, each further one half of what the one before counted for. `days_known` is how long the
/// account has been there.
pub fn by_family(findings: &Findings, days_known: u16) -> [i32; N_FAMILIES] {
    let mut counted = [[0_u32; 2]; N_FAMILIES];
    let mut order: ArrayVec<&Finding, FINDINGS_PER_CALL_MAX> = findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.bits.0.abs()));
    let mut sums = [0; N_FAMILIES];
    for finding in order {
        let Some(family) = family(finding.detector) else { continue };
        let n = &mut counted[family as usize][usize::from(finding.bits.0 < 0)];
        sums[family as usize] += finding.bits.part(1, 1 << (*n).min(16)).0;
        *n += 1;
    }
    let most = if days_known < NEWCOMER_DAYS { PATTERN_OF_NEWCOMER_MAX } else { PATTERN_MAX };
    let pattern = &mut sums[Family::Pattern as usize];
    *pattern = (*pattern).min(most);
    sums
}
