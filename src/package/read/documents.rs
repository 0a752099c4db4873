//! The documents of one whole package, each under its name and in the order in which it is read.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::root::{Part, recognise};
use crate::chat::Guid;
use crate::container::{Blob, Item};
use crate::error::{Error, Result};

/// A document of a package.
#[derive(Debug, Clone)]
pub struct Document {
    /// What to call it in messages.
    pub name: String,
    /// Its bytes.
    pub blob: Arc<dyn Blob>,
}

impl Document {
    /// Opens it at its beginning.
    ///
    /// # Errors
    /// [`Error::Read`] with its name.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        self.blob.open().map_err(|cause| Error::read(&self.name, cause))
    }
}

/// A part of the messages or the events of a room.
#[derive(Debug, Clone)]
pub struct RoomDocument {
    /// The room.
    pub room: Guid,
    /// Which part, from 1.
    pub part: u32,
    /// The document.
    pub document: Document,
}

/// All documents of a package that say what it holds.
#[derive(Debug, Clone)]
pub struct Documents {
    /// `User.xml`.
    pub users: Document,
    /// `Category.xml`.
    pub categories: Option<Document>,
    /// `RoomDirectory.xml`.
    pub room_directory: Option<Document>,
    /// `report.json`.
    pub report: Option<Document>,
    /// The files of `data/ledger/` by their names without `.csv`.
    pub ledger: BTreeMap<String, Document>,
    /// Messages, by room and part.
    pub content: Vec<RoomDocument>,
    /// Events, by room and part.
    pub compliance: Vec<RoomDocument>,
}

impl Documents {
    /// Takes the documents out of the items of an input; `None` where the items are not those of one
    /// package and nothing else.
    pub fn of_one_package(items: &[Item]) -> Option<Documents> {
        let names: Vec<(&str, &str)> =
            items.iter().map(|item| (item.name.as_str(), item.folder.as_str())).collect();
        let roots = recognise(&names);
        let [root] = &roots[..] else { return None };
        let (mut users, mut categories, mut room_directory, mut report) = (None, None, None, None);
        let (mut content, mut compliance) = (Vec::new(), Vec::new());
        let mut ledger = BTreeMap::new();
        for item in items {
            let document = Document { name: item.name.clone(), blob: item.blob.clone() };
            match root.part(&item.name, &item.folder)? {
                Part::Users => users = Some(document),
                Part::Categories => categories = Some(document),
                Part::RoomDirectory => room_directory = Some(document),
                Part::Content(room, part) => content.push(RoomDocument { room, part, document }),
                Part::Compliance(room, part) => compliance.push(RoomDocument { room, part, document }),
                Part::Other(path) if path == crate::package::layout::REPORT_JSON => report = Some(document),
                Part::Other(path) => {
                    let name = path.strip_prefix("data/ledger/").and_then(|name| name.strip_suffix(".csv"));
                    ledger.extend(name.map(|name| (name.to_owned(), document)));
                }
            }
        }
        content.sort_by_key(|document| (document.room, document.part));
        compliance.sort_by_key(|document| (document.room, document.part));
        Some(Documents { users: users?, categories, room_directory, report, ledger, content, compliance })
    }
}
