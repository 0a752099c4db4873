//! Walking the rows of a staging file, to prove that there are as many as was told.

use std::io::{self, BufRead, BufReader, Read};

use super::table::{Column, MESSAGES, TABLES, Table};
use super::{README, SCRIPT, format_path, path};

/// Bytes read at once.
const BUFFER: usize = 1 << 16;

/// Returns the table whose rows a file of a package holds, by its name.
fn table_of(file: &str) -> Option<&'static Table> {
    let of = |table: &&'static &Table| match table.name == MESSAGES.name {
        true => is_part(file, table.name),
        false => file == path(table.name),
    };
    TABLES.iter().find(of).copied()
}

/// Tells whether a file is a numbered one of a table.
fn is_part(file: &str, table: &str) -> bool {
    let number = || file.strip_suffix(".bcp")?.rsplit_once('.')?.1.parse::<usize>().ok();
    number().is_some_and(|number| number > 0 && file == path(&format!("{table}.{number:04}")))
}

/// Returns the text of a format file of a package, by its name.
pub(in crate::package) fn format_file(file: &str) -> Option<String> {
    let data = format!("{}.bcp", file.strip_suffix(".fmt")?);
    table_of(&data).map(Table::format_file)
}

/// Returns the files without which a package with a staging lane is not whole.
pub(in crate::package) fn required() -> Vec<String> {
    let tables = TABLES.iter().filter(|table| table.name != MESSAGES.name);
    let files = tables.flat_map(|table| [path(table.name), format_path(table.name)]);
    files.chain([SCRIPT.to_owned(), README.to_owned()]).collect()
}

/// Tells whether a file below `data/staging/` has a name that a staging lane knows.
pub(in crate::package) fn belongs(file: &str) -> bool {
    file == SCRIPT || file == README || table_of(file).is_some() || format_file(file).is_some()
}

/// Rows of a staging file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::package) struct Staged {
    /// The table that they are of.
    pub(in crate::package) table: &'static str,
    pub(in crate::package) rows: u64,
}

/// Walks all rows of a file, if it is one of rows. What is no row is told as a sentence.
///
/// # Errors
/// If the file cannot be read.
pub(in crate::package) fn read(
    file: &str,
    input: &mut dyn Read,
) -> io::Result<Option<Result<Staged, String>>> {
    let Some(table) = table_of(file) else { return Ok(None) };
    let mut input = BufReader::with_capacity(BUFFER, input);
    let mut rows = 0;
    while !input.fill_buf()?.is_empty() {
        rows += 1;
        for column in table.columns {
            if let Err(why) = pass(column, &mut input)? {
                return Ok(Some(Err(format!("row {rows}, {}: {why}", column.name))));
            }
        }
    }
    Ok(Some(Ok(Staged { table: table.name, rows })))
}

/// Passes over one value.
fn pass(column: &Column, input: &mut impl BufRead) -> io::Result<Result<(), &'static str>> {
    let mut prefix = [0; 8];
    let prefix = prefix.get_mut(..column.prefix()).unwrap_or_default();
    match input.read_exact(prefix) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Err("the file ends here")),
        outcome => outcome?,
    }
    let width = column.width().map(|width| width as u64);
    let length = if prefix.is_empty() {
        width.unwrap_or_default()
    } else if prefix.iter().all(|&byte| byte == 0xFF) {
        return Ok(if column.nullable { Ok(()) } else { Err("it is NULL") });
    } else {
        prefix.iter().rev().fold(0, |length, &byte| length << 8 | u64::from(byte))
    };
    let fits = match column.is_text() {
        true => length.is_multiple_of(2) && width.is_none_or(|most| length <= most),
        false => Some(length) == width,
    };
    if !fits {
        return Ok(Err("its length is none of the column's"));
    }
    let passed = io::copy(&mut input.take(length), &mut io::sink())?;
    Ok(if passed == length { Ok(()) } else { Err("the file ends within it") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Result<u64, String> {
        let counted = read("data/staging/AddIns.bcp", &mut &bytes[..]).unwrap().unwrap();
        counted.map(|staged| staged.rows)
    }

    #[test]
    fn rows_are_counted_and_what_is_no_row_is_told_with_its_place() {
        let mut row = vec![16];
        row.extend([7; 16]);
        row.extend([2, 0, 65, 0, 0, 0]);
        assert_eq!(rows(b""), Ok(0));
        assert_eq!(rows(&row.repeat(3)), Ok(3));
        let twice = row.repeat(2);
        for cut in 1..row.len() {
            let why = rows(&twice[..row.len() + cut]).unwrap_err();
            assert!(why.starts_with("row 2, "), "{cut}: {why}");
        }
        for (at, byte) in [(0, 15), (0, 0xFF), (17, 1), (18, 0x70)] {
            let mut odd = row.clone();
            odd[at] = byte;
            assert!(rows(&odd).is_err(), "{at} {byte}");
        }
    }

    #[test]
    fn files_are_known_by_the_one_name_they_have() {
        for (name, known) in [
            ("data/staging/Messages.0001.bcp", true),
            ("data/staging/Messages.12345.fmt", true),
            ("data/staging/People.fmt", true),
            ("data/staging/load.sql", true),
            ("data/staging/Messages.bcp", false),
            ("data/staging/Messages.1.bcp", false),
            ("data/staging/Messages.00001.bcp", false),
            ("data/staging/Messages.0000.bcp", false),
            ("data/staging/People.0001.bcp", false),
            ("data/staging/x/People.bcp", false),
            ("data/staging/other.txt", false),
        ] {
            assert_eq!(belongs(name), known, "{name}");
        }
        assert!(required().iter().all(|name| belongs(name)));
    }
}
