//! A world as files in a folder: `calls.csv`, `registrations.csv` (the replay contract's
//! shapes), `truth.csv` and `attacks.csv`. Written day by day; nothing is held.

use crate::output::{
    ATTACKS_HEADER, CALLS_HEADER, REGISTRATIONS_HEADER, TRUTH_HEADER, write_attack, write_call,
    write_registration, write_truth,
};
use crate::world::World;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of `calls.csv`.
    pub n_calls: u64,
    /// Of them abroad and honest.
    pub n_honest_abroad: u64,
    /// Of them an attack's.
    pub n_attack_calls: u64,
    /// Rows of `registrations.csv`.
    pub n_registrations: u64,
}

/// A file that is written in large pieces.
struct Sheet {
    file: File,
    buffer: Vec<u8>,
}

impl Sheet {
    fn create(folder: &Path, name: &str, header: &str) -> io::Result<Sheet> {
        let buffer = format!("{header}\n").into_bytes();
        Ok(Sheet { file: File::create(folder.join(name))?, buffer })
    }

    fn pour(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Runs the world to its end; `told` hears the totals after each day.
pub fn write_world(
    world: &mut World,
    folder: &Path,
    mut told: impl FnMut(&Written),
) -> io::Result<Written> {
    std::fs::create_dir_all(folder)?;
    let mut calls = Sheet::create(folder, "calls.csv", CALLS_HEADER)?;
    let mut truth = Sheet::create(folder, "truth.csv", TRUTH_HEADER)?;
    let mut signs = Sheet::create(folder, "registrations.csv", REGISTRATIONS_HEADER)?;
    let mut written = Written::default();
    while let Some(batch) = world.next_day() {
        for call in &batch.calls {
            written.count(call);
            let account = &world.accounts()[call.account as usize].name;
            write_call(&mut calls.buffer, written.n_calls, account, call);
            write_truth(&mut truth.buffer, written.n_calls, account, call, world.attacks());
        }
        for event in &batch.registrations {
            let account = &world.accounts()[event.account as usize].name;
            write_registration(&mut signs.buffer, account, event);
        }
        written.n_registrations += batch.registrations.len() as u64;
        for sheet in [&mut calls, &mut truth, &mut signs] {
            sheet.pour()?;
        }
        told(&written);
    }
    let mut attacks = Sheet::create(folder, "attacks.csv", ATTACKS_HEADER)?;
    for attack in world.attacks() {
        let account = &world.accounts()[attack.account as usize].name;
        write_attack(&mut attacks.buffer, account, attack);
    }
    attacks.pour()?;
    Ok(written)
}

impl Written {
    fn count(&mut self, call: &crate::record::Call) {
        use crate::record::Truth::{Attack, Bait, Honest};
        self.n_calls += 1;
        match call.truth {
            Honest(_) => {
                self.n_honest_abroad += u64::from(call.reach == crate::record::Reach::Abroad)
            }
            Attack(_) | Bait(_) => self.n_attack_calls += 1,
        }
    }
}
