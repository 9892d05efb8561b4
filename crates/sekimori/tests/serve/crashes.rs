//! kill −9 in the middle of everything, again and again: what got its 200 is in force after each
//! start, with its first time; what was in flight is there whole or not at all; nothing else is.

mod model;
mod workers;

use crate::chance::Chance;
use crate::server::{Folder, Server};
use model::{Account, Answers, Places};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use workers::Work;

/// In CI; the night says more by `SEKIMORI_CRASHES`.
const CRASHES: usize = 10;
const WORKERS: usize = 3;
const ACCOUNTS_EACH: usize = 5;
/// A start with a short journal, on a busy machine and not optimised.
const READY_MAX: Duration = Duration::from_secs(40);

struct Everything {
    accounts: Vec<Vec<Account>>,
    places: Places,
    answers: Answers,
}

impl Everything {
    fn new() -> Everything {
        let account = |worker, n| Account::new(format!("a{worker}-{n}"));
        let accounts = (0..WORKERS)
            .map(|worker| (0..ACCOUNTS_EACH).map(|n| account(worker, n)).collect())
            .collect();
        Everything { accounts, places: Places::default(), answers: Answers::default() }
    }

    fn check(&mut self, server: &Server, round: usize) {
        let mut client = server.operator();
        for account in self.accounts.iter_mut().flatten() {
            account.check(&mut client, round);
        }
        self.places.check(&mut client);
        self.answers.check(&mut client);
    }

    /// Works until the server is killed after so many acknowledgements.
    fn work_and_crash(&mut self, server: Server, chance: &mut Chance, round: usize) {
        let n_acknowledged = 20 + chance.below(120);
        let (tell, told): (Sender<()>, Receiver<()>) = channel();
        std::thread::scope(|scope| {
            let work =
                |name: String, chance: Chance| Work::new(&server, name, chance, tell.clone());
            for (number, accounts) in self.accounts.iter_mut().enumerate() {
                let mut work = work(format!("r{round}w{number}"), chance.fork());
                scope.spawn(move || work.accounts(accounts));
            }
            let mut placing = work(format!("r{round}p"), chance.fork());
            let places = &mut self.places;
            scope.spawn(move || placing.places(places));
            let mut answering = work(format!("r{round}i"), chance.fork());
            let answers = &mut self.answers;
            scope.spawn(move || answering.answers(answers));
            drop(tell);
            for _ in 0..n_acknowledged {
                told.recv().expect("the server goes on until it is killed");
            }
            server.kill();
        });
    }
}

fn crash(folder: &Folder, n_crashes: usize) {
    let mut chance = Chance::new("crashes");
    let mut everything = Everything::new();
    for round in 0..n_crashes {
        let server = folder.start();
        assert!(server.ready_after < READY_MAX, "{:?}", server.ready_after);
        println!("round {round}: ready after {:?}", server.ready_after);
        everything.check(&server, round);
        everything.work_and_crash(server, &mut chance, round);
        folder.verify();
    }
    let server = folder.start();
    everything.check(&server, n_crashes);
    everything.must_have_seen_much();
    server.stop();
    folder.verify();
}

impl Everything {
    /// A test in which nothing was acknowledged would show nothing.
    fn must_have_seen_much(&self) {
        let all = self.accounts.iter().flatten();
        let n_acknowledged: usize = all.map(|account| account.n_acknowledged).sum();
        assert!(n_acknowledged > 50, "{n_acknowledged} acknowledged");
        assert!(self.places.n_acknowledged > 0 && self.answers.n() > 0);
    }
}

#[test]
fn what_was_acknowledged_survives_every_crash() {
    let n = std::env::var("SEKIMORI_CRASHES").ok().and_then(|text| text.parse().ok());
    crash(&Folder::new(), n.unwrap_or(CRASHES));
}

#[test]
fn two_shards_keep_what_was_acknowledged_as_well() {
    // Enough rounds that each kind of act is acknowledged in one of them.
    crash(&Folder::with_shards(2), 6);
}
