//! The identity of each message, computed anew from what the documents say of it.
//!
//! Messages that are equal in room, time, author and normal text differ in an ordinal that stands
//! nowhere: `n` of them must have the identities with the ordinals below `n`, in whatever order.
//! They have one time, so only messages of one time are kept together. That no identity stands
//! twice is proven for the whole package elsewhere, and is not told of again here.

use crate::chat::{Guid, MessageId, Text, Ticks};
use crate::normalize::{Identity, normal_text};
use crate::package::verify::fault;
use crate::package::verify::problem::Problems;

/// Messages of one time, in one part or in parts that follow each other.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    ticks: Ticks,
    /// For every message the identity that it has if it is the first of its equals.
    firsts: Vec<MessageId>,
    /// Those with another identity.
    others: Vec<Other>,
}

/// A message whose identity is not that of the first of its equals.
#[derive(Debug, Clone)]
struct Other {
    first: MessageId,
    id: MessageId,
    line: u64,
    identity: Identity,
}

impl Tie {
    fn new(ticks: Ticks) -> Tie {
        Tie { ticks, firsts: Vec::new(), others: Vec::new() }
    }

    /// Proves the identities of a time of which all messages are known.
    fn judge(mut self, path: &str, problems: &mut Problems) {
        if self.others.is_empty() {
            return;
        }
        self.firsts.sort_unstable();
        self.others.sort_by_key(|other| other.first);
        let mut wrong: Vec<&Other> = Vec::new();
        for equals in self.others.chunk_by(|one, other| one.first == other.first) {
            let Some(Other { first, identity, .. }) = equals.first() else { continue };
            let start = self.firsts.partition_point(|known| known < first);
            let end = self.firsts.partition_point(|known| known <= first);
            let count = u32::try_from(end - start).unwrap_or(u32::MAX);
            let mut expected: Vec<MessageId> = (1..count).map(|ordinal| identity.id(ordinal)).collect();
            expected.sort_unstable();
            wrong.extend(equals.iter().filter(|other| expected.binary_search(&other.id).is_err()));
        }
        wrong.sort_by_key(|other| (other.line, other.id));
        for Other { first, id, line, .. } in wrong {
            let what = format!("line {line}: message {id} has what makes up the identity {first}");
            problems.add(&fault::MESSAGE_ID, path, what);
        }
    }
}

/// Takes the messages of one part in their order.
#[derive(Debug)]
pub(super) struct Identities {
    room: Guid,
    /// Whether the messages of the first time may have equals in the part before.
    continues: bool,
    now: Option<Tie>,
    /// The first time, if it continues that of the part before.
    begun: Option<Tie>,
}

/// A message, as far as its identity needs it.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) id: MessageId,
    pub(super) line: u64,
    pub(super) ticks: Ticks,
    pub(super) author: &'a Text,
    /// Its text, verbatim.
    pub(super) text: &'a [u8],
}

impl Identities {
    /// Begins a part of a room; parts count from 1.
    pub(super) fn new(room: Guid, part: u32) -> Identities {
        Identities { room, continues: part > 1, now: None, begun: None }
    }

    /// Takes a message. What is wrong is told when the next time begins.
    pub(super) fn take(&mut self, path: &str, facts: &Facts<'_>, problems: &mut Problems) {
        if self.now.as_ref().is_some_and(|now| now.ticks != facts.ticks) {
            let ended = self.now.take();
            if std::mem::take(&mut self.continues) {
                self.begun = ended;
            } else if let Some(ended) = ended {
                ended.judge(path, problems);
            }
        }
        let identity = Identity::new(self.room, facts.ticks, facts.author, &normal_text(facts.text));
        let first = identity.id(0);
        let now = self.now.get_or_insert_with(|| Tie::new(facts.ticks));
        now.firsts.push(first);
        if first != facts.id {
            now.others.push(Other { first, id: facts.id, line: facts.line, identity });
        }
    }

    /// Ends the part and returns the times at its borders, which other parts may share.
    pub(super) fn finish(self) -> Vec<Tie> {
        self.begun.into_iter().chain(self.now).collect()
    }
}

/// Proves the identities at the borders of a room's parts, which are given in their order with
/// their paths.
pub(super) fn judge_borders<'a>(parts: impl Iterator<Item = (String, &'a [Tie])>, problems: &mut Problems) {
    let mut open: Option<(String, Tie)> = None;
    for (path, ties) in parts {
        for tie in ties {
            match &mut open {
                Some((_, known)) if known.ticks == tie.ticks => {
                    known.firsts.extend_from_slice(&tie.firsts);
                    known.others.extend_from_slice(&tie.others);
                }
                _ => {
                    if let Some((path, ended)) = open.replace((path.clone(), tie.clone())) {
                        ended.judge(&path, problems);
                    }
                }
            }
        }
    }
    if let Some((path, ended)) = open {
        ended.judge(&path, problems);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes messages of one author and text, given as time and ordinal, in parts.
    fn judge(parts: &[&[(i64, u32)]]) -> usize {
        let (room, author) = (Guid::from_u128(7), Text::from("ann@litware.example"));
        let mut problems = Problems::default();
        let mut borders = Vec::new();
        for (number, part) in (1..).zip(parts) {
            let mut identities = Identities::new(room, number);
            for &(time, ordinal) in *part {
                let ticks = Ticks::new(time).unwrap();
                let id = Identity::new(room, ticks, &author, b"a b").id(ordinal);
                let facts = Facts { id, line: 1, ticks, author: &author, text: b"a\r\nb" };
                identities.take("part", &facts, &mut problems);
            }
            borders.push(identities.finish());
        }
        judge_borders(borders.iter().map(|ties| ("border".to_owned(), ties.as_slice())), &mut problems);
        problems.finish().0.len()
    }

    #[test]
    fn equal_messages_have_the_first_ordinals_in_any_order() {
        assert_eq!(judge(&[&[(1, 0), (2, 2), (2, 0), (2, 1), (3, 0)]]), 0);
        assert_eq!(judge(&[&[(1, 1), (2, 0)]]), 1);
        assert_eq!(judge(&[&[(1, 0), (1, 2), (2, 0)]]), 1);
        assert_eq!(judge(&[&[(1, 0), (2, 3)]]), 1);
    }

    #[test]
    fn equal_messages_may_stand_in_parts_that_follow_each_other() {
        assert_eq!(judge(&[&[(1, 0), (2, 2)], &[(2, 0)], &[(2, 1), (3, 0)]]), 0);
        assert_eq!(judge(&[&[(1, 0), (2, 2)], &[(2, 0)], &[(3, 1), (4, 0)]]), 2);
        assert_eq!(judge(&[&[(1, 1)], &[(2, 0)]]), 1);
    }
}
