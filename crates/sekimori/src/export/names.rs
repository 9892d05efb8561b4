//! What stands for the numbers in a journal's events: accounts, detectors and sentences, each
//! shard's own.

use sekimori_journal::Event;

/// Accounts that a shard can have.
const ACCOUNTS_MAX: u32 = 1 << 24;
/// Shards that a journal can have.
const SHARDS_MAX: u16 = 1_024;

/// All that was introduced so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    shards: Vec<Shard>,
}

#[derive(Debug, Default)]
struct Shard {
    accounts: Vec<Box<str>>,
    detectors: Vec<String>,
    phrases: Vec<(String, String)>,
}

impl Names {
    /// Takes note of an introduction.
    pub fn learn(&mut self, shard: u16, event: &Event<'_>) {
        if shard >= SHARDS_MAX {
            return;
        }
        match event {
            Event::Introduced { account, name } if *account < ACCOUNTS_MAX => {
                put(&mut self.of(shard).accounts, *account as usize, (*name).into());
            }
            Event::Detector { id, name } => {
                put(&mut self.of(shard).detectors, usize::from(*id), (*name).to_owned());
            }
            Event::Phrase { id, en, ja } => {
                let phrase = ((*en).to_owned(), (*ja).to_owned());
                put(&mut self.of(shard).phrases, usize::from(*id), phrase);
            }
            _ => {}
        }
    }

    /// An account's name.
    pub fn account(&self, shard: u16, number: u32) -> Option<&str> {
        let known = self.shards.get(usize::from(shard))?;
        known.accounts.get(number as usize).map(|name| &**name).filter(|name| !name.is_empty())
    }

    /// A detector's id.
    pub fn detector(&self, shard: u16, id: u16) -> &str {
        let known = self.shards.get(usize::from(shard));
        known.and_then(|known| known.detectors.get(usize::from(id))).map_or("", String::as_str)
    }

    /// A sentence, in English and Japanese.
    pub fn phrase(&self, shard: u16, id: u16) -> (&str, &str) {
        let known = self.shards.get(usize::from(shard));
        let phrase = known.and_then(|known| known.phrases.get(usize::from(id)));
        phrase.map_or(("", ""), |(en, ja)| (en, ja))
    }

    fn of(&mut self, shard: u16) -> &mut Shard {
        let place = usize::from(shard);
        if self.shards.len() <= place {
            self.shards.resize_with(place + 1, Shard::default);
        }
        &mut self.shards[place]
    }
}

fn put<T: Default + Clone>(list: &mut Vec<T>, place: usize, value: T) {
    if list.len() <= place {
        list.resize(place + 1, T::default());
    }
    list[place] = value;
}
