//! What the shard writes into the journal: its own values in the journal's types, in the order in
//! which they happen. Nothing is waited for here; what the journal cannot take stays in the batch,
//! and past a bound events are dropped and counted. While the journal is folded nothing is
//! written.

use super::{micros, wire};
use crate::serve::ask::{Ask, Ref};
use sekimori_atlas::time::Timestamp;
use sekimori_engine::finding::{Finding, Sentence};
use sekimori_engine::verdict::Verdict;
use sekimori_journal::{self as journal, Batch, Event, Journal, Kind, Ticket};
use std::collections::HashMap;
use std::sync::Arc;

use crate::serve::vitals::Vitals;

/// Bytes that wait in the batch while the journal takes none; past it events are dropped.
const HELD_BYTES_MAX: usize = 64 << 20;
/// Sentences and detectors that get a number; there are about a hundred.
const WORDS_MAX: usize = 4_096;

/// Whether what happens is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Recording,
    /// It is being read from the journal.
    Folding,
}

/// The shard's pen.
pub struct Recorder {
    journal: Journal,
    page: Page,
    mode: Mode,
    words: Words,
    scratch: Vec<u8>,
}

/// What was written and not handed over, and what found no room there.
struct Page {
    batch: Batch,
    vitals: Arc<Vitals>,
    /// Events dropped since the last one that was written, and since when.
    lost: Option<(u64, Timestamp)>,
}

impl Page {
    fn push(&mut self, at: Timestamp, event: &Event<'_>) {
        if self.batch.n_bytes() > HELD_BYTES_MAX {
            return self.lose(at);
        }
        if let Some((n_lost, since)) = self.lost.take() {
            self.batch.push_gap(micros(at), n_lost, micros(since));
        }
        if self.batch.push(micros(at), event).is_err() {
            self.lose(at);
        }
    }

    /// There is no room for an event: it is counted here and, once there is room, in the journal.
    fn lose(&mut self, at: Timestamp) {
        self.vitals.verdicts_not_recorded.add(1);
        let (n_lost, since) = self.lost.unwrap_or((0, at));
        self.lost = Some((n_lost + 1, since));
    }
}

/// Numbers for what is said again and again, as the journal has them.
#[derive(Debug, Default)]
pub struct Words {
    /// By the address of the sentence or of the detector's name, to find the number quickly.
    by_place: HashMap<usize, u16, foldhash::fast::RandomState>,
    by_text: HashMap<String, u16, foldhash::fast::RandomState>,
    phrases: Vec<(String, String)>,
    detectors: Vec<String>,
}

impl Words {
    /// The sentences in the order of their numbers, English and Japanese.
    pub fn phrases(&self) -> &[(String, String)] {
        &self.phrases
    }

    /// The detectors in the order of their numbers.
    pub fn detectors(&self) -> &[String] {
        &self.detectors
    }

    /// A sentence that the journal has under this number.
    pub fn learn_phrase(&mut self, id: u16, en: &str, ja: &str) {
        if usize::from(id) == self.phrases.len() && self.phrases.len() < WORDS_MAX {
            self.phrases.push((en.to_owned(), ja.to_owned()));
            self.by_text.insert(en.to_owned(), id);
        }
    }

    /// A detector that the journal has under this number.
    pub fn learn_detector(&mut self, id: u16, name: &str) {
        if usize::from(id) == self.detectors.len() && self.detectors.len() < WORDS_MAX {
            self.detectors.push(name.to_owned());
        }
    }
}

impl Recorder {
    /// A pen that writes nothing until it is told to.
    pub fn new(journal: Journal, shard: u16, vitals: Arc<Vitals>) -> Recorder {
        Recorder {
            journal,
            page: Page { batch: Batch::new(shard), vitals, lost: None },
            mode: Mode::Folding,
            words: Words::default(),
            scratch: Vec::new(),
        }
    }

    /// Whether what happens is written.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// From now on it is.
    pub fn begin(&mut self) {
        self.mode = Mode::Recording;
    }

    /// The numbers of what is said again and again.
    pub fn words(&mut self) -> &mut Words {
        &mut self.words
    }

    /// Writes an event.
    pub fn event(&mut self, at: Timestamp, event: &Event<'_>) {
        if self.mode == Mode::Folding {
            return;
        }
        self.page.push(at, event);
    }

    /// Writes a record that stands by itself; whoever holds the ticket is told of the commit.
    pub fn single(
        &mut self,
        at: Timestamp,
        kind: Kind,
        account: &str,
        body: &impl serde::Serialize,
        ticket: Option<Ticket>,
    ) {
        if self.mode == Mode::Folding {
            return;
        }
        self.scratch.clear();
        serde_json::to_writer(&mut self.scratch, body).expect("memory takes all");
        // A record too long tells its ticket so.
        let _ = self.page.batch.push_single(micros(at), kind, account, &self.scratch, ticket);
    }

    /// The same with JSON that is written already.
    pub fn single_json(&mut self, at: Timestamp, kind: Kind, account: &str, json: &[u8]) {
        if self.mode == Mode::Recording {
            let _ = self.page.batch.push_single(micros(at), kind, account, json, None);
        }
    }

    /// Puts a snapshot after all that was written so far.
    pub fn snapshot(&mut self, chunk: u32, format: u32, bytes: Vec<u8>) {
        self.page.batch.push_snapshot(chunk, format, bytes);
    }

    /// Whether something waits to be handed over.
    pub fn has_some(&self) -> bool {
        !self.page.batch.is_empty()
    }

    /// Whether somebody waits, or there is much.
    pub fn is_due(&self) -> bool {
        self.page.batch.is_due()
    }

    /// Hands over what was written. What the journal does not take now stays.
    pub fn hand_over(&mut self) {
        if self.page.batch.is_empty() {
            return;
        }
        let shard = self.page.batch.shard();
        let batch = std::mem::replace(&mut self.page.batch, Batch::new(shard));
        self.page.batch = match self.journal.submit(batch) {
            Ok(empty) => empty,
            Err(full) => full,
        };
    }

    /// Writes an attempt and its verdict.
    pub fn attempt(
        &mut self,
        at: Timestamp,
        account: u32,
        ask: &Ask<'_>,
        verdict: &Verdict,
        reference: Ref,
        e164: Option<u64>,
    ) {
        if self.mode == Mode::Folding {
            return;
        }
        for finding in &verdict.findings {
            self.introduce(at, finding);
        }
        let shift_us = ask.told_at.map_or(0, |told| micros(told.at) - micros(at));
        let mut countries = [[0; 4]; journal::FINDINGS_MAX * journal::FACTS_MAX];
        let mut ranges = [[0; 16]; journal::FINDINGS_MAX * journal::FACTS_MAX];
        let spaces = countries.iter_mut().zip(ranges.iter_mut());
        let event = Event::Attempted(journal::Attempted {
            account,
            call_id: ask.call_id,
            dialled: ask.dialled,
            line: ask.line,
            caller: ask.caller,
            source: ask.source,
            user_agent: ask.user_agent,
            forwarded_from: ask.forwarded_from,
            trunk: ask.trunk,
            challenge: wire::challenge(ask.challenge),
            renewal: wire::renewal(ask.renewal),
            door: wire::door(ask.door),
            shift_us,
            ruling: wire::ruling(verdict.ruling),
            max_seconds: verdict.max_seconds,
            reference: reference.0,
            incident: verdict.incident.map(|incident| incident.0),
            e164,
            weighed: verdict.judgement.as_ref().map(wire::weighed),
            findings: findings(&self.words, &verdict.findings, spaces),
        });
        self.page.push(at, &event);
    }

    /// Gives numbers to a finding's detector and sentence where they have none.
    fn introduce(&mut self, at: Timestamp, finding: &Finding) {
        let name = finding.detector;
        let name_place = name.as_ptr().addr();
        if !self.words.by_place.contains_key(&name_place) {
            let known = self.words.detectors.iter().position(|known| known == name);
            let id = known.unwrap_or(self.words.detectors.len()) as u16;
            if known.is_none() {
                self.words.learn_detector(id, name);
                self.event(at, &Event::Detector { id, name });
            }
            self.words.by_place.insert(name_place, id);
        }
        let sentence = finding.why.sentence;
        let place = std::ptr::from_ref::<Sentence>(sentence).addr();
        if self.words.by_place.contains_key(&place) {
            return;
        }
        let id = match self.words.by_text.get(sentence.en) {
            Some(id) => *id,
            None => {
                let id = self.words.phrases.len() as u16;
                self.words.learn_phrase(id, sentence.en, sentence.ja);
                self.event(at, &Event::Phrase { id, en: sentence.en, ja: sentence.ja });
                id
            }
        };
        self.words.by_place.insert(place, id);
    }
}

fn findings<'a>(
    words: &Words,
    findings: &[Finding],
    mut spaces: impl Iterator<Item = (&'a mut [u8; 4], &'a mut [u8; 16])>,
) -> journal::Findings<'a> {
    let mut packed = journal::Findings::new();
    for finding in findings.iter().take(journal::FINDINGS_MAX) {
        let place = std::ptr::from_ref::<Sentence>(finding.why.sentence).addr();
        let detector = words.by_place.get(&finding.detector.as_ptr().addr()).copied();
        let facts = finding.why.facts.iter();
        let facts = facts.filter_map(|fact| spaces.next().map(|space| wire::fact(*fact, space)));
        packed.push(journal::Finding {
            detector: detector.unwrap_or(u16::MAX),
            bits: finding.bits.0,
            phrase: words.by_place.get(&place).copied().unwrap_or(u16::MAX),
            facts: facts.take(journal::FACTS_MAX).collect(),
        });
    }
    packed
}
