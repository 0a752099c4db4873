//! Native files of `bcp`, which hold one table and do not say which.
//!
//! A format file beside one tells its columns; without one, a file that is named after a documented
//! table may have its columns in documented order, if its bytes fit them to the last.

use crate::error::{Error, Result};
use crate::groupchat::{self, Recognised};
use crate::ledger::Stream;
use crate::source::Formats;
use crate::source::opened::{Kind, Opened, extension, refused, stem};
use crate::source::survey::{Look, Surveyed};
use crate::source::table::Table;
use crate::sqlserver::{Bcp, BcpOptions, Column, Dump, FormatFile};

/// Tells whether an item is native data: by its format file, or by its bytes and name.
pub(super) fn is_native(surveyed: &Surveyed, formats: &Formats) -> bool {
    match format(surveyed, formats) {
        Some(format) => format.is_native(),
        None => {
            let name = &surveyed.item.name;
            let native = ["bcp", "dat"].iter().any(|known| extension(name).eq_ignore_ascii_case(known));
            surveyed.look == Look::Binary && (native || groupchat::recognise(stem(name), None).is_some())
        }
    }
}

fn format<'f>(surveyed: &Surveyed, formats: &'f Formats) -> Option<&'f FormatFile> {
    formats.get(&(surveyed.item.folder.clone(), stem(&surveyed.item.name).to_lowercase()))
}

/// Opens native data as the one table that it holds.
///
/// # Errors
/// If a plain file cannot be read.
pub(super) fn open(surveyed: Surveyed, formats: &Formats) -> Result<Opened> {
    let stem = stem(&surveyed.item.name).to_owned();
    let opened = match format(&surveyed, formats) {
        Some(format) => try_open(&surveyed, &stem, Some(format.clone()), None),
        None => by_layout(&surveyed, &stem),
    };
    let (kind, format) = match opened {
        Ok(table) => known(table, stem),
        Err(Error::Unusable { why, hint, .. } | Error::Usage { what: why, hint }) => refused(&why, &hint),
        Err(error) if surveyed.item.blob.path().is_none() => {
            refused(&error.to_string(), "make another copy of the archive")
        }
        Err(error) => return Err(error),
    };
    let stream = Stream { name: surveyed.item.name, digest: surveyed.digest, size: surveyed.size, format };
    Ok(Opened { stream, folder: surveyed.item.folder, blob: surveyed.item.blob, kind })
}

fn known(table: Bcp, stem: String) -> (Kind, String) {
    let columns = table.tables().first().map(|table| table.columns.as_slice()).unwrap_or_default();
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    match groupchat::recognise(&stem, Some(&names)) {
        Some(recognised) => {
            let format = format!("{}, native bcp", recognised.kind.name());
            (Kind::Table { table: Table::only(table), recognised, stem, database: None }, format)
        }
        None => (Kind::OtherTable { table: Table::only(table), stem }, "table, native bcp".to_owned()),
    }
}

/// Tries the documented layouts of the table that the file is named after.
fn by_layout(surveyed: &Surveyed, stem: &str) -> Result<Bcp> {
    let unknown = || Error::Unusable {
        input: surveyed.item.name.clone(),
        why: "its bytes are no text, and nothing tells which columns they hold".to_owned(),
        hint:
            "put bcp's format file beside it (bcp TABLE format nul -N -f NAME.fmt), or export with `bcp -w`"
                .to_owned(),
    };
    let Recognised { kind, .. } = groupchat::recognise(stem, None).ok_or_else(unknown)?;
    let mut first = None;
    for layout in groupchat::documented_layouts(kind) {
        match try_open(surveyed, stem, None, Some(layout.columns)) {
            Ok(table) => return Ok(table),
            Err(error @ Error::Unusable { .. }) => first = first.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(first.unwrap_or_else(unknown))
}

fn try_open(
    surveyed: &Surveyed,
    stem: &str,
    format: Option<FormatFile>,
    columns: Option<Vec<Column>>,
) -> Result<Bcp> {
    let options = BcpOptions { name: Some(stem.to_owned()), format, columns, ..BcpOptions::default() };
    Bcp::open(&surveyed.item.name, surveyed.item.blob.clone(), options)
}
