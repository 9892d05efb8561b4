//! `sekimori-sim`: writes simulated call records. Only the command line is here; what is
//! made up is in the library.

use clap::{Parser, ValueEnum};
use flate2::{Compression, GzBuilder};
use sekimori_sim::rebuilt::Case;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes simulated call records, the same bytes for the same options.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// What to make.
    #[arg(long, value_enum)]
    preset: Preset,
    /// Folder for the files; made when it is not there.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// The published Tokyo case, rebuilt.
    Tokyo,
    /// The published Okinawa case, rebuilt.
    Okinawa,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sekimori-sim: {}: {error}", options.out.display());
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    std::fs::create_dir_all(&options.out)?;
    match options.preset {
        Preset::Tokyo => rebuild(Case::Tokyo, &options.out),
        Preset::Okinawa => rebuild(Case::Okinawa, &options.out),
    }
}

fn rebuild(case: Case, out: &Path) -> io::Result<()> {
    let file = std::fs::File::create(out.join("calls.csv.gz"))?;
    // No time and no name in the gzip header: the same bytes every time.
    let mut packed = GzBuilder::new().write(file, Compression::best());
    packed.write_all(&case.calls_csv())?;
    packed.finish()?.sync_all()?;
    std::fs::write(out.join("rates.csv"), case.rates_csv())
}
