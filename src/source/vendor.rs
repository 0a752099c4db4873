//! Exports of the vendor's own cmdlet, whose inside was never published: recognised and described,
//! never guessed at.
//!
//! What is known is that such an export is a ZIP and that it can be inspected (documentation of
//! `Export-CsPersistentChatData`). A ZIP that holds XML, and nothing that any reader serves, is taken
//! for one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::opened::{Kind, Opened};
use crate::error::{Error, Result};
use crate::package::read;

/// The shape of XML that no reader serves: element and attribute paths with their numbers, and no
/// content.
#[derive(Debug, Clone, Serialize)]
pub struct Shape {
    /// The document's name.
    pub name: String,
    /// Its paths.
    pub paths: Vec<(String, u64)>,
}

/// Marks the parts of archives that hold nothing but XML of unknown roots.
pub(super) fn recognise(opened: &mut [Opened]) {
    let mut unknown: BTreeMap<String, bool> = BTreeMap::new();
    for opened in opened.iter() {
        if let Some(archive) = archive(&opened.stream.name) {
            let all = unknown.entry(archive.to_owned()).or_insert(true);
            *all &= matches!(opened.kind, Kind::OtherXml(_));
        }
    }
    let exports: BTreeSet<String> =
        unknown.into_iter().filter(|(_, all)| *all).map(|(archive, _)| archive).collect();
    for opened in opened.iter_mut() {
        if archive(&opened.stream.name).is_some_and(|archive| exports.contains(archive)) {
            opened.kind = Kind::VendorExport;
            opened.stream.format = "vendor export, not read".to_owned();
        }
    }
}

/// Describes every document of unknown XML.
///
/// # Errors
/// If one cannot be read.
pub(super) fn describe(opened: &[Opened]) -> Result<Vec<Shape>> {
    let unknown =
        opened.iter().filter(|opened| matches!(opened.kind, Kind::VendorExport | Kind::OtherXml(_)));
    unknown
        .map(|opened| {
            let name = opened.stream.name.clone();
            let reader = opened.blob.open().map_err(|cause| Error::read(name.clone(), cause))?;
            Ok(Shape { paths: read::shape(&name, reader)?, name })
        })
        .collect()
}

/// Says why an export is refused by a conversion: input, reason, hint.
pub(super) fn refusal(name: &str) -> (String, String, String) {
    (
        archive(name).unwrap_or(name).to_owned(),
        "it looks like an export of Export-CsPersistentChatData, whose format was never published".to_owned(),
        "`gc2pc inspect` prints its shape without its content; convert the database or the compliance XML instead"
            .to_owned(),
    )
}

fn archive(name: &str) -> Option<&str> {
    name.split_once('#').map(|(archive, _)| archive)
}
