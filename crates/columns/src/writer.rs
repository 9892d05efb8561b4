//! Writes a table in Parquet, row by row, in bounded memory: texts, whole numbers, moments.

use arrow::array::{
    ArrayRef, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use sekimori_atlas::time::Timestamp;
use std::fs::File;
use std::sync::Arc;

/// Rows that are gathered before they are encoded.
const BATCH_ROWS: usize = 4_096;
/// Rows of a row group: what is held encoded in memory at most.
const GROUP_ROWS: usize = 65_536;

/// What a column holds; any cell of it may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Whole numbers.
    Integer,
    /// Moments, to the microsecond, in UTC.
    Moment,
}

/// What goes into a cell. One of another kind than its column's is left empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// A text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A moment.
    Moment(Timestamp),
}

/// The table cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be written: {0}")]
pub struct WriteError(String);

enum Builder {
    Text(StringBuilder),
    Integer(Int64Builder),
    Moment(TimestampMicrosecondBuilder),
}

/// A table being written.
pub struct Writer {
    schema: Arc<Schema>,
    builders: Vec<Builder>,
    n_gathered: usize,
    out: ArrowWriter<File>,
}

impl Writer {
    /// A table with these columns. `about` is said of the table as a whole, in the file's own
    /// metadata.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(
        file: File,
        columns: &[(&str, Kind)],
        about: &[(String, String)],
    ) -> Result<Writer, WriteError> {
        let field = |(name, kind): &(&str, Kind)| Field::new(*name, kind.arrow(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let about = about.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(about.collect()))
            .build();
        let out = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(said)?;
        let builders = columns.iter().map(|(_, kind)| kind.builder()).collect();
        Ok(Writer { schema, builders, n_gathered: 0, out })
    }

    /// The next row; cells that are not given are empty.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<(), WriteError> {
        for (place, builder) in self.builders.iter_mut().enumerate() {
            builder.push(row.get(place).copied().unwrap_or(Value::Empty));
        }
        self.n_gathered += 1;
        if self.n_gathered >= BATCH_ROWS { self.encode() } else { Ok(()) }
    }

    /// Ends the table: without this the file is none.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.encode()?;
        let file = self.out.into_inner().map_err(said)?;
        file.sync_all().map_err(said)
    }

    fn encode(&mut self) -> Result<(), WriteError> {
        if self.n_gathered == 0 {
            return Ok(());
        }
        self.n_gathered = 0;
        let columns: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(said)?;
        self.out.write(&batch).map_err(said)
    }
}

impl Kind {
    fn arrow(self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Integer => DataType::Int64,
            Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    fn builder(self) -> Builder {
        match self {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Integer => Builder::Integer(Int64Builder::new()),
            Kind::Moment => {
                Builder::Moment(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
        }
    }
}

impl Builder {
    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Builder::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Builder::Text(builder), _) => builder.append_null(),
            (Builder::Integer(builder), Value::Integer(n)) => builder.append_value(n),
            (Builder::Integer(builder), _) => builder.append_null(),
            (Builder::Moment(builder), Value::Moment(at)) => {
                builder.append_value(at.0.div_euclid(1_000));
            }
            (Builder::Moment(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Integer(builder) => Arc::new(builder.finish()),
            Builder::Moment(builder) => Arc::new(builder.finish()),
        }
    }
}

fn said(error: impl std::fmt::Display) -> WriteError {
    WriteError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Reader, Wanted};
    use jiff::tz::TimeZone;

    #[test]
    fn what_is_written_is_read_back() {
        let path = tempfile::NamedTempFile::new().expect("a file");
        let file = path.reopen().expect("it is there");
        let columns = [("id", Kind::Text), ("at", Kind::Moment), ("n", Kind::Integer)];
        let about = [("made_by".to_owned(), "a test".to_owned())];
        let mut writer = Writer::create(file, &columns, &about).expect("a table");
        let at = |n: i64| Timestamp::from_seconds(1_426_255_804 + n);
        for n in 0..10_000 {
            let id = format!("c{n}");
            let row = [Value::Text(&id), Value::Moment(at(n)), Value::Integer(n)];
            writer.push(if n == 7 { &row[..1] } else { &row }).expect("it is written");
        }
        writer.finish().expect("it is written");
        let names = ["id", "at", "n"];
        let wanted = Wanted { names: &names, n_required: 3, zone: &TimeZone::UTC };
        let mut n_rows = 0;
        for batch in Reader::open(path.reopen().expect("a file"), &wanted).expect("a table") {
            let batch = batch.expect("it is sound");
            for row in 0..batch.n_rows() {
                let n = n_rows + row as i64;
                assert_eq!(batch.text(row, 0), format!("c{n}"));
                if n == 7 {
                    assert_eq!(
                        (batch.cell(row, 1), batch.cell(row, 2)),
                        (Cell::Empty, Cell::Empty)
                    );
                    continue;
                }
                let Cell::Moment(moment) = batch.cell(row, 1) else { panic!("a moment") };
                assert_eq!((moment.at, batch.text(row, 2)), (at(n), n.to_string().as_str()));
            }
            n_rows += batch.n_rows() as i64;
        }
        assert_eq!(n_rows, 10_000);
    }
}
