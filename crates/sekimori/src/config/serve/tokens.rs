//! The tokens of the configuration: only their hashes stand in it.

use super::settings;
use crate::config::raw::serve::Token;
use crate::failure::Failure;
use crate::serve::settled::{Role, TokenSetting};
use crate::serve::{state, token};
use std::collections::HashSet;

/// More is no configuration but a database.
const TOKENS_MAX: usize = 100_000;

const NAME_CHARS_MAX: usize = 64;

pub(super) fn resolve(raw: &[Token]) -> Result<Vec<TokenSetting>, Failure> {
    if raw.len() > TOKENS_MAX {
        let what = format!("there are {} tokens; {TOKENS_MAX} is the most", raw.len());
        return Err(settings(what, "let several switches share a token"));
    }
    let (mut names, mut hashes) = (HashSet::new(), HashSet::new());
    raw.iter()
        .map(|raw| {
            let setting = one(raw)?;
            if !names.insert(&raw.name) {
                let what = format!("two tokens are called `{}`", raw.name);
                return Err(settings(what, "give each its own name: the records go by it"));
            }
            if !hashes.insert(setting.hash) {
                let what = format!("the token `{}` has another's hash", raw.name);
                return Err(settings(what, "make one of its own: `sekimori token new`"));
            }
            Ok(setting)
        })
        .collect()
}

fn one(raw: &Token) -> Result<TokenSetting, Failure> {
    let name = &raw.name;
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_plain) {
        let what = format!("a token is called {name:?}");
        return Err(settings(what, "give it a name of one word, such as pbx-tokyo"));
    }
    if name == state::OPERATOR {
        let what = format!("a token is called `{name}`");
        let todo = "give it another name: that one is the token's in the state directory";
        return Err(settings(what, todo));
    }
    let hash = token::read_hash(&raw.hash).ok_or_else(|| {
        let what = format!("the hash of the token `{name}` is none");
        settings(what, "make a token with `sekimori token new`; it prints the lines for this file")
    })?;
    let binding = |key: &str, todo: &str| {
        Err(settings(format!("the token `{name}` has {key} and is no such token"), todo))
    };
    match raw.role {
        Role::Customer if raw.accounts.is_empty() => {
            let what = format!("the token `{name}` is a customer's, and of no account");
            return Err(settings(what, "say which, such as accounts = [\"acme\"]"));
        }
        Role::Operator | Role::Auditor if !raw.accounts.is_empty() => {
            return binding("accounts", "leave them out, or make it a customer's or a switch's");
        }
        Role::Operator | Role::Auditor | Role::Customer if !raw.trunks.is_empty() => {
            return binding("trunks", "leave them out, or make it a switch's");
        }
        _ => {}
    }
    Ok(TokenSetting {
        name: name.clone(),
        hash,
        role: raw.role,
        accounts: raw.accounts.clone(),
        trunks: raw.trunks.clone(),
    })
}
