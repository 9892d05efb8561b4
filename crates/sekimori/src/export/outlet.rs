//! Where an export goes: lines of JSON, the first of which is the header, or a Parquet table with
//! the header in its metadata.

use super::is_standard_output;
use super::row::COLUMNS;
use crate::failure::{Advice, Failure};
use sekimori_atlas::rfc3339;
use sekimori_columns::{Kind, Value as CellValue, Writer};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// As what an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object a line; the first is the header.
    Jsonl,
    /// A Parquet table; the header is in its metadata, under `sekimori_export`.
    Parquet,
}

/// An export being written.
pub(super) struct Outlet {
    path: String,
    to: To,
}

enum To {
    Lines(Box<dyn Write>),
    Table(Box<Writer>),
}

impl Outlet {
    pub fn open(
        path: &Path,
        format: Format,
        header: &Map<String, Value>,
    ) -> Result<Outlet, Failure> {
        let shown = path.display().to_string();
        let said = serde_json::to_string(header).expect("texts and numbers");
        let to = match format {
            Format::Jsonl => {
                let mut out: Box<dyn Write> = if is_standard_output(path) {
                    Box::new(BufWriter::new(io::stdout()))
                } else {
                    Box::new(BufWriter::new(create(path)?))
                };
                writeln!(out, "{said}").map_err(|error| cannot_write(&shown, &error))?;
                To::Lines(out)
            }
            Format::Parquet if is_standard_output(path) => {
                let what = "a Parquet table cannot go to standard output: its end is written last";
                return Err(Failure::Usage(Advice::new(what, "name a file with --out")));
            }
            Format::Parquet => {
                let about = [("sekimori_export".to_owned(), said)];
                let writer = Writer::create(create(path)?, &COLUMNS, &about);
                To::Table(Box::new(writer.map_err(|error| cannot_write(&shown, &error))?))
            }
        };
        Ok(Outlet { path: shown, to })
    }

    pub fn push(&mut self, row: &Map<String, Value>) -> Result<(), Failure> {
        match &mut self.to {
            To::Lines(out) => {
                let line = serde_json::to_string(row).expect("texts and numbers");
                writeln!(out, "{line}").map_err(|error| cannot_write(&self.path, &error))
            }
            To::Table(table) => {
                let texts: Vec<String> =
                    COLUMNS.iter().map(|(name, _)| text(row.get(*name))).collect();
                let cells: Vec<CellValue<'_>> = COLUMNS
                    .iter()
                    .zip(&texts)
                    .map(|((name, kind), text)| cell(*kind, row.get(*name), text))
                    .collect();
                table.push(&cells).map_err(|error| cannot_write(&self.path, &error))
            }
        }
    }

    pub fn finish(self) -> Result<(), Failure> {
        match self.to {
            To::Lines(mut out) => out.flush().map_err(|error| cannot_write(&self.path, &error)),
            To::Table(table) => table.finish().map_err(|error| cannot_write(&self.path, &error)),
        }
    }
}

/// A text as it is; whatever is more than that, as JSON.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(value) => value.to_string(),
    }
}

fn cell<'a>(kind: Kind, value: Option<&Value>, text: &'a str) -> CellValue<'a> {
    match (kind, value) {
        (_, None | Some(Value::Null)) => CellValue::Empty,
        (Kind::Text, Some(_)) => CellValue::Text(text),
        (Kind::Integer, Some(value)) => value.as_i64().map_or(CellValue::Empty, CellValue::Integer),
        (Kind::Moment, Some(_)) => rfc3339::parse(text.as_bytes())
            .map_or(CellValue::Empty, |moment| CellValue::Moment(moment.at)),
    }
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| cannot_write(&path.display().to_string(), &error))
}

fn cannot_write(path: &str, error: &dyn std::error::Error) -> Failure {
    let what = format!("{path} cannot be written: {error}");
    Failure::Storage(Advice::new(what, "name a file in a folder that can be written and has room"))
}
