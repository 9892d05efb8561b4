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

/// The values of `impl Default for Settings`, as TOML.
fn values(text: &str) -> BTreeMap<String, String> {
    let body = block(text, "impl Default for Settings {\n").unwrap_or_default();
    let body: String =
        body.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let Some((_, rest)) = body.split_once("Settings {") else { return BTreeMap::new() };
    let Some((_, literal)) = rest.split_once("Settings {") else { return BTreeMap::new() };
    let inside =
        &literal[..literal.rfind('}').map_or(0, |end| literal[..end].rfind('}').unwrap_or(end))];
    inside
        .split(',')
        .filter_map(|pair| pair.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), toml_value(value.trim())))
        .collect()
}

fn toml_value(rust: &str) -> String {
    let inner = rust.strip_prefix("Money::units(").and_then(|v| v.strip_suffix(')'));
    inner.unwrap_or(rust).to_owned()
}

fn section(out: &mut String, path: &str, text: &str) {
    let (fields, values) = (fields(text), values(text));
    if fields.is_empty() {
        return;
    }
    writeln!(out, "\n[{path}]").expect("memory");
    for field in fields.iter().filter(|field| !field.of.ends_with("::Settings")) {
        for line in &field.doc {
            writeln!(out, "# {line}").expect("memory");
        }
        let value = values.get(&field.name).map_or("[]", String::as_str);
        match value.parse::<toml::Value>() {
            Ok(_) => writeln!(out, "{} = {value}", field.name).expect("memory"),
            // A table or list of its own kind: shown as something that may be set.
            Err(_) => writeln!(out, "# {} = …", field.name).expect("memory"),
        }
    }
}

fn engine_defaults() -> String {
    let mut out = String::new();
    for part in fields(&source("settings.rs")) {
        let module = part.of.trim_end_matches("::Settings");
        if module == "detectors" {
            out.push_str(
                "\n[engine.detectors]\n# Ids of detectors that are not asked.\noff = []\n",
            );
            for id in sekimori_engine::detectors::IDS {
                let text = source(&format!("detectors/{id}.rs"));
                section(&mut out, &format!("engine.detectors.{id}"), &text);
            }
        } else {
            section(&mut out, &format!("engine.{}", part.name), &source(&format!("{module}.rs")));
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

/// Every key that the file's own part may have is named in it, commented out or not.
#[test]
fn every_key_of_the_file_is_explained() {
    let known = |table: &str| {
        let text =
            if table.is_empty() { "?x = 1".to_owned() } else { format!("[{table}]\n?x = 1") };
        let text = text.replace('?', "no_such_key_");
        let error = toml::from_str::<Raw>(&text).expect_err("unknown").message().to_owned();
        error.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(DEFAULTS.contains("[engine.judgement]"));
    for table in ["", "dialling", "calendar"] {
        let keys = known(table);
        assert!(!keys.is_empty(), "{table}");
        for key in keys.iter().filter(|key| *key != "engine") {
            let shown = DEFAULTS.lines().any(|line| {
                let bare = line.trim_start_matches("# ");
                bare.starts_with(&format!("{key} =")) || bare.starts_with(&format!("[{key}"))
            });
            assert!(shown, "{table}.{key}");
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
