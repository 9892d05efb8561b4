//! The benchmark's script: calls of all accounts in no order, and the plainest rules for what is
//! right. Calls at home always go out; a call abroad may be refused.

use super::callers::{Call, Callers, Place};
use super::drive::{Judgement, Script, Sent};
use super::heard::{Heard, Spoken};
use super::invite::{Ids, Invite};

/// What the server under test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// What it hears.
    Echo,
    /// 302 or 603.
    Status,
    /// The same with a verdict in words.
    Verdict,
}

/// Which calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// One of each account in turn, at home.
    First,
    /// Any.
    Mixed,
}

/// Calls to be made and how answers are judged.
pub struct Plain {
    /// Who calls whom.
    pub callers: Callers,
    /// In which words.
    pub invite: Invite,
    /// Which calls.
    pub which: Which,
    /// What is right.
    pub expect: Expect,
}

impl Plain {
    fn call(&self, n: u64) -> Call<'_> {
        match self.which {
            Which::First => self.callers.first_call(n),
            Which::Mixed => self.callers.call(n),
        }
    }
}

impl Script for Plain {
    fn write(&mut self, n: u64, out: &mut Vec<u8>) -> Sent {
        let call = self.call(n);
        self.invite.write(out, Ids { branch: n, call: n }, call);
        Sent { call: n, tag: u32::from(call.place == Place::Home) }
    }

    fn judge(&mut self, _: u64, sent: Sent, heard: &Heard<'_>) -> Judgement {
        let is_home = sent.tag == 1;
        match (self.expect, heard.spoken) {
            (Expect::Echo, Spoken::Echo)
            | (Expect::Status, Spoken::Status(302))
            | (Expect::Verdict, Spoken::Allow(302)) => Judgement::Allowed,
            (Expect::Status, Spoken::Status(603)) | (Expect::Verdict, Spoken::Refuse(603))
                if !is_home =>
            {
                Judgement::Refused
            }
            _ => Judgement::Wrong,
        }
    }
}
