//! What `Origin.xml` promises: the digest of the model, and the number of rows.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::model::attribute;

/// The promises; each is absent where the document does not make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// SHA-256 of `model.xml` in hexadecimal digits.
    pub(super) model: Option<String>,
    /// Rows of all tables.
    pub(super) rows: Option<u64>,
}

/// Reads the document.
pub(super) fn parse(text: &str) -> Result<Origin, String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut origin = Origin::default();
    let mut rows = false;
    let mut model = false;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                rows = element.local_name().as_ref() == "TableRowCountTotalTag";
                model = element.local_name().as_ref() == "Checksum"
                    && attribute(&element, "Uri")?.as_deref() == Some("/model.xml");
            }
            Event::Text(text) => {
                let text: &str = &text;
                if rows {
                    origin.rows = text.trim().parse().ok();
                }
                if model {
                    origin.model = Some(text.trim().to_owned());
                }
            }
            Event::End(_) => (rows, model) = (false, false),
            Event::DocType(_) => return Err("it has a document type definition".to_owned()),
            Event::Eof => return Ok(origin),
            _ => {}
        }
    }
}
