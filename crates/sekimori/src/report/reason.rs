//! Why something in the input could not be read: a sentence in English, and where the locales
//! have it too, its key and what stands in its gaps.

use super::words::{Gap, Words, clean_line};
use sekimori_switches::records::Why;

/// A reason. Its gaps may hold an outsider's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    english: String,
    key: Option<String>,
    gaps: Vec<(&'static str, String)>,
}

impl Reason {
    /// A reason that the locales have as `reason-{key}`; `english` says the same.
    pub fn keyed(key: &str, gaps: Vec<(&'static str, String)>, english: String) -> Reason {
        Reason { english, key: Some(format!("reason-{key}")), gaps }
    }

    /// In English, for programs and where there are no other words.
    pub fn english(&self) -> &str {
        &self.english
    }

    /// In the reader's language, fit for one line on a screen.
    pub fn say(&self, words: &Words) -> String {
        let key = self.key.as_deref().filter(|key| words.has(key));
        let Some(key) = key else { return clean_line(&self.english) };
        let gaps: Vec<(&str, Gap<'_>)> =
            self.gaps.iter().map(|(name, text)| (*name, Gap::Text(text))).collect();
        clean_line(&words.say(key, &gaps))
    }
}

impl From<String> for Reason {
    fn from(english: String) -> Reason {
        Reason { english, key: None, gaps: Vec::new() }
    }
}

impl From<&Why> for Reason {
    fn from(why: &Why) -> Reason {
        Reason::keyed(why.key(), why.facts(), why.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words::{Lang, Speech};

    fn every_why() -> Vec<Why> {
        let text = || "2026-13-01".to_owned();
        vec![
            Why::EmptyFile,
            Why::Utf16,
            Why::MissingColumns { missing: "end".to_owned(), found: "a, b".to_owned() },
            Why::BadLayout { what: "it has no start".to_owned() },
            Why::TooLong,
            Why::NulBytes,
            Why::UnclosedQuote,
            Why::TooFewFields { found: 3, expected: 8 },
            Why::TooManyFields { found: 9, expected: 8 },
            Why::EmptyCell { column: "account" },
            Why::BadTime { column: "start", text: text() },
            Why::BadNumber { column: "duration", text: text() },
            Why::TimesDisagree,
            Why::UnknownWord { column: "direction", text: text() },
            Why::NotText { column: "call_id" },
            Why::NoBeginning { call_id: "c1".to_owned() },
            Why::TooManyWaiting { n_max: 7 },
        ]
    }

    #[test]
    fn what_a_decoder_says_is_said_in_both_languages() {
        let words = |lang| Words::new(Speech { lang, ..Speech::default() });
        let (en, ja) = (words(Lang::En), words(Lang::Ja));
        for why in every_why() {
            let reason = Reason::from(&why);
            assert_eq!(reason.say(&en), why.to_string());
            let said = reason.say(&ja);
            assert!(said.contains(['。', 'す', 'ん']), "{said}");
            for (_, fact) in why.facts() {
                assert!(said.contains(&fact), "{said}: {fact}");
            }
        }
    }
}
