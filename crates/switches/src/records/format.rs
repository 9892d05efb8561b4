//! The formats by name, as `--format` takes them.

use std::fmt;
use std::str::FromStr;

/// How call records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The replay contract's calls.
    Generic,
    /// The replay contract's registrations.
    Registrations,
    /// Asterisk's `cdr_csv`: `Master.csv`, no header.
    AsteriskMaster,
    /// Asterisk's `cdr_custom` with a layout, or its `cdr` table exported with a header.
    AsteriskCustom,
    /// FreeSWITCH's `mod_cdr_csv`.
    FreeSwitch,
    /// Kamailio's `acc`: rows with a header, or the lines that it logs.
    KamailioAcc,
    /// Cisco Unified Communications Manager's CDR files.
    CiscoCucm,
    /// The generic columns in Parquet: `sekimori-columns` reads it, [`super::Decoder`] cannot.
    Parquet,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Format; 8] = [
        Format::Generic,
        Format::Registrations,
        Format::AsteriskMaster,
        Format::AsteriskCustom,
        Format::FreeSwitch,
        Format::KamailioAcc,
        Format::CiscoCucm,
        Format::Parquet,
    ];

    /// The name that `--format` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Generic => "generic",
            Format::Registrations => "registrations",
            Format::AsteriskMaster => "asterisk",
            Format::AsteriskCustom => "asterisk-custom",
            Format::FreeSwitch => "freeswitch",
            Format::KamailioAcc => "kamailio",
            Format::CiscoCucm => "cisco",
            Format::Parquet => "parquet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(pub String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(Format::name).join(", ");
        write!(f, "there is no format \"{}\"; there are: {names}", self.0)
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Format, UnknownFormat> {
        let known = Format::ALL.into_iter().find(|format| format.name() == text);
        known.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "excel".parse::<Format>().expect_err("not a format").to_string();
        assert!(error.contains("excel") && error.contains("freeswitch"), "{error}");
    }
}
