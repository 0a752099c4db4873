//! What a row says beyond the documented columns, as `name="value"` pairs.
//!
//! The pairs could stand in an XML start tag as they are: names are XML names, each once, and values
//! are escaped. A value that XML 1.0 cannot hold stands as `<name>Utf16="…"`, the Base64 of UTF-16LE,
//! as in the package's documents.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::field::{is_null, render, to_text};
use super::schema::is_foreign;
use crate::sqlserver::{Column, Value};

/// The columns whose values are kept as pairs, with the names they get.
#[derive(Debug, Default)]
pub(super) struct ExtraColumns {
    columns: Vec<(usize, String)>,
    field: Vec<u8>,
}

impl ExtraColumns {
    /// Takes all columns but those at the positions that have a meaning of their own, and those that
    /// come from the exporting program.
    pub(super) fn new(columns: &[Column], meant: &[Option<usize>]) -> ExtraColumns {
        let mut names = BTreeSet::new();
        let extra =
            |(at, column): &(usize, &Column)| !meant.contains(&Some(*at)) && !is_foreign(&column.name);
        let columns = columns.iter().enumerate().filter(extra);
        ExtraColumns {
            columns: columns.map(|(at, column)| (at, xml_name(&column.name, &mut names))).collect(),
            field: Vec::new(),
        }
    }

    /// Appends the pairs of a row, separated by one blank. Values that are NULL or empty say nothing.
    pub(super) fn append(&mut self, values: &[Value<'_>], out: &mut Vec<u8>) {
        let start = out.len();
        for (at, name) in &self.columns {
            let Some(value) = values.get(*at).filter(|value| !is_null(value)) else { continue };
            self.field.clear();
            render(value, &mut self.field);
            if self.field.is_empty() {
                continue;
            }
            if out.len() > start {
                out.push(b' ');
            }
            out.extend_from_slice(name.as_bytes());
            append_value(&self.field, out);
        }
    }
}

/// Appends `="value"`, or what stands for a value that XML cannot hold.
fn append_value(value: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(value) {
        Ok(text) if text.chars().all(is_xml_character) => {
            out.extend_from_slice(b"=\"");
            for character in text.chars() {
                append_escaped(character, out);
            }
        }
        _ => {
            let units: Vec<u8> = to_text(value).units().flat_map(u16::to_le_bytes).collect();
            out.extend_from_slice(b"Utf16=\"");
            out.extend_from_slice(STANDARD.encode(units).as_bytes());
        }
    }
    out.push(b'"');
}

fn append_escaped(character: char, out: &mut Vec<u8>) {
    let reference: &[u8] = match character {
        '&' => b"&amp;",
        '<' => b"&lt;",
        '>' => b"&gt;",
        '"' => b"&quot;",
        '\t' => b"&#x9;",
        '\n' => b"&#xA;",
        '\r' => b"&#xD;",
        _ => return out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    };
    out.extend_from_slice(reference);
}

/// The characters of XML 1.0, section 2.2.
fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Makes an XML name of a column's name, one that no other column has.
fn xml_name(column: &str, taken: &mut BTreeSet<String>) -> String {
    let kept = |next: char| if next.is_ascii_alphanumeric() || "_-.".contains(next) { next } else { '_' };
    let mut name: String = column.trim().chars().map(kept).collect();
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !begins_well || name.to_ascii_lowercase().starts_with("xml") {
        name.insert(0, '_');
    }
    let mut unique = name.clone();
    for number in 2_u64.. {
        if taken.insert(unique.to_ascii_lowercase()) {
            break;
        }
        unique = format!("{name}_{number}");
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Text;
    use crate::sqlserver::DataType;

    fn column(name: &str) -> Column {
        Column { name: name.to_string(), data_type: DataType::Unknown, nullable: true }
    }

    fn text(text: &str) -> Value<'_> {
        Value::Text { bytes: text.as_bytes().into(), quoted: true }
    }

    #[test]
    fn names_become_xml_names_and_stay_apart() {
        let columns =
            ["edited on", "edited.on", "1st", "xmlns", "EDITED_ON", "RowState", "meant"].map(column);
        let extras = ExtraColumns::new(&columns, &[Some(6), None]);
        let names: Vec<&str> = extras.columns.iter().map(|column| column.1.as_str()).collect();
        assert_eq!(names, ["edited_on", "edited.on", "_1st", "_xmlns", "EDITED_ON_2"]);
    }

    #[test]
    fn values_are_escaped_and_empty_ones_left_out() {
        let mut extras = ExtraColumns::new(&["a", "b", "c", "d"].map(column), &[]);
        let mut out = Vec::new();
        extras.append(&[text("1 < \"2\" & 3\n"), Value::Null, text(""), Value::Integer(7)], &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a=\"1 &lt; &quot;2&quot; &amp; 3&#xA;\" d=\"7\"");
    }

    #[test]
    fn a_value_that_xml_cannot_hold_is_carried_as_units() {
        let pair = |units: &[u16]| {
            let mut out = b"a".to_vec();
            append_value(Text::from_units(units.iter().copied()).as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(pair(&[0x41, 0]), "aUtf16=\"QQAAAA==\"");
        assert_eq!(pair(&[0xD800]), "aUtf16=\"ANg=\"");
    }
}
