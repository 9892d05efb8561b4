//! A server's answer on a terminal: a heading, facts with their labels set in a column, a table,
//! advice. It makes text; printing is the command's.

use crate::report::tally::LocalTime;
use crate::report::terminal::tables::{self, Fit};
use crate::report::terminal::wrap::wrap;
use crate::report::terminal::{Colour, Screen};
use crate::report::words::{Currency, Gap, Lang, Speech, Visibility, Words, clean, clean_line};
use crate::serve::view::ReasonView;
use jiff::tz::TimeZone;
use sekimori_atlas::country::Country;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::{self, Rfc3339};
use unicode_width::UnicodeWidthStr as _;

/// Columns from which on a table has room for everything.
const WIDE_MIN: usize = 118;

/// A page under way.
pub struct Page {
    text: String,
    words: Words,
    screen: Screen,
    zone: TimeZone,
}

/// How a heading stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It is done, as asked.
    Done,
    /// It is so.
    Plain,
    /// Somebody should look.
    Alarm,
}

impl Page {
    /// An empty page for standard output, with times in this machine's zone.
    pub fn new(lang: Lang) -> Page {
        let variable = |name: &str| std::env::var(name).ok();
        Page::on(Screen::of_stdout(variable), lang, TimeZone::system())
    }

    /// An empty page for a screen.
    pub fn on(screen: Screen, lang: Lang, zone: TimeZone) -> Page {
        let speech = Speech { lang, currency: Currency::JPY, numbers: Visibility::Masked };
        Page { text: String::new(), words: Words::new(speech), screen, zone }
    }

    /// The page's words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// All of it; ends in a newline.
    pub fn finish(self) -> String {
        self.text
    }

    /// What it comes to, in one sentence.
    pub fn heading(&mut self, mood: Mood, sentence: &str) {
        let code = match mood {
            Mood::Done => "1;32",
            Mood::Plain => "1",
            Mood::Alarm => "1;31",
        };
        for line in wrap(sentence, self.screen.width) {
            match self.screen.colour {
                Colour::Ansi => self.text.push_str(&format!("\u{1b}[{code}m{line}\u{1b}[0m\n")),
                Colour::None => self.text.push_str(&format!("{line}\n")),
            }
        }
    }

    /// Facts under each other: labels by their keys, and what is known. An empty one is left out.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        let facts: Vec<(String, &str)> = facts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (self.words.text(key), value.as_str()))
            .collect();
        let column = facts.iter().map(|(label, _)| label.width()).max().unwrap_or(0) + 2;
        for (label, value) in facts {
            let room = self.screen.width.saturating_sub(column + 2).max(16);
            for (place, line) in wrap(value, room).iter().enumerate() {
                let lead = if place == 0 { label.as_str() } else { "" };
                let gap = " ".repeat(column - lead.width());
                self.text.push_str(&format!("  {lead}{gap}{line}\n"));
            }
        }
    }

    /// A sentence on its own.
    pub fn paragraph(&mut self, sentence: &str) {
        for line in wrap(sentence, self.screen.width) {
            self.text.push_str(&format!("{line}\n"));
        }
    }

    /// The name of what follows.
    pub fn section(&mut self, key: &str) {
        let name = self.words.text(key);
        self.text.push('\n');
        match self.screen.colour {
            Colour::Ansi => self.text.push_str(&format!("\u{1b}[1;36m{name}\u{1b}[0m\n")),
            Colour::None => self.text.push_str(&format!("{name}\n")),
        }
    }

    /// One of several.
    pub fn item(&mut self, sentence: &str) {
        for (place, line) in wrap(sentence, self.screen.width - 4).iter().enumerate() {
            self.text.push_str(if place == 0 { "- " } else { "  " });
            self.text.push_str(&format!("{line}\n"));
        }
    }

    /// A table, or a list where the screen is narrow; some columns are only for a wide table.
    pub(crate) fn table_of(
        &mut self,
        columns: &[(&str, Fit)],
        mut rows: Vec<Vec<String>>,
        only_where_wide: &[usize],
    ) {
        let mut columns = columns.to_vec();
        if self.is_narrow() {
            for place in only_where_wide.iter().rev() {
                columns.remove(*place);
                rows.iter_mut().for_each(|row| drop(row.remove(*place)));
            }
        }
        self.text.push_str(&tables::lay_out(&columns, rows, &self.words, self.screen.width));
    }

    /// A space between parts.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A sentence with an outsider's words in its gaps, made harmless.
    pub fn say(&self, key: &str, gaps: &[(&str, &str)]) -> String {
        let cleaned: Vec<(&str, String)> =
            gaps.iter().map(|(name, text)| (*name, clean_line(text))).collect();
        let gaps: Vec<(&str, Gap<'_>)> =
            cleaned.iter().map(|(name, text)| (*name, Gap::Text(text))).collect();
        self.words.say(key, &gaps)
    }

    /// A moment of the wire in this machine's zone; as it is where it is no moment.
    pub fn moment(&self, text: &str) -> String {
        match self.local(text) {
            Some(at) => self.words.speech.moment_short(at),
            None => clean(text),
        }
    }

    /// The same to the second, for what people hold each other to.
    pub fn moment_exact(&self, text: &str) -> String {
        match self.local(text) {
            Some(at) => {
                let speech = &self.words.speech;
                let seconds = speech.clock_seconds(at);
                format!("{}{}", speech.moment_short(at), &seconds[5..])
            }
            None => clean(text),
        }
    }

    /// A moment as short as a row of a narrow table needs it: without its year.
    pub fn moment_in_row(&self, text: &str) -> String {
        match self.local(text) {
            Some(at) if self.is_narrow() => {
                let speech = &self.words.speech;
                format!("{} {}", speech.day_short(LocalTime::of(at).day), speech.clock(at))
            }
            _ => self.moment(text),
        }
    }

    /// Whether a table has to do with fewer columns.
    pub fn is_narrow(&self) -> bool {
        self.screen.width < WIDE_MIN
    }

    /// A moment and what follows from its being absent.
    pub fn moment_or(&self, text: Option<&str>, key: &str) -> String {
        text.map_or_else(|| self.words.text(key), |text| self.moment(text))
    }

    fn local(&self, text: &str) -> Option<Rfc3339> {
        let told = rfc3339::parse(text.as_bytes())?;
        let at = jiff::Timestamp::from_nanosecond(i128::from(told.at.0)).ok()?;
        let seconds = self.zone.to_offset(at).seconds();
        Some(Rfc3339 { at: told.at, offset_minutes: i16::try_from(seconds / 60).ok()? })
    }

    /// An amount of the wire in the currency that it names.
    pub fn money(&self, amount: &str, currency: &str) -> String {
        match (Money::parse(amount), Currency::parse(currency)) {
            (Some(amount), Some(currency)) => currency.written(amount, self.words.speech.lang),
            _ => clean(&format!("{amount} {currency}")),
        }
    }

    /// A country of the wire by name, with its code where that is not said.
    pub fn country(&self, code: &str) -> String {
        country(code).map_or_else(|| clean(code), |country| self.words.speech.country(country))
    }

    /// A reason with its detector's name and its weight.
    pub fn reason(&self, reason: &ReasonView) -> String {
        let bits = format!("{:+.1}", reason.bits).replace('-', "−");
        let detector = self.words.detector(&clean(&reason.detector));
        let text = clean_line(&reason.text);
        let gaps = [
            ("detector", Gap::Text(&detector)),
            ("text", Gap::Text(&text)),
            ("bits", Gap::Text(&bits)),
        ];
        self.words.say("finding-weighed", &gaps)
    }

    /// Several of them.
    pub fn countries(&self, codes: &[String]) -> String {
        let names: Vec<String> = codes.iter().map(|code| self.country(code)).collect();
        self.listed(&names)
    }

    /// Several things in one sentence.
    pub fn listed(&self, parts: &[String]) -> String {
        parts.join(if self.words.speech.lang == Lang::En { ", " } else { "、" })
    }
}

/// `SL`, or a shared code such as `+870`.
pub(super) fn country(code: &str) -> Option<Country> {
    match code.strip_prefix('+') {
        Some(digits) => match digits.parse().ok()? {
            shared @ (800 | 808 | 870 | 878 | 881 | 882 | 883 | 888 | 979) => {
                Some(Country::shared(shared))
            }
            _ => None,
        },
        None => Country::from_iso(code.as_bytes()),
    }
}
