//! Customers, operators and switches that work until the server is gone.

use super::model::{ABROAD, Account, Answers, Places, Scope, State, Stop, has_reason, text};
use crate::chance::Chance;
use crate::server::Server;
use crate::thief;
use crate::wire::{Client, Invite, Reply, ask_udp, udp};
use serde_json::{Value, json};
use std::io;
use std::net::UdpSocket;
use std::sync::mpsc::Sender;

const PLACES: [&str; 4] = ["KI", "TV", "+8816", "+23954"];

/// One of them.
pub struct Work {
    client: Client,
    socket: UdpSocket,
    name: String,
    chance: Chance,
    tell: Sender<()>,
    n: usize,
}

impl Work {
    pub fn new(server: &Server, name: String, chance: Chance, tell: Sender<()>) -> Work {
        let (client, socket) = (server.operator(), udp(server.sip));
        // An answer that is not there by then will never come: the server is gone.
        let patience = std::time::Duration::from_secs(2);
        socket.set_read_timeout(Some(patience)).expect("a socket's option");
        Work { client, socket, name, chance, tell, n: 0 }
    }

    fn acknowledged(&self) {
        // Nobody counts any more once the server is to be killed.
        let _ = self.tell.send(());
    }

    fn next_id(&mut self) -> String {
        self.n += 1;
        format!("{}-{}", self.name, self.n)
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> io::Result<Reply> {
        let reply = self.client.send(method, path, Some(body))?;
        assert!(matches!(reply.status, 200 | 202), "{method} {path}: {reply:?}");
        Ok(reply)
    }

    pub fn accounts(&mut self, accounts: &mut [Account]) {
        loop {
            let place = self.chance.below(accounts.len());
            if self.one(&mut accounts[place]).is_err() {
                return;
            }
        }
    }

    fn one(&mut self, account: &mut Account) -> io::Result<()> {
        match self.chance.below(10) {
            0..=2 => self.stop(account),
            3 if account.sure.stop.is_some() => self.open(account),
            4 => self.describe(account),
            5 | 6 => self.call(account),
            _ => self.invite(account),
        }
    }

    fn stop(&mut self, account: &mut Account) -> io::Result<()> {
        let scope = [Scope::International, Scope::SomeCountries][self.chance.below(2)];
        let state = account.sure.stopped(scope);
        account.in_flight = Some(state.clone());
        let body = json!({"by": "the customer", "note": "n", "scope": scope.json()});
        let path = format!("/v1/accounts/{}/stop", account.name);
        let view = self.send("PUT", &path, &body)?.json();
        let requested_at = text(&view["requested_at"]);
        if let Some(before) = &account.sure.stop {
            assert_eq!(before.requested_at, requested_at, "a repeat keeps the first time");
        }
        let scope = state.stop.expect("it is stopped").scope;
        let stop = Some(Stop { scope, requested_at });
        self.done(account, State { stop, ..account.sure.clone() });
        Ok(())
    }

    fn open(&mut self, account: &mut Account) -> io::Result<()> {
        let state = State { stop: None, ..account.sure.clone() };
        account.in_flight = Some(state.clone());
        let path = format!("/v1/accounts/{}/stop/open", account.name);
        self.send("POST", &path, &json!({"by": "the customer"}))?;
        self.done(account, state);
        Ok(())
    }

    fn describe(&mut self, account: &mut Account) -> io::Result<()> {
        let envelope = format!("{}.000", 10_000 + self.chance.below(50_000));
        let mut body = json!({"envelope": envelope, "trusted_countries": ["US", "GB"]});
        let sets_pin = self.chance.below(4) == 0;
        if sets_pin {
            body["pin"] = json!("471100");
        }
        let pin_is_set = account.sure.pin_is_set || sets_pin;
        let state = State { envelope: Some(envelope), pin_is_set, ..account.sure.clone() };
        account.in_flight = Some(state.clone());
        self.send("PUT", &format!("/v1/accounts/{}", account.name), &body)?;
        self.done(account, state);
        Ok(())
    }

    fn done(&self, account: &mut Account, state: State) {
        account.sure = state;
        account.in_flight = None;
        account.n_acknowledged += 1;
        self.acknowledged();
    }

    fn call(&mut self, account: &Account) -> io::Result<()> {
        let id = self.next_id();
        let dialled = [ABROAD, "0101212555017", "0312345678"][self.chance.below(3)];
        let body = json!({"call_id": id, "account": account.name, "dialled": dialled});
        let verdict = self.send("POST", "/v1/calls", &body)?.json();
        let is_stopped = account.sure.stop.is_some() && dialled == ABROAD;
        if is_stopped || dialled == ABROAD {
            assert_eq!(has_reason(&verdict, "stop"), is_stopped, "{}: {verdict}", account.name);
        }
        if verdict["verdict"] == "allow" && self.chance.below(2) == 0 {
            let whose = json!({"account": account.name});
            self.send("POST", &format!("/v1/calls/{id}/answer"), &whose)?;
            self.send("POST", &format!("/v1/calls/{id}/end"), &whose)?;
        }
        self.acknowledged();
        Ok(())
    }

    fn invite(&mut self, account: &Account) -> io::Result<()> {
        let id = self.next_id();
        let invite = Invite { account: &account.name, call_id: &id, dialled: ABROAD, branch: &id };
        let told = ask_udp(&self.socket, invite)?;
        if account.sure.stop.is_some() {
            assert_eq!(told.status(), 603, "{told:?}");
        }
        self.acknowledged();
        Ok(())
    }

    pub fn places(&mut self, places: &mut Places) {
        while self.place(places).is_ok() {}
    }

    fn place(&mut self, places: &mut Places) -> io::Result<()> {
        let place = PLACES[self.chance.below(PLACES.len())];
        let mut after = places.sure.clone();
        let by = self.next_id();
        let (method, body) = if after.remove(place).is_some() {
            ("DELETE", json!({"by": by}))
        } else {
            after.insert(place.to_owned(), by.clone());
            ("PUT", json!({"by": by, "evidence": "nothing but abuse"}))
        };
        places.in_flight = Some(after.clone());
        self.send(method, &format!("/v1/destinations/{}/stop", place.replace('+', "%2B")), &body)?;
        places.sure = after;
        places.in_flight = None;
        places.n_acknowledged += 1;
        self.acknowledged();
        Ok(())
    }

    pub fn answers(&mut self, answers: &mut Answers) {
        while self.answer(answers).is_ok() {}
    }

    /// Somebody breaks in; the customer is asked, or an operator lifts the restriction.
    fn answer(&mut self, answers: &mut Answers) -> io::Result<()> {
        let account = format!("robbed-{}", self.next_id());
        let Some(incident) = thief::breaks_in(&mut self.client, &account)?.incident else {
            panic!("{account}: an attack that is none");
        };
        if self.chance.below(3) == 0 {
            let orders = self.client.send("GET", &format!("/v1/orders?account={account}"), None)?;
            let orders = orders.json();
            let id = text(&orders[0]["id"]);
            self.send("POST", &format!("/v1/orders/{id}/lift"), &json!({"why": "a test"}))?;
            answers.lifted.push(account);
        } else {
            let answer = ["ours", "not_ours"][self.chance.below(2)];
            let path = format!("/v1/incidents/{incident}/answer");
            self.send("POST", &path, &json!({"answer": answer, "by": "the customer"}))?;
            answers.of_incidents.insert(incident, answer.to_owned());
        }
        self.acknowledged();
        Ok(())
    }
}
