//! Called numbers without their last four digits, in what a server has answered.

use sekimori_atlas::e164::E164;
use serde_json::Value;

/// Whether called numbers are shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Their last four digits are hidden.
    Masked,
    /// They are shown as the server gave them.
    AsGiven,
}

/// Masks every `e164` of an answer, and every number that a sentence of it names.
pub(super) fn mask(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(mask),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(number) if name == "e164" => *number = masked(number),
                    Value::String(text) if SENTENCES.contains(&name.as_str()) => {
                        *text = sentence(text);
                    }
                    Value::Array(list) if SENTENCES.contains(&name.as_str()) => {
                        for text in list {
                            match text {
                                Value::String(text) => *text = sentence(text),
                                other => mask(other),
                            }
                        }
                    }
                    other => mask(other),
                }
            }
        }
        _ => {}
    }
}

/// Fields that hold sentences.
const SENTENCES: [&str; 3] = ["text", "why", "would_change"];
/// A range has at most seven digits, and nobody is called by it.
const DIGITS_MIN: usize = 8;

/// A sentence with the numbers in it masked: a plus sign and its digits.
fn sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(plus) = rest.find('+') {
        out.push_str(&rest[..plus]);
        let digits = &rest[plus + 1..];
        let n = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = &rest[plus..plus + 1 + n];
        match n {
            DIGITS_MIN.. => out.push_str(&masked(number)),
            _ => out.push_str(number),
        }
        rest = &digits[n..];
    }
    out.push_str(rest);
    out
}

/// A number that the server has masked already stays as it is; what is none is hidden whole.
fn masked(number: &str) -> String {
    let digits = number.strip_prefix('+').unwrap_or(number);
    match E164::parse(digits.as_bytes()) {
        Some(number) => number.to_string(),
        None if number.ends_with("****") => number.to_owned(),
        None => "****".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_masked_however_deep_it_stands() {
        let mut answer = serde_json::json!([{
            "verdict": { "destination": { "e164": "+23222280001", "country": "SL" } },
            "reasons": [{ "text": "+23222280009 and 2 beside it, of +2322228 (+4.5)" }],
            "would_change": ["no call to +23222280009"],
            "others": [{ "e164": null }, { "e164": "+2322228****" }, { "e164": "x" }],
        }]);
        mask(&mut answer);
        let verdict = &answer[0]["verdict"]["destination"];
        assert_eq!(
            (verdict["e164"].as_str(), verdict["country"].as_str()),
            (Some("+2322228****"), Some("SL"))
        );
        let text = answer[0]["reasons"][0]["text"].as_str();
        assert_eq!(text, Some("+2322228**** and 2 beside it, of +2322228 (+4.5)"));
        assert_eq!(answer[0]["would_change"][0].as_str(), Some("no call to +2322228****"));
        let others = &answer[0]["others"];
        assert!(others[0]["e164"].is_null());
        assert_eq!(
            (&others[1]["e164"], &others[2]["e164"]),
            (&"+2322228****".into(), &"****".into())
        );
    }
}
