//! The XML kind: `BCPFORMAT` with the fields in `RECORD` and the columns in `ROW`.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::native::{self, Storage, by_prefix};
use super::{Draft, Field, Refusal, unescape};
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::{Column, DataType};

pub(super) fn parse(text: &str) -> Result<Draft, Refusal> {
    let damaged = |why: String| Refusal::Damaged(why);
    let mut reader = Reader::from_str(text);
    let mut draft = Draft::default();
    loop {
        let event =
            reader.read_event().map_err(|error| damaged(format!("it is not well-formed: {error}")))?;
        match event {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "FIELD" => draft.fields.push(field(&element)?),
                "COLUMN" => draft.columns.push(column(&element, &mut draft.fields)?),
                _ => {}
            },
            Event::DocType(_) => return Err(damaged("it has a document type definition".to_owned())),
            Event::Eof => return Ok(draft),
            _ => {}
        }
        if draft.fields.len().max(draft.columns.len()) > MAX_COLUMNS {
            return Err(damaged("it has more fields than any table has columns".to_owned()));
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Refusal> {
    let broken = |error: &dyn std::fmt::Display| Refusal::Damaged(format!("it is not well-formed: {error}"));
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| broken(&error))?;
        if attribute.key.local_name().as_ref() == name {
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| broken(&error))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

fn required(element: &BytesStart<'_>, name: &str) -> Result<String, Refusal> {
    attribute(element, name)?.ok_or_else(|| Refusal::Damaged(format!("a field or column has no {name}")))
}

fn field(element: &BytesStart<'_>) -> Result<Field, Refusal> {
    let id = required(element, "ID")?;
    let kind = required(element, "type")?;
    let wide = match kind.as_str() {
        "CharTerm" | "CharPrefix" | "CharFixed" | "NativePrefix" | "NativeFixed" => false,
        "NCharTerm" | "NCharPrefix" | "NCharFixed" => true,
        _ => return Err(Refusal::Damaged(format!("field {id} is of an unknown type {kind}"))),
    };
    let number = |name| attribute(element, name).map(|text| text.and_then(|text| text.parse::<usize>().ok()));
    let prefix = match number("PREFIX_LENGTH")? {
        Some(prefix @ (1 | 2 | 4 | 8)) => prefix as u8,
        None if !kind.ends_with("Prefix") => 0,
        _ => return Err(Refusal::Damaged(format!("field {id} has no prefix of 1, 2, 4 or 8 bytes"))),
    };
    let length = number("LENGTH")?.or(number("MAX_LENGTH")?);
    // The type of a native field is that of its column, which follows.
    let data_type = kind.starts_with("Native").then(|| by_prefix(None, prefix, length));
    let terminator = unescape(&attribute(element, "TERMINATOR")?.unwrap_or_default());
    Ok(Field { id, wide, terminator, storage: Storage { prefix, length, data_type } })
}

fn column(element: &BytesStart<'_>, fields: &mut [Field]) -> Result<(usize, Column), Refusal> {
    let source = required(element, "SOURCE")?;
    let name = required(element, "NAME")?;
    let place = fields.iter().position(|field| field.id == source);
    let place =
        place.ok_or_else(|| Refusal::Damaged(format!("column {name} is of an unknown field {source}")))?;
    let number = |name| attribute(element, name).map(|text| text.and_then(|text| text.parse::<u32>().ok()));
    let digits = |number: Option<u32>| number.and_then(|number| u8::try_from(number).ok());
    let kind = attribute(element, "type")?.unwrap_or_default();
    let (precision, scale) = (digits(number("PRECISION")?), digits(number("SCALE")?));
    let data_type = native::data_type(&kind, number("LENGTH")?, precision, scale);
    if let (Some(field), Some(data_type)) = (fields.get_mut(place), data_type)
        && field.storage.data_type.is_some()
    {
        field.storage.data_type = Some(data_type);
    }
    let nullable = attribute(element, "NULLABLE")?.as_deref() != Some("NO");
    Ok((place, Column { name, data_type: data_type.unwrap_or(DataType::Unknown), nullable }))
}

#[cfg(test)]
mod tests {
    use crate::sqlserver::{Column, DataType, Encoding, FormatFile};

    fn document(fields: &str, columns: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<BCPFORMAT xmlns=\"http://schemas.microsoft.com/sqlserver/2004/bulkload/format\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n <RECORD>{fields}</RECORD>\n <ROW>{columns}</ROW>\n\
             </BCPFORMAT>\n"
        )
    }

    fn parse(fields: &str, columns: &str) -> crate::Result<FormatFile> {
        FormatFile::parse("x.xml", document(fields, columns).as_bytes())
    }

    #[test]
    fn fields_and_columns_are_read_with_their_types() {
        let format = parse(
            r#"<FIELD ID="1" xsi:type="NCharTerm" TERMINATOR="\t\0" MAX_LENGTH="24"/>
               <FIELD ID="2" xsi:type="NCharTerm" TERMINATOR="&quot;\0" MAX_LENGTH="24"/>
               <FIELD ID="3" xsi:type="NCharTerm" TERMINATOR="\r\0\n\0" MAX_LENGTH="512"/>"#,
            r#"<COLUMN SOURCE="3" NAME="prinUri" xsi:type="SQLNVARCHAR" LENGTH="256"/>
               <COLUMN SOURCE="1" NAME="prinID" xsi:type="SQLINT" NULLABLE="NO"/>"#,
        )
        .unwrap();
        assert_eq!(
            format.columns(),
            [
                Column { name: "prinUri".to_owned(), data_type: DataType::NVarChar(256), nullable: true },
                Column { name: "prinID".to_owned(), data_type: DataType::Int, nullable: false },
            ]
        );
        assert_eq!(format.order, [2, 0]);
        assert_eq!(format.terminators(), [b"\t".to_vec(), b"\"".to_vec(), b"\r\n".to_vec()]);
        assert_eq!(format.encoding(), Some(Encoding::Utf16LittleEndian));
    }

    #[test]
    fn a_document_type_definition_is_refused() {
        let text = format!("<!DOCTYPE BCPFORMAT [<!ENTITY a \"b\">]>{}", document("", ""));
        let error = FormatFile::parse("x.xml", text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("document type definition"), "{error}");
    }

    #[test]
    fn native_fields_have_the_types_of_their_columns() {
        let format = parse(
            r#"<FIELD ID="1" xsi:type="NativeFixed"/><FIELD ID="2" xsi:type="NCharPrefix" PREFIX_LENGTH="2" MAX_LENGTH="40"/>
               <FIELD ID="3" xsi:type="NativePrefix" PREFIX_LENGTH="1"/>"#,
            r#"<COLUMN SOURCE="1" NAME="a" xsi:type="SQLINT" NULLABLE="NO"/>
               <COLUMN SOURCE="2" NAME="b" xsi:type="SQLNVARCHAR"/>
               <COLUMN SOURCE="3" NAME="c" xsi:type="SQLDECIMAL" PRECISION="9" SCALE="2"/>"#,
        )
        .unwrap();
        assert!(format.is_native());
        let types: Vec<DataType> = format.columns().iter().map(|column| column.data_type).collect();
        assert_eq!(
            types,
            [DataType::Int, DataType::NVarCharMax, DataType::Decimal { precision: 9, scale: 2 }]
        );
    }

    #[test]
    fn fields_that_cannot_be_are_refused() {
        for field in [
            "xsi:type=\"NativePrefix\"",
            "xsi:type=\"CharPrefix\" PREFIX_LENGTH=\"3\"",
            "xsi:type=\"Odd\"",
            "xsi:type=\"CharFixed\"",
        ] {
            let column = "<COLUMN SOURCE=\"1\" NAME=\"a\"/>";
            assert!(parse(&format!("<FIELD ID=\"1\" {field}/>"), column).is_err(), "{field}");
        }
        assert!(
            parse(
                "<FIELD ID=\"1\" xsi:type=\"CharTerm\" TERMINATOR=\",\"/>",
                "<COLUMN SOURCE=\"2\" NAME=\"a\"/>"
            )
            .is_err()
        );
    }
}
