//! Sums per account that calls abroad, and its latest telling calls: those become the run-up
//! of an incident, should one open.

use super::incidents::{Incidents, Window};
use super::kept::{KeptCall, is_telling};
use super::{ACCOUNTS_LISTED_MAX, SettledCall, Sums};
use sekimori_atlas::time::{Span, Timestamp};
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Telling calls remembered for an account, in case an incident opens.
const RECENT_MAX: usize = 6;
/// How long they are.
const RECENT_FOR: Span = Span::hours(24);
/// When those of an account that has gone quiet are given up. No run-up reaches back further:
/// the engine knows the calls of a week (`seconds_to_stop`).
const QUIET_FOR: Span = Span::hours(24 * 8);
/// Incidents of one account whose run-up may still settle.
const WINDOWS_MAX: usize = 4;

/// What one account called and paid abroad.
#[derive(Clone, Debug)]
pub struct AccountSums {
    /// Its name in the records.
    pub account: Box<str>,
    /// Attempts abroad.
    pub calls_abroad: u64,
    /// Attempts that were stopped.
    pub stopped: u64,
    /// Incidents.
    pub incidents: u64,
    /// Money of its calls abroad, and of those that were stopped.
    pub money: Sums,
    recent: Vec<KeptCall>,
    windows: Vec<Window>,
}

/// All accounts of a shard, or the dearest of several shards.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    // 1 + the place in `sums` by the engine's index; 0 where the account has none.
    places: Vec<u32>,
    sums: Vec<AccountSums>,
    // Accounts with remembered calls, each once, with a time at which to look whether it has
    // gone quiet; about in the order of time. The place is that in `sums`.
    to_look_at: VecDeque<(Timestamp, u32)>,
    latest: Timestamp,
}

impl Accounts {
    pub(super) fn add(
        &mut self,
        call: &SettledCall<'_>,
        abroad: bool,
        stopped: bool,
        money: Sums,
        incidents: &mut Incidents,
    ) {
        let place = self.place(call.account_index.0, call.account);
        let sums = &mut self.sums[place];
        sums.calls_abroad += u64::from(abroad);
        sums.stopped += u64::from(stopped);
        sums.money += money;
        if !abroad || stopped {
            return;
        }
        for window in sums.windows.iter().filter(|window| window.covers(call.at.at)) {
            incidents.add_run_up(window.incident, KeptCall::of(call));
        }
        for window in sums.windows.iter().filter(|window| window.has_run_at_the_stop(call)) {
            incidents.add_cost_before(window.incident, call.cost_with);
        }
        if is_telling(call.verdict) {
            if sums.recent.is_empty() {
                self.to_look_at.push_back((call.at.at, place as u32));
            }
            sums.remember(call);
            self.latest = self.latest.max(call.at.at);
            self.forget_the_quiet();
        }
    }

    /// Gives up the remembered calls of accounts that have gone quiet, and their memory.
    fn forget_the_quiet(&mut self) {
        let oldest = self.latest - QUIET_FOR;
        while let Some((at, place)) = self.to_look_at.front().copied() {
            if at >= oldest {
                return;
            }
            self.to_look_at.pop_front();
            let recent = &mut self.sums[place as usize].recent;
            recent.retain(|kept| kept.at.at >= oldest);
            match recent.iter().map(|kept| kept.at.at).max() {
                Some(at) => self.to_look_at.push_back((at, place)),
                None => *recent = Vec::new(),
            }
        }
    }

    /// Hands the remembered calls that fall into the window over to the incident.
    pub(super) fn open(&mut self, account: &str, window: Window, incidents: &mut Incidents) {
        let place = self.place(window.account.0, account);
        let sums = &mut self.sums[place];
        sums.incidents += 1;
        for call in sums.recent.iter().filter(|call| window.covers(call.at.at)) {
            incidents.add_run_up(window.incident, call.clone());
        }
        if sums.windows.len() == WINDOWS_MAX {
            sums.windows.remove(0);
        }
        sums.windows.push(window);
    }

    pub(super) fn merge(&mut self, other: Accounts) {
        self.shorten();
        self.sums.extend(other.sums);
        self.shorten();
    }

    pub(super) fn dearest(&self) -> Vec<&AccountSums> {
        let mut dearest: Vec<&AccountSums> = self.sums.iter().collect();
        dearest.sort_by(|a, b| a.rank().cmp(&b.rank()));
        dearest.truncate(ACCOUNTS_LISTED_MAX);
        dearest
    }

    /// Leaves only the dearest: nothing is added by index any more.
    fn shorten(&mut self) {
        self.places = Vec::new();
        self.to_look_at = VecDeque::new();
        self.sums.sort_by(|a, b| a.rank().cmp(&b.rank()));
        self.sums.truncate(ACCOUNTS_LISTED_MAX);
        for sums in &mut self.sums {
            sums.recent = Vec::new();
            sums.windows = Vec::new();
        }
    }

    /// Its place in `sums`.
    fn place(&mut self, index: u32, account: &str) -> usize {
        let index = index as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, 0);
        }
        if self.places[index] == 0 {
            self.sums.push(AccountSums::new(account));
            self.places[index] = self.sums.len() as u32;
        }
        self.places[index] as usize - 1
    }
}

impl AccountSums {
    fn new(account: &str) -> AccountSums {
        AccountSums {
            account: account.into(),
            calls_abroad: 0,
            stopped: 0,
            incidents: 0,
            money: Sums::default(),
            recent: Vec::new(),
            windows: Vec::new(),
        }
    }

    fn rank(&self) -> (Reverse<i64>, Reverse<u64>, &str) {
        (Reverse(self.money.without.0), Reverse(self.calls_abroad), &self.account)
    }

    fn remember(&mut self, call: &SettledCall<'_>) {
        let oldest = call.at.at - RECENT_FOR;
        self.recent.retain(|kept| kept.at.at >= oldest);
        if self.recent.len() == RECENT_MAX {
            self.recent.remove(0);
        }
        if self.recent.len() == self.recent.capacity() {
            self.recent.reserve_exact(1);
        }
        self.recent.push(KeptCall::of(call));
    }
}
