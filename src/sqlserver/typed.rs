//! Giving the values of a text dump the types that their columns are known to have, so that a table
//! has one written form whatever it was exported as.

use std::borrow::Cow;

use super::{Column, DataType, Value};

impl Value<'_> {
    /// Returns the value in the type of its column. What does not read as that type, and text of a
    /// column whose type is text or unknown, stays as it stands; `NULL` and `\N` without quotes are
    /// NULL where the column may be.
    pub fn typed(&self, column: &Column) -> Value<'_> {
        let nullable = column.nullable;
        let typed = match column.data_type {
            DataType::Unknown => None,
            DataType::Bit => {
                self.as_nullable_bit(nullable).ok().map(|bit| bit.map_or(Value::Null, Value::Bit))
            }
            DataType::TinyInt | DataType::SmallInt | DataType::Int | DataType::BigInt => {
                let number = self.as_nullable_integer(nullable).ok();
                number.map(|number| number.map_or(Value::Null, Value::Integer))
            }
            DataType::UniqueIdentifier => {
                self.as_nullable_guid(nullable).ok().map(|guid| guid.map_or(Value::Null, Value::Guid))
            }
            DataType::DateTime | DataType::SmallDateTime => {
                self.as_nullable_time(nullable).ok().map(|time| time.map_or(Value::Null, Value::Time))
            }
            _ => match self {
                Value::Text { bytes, quoted: false } if nullable && matches!(&**bytes, b"NULL" | b"\\N") => {
                    Some(Value::Null)
                }
                _ => None,
            },
        };
        typed.unwrap_or_else(|| self.borrowed())
    }

    fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Text { bytes, quoted } => Value::Text { bytes: Cow::Borrowed(bytes), quoted: *quoted },
            Value::Binary(bytes) => Value::Binary(Cow::Borrowed(bytes)),
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::CsvWriter;

    #[test]
    fn one_table_has_one_form_whatever_it_was_exported_as() {
        let column = |data_type, nullable| Column { name: "c".to_owned(), data_type, nullable };
        let columns = [
            column(DataType::Bit, true),
            column(DataType::Int, false),
            column(DataType::UniqueIdentifier, true),
            column(DataType::DateTime, false),
            column(DataType::NVarChar(20), true),
            column(DataType::NVarChar(20), false),
        ];
        let written = |row: [&str; 6]| {
            let mut writer = CsvWriter::new(Vec::new(), &columns).unwrap();
            let values = row.map(|text| Value::Text { bytes: text.as_bytes().into(), quoted: false });
            let typed: Vec<Value<'_>> =
                values.iter().zip(&columns).map(|(value, column)| value.typed(column)).collect();
            writer.row(&typed).unwrap();
            let text = String::from_utf8(writer.finish().unwrap()).unwrap();
            text.lines().nth(1).unwrap().to_owned()
        };
        let guid = "{6F9619FF-8B86-D011-B42D-00C04FC964FF}";
        let plain = "1,7,6f9619ff-8b86-d011-b42d-00c04fc964ff,2012-01-02 00:00:00.000,\\N,\"NULL\"";
        assert_eq!(written(["True", "7", guid, "2012-01-02", "NULL", "NULL"]), plain);
        assert_eq!(written(["1", "+7", &guid[1..37], "2012-01-02T00:00:00.000", "\\N", "NULL"]), plain);
        assert_eq!(
            written(["", "x", "", "1/2/2012", "", ""]),
            "\\N,x,\\N,1/2/2012,,",
            "what does not fit stays"
        );
    }
}
