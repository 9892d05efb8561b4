//! Which language to speak.

/// The languages that there are words for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// Reads `ja`, `en`, or a locale such as `ja_JP.UTF-8`; `None` for another language.
    pub fn parse(text: &str) -> Option<Lang> {
        let end = text.find(['_', '-', '.', '@']).unwrap_or(text.len());
        match text[..end].to_ascii_lowercase().as_str() {
            "ja" => Some(Lang::Ja),
            "en" | "c" | "posix" => Some(Lang::En),
            _ => None,
        }
    }

    /// The language of the locale: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set
    /// decides, as POSIX has it; English where it names another language or none.
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let set = names.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty());
        set.and_then(|value| Lang::parse(&value)).unwrap_or_default()
    }

    /// Which of the two is this language's.
    pub const fn pick<'a>(self, en: &'a str, ja: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// The tag for `lang=` in a page.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ja => "ja",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let of = |set: &'static [(&'static str, &'static str)]| {
            Lang::of_locale(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "ja_JP.UTF-8")]), Lang::En);
        assert_eq!(of(&[("LC_ALL", ""), ("LC_MESSAGES", "ja")]), Lang::Ja);
        assert_eq!(of(&[("LANG", "fr_FR")]), Lang::En);
        assert_eq!(of(&[]), Lang::En);
    }
}
