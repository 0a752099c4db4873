//! The words in which findings speak of nodes and people.

use crate::chat::{Author, Node, NodeKind, Person, Settled, Text};

/// How many people or names a sentence lists before it only counts.
const MOST_LISTED: usize = 10;

/// Returns the name of a node, or its kind and GUID where it has none.
pub(super) fn node(node: &Node) -> Text {
    match (node.name.is_empty(), node.kind) {
        (false, _) => node.name.clone(),
        (true, NodeKind::Category) => Text::from(format!("Category {}", node.guid)),
        (true, NodeKind::Room) => Text::from(format!("Room {}", node.guid)),
    }
}

/// Returns what tells a person apart: the address, else the name, else number or GUID.
pub(super) fn person(person: &Person) -> Text {
    let facts = &person.facts;
    let written = facts.uri.as_ref().or(person.address.as_ref().map(|address| address.address()));
    match written.or(facts.name.as_ref()).filter(|text| !text.is_empty()) {
        Some(text) => text.clone(),
        None => Text::from(match &person.author {
            Author::Numbered { number, .. } => format!("prinID {number}"),
            Author::Unnamed => "(no author)".to_owned(),
            _ => person.guid.to_string(),
        }),
    }
}

/// Lists people by what tells them apart; of many the first ones and how many more there are.
pub(super) fn people(settled: &Settled, positions: &[usize]) -> String {
    let found: Vec<&Person> = positions.iter().filter_map(|&at| settled.people.get(at)).collect();
    list(found.into_iter().map(|found| person(found).to_string()))
}

/// Lists things; of many the first ones and how many more there are.
pub(super) fn list(things: impl ExactSizeIterator<Item = String>) -> String {
    let more = things.len().saturating_sub(MOST_LISTED);
    let mut listed = things.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        listed.push_str(&format!(" and {more} more"));
    }
    listed
}

/// Returns a number with its noun: `1 room`, `2 rooms`. Nouns in `y` take `ies`.
pub(super) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_and_counted() {
        let numbers = |last: usize| (1..=last).map(|number| number.to_string()).collect::<Vec<_>>();
        assert_eq!(list(numbers(2).into_iter()), "1, 2");
        assert_eq!(list(numbers(12).into_iter()), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }

    #[test]
    fn nouns_agree_with_their_number() {
        assert_eq!(
            [count(1, "room"), count(0, "room"), count(2, "category")],
            ["1 room", "0 rooms", "2 categories"]
        );
    }
}
