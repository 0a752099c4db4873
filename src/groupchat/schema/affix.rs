//! What stands before and after a table's name in the name of a file.
//!
//! Prefixes tell dumps apart (`2010-tblNode`, `2013-tblNode`); suffixes such as `_2` or `.part1`
//! only number the parts of one table.

use super::TableKind;

/// Returns what stands before and after the table's name in a file name without extension, as in
/// `2013-dbo.tblChat_2`: `2013-dbo.` and `_2`.
///
/// A name that does not hold the table's name is all prefix: nothing tells what is common to it and
/// its neighbours.
pub fn name_affix(stem: &str, kind: TableKind) -> (String, String) {
    match find_name(stem, kind) {
        Some((start, end)) => (stem[..start].to_string(), stem[end..].to_string()),
        None => (stem.to_string(), String::new()),
    }
}

/// Finds a table's name in a file name, as a whole word and in any case: start and end in bytes.
pub(super) fn find_name(stem: &str, kind: TableKind) -> Option<(usize, usize)> {
    // ASCII case folding keeps every byte in its place.
    let folded = stem.to_ascii_lowercase();
    let found = kind.names().find_map(|name| {
        let name = name.to_ascii_lowercase();
        folded
            .match_indices(&name)
            .map(|(start, name)| (start, start + name.len()))
            .find(|&(_, end)| ends_word(&folded[end..]))
    });
    found.or_else(|| is_bare_name(&folded, kind).then_some((0, stem.len())))
}

/// Tells whether a file is named by the table's name without `tbl`, as the 2010 topics are titled.
fn is_bare_name(folded: &str, kind: TableKind) -> bool {
    kind.names().any(|name| name.to_ascii_lowercase().strip_prefix("tbl") == Some(folded))
}

/// Tells whether a table's name ends before this text, as it does not before `Role` in
/// `tblPrincipalRole`.
fn ends_word(rest: &str) -> bool {
    let part = rest.strip_prefix("part").map(|rest| rest.trim_start_matches(SEPARATORS));
    !rest.starts_with(|next: char| next.is_alphabetic())
        || part.is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

const SEPARATORS: &[char] = &['.', '_', '-', ' '];

/// Returns the text in lower case without the number of a part at its end: `_2`, `.part1of3`, ` (2)`.
///
/// A year or a date (`_2010`, `-20120501`) is no part: it tells dumps apart.
pub(in super::super) fn part_free(text: &str) -> String {
    let folded = text.to_lowercase();
    let before_part = match folded.rfind("part") {
        Some(at) if folded[at + 4..].contains(|next: char| next.is_ascii_digit()) => &folded[..at],
        _ => &folded,
    };
    let trimmed = before_part.trim_end_matches(SEPARATORS);
    let unclosed = trimmed.strip_suffix(')').unwrap_or(trimmed);
    let stem = unclosed.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = &unclosed[stem.len()..];
    let numbers_a_part = !digits.is_empty() && (digits.len() <= 3 || digits.starts_with('0'));
    let kept = if numbers_a_part { stem.strip_suffix('(').unwrap_or(stem) } else { trimmed };
    kept.trim_end_matches(SEPARATORS).to_string()
}

/// Returns a prefix in lower case without the name of the schema at its end (`2013-dbo.`).
pub(in super::super) fn without_schema(prefix: &str) -> String {
    let folded = prefix.to_lowercase();
    let trimmed = folded.trim_end_matches(SEPARATORS);
    trimmed.strip_suffix("dbo").unwrap_or(trimmed).trim_end_matches(SEPARATORS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affix(stem: &str, kind: TableKind) -> (String, String) {
        name_affix(stem, kind)
    }

    #[test]
    fn the_name_is_found_between_prefix_and_suffix() {
        for (stem, kind, prefix, suffix) in [
            ("2013-dbo.tblChat_2", TableKind::Chat, "2013-dbo.", "_2"),
            ("TBLNODE", TableKind::Node, "", ""),
            ("mgc_tblchat.part1", TableKind::Chat, "mgc_", ".part1"),
            ("tblChatpart12", TableKind::Chat, "", "part12"),
            ("dbo.tblScopedPrincipal", TableKind::ScopePrincipal, "dbo.", ""),
            ("Node", TableKind::Node, "", ""),
            ("messages", TableKind::Chat, "messages", ""),
        ] {
            assert_eq!(affix(stem, kind), (prefix.into(), suffix.into()), "{stem}");
        }
    }

    #[test]
    fn a_longer_name_is_not_taken_for_a_shorter_one() {
        assert_eq!(find_name("tblPrincipalRole", TableKind::Principal), None);
        assert_eq!(find_name("tblChatter", TableKind::Chat), None);
        assert_eq!(find_name("old nodes", TableKind::Node), None);
    }

    #[test]
    fn parts_lose_their_number_and_years_do_not() {
        for part in ["_2", ".part1", "-Part-07", " (3)", "_part1of3", "0004", "", "_2.part9"] {
            assert_eq!(part_free(part), "", "{part}");
        }
        assert_eq!(part_free("_2010"), "_2010");
        assert_eq!(part_free("_20120501_2"), "_20120501");
        assert_eq!(part_free(" Copy"), " copy");
    }

    #[test]
    fn the_schema_is_no_part_of_a_prefix() {
        assert_eq!(without_schema("2013-dbo."), without_schema("2013-"));
        assert_eq!(without_schema("dbo."), "");
    }
}
