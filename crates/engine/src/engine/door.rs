//! Sign-ins: what is remembered of the door, and the warning that needs no call.

use super::Engine;
use crate::event::{Registration, RegistrationOutcome};
use crate::finding::{Fact, Sentence, Why};
use crate::order::{Act, Effect, Order, Scope, Until};
use crate::profile::day_of;
use crate::sign_ins::{SignIns, mark, network_of};
use sekimori_atlas::time::Span;

/// Refusals in a run from which somebody is guessing: SIPVicious's svcrack tries dozens a second,
/// a phone with an old password repeats one.
const GUESSES_MIN: u32 = 10;

static CRACKED: Sentence = Sentence {
    en: "a phone signed in from where {0} wrong passwords had been tried just before",
    ja: "直前に{0}回のパスワード誤りがあった場所から電話機がサインインしました",
};
static GUESSING: Sentence = Sentence {
    en: "{0} sign-ins were refused in a row: somebody is guessing lines or passwords",
    ja: "サインインが{0}回続けて拒否されました。内線番号やパスワードが推測されています",
};

impl Engine {
    /// A registration or a refused sign-in. Call [`Engine::advance`] to its moment first.
    pub fn registration(&mut self, event: &Registration<'_>, effects: &mut Vec<Effect>) {
        self.clock = self.clock.max(event.at);
        let account = &mut self.accounts[event.account.0 as usize];
        let day = day_of(event.at);
        account.first_day.get_or_insert(day);
        let before = account.sign_ins.as_ref().and_then(|door| door.refusals);
        let is_routine = event.outcome == RegistrationOutcome::Accepted && before.is_none();
        if !is_routine || account.sign_ins.is_some() || is_strange(account, event) {
            let door = account.sign_ins.get_or_insert_with(|| Box::new(SignIns::default()));
            door.note(event, &account.sources, &account.clients);
        }
        let run = account.sign_ins.as_ref().and_then(|door| door.refusals);
        let source = event.source.map_or(0, |source| mark(network_of(source)));
        let n = |run: crate::sign_ins::Refusals| {
            run.n_bad_passwords.saturating_add(run.n_unknown_lines)
        };
        match (event.outcome, before, run) {
            (RegistrationOutcome::Accepted, Some(run), _)
                if n(run) >= GUESSES_MIN
                    && run.source == source
                    && event.at.since(run.last) <= Span::hours(1) =>
            {
                effects.push(watch(event, Why::with(&CRACKED, &[Fact::Count(n(run))])));
            }
            (RegistrationOutcome::Accepted, ..) => {
                let account = &mut self.accounts[event.account.0 as usize];
                if let Some(source) = event.source {
                    account.sources.learn(network_of(source), day);
                }
                if let Some(agent) = event.user_agent {
                    account.clients.learn(agent.token.0, day);
                }
            }
            (_, before, Some(run))
                if n(run) == GUESSES_MIN && before.map_or(0, n) < GUESSES_MIN =>
            {
                effects.push(watch(event, Why::with(&GUESSING, &[Fact::Count(n(run))])));
            }
            _ => {}
        }
    }
}

fn is_strange(account: &crate::account::Account, event: &Registration<'_>) -> bool {
    let unknown = |source| account.sources.get(network_of(source)).is_none();
    let unknown_client =
        |agent: crate::event::Name<'_>| account.clients.get(agent.token.0).is_none();
    event.source.is_some_and(unknown) || event.user_agent.is_some_and(unknown_client)
}

fn watch(event: &Registration<'_>, why: Why) -> Effect {
    let scope = event.source.map_or(Scope::International, Scope::Source);
    Effect::Order(Order {
        at: event.at,
        account: event.account,
        act: Act::Watch,
        scope,
        until: Until::At(event.at + Span::hours(24)),
        incident: None,
        why,
    })
}
