//! `gc2pc rows`: the rows of one table as CSV.

use std::io;

use super::arguments::Rows;
use super::tables::{open, tell_losses};
use super::{Session, Status};
use crate::error::{Error, Result};
use crate::source::{AnyTable, Listing};

pub fn run(arguments: &Rows, session: &Session) -> Result<Status> {
    let listing = open(&arguments.inputs, &arguments.reading, false, session)?;
    let table = find(&listing, &arguments.table)?;
    session.bar.clear();
    let counted = match table.write(&mut io::stdout().lock(), &session.bar) {
        // Whoever read this had enough.
        Err(Error::Write { cause, .. }) if cause.kind() == io::ErrorKind::BrokenPipe => {
            return Ok(Status::Complete);
        }
        Err(Error::Write { cause, .. }) => return Err(Error::write("standard output", cause)),
        other => other?,
    };
    let lossy = tell_losses(table, &counted, session) || listing.findings.has_errors();
    Ok(if lossy { Status::WithLosses } else { Status::Complete })
}

/// Finds the table of a name: the very name before others, names in any case, with schema or without.
fn find<'l>(listing: &'l Listing, wanted: &str) -> Result<&'l AnyTable> {
    let plain = |table: &AnyTable| table.description().map(|table| table.full_name()).unwrap_or_default();
    let bare = |table: &AnyTable| table.description().map(|table| table.name.clone()).unwrap_or_default();
    let matches: [&dyn Fn(&AnyTable) -> bool; 6] = [
        &|table| table.name() == wanted,
        &|table| plain(table) == wanted,
        &|table| bare(table) == wanted,
        &|table| table.name().eq_ignore_ascii_case(wanted),
        &|table| plain(table).eq_ignore_ascii_case(wanted),
        &|table| bare(table).eq_ignore_ascii_case(wanted),
    ];
    for is_it in matches {
        let found: Vec<&AnyTable> = listing.tables.iter().filter(|table| is_it(table)).collect();
        match found[..] {
            [] => {}
            [table] => return Ok(table),
            [..] => {
                let places: Vec<String> =
                    found.iter().map(|table| format!("{} in {}", table.name(), table.input)).collect();
                return Err(Error::Usage {
                    what: format!("several tables are named {wanted}: {}", places.join(", ")),
                    hint: "name the schema too, or give the one input that holds the table".to_owned(),
                });
            }
        }
    }
    let names: Vec<String> = listing.tables.iter().map(AnyTable::name).collect();
    Err(Error::Usage {
        what: format!("there is no table {wanted}"),
        hint: format!("the tables are {}", names.join(", ")),
    })
}
