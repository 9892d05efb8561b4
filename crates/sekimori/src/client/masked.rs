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

/// Masks every `e164` of an answer.
pub(super) fn mask(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(mask),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(number) if name == "e164" => *number = masked(number),
                    other => mask(other),
                }
            }
        }
        _ => {}
    }
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
            "others": [{ "e164": null }, { "e164": "+2322228****" }, { "e164": "x" }],
        }]);
        mask(&mut answer);
        let verdict = &answer[0]["verdict"]["destination"];
        assert_eq!(
            (verdict["e164"].as_str(), verdict["country"].as_str()),
            (Some("+2322228****"), Some("SL"))
        );
        let others = &answer[0]["others"];
        assert!(others[0]["e164"].is_null());
        assert_eq!(
            (&others[1]["e164"], &others[2]["e164"]),
            (&"+2322228****".into(), &"****".into())
        );
    }
}
