//! The long run's script: a country's calls, some asked twice, some of accounts that a customer
//! has stopped, and a few accounts in strangers' hands. The rules for what is right are simple
//! ones of its own: calls at home go out, a stopped account's calls abroad do not, and the same
//! question has the same answer.

use super::callers::{Call, Callers, Place};
use super::drive::{Judgement, Script, Sent};
use super::heard::{Heard, Spoken};
use super::invite::{Ids, Invite};
use crate::numbers::PAID_RANGES;
use crate::rng::{Rng, mix};
use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender};

/// One message in so many asks about an earlier call again.
const AGAIN_EVERY: u64 = 50;
/// One call in so many is reported on: answered, then ended.
const REPORTED_EVERY: u64 = 100;
/// One message in so many is an intruder's.
const INTRUDER_EVERY: u64 = 500;
/// One message in so many is a stopped account's call abroad, once there is one.
const STOPPED_EVERY: u64 = 200;
/// Accounts in strangers' hands: the highest numbers of all.
const N_INTRUDED: u64 = 40;
/// Answers that are kept to be asked for again. At 20,000 messages a second they are all asked
/// for within seconds, well within the 32 in which a question is the same question.
const KEPT_MAX: usize = 1_000;
/// A customer's stop every so many turns, which are milliseconds, up to so many.
const STOP_EVERY_TURNS: u64 = 5_000;
const STOPPED_MAX: usize = 500;

/// Something to be told or asked over HTTP, by another thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The call was answered; it is to be ended a while later.
    Report {
        /// As in the INVITE.
        call_id: String,
        /// Whose.
        account: String,
    },
    /// The account's calls abroad are to be stopped.
    Stop(u32),
}

/// What the other thread has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The stop is acknowledged: it is in force.
    Stopped(u32),
}

/// What a message was, kept until its answer.
const HOME: u32 = 0;
const ABROAD: u32 = 1;
const STOPPED: u32 = 2;
const AGAIN: u32 = 3;

/// The script.
pub struct Soak {
    callers: Callers,
    invite: Invite,
    errands: SyncSender<Errand>,
    done: Receiver<Done>,
    stopped: Vec<u32>,
    asked_to_stop: BTreeSet<u32>,
    /// Calls that were answered a while ago: their number, and what the answer was.
    kept: VecDeque<Kept>,
    paid: Vec<String>,
    n_turns: u64,
    counts: Counts,
}

#[derive(Clone, Copy)]
struct Kept {
    n: u64,
    answer: u64,
}

/// What was done besides calling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Questions asked again.
    pub n_again: u64,
    /// Calls abroad of stopped accounts.
    pub n_stopped: u64,
    /// Intruders' calls.
    pub n_intruders: u64,
    /// Errands that the other thread had no room for.
    pub n_errands_left: u64,
}

impl Soak {
    /// Errands go to another thread; what it has done comes back.
    pub fn new(
        callers: Callers,
        invite: Invite,
        errands: SyncSender<Errand>,
        done: Receiver<Done>,
    ) -> Soak {
        let mut rng = Rng::named(mix(callers.n_accounts().into(), 3), &[]);
        let paid = PAID_RANGES
            .iter()
            .map(|range| format!("010{}", range.block(&mut rng, 3).any(&mut rng)))
            .collect();
        Soak {
            callers,
            invite,
            errands,
            done,
            stopped: Vec::new(),
            asked_to_stop: BTreeSet::new(),
            kept: VecDeque::with_capacity(KEPT_MAX),
            paid,
            n_turns: 0,
            counts: Counts::default(),
        }
    }

    /// What was done besides calling.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Has an account stopped: one that calls abroad, another each time.
    fn stop_one_more(&mut self) {
        // Calls abroad are those of every twentieth account.
        let account = self.asked_to_stop.len() as u64 * 20 % u64::from(self.callers.n_accounts());
        if self.errands.try_send(Errand::Stop(account as u32)).is_ok() {
            self.asked_to_stop.insert(account as u32);
        } else {
            self.counts.n_errands_left += 1;
        }
    }

    /// How many accounts are stopped.
    pub fn n_stopped(&self) -> usize {
        self.stopped.len()
    }

    /// The answer to be asked for again: it stays until that is answered. A call abroad of an
    /// account that is stopped meanwhile may be answered otherwise now.
    fn next_kept(&mut self) -> Option<Kept> {
        let kept = self.kept.pop_front()?;
        let (call, _) = self.plain(kept.n);
        if call.place == Place::Abroad && self.asked_to_stop.contains(&call.account) {
            return None;
        }
        self.kept.push_back(kept);
        Some(kept)
    }

    /// The call that message `n` asks about where nothing else is said.
    fn plain(&self, n: u64) -> (Call<'_>, u32) {
        if !self.stopped.is_empty() && n % STOPPED_EVERY == 7 {
            let account = self.stopped[(n / STOPPED_EVERY) as usize % self.stopped.len()];
            return (self.callers.abroad_call(account.into(), n), STOPPED);
        }
        if n % INTRUDER_EVERY == 11 {
            let n_accounts = u64::from(self.callers.n_accounts());
            let which = n / INTRUDER_EVERY;
            let account = n_accounts.saturating_sub(1 + which % N_INTRUDED) as u32;
            let dialled = &self.paid[(which / N_INTRUDED) as usize % self.paid.len()];
            return (Call { account, dialled, place: Place::Abroad }, ABROAD);
        }
        let call = self.callers.call(n);
        (call, if call.place == Place::Home { HOME } else { ABROAD })
    }
}

impl Script for Soak {
    fn write(&mut self, n: u64, out: &mut Vec<u8>) -> Sent {
        if n.is_multiple_of(AGAIN_EVERY)
            && let Some(kept) = self.next_kept()
        {
            let (call, _) = self.plain(kept.n);
            self.invite.write(out, Ids { branch: n, call: kept.n }, call);
            self.counts.n_again += 1;
            return Sent { call: kept.n, tag: AGAIN };
        }
        let (call, tag) = self.plain(n);
        self.invite.write(out, Ids { branch: n, call: n }, call);
        self.counts.n_stopped += u64::from(tag == STOPPED);
        self.counts.n_intruders += u64::from(n % INTRUDER_EVERY == 11 && tag == ABROAD);
        Sent { call: n, tag }
    }

    fn judge(&mut self, n: u64, sent: Sent, heard: &Heard<'_>) -> Judgement {
        let said = match heard.spoken {
            Spoken::Allow(302) => Judgement::Allowed,
            Spoken::Refuse(603) => Judgement::Refused,
            _ => return Judgement::Wrong,
        };
        let answer = fingerprint(heard, said);
        if sent.tag == AGAIN {
            let first = self.kept.iter().position(|kept| kept.n == sent.call);
            // What has been pushed out meanwhile cannot be compared.
            let same = first.is_none_or(|at| self.kept[at].answer == answer);
            if let Some(at) = first {
                self.kept.remove(at);
            }
            return if same { said } else { Judgement::Wrong };
        }
        match (sent.tag, said) {
            (HOME, Judgement::Refused) | (STOPPED, Judgement::Allowed) => return Judgement::Wrong,
            _ => {}
        }
        if n % AGAIN_EVERY == 1 {
            if self.kept.len() == KEPT_MAX {
                self.kept.pop_front();
            }
            self.kept.push_back(Kept { n, answer });
        }
        if n % REPORTED_EVERY == 3 && said == Judgement::Allowed {
            let (call, _) = self.plain(n);
            let account = Invite::account(call.account);
            let errand = Errand::Report { call_id: self.invite.call_id(n), account };
            self.counts.n_errands_left += u64::from(self.errands.try_send(errand).is_err());
        }
        said
    }

    fn turn(&mut self) {
        self.n_turns += 1;
        if self.n_turns % STOP_EVERY_TURNS == 1 && self.asked_to_stop.len() < STOPPED_MAX {
            self.stop_one_more();
        }
        while let Ok(Done::Stopped(account)) = self.done.try_recv() {
            self.stopped.push(account);
        }
    }
}

fn fingerprint(heard: &Heard<'_>, said: Judgement) -> u64 {
    let start = mix(0, u64::from(said == Judgement::Allowed));
    heard.reference.iter().fold(start, |hash, byte| mix(hash, u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

    fn soak() -> (Soak, Receiver<Errand>, Sender<Done>) {
        let addr = "127.0.0.1:5070".parse().expect("an address");
        let (errands, asked) = sync_channel(16);
        let (did, done) = channel();
        let invite = Invite::new(addr, addr, 1, 720);
        (Soak::new(Callers::new(1, 1_000, 50), invite, errands, done), asked, did)
    }

    fn heard(spoken: Spoken, reference: &[u8]) -> Heard<'_> {
        Heard { ids: Ids { branch: 0, call: 0 }, spoken, reference }
    }

    #[test]
    fn a_call_at_home_that_is_refused_is_wrong() {
        let (mut soak, ..) = soak();
        let home = Sent { call: 2, tag: HOME };
        assert_eq!(soak.judge(2, home, &heard(Spoken::Refuse(603), b"")), Judgement::Wrong);
        assert_eq!(soak.judge(2, home, &heard(Spoken::Allow(603), b"")), Judgement::Wrong);
        assert_eq!(soak.judge(2, home, &heard(Spoken::Allow(302), b"")), Judgement::Allowed);
    }

    #[test]
    fn a_stopped_accounts_call_abroad_that_goes_out_is_wrong() {
        let (mut soak, asked, did) = soak();
        soak.turn();
        let Ok(Errand::Stop(account)) = asked.try_recv() else { panic!("no stop was asked for") };
        did.send(Done::Stopped(account)).expect("it is heard");
        soak.turn();
        let (call, tag) = soak.plain(STOPPED_EVERY + 7);
        assert_eq!((call.account, call.place, tag), (account, Place::Abroad, STOPPED));
        let sent = Sent { call: 1, tag };
        assert_eq!(soak.judge(1, sent, &heard(Spoken::Allow(302), b"")), Judgement::Wrong);
        assert_eq!(soak.judge(1, sent, &heard(Spoken::Refuse(603), b"")), Judgement::Refused);
    }

    #[test]
    fn a_question_asked_again_has_the_same_answer_and_reference() {
        let (mut soak, ..) = soak();
        let mut out = Vec::new();
        for (reference, right) in [(b"V-1", Judgement::Allowed), (b"V-2", Judgement::Wrong)] {
            let sent = soak.write(1, &mut out);
            soak.judge(1, sent, &heard(Spoken::Allow(302), b"V-1"));
            let again = soak.write(AGAIN_EVERY, &mut out);
            assert_eq!(again, Sent { call: 1, tag: AGAIN });
            let heard = heard(Spoken::Allow(302), reference);
            assert_eq!(soak.judge(AGAIN_EVERY, again, &heard), right);
        }
    }
}
