use super::*;
use crate::report::tally::Names;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_engine::event::{ForwardedBy, Name, Token};
use sekimori_engine::finding::{Fact, Sentence, Why};
use std::collections::{BTreeMap, BTreeSet};

/// The keys of a locale file, each with the gaps that are printed (those that only choose a
/// form differ from language to language).
fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(text).expect("a locale file parses whole");
    let mut keys = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let mut gaps = BTreeSet::new();
            message.value.iter().for_each(|pattern| printed(pattern, &mut gaps));
            let before = keys.insert(message.id.name.to_owned(), gaps);
            assert!(before.is_none(), "{} stands twice", message.id.name);
        }
    }
    keys
}

fn printed(pattern: &Pattern<&str>, gaps: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                gaps.insert(id.name.to_owned());
            }
            Expression::Inline(_) => {}
            Expression::Select { variants, .. } => {
                variants.iter().for_each(|variant| printed(&variant.value, gaps));
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_keys_and_gaps() {
    let (en, ja) = (keys(EN), keys(JA));
    let names =
        |keys: &BTreeMap<String, BTreeSet<String>>| keys.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&en), names(&ja));
    for (key, gaps) in &en {
        // A count may be said without its digits in one form ("One row").
        let ja_gaps = &ja[key];
        assert_eq!(gaps, ja_gaps, "{key}");
    }
}

fn say(lang: Lang, sentence: &'static Sentence, facts: &[Fact], names: &[Name<'_>]) -> String {
    let speech = Speech { lang, ..Speech::default() };
    speech.say(&Why::with(sentence, facts), names)
}

#[test]
fn facts_are_written_in_the_readers_language() {
    static S: Sentence = Sentence { en: "{0}, {1}, {2}, {3}", ja: "{0}、{1}、{2}、{3}" };
    let number = E164::parse(b"23222280001").expect("digits");
    let range = Prefix::parse(b"23222").expect("digits");
    let name = Name::new("201").expect("not empty");
    let facts = [
        Fact::Number(number),
        Fact::Range(range),
        Fact::Seconds(3_905),
        Fact::Money(Money::units(1_234)),
    ];
    assert_eq!(say(Lang::En, &S, &facts, &[]), "+2322228****, +23222, 1 h 5 min, ¥1,234");
    assert_eq!(say(Lang::Ja, &S, &facts, &[]), "+2322228****、+23222、1時間5分、1,234円");
    let facts = [Fact::Count(14_617), Fact::Hour(23), Fact::Times(125), Fact::Name(name.token)];
    assert_eq!(say(Lang::En, &S, &facts, &[name]), "14,617, 23:00, 12.5, 201");
    let facts =
        [Fact::Forwarded(ForwardedBy::Disa), Fact::Seconds(32), Fact::Seconds(0), Fact::Times(30)];
    assert_eq!(say(Lang::En, &S, &facts, &[]), "dial-through (DISA), 32 s, 0 s, 3");
}

#[test]
fn a_gap_without_a_fact_stays_and_braces_are_no_trouble() {
    static S: Sentence = Sentence { en: "{0} {9} {x} {", ja: "" };
    let facts = [Fact::Hour(0)];
    assert_eq!(say(Lang::En, &S, &facts, &[]), "0:00 {9} {x} {");
}

#[test]
fn a_hostile_name_cannot_move_the_cursor_or_turn_the_text() {
    let hostile = "a\u{1b}[2Jb\u{202e}c\nd";
    assert_eq!(clean(hostile), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
    assert_eq!(clean(&"x".repeat(70)).chars().count(), 65);
    let known = [Name { token: Token(1), text: "one" }];
    assert_eq!(known[..].name(Token(2)), None);
}

#[test]
fn countries_have_names_in_both_languages() {
    let sl = Country::from_iso(b"SL").expect("letters");
    let name = |lang| Speech { lang, ..Speech::default() }.country(sl);
    assert!(!name(Lang::En).is_empty() && !name(Lang::Ja).is_empty());
}
