//! What one shard's incidents teach the others: it goes into the stream of the shard that learns,
//! so that folding its journal gives the same without the others.

use super::{Shard, micros, of_micros};
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_engine::event::Token;
use sekimori_engine::lessons::{Lesson, Subject};
use sekimori_journal::Event;

impl Shard {
    /// Learns from another shard.
    pub(super) fn learn(&mut self, lessons: &[Lesson]) {
        for lesson in lessons {
            let at_us = micros(lesson.at);
            let (subject, value) = match lesson.subject {
                Subject::Range(prefix) => (0, prefix.value()),
                Subject::Number(number) => (1, number.value()),
                Subject::Source(network) => (2, network),
            };
            let event = Event::Learned { at_us, victim: lesson.victim.0, subject, value };
            self.recorder.event(self.now, &event);
            self.engine.lessons().learn(Lesson { at: of_micros(at_us), ..*lesson });
        }
    }
}

/// A lesson as the journal has it; `None` for a subject that a later program wrote.
pub(super) fn lesson(at_us: i64, victim: u64, subject: u8, value: u64) -> Option<Lesson> {
    let subject = match subject {
        0 => Subject::Range(Prefix::from_value(value)?),
        1 => Subject::Number(E164::from_value(value)?),
        2 => Subject::Source(value),
        _ => return None,
    };
    Some(Lesson { at: of_micros(at_us), victim: Token(victim), subject })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_of_a_later_program_is_none() {
        assert!(lesson(0, 1, 9, 1).is_none());
        assert!(lesson(0, 1, 0, 23_222).is_some());
    }
}
