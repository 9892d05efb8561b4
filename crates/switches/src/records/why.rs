//! Why a row or a file could not be read, as facts first and as an English sentence second, so
//! that another language can be said from [`Why::key`] and [`Why::facts`].

use std::fmt;

/// Characters of a cell that a reason quotes.
const SHOWN_MAX: usize = 60;
/// Characters of a header that a reason lists.
const HEADER_SHOWN_MAX: usize = 600;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// The file holds nothing.
    EmptyFile,
    /// The file is UTF-16, told by its byte order mark.
    Utf16,
    /// The header lacks columns that the format cannot do without.
    MissingColumns {
        /// Their names, separated by commas.
        missing: String,
        /// The names that stand there.
        found: String,
    },
    /// The layout that was asked for cannot be used.
    BadLayout {
        /// What is wrong with it.
        what: String,
    },
    /// The row is longer than [`super::ROW_BYTES_MAX`].
    TooLong,
    /// Bytes of value 0: a file system's filling after a crash, or no text at all.
    NulBytes,
    /// A quotation mark is opened and never closed.
    UnclosedQuote,
    /// Fewer fields than the header or the layout has: a cut line.
    TooFewFields {
        /// As many stand there.
        found: usize,
        /// As many should.
        expected: usize,
    },
    /// More fields than the header or the layout has.
    TooManyFields {
        /// As many stand there.
        found: usize,
        /// As many should.
        expected: usize,
    },
    /// A cell that must hold something is empty.
    EmptyCell {
        /// Its column.
        column: &'static str,
    },
    /// A time that is none.
    BadTime {
        /// Its column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A number that is none.
    BadNumber {
        /// Its column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A call that ends or is answered before it starts, or ends before it is answered.
    TimesDisagree,
    /// A word that the column does not have.
    UnknownWord {
        /// Its column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A cell that has to be exact is in no encoding that is known.
    NotText {
        /// Its column.
        column: &'static str,
    },
    /// The end of a call whose beginning is not in the input.
    NoBeginning {
        /// The call's id.
        call_id: String,
    },
    /// More calls waited for their other half than are kept; the one that waited longest was
    /// given out without it.
    TooManyWaiting {
        /// As many are kept.
        n_max: usize,
    },
}

/// What a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One row; the rows after it are read.
    Row,
    /// The whole file: nothing more will come of it.
    File,
    /// How records were put together; no row is lost.
    Pairing,
}

impl Why {
    /// One row's trouble or the file's.
    pub fn scope(&self) -> Scope {
        match self {
            Why::EmptyFile | Why::Utf16 | Why::MissingColumns { .. } | Why::BadLayout { .. } => {
                Scope::File
            }
            Why::NoBeginning { .. } | Why::TooManyWaiting { .. } => Scope::Pairing,
            _ => Scope::Row,
        }
    }

    /// A word for the kind of trouble, the same in every language.
    pub fn key(&self) -> &'static str {
        match self {
            Why::EmptyFile => "empty-file",
            Why::Utf16 => "utf-16",
            Why::MissingColumns { .. } => "missing-columns",
            Why::BadLayout { .. } => "bad-layout",
            Why::TooLong => "too-long",
            Why::NulBytes => "nul-bytes",
            Why::UnclosedQuote => "unclosed-quote",
            Why::TooFewFields { .. } => "too-few-fields",
            Why::TooManyFields { .. } => "too-many-fields",
            Why::EmptyCell { .. } => "empty-cell",
            Why::BadTime { .. } => "bad-time",
            Why::BadNumber { .. } => "bad-number",
            Why::TimesDisagree => "times-disagree",
            Why::UnknownWord { .. } => "unknown-word",
            Why::NotText { .. } => "not-text",
            Why::NoBeginning { .. } => "no-beginning",
            Why::TooManyWaiting { .. } => "too-many-waiting",
        }
    }

    /// What a sentence about it needs: names and values.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Why::EmptyFile | Why::Utf16 | Why::NulBytes | Why::UnclosedQuote => Vec::new(),
            Why::TimesDisagree => Vec::new(),
            Why::TooLong => vec![("bytes_max", super::ROW_BYTES_MAX.to_string())],
            Why::MissingColumns { missing, found } => {
                vec![("missing", missing.clone()), ("found", found.clone())]
            }
            Why::BadLayout { what } => vec![("what", what.clone())],
            Why::TooFewFields { found, expected } | Why::TooManyFields { found, expected } => {
                vec![("found", found.to_string()), ("expected", expected.to_string())]
            }
            Why::EmptyCell { column } | Why::NotText { column } => {
                vec![("column", (*column).to_owned())]
            }
            Why::BadTime { column, text }
            | Why::BadNumber { column, text }
            | Why::UnknownWord { column, text } => {
                vec![("column", (*column).to_owned()), ("text", text.clone())]
            }
            Why::NoBeginning { call_id } => vec![("call_id", call_id.clone())],
            Why::TooManyWaiting { n_max } => vec![("n_max", n_max.to_string())],
        }
    }

    pub(super) fn bad_time(column: &'static str, text: &str) -> Why {
        Why::BadTime { column, text: shown(text, SHOWN_MAX) }
    }

    #[allow(dead_code, reason = "the formats that count seconds come next")]
    pub(super) fn bad_number(column: &'static str, text: &str) -> Why {
        Why::BadNumber { column, text: shown(text, SHOWN_MAX) }
    }

    pub(super) fn unknown_word(column: &'static str, text: &str) -> Why {
        Why::UnknownWord { column, text: shown(text, SHOWN_MAX) }
    }

    #[allow(dead_code, reason = "the formats that pair records come next")]
    pub(super) fn no_beginning(call_id: &str) -> Why {
        Why::NoBeginning { call_id: shown(call_id, SHOWN_MAX) }
    }

    pub(super) fn missing(missing: &[&str], found: &str) -> Why {
        Why::MissingColumns { missing: missing.join(", "), found: shown(found, HEADER_SHOWN_MAX) }
    }
}

/// At most `n_max` characters, those that would disturb a terminal replaced.
fn shown(text: &str, n_max: usize) -> String {
    let mut out: String =
        text.chars().take(n_max).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(n_max).is_some() {
        out.push('…');
    }
    out
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::EmptyFile => f.write_str("the file is empty"),
            Why::Utf16 => f.write_str("the file is UTF-16: save it as UTF-8 and try again"),
            Why::MissingColumns { missing, found } => {
                write!(f, "the header has no column {missing}; it has: {found}")
            }
            Why::BadLayout { what } => write!(f, "the layout cannot be used: {what}"),
            Why::TooLong => write!(f, "the row is longer than {} bytes", super::ROW_BYTES_MAX),
            Why::NulBytes => f.write_str("bytes of value 0 stand where text should"),
            Why::UnclosedQuote => f.write_str("a quotation mark is opened and never closed"),
            Why::TooFewFields { found, expected } => {
                write!(f, "{found} fields where {expected} belong: the line is cut")
            }
            Why::TooManyFields { found, expected } => {
                write!(f, "{found} fields where {expected} belong")
            }
            Why::EmptyCell { column } => write!(f, "{column} is empty"),
            Why::BadTime { column, text } => write!(f, "{column} is not a time: \"{text}\""),
            Why::BadNumber { column, text } => write!(f, "{column} is not a number: \"{text}\""),
            Why::TimesDisagree => f.write_str("start, answer and end are not in that order"),
            Why::UnknownWord { column, text } => {
                write!(f, "{column} has a word that it cannot have: \"{text}\"")
            }
            Why::NotText { column } => write!(f, "{column} is in no known encoding"),
            Why::NoBeginning { call_id } => {
                write!(f, "the call {call_id} ends here, but its beginning is not in the input")
            }
            Why::TooManyWaiting { n_max } => {
                write!(f, "more than {n_max} calls wait for their other half")
            }
        }
    }
}
