//! Opening a database by the reader that serves its files.

use std::sync::Arc;

use super::Database;
use crate::container::{Item, Limits, members};
use crate::error::{Error, Result};
use crate::groupchat;
use crate::ledger::Level;
use crate::progress::Progress;
use crate::source::Options;
use crate::source::survey::{Look, Surveyed};
use crate::sqlserver::bak::{self, Backup};
use crate::sqlserver::mdf::{FileKind, FilePages, Mdf, Pages};
use crate::sqlserver::{Bacpac, Dump, Script, ScriptOptions};

/// A note about a database: code, level, and a sentence.
type Note = (&'static str, Level, String);

/// Opens a backup by all of its files.
pub(super) fn backup(files: Vec<Surveyed>, options: &Options, progress: &dyn Progress) -> Result<Database> {
    let items: Vec<Item> = files.iter().map(|file| file.item.clone()).collect();
    let reading = bak::Options { set: options.set, salvage: options.salvage, temp: options.temp.clone() };
    let backup = Backup::open(&items, &reading, progress)?;
    let mut notes = damaged(backup.problems());
    notes.extend(aside(&backup));
    let told = backup.description();
    let (dump, product, more) = database(&files, Arc::new(backup), options)?;
    notes.extend(more);
    let format = |at: usize| match at {
        0 => format!("SQL Server backup: {told}; {product}"),
        _ => "SQL Server backup, a further file of it".to_owned(),
    };
    let formats: Vec<String> = (0..files.len()).map(format).collect();
    Ok(Database { files: files.into_iter().zip(formats).collect(), dump, loose: false, notes })
}

/// Tells of the backups in the same files that are left aside.
fn aside(backup: &Backup) -> Option<Note> {
    let others = backup.sets().iter().enumerate().filter(|(_, set)| *set != backup.set());
    let others: Vec<String> = others.map(|(at, set)| format!("{}: {set}", at + 1)).collect();
    let detail = format!(
        "{} was read; the file holds others, of which --set N reads one: {}",
        backup.set(),
        others.join("; ")
    );
    (!others.is_empty()).then_some(("BACKUP-SETS", Level::Warning, detail))
}

/// Opens a database by all of its data files.
pub(super) fn data_files(files: Vec<Surveyed>, options: &Options) -> Result<Database> {
    let items: Vec<Item> = files.iter().map(|file| file.item.clone()).collect();
    let open = if options.salvage { FilePages::open_salvaging } else { FilePages::open };
    let pages = open(&items, &options.temp)?;
    let (dump, product, notes) = database(&files, Arc::new(pages), options)?;
    let format = |file: &Surveyed| match file.look {
        Look::DataFile(FileKind::Primary) => format!("SQL Server data file, {product}"),
        _ => "SQL Server data file, secondary".to_owned(),
    };
    let formats: Vec<String> = files.iter().map(format).collect();
    Ok(Database { files: files.into_iter().zip(formats).collect(), dump, loose: false, notes })
}

/// Opens the database in pages; says which it is, and what is odd about it.
fn database(
    files: &[Surveyed],
    pages: Arc<dyn Pages>,
    options: &Options,
) -> Result<(Arc<dyn Dump>, String, Vec<Note>)> {
    let name = files.first().map_or("", |file| &file.item.name);
    let mdf = if options.salvage { Mdf::open_salvaging(name, pages) } else { Mdf::open(name, pages) }?;
    let mut product = format!("{} (database version {})", mdf.product(), mdf.version());
    let code = if options.salvage { "SALVAGED" } else { "DUMP-DAMAGED" };
    let mut notes: Vec<Note> =
        mdf.problems().into_iter().map(|problem| (code, Level::Error, problem)).collect();
    if options.salvage {
        product.push_str(", recovery mode");
    }
    if options.check_pages {
        let pages = mdf.damaged_pages().into_iter();
        notes.extend(pages.map(|page| (groupchat::PAGE_DAMAGED, Level::Error, page)));
    }
    Ok((Arc::new(mdf), product, notes))
}

/// Opens an archive that is no container of files, if it is a BACPAC.
pub(super) fn archive(file: Surveyed) -> Result<Database> {
    let name = &file.item.name;
    let limits = Limits::default();
    let listed = members(&file.item.blob, &limits).map_err(|cause| Error::read(name, cause))?;
    if !Bacpac::is_like(listed.iter().map(|(name, _)| name.as_str())) {
        return Err(Error::Unusable {
            input: name.clone(),
            why: "it is an Office document or a package of some program, and no archive of tables".to_owned(),
            hint: "export its content as CSV, if it holds tables of mgc or mgccomp".to_owned(),
        });
    }
    let bacpac = Bacpac::open(name, &file.item.blob, &limits)?;
    let notes = damaged(bacpac.problems());
    Ok(Database { files: vec![(file, "BACPAC".to_owned())], dump: Arc::new(bacpac), loose: false, notes })
}

/// Opens a script of `INSERT` statements.
pub(super) fn script(file: Surveyed) -> Result<Database> {
    let options = ScriptOptions { encoding: Some(file.encoding), ..ScriptOptions::default() };
    let script = Script::open(&file.item.name, file.item.blob.clone(), options)?;
    let told = script.problems().into_iter();
    let mut notes: Vec<Note> = told.map(|problem| ("SCRIPT-NOT-RUN", Level::Error, problem)).collect();
    if !script.has_data() {
        let detail = "it describes tables and puts no rows into them; generate it again with data: Advanced, \
                      Types of data to script, Schema and data";
        notes.push(("SCRIPT-NO-ROWS", Level::Warning, detail.to_owned()));
    }
    let (format, loose) = (script.format(), script.tables().len() == 1);
    Ok(Database { files: vec![(file, format)], dump: Arc::new(script), loose, notes })
}

/// Turns the problems of a dump into notes.
fn damaged(problems: Vec<String>) -> Vec<Note> {
    problems.into_iter().map(|problem| ("DUMP-DAMAGED", Level::Error, problem)).collect()
}
