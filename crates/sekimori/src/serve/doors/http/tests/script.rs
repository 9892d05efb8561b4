//! A server on loopback whose shard answers by a script and writes down what it was asked.

use super::super::accept::Limits;
use super::super::{Furnishing, serve};
use super::client::{Asking, ask};
use super::played::play;
use crate::config::{Overrides, load};
use crate::report::words::Currency;
use crate::serve::fail_mode::FailBook;
use crate::serve::guard::{Guard, Parts};
use crate::serve::published::Published;
use crate::serve::settled::{HttpSettings, Proxy, Role, TokenSetting};
use crate::serve::shard::command;
use crate::serve::token::hash;
use crate::serve::vitals::Vitals;
use arc_swap::ArcSwap;
use sekimori_atlas::Atlas;
use sekimori_journal::{Journal, Options};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, watch};

/// The operator's token.
pub(super) const OPERATOR: &str = "operator-token";
/// Tokens of the other roles; the bound ones are bound to the account `alpha`.
pub(super) const SWITCH: &str = "switch-token";
pub(super) const BOUND_SWITCH: &str = "bound-switch-token";
pub(super) const CUSTOMER: &str = "customer-token";
pub(super) const AUDITOR: &str = "auditor-token";

static ATLAS: LazyLock<Arc<Atlas>> = LazyLock::new(|| {
    Arc::new(load(None, &Overrides::default()).expect("the defaults are sound").atlas)
});

/// A running server.
pub(super) struct Scripted {
    pub(super) at: SocketAddr,
    pub(super) settings: watch::Sender<Arc<HttpSettings>>,
    pub(super) events: broadcast::Sender<Arc<Published>>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) journal: Journal,
    asked: Arc<Mutex<Vec<String>>>,
    shutdown: watch::Sender<bool>,
    serving: Option<tokio::task::JoinHandle<()>>,
    runtime: Option<Runtime>,
    shard: Option<JoinHandle<()>>,
    guard: Option<Guard>,
    _state: tempfile::TempDir,
}

pub(super) fn settings() -> HttpSettings {
    let token = |name: &str, text: &str, role, bound: &[&str]| TokenSetting {
        name: name.to_owned(),
        hash: hash(text),
        role,
        accounts: bound.iter().map(|account| (*account).to_owned()).collect(),
        trunks: Vec::new(),
    };
    let mut bound = token("pbx", BOUND_SWITCH, Role::Switch, &["alpha"]);
    bound.trunks = vec!["t1".to_owned()];
    HttpSettings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: None,
        behind_proxy: Proxy::Absent,
        hosts: vec!["guard.example".to_owned()],
        tokens: vec![
            token("sbc", SWITCH, Role::Switch, &[]),
            bound,
            token("alpha's", CUSTOMER, Role::Customer, &["alpha"]),
            token("audit", AUDITOR, Role::Auditor, &[]),
        ],
        requests_per_second: 1_000,
        body_max: 16 * 1_024,
    }
}

impl Scripted {
    pub(super) fn new() -> Scripted {
        Scripted::with(settings(), Limits::default())
    }

    pub(super) fn with(settings: HttpSettings, limits: Limits) -> Scripted {
        let state = tempfile::tempdir().expect("a temporary directory");
        let (journal, _) = Journal::open(state.path(), Options::default()).expect("a new journal");
        let (line, commands, bell) = command::line().expect("an event descriptor");
        let (events, _) = broadcast::channel(8);
        let vitals = Arc::new(Vitals::default());
        vitals.turned(0, u64::MAX);
        let fail_book = Arc::new(FailBook::new(ATLAS.clone(), vitals.clone()));
        let guard = Guard::new(Parts {
            lines: vec![line],
            fail_book,
            journal: journal.clone(),
            events: events.clone(),
            vitals: vitals.clone(),
            atlas: Arc::new(ArcSwap::new(ATLAS.clone())),
            budget: Duration::from_secs(20),
        });
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        let shard = std::thread::spawn(move || {
            let _bell = bell;
            while let Ok(command) = commands.recv() {
                play(command, |told| lock(&heard).push(told));
            }
        });
        let listener = TcpListener::bind(settings.listen).expect("a free port");
        let at = listener.local_addr().expect("it is bound");
        let (settings, settings_seen) = watch::channel(Arc::new(settings));
        let (shutdown, ending) = watch::channel(false);
        let furnishing = Furnishing {
            pins: Arc::new(crate::serve::pins::Pins::new()),
            settings: settings_seen,
            operator: hash(OPERATOR),
            token_file: "STATE/operator.token".into(),
            currency: Currency::JPY,
            limits,
        };
        let runtime = Runtime::new().expect("a runtime");
        let served = serve(guard.clone(), furnishing, listener, ending);
        let serving = runtime.spawn(async move { served.await.expect("it serves") });
        let (serving, runtime) = (Some(serving), Some(runtime));
        let (shard, guard, _state) = (Some(shard), Some(guard), state);
        Scripted {
            at,
            settings,
            events,
            vitals,
            journal,
            asked,
            shutdown,
            serving,
            runtime,
            shard,
            guard,
            _state,
        }
    }

    pub(super) fn ask(&self, method: &str, target: &str) -> Asking {
        ask(self.at, method, target)
    }

    /// What the shard was asked since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.asked))
    }

    /// Says that the server is to end, and waits until it has.
    pub(super) fn end(&mut self) {
        self.shutdown.send_replace(true);
        if let (Some(runtime), Some(serving)) = (&self.runtime, self.serving.take()) {
            runtime.block_on(serving).expect("it did not panic");
        }
    }
}

fn lock(asked: &Mutex<Vec<String>>) -> std::sync::MutexGuard<'_, Vec<String>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.shutdown.send_replace(true);
        drop((self.runtime.take(), self.guard.take()));
        if let Some(shard) = self.shard.take() {
            let ended = shard.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the script does not panic");
        }
    }
}
