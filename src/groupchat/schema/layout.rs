//! Documented layouts, for files that do not name their columns.

use super::TableKind;
use super::facts::{Fact, facts};
use crate::chat::{Generation, Guid, Ticks};
use crate::sqlserver::{Column, DataType, Value};

/// The columns of a table in documented order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Whose layout it is; `None` where both generations have the same.
    pub generation: Option<Generation>,
    /// The columns.
    pub columns: Vec<Column>,
}

/// Returns the layouts in which the vendor documents a table: one a generation, or one for both.
pub fn documented_layouts(kind: TableKind) -> Vec<Layout> {
    let layout = |generation| Layout {
        generation: Some(generation),
        columns: facts(kind).iter().filter(|fact| fact.is_in(generation)).map(column).collect(),
    };
    let legacy = layout(Generation::GroupChat);
    let modern = layout(Generation::PersistentChat);
    match legacy.columns == modern.columns {
        true if legacy.columns.is_empty() => Vec::new(),
        true => vec![Layout { generation: None, ..legacy }],
        false => vec![legacy, modern],
    }
}

fn column(fact: &Fact) -> Column {
    Column { name: fact.name.to_string(), data_type: fact.data_type, nullable: fact.nullable }
}

/// Tells whether a row can be one of a table with this layout: as many values as columns, each of
/// which reads as its column's type. Lengths are not looked at.
pub fn fits(kind: TableKind, layout: &Layout, values: &[Value<'_>]) -> bool {
    values.len() == layout.columns.len()
        && values.iter().zip(&layout.columns).all(|(value, column)| {
            let holds_ticks = facts(kind).iter().any(|fact| fact.ticks && fact.name == column.name);
            value_fits(value, column, holds_ticks)
        })
}

/// Returns the documented tables that rows without column names can belong to, in a fixed order.
///
/// Serves files whose name tells nothing; only a single candidate should be believed. None if there
/// are no rows to judge by.
pub fn layouts_for_field_count(fields: usize, rows: &[Vec<Value<'_>>]) -> Vec<(TableKind, Layout)> {
    let mut candidates = Vec::new();
    for kind in TableKind::DOCUMENTED {
        for layout in documented_layouts(kind) {
            let sound = layout.columns.len() == fields && rows.iter().all(|row| fits(kind, &layout, row));
            if sound && !rows.is_empty() {
                candidates.push((kind, layout));
            }
        }
    }
    candidates
}

fn value_fits(value: &Value<'_>, column: &Column, holds_ticks: bool) -> bool {
    use DataType::*;
    match value {
        Value::Null => column.nullable,
        Value::Bit(_) => matches!(column.data_type, Bit | Unknown),
        Value::Integer(number) => match column.data_type {
            Unknown => true,
            Bit => (0..=1).contains(number),
            _ => integer_fits(*number, column.data_type),
        },
        Value::Guid(_) => matches!(column.data_type, UniqueIdentifier | Unknown),
        Value::Binary(_) => matches!(column.data_type, Image | UniqueIdentifier | Unknown),
        Value::Time(_) => {
            holds_ticks || matches!(column.data_type, DateTime | SmallDateTime | DateTime2(_) | Unknown)
        }
        Value::DateTime2 { .. } => holds_ticks || matches!(column.data_type, DateTime2(_) | Unknown),
        Value::Text { bytes, quoted } => text_fits(bytes, *quoted, column, holds_ticks),
        // No documented table has a column of any further type.
        _ => column.data_type == Unknown,
    }
}

fn text_fits(bytes: &[u8], quoted: bool, column: &Column, holds_ticks: bool) -> bool {
    use DataType::*;
    let is_text = matches!(column.data_type, NVarChar(_) | NVarCharMax | VarCharMax | Unknown);
    if is_text {
        return true;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim();
    let absent = text.is_empty() || (!quoted && (text == "NULL" || text == "\\N"));
    if absent {
        return column.nullable;
    }
    match column.data_type {
        Bit => ["0", "1", "true", "false"].iter().any(|flag| flag.eq_ignore_ascii_case(text)),
        // `prinDisabled` was a bit once, and some exports still write it so.
        TinyInt | SmallInt if ["true", "false"].iter().any(|flag| flag.eq_ignore_ascii_case(text)) => true,
        TinyInt | SmallInt | Int | BigInt => {
            text.parse().is_ok_and(|number| integer_fits(number, column.data_type))
                || (holds_ticks && Ticks::parse_iso(text).is_some())
        }
        UniqueIdentifier => Guid::try_parse(text).is_ok(),
        DateTime | SmallDateTime | DateTime2(_) => looks_like_a_date(text),
        _ => text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x'),
    }
}

fn integer_fits(number: i64, data_type: DataType) -> bool {
    match data_type {
        DataType::TinyInt => u8::try_from(number).is_ok(),
        DataType::SmallInt => i16::try_from(number).is_ok(),
        DataType::Int => i32::try_from(number).is_ok(),
        DataType::BigInt => true,
        _ => false,
    }
}

/// Takes dates of any culture: digits with separators, perhaps a name of half the day.
fn looks_like_a_date(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let separators = text.bytes().filter(|byte| b"-/.:".contains(byte)).count();
    digits >= 4 && separators >= 2 && text.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn row(fields: &str) -> Vec<Value<'static>> {
        let field = |field: &str| Value::Text { bytes: Cow::Owned(field.as_bytes().to_vec()), quoted: false };
        fields.split('|').map(field).collect()
    }

    #[test]
    fn the_documented_number_of_columns_stands() {
        let counts = |kind| documented_layouts(kind).iter().map(|l| l.columns.len()).collect::<Vec<_>>();
        assert_eq!(counts(TableKind::Chat), [6, 7]);
        assert_eq!(counts(TableKind::Node), [25, 18]);
        assert_eq!(counts(TableKind::Principal), [17, 18]);
        assert_eq!(counts(TableKind::LastChatId), [2]);
        assert_eq!(counts(TableKind::Other), [] as [usize; 0]);
    }

    #[test]
    fn a_row_fits_the_layout_whose_types_it_has() {
        let chat = &documented_layouts(TableKind::Chat)[0];
        assert!(fits(TableKind::Chat, chat, &row("300|1|633482073409535482|10|False|hello")));
        assert!(fits(TableKind::Chat, chat, &row("300|1|2008-06-04 20:15:40.953|10|0|NULL")));
        assert!(!fits(TableKind::Chat, chat, &row("hello|1|633482073409535482|10|0|300")));
        assert!(!fits(TableKind::Chat, chat, &row("300|1|633482073409535482|10|2|hello")));
        assert!(!fits(TableKind::Chat, chat, &row("300|1|633482073409535482|10|0")));
    }

    #[test]
    fn rows_without_any_name_are_taken_for_the_one_table_they_fit() {
        let rows = [row("300|1|633482073409535482|10|0|hello"), row("300|2|633482073409535483|11|1|")];
        let candidates = layouts_for_field_count(6, &rows);
        assert_eq!(candidates.iter().map(|found| found.0).collect::<Vec<_>>(), [TableKind::Chat]);
        assert!(layouts_for_field_count(6, &[]).is_empty());
    }

    #[test]
    fn two_numbers_in_a_row_could_be_many_tables() {
        assert!(layouts_for_field_count(2, &[row("300|17")]).len() > 1);
    }
}
