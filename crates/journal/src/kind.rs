//! What a record is, as one number in the hash chain and one word everywhere else.

/// The kind of a record. Numbers are the format: one that was given is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A packed [`crate::Event`]; many of them make one row.
    Event,
    /// The server started.
    Started,
    /// Everything was written and the server stopped as asked.
    StoppedClean,
    /// A customer asked for a stop.
    Stop,
    /// A stop was opened again, for good or for a while.
    Opened,
    /// An order: to be delivered once this is durable.
    Order,
    /// A person lifted a restriction.
    Lift,
    /// A customer answered for an incident.
    Answer,
    /// What is known of an account was changed.
    Account,
    /// A destination was stopped or opened for everyone or for a service.
    Destination,
    /// An incident was opened.
    IncidentOpened,
    /// An incident came to rest.
    IncidentReleased,
    /// Call records of the past were taught.
    Imported,
    /// Somebody looked at a whole number.
    Unmasked,
    /// Settings were changed.
    Settings,
    /// A switch answered to an order.
    Receipt,
    /// Old records were removed: what they ended in, signed. Written by the journal itself.
    Retained,
    /// Records are missing here. Written by the journal itself.
    Gap,
    /// A number that this program does not know: written by a later one.
    Unknown(u8),
}

/// Number and word of each kind but [`Kind::Unknown`].
const KINDS: [(Kind, u8, &str); 18] = [
    (Kind::Event, 0, "event"),
    (Kind::Started, 1, "started"),
    (Kind::StoppedClean, 2, "stopped_clean"),
    (Kind::Stop, 3, "stop"),
    (Kind::Opened, 4, "opened"),
    (Kind::Order, 5, "order"),
    (Kind::Lift, 6, "lift"),
    (Kind::Answer, 7, "answer"),
    (Kind::Account, 8, "account"),
    (Kind::Destination, 9, "destination"),
    (Kind::IncidentOpened, 10, "incident_opened"),
    (Kind::IncidentReleased, 11, "incident_released"),
    (Kind::Imported, 12, "imported"),
    (Kind::Unmasked, 13, "unmasked"),
    (Kind::Settings, 14, "settings"),
    (Kind::Receipt, 15, "receipt"),
    (Kind::Retained, 16, "retained"),
    (Kind::Gap, 17, "gap"),
];

impl Kind {
    /// As it is stored and hashed.
    pub fn number(self) -> u8 {
        if let Kind::Unknown(number) = self {
            return number;
        }
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(u8::MAX, |(_, number, _)| *number)
    }

    /// Back from [`Kind::number`].
    pub fn of_number(number: u8) -> Kind {
        KINDS.get(usize::from(number)).map_or(Kind::Unknown(number), |(kind, ..)| *kind)
    }

    /// As it is written in JSON and shown to people.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("unknown", |(.., word)| *word)
    }

    /// Back from [`Kind::word`].
    pub fn of_word(word: &str) -> Option<Kind> {
        KINDS.iter().find(|(.., known)| *known == word).map(|(kind, ..)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_its_number_and_its_word() {
        for (place, (kind, number, word)) in KINDS.iter().enumerate() {
            assert_eq!(usize::from(*number), place);
            assert_eq!((kind.number(), kind.word()), (*number, *word));
            assert_eq!((Kind::of_number(*number), Kind::of_word(word)), (*kind, Some(*kind)));
        }
        assert_eq!(Kind::of_number(200).number(), 200);
    }
}
