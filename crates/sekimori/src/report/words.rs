//! The words of the report: engine sentences with their gaps filled, and everything else by
//! Fluent from `locales/`. Numbers, money, times and names are written the way the reader's
//! language does.
//!
//! Names come from outsiders: they are cleaned of control characters here, and escaped by the
//! shape that prints them.

mod lang;
mod money;
mod speech;

pub use lang::Lang;
pub use money::Currency;
pub use speech::{Speech, Visibility, clean, clean_line, grouped};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use sekimori_engine::finding::Bits;

const EN: &str = include_str!("../../locales/en.ftl");
const JA: &str = include_str!("../../locales/ja.ftl");

/// The report's own sentences in one language, and how to write what stands in them.
pub struct Words {
    /// How facts are written.
    pub speech: Speech,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The words of `speech.lang`.
    ///
    /// # Panics
    /// Where a locale file is broken: our own bug, and a test reads both.
    pub fn new(speech: Speech) -> Words {
        let (tag, text) = match speech.lang {
            Lang::En => ("en", EN),
            Lang::Ja => ("ja", JA),
        };
        let resource = FluentResource::try_new(text.to_owned()).expect("locale files are tested");
        let language = tag.parse().expect("a language tag of ours");
        let mut bundle = FluentBundle::new(vec![language]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no key stands twice in a locale file");
        Words { speech, bundle }
    }

    /// A sentence without gaps.
    pub fn text(&self, key: &str) -> String {
        self.say(key, &[])
    }

    /// Whether there is such a sentence.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A sentence with named gaps.
    pub fn say(&self, key: &str, gaps: &[(&str, Gap<'_>)]) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            debug_assert!(false, "no words for {key}");
            return key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, gap) in gaps {
            match gap {
                Gap::Text(text) => args.set(*name, *text),
                Gap::Number(n) => args.set(*name, *n),
            }
        }
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        said
    }

    /// A sentence about a number of things: `$n` chooses the form, `$count` is its text.
    pub fn count(&self, key: &str, n: u64) -> String {
        let count = grouped(n);
        self.say(key, &[("n", Gap::Number(n)), ("count", Gap::Text(&count))])
    }

    /// A detector's name; an id without one is shown with its underscores as spaces.
    pub fn detector(&self, id: &str) -> String {
        let key = format!("detector-{id}");
        if self.bundle.has_message(&key) { self.text(&key) } else { id.replace('_', " ") }
    }

    /// Bits with one decimal and a sign: `+4.1`, `−0.5`.
    pub fn bits(&self, bits: Bits) -> String {
        let tenths = (bits.0.abs() + 50) / 100;
        let sign = if bits.0 < 0 { '−' } else { '+' };
        format!("{sign}{}.{}", tenths / 10, tenths % 10)
    }
}

/// What stands in a gap.
#[derive(Clone, Copy, Debug)]
pub enum Gap<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A number that chooses a grammatical form.
    Number(u64),
}

#[cfg(test)]
mod tests;
