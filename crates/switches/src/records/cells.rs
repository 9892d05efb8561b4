//! A row's cells as text. Most rows are UTF-8 without quotation marks, and then nothing is
//! copied; quoted cells are unquoted into a buffer that is used again, and a cell that is not
//! UTF-8 is read as Shift_JIS or EUC-JP, because that is how PBXs sold in Japan write names.

use super::rows::{Quotes, raw_cells};
use super::why::Why;
use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS};

/// Buffers for one row at a time.
#[derive(Debug, Default)]
pub(super) struct Cells {
    ranges: Vec<(u32, u32)>,
    unquoted: Vec<u8>,
    text: String,
    recoded: Vec<usize>,
}

/// One row's cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    text: &'a str,
    ranges: &'a [(u32, u32)],
    /// Numbers of the cells that were not UTF-8.
    recoded: &'a [usize],
}

impl Cells {
    /// Splits a row of at most [`super::ROW_BYTES_MAX`] bytes.
    pub(super) fn split<'a>(
        &'a mut self,
        bytes: &'a [u8],
        delimiter: u8,
        quotes: Quotes,
    ) -> Row<'a> {
        self.ranges.clear();
        self.recoded.clear();
        let plain: &[u8] = match quotes {
            Quotes::Absent => {
                let mut from = 0;
                for end in memchr::memchr_iter(delimiter, bytes) {
                    self.ranges.push((from, end as u32));
                    from = end as u32 + 1;
                }
                self.ranges.push((from, bytes.len() as u32));
                bytes
            }
            Quotes::Present => {
                self.unquote(bytes, delimiter);
                &self.unquoted
            }
        };
        match std::str::from_utf8(plain) {
            Ok(text) => Row { text, ranges: &self.ranges, recoded: &[] },
            Err(_) => {
                recode(plain, &mut self.ranges, &mut self.text, &mut self.recoded);
                Row { text: &self.text, ranges: &self.ranges, recoded: &self.recoded }
            }
        }
    }

    fn unquote(&mut self, bytes: &[u8], delimiter: u8) {
        self.unquoted.clear();
        let (ranges, out) = (&mut self.ranges, &mut self.unquoted);
        let closed = raw_cells(bytes, delimiter, |_, cell| {
            let from = out.len() as u32;
            unquote_cell(cell, out);
            ranges.push((from, out.len() as u32));
            // Kept apart, lest halves of a character in two cells look like one.
            out.push(delimiter);
        });
        debug_assert!(closed.is_some(), "a row is cut where its quotes are closed");
    }
}

/// Appends a cell without its quotation marks. What stands behind a closing mark is kept, as
/// spreadsheets do.
fn unquote_cell(cell: &[u8], out: &mut Vec<u8>) {
    let Some(mut rest) = cell.strip_prefix(b"\"") else {
        out.extend_from_slice(cell);
        return;
    };
    while let Some(quote) = memchr::memchr(b'"', rest) {
        out.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix(b"\"") {
            Some(after) => {
                out.push(b'"');
                rest = after;
            }
            None => break,
        }
    }
    out.extend_from_slice(rest);
}

/// Writes every cell as UTF-8 into `text`, and its new place into `ranges`.
fn recode(plain: &[u8], ranges: &mut [(u32, u32)], text: &mut String, recoded: &mut Vec<usize>) {
    text.clear();
    for (n, range) in ranges.iter_mut().enumerate() {
        let cell = &plain[range.0 as usize..range.1 as usize];
        let from = text.len() as u32;
        match std::str::from_utf8(cell) {
            Ok(cell) => text.push_str(cell),
            Err(_) => {
                recoded.push(n);
                text.push_str(&japanese(cell));
            }
        }
        *range = (from, text.len() as u32);
    }
}

/// Text that is not UTF-8: Shift_JIS where it fits, EUC-JP where that fits better; where
/// neither fits, the bytes that are no text become U+FFFD.
fn japanese(bytes: &[u8]) -> String {
    let whole = |encoding: &'static Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    match (whole(SHIFT_JIS), whole(EUC_JP)) {
        (Some(shift_jis), Some(euc)) if is_misread_euc(&shift_jis, &euc) => euc.into_owned(),
        (Some(text), _) | (None, Some(text)) => text.into_owned(),
        (None, None) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Both encodings take almost any pair of high bytes. EUC-JP read as Shift_JIS shows
/// half-width katakana among other characters, or nothing but those where EUC-JP has kana;
/// a real half-width name has them alone, and makes rare kanji in EUC-JP.
fn is_misread_euc(shift_jis: &str, euc: &str) -> bool {
    let half_width = |c: char| ('\u{ff61}'..='\u{ff9f}').contains(&c);
    let kana = |c: char| c.is_ascii() || ('\u{3040}'..='\u{30ff}').contains(&c);
    let mixed = shift_jis.chars().any(|c| !c.is_ascii() && !half_width(c));
    shift_jis.chars().any(half_width) && (mixed || euc.chars().all(kana))
}

impl<'a> Row<'a> {
    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Cell `n`; empty where there is none.
    pub(super) fn get(&self, n: usize) -> &'a str {
        match self.ranges.get(n) {
            Some(&(from, to)) => &self.text[from as usize..to as usize],
            None => "",
        }
    }

    /// Cell `n`, where a guess at an encoding will not do.
    ///
    /// # Errors
    /// [`Why::NotText`] when it is not UTF-8.
    pub(super) fn exact(&self, n: usize, column: &'static str) -> Result<&'a str, Why> {
        if self.recoded.contains(&n) {
            return Err(Why::NotText { column });
        }
        Ok(self.get(n))
    }

    /// Fewer or more cells than there should be; one empty cell too many is a delimiter at the
    /// end of the line, which some exports write.
    ///
    /// # Errors
    /// [`Why::TooFewFields`], [`Why::TooManyFields`].
    pub(super) fn check_len(&self, expected: usize) -> Result<(), Why> {
        let found = self.len();
        if found < expected {
            return Err(Why::TooFewFields { found, expected });
        }
        let at_end = found == expected + 1 && self.get(expected).is_empty();
        if found > expected && !at_end {
            return Err(Why::TooManyFields { found, expected });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8], quotes: Quotes) -> Vec<String> {
        let mut cells = Cells::default();
        let row = cells.split(bytes, b',', quotes);
        (0..row.len()).map(|n| row.get(n).to_owned()).collect()
    }

    #[test]
    fn quotation_marks_go_and_doubled_ones_stay_as_one() {
        let row = cells(br#""""Ext 1"" <1>",plain,"a,b",mid"dle,"x"y,"""#, Quotes::Present);
        assert_eq!(row, [r#""Ext 1" <1>"#, "plain", "a,b", "mid\"dle", "xy", ""]);
    }

    #[test]
    fn half_a_character_in_each_of_two_cells_is_not_one_character() {
        let row = cells(b"\"a\xde\",\"\x93b\"", Quotes::Present);
        // Each is what Shift_JIS makes of it.
        assert_eq!(row, ["a\u{ff9e}", "澱"]);
    }

    #[test]
    fn names_in_the_old_japanese_encodings_are_read() {
        let (sjis, _, _) = SHIFT_JIS.encode("山田,ｶﾅ,表示");
        assert_eq!(cells(&sjis, Quotes::Absent), ["山田", "ｶﾅ", "表示"]);
        let (euc, _, _) = EUC_JP.encode("営業部,カナ");
        assert_eq!(cells(&euc, Quotes::Absent), ["営業部", "カナ"]);
        assert_eq!(cells(b"ok,\xff\xfe", Quotes::Absent), ["ok", "\u{fffd}\u{fffd}"]);
    }
}
