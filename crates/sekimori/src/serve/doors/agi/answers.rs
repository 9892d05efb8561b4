//! What each request of a dialplan comes to, as variables of its channel.
//!
//! The verdict is set last: a dialogue that breaks in the middle leaves none, and never an
//! `allow` without its limit.

use super::Door;
use super::dialogue::{Dialogue, End};
use crate::serve::ask::{Brief, CallName, Door as Way, Happened, OwnedAsk, Report};
use crate::serve::pins::Checked;
use sekimori_engine::event::{Challenge, Renewal};
use sekimori_engine::verdict::Ruling;
use sekimori_switches::fastagi::{
    AskRequest, CallRequest, CanChallenge, Command, PinRequest, Request,
};

impl Door {
    pub(super) async fn converse(&self, dialogue: &mut Dialogue) -> Result<(), End> {
        let environment = dialogue.environment().await.inspect_err(|end| self.count(end))?;
        let done = match Request::read(&environment) {
            Ok(Request::Ask(request)) => self.ask(request, dialogue).await,
            Ok(Request::Challenge(request)) => self.challenge(request, dialogue).await,
            Ok(Request::Answer(call)) => self.report(call, Happened::Answered, dialogue).await,
            Ok(Request::End { call, cause }) => {
                self.report(call, Happened::Ended { cause }, dialogue).await
            }
            Err(why) => {
                self.guard.vitals().undecoded[Way::Agi as usize].add(1);
                tracing::debug!(event = "agi_unusable", %why);
                dialogue.tell(Command::Verbose(&format!("Sekimori has no verdict: {why}"))).await
            }
        };
        done.inspect_err(|end| self.count(end))
    }

    async fn ask(&self, request: AskRequest, dialogue: &mut Dialogue) -> Result<(), End> {
        if dialogue.has_hung_up {
            // Nobody is left who could call.
            return Ok(());
        }
        let call =
            CallName { call_id: request.call_id.clone(), account: Some(request.account.clone()) };
        let ruled = self.guard.ask(owned(request)).await;
        let told = tell(&ruled.brief, dialogue).await;
        if dialogue.has_hung_up && ruled.brief.ruling == Ruling::Allow {
            // What was granted goes back at once: this call is never dialled.
            let report = Report { call, what: Happened::Ended { cause: None }, told_at: None };
            let _ = self.guard.report(report).await;
        }
        told
    }

    async fn challenge(&self, request: PinRequest, dialogue: &mut Dialogue) -> Result<(), End> {
        let call = named(request.call);
        match self.pins.check(&self.guard, call, request.pin, |_| true).await {
            Checked::Right(ruled) => tell(&ruled.brief, dialogue).await,
            Checked::Unknown | Checked::Wrong { .. } => {
                set("SEKIMORI_MAX_SECONDS", "0", dialogue).await?;
                set("SEKIMORI_VERDICT", Ruling::Challenge.as_str(), dialogue).await
            }
            Checked::TooMany { .. } => {
                set("SEKIMORI_MAX_SECONDS", "0", dialogue).await?;
                set("SEKIMORI_VERDICT", Ruling::Refuse.as_str(), dialogue).await
            }
            Checked::Busy => {
                let why = "Sekimori has no verdict: too busy to check a PIN";
                dialogue.tell(Command::Verbose(why)).await
            }
        }
    }

    async fn report(
        &self,
        call: CallRequest,
        what: Happened,
        dialogue: &mut Dialogue,
    ) -> Result<(), End> {
        let report = Report { call: named(call), what, told_at: None };
        match self.guard.report(report).await {
            Ok(_) => Ok(()),
            Err(refusal) => dialogue.tell(Command::Verbose(&format!("Sekimori: {refusal}"))).await,
        }
    }

    fn count(&self, end: &End) {
        if let End::Malformed(_) = end {
            self.guard.vitals().undecoded[Way::Agi as usize].add(1);
        }
        if let End::Refused(code) = end {
            // Only a switch of the list comes so far, and its dialplan stays without a verdict.
            tracing::warn!(event = "agi_command_refused", code);
        }
    }
}

/// A call cannot be given more time here: nothing commands the switch while it runs.
fn owned(request: AskRequest) -> OwnedAsk {
    let challenge = match request.can_challenge {
        CanChallenge::Yes => Challenge::Possible,
        CanChallenge::No => Challenge::Impossible,
    };
    OwnedAsk {
        call_id: request.call_id,
        account: request.account,
        dialled: request.dialled,
        told_at: None,
        line: request.line,
        caller: request.caller,
        source: request.source,
        user_agent: request.user_agent,
        forwarded_from: request.forwarded_from,
        trunk: request.trunk,
        challenge,
        renewal: Renewal::Impossible,
        door: Way::Agi,
        transaction: 0,
    }
}

fn named(call: CallRequest) -> CallName {
    CallName { call_id: call.call_id, account: call.account }
}

/// The three variables.
async fn tell(brief: &Brief, dialogue: &mut Dialogue) -> Result<(), End> {
    set("SEKIMORI_MAX_SECONDS", &seconds(brief), dialogue).await?;
    set("SEKIMORI_REF", &brief.reference.to_string(), dialogue).await?;
    set("SEKIMORI_VERDICT", brief.ruling.as_str(), dialogue).await
}

async fn set(name: &str, value: &str, dialogue: &mut Dialogue) -> Result<(), End> {
    dialogue.tell(Command::SetVariable { name, value }).await
}

/// Empty where there is no limit, as `Dial(…,S())` takes it. 0 where the call is not to go out,
/// which `Dial` refuses: a dialplan that looks at this alone dials nothing.
fn seconds(brief: &Brief) -> String {
    match (brief.ruling, brief.max_seconds) {
        (Ruling::Allow, Some(seconds)) => seconds.to_string(),
        (Ruling::Allow, None) => String::new(),
        (Ruling::Challenge | Ruling::Refuse, _) => "0".to_owned(),
    }
}
