//! Who asks, by token, and what each role may do. A token has 256 random bits and only its BLAKE3
//! hash is known here, so that whoever reads the configuration cannot use it.

use super::problem::Problem;
use crate::serve::settled::{Role, TokenSetting};
use crate::serve::token::hash;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// A longer one is no token of ours.
const TOKEN_BYTES_MAX: usize = 256;

/// All tokens, found by the first half of their hash.
#[derive(Debug)]
pub(super) struct Keyring {
    by_half: HashMap<[u8; 16], Arc<TokenSetting>, RandomState>,
}

impl Keyring {
    /// The configuration's tokens and the operator's own.
    pub(super) fn new(tokens: &[TokenSetting], operator: [u8; 32]) -> Keyring {
        let own = TokenSetting {
            name: "operator".to_owned(),
            hash: operator,
            role: Role::Operator,
            accounts: Vec::new(),
            trunks: Vec::new(),
        };
        let all = tokens.iter().cloned().chain([own]);
        Keyring { by_half: all.map(|token| (half(&token.hash), Arc::new(token))).collect() }
    }

    /// Whose token it is. The half that is looked up is that of a hash, of which a guess learns
    /// nothing; the whole is compared in constant time.
    fn find(&self, token: &str) -> Option<&Arc<TokenSetting>> {
        let hash = hash(token);
        let known = self.by_half.get(&half(&hash))?;
        bool::from(known.hash.ct_eq(&hash)).then_some(known)
    }

    /// Who says so in `Authorization`; `Ok(None)` where nobody does.
    ///
    /// # Errors
    /// A header that names no token of ours.
    pub(super) fn holder(&self, headers: &HeaderMap) -> Result<Option<Arc<TokenSetting>>, Wrong> {
        let mut said = headers.get_all(AUTHORIZATION).iter();
        match (said.next(), said.next()) {
            (None, _) => Ok(None),
            (Some(header), None) => {
                let token = bearer(header).ok_or(Wrong)?;
                self.find(token).cloned().map(Some).ok_or(Wrong)
            }
            (Some(_), Some(_)) => Err(Wrong),
        }
    }
}

/// A token that nobody has, or a header that holds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong;

fn half(hash: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}

/// The token of `Bearer TOKEN` (RFC 6750 §2.1; the scheme's case is of no matter).
fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    let fits = !token.is_empty() && token.len() <= TOKEN_BYTES_MAX;
    (scheme.eq_ignore_ascii_case("bearer") && fits).then_some(token)
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// Whoever has this token.
    Token(Arc<TokenSetting>),
    /// Somebody on this machine, without a token.
    Local,
    /// Somebody elsewhere, without a token.
    Stranger,
}

/// What may be asked. Which accounts are one's own is another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Ask for verdicts, report calls and registrations.
    Calls,
    /// Stop an account's calls abroad.
    Stop,
    /// Open again, and say "these calls were ours".
    Open,
    /// See accounts, calls, incidents and restrictions.
    Read,
    /// See the journal and why a verdict was what it was.
    ReadRecords,
    /// Restrict, lift, describe an account, stop a destination for everyone.
    Decide,
    /// Counts of the whole server, and its description.
    Metrics,
}

impl Holder {
    /// Whether they may.
    pub(super) fn may(&self, right: Right) -> bool {
        match self {
            Holder::Local => matches!(right, Right::Calls | Right::Stop | Right::Metrics),
            Holder::Stranger => false,
            Holder::Token(token) => match token.role {
                Role::Operator => true,
                Role::Switch => matches!(right, Right::Calls | Right::Metrics),
                Role::Customer => matches!(right, Right::Stop | Right::Open | Right::Read),
                Role::Auditor => {
                    matches!(right, Right::Read | Right::ReadRecords | Right::Metrics)
                }
            },
        }
    }

    /// The same as a refusal.
    pub(super) fn must(&self, right: Right, token_file: &str) -> Result<(), Problem> {
        if self.may(right) {
            return Ok(());
        }
        let Holder::Token(token) = self else { return Err(self.unknown(token_file)) };
        let role = token.role.as_str();
        Err(Problem::forbidden(
            "forbidden",
            format!("a token with the role {role} may not do this"),
            "use a token of another role; the operator's may do everything",
        ))
    }

    fn unknown(&self, token_file: &str) -> Problem {
        let message = match self {
            Holder::Local => {
                "without a token, this machine may only ask for verdicts, report \
                              calls and registrations, read health, and stop"
            }
            _ => "this needs a token",
        };
        let hint = format!("send `Authorization: Bearer TOKEN`; the operator's is in {token_file}");
        Problem::new(StatusCode::UNAUTHORIZED, "token_needed", message, hint)
    }

    /// The accounts they are bound to; `None` is every account.
    pub(super) fn accounts(&self) -> Option<&[String]> {
        match self {
            Holder::Token(token) if token.role == Role::Operator => None,
            Holder::Token(token) if token.role == Role::Customer => Some(&token.accounts),
            Holder::Token(token) => (!token.accounts.is_empty()).then_some(&token.accounts[..]),
            Holder::Local => None,
            Holder::Stranger => Some(&[]),
        }
    }

    /// The trunks they are bound to; `None` is every trunk.
    pub(super) fn trunks(&self) -> Option<&[String]> {
        match self {
            Holder::Token(token) if token.role == Role::Switch => {
                (!token.trunks.is_empty()).then_some(&token.trunks[..])
            }
            _ => None,
        }
    }

    /// Whether an account is theirs to ask about.
    pub(super) fn has(&self, account: &str) -> bool {
        self.accounts().is_none_or(|own| own.iter().any(|known| known == account))
    }

    /// The same as a refusal, which does not say whether there is such an account.
    pub(super) fn must_have(&self, account: &str) -> Result<(), Problem> {
        if self.has(account) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "not_your_account",
            "this token is not for that account",
            "ask about an account that the token is bound to",
        ))
    }

    /// What they are called in the records where they do not say.
    pub(super) fn name(&self) -> &str {
        match self {
            Holder::Token(token) => &token.name,
            Holder::Local => "localhost",
            Holder::Stranger => "nobody",
        }
    }

    /// Whether they see numbers masked.
    pub(super) fn is_auditor(&self) -> bool {
        matches!(self, Holder::Token(token) if token.role == Role::Auditor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(role: Role, accounts: &[&str]) -> TokenSetting {
        let accounts = accounts.iter().map(|name| (*name).to_owned()).collect();
        TokenSetting { name: "t".into(), hash: hash("t"), role, accounts, trunks: Vec::new() }
    }

    fn said(header: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, header.parse().expect("a header"))])
    }

    #[test]
    fn a_token_is_found_by_what_it_is_and_not_by_its_hash() {
        let ring = Keyring::new(&[token(Role::Switch, &[])], hash("root"));
        let role = |header| ring.holder(&said(header)).map(|held| held.map(|token| token.role));
        assert_eq!(role("Bearer t"), Ok(Some(Role::Switch)));
        assert_eq!(role("bearer  root"), Ok(Some(Role::Operator)));
        let hex = blake3::hash(b"t").to_hex();
        for wrong in ["Bearer x", "Bearer", "Bearer ", "t", "Basic t", &format!("Bearer {hex}")] {
            assert_eq!(role(wrong), Err(Wrong), "{wrong}");
        }
        assert_eq!(ring.holder(&HeaderMap::new()), Ok(None));
        let mut twice = said("Bearer t");
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer t"));
        assert_eq!(ring.holder(&twice), Err(Wrong));
    }

    #[test]
    fn each_role_has_its_rights() {
        use Right::{Calls, Decide, Metrics, Open, Read, ReadRecords, Stop};
        let all = [Calls, Stop, Open, Read, ReadRecords, Decide, Metrics];
        let rights = |holder: &Holder| -> Vec<Right> {
            all.into_iter().filter(|right| holder.may(*right)).collect()
        };
        let with = |role| Holder::Token(Arc::new(token(role, &["a"])));
        assert_eq!(rights(&Holder::Local), [Calls, Stop, Metrics]);
        assert_eq!(rights(&Holder::Stranger), []);
        assert_eq!(rights(&with(Role::Operator)), all);
        assert_eq!(rights(&with(Role::Switch)), [Calls, Metrics]);
        assert_eq!(rights(&with(Role::Customer)), [Stop, Open, Read]);
        assert_eq!(rights(&with(Role::Auditor)), [Read, ReadRecords, Metrics]);
    }

    #[test]
    fn a_bound_token_has_its_own_accounts_alone() {
        let with = |role, accounts| Holder::Token(Arc::new(token(role, accounts)));
        assert!(with(Role::Customer, &["a"]).has("a") && !with(Role::Customer, &["a"]).has("b"));
        assert!(!with(Role::Customer, &[]).has("a"), "a customer without accounts has none");
        assert!(with(Role::Switch, &[]).has("a") && !with(Role::Switch, &["b"]).has("a"));
        assert!(with(Role::Operator, &["b"]).has("a") && Holder::Local.has("a"));
        assert!(!Holder::Stranger.has("a"));
    }
}
