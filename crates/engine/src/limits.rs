//! Every bound of the engine in one place. Past a bound the oldest or least telling entry
//! goes, and nothing else happens.

/// Findings attached to one verdict.
pub const FINDINGS_PER_CALL_MAX: usize = 16;
