//! Who forwarded a call, by Diversion (RFC 5806) or History-Info (RFC 7044).

use super::Text;
use super::addr::NameAddr;
use super::header::{Known, number, param, values};
use super::message::Head;
use super::number::name_of;
use sekimori_engine::event::ForwardedBy;
use std::fmt;

/// What caused a leg that no handset dialled; prints as the contract's `forwarded_from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedFrom<'a> {
    /// By what.
    pub by: ForwardedBy,
    /// The contract's word for it, more exact than `by`: `cfu`, `cfb`, `cfnr`, `302`, `forward`.
    pub manner: &'static str,
    /// The extension or number that forwarded; empty where nobody says.
    pub name: Text<'a>,
}

impl fmt::Display for ForwardedFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.manner, self.name.as_str())
    }
}

/// The last to have forwarded the call. Diversion is asked first: it is made for this, and where
/// both are there it is the switch's own.
pub(super) fn forwarded<'a>(head: &Head<'a>) -> Option<ForwardedFrom<'a>> {
    let diversion = head.value(Known::Diversion).and_then(diversion);
    diversion.or_else(|| head.value(Known::HistoryInfo).and_then(|_| history(head)))
}

/// The topmost entry is the latest.
fn diversion(value: &[u8]) -> Option<ForwardedFrom<'_>> {
    let addr = NameAddr::parse(values(value).next()?)?;
    let reason = param(addr.params, "reason").unwrap_or_default();
    let reason = reason.strip_prefix(b"\"").unwrap_or(reason);
    let reason = reason.strip_suffix(b"\"").unwrap_or(reason);
    const REASONS: [(&[u8], &str); 4] = [
        (b"unconditional", "cfu"),
        (b"user-busy", "cfb"),
        (b"no-answer", "cfnr"),
        (b"deflection", "302"),
    ];
    let known = REASONS.iter().find(|(word, _)| reason.eq_ignore_ascii_case(word));
    Some(of(known.map_or("forward", |(_, manner)| manner), name_of(&addr)))
}

/// The entry before the last is who was called when the last was aimed at instead. Why, stands
/// either in the last one's URI (`cause=`, RFC 4458), or in the answer that the one before
/// gave (`?Reason=`, RFC 7044). Without either it counts where the entry says that it was
/// aimed at somebody else (`mp=`): a proxy that rewrites a number writes a history as well.
fn history<'a>(head: &Head<'a>) -> Option<ForwardedFrom<'a>> {
    let (mut before, mut last) = (None, None);
    for entry in head.each(Known::HistoryInfo).flat_map(values) {
        (before, last) = (last, Some(NameAddr::parse(entry)?));
    }
    let (before, last) = (before?, last?);
    let manner = match (cause_of_uri(&last), cause_of_answer(&before)) {
        (Some(302), _) => "cfu",
        (Some(486), _) | (None, Some(486 | 600)) => "cfb",
        (Some(408), _) | (None, Some(408 | 480)) => "cfnr",
        (Some(480 | 487), _) | (None, Some(301 | 302)) => "302",
        (Some(_), _) | (None, Some(_)) => "forward",
        (None, None) => param(last.params, "mp").map(|_| "forward")?,
    };
    Some(of(manner, name_of(&before)))
}

/// `cause=302` behind the URI's host.
fn cause_of_uri(entry: &NameAddr<'_>) -> Option<u32> {
    number(entry.parts().ok()?.param("cause")?)
}

/// `?Reason=SIP%3Bcause%3D302`, escaped or not.
fn cause_of_answer(entry: &NameAddr<'_>) -> Option<u32> {
    let headers = entry.parts().ok()?.headers;
    let at = headers.windows(5).position(|word| word.eq_ignore_ascii_case(b"cause"))?;
    let rest = &headers[at + 5..];
    let rest = rest.strip_prefix(b"=").or_else(|| {
        let sign = rest.get(..3)?;
        sign.eq_ignore_ascii_case(b"%3D").then_some(&rest[3..])
    })?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    number(&rest[..end])
}

fn of<'a>(manner: &'static str, name: Text<'a>) -> ForwardedFrom<'a> {
    let by = if manner == "302" { ForwardedBy::Redirect } else { ForwardedBy::Forward };
    ForwardedFrom { by, manner, name }
}
