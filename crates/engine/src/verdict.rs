//! What is to become of one call.

use crate::event::LegRef;
use crate::finding::Finding;
use crate::judgement::Judgement;
use crate::order::IncidentId;
use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

/// The decision on one attempt.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Allow, challenge or refuse.
    pub ruling: Ruling,
    /// Seconds granted, counted from the answer; `None` is no limit (domestic, emergency,
    /// toll-free, internal). Present for international calls that are allowed.
    pub max_seconds: Option<u32>,
    /// What spoke for and against, strongest first.
    pub findings: ArrayVec<Finding, { crate::limits::FINDINGS_PER_CALL_MAX }>,
    /// The incident that the call belongs to.
    pub incident: Option<IncidentId>,
    /// The costs that were compared; `None` where nothing was weighed (calls at home).
    pub judgement: Option<Judgement>,
    /// By which the driver reports the answer and the end; `None` where the engine does not
    /// follow the call (refused, or not international).
    pub leg: Option<LegRef>,
}

impl Verdict {
    /// Goes out without a limit, as everything at home does.
    pub fn unlimited() -> Verdict {
        Verdict {
            ruling: Ruling::Allow,
            max_seconds: None,
            findings: ArrayVec::new(),
            incident: None,
            judgement: None,
            leg: None,
        }
    }
}

/// The contract's `verdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ruling {
    /// Let it out.
    Allow,
    /// Let it out if the caller proves themself.
    Challenge,
    /// Do not let it out.
    Refuse,
}

impl Ruling {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Ruling::Allow => "allow",
            Ruling::Challenge => "challenge",
            Ruling::Refuse => "refuse",
        }
    }
}
