//! Calls in Parquet: the contract's columns, row by row.

use crate::replay::reader::{RowSink, Step, Taker};
use crate::replay::spill::Storage;
use crate::replay::unpack::Bytes;
use sekimori_columns::{Batch, Cell, Wanted};
use sekimori_switches::records::{
    AccountFrom, CALL_COLUMNS, Decoded, GenericCall, Options, Undecoded, When,
};
use std::io::{self, Seek};

const N_REQUIRED: usize = 5;
const ACCOUNT: usize = 1;

/// A table being read.
pub struct Table {
    batches: sekimori_columns::Reader,
    account: Option<String>,
}

impl Table {
    /// Begins to read. Parquet is understood from its end, so all of it goes to a temporary
    /// file first: it may come from a pipe or be packed.
    pub fn open(mut bytes: Bytes, options: &Options, storage: &Storage) -> Result<Table, String> {
        let mut file = storage.file().map_err(|error| error.to_string())?;
        let copied = io::copy(&mut bytes, &mut file).and_then(|_| file.rewind());
        copied.map_err(|error| format!("it cannot be read to its end: {error}"))?;
        let mut names = CALL_COLUMNS;
        let mut account = None;
        match &options.account_from {
            AccountFrom::Default => {}
            AccountFrom::Column(name) => names[ACCOUNT] = name,
            AccountFrom::Channel => names[ACCOUNT] = "line",
            AccountFrom::Trunk => names[ACCOUNT] = "trunk",
            AccountFrom::Fixed(name) => {
                // Any column that is there will do: it is not looked at.
                names[ACCOUNT] = names[0];
                account = Some(name.clone());
            }
        }
        let wanted = Wanted { names: &names, n_required: N_REQUIRED, zone: &options.zone };
        let batches =
            sekimori_columns::Reader::open(file, &wanted).map_err(|error| error.to_string())?;
        Ok(Table { batches, account })
    }

    /// Reads some rows.
    pub fn step(&mut self, rows: &mut RowSink<'_, impl Taker>) -> Step {
        match self.batches.next() {
            None => {
                rows.progress.understood = true;
                Step::Ended
            }
            Some(Ok(batch)) => {
                for row in 0..batch.n_rows() {
                    self.row(&batch, row, rows);
                }
                Step::More
            }
            Some(Err(error)) => {
                rows.taker.file_problem(None, error.to_string().into(), 0);
                Step::Ended
            }
        }
    }

    fn row(&self, batch: &Batch, row: usize, rows: &mut RowSink<'_, impl Taker>) {
        let line = batch.first_row + row as u64;
        let text = |column| batch.text(row, column);
        let when = |column| match batch.cell(row, column) {
            Cell::Empty => When::Never,
            Cell::Text(text) => When::Text(text),
            Cell::Moment(moment) => When::At(moment),
        };
        let call = GenericCall {
            call_id: text(0),
            account: self.account.as_deref().unwrap_or(text(ACCOUNT)),
            dialled: text(2),
            start: when(3),
            end: when(4),
            answer: when(5),
            line: text(6),
            caller: text(7),
            source_ip: text(8),
            user_agent: text(9),
            forwarded_from: text(10),
            trunk: text(11),
            direction: text(12),
            disposition: text(13),
        };
        match call.record() {
            Ok(record) => rows.take(line, Decoded::Call(record)),
            Err(why) => rows.take(line, Decoded::Undecoded(Undecoded { line, why, bytes: b"" })),
        }
    }
}
