//! The non-XML kind: a version, a count, and a line a field.

use super::native::{self, Storage, by_prefix};
use super::{Draft, Field, Refusal, unescape};
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::{Column, DataType};

/// Major versions in use, SQL Server 2000 to 2022.
const VERSIONS: std::ops::RangeInclusive<u32> = 8..=16;

/// Tells whether text begins with a version and a count.
pub(super) fn is_like(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().is_some_and(|line| version(line).is_some())
        && lines.next().is_some_and(|line| line.parse::<usize>().is_ok())
}

pub(super) fn parse(text: &str) -> Result<Draft, Refusal> {
    let damaged = |why: String| Refusal::Damaged(why);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .next()
        .and_then(version)
        .ok_or_else(|| damaged("its first line is no version from 8.0 to 16.0".to_owned()))?;
    let count =
        lines.next().and_then(|line| line.parse::<usize>().ok()).filter(|count| *count <= MAX_COLUMNS);
    let count = count.ok_or_else(|| damaged("its second line is no number of fields".to_owned()))?;
    let mut draft = Draft::default();
    let mut columns = Vec::new();
    for number in 1..=count {
        let line =
            lines.next().ok_or_else(|| damaged(format!("it ends before field {number} of {count}")))?;
        let (field, server) = field(number, line)?;
        if let Some((place, column)) = server {
            columns.push((place, number - 1, column));
        }
        draft.fields.push(field);
    }
    columns.sort_by_key(|(place, ..)| *place);
    if columns.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(damaged("two fields belong to one column".to_owned()));
    }
    draft.columns = columns.into_iter().map(|(_, field, column)| (field, column)).collect();
    Ok(draft)
}

fn version(line: &str) -> Option<u32> {
    let (major, minor) = line.split_once('.')?;
    let sound = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    major.parse().ok().filter(|major| sound && VERSIONS.contains(major))
}

/// Reads a field's line; gives with it the column and its place in the table, if it has one.
fn field(number: usize, line: &str) -> Result<(Field, Option<(usize, Column)>), Refusal> {
    let damaged = |what: &str| Refusal::Damaged(format!("field {number} {what}"));
    let words = words(line);
    let [id, host_type, prefix, length, terminator, place, name @ ..] = words.as_slice() else {
        return Err(damaged("has too few entries"));
    };
    let length: Option<usize> = length.parse().ok();
    let prefix: u8 = prefix
        .parse()
        .ok()
        .filter(|prefix| matches!(prefix, 0 | 1 | 2 | 4 | 8))
        .ok_or_else(|| damaged("has no length prefix of 0, 1, 2, 4 or 8 bytes"))?;
    let (wide, data_type) = match host_type.as_str() {
        "SQLCHAR" => (false, None),
        "SQLNCHAR" => (true, None),
        "SQLBINARY" | "SQLVARYBIN" => (false, Some(by_prefix(None, prefix, length))),
        other => match native::data_type(other, None, None, None) {
            Some(data_type) => (false, Some(data_type)),
            None => return Err(damaged(&format!("is of a type that is none of bcp's: {other}"))),
        },
    };
    let storage = Storage { prefix, length, data_type };
    let place: usize = place.parse().map_err(|_| damaged("has no place in the table"))?;
    // A name with blanks need not stand in quotes; the last entry is the collation.
    let name = match name {
        [] => return Err(damaged("has no name")),
        [name] | [name, _] => name.clone(),
        [name @ .., _] => name.join(" "),
    };
    let field = Field { id: id.clone(), wide, terminator: unescape(terminator), storage };
    let column = Column { name, data_type: DataType::Unknown, nullable: true };
    Ok((field, (place > 0).then_some((place, column))))
}

/// Splits a line at blanks outside quotes; takes quotes off and leaves escapes in.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = if first == '"' { quoted(&rest[1..]) } else { bare(rest) };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

fn bare(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

fn quoted(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return (&text[..at], &text[at + 1..]),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use crate::sqlserver::{Encoding, FormatFile};

    fn parsed(text: &str) -> FormatFile {
        FormatFile::parse("x.fmt", text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_stand_in_table_order_and_skipped_fields_have_none() {
        let format = parsed(
            "12.0\r\n3\r\n1 SQLCHAR 0 10 \"\\t\" 2 Name \"\"\r\n2 SQLCHAR 0 9 \"+|\" 0 Ignored \"\"\r\n\
             3 SQLCHAR 0 9 \"\\r\\n\" 1 \"The Id\" Latin1_General_CI_AS\r\n",
        );
        let names: Vec<&str> = format.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["The Id", "Name"]);
        assert_eq!(format.order, [2, 0]);
        assert_eq!(format.terminators(), [b"\t".to_vec(), b"+|".to_vec(), b"\r\n".to_vec()]);
        assert_eq!(format.encoding(), None);
    }

    #[test]
    fn fields_of_utf16_call_for_utf16() {
        let format =
            parsed("10.0\n2\n1 SQLNCHAR 0 8 \"\\t\\0\" 1 a \"\"\n2 SQLNCHAR 0 8 \"\\r\\0\\n\\0\" 2 b \"\"\n");
        assert_eq!(format.encoding(), Some(Encoding::Utf16LittleEndian));
        assert_eq!(format.terminators(), [b"\t".to_vec(), b"\r\n".to_vec()]);
    }

    #[test]
    fn a_quote_can_end_a_field() {
        let format = parsed("9.0\n1\n1 SQLCHAR 0 8 \"\\\",\\\"\" 1 a \"\"\n");
        assert_eq!(format.terminators(), [b"\",\"".to_vec()]);
    }

    #[test]
    fn native_fields_have_types_prefixes_and_lengths() {
        let format = parsed(
            "12.0\n4\n1 SQLINT 1 4 \"\" 1 a \"\"\n2 SQLNCHAR 2 100 \"\" 2 b x\n3 SQLBINARY 8 0 \"\" 3 c \"\"\n\
             4 SQLDATETIME2 1 8 \"\" 4 d \"\"\n",
        );
        assert!(format.is_native());
        let types: Vec<String> = format.columns().iter().map(|column| column.data_type.to_string()).collect();
        assert_eq!(types, ["int", "nvarchar(50)", "varbinary(max)", "datetime2(7)"]);
    }

    #[test]
    fn contradictory_files_are_refused() {
        for (lines, why) in [
            ("1 SQLINT 3 4 \"\" 1 a \"\"", "no length prefix"),
            ("1 SQLCHAR 0 0 \"\" 1 a \"\"", "neither length, prefix nor terminator"),
            ("1 SQLCHAR 0 4 \",\" 0 a \"\"", "names no column"),
            ("1 SQLCHAR 0 4", "has too few entries"),
            ("1 FLOAT 0 4 \",\" 1 a \"\"", "none of bcp's: FLOAT"),
        ] {
            let error = FormatFile::parse("x.fmt", format!("12.0\n1\n{lines}\n").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        let twice = "12.0\n2\n1 SQLCHAR 0 4 \",\" 1 a \"\"\n2 SQLCHAR 0 4 \",\" 1 b \"\"\n";
        assert!(FormatFile::parse("x.fmt", twice.as_bytes()).is_err());
    }
}
