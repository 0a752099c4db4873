//! Whether the first record names the columns, and what the columns are then.

use std::collections::HashSet;

use super::rows::unpadded;
use crate::sqlserver::Column;

/// The longest name of a column, in characters (Microsoft Learn, "Database identifiers").
const LONGEST: usize = 128;

/// Turns a record into names; bytes that are no text become U+FFFD.
pub(super) fn names(record: &[Vec<u8>]) -> Vec<String> {
    record.iter().map(|field| String::from_utf8_lossy(unpadded(field)).into_owned()).collect()
}

/// Tells whether names are those of columns rather than values.
///
/// One known name among sound ones is enough, and so are known ones in the majority. Where the
/// caller has columns, a record that knows none of them is a row; where nobody knows anything, a
/// record of different identifiers is a header.
pub(super) fn is_header(names: &[String], columns: Option<&[Column]>, known: &dyn Fn(&str) -> bool) -> bool {
    let given = |name: &str| {
        columns.is_some_and(|columns| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name)))
    };
    let count = names.iter().filter(|name| known(name) || given(name)).count();
    count * 2 > names.len() || are_identifiers(names) && (count > 0 || columns.is_none())
}

fn are_identifiers(names: &[String]) -> bool {
    let mut seen = HashSet::new();
    names.iter().all(|name| is_identifier(name) && seen.insert(name.to_lowercase()))
}

/// Takes letters, digits, `_`, `$`, `#`, dots and blanks behind a letter, `_` or `#`; words that
/// stand for values are none.
fn is_identifier(name: &str) -> bool {
    let value = ["null", "true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let begins = name.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == '#');
    let inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '#' | '.' | ' ');
    begins && !value && name.chars().take(LONGEST + 1).count() <= LONGEST && name.chars().all(inside)
}

/// Makes the columns that a header names, taking type and nullability from those given.
pub(super) fn columns(names: Vec<String>, given: Option<&[Column]>) -> Vec<Column> {
    let known = |name: &str| given?.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    names
        .into_iter()
        .map(|name| match known(&name) {
            Some(column) => Column { name, ..column.clone() },
            None => Column::named(name),
        })
        .collect()
}

/// Tells whether a record is the line of dashes below the header of `sqlcmd`: as many for each
/// column as its name has characters, or more.
pub(super) fn is_rule(names: &[String], record: &[Vec<u8>]) -> bool {
    let underlines = |name: &String, field: &Vec<u8>| {
        let dashes = unpadded(field);
        !dashes.is_empty() && dashes.len() >= name.chars().count() && dashes.iter().all(|&byte| byte == b'-')
    };
    !record.is_empty()
        && names.len() == record.len()
        && names.iter().zip(record).all(|(name, field)| underlines(name, field))
}

/// Tells whether a line is such a rule with blanks between its columns: the default of `sqlcmd`,
/// in which values cannot be told from the blanks around them.
pub(super) fn is_blank_separated_rule(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.contains(&b' ') && line.starts_with(b"-") && line.iter().all(|byte| matches!(byte, b'-' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str], columns: Option<&[Column]>) -> bool {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        is_header(&names, columns, &|name| name == "chatId")
    }

    #[test]
    fn names_are_told_from_values() {
        assert!(header(&["OrderID", "Ship Name"], None));
        assert!(header(&["chatId", "chatId"], None), "known names make a header, however odd");
        assert!(header(&["chatId", "(No column name)", "x"], None) == header(&["chatId", "", "x"], None));
        for row in [["1", "x"], ["a", "a"], ["a", ""], ["a", "NULL"], ["a", "2012-01-01"], ["sip:ann@x", "b"]]
        {
            assert!(!header(&row, None), "{row:?}");
        }
    }

    #[test]
    fn where_columns_are_given_a_header_must_name_one() {
        let columns = [Column::named("Id"), Column::named("Name")];
        assert!(header(&["id", "NAME"], Some(&columns)));
        assert!(!header(&["Ann", "Bob"], Some(&columns)));
    }

    #[test]
    fn rules_are_dashes_alone() {
        let rule = |names: [&str; 2], first: &[u8], second: &[u8]| {
            is_rule(&names.map(str::to_owned), &[first.to_vec(), second.to_vec()])
        };
        assert!(rule(["name", "x"], b"----", b"---  "));
        assert!(!rule(["name", "x"], b"----", b""));
        assert!(!rule(["name", "x"], b"-", b"-"), "a row of dashes is a row");
        assert!(is_blank_separated_rule(b"----- --  \r"));
        assert!(!is_blank_separated_rule(b"-----  "));
    }
}
