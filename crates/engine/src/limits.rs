//! Every bound of the engine in one place. Past a bound the oldest or least telling entry
//! goes, and nothing else happens.

/// Findings attached to one verdict.
pub const FINDINGS_PER_CALL_MAX: usize = 16;
/// Countries remembered for an account; more than the busiest trading house calls in a year.
pub const COUNTRIES_PER_ACCOUNT_MAX: usize = 48;
/// Ranges remembered for an account.
pub const RANGES_PER_ACCOUNT_MAX: usize = 96;
/// Numbers remembered for an account.
pub const NUMBERS_PER_ACCOUNT_MAX: usize = 128;
/// Lines remembered for an account.
pub const LINES_PER_ACCOUNT_MAX: usize = 48;
/// Source networks remembered for an account.
pub const SOURCES_PER_ACCOUNT_MAX: usize = 8;
/// Clients (User-Agent) remembered for an account.
pub const CLIENTS_PER_ACCOUNT_MAX: usize = 8;
/// Recent attempts abroad kept for an account.
pub const RECENT_PER_ACCOUNT_MAX: usize = 32;
/// Running legs followed for one account; past it an attempt abroad is refused.
pub const LEGS_PER_ACCOUNT_MAX: u32 = 2_000;
/// Restrictions in force on one account; past it the scope becomes all calls abroad.
pub const RESTRICTIONS_PER_ACCOUNT_MAX: usize = 16;
/// Restrictions that one side (the customer, an operator) ordered for an account; past it they
/// become one of all calls abroad.
pub const IMPOSED_PER_SIDE_MAX: usize = 16;
/// Countries that stay open under a stop of all calls abroad.
pub const OPENED_COUNTRIES_MAX: usize = 64;
/// Countries that an operator may name as trusted; there are fewer.
pub const TRUSTED_COUNTRIES_MAX: usize = 300;
/// Places that are barred for everyone or for one service.
pub const BARS_MAX: usize = 256;
/// Lessons kept in the campaign snapshot.
pub const LESSONS_MAX: usize = 4_096;
/// Reasons kept with an incident.
pub const REASONS_PER_INCIDENT_MAX: usize = 8;
