//! The accounts as the judge knows them: names, and which calendar hangs on whose wall.

use sekimori_atlas::calendar::CalendarIdx;
use std::collections::HashMap;

/// Which calendar an account has, by its name; all others have the default one.
#[derive(Clone, Debug, Default)]
pub struct CalendarOf {
    by_name: HashMap<String, CalendarIdx>,
}

impl CalendarOf {
    /// The account of this name has that calendar.
    pub fn set(&mut self, account: String, calendar: CalendarIdx) {
        self.by_name.insert(account, calendar);
    }

    /// The calendar of the account of this name.
    pub fn get(&self, account: &str) -> CalendarIdx {
        self.by_name.get(account).copied().unwrap_or_default()
    }
}

/// Accounts by number.
#[derive(Debug)]
pub struct Customers {
    calendar_of: CalendarOf,
    names: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name_from: usize,
    name_len: u32,
    calendar: CalendarIdx,
}

impl Customers {
    /// Nobody yet.
    pub fn new(calendar_of: CalendarOf) -> Customers {
        Customers { calendar_of, names: String::new(), entries: Vec::new() }
    }

    /// Adds an account, whose number is the count of those before it.
    pub fn add(&mut self, name: &str) {
        let calendar = self.calendar_of.get(name);
        let (name_from, name_len) = (self.names.len(), name.len() as u32);
        self.entries.push(Entry { name_from, name_len, calendar });
        self.names.push_str(name);
    }

    /// The name of an account.
    pub fn name(&self, number: u32) -> &str {
        let entry = &self.entries[number as usize];
        &self.names[entry.name_from..entry.name_from + entry.name_len as usize]
    }

    /// The calendar of an account.
    pub fn calendar(&self, number: u32) -> CalendarIdx {
        self.entries[number as usize].calendar
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
