//! Server-sent events: verdicts, incidents, orders and exposure as they come about. A listener
//! that lags is told how many it lost; one that hears nothing is sent a comment, so that proxies
//! and browsers know that the line is up. Customers hear of their own accounts alone.

use super::Door;
use super::accept::{self, Busy};
use super::entrance::Visitor;
use super::keys::{Holder, Right};
use super::problem::{Answered, Problem};
use super::query::Query;
use crate::serve::published::{Published, Topic};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_stream::Stream;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// Listeners at once.
pub(super) const LISTENERS_MAX: usize = 128;
/// How long a listener hears nothing before it is sent a comment.
const SILENCE_MAX: Duration = Duration::from_secs(15);
const TOPICS: [Topic; 4] = [Topic::Verdict, Topic::Incident, Topic::Order, Topic::Exposure];

/// Verdicts, incidents, orders and exposure as they come about, as `text/event-stream`. Events are
/// named after their topic; `lost` says how many a slow listener has missed. Numbers are masked.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(
        ("account" = Option<String>, Query, description = "of this account alone"),
        ("topics" = Option<String>, Query,
            description = "only these, with commas: `verdict`, `incident`, `order`, `exposure`")),
    responses((status = 200, description = "The stream", content_type = "text/event-stream")))]
pub(super) async fn listen(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&["account", "topics"])?;
    let wanted = Wanted::read(&visitor, &query)?;
    let permit = Arc::clone(&door.listeners).try_acquire_owned().map_err(|_| too_many())?;
    let mut shutdown = door.shutdown.clone();
    let stream = Told {
        events: BroadcastStream::new(door.guard.events()),
        wanted,
        silence: silence(),
        ending: Box::pin(async move { accept::ended(&mut shutdown).await }),
        _kept: (permit, visitor.stay()),
    };
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies of the nginx kind hold a stream back unless they are told not to.
    let no_holding_back = HeaderName::from_static("x-accel-buffering");
    headers.insert(no_holding_back, HeaderValue::from_static("no"));
    Ok(response)
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too_many_listeners",
        format!("{LISTENERS_MAX} listeners are connected"),
        "close one, or ask again later",
    )
    .after(10)
}

fn silence() -> Interval {
    let mut silence = interval_at(Instant::now() + SILENCE_MAX, SILENCE_MAX);
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    silence
}

/// What one listener wants to hear and may.
struct Wanted {
    holder: Holder,
    account: Option<String>,
    /// None is all.
    topics: Vec<Topic>,
}

impl Wanted {
    fn read(visitor: &Visitor, query: &Query) -> Result<Wanted, Problem> {
        let account = query.text("account").map(str::to_owned);
        if let Some(account) = &account {
            visitor.holder.must_have(account)?;
        }
        let mut topics = Vec::new();
        for word in query.text("topics").into_iter().flat_map(|words| words.split(',')) {
            let topic = TOPICS.into_iter().find(|topic| topic.as_str() == word.trim());
            topics.push(topic.ok_or_else(|| {
                let known = TOPICS.map(Topic::as_str).join(", ");
                Problem::meaningless("there is no such topic", format!("these are: {known}"))
            })?);
        }
        topics.truncate(TOPICS.len());
        Ok(Wanted { holder: visitor.holder.clone(), account, topics })
    }

    fn includes(&self, event: &Published) -> bool {
        let is_wanted = self.account.is_none() || self.account == event.account;
        // What is nobody's own (a destination stopped for everyone) is not for a bound token.
        let is_theirs = match &event.account {
            Some(account) => self.holder.has(account),
            None => self.holder.accounts().is_none(),
        };
        is_wanted && is_theirs && (self.topics.is_empty() || self.topics.contains(&event.topic))
    }
}

/// The stream of one listener.
struct Told {
    events: BroadcastStream<Arc<Published>>,
    wanted: Wanted,
    silence: Interval,
    ending: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Given back when the listener goes.
    _kept: (OwnedSemaphorePermit, Busy),
}

impl Stream for Told {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ending.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        while let Poll::Ready(next) = Pin::new(&mut self.events).poll_next(cx) {
            let told = match next {
                None => return Poll::Ready(None),
                Some(Err(BroadcastStreamRecvError::Lagged(n))) => lost(n),
                Some(Ok(event)) if self.wanted.includes(&event) => written(&event),
                Some(Ok(_)) => continue,
            };
            self.silence.reset();
            return Poll::Ready(Some(Ok(told)));
        }
        match self.silence.poll_tick(cx) {
            Poll::Ready(_) => Poll::Ready(Some(Ok(Bytes::from_static(b": still here\n\n")))),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// An event's JSON is on one line: serde_json writes it so.
fn written(event: &Published) -> Bytes {
    let mut text = String::with_capacity(event.json.len() + 32);
    text.push_str("event: ");
    text.push_str(event.topic.as_str());
    for line in event.json.lines() {
        text.push_str("\ndata: ");
        text.push_str(line);
    }
    text.push_str("\n\n");
    text.into()
}

fn lost(n: u64) -> Bytes {
    format!("event: lost\ndata: {{\"lost\":{n}}}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::settled::{Role, TokenSetting};

    #[test]
    fn a_customer_hears_their_own_accounts_alone() {
        let token = TokenSetting {
            name: "t".into(),
            hash: [0; 32],
            role: Role::Customer,
            accounts: vec!["a".into()],
            trunks: Vec::new(),
        };
        let customer = Holder::Token(Arc::new(token));
        let wanted = Wanted { holder: customer, account: None, topics: vec![Topic::Order] };
        let event = |account: Option<&str>, topic| {
            let account = account.map(str::to_owned);
            Published { topic, account, json: "{}".into() }
        };
        assert!(wanted.includes(&event(Some("a"), Topic::Order)));
        assert!(!wanted.includes(&event(Some("b"), Topic::Order)));
        assert!(!wanted.includes(&event(None, Topic::Order)));
        assert!(!wanted.includes(&event(Some("a"), Topic::Verdict)));
    }

    #[test]
    fn an_event_is_written_as_the_stream_has_it() {
        let event = Published {
            topic: Topic::Incident,
            account: None,
            json: "{\"a\":1}\n{\"b\":2}".into(),
        };
        assert_eq!(written(&event), "event: incident\ndata: {\"a\":1}\ndata: {\"b\":2}\n\n");
    }
}
