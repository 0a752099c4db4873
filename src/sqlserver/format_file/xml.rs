//! The XML kind: `BCPFORMAT` with the fields in `RECORD` and the columns in `ROW`.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

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
                "COLUMN" => draft.columns.push(column(&element, &draft.fields)?),
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
        "CharTerm" => false,
        "NCharTerm" => true,
        _ => return Err(Refusal::Native(format!("field {id} is of type {kind}"))),
    };
    let terminator = unescape(&attribute(element, "TERMINATOR")?.unwrap_or_default());
    Ok(Field { id, wide, terminator })
}

fn column(element: &BytesStart<'_>, fields: &[Field]) -> Result<(usize, Column), Refusal> {
    let source = required(element, "SOURCE")?;
    let name = required(element, "NAME")?;
    let place = fields.iter().position(|field| field.id == source);
    let place =
        place.ok_or_else(|| Refusal::Damaged(format!("column {name} is of an unknown field {source}")))?;
    let length = attribute(element, "LENGTH")?.and_then(|length| length.parse().ok());
    let data_type = data_type(attribute(element, "type")?.as_deref().unwrap_or_default(), length);
    let nullable = attribute(element, "NULLABLE")?.as_deref() != Some("NO");
    Ok((place, Column { name, data_type, nullable }))
}

fn data_type(name: &str, length: Option<u32>) -> DataType {
    match (name, length) {
        ("SQLBIT", _) => DataType::Bit,
        ("SQLTINYINT", _) => DataType::TinyInt,
        ("SQLSMALLINT", _) => DataType::SmallInt,
        ("SQLINT", _) => DataType::Int,
        ("SQLBIGINT", _) => DataType::BigInt,
        ("SQLUNIQUEID", _) => DataType::UniqueIdentifier,
        ("SQLDATETIME", _) => DataType::DateTime,
        ("SQLDATETIM4", _) => DataType::SmallDateTime,
        ("SQLDATETIME2", _) => DataType::DateTime2(7),
        ("SQLIMAGE", _) => DataType::Image,
        ("SQLNVARCHAR", Some(length)) => DataType::NVarChar(length),
        _ => DataType::Unknown,
    }
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
    fn native_fields_are_refused() {
        for kind in ["NativeFixed", "NativePrefix", "CharFixed", "CharPrefix", "NCharPrefix"] {
            let error = parse(&format!("<FIELD ID=\"1\" xsi:type=\"{kind}\"/>"), "").unwrap_err();
            assert!(error.to_string().contains("native bcp files are not read by this version"), "{error}");
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
