//! Numbers of principals that one dump lacks and another dump of the same database explains.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::{Author, Directory, Guid};
use crate::groupchat::structure::DumpStructure;

/// Which principals the numbers of each database stand for, over all dumps.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<(Guid, i64), BTreeSet<Guid>>);

impl Numbers {
    /// Collects the numbers of all dumps that know their database, and tells the directory of them.
    pub(super) fn learn(dumps: &[DumpStructure], directory: &Directory) -> Numbers {
        let mut numbers: BTreeMap<(Guid, i64), BTreeSet<Guid>> = BTreeMap::new();
        for dump in dumps.iter().filter(|dump| !dump.database.is_nil()) {
            for (&number, principal) in &dump.principals {
                if let Author::Principal(guid) = principal.author {
                    numbers.entry((dump.database, number)).or_default().insert(guid);
                    directory.learn_number(dump.database, number, guid);
                }
            }
        }
        Numbers(numbers)
    }

    /// Puts principals in the place of numbers that stand for one alone, so that equal lists of
    /// people are equal in every dump.
    pub(super) fn resolve(&self, dump: &mut DumpStructure) {
        for node in &mut dump.nodes {
            node.roles.iter_mut().for_each(|(_, author)| self.resolve_one(author));
            node.scopes.iter_mut().for_each(|(_, author)| self.resolve_one(author));
            node.roles.sort();
            node.roles.dedup();
            node.scopes.sort();
            node.scopes.dedup();
        }
    }

    fn resolve_one(&self, author: &mut Author) {
        if let Author::Numbered { database, number } = *author {
            let known = self.0.get(&(database, number));
            if let Some(&guid) = known.filter(|guids| guids.len() == 1).and_then(BTreeSet::first) {
                *author = Author::Principal(guid);
            }
        }
    }
}
