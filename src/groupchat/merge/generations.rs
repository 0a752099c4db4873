//! One database has one generation, whichever of its dumps shows it.
//!
//! A dump cut down to a few columns may not tell its generation. Were it guessed dump by dump, an old
//! dump could seem to be of the newer generation and outdo all others.

use std::collections::BTreeMap;

use crate::chat::{Generation, Guid};
use crate::groupchat::structure::DumpStructure;

/// Gives every dump that cannot prove its generation that of the others of its database: of those
/// that prove theirs, if there are any; the older one where they disagree.
pub(super) fn agree(dumps: &mut [DumpStructure]) {
    let mut known: BTreeMap<Guid, (bool, Generation)> = BTreeMap::new();
    for dump in dumps.iter().filter(|dump| !dump.database.is_nil()) {
        let said = (dump.generation_proven, dump.generation);
        let best = known.entry(dump.database).or_insert(said);
        if (!said.0, said.1) < (!best.0, best.1) {
            *best = said;
        }
    }
    for dump in dumps.iter_mut().filter(|dump| !dump.generation_proven) {
        if let Some(&(_, generation)) = known.get(&dump.database) {
            dump.generation = generation;
            dump.nodes.iter_mut().for_each(|node| node.node.generation = generation);
        }
    }
}
