//! Which of several groups lies nearest in the tree of folders.

use crate::ledger::Digest;

/// What a search for the nearest group found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing anywhere.
    None,
    /// One, or several with equal digests, of which this is the first.
    One(usize),
    /// Several that differ and are equally near.
    Several(Vec<usize>),
}

/// Looks for a candidate in the folder itself, then below it, then below each folder above it, then
/// everywhere. The first of these places that has any decides.
pub(super) fn nearest<'g>(
    folder: &str,
    candidates: &[usize],
    folder_of: impl Fn(usize) -> &'g String,
    digests_of: impl Fn(usize) -> &'g Vec<Digest>,
) -> Found {
    let choose = |lies_there: &dyn Fn(&str) -> bool| {
        let mut near = candidates.iter().copied().filter(|&at| lies_there(folder_of(at)));
        let first = near.next()?;
        let others: Vec<usize> = near.filter(|&at| digests_of(at) != digests_of(first)).collect();
        Some(match others.is_empty() {
            true => Found::One(first),
            false => Found::Several([vec![first], others].concat()),
        })
    };
    let mut found = choose(&|other| other == folder);
    let mut above = Some(folder);
    while let (None, Some(place)) = (&found, above) {
        found = choose(&|other| lies_below(other, place));
        above = parent(place);
    }
    found.or_else(|| choose(&|_| true)).unwrap_or(Found::None)
}

const SEPARATORS: &[char] = &['/', '\\', '#'];

/// Tells whether a folder is another one or lies below it. An archive is a folder too.
fn lies_below(folder: &str, above: &str) -> bool {
    let rest = folder.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || above.is_empty() || rest.starts_with(SEPARATORS))
}

fn parent(folder: &str) -> Option<&str> {
    match folder.rfind(SEPARATORS) {
        Some(at) => Some(&folder[..at]),
        None => (!folder.is_empty()).then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(from: &str, candidates: &[(&str, u8)]) -> Found {
        let folders: Vec<String> = candidates.iter().map(|candidate| candidate.0.to_string()).collect();
        let digests: Vec<Vec<Digest>> =
            candidates.iter().map(|candidate| vec![Digest([candidate.1; 32])]).collect();
        let all: Vec<usize> = (0..candidates.len()).collect();
        nearest(from, &all, |at| &folders[at], |at| &digests[at])
    }

    #[test]
    fn the_nearest_place_with_any_candidate_decides() {
        assert_eq!(search("a/b", &[("x", 1), ("a/c", 2), ("a/b", 3)]), Found::One(2));
        assert_eq!(search("a/b", &[("x", 1), ("a/c", 2)]), Found::One(1));
        assert_eq!(search("a", &[("x", 1), ("a/b/c", 2)]), Found::One(1));
        assert_eq!(search("z", &[("x", 1)]), Found::One(0));
        assert_eq!(search("z", &[]), Found::None);
    }

    #[test]
    fn equally_near_candidates_are_one_only_if_they_are_copies() {
        assert_eq!(search("a", &[("x", 1), ("y", 2)]), Found::Several(vec![0, 1]));
        assert_eq!(search("a", &[("x", 1), ("y", 1)]), Found::One(0));
    }

    #[test]
    fn a_folder_is_not_below_one_whose_name_merely_begins_alike() {
        assert_eq!(search("ab/chat", &[("abc", 1), ("ab/x", 2)]), Found::One(1));
        assert_eq!(search("all.zip#chat", &[("all.zip#node", 1), ("other", 2)]), Found::One(0));
    }
}
