//! SIP over UDP, on the shard's own thread: bytes in, verdict, bytes out, with no queue between.

use super::{Shard, owner};
use crate::serve::ask::{Ask, Door};
use sekimori_engine::event::{AccountIdx, Challenge, Renewal};
use sekimori_switches::sip::{
    self, Answer, Course, Head, Invite, Key, Request, Status, Switch, Switches,
};
use std::net::SocketAddr;

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is answered, or is not to be.
    Here,
    /// Another shard owns the account.
    Elsewhere(usize),
}

/// Whom to believe, and the key of what is hashed.
pub struct Manners {
    /// The switches.
    pub switches: Switches,
    /// Random.
    pub key: Key,
}

/// An INVITE that has been read and waits to be judged.
pub struct Question<'a> {
    request: Request<'a>,
    invite: Invite<'a>,
    switch: &'a Switch,
    from: SocketAddr,
}

impl Shard {
    /// One datagram, read and judged.
    pub fn datagram(
        &mut self,
        bytes: &[u8],
        from: SocketAddr,
        manners: &Manners,
        mut answer: impl FnMut(SocketAddr, &mut dyn FnMut(&mut Vec<u8>)),
    ) -> Heard {
        match self.read(bytes, from, manners, &mut answer) {
            Some(question) => self.question(&question, &mut answer),
            None => Heard::Here,
        }
    }

    /// Reads a datagram and answers what is no new call. `answer` is called with where an answer
    /// goes and what writes it.
    pub fn read<'a>(
        &self,
        bytes: &'a [u8],
        from: SocketAddr,
        manners: &'a Manners,
        mut answer: impl FnMut(SocketAddr, &mut dyn FnMut(&mut Vec<u8>)),
    ) -> Option<Question<'a>> {
        let Some(switch) = manners.switches.of(from.ip()) else {
            self.shared.vitals.unlisted.add(1);
            return None;
        };
        let request = match sip::read(bytes) {
            Ok(request) => request,
            Err(bad) => {
                self.shared.vitals.undecoded[Door::SipUdp as usize].add(1);
                if let (Course::Respond(status), Some(head)) = (bad.course(), &bad.head) {
                    respond(head, from, manners, status, &mut answer);
                }
                return None;
            }
        };
        let head = request.head();
        match sip::course(&request) {
            Course::Judge => {
                return match sip::invite(&request, from, switch, &manners.key) {
                    Ok(invite) => Some(Question { request, invite, switch, from }),
                    Err(unacceptable) => {
                        let status = Status::Unacceptable(unacceptable);
                        self.shared.vitals.undecoded[Door::SipUdp as usize].add(1);
                        respond(head, from, manners, status, &mut answer);
                        None
                    }
                };
            }
            Course::Respond(status) => respond(head, from, manners, status, &mut answer),
            Course::Cancel => {
                // Every INVITE has its final answer before its CANCEL can come.
                respond(head, from, manners, Status::Cancelled, &mut answer);
            }
            Course::Ignore => {}
        }
        None
    }

    /// Reads a little of all that judging these will want, and returns what means nothing: with a
    /// million accounts most of a decision is waiting for their memory, and so it comes for all of
    /// them at the same time.
    pub fn warm<'q>(&self, questions: impl Iterator<Item = &'q Question<'q>> + Clone) -> u32 {
        let hash = |question: &Question<'_>| self.accounts.hash(&question.invite.account);
        let names = questions.clone().map(|question| self.accounts.warm(hash(question)));
        let names = names.fold(0, u32::wrapping_add);
        let numbers = questions
            .filter_map(|question| self.accounts.find(hash(question), &question.invite.account));
        numbers.fold(names, |sum, number| {
            let wall = self.walls.get(number as usize).map_or(0, |wall| u32::from(wall.0));
            sum.wrapping_add(wall).wrapping_add(self.engine.warm(AccountIdx(number)))
        })
    }

    /// Judges what was read.
    pub fn question(
        &mut self,
        question: &Question<'_>,
        answer: &mut impl FnMut(SocketAddr, &mut dyn FnMut(&mut Vec<u8>)),
    ) -> Heard {
        let Question { request, invite, switch, from } = question;
        let shard = owner(&invite.account, self.n_shards);
        if shard != usize::from(self.index) {
            return Heard::Elsewhere(shard);
        }
        let mut forwarded = arrayvec::ArrayString::<192>::new();
        let brief = self.ask(&ask_of(invite, switch, Door::SipUdp, &mut forwarded));
        let reference = brief.reference.text();
        let said = Answer {
            ruling: brief.ruling,
            max_seconds: brief.max_seconds,
            reference: std::str::from_utf8(&reference).expect("it is ASCII"),
        };
        let to = request.head().reply_to(*from);
        answer(to, &mut |out| {
            sip::answer(request, *from, switch, invite.transaction, &said, out);
        });
        Heard::Here
    }
}

/// What an INVITE asks. A redirect server is out of the call once it has answered: nobody
/// renews a grant.
pub fn ask_of<'a>(
    invite: &'a Invite<'_>,
    switch: &Switch,
    door: Door,
    forwarded: &'a mut arrayvec::ArrayString<192>,
) -> Ask<'a> {
    if let Some(from) = &invite.forwarded_from {
        // What does not fit is cut: the manner stands first.
        let _ = std::fmt::write(forwarded, format_args!("{from}"));
    }
    let challenge = match switch.challenge_uri {
        Some(_) => Challenge::Possible,
        None => Challenge::Impossible,
    };
    Ask {
        call_id: invite.call_id,
        account: &invite.account,
        dialled: &invite.dialled,
        told_at: None,
        line: &invite.line,
        caller: &invite.caller,
        source: invite.source,
        user_agent: invite.user_agent,
        forwarded_from: forwarded,
        trunk: "",
        challenge,
        renewal: Renewal::Impossible,
        door,
        transaction: invite.transaction,
    }
}

fn respond(
    head: &Head<'_>,
    from: SocketAddr,
    manners: &Manners,
    status: Status,
    answer: &mut impl FnMut(SocketAddr, &mut dyn FnMut(&mut Vec<u8>)),
) {
    let transaction = head.transaction(from.ip(), &manners.key);
    answer(head.reply_to(from), &mut |out| {
        sip::respond(head, from, transaction, status, out);
    });
}
