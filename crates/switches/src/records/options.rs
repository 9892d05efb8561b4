//! What a person can say about records that the records do not say themselves.

use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;

/// How records are to be understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose account a record is.
    pub account_from: AccountFrom,
    /// The time zone of formats that write local time without one.
    pub zone: TimeZone,
    /// The layout of formats whose columns their configuration decides: for
    /// `asterisk-custom` a `cdr_custom` pattern or a list of column names, for `freeswitch` a
    /// `mod_cdr_csv` template or a list. `None` means the header, or the product's default.
    pub layout: Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options { account_from: AccountFrom::Default, zone: TimeZone::UTC, layout: None }
    }
}

/// Where a record's account stands. What `Default` is, each format's casebook page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AccountFrom {
    /// As is right for most installations of that format.
    #[default]
    Default,
    /// In the column of this name.
    Column(String),
    /// The endpoint that made the call: each extension is an account.
    Channel,
    /// The outgoing trunk.
    Trunk,
    /// Everything belongs to this account.
    Fixed(String),
}

/// Not a way to find an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAccountFrom(pub String);

impl fmt::Display for UnknownAccountFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = "default, column:NAME, channel, trunk, fixed:NAME";
        write!(f, "\"{}\" does not say whose account a record is; say one of: {ways}", self.0)
    }
}

impl std::error::Error for UnknownAccountFrom {}

impl FromStr for AccountFrom {
    type Err = UnknownAccountFrom;

    /// Reads `default`, `column:NAME`, `channel`, `trunk` or `fixed:NAME`.
    fn from_str(text: &str) -> Result<AccountFrom, UnknownAccountFrom> {
        match text.split_once(':') {
            Some(("column", name)) if !name.is_empty() => Ok(AccountFrom::Column(name.to_owned())),
            Some(("fixed", name)) if !name.is_empty() => Ok(AccountFrom::Fixed(name.to_owned())),
            None if text == "default" => Ok(AccountFrom::Default),
            None if text == "channel" => Ok(AccountFrom::Channel),
            None if text == "trunk" => Ok(AccountFrom::Trunk),
            _ => Err(UnknownAccountFrom(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_said_in_five_ways() {
        let fixed = AccountFrom::Fixed("acme".to_owned());
        assert_eq!("fixed:acme".parse(), Ok(fixed));
        assert_eq!("column:tenant".parse(), Ok(AccountFrom::Column("tenant".to_owned())));
        assert_eq!("trunk".parse(), Ok(AccountFrom::Trunk));
        for wrong in ["", "fixed:", "column", "trunk:x", "accountcode"] {
            assert!(wrong.parse::<AccountFrom>().is_err(), "{wrong}");
        }
    }
}
