//! The HTTP door: the contract's API for switches, billing systems and people's scripts. It reads
//! requests, asks the guard and puts its answers into JSON; it decides nothing.
//!
//! axum routes; connections, TLS, limits, who asks and by which name are this door's own, because
//! a server that trusts its own machine is what pages of other sites would like to reach.

pub mod accept;
mod accounts;
mod body;
mod calls;
mod entrance;
mod events;
mod fields;
mod health;
mod hosts;
mod incidents;
mod keys;
mod openapi;
mod places;
pub mod problem;
mod proof;
mod query;
mod rates;
mod records;
mod relief;
mod routes;
mod stops;
mod verdict;

pub(crate) use records::write_numbers;

use crate::report::words::{Currency, Speech, Visibility};
use crate::serve::guard::Guard;
use crate::serve::pins::Pins;
use crate::serve::request::Actor;
use crate::serve::settled::HttpSettings;
use crate::serve::tls::Certificate;
use accept::Limits;
use axum::Router;
use entrance::{Rules, Visitor};
use fields::NAME_MAX;
use keys::{Keyring, Right};
use problem::Problem;
use query::Query;
use rates::Buckets;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// What the door needs besides the guard.
pub struct Furnishing {
    /// The settings; a change is taken up without losing a connection, and the certificate's
    /// files are read again with it. The address and the files' names stay until the next start.
    pub settings: watch::Receiver<Arc<HttpSettings>>,
    /// The hash of the operator's own token: see [`crate::serve::token::hash`].
    pub operator: [u8; 32],
    /// Where that token is, for hints.
    pub token_file: PathBuf,
    /// The currency of every amount.
    pub currency: Currency,
    /// Bounds of connections.
    pub limits: Limits,
    /// The doors' common check of PINs.
    pub pins: Arc<Pins>,
}

/// What TLS clients may choose from (RFC 7301), best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Serves on a listener that is already bound, until `shutdown` says true or its sender is gone;
/// then requests in work are finished.
///
/// # Errors
/// A certificate that cannot be read, or a listener that the runtime does not take.
pub async fn serve(
    guard: Guard,
    furnishing: Furnishing,
    listener: std::net::TcpListener,
    shutdown: watch::Receiver<bool>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let Furnishing { mut settings, operator, token_file, currency, limits, pins } = furnishing;
    let first = settings.borrow_and_update().clone();
    let certificate = first.tls.clone().map(Certificate::load).transpose();
    let certificate = certificate.map_err(io::Error::other)?;
    let tls = certificate.as_ref().map(|it| TlsAcceptor::from(it.server_config(&PROTOCOLS)));
    let door = Arc::new(Door {
        guard,
        rules: RwLock::new(rules(first, operator)),
        token_file: token_file.display().to_string(),
        currency,
        requests: Buckets::new(rates::ADDRESSES_MAX),
        stops: Buckets::new(rates::ADDRESSES_MAX),
        wrong_tokens: Buckets::new(rates::ADDRESSES_MAX),
        pins,
        hashes: Arc::new(Semaphore::new(proof::HASHES_MAX)),
        hashes_waiting: Arc::new(Semaphore::new(proof::HASHES_WAITING_MAX)),
        listeners: Arc::new(Semaphore::new(events::LISTENERS_MAX)),
        readers: Arc::new(Semaphore::new(records::READERS_MAX)),
        body_patience: limits.body,
        shutdown: shutdown.clone(),
    });
    let house = Arc::new(House { router: routes::router(door.clone()), door: door.clone() });
    let changes = async {
        while settings.changed().await.is_ok() {
            let now = settings.borrow_and_update().clone();
            if let Some(Err(error)) = certificate.as_ref().map(|it| it.reload()) {
                tracing::warn!(%error, "the HTTP door goes on with its old certificate");
            }
            *door.rules.write().unwrap_or_else(PoisonError::into_inner) = rules(now, operator);
        }
        // Nobody is left who could change them: they stay as they are.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = accept::run(house, listener, tls, limits, shutdown) => {}
        () = changes => {}
    }
    Ok(())
}

fn rules(settings: Arc<HttpSettings>, operator: [u8; 32]) -> Arc<Rules> {
    let keyring = Keyring::new(&settings.tokens, operator);
    Arc::new(Rules { settings, keyring })
}

/// What all connections share: the routes, and what their handlers share.
struct House {
    door: Arc<Door>,
    router: Router,
}

/// What all requests share.
struct Door {
    guard: Guard,
    rules: RwLock<Arc<Rules>>,
    token_file: String,
    currency: Currency,
    /// Requests by address.
    requests: Buckets,
    /// Stops by address.
    stops: Buckets,
    /// Wrong tokens by address.
    wrong_tokens: Buckets,
    /// PINs and the tries of them, by account and for all doors.
    pins: Arc<Pins>,
    hashes: Arc<Semaphore>,
    hashes_waiting: Arc<Semaphore>,
    listeners: Arc<Semaphore>,
    readers: Arc<Semaphore>,
    body_patience: Duration,
    shutdown: watch::Receiver<bool>,
}

impl Door {
    fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn body_max(&self) -> usize {
        self.rules().settings.body_max
    }

    fn must(&self, visitor: &Visitor, right: Right) -> Result<(), Problem> {
        visitor.holder.must(right, &self.token_file)
    }

    /// Who acts, for the record: as they say, else the token's name.
    fn by(&self, visitor: &Visitor, said: Option<String>) -> Result<String, Problem> {
        let said = fields::wanted("by", said, NAME_MAX)?;
        Ok(if said.is_empty() { visitor.holder.name().to_owned() } else { said })
    }

    /// How answers are worded for a visitor. An auditor sees numbers masked.
    fn speech(&self, visitor: &Visitor) -> Speech {
        let masked = visitor.holder.is_auditor();
        let numbers = if masked { Visibility::Masked } else { Visibility::Whole };
        Speech { lang: visitor.lang(), currency: self.currency, numbers }
    }

    /// The same; an auditor who says why sees numbers whole, once that is on record. `what` is
    /// what they look at.
    async fn speech_for(
        &self,
        visitor: &Visitor,
        query: &Query,
        what: &str,
    ) -> Result<Speech, Problem> {
        let speech = self.speech(visitor);
        if speech.numbers == Visibility::Whole || !query.says_yes("unmask") {
            return Ok(speech);
        }
        let why = fields::wanted("why", query.text("why").map(str::to_owned), fields::NOTE_MAX)?;
        if why.is_empty() {
            return Err(Problem::meaningless(
                "`unmask` needs a reason",
                "say why: ?unmask=1&why=…; it is recorded",
            ));
        }
        let by = visitor.holder.name().to_owned();
        self.guard.unmasking(Actor { by, why }, what.to_owned()).await?;
        Ok(Speech { numbers: Visibility::Whole, ..speech })
    }

    /// The accounts that a list is about: `None` in it is every account.
    fn accounts_asked(
        &self,
        visitor: &Visitor,
        query: &Query,
    ) -> Result<Vec<Option<String>>, Problem> {
        if let Some(account) = query.text("account") {
            visitor.holder.must_have(account)?;
            return Ok(vec![Some(account.to_owned())]);
        }
        Ok(match visitor.holder.accounts() {
            None => vec![None],
            Some(own) => own.iter().cloned().map(Some).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
