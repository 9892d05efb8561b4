//! Lines for a terminal: Latin text breaks between words, Japanese between characters but
//! never before a closing mark or after an opening one. Widths are in columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks that may not begin a line.
const CLOSING: &str =
    "、。，．・：；？！）」』】〕》〉〟ー～…,.:;?!)]}%”’ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ";
/// Marks that may not end one.
const OPENING: &str = "（「『【〔《〈([{“‘";

/// Breaks `text` into lines of at most `width` columns; a word longer than that is broken
/// where the line ends.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = vec![String::new()];
    let mut column = 0;
    for piece in pieces(text) {
        let word = piece.trim_end();
        if column > 0 && column + word.width() > width {
            let last = lines.last_mut().expect("there is always a line");
            last.truncate(last.trim_end().len());
            lines.push(String::new());
            column = 0;
        }
        if word.width() > width {
            column = force(&mut lines, &piece, width);
            continue;
        }
        lines.last_mut().expect("there is always a line").push_str(&piece);
        column += piece.width();
    }
    let last = lines.last_mut().expect("there is always a line");
    last.truncate(last.trim_end().len());
    lines
}

/// Puts an overlong piece down character by character; the column it ends in.
fn force(lines: &mut Vec<String>, piece: &str, width: usize) -> usize {
    let mut column = 0;
    for c in piece.chars() {
        let columns = c.width().unwrap_or(0);
        if column + columns > width {
            lines.push(String::new());
            column = 0;
        }
        lines.last_mut().expect("there is always a line").push(c);
        column += columns;
    }
    column
}

/// What stays together: a word with the space after it, or a wide character with the marks
/// that cling to it.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    for c in text.chars() {
        let together = match previous {
            None => false,
            Some(' ') => c == ' ',
            Some(before) => {
                c == ' '
                    || CLOSING.contains(c)
                    || OPENING.contains(before)
                    || (!is_wide(before) && !is_wide(c) && !OPENING.contains(c))
            }
        };
        match pieces.last_mut() {
            Some(piece) if together => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        previous = Some(c);
    }
    pieces
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_asked() {
        let texts = [
            "On Friday 13 March 2015 at 23:10 somebody began to call Sierra Leone from “office”.",
            "2015年3月13日（金）23時10分、何者かが「東京」から、シエラレオネへ電話をかけ始めました。",
            &"x".repeat(200),
            "",
        ];
        for text in texts {
            for width in [8, 20, 33, 80] {
                let lines = wrap(text, width);
                // A clinging mark may hang over by its own width.
                assert!(lines.iter().all(|line| line.width() <= width + 2), "{lines:?}");
                let squeeze = |s: &str| s.replace(' ', "");
                assert_eq!(squeeze(&lines.concat()), squeeze(text));
            }
        }
    }

    #[test]
    fn a_japanese_line_never_begins_with_a_closing_mark() {
        let text = "電話をかけ始めました。3件目の通話を止め、その後の14,617件も止めました。";
        for width in 8..60 {
            for line in wrap(text, width) {
                assert!(!line.starts_with(['。', '、']), "{width}: {line}");
            }
        }
    }
}
