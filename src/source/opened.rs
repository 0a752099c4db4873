//! Streams as they were opened: what each is, and which reader serves it.

use std::sync::Arc;

use super::table::Table;
use crate::chat::Text;
use crate::compliance::DocumentKind;
use crate::container::Blob;
use crate::groupchat::Recognised;
use crate::ledger::Stream;
use crate::package::read::Part;

/// What an item is, and what is needed to read it.
#[derive(Debug)]
pub(super) enum Kind {
    /// A table that is known. All tables of one database bear its number; loose files bear none.
    Table { table: Table, recognised: Recognised, stem: String, database: Option<u32> },
    /// A file whose tables are streams of their own.
    Database,
    /// A table that nobody knows; it is carried verbatim.
    OtherTable { table: Table, stem: String },
    /// A table that an earlier package carried, and that is carried on.
    CarriedTable { table: Table, stem: String },
    /// A compliance document.
    Document(DocumentKind),
    /// A part of a package of ours, given by the package's position.
    Package { package: usize, part: Part },
    /// A manifest of attachments (`.ATTACH`), whose syntax is not public: listed and hashed.
    AttachmentManifest,
    /// A format file, which serves the table beside it.
    FormatFile,
    /// No bytes.
    Empty,
    /// Something that is no archive of chat, such as a note beside one.
    Ignored,
    /// XML with a root element that no reader knows.
    OtherXml(Text),
    /// A part of an archive that holds nothing but unknown XML: a vendor's export, to be described.
    VendorExport,
    /// Something that should have been readable, and is not: a file, or a table of a database.
    Refused { why: String, hint: String, table: Option<Table> },
}

/// A stream and the reader that serves it.
#[derive(Debug)]
pub(super) struct Opened {
    pub stream: Stream,
    pub folder: String,
    pub blob: Arc<dyn Blob>,
    pub kind: Kind,
}

impl Opened {
    /// Tells whether anything can be converted from it.
    pub fn is_usable(&self) -> bool {
        matches!(
            self.kind,
            Kind::Table { .. }
                | Kind::OtherTable { .. }
                | Kind::CarriedTable { .. }
                | Kind::Document(_)
                | Kind::Package { .. }
        )
    }

    /// Tells whether its records are messages or events.
    pub fn holds_records(&self) -> bool {
        match &self.kind {
            Kind::Table { recognised, .. } => crate::groupchat::is_record_table(recognised.kind),
            Kind::Document(_) => true,
            Kind::Package { part, .. } => matches!(part, Part::Content(..) | Part::Compliance(..)),
            _ => false,
        }
    }
}

/// Says why XML with this root is refused.
pub(super) fn other_root(root: &Text) -> String {
    format!("its root element is {root}; compliance documents have Conversations or FileDump")
}

/// What to do about XML with an unknown root.
pub(super) const OTHER_ROOT_HINT: &str =
    "if a transform of your own made it, give the documents from before the transform";

/// Says that something is refused, in the words of `sources.csv` too.
pub(super) fn refused(why: &str, hint: &str) -> (Kind, String) {
    (Kind::Refused { why: why.to_owned(), hint: hint.to_owned(), table: None }, "refused".to_owned())
}

/// Tells whether the name promises something that would be read.
pub(super) fn expected(name: &str) -> bool {
    let known = ["csv", "tsv", "tab", "dat", "bcp", "xml", "zip", "gz", "bak", "mdf", "bacpac", "sql"];
    known.iter().any(|known| extension(name).eq_ignore_ascii_case(known))
}

/// Returns the last part of a name.
fn last(name: &str) -> &str {
    name.rsplit(['/', '#']).next().unwrap_or(name)
}

/// Returns what stands behind the last dot of a name, `.gz` left out.
pub(super) fn extension(name: &str) -> &str {
    let last = last(name);
    let plain = last.strip_suffix(".gz").filter(|plain| plain.contains('.')).unwrap_or(last);
    plain.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Returns the last part of a name without its extension.
pub(super) fn stem(name: &str) -> &str {
    let last = last(name);
    let plain = last.strip_suffix(".gz").filter(|plain| plain.contains('.')).unwrap_or(last);
    plain.rsplit_once('.').map_or(plain, |(stem, _)| stem)
}
