use super::*;
use crate::replay::order::{OrderChoice, RowOrder};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_switches::records::Format;
use std::io::Write;
use std::path::Path;

const HEADER: &str = "call_id,account,dialled,start,end,answer\n";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 2015-03-13T00:00:00Z.
const FRIDAY: i64 = 1_426_204_800;

/// What came out of a run, and what was said of it.
struct Outcome {
    rows: Vec<String>,
    report: InputReport,
}

impl Outcome {
    fn ids(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.split(' ').nth(2).expect("a row has an id")).collect()
    }

    fn reasons(&self) -> Vec<(Option<u64>, &str)> {
        let problems = self.report.run.problems.iter();
        problems.map(|problem| (problem.line, problem.reason.english())).collect()
    }
}

fn run_all(options: InputOptions, standard_input: &[u8]) -> Result<Outcome, InputError> {
    let feed = spawn_with(options, Box::new(std::io::Cursor::new(standard_input.to_vec())));
    let mut names: Vec<Box<str>> = Vec::new();
    let mut rows = Vec::new();
    for mut batch in feed.batches {
        names.append(&mut batch.newcomers);
        for row in batch.rows() {
            assert_eq!(row.key(), rows.len() as u64, "the ordinals are dense");
            let (at, end) = (row.at(), row.end().map_or(0, Timestamp::seconds));
            let texts = row.texts();
            let account = &names[row.account() as usize];
            rows.push(format!("{at} {account} {} {} {end}", texts.call_id, texts.dialled));
        }
        // The feed may have ended already.
        let _ = feed.used.send(batch);
    }
    let report = feed.handle.join().expect("the input does not panic")?;
    assert_eq!(report.n_rows, rows.len() as u64);
    Ok(Outcome { rows, report })
}

fn outcome(options: InputOptions) -> Outcome {
    run_all(options, b"").expect("temporary files work")
}

/// A folder of files that is gone after the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("there is a place for temporary files"))
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("the folder can be written");
        path.display().to_string()
    }
}

fn time(seconds: i64) -> String {
    Rfc3339 { at: Timestamp::from_seconds(FRIDAY + seconds), offset_minutes: 540 }.to_string()
}

/// A call as a line of the contract's CSV; times in seconds from Friday.
fn line(id: &str, start: i64, end: i64) -> String {
    let start_text = time(start);
    format!("{id},acme,01023222{id},{start_text},{},{start_text}\n", time(end))
}

fn csv(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().fold(HEADER.to_owned(), |text, line| text + &line)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory can be written")
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
        ((self.0 >> 33) % n as u64) as i64
    }
}

/// Calls over `days` days, of which some last up to a day and a half: id, start, end.
fn calls(n: i64, days: i64) -> Vec<(String, i64, i64)> {
    let mut numbers = Numbers(5);
    let mut calls = Vec::new();
    for id in 0..n {
        let start = numbers.below(days * DAY);
        let long = numbers.below(20) == 0;
        let seconds = numbers.below(if long { 36 * HOUR } else { 5 * MINUTE });
        calls.push((format!("c{id}"), start, start + seconds));
    }
    calls.sort_by_key(|(_, start, _)| *start);
    calls
}

/// The ids in the order in which the calls happen.
fn in_order(calls: &[(String, i64, i64)]) -> Vec<String> {
    let mut sorted: Vec<(i64, &String)> = calls.iter().map(|(id, start, _)| (*start, id)).collect();
    sorted.sort();
    sorted.into_iter().map(|(_, id)| id.clone()).collect()
}

fn csv_of(calls: &[(String, i64, i64)]) -> String {
    csv(calls.iter().map(|(id, start, end)| line(id, *start, *end)))
}

#[test]
fn rows_come_out_in_order_of_start() {
    let folder = Folder::new();
    let calls = calls(3_000, 3);
    let outcome = outcome(InputOptions::of_files([folder.write("a.csv", csv_of(&calls))]));
    assert_eq!(outcome.ids(), in_order(&calls));
    assert_eq!((outcome.report.n_files_read, outcome.report.run.n_problems), (1, 0));
    assert_eq!(outcome.report.run.accounts, 1);
}

#[test]
fn rows_in_order_of_end_wait_on_disk_for_the_longest_call() {
    let folder = Folder::new();
    let calls = calls(20_000, 20);
    let mut by_end = calls.clone();
    by_end.sort_by_key(|(_, _, end)| *end);
    let file = folder.write("a.csv", csv_of(&by_end));
    let mut streams = Vec::new();
    for window_bytes in [1 << 14, 1 << 17, 1 << 20, 1 << 30] {
        let options = InputOptions { window_bytes, ..InputOptions::of_files([&file]) };
        let outcome = outcome(options);
        assert_eq!(outcome.report.n_bytes_spilled > 0, window_bytes <= 1 << 20);
        assert_eq!(outcome.report.run.n_problems, 0);
        streams.push(outcome.rows);
    }
    let ids: Vec<&str> = streams[0].iter().filter_map(|row| row.split(' ').nth(2)).collect();
    assert_eq!(ids, in_order(&calls));
    assert!(streams.iter().all(|stream| *stream == streams[0]), "the budget changes nothing");
}

#[test]
fn rows_up_to_an_hour_from_their_place_are_put_in_order() {
    let folder = Folder::new();
    let calls = calls(20_000, 20);
    for by_end in [false, true] {
        let mut numbers = Numbers(9);
        let mut written: Vec<_> = calls
            .iter()
            .map(|call| {
                let key = if by_end { call.2 } else { call.1 };
                (key + numbers.below(2 * HOUR) - HOUR, call.clone())
            })
            .collect();
        written.sort_by_key(|(key, _)| *key);
        let written: Vec<_> = written.into_iter().map(|(_, call)| call).collect();
        let file = folder.write("a.csv", csv_of(&written));
        let options = InputOptions { window_bytes: 1 << 16, ..InputOptions::of_files([file]) };
        let outcome = outcome(options);
        assert_eq!(outcome.ids(), in_order(&calls));
        assert_eq!(outcome.report.run.n_problems, 0);
    }
}

#[test]
fn a_row_that_comes_too_late_is_reported_and_any_order_takes_it() {
    let folder = Folder::new();
    let mut lines: Vec<String> =
        (0..200).map(|n| line(&format!("c{n}"), n * 600, n * 600 + 5_000)).collect();
    lines.insert(150, line("late", 0, 9));
    lines.insert(160, line("later", 0, 9));
    let file = folder.write("a.csv", csv(lines));
    let with = |order| {
        let mut options = InputOptions::of_files([&file]);
        options.reading.order = order;
        outcome(options)
    };
    let start = with(OrderChoice::Known(RowOrder::Start));
    assert_eq!(start.rows.len(), 200);
    assert_eq!(start.report.run.rows_unreadable, 2);
    let [(Some(152), reason)] = start.reasons()[..] else { panic!("{:?}", start.reasons()) };
    assert!(reason.contains("1 rows after it") && reason.contains("--order any"), "{reason}");
    // The head of the file shows that neither order holds.
    for order in [OrderChoice::Known(RowOrder::Any), OrderChoice::Found] {
        let any = with(order);
        assert_eq!((any.rows.len(), any.report.run.n_problems), (202, 0));
        assert_eq!(any.ids()[..3], ["c0", "late", "later"]);
    }
}

#[test]
fn a_file_from_the_newest_to_the_oldest_is_sorted_as_a_whole() {
    let folder = Folder::new();
    let mut calls = calls(5_000, 40);
    calls.reverse();
    let outcome = outcome(InputOptions::of_files([folder.write("a.csv", csv_of(&calls))]));
    assert_eq!(outcome.ids(), in_order(&calls));
}

#[test]
fn many_files_are_one_stream() {
    let folder = Folder::new();
    let calls = calls(6_000, 30);
    // One file a day, as logs are rotated, and beside them two PBXs with a file each.
    let mut files = Vec::new();
    for day in 0..30 {
        let of_day = |call: &&(String, i64, i64)| call.1 / DAY == day;
        let part: Vec<_> = calls.iter().filter(of_day).cloned().collect();
        files.push(folder.write(&format!("{day}.csv"), csv_of(&part)));
    }
    let mut all = calls.clone();
    for pbx in ["x", "y"] {
        let mut part: Vec<_> = calls
            .iter()
            .map(|(id, start, end)| (format!("{pbx}{id}"), start + 7, end + 7))
            .collect();
        all.extend(part.clone());
        part.sort_by_key(|(_, _, end)| *end);
        files.push(folder.write(pbx, csv_of(&part)));
    }
    let options = InputOptions { window_bytes: 1 << 17, ..InputOptions::of_files(&files) };
    let outcome = outcome(options);
    assert_eq!(outcome.ids(), in_order(&all));
    assert_eq!((outcome.report.n_files_read, outcome.report.run.n_problems), (32, 0));
}

#[test]
fn more_files_than_may_be_open_at_once_are_one_stream() {
    let folder = Folder::new();
    let calls = calls(9_000, 10);
    let mut files = Vec::new();
    for pbx in 0..OPEN_MAX + 13 {
        let part: Vec<_> = calls.iter().skip(pbx).step_by(OPEN_MAX + 13).cloned().collect();
        files.push(folder.write(&format!("{pbx}.csv"), csv_of(&part)));
    }
    let options = InputOptions { window_bytes: 1 << 16, ..InputOptions::of_files(&files) };
    assert_eq!(outcome(options).ids(), in_order(&calls));
}

#[test]
fn rows_of_one_instant_are_ordered_by_what_they_are_and_by_id() {
    let folder = Folder::new();
    let a = folder.write("a.csv", csv(["b", "z", "a"].map(|id| line(id, 60, 70))));
    let b = folder.write("b.csv", csv(["c", "0"].map(|id| line(id, 60, 70))));
    let at = time(60);
    let r = folder.write("r.csv", format!("at,account,line,source_ip,user_agent,outcome\n{at},acme,201,10.0.0.1,,accepted\n{},acme,201,,,bad_password\n", time(61)));
    let mut options = InputOptions::of_files([a, b]);
    options.registrations.push(Origin::Path(r.into()));
    let outcome = outcome(options);
    assert_eq!(outcome.ids(), ["", "0", "a", "b", "c", "z", ""]);
}

#[test]
fn within_an_hour_the_later_row_counts_and_after_it_none_does() {
    let folder = Folder::new();
    let other_account = line("a", 9 * HOUR, 9 * HOUR).replace("acme", "other");
    let file = folder.write(
        "a.csv",
        csv([
            line("a", 0, 10),
            line("b", 10, 20),
            line("a", 0, 99),
            line("b", 10 + HOUR, 5_000),
            line("c", HOUR, HOUR + 1),
            line("b", 11 + HOUR, 6_000),
            line("a", 9 * HOUR, 9 * HOUR),
            other_account,
        ]),
    );
    let outcome = outcome(InputOptions::of_files([file]));
    let at = |seconds| FRIDAY + seconds;
    let ends: Vec<String> = outcome
        .rows
        .iter()
        .map(|row| row.split(' ').skip(2).step_by(2).collect::<Vec<_>>().join(" "))
        .collect();
    let expected = [
        format!("a {}", at(99)),
        format!("c {}", at(HOUR + 1)),
        format!("b {}", at(5_000)),
        format!("a {}", at(9 * HOUR)),
    ];
    assert_eq!(ends, expected);
    assert_eq!(outcome.report.run.rows_repeated, 4);
    let [(Some(7), b), (Some(8), a)] = outcome.reasons()[..] else {
        panic!("{:?}", outcome.reasons())
    };
    assert!(a.contains("\"a\"") && b.contains("\"b\""), "{a}; {b}");
}

#[test]
fn a_file_named_twice_counts_once_through_any_budget() {
    let folder = Folder::new();
    let calls = calls(20_000, 20);
    let mut by_end = calls.clone();
    by_end.sort_by_key(|(_, _, end)| *end);
    for (name, calls) in [("start", &calls), ("end", &by_end)] {
        let file = folder.write(name, csv_of(calls));
        for window_bytes in [1 << 14, 1 << 30] {
            let options = InputOptions { window_bytes, ..InputOptions::of_files([&file, &file]) };
            let outcome = outcome(options);
            assert_eq!(outcome.ids(), in_order(calls));
            assert_eq!(outcome.report.run.rows_repeated, 20_000);
        }
    }
}

#[test]
fn packed_files_are_known_by_their_first_bytes() {
    let folder = Folder::new();
    let (a, b) = (csv([line("a", 0, 1)]), line("b", 2, 3));
    let two = |pack: fn(&[u8]) -> Vec<u8>| [pack(a.as_bytes()), pack(b.as_bytes())].concat();
    for (name, bytes) in [("members.csv", two(gzip)), ("frames.txt", two(zstandard))] {
        let outcome = outcome(InputOptions::of_files([folder.write(name, bytes)]));
        assert_eq!((outcome.ids(), outcome.report.run.n_problems), (vec!["a", "b"], 0), "{name}");
    }
    let xz = folder.write("c", b"\xfd7zXZ\0\0\x04.....");
    let outcome = outcome(InputOptions::of_files([xz]));
    assert_eq!(outcome.report.n_files_read, 0);
    assert!(outcome.reasons()[0].1.contains("xz -dc"), "{:?}", outcome.reasons());
}

#[test]
fn a_packed_file_that_breaks_off_is_read_up_to_there() {
    let folder = Folder::new();
    let text = csv_of(&calls(30_000, 3));
    for (name, whole) in [("gzip", gzip(text.as_bytes())), ("zstd", zstandard(text.as_bytes()))] {
        let cut = &whole[..whole.len() / 2];
        let cut = outcome(InputOptions::of_files([folder.write("cut", cut)]));
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 64].fill(0xff);
        let damaged = outcome(InputOptions::of_files([folder.write("damaged", damaged)]));
        for (what, outcome) in [("cut short", cut), ("damaged", damaged)] {
            let n_rows = outcome.rows.len();
            assert!((10_000..20_000).contains(&n_rows), "{name} {what}: {n_rows} rows");
            let reasons = outcome.reasons();
            // Damaged gzip gives out some nonsense before it is noticed.
            let clean = what == "cut short" || name == "zstd";
            assert!(!clean || reasons.len() == 1, "{name} {what}: {reasons:?}");
            let Some((Some(line), reason)) =
                reasons.iter().find(|(_, reason)| reason.contains(what)).copied()
            else {
                panic!("{name} {what}: {reasons:?}")
            };
            assert!(!clean || line == n_rows as u64 + 2);
            assert!(reason.contains(name) && reason.contains(what), "{reason}");
            assert_eq!(outcome.report.n_files_read, 1);
        }
    }
}

#[test]
fn standard_input_is_a_file_among_others() {
    let folder = Folder::new();
    let text = csv_of(&calls(5_000, 3));
    let file = folder.write("a.csv", csv([line("first", -5, 0)]));
    for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
        let outcome =
            run_all(InputOptions::of_files([file.as_str(), "-"]), &bytes).expect("it is read");
        assert_eq!((outcome.rows.len(), outcome.ids()[0]), (5_001, "first"));
        assert_eq!(outcome.report.run.files, [file.as_str(), "-"]);
    }
    let twice = run_all(InputOptions::of_files(["-", "-"]), text.as_bytes()).expect("once");
    assert_eq!((twice.rows.len(), twice.report.run.n_problems), (5_000, 1));
}

#[test]
fn what_cannot_be_opened_is_said_and_the_rest_is_read() {
    let folder = Folder::new();
    let good = folder.write("good.csv", csv([line("a", 0, 1)]));
    let empty = folder.write("empty.csv", "");
    let missing = folder.0.path().join("missing.csv").display().to_string();
    let pattern = folder.0.path().join("*.log").display().to_string();
    let directory = folder.0.path().display().to_string();
    let noise = folder.write("noise", [7, 0, 255, 254, 9, 0, 1].repeat(5_000));
    let files = [&directory, &missing, &pattern, &empty, &noise, &good];
    let result = outcome(InputOptions::of_files(files));
    assert_eq!((result.ids(), result.report.n_files_read), (vec!["a"], 1));
    let problems = &result.report.run.problems;
    for (file, part) in [
        (&directory, "/*.csv"),
        (&missing, "no such file"),
        (&pattern, "pattern"),
        (&empty, "empty"),
        (&noise, ""),
    ] {
        let said = problems.iter().any(|p| p.file == *file && p.reason.english().contains(part));
        assert!(said, "{file} ({part}): {problems:?}");
    }
    assert_eq!(result.report.run.files, [good.as_str()]);
    let none = outcome(InputOptions::of_files([&missing, &empty]));
    assert_eq!((none.report.n_files_read, none.rows.len()), (0, 0));
    may_not_be_read(&folder, &good);
}

/// A file without permission; the superuser may read it all the same, and then a link that
/// leads to itself stands in for it.
fn may_not_be_read(folder: &Folder, good: &str) {
    use std::os::unix::fs::PermissionsExt;
    let shut = folder.write("shut.csv", "x");
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o000)).expect("it is ours");
    let (file, part) = if std::fs::File::open(&shut).is_err() {
        (shut, "may not read it")
    } else {
        let circle = folder.0.path().join("circle");
        std::os::unix::fs::symlink(&circle, &circle).expect("links can be made");
        (circle.display().to_string(), "cannot be opened")
    };
    let outcome = outcome(InputOptions::of_files([file.as_str(), good]));
    assert_eq!(outcome.ids(), ["a"]);
    assert!(outcome.reasons()[0].1.contains(part), "{:?}", outcome.reasons());
}

#[test]
fn rows_that_cannot_be_read_never_stop_the_run() {
    let folder = Folder::new();
    let mut file = csv([line("a", 0, 1)]).into_bytes();
    file.extend(b"cut,acme,010\n");
    file.extend(line("time", 2, 3).replace("2015-03-13", "2015-02-30").bytes());
    file.extend(b"\0\0\0\0\0\0\n");
    file.extend(line("\"quote", 3, 4).bytes());
    file.extend(line("b", 4, 5).bytes());
    file.extend(b"sjis,\x8a\x94\x8e\xae\x89\xef\x8e\xd0,0102,");
    file.extend(format!("{},{},\n", time(5), time(6)).bytes());
    file.extend(vec![b'x'; 100 << 20]);
    file.push(b'\n');
    file.extend(line("c", 7, 8).bytes());
    let outcome = outcome(InputOptions::of_files([folder.write("a.csv", file)]));
    let ids = outcome.ids();
    assert_eq!((ids[0], ids[1], ids[ids.len() - 1]), ("a", "b", "c"), "{ids:?}");
    let run = &outcome.report.run;
    assert_eq!(run.rows_unreadable + outcome.rows.len() as u64, 9, "{:?}", run.problems);
    let lines: Vec<Option<u64>> = outcome.reasons().iter().map(|(line, _)| *line).collect();
    for line in [3, 4, 5, 6, 9] {
        assert!(lines.contains(&Some(line)), "{:?}", run.problems);
    }
}

#[test]
fn a_full_or_missing_temporary_folder_is_an_error_that_says_so() {
    let folder = Folder::new();
    let file = folder.write("a.csv", csv_of(&calls(5_000, 2)));
    let options = InputOptions {
        window_bytes: 1 << 14,
        temp_dir: Some(Path::new("/nowhere/at/all").to_path_buf()),
        ..InputOptions::of_files([file])
    };
    let Err(error) = run_all(options, b"") else { panic!("nothing can be written there") };
    let text = error.to_string();
    assert!(text.contains("/nowhere/at/all") && text.contains("TMPDIR"), "{text}");
}

#[test]
fn a_judge_that_stops_listening_ends_the_input() {
    let folder = Folder::new();
    let file = folder.write("a.csv", csv_of(&calls(20_000, 30)));
    let options = InputOptions { batch_bytes: 1_000, ..InputOptions::of_files([file]) };
    let feed = spawn_with(options, Box::new(std::io::empty()));
    drop((feed.batches.recv(), feed.batches));
    assert!(feed.handle.join().expect("it does not panic").is_ok());
}

#[test]
fn a_format_is_found_or_the_user_is_asked_for_it() {
    let folder = Folder::new();
    let text = "lines,of,nothing,that\nis,known,to,anybody\n".repeat(50);
    let file = folder.write("calls.txt", text);
    let unknown = outcome(InputOptions::of_files([&file]));
    assert_eq!(unknown.report.n_files_read, 0);
    let reason = unknown.reasons()[0].1;
    assert!(reason.contains("--format") && reason.contains("freeswitch"), "{reason}");
    let mut options = InputOptions::of_files([&file]);
    options.reading.format = Some(Format::Generic);
    let named = outcome(options);
    assert!(named.reasons()[0].1.contains("call_id"), "{:?}", named.reasons());
    let registrations = "at,account,outcome\n2015-03-13T00:00:00Z,acme,accepted\n";
    let file = folder.write("signins.csv", registrations);
    assert_eq!(outcome(InputOptions::of_files([file])).rows.len(), 1);
}

#[test]
fn a_table_in_parquet_is_read_from_a_file_and_from_a_pipe() {
    let table = include_bytes!("calls.parquet");
    let folder = Folder::new();
    let plain = outcome(InputOptions::of_files([folder.write("calls", table)]));
    let run = &plain.report.run;
    assert_eq!((plain.rows.len(), run.rows_unreadable, run.rows_skipped), (38, 1, 1));
    assert_eq!(plain.rows[1], format!("{} acme c01 010232220001 {}", time(60), FRIDAY + 259));
    let [(Some(8), reason)] = plain.reasons()[..] else { panic!("{:?}", plain.reasons()) };
    assert!(reason.contains("account"), "{reason}");
    let piped = run_all(InputOptions::of_files(["-"]), &gzip(table)).expect("it is read");
    assert_eq!(piped.rows, plain.rows);
    let cut = folder.write("cut", &table[..table.len() / 2]);
    let cut = outcome(InputOptions::of_files([cut]));
    assert_eq!((cut.report.n_files_read, cut.report.run.n_problems), (0, 1));
}

#[test]
fn progress_ends_where_the_files_end() {
    let folder = Folder::new();
    let text = csv_of(&calls(5_000, 3));
    let packed = gzip(text.as_bytes());
    let n_bytes = (text.len() + packed.len()) as u64;
    let files = [folder.write("a.csv", text), folder.write("b.gz", packed)];
    let feed = spawn_with(InputOptions::of_files(files), Box::new(std::io::empty()));
    let n_rows = feed.batches.iter().map(|batch| u64::from(batch.n_rows)).sum::<u64>();
    let report = feed.handle.join().expect("no panic").expect("temporary files work");
    let of = |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
    assert_eq!((n_rows, report.run.rows_repeated), (5_000, 5_000));
    assert_eq!((of(&feed.progress.n_bytes), of(&feed.progress.n_bytes_read)), (n_bytes, n_bytes));
    let rows = (of(&feed.progress.n_rows_read), of(&feed.progress.n_rows_out));
    assert_eq!(rows, (10_000, 5_000));
}

#[test]
fn nothing_is_left_in_the_temporary_folder() {
    let (folder, temporary) = (Folder::new(), Folder::new());
    let file = folder.write("a.csv", csv_of(&calls(20_000, 2)));
    let options = InputOptions {
        window_bytes: 1 << 14,
        temp_dir: Some(temporary.0.path().to_path_buf()),
        ..InputOptions::of_files([file])
    };
    let feed = spawn_with(options, Box::new(std::io::empty()));
    let left = || std::fs::read_dir(temporary.0.path()).expect("it is there").count();
    for _ in &feed.batches {
        assert_eq!(left(), 0, "temporary files have no names, so they cannot be left behind");
    }
    let report = feed.handle.join().expect("no panic").expect("temporary files work");
    assert!(report.n_bytes_spilled > 0 && left() == 0);
}
