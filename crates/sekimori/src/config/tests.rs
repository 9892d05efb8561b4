//! `config defaults` prints every setting: its engine part is made of the engine's own
//! documentation, and this test makes it again. `SEKIMORI_UPDATE=1 cargo test -p sekimori
//! config` writes it.

use super::raw::Raw;
use super::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const ENGINE: &str = "src/config/defaults_engine.toml";

/// Fields of a `Settings` struct: documentation, name, type.
struct Field {
    doc: Vec<String>,
    name: String,
    of: String,
}

fn source(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn block<'a>(text: &'a str, opening: &str) -> Option<&'a str> {
    let from = text.find(opening)? + opening.len();
    Some(&text[from..from + text[from..].find("\n}\n")?])
}

fn fields(text: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut doc = Vec::new();
    for line in block(text, "pub struct Settings {\n").unwrap_or_default().lines() {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim().to_owned());
        } else if let Some((name, of)) =
            line.strip_prefix("pub ").and_then(|field| field.split_once(": "))
        {
            let (name, of) = (name.to_owned(), of.trim_end_matches(',').to_owned());
            fields.push(Field { doc: std::mem::take(&mut doc), name, of });
        }
    }
    fields
}

/// What `{:?}` has printed, as far as settings print anything.
enum Printed {
    Fields(BTreeMap<String, Printed>),
    List(Vec<Printed>),
    Text(String),
    Bare(String),
}

impl Printed {
    fn read(text: &str) -> Printed {
        let mut rest = text;
        let read = Printed::value(&mut rest);
        assert_eq!(rest, "", "all of it is read");
        read
    }

    fn value(rest: &mut &str) -> Printed {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').expect("settings have no quotes in their texts");
            *rest = &quoted[end + 1..];
            return Printed::Text(quoted[..end].to_owned());
        }
        let end = rest.find([' ', '(', '[', ',', ')', ']', '}']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        *rest = after;
        if rest.starts_with(" { ") {
            return Printed::fields(rest);
        }
        match rest.as_bytes().first() {
            Some(b'[') => Printed::list(rest, ']'),
            Some(b'(') => match (word, Printed::list(rest, ')')) {
                ("Money", Printed::List(inside)) => Printed::money(&inside),
                (_, Printed::List(mut inside)) if inside.len() == 1 => inside.remove(0),
                (_, other) => other,
            },
            // Countries print as their codes.
            _ if word.chars().all(|c| c.is_ascii_uppercase()) => Printed::Text(word.to_owned()),
            _ => Printed::Bare(word.to_owned()),
        }
    }

    fn fields(rest: &mut &str) -> Printed {
        let mut fields = BTreeMap::new();
        while let Some(next) = rest.strip_prefix(" { ").or_else(|| rest.strip_prefix(", ")) {
            let (name, value) = next.split_once(": ").expect("a field has a value");
            *rest = value;
            fields.insert(name.to_owned(), Printed::value(rest));
        }
        *rest = rest.strip_prefix(" }").expect("fields end in a brace");
        Printed::Fields(fields)
    }

    fn list(rest: &mut &str, close: char) -> Printed {
        let mut list = Vec::new();
        *rest = &rest[1..];
        while !rest.starts_with(close) {
            *rest = rest.strip_prefix(", ").unwrap_or(rest);
            list.push(Printed::value(rest));
        }
        *rest = &rest[1..];
        Printed::List(list)
    }

    fn money(inside: &[Printed]) -> Printed {
        let [Printed::Bare(thousandths)] = inside else { panic!("money is one number") };
        let units = thousandths.strip_suffix("000").expect("default amounts are whole yen");
        Printed::Bare(units.to_owned())
    }

    fn at(&self, path: &str) -> &Printed {
        path.split('.').skip(1).fold(self, |printed, name| match printed {
            Printed::Fields(fields) => &fields[name],
            _ => panic!("{name} of {path} is in no table"),
        })
    }

    fn toml(&self) -> String {
        match self {
            Printed::Fields(fields) => {
                let pairs: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{name} = {}", value.toml()))
                    .collect();
                format!("{{ {} }}", pairs.join(", "))
            }
            Printed::List(list) => listed(list),
            Printed::Text(text) => format!("\"{text}\""),
            // In groups of three, as TOML may have them.
            Printed::Bare(text) => in_threes(text),
        }
    }
}

/// A list on one line; a long one of texts wrapped, a long one of tables line by line.
fn listed(list: &[Printed]) -> String {
    let written: Vec<String> = list.iter().map(Printed::toml).collect();
    let line = format!("[{}]", written.join(", "));
    if line.len() < 80 {
        return line;
    }
    let mut text = "[\n   ".to_owned();
    let mut width = 3;
    for (place, item) in written.iter().enumerate() {
        if place > 0 && (width + item.len() > 90 || matches!(list[place], Printed::Fields(_))) {
            text.push_str("\n   ");
            width = 3;
        }
        write!(text, " {item},").expect("memory");
        width += item.len() + 2;
    }
    text + "\n]"
}

/// `1_000_000`.
fn in_threes(number: &str) -> String {
    match number.strip_prefix('-').unwrap_or(number).parse() {
        Ok(size) => {
            let sign = if number.starts_with('-') { "-" } else { "" };
            format!("{sign}{}", crate::report::words::grouped(size).replace(',', "_"))
        }
        Err(_) => number.to_owned(),
    }
}

fn section(out: &mut String, path: &str, text: &str, printed: &Printed) {
    let fields = fields(text);
    if fields.is_empty() {
        return;
    }
    writeln!(out, "\n[{path}]").expect("memory");
    for field in fields.iter().filter(|field| !field.of.ends_with("::Settings")) {
        for line in &field.doc {
            writeln!(out, "# {line}").expect("memory");
        }
        let value = printed.at(&format!("{path}.{}", field.name)).toml();
        writeln!(out, "{} = {value}", field.name).expect("memory");
    }
}

fn engine_defaults() -> String {
    let printed = Printed::read(&format!("{:?}", EngineSettings::default()));
    let mut out = String::new();
    for part in fields(&source("settings.rs")) {
        let module = part.of.trim_end_matches("::Settings");
        if module == "detectors" {
            out.push_str(
                "\n[engine.detectors]\n# Ids of detectors that are not asked.\noff = []\n",
            );
            for id in sekimori_engine::detectors::IDS {
                let text = source(&format!("detectors/{id}.rs"));
                section(&mut out, &format!("engine.detectors.{id}"), &text, &printed);
            }
        } else {
            let text = source(&format!("{module}.rs"));
            section(&mut out, &format!("engine.{}", part.name), &text, &printed);
        }
    }
    out
}

#[test]
fn every_setting_of_the_engine_stands_in_the_defaults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(ENGINE);
    let made = engine_defaults();
    if std::env::var_os("SEKIMORI_UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the source folder can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("part of the source");
    assert!(
        made == kept,
        "run SEKIMORI_UPDATE=1 cargo test -p sekimori config, and look at {ENGINE}"
    );
}

#[test]
fn the_defaults_that_are_printed_are_those_in_force() {
    let raw: Raw = toml::from_str(DEFAULTS).expect("settings");
    assert_eq!(raw.engine, EngineSettings::default());
    let written = Written { raw, table: toml::from_str(DEFAULTS).expect("settings") };
    assert_eq!(home(&written).expect("a country").to_string(), "JP");
    assert_eq!(currency(&written).expect("a currency"), Currency::JPY);
    let printed = calendars::resolve(&written.raw, home(&written).expect("a country"));
    let plain = calendars::resolve(&Raw::default(), home(&written).expect("a country"));
    let (Ok(printed), Ok(plain)) = (printed, plain) else { panic!("the defaults are settings") };
    assert_eq!(printed.zone_name, plain.zone_name);
    // The same calendar is not added twice.
    assert_eq!(printed.calendars.n_calendars(), 1);
    let mut calendars = printed.calendars;
    let japanese = sekimori_atlas::calendar::Calendar::japanese_business();
    assert_eq!(calendars.add(japanese), Ok(Default::default()));
    assert_eq!(plain.calendars.n_calendars(), 1);
}

/// Every key that the file's own part may have is named in it, in its own section, commented out
/// or not.
#[test]
fn every_key_of_the_file_is_explained() {
    let known = |table: &str| {
        let text = if table.is_empty() { "?x = 1".to_owned() } else { format!("{table}\n?x = 1") };
        let text = text.replace('?', "no_such_key_");
        let error = toml::from_str::<Raw>(&text).expect_err("unknown").message().to_owned();
        error.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let bare = |line: &'static str| line.strip_prefix("# ").unwrap_or(line);
    assert!(DEFAULTS.contains("[engine.judgement]"));
    for (table, shown_as) in [
        ("", ""),
        ("[dialling]", "[dialling]"),
        ("[calendar]", "[calendar]"),
        ("[calendars.x]", "[calendar]"),
        ("[accounts.x]", "[accounts."),
        ("[serve]", "[serve]"),
        ("[log]", "[log]"),
        ("[sip]", "[sip]"),
        ("[[switches]]", "[[switches]]"),
        ("[http]", "[http]"),
        ("[[tokens]]", "[[tokens]]"),
        ("[agi]", "[agi]"),
    ] {
        let keys = known(table);
        assert!(!keys.is_empty(), "{table}");
        let whole = DEFAULTS.lines().map(bare);
        let section: Vec<&str> = if shown_as.is_empty() {
            whole.collect()
        } else {
            let from = whole.skip_while(|line| !line.starts_with(shown_as));
            from.skip(1).take_while(|line| !line.starts_with('[')).collect()
        };
        for key in keys.iter().filter(|key| *key != "engine") {
            let (is_set, is_table) = (format!("{key} ="), [format!("[{key}"), format!("[[{key}")]);
            let is_shown = section.iter().any(|line| {
                line.starts_with(&is_set) || is_table.iter().any(|table| line.starts_with(table))
            });
            assert!(is_shown, "{table} {key}");
        }
    }
}

#[test]
fn amounts_that_are_not_set_are_of_the_currency() {
    let settings = |text: &str, code: &str| {
        let raw: Raw = toml::from_str(text).expect("settings");
        let written = Written { raw, table: toml::from_str(text).expect("settings") };
        engine::settings(&written, Currency::parse(code).expect("a code"))
    };
    let dollars = EngineSettings::for_currency("USD").expect("stated");
    assert_eq!(settings("", "USD"), Ok(dollars.clone()));
    let own = settings("[engine.envelope]\ncohort = 7\n", "USD").expect("settings");
    assert_eq!(own.envelope.cohort, sekimori_atlas::money::Money::units(7));
    assert_eq!(own.judgement, dollars.judgement);
    let told = settings("[engine.envelope]\ncohort = 7\n", "XXX").expect_err("no amounts");
    let told = told.to_string();
    assert!(told.contains("engine.judgement.refused_honest"), "{told}");
    assert!(!told.contains("engine.envelope.cohort"), "{told}");
}
