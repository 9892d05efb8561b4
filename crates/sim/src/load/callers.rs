//! Who calls whom: any number of accounts, each with a few numbers that it calls again and again;
//! one account in twenty calls abroad as well. The `n`-th call is always the same.

use crate::numbers::{Kind, Numbers, domestic};
use crate::rng::{Rng, mix};

/// Different numbers in all; each account has a few of them.
const N_HOME: usize = 8_192;
const N_ABROAD: usize = 1_024;
/// Numbers that one account calls.
const HOME_EACH: u64 = 4;
const ABROAD_EACH: u64 = 2;
/// One account in so many calls abroad.
const ABROAD_EVERY: u64 = 20;
/// Countries that Japan's companies call.
const COUNTRIES: [&str; 10] = ["CN", "US", "KR", "TH", "PH", "VN", "GB", "DE", "TW", "IN"];

/// Accounts, and the numbers that they call.
pub struct Callers {
    seed: u64,
    n_accounts: u64,
    abroad_per_mille: u64,
    home: Vec<String>,
    abroad: Vec<String>,
}

/// Where a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In Japan.
    Home,
    /// Elsewhere.
    Abroad,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The account's number, from zero.
    pub account: u32,
    /// As dialled.
    pub dialled: &'a str,
    /// Where that is.
    pub place: Place,
}

impl Callers {
    /// `abroad_per_mille` of a thousand calls go abroad.
    pub fn new(seed: u64, n_accounts: u32, abroad_per_mille: u32) -> Callers {
        let numbers = Numbers::load();
        let mut rng = Rng::named(seed, &[1]);
        let home = (0..N_HOME).map(|_| domestic(&mut rng)).collect();
        let abroad = (0..N_ABROAD)
            .map(|n| {
                let kind = if n % 3 == 0 { Kind::Mobile } else { Kind::Fixed };
                let country = COUNTRIES[n % COUNTRIES.len()];
                format!("010{}", numbers.number(&mut rng, country, kind))
            })
            .collect();
        let (n_accounts, abroad_per_mille) =
            (u64::from(n_accounts.max(1)), u64::from(abroad_per_mille));
        Callers { seed, n_accounts, abroad_per_mille, home, abroad }
    }

    /// How many accounts there are.
    pub fn n_accounts(&self) -> u32 {
        self.n_accounts as u32
    }

    /// The `n`-th call.
    pub fn call(&self, n: u64) -> Call<'_> {
        let dice = mix(self.seed, n.wrapping_add(2));
        let account = (dice >> 20) % self.n_accounts;
        if dice % 1_000 < self.abroad_per_mille {
            self.abroad_call(account - account % ABROAD_EVERY, dice >> 60)
        } else {
            self.home_call(account, dice >> 60)
        }
    }

    /// A call of each account in turn, at home: by it the account becomes known.
    pub fn first_call(&self, n: u64) -> Call<'_> {
        self.home_call(n % self.n_accounts, 0)
    }

    /// A call at home.
    pub fn home_call(&self, account: u64, which: u64) -> Call<'_> {
        let place = mix(self.seed ^ 0x484f, account * HOME_EACH + which % HOME_EACH);
        let dialled = &self.home[place as usize % N_HOME];
        Call { account: account as u32, dialled, place: Place::Home }
    }

    /// A call abroad.
    pub fn abroad_call(&self, account: u64, which: u64) -> Call<'_> {
        let place = mix(self.seed ^ 0x4142, account * ABROAD_EACH + which % ABROAD_EACH);
        let dialled = &self.abroad[place as usize % N_ABROAD];
        Call { account: account as u32, dialled, place: Place::Abroad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_calls_the_same_numbers_and_one_in_twenty_goes_abroad() {
        let (callers, again) = (Callers::new(7, 1_000, 50), Callers::new(7, 1_000, 50));
        let mut n_abroad = 0;
        let mut accounts = BTreeSet::new();
        for n in 0..20_000 {
            let call = callers.call(n);
            assert_eq!(call, again.call(n));
            assert_eq!(call.place == Place::Abroad, call.dialled.starts_with("010"));
            n_abroad += usize::from(call.place == Place::Abroad);
            accounts.insert(call.account);
        }
        assert!((900..1_100).contains(&n_abroad), "{n_abroad}");
        assert_eq!(accounts.len(), 1_000);
    }

    #[test]
    fn an_account_has_few_numbers() {
        let callers = Callers::new(7, 50, 0);
        let dialled: BTreeSet<&str> = (0..5_000)
            .map(|n| callers.call(n))
            .filter(|c| c.account == 3)
            .map(|c| c.dialled)
            .collect();
        assert!(dialled.len() as u64 <= HOME_EACH, "{dialled:?}");
        assert_eq!(callers.first_call(53).account, 3);
    }
}
