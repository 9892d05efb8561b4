//! The process: opens the journal, folds it, opens the doors, says that it is ready, and stops as
//! it began, in order. Who does what meanwhile is the shards' and the doors'.

use super::doors;
use super::fail_mode::FailBook;
use super::guard::{Guard, Parts};
use super::pins::Pins;
use super::published::{self, Published, Topic};
use super::settled::{HttpSettings, Settled};
use super::shard::command::{self, Bell, Command, Line, Reloaded};
use super::shard::{Manner, Manners, Ports, Shard, Shared, Turning, clock, micros, snapshots};
use super::vitals::Vitals;
use super::{log, notify, reload, state, tls};
use crate::failure::{Advice, Failure};
use arc_swap::ArcSwap;
use crossbeam_channel::Receiver;
use sekimori_atlas::Atlas;
use sekimori_atlas::time::Span;
use sekimori_engine::Engine;
use sekimori_journal::{
    Batch, Durable, Journal, Kind, LastStop, OpenError, Options, RetainError, Retention, Singles,
};
use sekimori_switches::sip::Key;
use sekimori_switches::transport::udp::UdpPort;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, oneshot, watch};

/// Threads of the runtime that serves HTTP, FastAGI and SIP over TCP.
const RUNTIME_THREADS: usize = 2;
/// Ports that are tried where the system chooses.
const PORTS_TRIED: u32 = 16;
/// A shard that does not close within so long is left.
const CLOSING_MAX: Duration = Duration::from_secs(10);
/// How often the journal's state is looked at.
const HEALTH: Duration = Duration::from_millis(500);
/// How often the journal is asked whether old records can go.
const RETENTION: Duration = Duration::from_secs(3_600);
/// How long after a start that is asked for the first time.
const FIRST_RETENTION: Duration = Duration::from_secs(60);

/// Everything that runs.
struct Running {
    guard: Guard,
    journal: Journal,
    threads: Vec<JoinHandle<()>>,
    atlas: Arc<ArcSwap<Atlas>>,
    fail_book: Arc<FailBook>,
    manners: Arc<ArcSwap<Manners>>,
    key: Key,
}

/// The listeners, bound before anything slow is done: an address in use is told at once.
struct Listeners {
    udp: Vec<UdpPort>,
    sip: TcpListener,
    sip_tls: Option<TcpListener>,
    http: TcpListener,
    agi: TcpListener,
}

/// Serves until it is told to stop. `read` reads the settings again.
///
/// # Errors
/// Whatever keeps it from serving, sorted by who must act.
pub fn run(settled: Settled, read: impl Fn() -> Result<Settled, Failure>) -> Result<(), Failure> {
    log::start(&settled.log)?;
    log::lines::starting(&settled);
    state::prepare(&settled.state)?;
    let operator = state::operator_token(&settled.state).map_err(|error| token_failure(&error))?;
    log::lines::operator_token(&operator);
    let listeners = listen(&settled)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .thread_name("sekimori-doors")
        .enable_all()
        .build()
        .map_err(|error| our_failure("the runtime cannot be started", &error))?;
    let fixed = settled.fixed();
    let furniture = Furniture {
        operator,
        http: settled.http.clone(),
        agi: settled.agi.clone(),
        sip_tls: settled.sip.tls.clone(),
        retain_days: settled.retain_days,
        currency: settled.setup.currency,
        state: settled.state.clone(),
    };
    let (running, listeners) = begin(settled, listeners)?;
    let ended = runtime.block_on(serve(running, listeners, furniture, &fixed, read));
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended
}

/// What the doors need besides the guard.
struct Furniture {
    operator: state::OperatorToken,
    http: HttpSettings,
    agi: super::settled::AgiSettings,
    sip_tls: Option<(SocketAddr, super::settled::TlsFiles)>,
    retain_days: u32,
    currency: crate::report::words::Currency,
    state: std::path::PathBuf,
}

fn listen(settled: &Settled) -> Result<Listeners, Failure> {
    let tcp = |what: &str, address: SocketAddr| {
        TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| address_failure(what, address, &error))
    };
    let (udp, sip) = listen_sip(settled)?;
    Ok(Listeners {
        sip,
        sip_tls: match &settled.sip.tls {
            Some((address, _)) => Some(tcp("sip", *address)?),
            None => None,
        },
        http: tcp("http", settled.http.listen)?,
        agi: tcp("agi", settled.agi.listen)?,
        udp,
    })
}

/// UDP and TCP on one port. Where that was left to the system, TCP may find the one that UDP got
/// taken: then both are tried again.
fn listen_sip(settled: &Settled) -> Result<(Vec<UdpPort>, TcpListener), Failure> {
    let address = settled.sip.listen;
    let mut n_left = if address.port() == 0 { PORTS_TRIED } else { 1 };
    loop {
        n_left -= 1;
        let udp = UdpPort::bind(address, settled.shards)
            .map_err(|error| address_failure("sip", address, &error))?;
        let both = udp[0].local_addr();
        match TcpListener::bind(both) {
            Ok(tcp) => {
                tcp.set_nonblocking(true).map_err(|error| address_failure("sip", both, &error))?;
                return Ok((udp, tcp));
            }
            Err(_) if n_left > 0 => {}
            Err(error) => return Err(address_failure("sip", both, &error)),
        }
    }
}

/// Opens and folds the journal, and starts the shards.
fn begin(settled: Settled, listeners: Listeners) -> Result<(Running, Listeners), Failure> {
    let begun = Instant::now();
    let (events, _) = broadcast::channel(published::WAITING_MAX);
    let told = events.clone();
    let options = Options {
        on_commit: Some(Box::new(move |durable| publish(&told, durable))),
        ..Options::default()
    };
    let (journal, opened) =
        Journal::open(&settled.state, options).map_err(|error| journal_failure(&error))?;
    check_shards(&journal, settled.shards)?;
    let vitals = Arc::new(Vitals::default());
    let manner = manner(&settled);
    let engine = settled.setup.engine.clone();
    let atlas = Arc::new(settled.setup.atlas);
    let fail_book = Arc::new(FailBook::new(atlas.clone(), vitals.clone()));
    let shared = Shared {
        atlas: atlas.clone(),
        journal: journal.clone(),
        vitals: vitals.clone(),
        fail_book: fail_book.clone(),
        events: events.clone(),
    };
    let key = Key(random()?);
    let manners =
        Arc::new(ArcSwap::from_pointee(Manners { switches: settled.sip.switches.clone(), key }));
    let mut lines = Vec::new();
    let mut ends = Vec::new();
    for _ in 0..settled.shards {
        let (line, commands, bell) =
            command::line().map_err(|error| our_failure("no event descriptor", &error))?;
        lines.push(line);
        ends.push((commands, bell));
    }
    let mut listeners = listeners;
    let udp = std::mem::take(&mut listeners.udp);
    let shards = fold(settled.shards, &engine, &shared, &manner, opened.last_stop)?;
    let started = Started { version: env!("CARGO_PKG_VERSION"), shards: settled.shards };
    record_start(&journal, &started);
    let parts = shards.into_iter().zip(ends).zip(udp);
    let threads = parts
        .map(|((shard, end), port)| turn(shard, end, port, &manners, &lines))
        .collect::<Result<Vec<_>, Failure>>()?;
    tracing::info!(
        accounts = vitals.accounts.get(),
        last_stop = ?opened.last_stop,
        took_ms = begun.elapsed().as_millis() as u64,
        "the journal is read"
    );
    let atlas = Arc::new(ArcSwap::new(atlas));
    let guard = Guard::new(Parts {
        lines,
        fail_book: fail_book.clone(),
        journal: journal.clone(),
        events,
        vitals,
        atlas: atlas.clone(),
        budget: settled.budget,
    });
    let running = Running { guard, journal, threads, atlas, fail_book, manners, key };
    Ok((running, listeners))
}

/// Each shard folds its part of the journal on a thread of its own; from then on it records.
///
/// # Errors
/// A journal that cannot be read, or settings that name what does not exist.
pub fn fold(
    n_shards: usize,
    engine: &sekimori_engine::settings::Settings,
    shared: &Shared,
    manner: &Manner,
    last_stop: LastStop,
) -> Result<Vec<Shard>, Failure> {
    std::thread::scope(|scope| {
        let folding: Vec<_> = (0..n_shards)
            .map(|index| {
                let (shared, manner, engine) = (shared.clone(), manner.clone(), engine.clone());
                scope.spawn(move || fold_one(index, n_shards, engine, shared, manner, last_stop))
            })
            .collect();
        folding.into_iter().map(|thread| thread.join().expect("folding does not panic")).collect()
    })
}

fn fold_one(
    index: usize,
    n_shards: usize,
    engine: sekimori_engine::settings::Settings,
    shared: Shared,
    manner: Manner,
    last_stop: LastStop,
) -> Result<Shard, Failure> {
    let engine = Engine::new(engine).map_err(|error| {
        Failure::Settings(Advice::new(error.to_string(), "put the setting right"))
    })?;
    let mut reader = shared.journal.reader().map_err(|error| journal_failure(&error))?;
    let mut shard = Shard::new(index as u16, n_shards, engine, shared, manner);
    let folded = shard
        .fold(&mut reader, last_stop, |seq| tracing::info!(seq, "reading the journal"))
        .map_err(|error| {
            let todo = "keep a copy of the state directory and run `sekimori journal verify`";
            Failure::State(Advice::new(error.to_string(), todo))
        })?;
    tracing::debug!(index, ?folded, "a shard is folded");
    shard.advance(clock());
    shard.begin();
    Ok(shard)
}

fn turn(
    shard: Shard,
    (commands, bell): (Receiver<Command>, Arc<Bell>),
    port: UdpPort,
    manners: &Arc<ArcSwap<Manners>>,
    lines: &[Line],
) -> Result<JoinHandle<()>, Failure> {
    let ports = Ports { udp: Some(port), manners: manners.clone() };
    let turning = Turning::new(shard, ports, commands, bell, lines.to_vec());
    std::thread::Builder::new()
        .name("sekimori-shard".to_owned())
        .spawn(move || turning.run())
        .map_err(|error| our_failure("a thread cannot be started", &error))
}

async fn serve(
    running: Running,
    listeners: Listeners,
    furniture: Furniture,
    fixed: &super::settled::Fixed,
    read: impl Fn() -> Result<Settled, Failure>,
) -> Result<(), Failure> {
    let (stop, shutdown) = watch::channel(false);
    let ready = ready_line(&listeners, &furniture);
    let (http_settings, http_seen) = watch::channel(Arc::new(furniture.http.clone()));
    let doors = open_doors(&running, listeners, &furniture, http_seen, &shutdown)?;
    let failed = |error| our_failure("signals cannot be awaited", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    let mut health = tokio::time::interval(HEALTH);
    let mut told = "good";
    // Not at once: it reads every snapshot, and the first minute is for switches.
    let begin = tokio::time::Instant::now() + FIRST_RETENTION;
    let mut retention = tokio::time::interval_at(begin, RETENTION);
    // Whoever started us may have closed the pipe.
    let _ = writeln!(std::io::stdout(), "{ready}").and_then(|()| std::io::stdout().flush());
    log::lines::ready(&ready);
    notify::ready("guarding");
    let watchdog = tokio::spawn(notify::keep_alive(running.guard.vitals().clone()));
    loop {
        tokio::select! {
            _ = terminate.recv() => break log::lines::stopping("SIGTERM"),
            _ = interrupt.recv() => break log::lines::stopping("SIGINT"),
            _ = health.tick() => {
                let state = running.journal.state();
                if state.word() != told {
                    told = state.word();
                    log::lines::journal(told, state.hint());
                }
            }
            _ = hang_up.recv() => {
                if let Some(settled) = reload::read_again(fixed, &read) {
                    take_over(&running, settled, &http_settings).await;
                }
                notify::ready("guarding");
            }
            _ = retention.tick() => {
                let n_shards = running.guard.lines().len();
                retain(&running.journal, furniture.retain_days, n_shards);
            },
        }
    }
    notify::stopping();
    watchdog.abort();
    let _ = stop.send(true);
    for door in doors {
        // A door that hangs must not keep the journal open.
        let _ = tokio::time::timeout(Duration::from_secs(3), door).await;
    }
    close(running).await?;
    log::lines::stopped(&furniture.state);
    Ok(())
}

fn ready_line(listeners: &Listeners, furniture: &Furniture) -> String {
    let address = |listener: &TcpListener| {
        listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string())
    };
    format!(
        "sekimori: ready sip={} http={} agi={} state={}",
        address(&listeners.sip),
        address(&listeners.http),
        address(&listeners.agi),
        furniture.state.display()
    )
}

type DoorTask = tokio::task::JoinHandle<()>;

fn open_doors(
    running: &Running,
    listeners: Listeners,
    furniture: &Furniture,
    http: watch::Receiver<Arc<HttpSettings>>,
    shutdown: &watch::Receiver<bool>,
) -> Result<Vec<DoorTask>, Failure> {
    let guard = &running.guard;
    let pins = Arc::new(Pins::new());
    let into_tokio = |listener: TcpListener| {
        tokio::net::TcpListener::from_std(listener)
            .map_err(|error| our_failure("a listener cannot be used", &error))
    };
    let sip_tls = match (listeners.sip_tls, &furniture.sip_tls) {
        (Some(listener), Some((_, files))) => {
            let certificate = tls::Certificate::load(files.clone())
                .map_err(|error| our_failure("the certificate of the SIP door", &error))?;
            Some((into_tokio(listener)?, certificate.server_config(&[])))
        }
        _ => None,
    };
    let sip = doors::sip_stream::serve(
        guard.clone(),
        running.manners.clone(),
        into_tokio(listeners.sip)?,
        sip_tls,
        shutdown.clone(),
    );
    let agi = doors::agi::serve(
        guard.clone(),
        pins.clone(),
        Arc::new(furniture.agi.clone()),
        into_tokio(listeners.agi)?,
        shutdown.clone(),
    );
    let furnishing = doors::http::Furnishing {
        settings: http,
        operator: furniture.operator.hash,
        token_file: furniture.operator.path.clone(),
        currency: furniture.currency,
        limits: doors::http::accept::Limits::default(),
        pins,
    };
    let http = doors::http::serve(guard.clone(), furnishing, listeners.http, shutdown.clone());
    let http = async move {
        if let Err(error) = http.await {
            tracing::error!(%error, "the HTTP door is shut");
        }
    };
    Ok(vec![tokio::spawn(sip), tokio::spawn(agi), tokio::spawn(http)])
}

/// New settings go to the shards and the doors; no counter and no call is lost.
async fn take_over(running: &Running, settled: Settled, http: &watch::Sender<Arc<HttpSettings>>) {
    log::lines::reloaded(&settled);
    let manner = manner(&settled);
    let atlas = Arc::new(settled.setup.atlas);
    for line in running.guard.lines() {
        let (reply, done) = oneshot::channel();
        let reloaded = Reloaded {
            engine: settled.setup.engine.clone(),
            atlas: atlas.clone(),
            manner: manner.clone(),
        };
        if line.send(Command::Reload(Box::new(reloaded), reply)).is_ok() {
            let _ = done.await;
        }
    }
    running.fail_book.read_by(atlas.clone());
    running.atlas.store(atlas);
    let switches = settled.sip.switches;
    running.manners.store(Arc::new(Manners { switches, key: running.key }));
    let _ = http.send(Arc::new(settled.http));
}

/// What is set of shards besides the engine's settings.
pub fn manner(settled: &Settled) -> Manner {
    Manner {
        calendar_of: settled.setup.calendar_of.clone(),
        calendars: settled.setup.calendars_by_name.clone(),
        about: Arc::new(settled.accounts.clone()),
        currency: settled.setup.currency,
        ring_max: Span(i64::try_from(settled.ring_max.as_nanos()).unwrap_or(i64::MAX)),
    }
}

async fn close(running: Running) -> Result<(), Failure> {
    let Running { guard, journal, threads, .. } = running;
    for line in guard.lines() {
        let (reply, done) = oneshot::channel();
        if line.send(Command::Close(reply)).is_ok() {
            let _ = tokio::time::timeout(CLOSING_MAX, done).await;
        }
    }
    for thread in threads {
        if thread.is_finished() || thread.join().is_err() {
            tracing::debug!("a shard has ended");
        }
    }
    let closed = tokio::task::spawn_blocking(move || journal.close(micros(clock()))).await;
    match closed {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(why)) => {
            let todo = "free the disk and start again: what was acknowledged is durable";
            Err(Failure::State(Advice::new(format!("the journal was not closed: {why}"), todo)))
        }
        Err(error) => Err(our_failure("the journal's thread ended", &error)),
    }
}

fn retain(journal: &Journal, days: u32, n_shards: usize) {
    let journal = journal.clone();
    let at_us = micros(clock());
    let before_us = at_us - i64::from(days) * 86_400_000_000;
    tokio::task::spawn_blocking(move || {
        if let Err(error) = remove_before(&journal, before_us, at_us, n_shards) {
            tracing::warn!(%error, "old records could not be removed");
        }
    });
}

fn remove_before(
    journal: &Journal,
    before_us: i64,
    at_us: i64,
    n_shards: usize,
) -> Result<(), RetainError> {
    let reader = journal.reader()?;
    let Some((needed_after_seq, state)) = snapshots::needed(&reader, n_shards)? else {
        return Ok(());
    };
    let retention = Retention { before_us, needed_after_seq, state, at_us };
    let removed = journal.retain(&retention)?;
    if removed.n_rows > 0 {
        tracing::info!(rows = removed.n_rows, up_to = removed.up_to_seq, "old records are gone");
    }
    Ok(())
}

/// Orders and incidents go out to listeners once they are durable.
fn publish(events: &broadcast::Sender<Arc<Published>>, durable: &[Durable<'_>]) {
    if events.receiver_count() == 0 {
        return;
    }
    for record in durable {
        let topic = match record.kind {
            Kind::Order | Kind::Lift => Topic::Order,
            Kind::IncidentOpened | Kind::IncidentReleased | Kind::Answer => Topic::Incident,
            _ => continue,
        };
        let Ok(json) = std::str::from_utf8(record.body) else { continue };
        let account = (!record.account.is_empty()).then(|| record.account.to_owned());
        let event = Published { topic, account, json: json.to_owned() };
        // Nobody may be listening any more.
        let _ = events.send(Arc::new(event));
    }
}

#[derive(serde::Serialize)]
struct Started {
    version: &'static str,
    shards: usize,
}

/// Accounts belong to shards by their number: a state of another number cannot be folded.
fn check_shards(journal: &Journal, n_shards: usize) -> Result<(), Failure> {
    let mut reader = journal.reader().map_err(|error| journal_failure(&error))?;
    let wanted = Singles { kind: Some(Kind::Started), limit: 1, ..Singles::default() };
    let last = reader.singles(&wanted).ok().and_then(|records| records.into_iter().next());
    let before = last.and_then(|record| serde_json::from_slice::<Before>(&record.body).ok());
    match before {
        Some(Before { shards }) if shards != n_shards => {
            let what =
                format!("the state was made by {shards} shards, and {n_shards} are asked for");
            let todo =
                format!("start with --shards {shards}, or with a state directory of its own");
            Err(Failure::State(Advice::new(what, todo)))
        }
        _ => Ok(()),
    }
}

/// What the last start said of itself.
#[derive(serde::Deserialize)]
struct Before {
    shards: usize,
}

fn record_start(journal: &Journal, started: &Started) {
    let mut batch = Batch::new(0);
    let json = serde_json::to_vec(started).expect("memory takes all");
    if batch.push_single(micros(clock()), Kind::Started, "", &json, None).is_ok() {
        // The queue is empty at the start.
        let _ = journal.submit(batch);
    }
}

fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(our_failure("the system gives no random numbers", &error)),
    }
}

fn address_failure(what: &str, address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::cannot_listen(what, address, error)
}

fn journal_failure(error: &OpenError) -> Failure {
    let text = error.to_string();
    let (what, todo) = text.rsplit_once("; ").unwrap_or((&text, "look at the state directory"));
    Failure::State(Advice::new(what, todo))
}

fn token_failure(error: &std::io::Error) -> Failure {
    Failure::State(Advice::new(
        format!("the operator's token: {error}"),
        "make the state directory readable and writable for the user that runs the server",
    ))
}

fn our_failure(what: &str, error: &dyn std::error::Error) -> Failure {
    Failure::State(Advice::new(format!("{what}: {error}"), "look at the machine's limits and log"))
}
