//! The handle by which every door and every command reaches the shards: it finds the shard that
//! owns the account, waits no longer than the time budget, and falls back to the account's fail
//! mode. It decides nothing.

use super::ask::{CallName, Noted, OwnedAsk, OwnedRegistration, Report, Ruled};
use super::fail_mode::FailBook;
use super::published::Published;
use super::request::{
    Actor, BarRequest, Description, IncidentFilter, OpenRequest, Place, RestrictRequest,
    StopRequest, WhichVerdict,
};
use super::shard::command::{Command, Dictionary, Line};
use super::view::{
    AccountView, DestinationStopView, ExplainView, IncidentView, OpenView, OrderView, RenewView,
    RunningView, StopView,
};
use super::vitals::Vitals;
use crate::report::words::Speech;
use arc_swap::ArcSwap;
use sekimori_atlas::Atlas;
use sekimori_engine::engine::answers::Answer;
use sekimori_journal::Journal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, oneshot};

/// Doors hold a copy each.
#[derive(Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

struct Inner {
    lines: Vec<Line>,
    fail_book: Arc<FailBook>,
    journal: Journal,
    events: broadcast::Sender<Arc<Published>>,
    vitals: Arc<Vitals>,
    atlas: Arc<ArcSwap<Atlas>>,
    budget: Duration,
}

/// What a guard is made of.
pub struct Parts {
    /// The shards' queues, by number.
    pub lines: Vec<Line>,
    /// What doors do when no shard answers.
    pub fail_book: Arc<FailBook>,
    /// Who records.
    pub journal: Journal,
    /// Who listens.
    pub events: broadcast::Sender<Arc<Published>>,
    /// What is counted.
    pub vitals: Arc<Vitals>,
    /// What is known of numbers.
    pub atlas: Arc<ArcSwap<Atlas>>,
    /// How long a door waits for a verdict.
    pub budget: Duration,
}

/// Why a request could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No call of that account was ever seen and nobody described it.
    #[error("there is no account `{0}`")]
    UnknownAccount(String),
    /// No such call is running.
    #[error("there is no running call `{0}`")]
    UnknownCall(String),
    /// No such incident.
    #[error("there is no incident `{0}`")]
    UnknownIncident(String),
    /// No such restriction is in force.
    #[error("there is no restriction `{0}` in force")]
    UnknownOrder(String),
    /// No verdict is on record under that name.
    #[error("there is no verdict on record for `{0}`")]
    UnknownVerdict(String),
    /// It is in force, but the journal could not make it durable: it must be asked for again.
    #[error("this could not be made durable: {0}")]
    NotDurable(String),
    /// The shard's queue is full, or it did not answer in time.
    #[error("the guard is too busy to answer")]
    Busy,
    /// Something in the request means nothing here.
    #[error("{0}")]
    Meaningless(String),
}

/// What a request comes to.
pub type Granted<T> = Result<T, Refusal>;

/// How long people's requests may take: a stop has to become durable first.
const PATIENCE: Duration = Duration::from_secs(10);

impl Guard {
    /// A guard over these shards.
    pub fn new(parts: Parts) -> Guard {
        let Parts { lines, fail_book, journal, events, vitals, atlas, budget } = parts;
        let inner = Inner { lines, fail_book, journal, events, vitals, atlas, budget };
        Guard { inner: Arc::new(inner) }
    }

    /// May this call go out? Always answers: where the engine does not in time, by the account's
    /// fail mode.
    pub async fn ask(&self, ask: OwnedAsk) -> Ruled {
        let (reply, answer) = oneshot::channel();
        let fallback = self.inner.fail_book.prepare(&ask);
        let line = self.line_of(&ask.account);
        if line.send(Command::Ask(Box::new(ask), reply)).is_ok()
            && let Ok(Ok(ruled)) = tokio::time::timeout(self.inner.budget, answer).await
        {
            return ruled;
        }
        self.inner.vitals.failed_over.add(1);
        self.inner.fail_book.rule(&fallback)
    }

    /// The caller of a challenged call has shown who they are (the door has checked the PIN).
    ///
    /// # Errors
    /// No such call was challenged, or nobody answered in time.
    pub async fn proved(&self, call: CallName) -> Granted<Ruled> {
        let id = call.call_id.clone();
        let every = self.each(|reply| Command::Proved(call.clone(), reply)).await?;
        every.into_iter().flatten().next().ok_or(Refusal::UnknownCall(id))
    }

    /// The hash (PHC string) of the PIN that the caller of this challenged call has to know, with
    /// the account's name; the inner `None` where the account has none.
    ///
    /// # Errors
    /// No such call was challenged, or nobody answered in time.
    pub async fn pin_of(&self, call: CallName) -> Granted<(String, Option<String>)> {
        let id = call.call_id.clone();
        let every = self.each(|reply| Command::PinOf(call.clone(), reply)).await?;
        every.into_iter().flatten().next().ok_or(Refusal::UnknownCall(id))
    }

    /// More time for a running call.
    ///
    /// # Errors
    /// No such call is running, or nobody answered in time.
    pub async fn renew(&self, call: CallName) -> Granted<RenewView> {
        let id = call.call_id.clone();
        let every = self.each(|reply| Command::Renew(call.clone(), reply)).await?;
        every.into_iter().flatten().next().ok_or(Refusal::UnknownCall(id))
    }

    /// A call was answered or ended.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn report(&self, report: Report) -> Granted<Noted> {
        let every = self.each(|reply| Command::Report(report.clone(), reply)).await?;
        Ok(every.into_iter().find(|noted| *noted != Noted::Late).unwrap_or(Noted::Late))
    }

    /// A phone signed in, or somebody tried to.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn registered(&self, event: OwnedRegistration) -> Granted<()> {
        let line = self.line_of(&event.account);
        self.one(line, |reply| Command::Registered(Box::new(event), reply)).await
    }

    /// Running calls abroad, of one account or of all, at most `limit`.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn running(
        &self,
        account: Option<String>,
        limit: usize,
        speech: Speech,
    ) -> Granted<Vec<RunningView>> {
        let every = self.each(|reply| Command::Running(account.clone(), limit, speech, reply));
        let mut all: Vec<_> = every.await?.into_iter().flatten().collect();
        all.truncate(limit);
        Ok(all)
    }

    /// Stops an account's calls abroad; returns once that is durable.
    ///
    /// # Errors
    /// What cannot be stopped so, or a journal that could not make it durable.
    pub async fn stop(&self, account: String, request: StopRequest) -> Granted<StopView> {
        let line = self.line_of(&account);
        self.one(line, |reply| Command::Stop(account, request, reply)).await?
    }

    /// Opens what was stopped; returns once that is durable.
    ///
    /// # Errors
    /// An account that nobody knows, or a journal that could not make it durable.
    pub async fn open(&self, account: String, request: OpenRequest) -> Granted<OpenView> {
        let line = self.line_of(&account);
        self.one(line, |reply| Command::Open(account, request, reply)).await?
    }

    /// An operator's restriction on one account; returns once it is durable.
    ///
    /// # Errors
    /// A journal that could not make it durable.
    pub async fn restrict(&self, account: String, request: RestrictRequest) -> Granted<OrderView> {
        let line = self.line_of(&account);
        self.one(line, |reply| Command::Restrict(account, request, reply)).await?
    }

    /// Stops a place for everyone or for one service; returns once it is durable on every shard.
    ///
    /// # Errors
    /// A journal that could not make it durable.
    pub async fn bar(&self, request: BarRequest) -> Granted<DestinationStopView> {
        let every = self.each(|reply| Command::Bar(request.clone(), reply)).await?;
        merged(every)
    }

    /// Opens a place again.
    ///
    /// # Errors
    /// Where it was not stopped, or a journal that could not make it durable.
    pub async fn unbar(
        &self,
        place: Place,
        service: Option<String>,
        actor: Actor,
    ) -> Granted<DestinationStopView> {
        let unbar = |reply| Command::Unbar(place, service.clone(), actor.clone(), reply);
        let every = self.each(unbar).await?;
        // A crash between two shards' commits leaves a place stopped on one of them alone: to
        // open it there is all that is asked.
        let is_unknown =
            |part: &Granted<DestinationStopView>| matches!(part, Err(Refusal::UnknownOrder(_)));
        if every.iter().all(is_unknown) {
            return merged(every);
        }
        merged(every.into_iter().filter(|part| !is_unknown(part)).collect())
    }

    /// Places that are stopped for everyone or for a service.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn bars(&self) -> Granted<Vec<DestinationStopView>> {
        let mut all: Vec<DestinationStopView> = Vec::new();
        for part in self.each(Command::Bars).await?.into_iter().flatten() {
            let same = |known: &&mut DestinationStopView| {
                known.place == part.place && known.service == part.service
            };
            match all.iter_mut().find(same) {
                Some(known) => {
                    known.accounts_hit += part.accounts_hit;
                    known.calls_ending += part.calls_ending;
                }
                None => all.push(part),
            }
        }
        Ok(all)
    }

    /// What an operator says of an account; returns once it is durable.
    ///
    /// # Errors
    /// What means nothing, or a journal that could not make it durable.
    pub async fn describe(
        &self,
        account: String,
        description: Description,
        speech: Speech,
    ) -> Granted<AccountView> {
        let line = self.line_of(&account);
        self.one(line, |reply| Command::Describe(account, Box::new(description), speech, reply))
            .await?
    }

    /// An account as it is now.
    ///
    /// # Errors
    /// An account that nobody knows.
    pub async fn account(&self, account: String, speech: Speech) -> Granted<AccountView> {
        let line = self.line_of(&account);
        self.one(line, |reply| Command::Account(account, speech, reply)).await?
    }

    /// Incidents, latest first.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn incidents(
        &self,
        filter: IncidentFilter,
        speech: Speech,
    ) -> Granted<Vec<IncidentView>> {
        let every = self.each(|reply| Command::Incidents(filter.clone(), speech, reply)).await?;
        let mut all: Vec<_> = every.into_iter().flatten().collect();
        all.sort_by(|a, b| (&b.opened_at, &b.id).cmp(&(&a.opened_at, &a.id)));
        all.truncate(filter.limit);
        Ok(all)
    }

    /// One incident.
    ///
    /// # Errors
    /// One that nobody knows.
    pub async fn incident(&self, id: String, speech: Speech) -> Granted<IncidentView> {
        let every = self.each(|reply| Command::Incident(id.clone(), speech, reply)).await?;
        every.into_iter().flatten().next().ok_or(Refusal::UnknownIncident(id))
    }

    /// The customer's answer; returns once it is durable.
    ///
    /// # Errors
    /// An incident that nobody knows, or a journal that could not make it durable.
    pub async fn answer(
        &self,
        id: String,
        answer: Answer,
        actor: Actor,
        speech: Speech,
    ) -> Granted<IncidentView> {
        let ask = |reply| Command::Answer(id.clone(), answer, actor.clone(), speech, reply);
        first_known(self.each(ask).await?, || Refusal::UnknownIncident(id.clone()))
    }

    /// Restrictions in force, of one account or of all, at most `limit`.
    ///
    /// # Errors
    /// Nobody answered in time.
    pub async fn orders(
        &self,
        account: Option<String>,
        limit: usize,
        speech: Speech,
    ) -> Granted<Vec<OrderView>> {
        let every = self.each(|reply| Command::Orders(account.clone(), limit, speech, reply));
        let mut all: Vec<_> = every.await?.into_iter().flatten().collect();
        all.truncate(limit);
        Ok(all)
    }

    /// Lifts a restriction; returns once that is durable.
    ///
    /// # Errors
    /// One that is not in force, or a journal that could not make it durable.
    pub async fn lift(&self, id: String, actor: Actor, speech: Speech) -> Granted<OrderView> {
        let ask = |reply| Command::Lift(id.clone(), actor.clone(), speech, reply);
        first_known(self.each(ask).await?, || Refusal::UnknownOrder(id.clone()))
    }

    /// Why a verdict was what it was, from the journal.
    ///
    /// # Errors
    /// One that is not on record.
    pub async fn explain(&self, which: WhichVerdict, speech: Speech) -> Granted<ExplainView> {
        super::explain::explain(self, which, speech).await
    }

    /// Somebody who sees numbers masked is going to see `what` whole; returns once that is on
    /// record.
    ///
    /// # Errors
    /// A journal that could not make it durable.
    pub async fn unmasking(&self, actor: Actor, what: String) -> Granted<()> {
        self.one(&self.inner.lines[0], |reply| Command::Unmasked(actor, what, reply)).await?
    }

    /// What stands for the numbers in a shard's records.
    ///
    /// # Errors
    /// A shard that there is not, or nobody answered in time.
    pub async fn dictionary(&self, shard: u16) -> Granted<Dictionary> {
        let line = self.inner.lines.get(usize::from(shard)).ok_or(Refusal::Busy)?;
        self.one(line, Command::Dictionary).await
    }

    /// The shard that owns an account, and the number that stands for it in that shard's records.
    ///
    /// # Errors
    /// An account that nobody knows, or nobody answered in time.
    pub async fn number_of(&self, account: &str) -> Granted<(u16, u32)> {
        let owner = super::shard::owner(account, self.inner.lines.len());
        let line = &self.inner.lines[owner];
        let number = self.one(line, |reply| Command::NumberOf(account.to_owned(), reply)).await?;
        let unknown = || Refusal::UnknownAccount(account.to_owned());
        number.map(|number| (owner as u16, number)).ok_or_else(unknown)
    }

    /// The name that stands behind an account's number in a shard's records.
    ///
    /// # Errors
    /// A shard that there is not, or nobody answered in time.
    pub async fn name_of(&self, shard: u16, account: u32) -> Granted<Option<String>> {
        let line = self.inner.lines.get(usize::from(shard)).ok_or(Refusal::Busy)?;
        self.one(line, |reply| Command::NameOf(account, reply)).await
    }

    /// What is known of numbers.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.inner.atlas.load_full()
    }

    /// The queues of the shards.
    pub fn lines(&self) -> &[Line] {
        &self.inner.lines
    }

    /// The journal, for readers.
    pub fn journal(&self) -> &Journal {
        &self.inner.journal
    }

    /// Verdicts, incidents and orders as they come about (orders once they are durable).
    pub fn events(&self) -> broadcast::Receiver<Arc<Published>> {
        self.inner.events.subscribe()
    }

    /// Counts and gauges.
    pub fn vitals(&self) -> &Arc<Vitals> {
        &self.inner.vitals
    }

    fn line_of(&self, account: &str) -> &Line {
        let lines = &self.inner.lines;
        &lines[super::shard::owner(account, lines.len())]
    }

    async fn one<T>(
        &self,
        line: &Line,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Granted<T> {
        let (reply, answer) = oneshot::channel();
        line.send(command(reply)).map_err(|_| Refusal::Busy)?;
        let answer = tokio::time::timeout(PATIENCE, answer).await.map_err(|_| Refusal::Busy)?;
        answer.map_err(|_| Refusal::Busy)
    }

    async fn each<T>(&self, command: impl Fn(oneshot::Sender<T>) -> Command) -> Granted<Vec<T>> {
        let mut answers = Vec::with_capacity(self.inner.lines.len());
        for line in &self.inner.lines {
            let (reply, answer) = oneshot::channel();
            line.send(command(reply)).map_err(|_| Refusal::Busy)?;
            answers.push(answer);
        }
        let mut every = Vec::with_capacity(answers.len());
        for answer in answers {
            let answer = tokio::time::timeout(PATIENCE, answer).await;
            every.push(answer.map_err(|_| Refusal::Busy)?.map_err(|_| Refusal::Busy)?);
        }
        Ok(every)
    }
}

/// The answer of the shard that knows it: the others say `None`.
fn first_known<T>(every: Vec<Option<Granted<T>>>, unknown: impl Fn() -> Refusal) -> Granted<T> {
    every.into_iter().flatten().next().unwrap_or_else(|| Err(unknown()))
}

/// What every shard did, as one.
fn merged(every: Vec<Granted<DestinationStopView>>) -> Granted<DestinationStopView> {
    let mut whole: Option<DestinationStopView> = None;
    for part in every {
        let part = part?;
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => {
                whole.accounts_hit += part.accounts_hit;
                whole.calls_ending += part.calls_ending;
            }
        }
    }
    whole.ok_or(Refusal::Busy)
}
