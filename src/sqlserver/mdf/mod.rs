//! Tables out of SQL Server's data files (`.mdf`, `.ndf`), versions 2005 to 2025, without a server.
//!
//! [`Mdf`] reads a database from anything that serves [`Pages`]: [`FilePages`] does so from data
//! files, other readers from backups. It owns pages, records, catalog, allocation, large values and
//! types; it changes nothing, replays no log and guesses nothing: what is damaged is named, with its
//! page, and the rest is read. Tables that it cannot read (compressed ones, above all) are listed with
//! the others, and opening their rows says why.
//!
//! All memory that an input can ask for is bounded by the input's own size; pointers that run in
//! circles are found by the pages they come to twice.

mod allocation;
mod boot;
mod bytes;
mod catalog;
mod code_page;
mod decode;
mod fields;
mod files;
mod large;
mod lend;
mod page;
mod pages;
mod record;
mod rows;
mod salvage;
mod utf16;
mod walk;

#[cfg(test)]
mod tests;

pub use files::{FileKind, FilePages, file_kind, is_data_file};
pub(in crate::sqlserver) use page::checksum_is_right;
pub use pages::{PAGE_SIZE, PageBytes, PageError, PageId, Pages};

use std::fmt;
use std::sync::{Arc, OnceLock};

use self::allocation::{FreeSpace, Plan, Run};
use self::boot::Boot;
use self::catalog::{Catalog, Entry, Partition};
use self::salvage::Found;
use super::{Dump, Rows, Table};
use crate::error::{Error, Result};

/// A database, read from its pages.
pub struct Mdf {
    input: String,
    pages: Arc<dyn Pages>,
    name: String,
    version: u16,
    catalog: Catalog,
    /// Where the rows of each table lie, once somebody asked.
    plans: Vec<OnceLock<Plan>>,
}

impl fmt::Debug for Mdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mdf")
            .field("input", &self.input)
            .field("catalog", &self.catalog)
            .finish_non_exhaustive()
    }
}

impl Mdf {
    /// Opens a database. `input` names it in errors. Reads the boot page and the catalog.
    ///
    /// # Errors
    /// [`Error::Unusable`] if the primary data file is missing, the version is not supported, the
    /// database is encrypted, or its catalog is too damaged to name any table.
    pub fn open(input: &str, pages: Arc<dyn Pages>) -> Result<Mdf> {
        let boot = boot::read(input, pages.as_ref())?;
        let catalog = catalog::read(pages.as_ref(), &boot, None);
        Mdf::new(input, pages, boot, catalog)
    }

    /// Opens a damaged database for recovery: reads all its pages once, and finds those of the catalog and
    /// of tables by their own headers where the maps that tell of them are lost.
    ///
    /// Rows so found may be old, deleted, or come a second time. A fault before them names their page, and
    /// [`Dump::problems`] tells how many pages of each table were found so.
    ///
    /// # Errors
    /// As [`Mdf::open`], except that a lost boot page does not matter.
    pub fn open_salvaging(input: &str, pages: Arc<dyn Pages>) -> Result<Mdf> {
        let found = Found::scan(pages.as_ref());
        let boot = boot::salvage(input, pages.as_ref(), &found)?;
        let catalog = catalog::read(pages.as_ref(), &boot, Some(found));
        let mut mdf = Mdf::new(input, pages, boot, catalog)?;
        let mut told = vec![
            "the database was read in recovery mode: rows of pages that no allocation map \
                             owns are among the others, each such page told of before its rows"
                .to_owned(),
        ];
        for (at, table) in mdf.catalog.tables.iter().enumerate() {
            let found = mdf.entry(at).map_or(0, |(_, _, plan)| plan.found());
            if found > 0 {
                let (schema, name) = (&table.schema, &table.name);
                told.push(format!(
                    "{found} page(s) of table {schema}.{name} were found by their own headers alone"
                ));
            }
        }
        if mdf.catalog.left > 0 {
            told.push(format!(
                "{} page(s) with rows belong to no table that the catalog tells of",
                mdf.catalog.left
            ));
        }
        mdf.catalog.problems.splice(0..0, told);
        Ok(mdf)
    }

    fn new(input: &str, pages: Arc<dyn Pages>, boot: Boot, catalog: Catalog) -> Result<Mdf> {
        if let (true, Some(problem)) = (catalog.tables.is_empty(), catalog.problems.first()) {
            return Err(Error::Unusable {
                input: input.to_owned(),
                why: format!("the catalog of the database cannot be read: {problem}"),
                hint:
                    "restore an undamaged copy of the database; if it is encrypted (TDE), decrypt it on its \
                       server first"
                        .to_owned(),
            });
        }
        let plans = catalog.tables.iter().map(|_| OnceLock::new()).collect();
        Ok(Mdf { input: input.to_owned(), pages, name: boot.name, version: boot.version, catalog, plans })
    }

    /// Reads every page of the database that holds no rows of its tables, and returns those that are
    /// damaged, as sentences, in their order: pages of indexes, of large values, of the engine. Pages of rows
    /// are told of by the reading of those. A page that does not bear its own number is damaged if the map of
    /// used pages tells that it is in use, else it may never have been.
    pub fn damaged_pages(&self) -> Vec<String> {
        let (mut damaged, mut free_space) = (Vec::new(), FreeSpace::new());
        let pages = self.pages.as_ref();
        let plans = (0..self.catalog.tables.len()).filter_map(|table| self.entry(table).ok());
        let mut rows: Vec<Run> = plans.flat_map(|(_, _, plan)| plan.runs.iter().copied()).collect();
        rows.sort_unstable_by_key(|run| (run.file, run.first));
        salvage::scan(pages, &rows, |id, _, right| match right {
            Ok(None) => {}
            Err(_) if !free_space.look(pages, id).0 => {}
            Ok(Some(damage)) | Err(damage) => damaged.push(damage.to_string()),
        });
        damaged
    }

    /// Returns the name of the database. One that was attached by its path has the path as name.
    pub fn database(&self) -> &str {
        &self.name
    }

    /// Returns the internal version of the database; 0 if its boot page is lost.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Returns the product that wrote the database, such as `SQL Server 2012`.
    pub fn product(&self) -> &'static str {
        boot::product(self.version).unwrap_or("SQL Server")
    }

    fn entry(&self, table: usize) -> Result<(&Table, &Entry, &Plan)> {
        let all = (self.catalog.tables.get(table), self.catalog.entries.get(table), self.plans.get(table));
        let (Some(table), Some(entry), Some(plan)) = all else {
            return Err(Error::Usage {
                what: format!("{} has no table at position {table}", self.input),
                hint: format!("it has {} tables, counted from 0", self.catalog.tables.len()),
            });
        };
        match entry.refusal {
            None => {
                let starts = entry.partitions.iter().map(Partition::start);
                Ok((table, entry, plan.get_or_init(|| Plan::read(self.pages.as_ref(), starts))))
            }
            Some(why) => Err(Error::Unusable {
                input: self.input.clone(),
                why: format!("table {}.{} cannot be read: {why}", table.schema, table.name),
                hint: match why {
                    catalog::ROW_COMPRESSED | catalog::PAGE_COMPRESSED => {
                        "rebuild this table on its server without compression (ALTER TABLE … REBUILD WITH \
                         (DATA_COMPRESSION = NONE)), or export it there as text"
                    }
                    catalog::NOWHERE => {
                        "if the catalog is damaged, take an undamaged copy; else export this table from its \
                         server as text"
                    }
                    _ => "export this table from its server as text or as a .bacpac",
                }
                .to_owned(),
            }),
        }
    }
}

impl Dump for Mdf {
    fn tables(&self) -> &[Table] {
        &self.catalog.tables
    }

    /// Opens the rows of a table.
    ///
    /// They come in the order in which pages were allocated. A damaged page is a fault of its own; rows
    /// that can be read from it follow. A row's `byte` is its place in its data file.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a table that cannot be read: see [`Dump::refusal`].
    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>> {
        let (table, entry, plan) = self.entry(table)?;
        Ok(Box::new(rows::MdfRows::new(self, &table.columns, entry, plan, 0..plan.pieces.len())))
    }

    /// Returns into how many stretches of at most 8 MiB the rows of a table are cut. The first call for
    /// a table reads its allocation maps; what they tell is kept.
    fn stretches(&self, table: usize) -> usize {
        self.entry(table).map_or(1, |(_, _, plan)| plan.pieces.len().max(1))
    }

    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        let (found, entry, plan) = self.entry(table)?;
        let count = plan.pieces.len().max(1);
        if stretch >= count {
            return Err(Error::Usage {
                what: format!("the table at position {table} has no stretch {stretch}"),
                hint: format!("its rows are in {count} stretches, counted from 0"),
            });
        }
        Ok(Box::new(rows::MdfRows::new(self, &found.columns, entry, plan, stretch..stretch + 1)))
    }

    fn refusal(&self, table: usize) -> Option<&str> {
        self.catalog.entries.get(table).and_then(|entry| entry.refusal)
    }

    /// Returns what is damaged in the catalog; tables and columns may be missing then.
    fn problems(&self) -> Vec<String> {
        self.catalog.problems.clone()
    }
}
