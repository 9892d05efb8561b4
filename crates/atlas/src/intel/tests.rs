use super::*;
use crate::rfc3339;

const HEADER: &str = "prefix,kind,source,seen_at\n";

fn number(digits: &str) -> E164 {
    E164::parse(digits.as_bytes()).expect("digits")
}

fn at(text: &str) -> Timestamp {
    rfc3339::parse(text.as_bytes()).expect("a time").at
}

fn imported(rows: &str) -> (Intelligence, ImportReport) {
    let mut lists = Lists::shipped();
    let report = lists.import(format!("{HEADER}{rows}").as_bytes(), "a file").expect("a table");
    (lists.build(), report)
}

#[test]
fn the_published_list_is_known_in_every_year_with_half_weight() {
    let intel = Intelligence::shipped();
    assert_eq!(intel.n_entries(), 33);
    for year in ["1990", "2015", "2026"] {
        let listing = intel.look_up(number("23222280001"), at(&format!("{year}-03-13T00:00:00Z")));
        let expected = Listing { kind: ListingKind::Abused, n_digits: 3, weight: 500, source: 0 };
        assert_eq!(listing, Some(expected));
    }
    assert!(intel.source(0).contains("20 June 2016"));
    assert_eq!(intel.source(9), "");
    assert_eq!(intel.look_up(number("12025550100"), at("2026-01-01T00:00:00Z")), None);
}

#[test]
fn nothing_is_known_before_it_was_seen() {
    let (intel, report) = imported(
        "37121000001,test_number,bench,2024-05-01T09:00:30+09:00\n33612345678,range,,2024-05-01\n",
    );
    assert_eq!((report.n_taken, report.n_left_out), (2, 0));
    let latvian = number("37121000001");
    let kind = |number, text| intel.look_up(number, at(text)).map(|it| (it.kind, it.weight));
    assert_eq!(kind(latvian, "2024-05-01T00:00:59Z"), Some((ListingKind::Abused, 500)));
    assert_eq!(kind(latvian, "2024-05-01T00:01:00Z"), Some((ListingKind::TestNumber, 1_000)));
    let french = number("33612345678");
    assert_eq!(kind(french, "2024-05-01T23:59:59Z"), None);
    assert_eq!(kind(french, "2024-05-02T00:00:00Z"), Some((ListingKind::Range, 1_000)));
    assert_eq!(kind(french, "2025-05-02T00:00:00Z"), Some((ListingKind::Range, 500)));
    assert_eq!(kind(french, "2060-05-02T00:00:00Z"), None);
    let source = intel.look_up(french, at("2024-06-01T00:00:00Z")).expect("listed").source;
    assert_eq!(intel.source(source), "a file");
}

#[test]
fn the_entry_that_tells_most_is_the_answer() {
    let (intel, _) = imported(
        "2322228,range,r,2024-01-01T00:00:00Z\n23222280001,test_number,t,2024-01-01T00:00:00Z\n\
         2322228,abused,a,2024-01-01T00:00:00Z\n",
    );
    let kind = |digits, text| {
        let listing = intel.look_up(number(digits), at(text)).expect("listed");
        (listing.kind, listing.n_digits)
    };
    let later = "2024-01-02T00:00:00Z";
    assert_eq!(kind("23222280001", later), (ListingKind::TestNumber, 11));
    // Of one prefix and day the range: it is the narrower claim.
    assert_eq!(kind("23222289999", "2024-01-01T00:00:00Z"), (ListingKind::Range, 7));
    assert_eq!(kind("23233000000", later), (ListingKind::Abused, 3));
    // A shorter number than an entry is not covered by it.
    assert_eq!(kind("2322228000", later).1, 7);
    // Years on, the test number and the range have faded behind the slow one.
    assert_eq!(kind("23222280001", "2027-01-01T00:00:00Z"), (ListingKind::Abused, 7));
}

#[test]
fn the_latest_sighting_before_the_moment_counts() {
    let (intel, _) = imported(
        "3361,range,x,2020-01-01T00:00:00Z\n3361,range,y,2024-01-01T00:00:00Z\n3361,range,z,2022-01-01T00:00:00Z\n",
    );
    let source = |text| {
        let listing = intel.look_up(number("33612345678"), at(text)).expect("listed");
        (intel.source(listing.source), listing.weight)
    };
    assert_eq!(source("2020-01-01T00:00:00Z"), ("x", 1_000));
    assert_eq!(source("2022-01-01T00:00:00Z"), ("z", 1_000));
    assert_eq!(source("2026-01-01T00:00:00Z").0, "y");
}

#[test]
fn a_prefix_seen_too_often_keeps_its_first_and_its_latest_sightings() {
    let rows: String =
        (1..=28).map(|day| format!("3712,range,d{day},2024-02-{day:02}T00:00:00Z\n")).collect();
    let (intel, report) = imported(&format!("{rows}{rows}"));
    assert_eq!(report.n_taken, 56);
    assert_eq!(intel.n_entries(), 33 + Intelligence::SIGHTINGS_PER_PREFIX_MAX);
    let source = |text| {
        let listing = intel.look_up(number("37121000001"), at(text)).expect("listed");
        intel.source(listing.source)
    };
    assert_eq!(source("2024-02-05T00:00:00Z"), "d1");
    assert_eq!(source("2024-02-14T00:00:00Z"), "d14");
    assert_eq!(source("2024-03-01T00:00:00Z"), "d28");
}

#[test]
fn rows_that_cannot_be_used_are_left_out_and_say_why() {
    let (intel, report) = imported(
        "x,range,s,2024-01-01\n3712,,s,2024-01-01\n3712,worse,s,2024-01-01\n3712,range,s,\n\
         3712,range,s,yesterday\n3712,range,s,1969-12-31T00:00:00Z\n3712,range,s,2024-02-30\n\"3712,range\n3712,range,s,2024-01-01\n",
    );
    assert_eq!((report.n_taken, report.n_left_out), (1, 8));
    assert_eq!(intel.n_entries(), 34);
    let starts = [
        "line 2: column `prefix`",
        "line 3: nothing in column `kind`",
        "line 4: column `kind` should be test_number, range or abused",
        "line 5: nothing in column `seen_at`",
        "line 6: column `seen_at`",
        "line 7: column `seen_at`",
        "line 8: column `seen_at`",
        "line 9: a quote",
    ];
    for (problem, start) in report.problems.iter().zip(starts) {
        assert!(problem.to_string().starts_with(start), "{problem}");
    }
}

#[test]
fn an_import_without_its_header_or_cut_by_the_system_is_an_error() {
    let header = Lists::empty().import(&b"3712,range,s,2024-01-01\n"[..], "x");
    assert!(header.expect_err("no header").to_string().contains("prefix,kind,source,seen_at"));
    struct Cut(usize);
    impl std::io::Read for Cut {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            unreachable!("only filled")
        }
    }
    impl std::io::BufRead for Cut {
        fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
            let left = format!("{HEADER}3712,range,s,2024-01-01\n").leak();
            match left.as_bytes()[self.0..].is_empty() {
                true => Err(std::io::Error::other("the disk is gone")),
                false => Ok(&left.as_bytes()[self.0..]),
            }
        }
        fn consume(&mut self, n: usize) {
            self.0 += n;
        }
    }
    let mut lists = Lists::empty();
    let cut = lists.import(Cut(0), "x").expect_err("cut").to_string();
    assert!(cut.contains("after line 2") && cut.contains("the disk is gone"), "{cut}");
    assert_eq!(lists.build().n_entries(), 1);
}
