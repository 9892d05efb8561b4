//! Currencies, and how an amount is written in each language.

use super::{Lang, grouped};
use sekimori_atlas::money::Money;
use std::fmt;

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The Japanese yen.
    pub const JPY: Currency = Currency(*b"JPY");

    /// Three ASCII letters, case of no matter; `None` for anything else.
    pub fn parse(code: &str) -> Option<Currency> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Currency(code.map(|b| b.to_ascii_uppercase())))
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are stored")
    }

    /// Decimals that people write (ISO 4217's minor unit).
    fn decimals(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"PYG" | b"UGX" | b"XAF" | b"XOF"
            | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The smallest amount that people write.
    pub fn smallest(&self) -> Money {
        Money(10_i64.pow(3 - self.decimals()))
    }

    fn sign(&self) -> Option<&'static str> {
        match &self.0 {
            b"JPY" => Some("¥"),
            b"USD" => Some("$"),
            b"EUR" => Some("€"),
            b"GBP" => Some("£"),
            b"KRW" => Some("₩"),
            b"INR" => Some("₹"),
            _ => None,
        }
    }

    /// The amount as a person of that language writes it, rounded half up to the decimals of
    /// the currency: `¥1,234`, `1,234円`, `$1,234.50`, `CHF 12.00`.
    pub fn written(&self, amount: Money, lang: Lang) -> String {
        let digits = self.digits(amount);
        let (minus, digits) = match digits.strip_prefix('-') {
            Some(rest) => ("−", rest),
            None => ("", digits.as_str()),
        };
        match (lang, self.sign()) {
            (Lang::Ja, Some("¥")) => format!("{minus}{digits}円"),
            (_, Some(sign)) => format!("{minus}{sign}{digits}"),
            (_, None) => format!("{minus}{} {digits}", self.code()),
        }
    }

    fn digits(&self, amount: Money) -> String {
        let decimals = self.decimals();
        let step = 10_u64.pow(3 - decimals);
        let rounded = (amount.0.unsigned_abs() + step / 2) / step;
        let sign = if amount.0 < 0 && rounded > 0 { "-" } else { "" };
        let unit = 10_u64.pow(decimals);
        let whole = grouped(rounded / unit);
        match decimals {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{:0width$}", rounded % unit, width = decimals as usize),
        }
    }
}

impl Default for Currency {
    fn default() -> Currency {
        Currency::JPY
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_is_written_as_its_people_do() {
        let check = |code: &str, thousandths: i64, lang, written: &str| {
            let currency = Currency::parse(code).expect("three letters");
            assert_eq!(currency.written(Money(thousandths), lang), written);
        };
        check("JPY", 2_558_574_000, Lang::En, "¥2,558,574");
        check("jpy", 2_558_574_499, Lang::Ja, "2,558,574円");
        check("JPY", 500, Lang::En, "¥1");
        check("JPY", -175_000, Lang::En, "−¥175");
        check("JPY", -1, Lang::En, "¥0");
        check("USD", 1_234_565, Lang::Ja, "$1,234.57");
        check("CHF", 12_000, Lang::En, "CHF 12.00");
        check("KWD", 5, Lang::En, "KWD 0.005");
        check("JPY", i64::MAX, Lang::En, "¥9,223,372,036,854,776");
        assert_eq!(Currency::parse("¥"), None);
        assert_eq!(Currency::parse("YENS"), None);
    }
}
