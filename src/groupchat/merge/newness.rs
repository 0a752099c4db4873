//! Which dump is newer: by generation, then by the last change of any node, then by content.
//!
//! Content decides between dumps that time does not tell apart, so that the choice never rests on
//! names or the order of inputs. It is taken without numbers of databases: a dump that numbered
//! anew is equal to the one it came from.

use sha2::{Digest as _, Sha256};

use super::facets;
use crate::chat::{Author, Generation, Origin, PersonFacts};
use crate::groupchat::structure::{DumpNode, DumpStructure};

/// How new a dump is. Greater is newer; equal means equal content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Newness {
    generation: Generation,
    updated_on: i64,
    content: [u8; 32],
    numbers: [u8; 32],
}

impl Newness {
    /// Returns what of it is known wherever something taken from the dump goes.
    pub(super) fn origin(&self) -> Origin {
        Origin { generation: self.generation, updated_on: self.updated_on }
    }
}

/// Finds how new a dump is. Takes one pass over its structure.
pub(super) fn newness(dump: &DumpStructure) -> Newness {
    let mut nodes: Vec<&DumpNode> = dump.nodes.iter().collect();
    nodes.sort_by_key(|node| (node.node.guid, node.node.number));
    let mut content = Content::default();
    let mut numbers = Content::default();
    for node in &nodes {
        content.node(node);
        numbers.field(&node.node.number.to_be_bytes());
    }
    let mut people: Vec<(&Author, &PersonFacts)> =
        dump.principals.values().map(|principal| (&principal.author, &principal.facts)).collect();
    people.sort();
    for (author, facts) in people {
        content.person(author, facts);
    }
    for add_in in dump.add_ins.values() {
        content.field(add_in.guid.as_bytes());
        content.field(add_in.name.as_bytes());
        content.field(add_in.url.as_bytes());
    }
    Newness {
        generation: dump.generation,
        updated_on: dump.nodes.iter().map(|node| node.node.updated_on).max().unwrap_or(0),
        content: content.0.finalize().into(),
        numbers: numbers.0.finalize().into(),
    }
}

/// Walks the positions of dumps, the newest first.
pub(super) fn by_newness(newness: &[Newness]) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..newness.len()).collect();
    order.sort_by(|&one, &other| newness[other].cmp(&newness[one]));
    order.into_iter()
}

/// A digest of fields, each with its length, so that no two sequences of fields look alike.
#[derive(Default)]
struct Content(Sha256);

impl Content {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn node(&mut self, node: &DumpNode) {
        self.field(node.node.guid.as_bytes());
        self.field(&[node.node.guid_known.into()]);
        self.field(&node.node.updated_on.to_be_bytes());
        self.field(&node.node.last_chat_id.map(i64::to_be_bytes).unwrap_or_default());
        for facet in facets::settings(node) {
            self.field(&facet.bytes);
        }
        for list in facets::people(node) {
            self.field(&(list.people.len() as u64).to_be_bytes());
            list.people.iter().for_each(|author| self.field(&facets::author(author)));
        }
    }

    fn person(&mut self, author: &Author, facts: &PersonFacts) {
        self.field(&facets::author(author));
        let texts = [
            &facts.name,
            &facts.uri,
            &facts.email,
            &facts.company,
            &facts.directory_path,
            &facts.user_principal_name,
        ];
        for text in texts {
            self.field(&facets::optional(text.as_ref()));
        }
        self.field(&[facts.disabled, facts.kind.map_or(0, |kind| 1 + kind as u8)]);
    }
}
