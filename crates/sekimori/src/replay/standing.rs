//! What is in force when a judge has come to its end: incidents that are open and their
//! restrictions, for whoever goes on with its engine and has to show them to people.

use crate::report::tally::Names;
use sekimori_engine::event::AccountIdx;
use sekimori_engine::order::{Act, Effect, IncidentId, Order, Scope};
use std::collections::BTreeMap;

/// What is in force, as the engine has said it. No more of it than the engine itself has open.
#[derive(Debug, Default)]
pub struct Standing {
    incidents: BTreeMap<IncidentId, (AccountIdx, Effect)>,
    restrictions: BTreeMap<AccountIdx, Vec<Restriction>>,
}

/// A restriction, and the name of the line that it is about.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// As it was ordered, or renewed last.
    pub order: Order,
    /// The line's name, where it is a line's and the name was told.
    pub line: Option<Box<str>>,
}

impl Standing {
    /// Takes note of what the engine has said; `names` are those that the event at hand brought.
    pub fn see<N: Names + ?Sized>(&mut self, effect: &Effect, names: &N) {
        match effect {
            Effect::IncidentOpened { id, account, .. } => {
                self.incidents.insert(*id, (*account, effect.clone()));
            }
            Effect::IncidentReleased { id, .. } => {
                let Some((account, _)) = self.incidents.remove(id) else { return };
                self.drop_where(account, |order| order.incident == Some(*id));
            }
            Effect::Order(order) => match order.act {
                Act::Restrict => self.restrict(order, names),
                Act::Lift => self.drop_where(order.account, |known| known.scope == order.scope),
                Act::HangUp(_) | Act::Extend(..) | Act::Notify | Act::Watch => {}
            },
            Effect::BarEnded { .. } => {}
        }
    }

    /// How many incidents are open.
    pub fn n_incidents(&self) -> usize {
        self.incidents.len()
    }

    /// What is open and in force, by account: incidents first.
    pub fn into_accounts(self) -> BTreeMap<AccountIdx, (Vec<Effect>, Vec<Restriction>)> {
        let mut all: BTreeMap<AccountIdx, (Vec<Effect>, Vec<Restriction>)> = BTreeMap::new();
        for (account, effect) in self.incidents.into_values() {
            all.entry(account).or_default().0.push(effect);
        }
        for (account, restrictions) in self.restrictions {
            all.entry(account).or_default().1 = restrictions;
        }
        all
    }

    fn restrict<N: Names + ?Sized>(&mut self, order: &Order, names: &N) {
        let known = self.restrictions.entry(order.account).or_default();
        if let Some(known) = known.iter_mut().find(|known| known.order.scope == order.scope) {
            known.order.until = order.until;
            return;
        }
        let line = match order.scope {
            Scope::Line(token) => names.name(token).map(Into::into),
            _ => None,
        };
        known.push(Restriction { order: order.clone(), line });
    }

    fn drop_where(&mut self, account: AccountIdx, gone: impl Fn(&Order) -> bool) {
        let Some(known) = self.restrictions.get_mut(&account) else { return };
        known.retain(|restriction| !gone(&restriction.order));
        if known.is_empty() {
            self.restrictions.remove(&account);
        }
    }
}
