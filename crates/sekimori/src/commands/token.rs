//! `sekimori token`: makes a token for the API. It talks to no server and writes no file: the
//! token is shown once, and its hash is for the settings.

use crate::failure::{Advice, Failure};
use crate::serve::settled::Role;
use crate::serve::token::{Token, write_hash};
use clap::{Args as ClapArgs, Subcommand};
use std::io::{self, Write as _};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token: it is shown once, with the lines for sekimori.toml that let it in.
    New(New),
}

/// Makes a token from 256 random bits and prints it, with the lines for sekimori.toml that let it
/// in. Only its hash is kept there: whoever reads the file cannot use it.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct New {
    /// What it may do.
    #[arg(long, value_enum)]
    role: Role,

    /// What it is called in the records, such as pbx-tokyo.
    #[arg(long, value_name = "NAME")]
    name: String,

    /// An account that it is bound to; again for more. A customer's has at least one.
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,

    /// A trunk that a switch's token is bound to; again for more.
    #[arg(long = "trunk", value_name = "TRUNK")]
    trunks: Vec<String>,

    /// Print it as JSON: token, name, hash.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  sekimori token new --role switch --name pbx-tokyo
  sekimori token new --role customer --name acme-portal --account acme
  sekimori token new --role auditor --name review --json";

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let Command::New(new) = command;
    if new.role == Role::Customer && new.accounts.is_empty() {
        let todo = "say which: --account ACCOUNT";
        return Err(Failure::Usage(Advice::new("a customer's token is of an account", todo)));
    }
    let token = Token::new().map_err(|error| {
        let what = format!("the system gave no random bytes: {error}");
        Failure::Storage(Advice::new(what, "try again; a token must not be guessable"))
    })?;
    let text = if new.json { json(new, &token) } else { told(new, &token) };
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let what = format!("standard output cannot be written: {error}");
            Err(Failure::Storage(Advice::new(what, "look where the output was sent to")))
        }
        _ => Ok(()),
    }
}

fn told(new: &New, token: &Token) -> String {
    format!(
        "The token, shown this once:\n\n  {}\n\nThe lines for sekimori.toml:\n\n{}",
        token.shown(),
        section(new, token)
    )
}

fn section(new: &New, token: &Token) -> String {
    let text = |value: &str| toml::Value::from(value).to_string();
    let mut lines = vec![
        "[[tokens]]".to_owned(),
        format!("name = {}", text(&new.name)),
        format!("hash = {}", text(&write_hash(&token.hash()))),
        format!("role = {}", text(new.role.as_str())),
    ];
    for (key, values) in [("accounts", &new.accounts), ("trunks", &new.trunks)] {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| text(value)).collect();
            lines.push(format!("{key} = [{}]", values.join(", ")));
        }
    }
    lines.join("\n")
}

fn json(new: &New, token: &Token) -> String {
    let hash = write_hash(&token.hash());
    serde_json::json!({ "token": token.shown(), "name": new.name, "hash": hash }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(role: Role, accounts: &[&str]) -> New {
        let accounts = accounts.iter().map(|name| (*name).to_owned()).collect();
        New { role, name: "pbx \"tokyo\"".to_owned(), accounts, trunks: Vec::new(), json: false }
    }

    #[test]
    fn the_lines_are_toml_and_hold_the_hash_alone() {
        let token = Token::new().expect("the system's chance");
        let lines = section(&new(Role::Customer, &["acme", "b\\c"]), &token);
        assert!(!lines.contains(token.shown()));
        let table: toml::Table = toml::from_str(&lines).expect("TOML");
        let entry = &table["tokens"][0];
        assert_eq!(entry["name"].as_str(), Some("pbx \"tokyo\""));
        assert_eq!(entry["role"].as_str(), Some("customer"));
        assert_eq!(entry["accounts"][1].as_str(), Some("b\\c"));
        let hash = entry["hash"].as_str().and_then(crate::serve::token::read_hash);
        assert_eq!(hash, Some(token.hash()));
    }

    #[test]
    fn a_customers_token_is_of_an_account() {
        let told = run(&Command::New(new(Role::Customer, &[]))).expect_err("of none");
        assert!(told.to_string().contains("--account"), "{told}");
    }
}
