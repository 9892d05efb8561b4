//! Tables written here and read again, and what comes of damaged ones.

use super::*;
use arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

fn table(columns: Vec<(&str, ArrayRef)>, compression: Compression) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("closed")
}

fn calls(n: i64) -> Vec<(&'static str, ArrayRef)> {
    let ids: StringArray = (0..n).map(|n| Some(format!("c{n}"))).collect();
    let accounts: DictionaryArray<Int32Type> = (0..n).map(|_| Some("acme")).collect();
    let dialled: Int64Array = (0..n).map(|n| (n % 2 == 0).then_some(81_312_340_000 + n)).collect();
    let starts = TimestampMillisecondArray::from_iter_values((0..n).map(|n| 1_426_255_804_250 + n));
    vec![
        ("ID", Arc::new(ids)),
        ("account", Arc::new(accounts)),
        ("dialled", Arc::new(dialled)),
        ("start", Arc::new(starts.with_timezone("+09:00"))),
    ]
}

const NAMES: [&str; 5] = ["id", "start", "dialled", "account", "line"];

fn open(bytes: Vec<u8>) -> Result<Reader, Error> {
    Reader::of_bytes(bytes, &Wanted { names: &NAMES, n_required: 2, zone: &TimeZone::UTC })
}

#[test]
fn columns_are_found_by_name_whatever_their_type_and_compression() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd] {
        let mut n_rows = 0;
        for batch in open(table(calls(10_000), compression)).expect("a table") {
            let batch = batch.expect("sound");
            assert_eq!(batch.first_row, n_rows + 1);
            let row = batch.n_rows() - 1;
            n_rows += batch.n_rows() as u64;
            assert_eq!(batch.text(row, 0), format!("c{}", n_rows - 1));
            assert_eq!(batch.text(row, 3), "acme");
            assert_eq!(batch.cell(row, 4), Cell::Empty);
            let Cell::Moment(start) = batch.cell(0, 1) else { panic!("a moment") };
            assert_eq!(start.offset_minutes, 540);
        }
        assert_eq!(n_rows, 10_000);
    }
}

#[test]
fn a_moment_without_a_zone_gets_the_one_that_was_said() {
    let start = TimestampMicrosecondArray::from(vec![Some(1_426_288_204_000_000), None]);
    let view: StringViewArray = ["a", "b"].iter().map(|id| Some(*id)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![("id", Arc::new(view)), ("start", Arc::new(start))];
    let bytes = table(columns, Compression::SNAPPY);
    let zone = TimeZone::get("Asia/Tokyo").expect("bundled");
    let wanted = Wanted { names: &NAMES[..2], n_required: 2, zone: &zone };
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, &bytes).expect("written");
    let mut reader = Reader::open(file, &wanted).expect("a table");
    let batch = reader.next().expect("a batch").expect("sound");
    let Cell::Moment(start) = batch.cell(0, 1) else { panic!("a moment") };
    assert_eq!(start.to_string(), "2015-03-13T23:10:04+09:00");
    assert_eq!((batch.cell(1, 1), batch.text(1, 0)), (Cell::Empty, "b"));
}

#[test]
fn what_is_missing_is_named_beside_what_is_there() {
    let mut columns = calls(1);
    columns.remove(0);
    let error = open(table(columns, Compression::SNAPPY)).err().expect("no id").to_string();
    assert_eq!(error, "the table has no column id; it has: account, dialled, start");
}

#[test]
fn a_column_of_lists_is_refused_by_name() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]);
    let mut columns = calls(1);
    columns[2] = ("dialled", Arc::new(list));
    let mut reader = open(table(columns, Compression::SNAPPY)).expect("a table");
    let error = reader.next().expect("a batch").expect_err("a list").to_string();
    assert!(error.starts_with("the column dialled holds List"), "{error}");
    assert!(reader.next().is_none());
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    assert!(matches!(open(b"PAR1 and no more".to_vec()), Err(Error::NotParquet(_))));
    assert!(matches!(open(Vec::new()), Err(Error::NotParquet(_))));
    let bytes = table(calls(3_000), Compression::SNAPPY);
    for at in (4..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xa5;
        // Whatever it is read as: it ends.
        let n = open(damaged).map_or(0, |reader| reader.filter(Result::is_ok).count());
        assert!(n <= 3_000);
    }
}
