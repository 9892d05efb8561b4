//! Runs the tables of the casebook's page on dialled strings.

use sekimori_atlas::country::Country;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::plan::{Options, Plan};

const PAGE: &str = include_str!("../../../casebook/atlas/dialled-strings.md");
/// The page shrinks unseen below this.
const N_ROWS_MIN: usize = 150;

#[test]
fn dialled_strings_are_read_as_the_casebook_says() {
    let mut plan = None;
    let (mut n_rows, mut wrong) = (0, Vec::new());
    for line in PAGE.lines() {
        if let Some(home) = line.strip_prefix("Home: ") {
            plan = Some(plan_of(home));
        }
        let Some(case) = Case::of(line) else { continue };
        n_rows += 1;
        let read = plan.as_ref().expect("a home before a table").read(case.dialled.as_bytes());
        let told = Told::of(&read);
        if told != case.told {
            wrong.push(format!("`{}`\n  is   {told:?}\n  not  {:?}", case.dialled, case.told));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_rows >= N_ROWS_MIN, "only {n_rows} rows");
}

/// Home: `JP`; outside lines: `0`, `8`; carrier codes: `0031`.
fn plan_of(home: &str) -> Plan {
    let mut options = Options::default();
    for (place, part) in home.split(';').enumerate() {
        let marked: Vec<String> = part.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        match part.trim().split(':').next() {
            Some("outside lines") => options.outside_lines = Some(marked),
            Some("carrier codes") => options.carrier_codes = marked,
            _ => assert_eq!(place, 0, "unknown option in {home}"),
        }
    }
    let iso = home.split('`').nth(1).expect("a country in code marks");
    let country = Country::from_iso(iso.as_bytes()).expect("two letters");
    Plan::home(country, &options).expect("a plan")
}

struct Case<'p> {
    dialled: &'p str,
    told: Told,
}

#[derive(Debug, PartialEq)]
struct Told {
    kind: String,
    e164: String,
    country: String,
    dialled_as: String,
}

impl Case<'_> {
    fn of(line: &str) -> Option<Case<'_>> {
        let (dialled, rest) = line.strip_prefix("| `")?.split_once("` |")?;
        let cells: Vec<&str> = rest.trim_end_matches('|').split('|').map(str::trim).collect();
        let [kind, e164, country, dialled_as] = cells[..] else {
            panic!("a row has five cells: {line}")
        };
        let [kind, e164, country, dialled_as] =
            [kind, e164, country, dialled_as].map(str::to_owned);
        Some(Case { dialled, told: Told { kind, e164, country, dialled_as } })
    }
}

impl Told {
    fn of(read: &Destination) -> Told {
        let dash = || "-".to_owned();
        Told {
            kind: read.kind.as_str().to_owned(),
            e164: read.e164.map_or_else(dash, |number| number.unmasked().to_string()),
            country: read.country.map_or_else(dash, |country| country.to_string()),
            dialled_as: read.dialled_as.as_str().to_owned(),
        }
    }
}
