//! Reads tables in Parquet, column by name, batch by batch, and writes them row by row: the one
//! crate that knows arrow.
//!
//! It knows texts and moments and nothing of calls: which columns there are, and what a row is
//! worth, is for whoever asks. Rows come in the file's order, and memory holds one batch and
//! what one row group's pages need, however long the file is.

mod column;
mod writer;

pub use writer::{Kind, Value, WriteError, Writer};

use bytes::Bytes;
use column::Column;
use jiff::tz::TimeZone;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;
use sekimori_atlas::rfc3339::Rfc3339;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows in a batch.
const BATCH_ROWS: usize = 4_096;

/// What keeps a table, or the rest of it, from being read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not Parquet, or its footer is damaged.
    #[error("the file is not Parquet, or its end is missing: {0}")]
    NotParquet(String),
    /// A column that is needed is not there.
    #[error("the table has no column {}; it has: {}", missing.join(", "), found.join(", "))]
    MissingColumns {
        /// Their names.
        missing: Vec<String>,
        /// What the table has.
        found: Vec<String>,
    },
    /// A column is of a type that is neither text, number nor moment.
    #[error("the column {column} holds {kind}, which is neither text, number nor time")]
    Unreadable {
        /// Its name.
        column: String,
        /// Arrow's name of its type.
        kind: String,
    },
    /// A part of the table is damaged; the rows before it have been given.
    #[error("the table is damaged after row {after_row}: {what}")]
    Damaged {
        /// Rows that were read before.
        after_row: u64,
        /// What the Parquet reader says.
        what: String,
    },
}

/// Which columns are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Their names, compared without regard to case.
    pub names: &'a [&'a str],
    /// As many of the first names must be there.
    pub n_required: usize,
    /// The zone of moments that are written without one.
    pub zone: &'a TimeZone,
}

/// A table being read: an iterator over its batches. It ends after its first error.
pub struct Reader {
    batches: ParquetRecordBatchReader,
    /// For each wanted name, where it stands in a batch.
    places: Vec<Option<usize>>,
    zone: TimeZone,
    n_rows_read: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Done,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::NotParquet`], [`Error::MissingColumns`].
    pub fn open(file: File, wanted: &Wanted<'_>) -> Result<Reader, Error> {
        Reader::of(file, wanted)
    }

    /// Opens a table that is in memory: Parquet begins to be understood at its end, so what
    /// comes from a pipe has to be collected first.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn of_bytes(bytes: Vec<u8>, wanted: &Wanted<'_>) -> Result<Reader, Error> {
        Reader::of(Bytes::from(bytes), wanted)
    }

    fn of(source: impl ChunkReader + 'static, wanted: &Wanted<'_>) -> Result<Reader, Error> {
        let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(source))
            .map_err(Error::NotParquet)?;
        let fields = builder.schema().fields().clone();
        let places: Vec<Option<usize>> = wanted
            .names
            .iter()
            .map(|name| fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
            .collect();
        let missing: Vec<String> = (0..wanted.n_required.min(places.len()))
            .filter(|n| places[*n].is_none())
            .map(|n| wanted.names[n].to_owned())
            .collect();
        if !missing.is_empty() {
            let found = fields.iter().map(|field| field.name().clone()).collect();
            return Err(Error::MissingColumns { missing, found });
        }
        let mut roots: Vec<usize> = places.iter().flatten().copied().collect();
        roots.sort_unstable();
        roots.dedup();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().copied());
        let builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
        let batches = guarded(|| builder.build()).map_err(Error::NotParquet)?;
        let in_batch = |root: usize| roots.iter().position(|other| *other == root);
        let places = places.into_iter().map(|place| place.and_then(in_batch)).collect();
        let zone = wanted.zone.clone();
        Ok(Reader { batches, places, zone, n_rows_read: 0, state: State::Reading })
    }

    fn read(&mut self) -> Result<Option<Batch>, Error> {
        let after_row = self.n_rows_read;
        let damaged = |what| Error::Damaged { after_row, what };
        let Some(batch) = guarded(|| self.batches.next().transpose()).map_err(damaged)? else {
            return Ok(None);
        };
        let n_rows = batch.num_rows();
        let columns = self
            .places
            .iter()
            .map(|place| match place {
                None => Ok(Column::Absent),
                Some(place) => {
                    let field = batch.schema_ref().field(*place);
                    Column::of(batch.column(*place), &self.zone).ok_or_else(|| Error::Unreadable {
                        column: field.name().clone(),
                        kind: field.data_type().to_string(),
                    })
                }
            })
            .collect::<Result<Vec<Column>, Error>>()?;
        self.n_rows_read += n_rows as u64;
        Ok(Some(Batch { first_row: after_row + 1, n_rows, columns }))
    }
}

/// The Parquet reader trusts a file more than a stranger's file deserves; what it panics over
/// becomes an error here, because damage must not stop a run over many files.
fn guarded<T, E: ToString>(read: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("its reader stumbled over it".to_owned()),
    }
}

impl Iterator for Reader {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Result<Batch, Error>> {
        if self.state == State::Done {
            return None;
        }
        let batch = self.read();
        if !matches!(batch, Ok(Some(_))) {
            self.state = State::Done;
        }
        batch.transpose()
    }
}

/// Some rows.
#[derive(Debug)]
pub struct Batch {
    /// The number of its first row in the file, from 1.
    pub first_row: u64,
    n_rows: usize,
    columns: Vec<Column>,
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing, or there is no such column.
    Empty,
    /// A text, or a number as its digits.
    Text(&'a str),
    /// A moment.
    Moment(Rfc3339),
}

impl Batch {
    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The cell of the batch's row `row` (from 0) in the wanted column `column`.
    ///
    /// # Panics
    /// When there is no such row or no such wanted column.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        assert!(row < self.n_rows, "the batch has {} rows", self.n_rows);
        self.columns[column].cell(row)
    }

    /// The cell as text; empty where it holds none.
    ///
    /// # Panics
    /// As [`Batch::cell`].
    pub fn text(&self, row: usize, column: usize) -> &str {
        match self.cell(row, column) {
            Cell::Text(text) => text,
            Cell::Empty | Cell::Moment(_) => "",
        }
    }
}

#[cfg(test)]
mod tests;
