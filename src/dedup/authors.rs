//! When two names may mean one author.

use std::sync::Arc;

use crate::chat::{Author, Person, PersonKey, Settled, Text};
use crate::normalize::author_name;

/// How surely an author is known. Lesser ones are surer, and are matched first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Certainty {
    /// By an address that means one person.
    Sure,
    /// By an address that several principals hold.
    Shared,
    /// By a GUID or a number without address.
    NoAddress,
    /// Not at all.
    Unnamed,
}

/// The authors of a run, for comparison.
#[derive(Debug)]
pub struct Authors {
    settled: Arc<Settled>,
    names: Vec<Text>,
    certainty: Vec<Certainty>,
}

impl Authors {
    /// Prepares the people of a settled directory.
    pub fn new(settled: Arc<Settled>) -> Authors {
        let people = &settled.people;
        let (certainty, names) = people.iter().map(|person| (certainty(person), author_name(person))).unzip();
        Authors { certainty, names, settled }
    }

    /// Returns the settled directory.
    pub fn settled(&self) -> &Settled {
        &self.settled
    }

    /// Returns the position of a person.
    pub(super) fn position(&self, key: PersonKey) -> usize {
        self.settled.person(key)
    }

    pub(super) fn certainty(&self, position: usize) -> Certainty {
        self.certainty[position]
    }

    /// Returns the name by which a person stands in the identity of messages.
    pub(super) fn name(&self, position: usize) -> &Text {
        &self.names[position]
    }

    pub(super) fn person(&self, position: usize) -> &Person {
        &self.settled.people[position]
    }

    /// Tells whether two people, given by their positions, may be one author.
    ///
    /// Two sure ones must share an address: a person whose directory entry was made anew has two
    /// GUIDs and stays two people, but wrote one message. One without an address agrees with any, unless both come
    /// from one database, where different numbers are different people.
    pub(super) fn agree(&self, one: usize, other: usize) -> bool {
        if one == other {
            return true;
        }
        let (one, other) =
            if self.certainty[one] <= self.certainty[other] { (one, other) } else { (other, one) };
        let (surer, vaguer) = (self.person(one), self.person(other));
        match (self.certainty[one], self.certainty[other]) {
            (_, Certainty::Unnamed) => true,
            (Certainty::Sure | Certainty::Shared, Certainty::Sure | Certainty::Shared) => {
                surer.addresses.iter().any(|address| vaguer.addresses.contains(address))
            }
            (Certainty::NoAddress, _) => match (&surer.author, &vaguer.author) {
                (Author::Principal(_), Author::Principal(_)) => false,
                (Author::Numbered { database, .. }, Author::Numbered { database: second, .. }) => {
                    database != second
                }
                _ => true,
            },
            (_, _) => true,
        }
    }
}

fn certainty(person: &Person) -> Certainty {
    match (&person.author, &person.address) {
        (Author::Unnamed, _) => Certainty::Unnamed,
        (_, None) => Certainty::NoAddress,
        (Author::Address(_), Some(_)) if !person.rivals.is_empty() => Certainty::Shared,
        _ => Certainty::Sure,
    }
}
