//! The documents of a plan without a package around them: so a plan is read as a package is.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::contents::Level;
use super::documents;
use super::layout;
use super::read::{Document, Documents};
use crate::error::{Error, Result};
use crate::migrate::Plan;
use crate::spill::Tape;

/// Writes the documents that a package of this level would have of a plan, without messages and events,
/// to temporary files in a folder. They go when the last holder drops them.
///
/// # Errors
/// [`Error::Write`] names the folder.
pub fn planned_documents(plan: &Plan, level: Level, temp: &Path) -> Result<Documents> {
    let users = document(layout::USERS, temp, &|out| documents::write_users(plan, out))?;
    let categories = level
        .has_categories()
        .then(|| document(layout::CATEGORIES, temp, &|out| documents::write_categories(plan, out)));
    let room_directory = level
        .has_rooms()
        .then(|| document(layout::ROOM_DIRECTORY, temp, &|out| documents::write_room_directory(plan, out)));
    Ok(Documents {
        users,
        categories: categories.transpose()?,
        room_directory: room_directory.transpose()?,
        report: None,
        ledger: BTreeMap::new(),
        content: Vec::new(),
        compliance: Vec::new(),
    })
}

fn document(path: &str, temp: &Path, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<Document> {
    let mut tape = Tape::new(temp);
    write(&mut tape).map_err(|cause| Error::write(temp, cause))?;
    Ok(Document { name: path.to_owned(), blob: Arc::new(tape) })
}
