//! What tables a database has: names, columns, where their rows lie, how many the engine counts.
//!
//! The catalog is small next to the rows and kept in memory; what it takes is bounded by the pages
//! that hold it. What is damaged in it becomes a problem that is told, and the rest still serves.

mod base;
mod physical;

pub(super) use physical::Physical;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::base::{Base, Rowset, name};
use self::physical::Physicals;
use super::allocation::{Run, Start};
use super::boot::Boot;
use super::bytes::{array_at, i16_at, i32_at, u8_at, u32_at};
use super::code_page::CodePage;
use super::decode::data_type;
use super::pages::{PageId, Pages};
use super::salvage::Found;
use crate::sqlserver::{Column, Table};

/// The schema that belongs to the engine.
const SYSTEM_SCHEMA: i32 = 4;
const SCHEMA_CLASS: u8 = 50;
/// The status bit of a column that is NOT NULL.
const NOT_NULL: i32 = 1;
/// The most columns of a table without sparse ones (Microsoft Learn, "Maximum capacity specifications
/// for SQL Server").
const MAX_COLUMNS: usize = 1024;
pub(super) const ROW_COMPRESSED: &str = "it is stored with ROW compression";
pub(super) const PAGE_COMPRESSED: &str = "it is stored with PAGE compression";
/// Every table has an allocation unit, even one that never had a row.
pub(super) const NOWHERE: &str =
    "the catalog does not tell where its rows lie, as if it were memory-optimized or damaged";
const SHARED: &str = "its allocation map belongs to another table, too";

/// Where the rows of a table, or of a part of it, lie.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    /// The number under which [`Catalog::physicals`] knows its columns.
    pub(super) rowset: i64,
    /// Its first allocation map; nowhere if it never had a row.
    pub(super) first_map: PageId,
    /// The first page of a clustered table; nowhere for a heap.
    pub(super) chain: PageId,
    /// Pages that bear its number, if the database is to be salvaged.
    found: Vec<Run>,
}

impl Partition {
    /// Returns where its pages begin.
    pub(super) fn start(&self) -> Start<'_> {
        Start { first_map: self.first_map, chain: self.chain, found: &self.found }
    }
}

/// What a column has besides what every dump tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnKey {
    /// Its number.
    pub(super) number: i32,
    /// The code page of its text.
    pub(super) code_page: CodePage,
    /// Whether it may be NULL.
    pub(super) nullable: bool,
}

/// How a table is read.
#[derive(Debug)]
pub(super) struct Entry {
    /// One a column.
    pub(super) columns: Vec<ColumnKey>,
    pub(super) partitions: Vec<Partition>,
    /// Why its rows cannot be read.
    pub(super) refusal: Option<&'static str>,
}

/// The catalog of a database.
#[derive(Debug)]
pub(super) struct Catalog {
    /// The tables in the order of their numbers.
    pub(super) tables: Vec<Table>,
    /// One a table.
    pub(super) entries: Vec<Entry>,
    pub(super) physicals: Physicals,
    /// What is damaged, as sentences.
    pub(super) problems: Vec<String>,
    /// Pages with rows that were found and belong to no table of it.
    pub(super) left: u64,
}

/// A table as the catalog names it.
struct Object {
    schema: i32,
    name: String,
}

/// A column as the catalog names it.
struct Named {
    key: ColumnKey,
    column: Column,
}

/// Reads the catalog.
/// Pages that were `found` by their own headers serve where it is damaged, and belong to the tables whose
/// number they bear.
pub(super) fn read(pages: &dyn Pages, boot: &Boot, found: Option<Found>) -> Catalog {
    let mut base = Base::open(pages, boot.first, found);
    if let Some(damage) = &boot.damage {
        base.problem(damage.clone());
    }
    let objects = objects(&mut base);
    let schemas = schemas(&mut base);
    let mut columns = columns(&mut base, &objects, boot.collation);
    let rowsets = base.rowsets.iter().filter(|rowset| objects.contains_key(&rowset.object));
    let wanted: Physicals = rowsets.map(|rowset| (rowset.id, Vec::new())).collect();
    let physicals = match boot.is_2005 {
        true => physical::read_2005(&mut base, wanted),
        false => physical::read(&mut base, wanted),
    };
    let mut maps = HashSet::new();
    let (mut tables, mut entries) = (Vec::new(), Vec::new());
    for (number, object) in objects {
        let rowsets = base.rowsets_of(number).to_vec();
        // Views of the engine's own that look like tables have no rows anywhere.
        if rowsets.is_empty() && object.schema == SYSTEM_SCHEMA {
            continue;
        }
        let first = rowsets.first().and_then(|rowset| physicals.get(&rowset.id));
        let named = columns.remove(&number).unwrap_or_default();
        let (keys, columns): (Vec<ColumnKey>, Vec<Column>) =
            stored(named, first).map(|named| (named.key, named.column)).unzip();
        let partitions: Vec<Partition> = rowsets.iter().map(|&rowset| partition(&mut base, rowset)).collect();
        // Otherwise many tables could make one map cost its reading many times over.
        let mut own = partitions.iter().filter(|partition| !partition.first_map.is_none());
        let shared = !own.all(|partition| maps.insert(partition.first_map));
        let nowhere = !rowsets.iter().all(|rowset| base.unit(rowset.id).is_some());
        let refusal = refusal(&rowsets, columns.len(), &physicals);
        let refusal = refusal.or(nowhere.then_some(NOWHERE)).or(shared.then_some(SHARED));
        tables.push(Table {
            schema: schemas.get(&object.schema).cloned().unwrap_or_default(),
            name: object.name,
            columns,
            engine_rows: engine_rows(&rowsets),
        });
        entries.push(Entry { columns: keys, partitions, refusal });
    }
    let left = base.left();
    Catalog { tables, entries, physicals, problems: base.into_problems(), left }
}

fn partition(base: &mut Base<'_>, rowset: Rowset) -> Partition {
    // A table that never had a row has no map.
    let unit = base.unit(rowset.id).filter(|unit| !unit.first_map.is_none()).unwrap_or_default();
    let chain = if rowset.clustered { unit.first } else { PageId::default() };
    Partition { rowset: rowset.id, first_map: unit.first_map, chain, found: base.found_of(unit) }
}

/// Returns how many rows a table has by the engine's count.
fn engine_rows(rowsets: &[Rowset]) -> Option<u64> {
    if rowsets.is_empty() {
        return None;
    }
    rowsets.iter().try_fold(0_u64, |sum, rowset| sum.checked_add(u64::try_from(rowset.rows).ok()?))
}

fn objects(base: &mut Base<'_>) -> BTreeMap<i32, Object> {
    let mut objects = BTreeMap::new();
    base.rows("sysschobjs", 34, |record| {
        let fixed = record.bytes();
        if array_at(fixed, 17)? == *b"U " {
            let object = Object { schema: i32_at(fixed, 8)?, name: name(record)? };
            objects.insert(i32_at(fixed, 4)?, object);
        }
        Some(())
    });
    objects
}

fn schemas(base: &mut Base<'_>) -> HashMap<i32, String> {
    let mut schemas = HashMap::new();
    base.rows("sysclsobjs", 64, |record| {
        let fixed = record.bytes();
        if u8_at(fixed, 4)? == SCHEMA_CLASS {
            schemas.insert(i32_at(fixed, 5)?, name(record)?);
        }
        Some(())
    });
    schemas
}

/// Reads the columns of the given tables, in their order.
fn columns(
    base: &mut Base<'_>,
    objects: &BTreeMap<i32, Object>,
    default_collation: u32,
) -> HashMap<i32, Vec<Named>> {
    let mut columns: HashMap<i32, Vec<Named>> = HashMap::new();
    base.rows("syscolpars", 41, |record| {
        let fixed = record.bytes();
        let object = i32_at(fixed, 4)?;
        // Other numbers are those of parameters.
        if i16_at(fixed, 8)? != 0 || !objects.contains_key(&object) {
            return Some(());
        }
        let collation = Some(u32_at(fixed, 23)?).filter(|&own| own != 0).unwrap_or(default_collation);
        let length = i32::from(i16_at(fixed, 19)?);
        let data_type = data_type(u8_at(fixed, 14)?, length, u8_at(fixed, 21)?, u8_at(fixed, 22)?);
        let nullable = i32_at(fixed, 27)? & NOT_NULL == 0;
        columns.entry(object).or_default().push(Named {
            key: ColumnKey { number: i32_at(fixed, 10)?, code_page: CodePage::of(collation), nullable },
            column: Column { name: name(record)?, data_type, nullable },
        });
        Some(())
    });
    for named in columns.values_mut() {
        named.sort_by_key(|named| named.key.number);
        named.dedup_by_key(|named| named.key.number);
    }
    columns
}

/// Leaves out columns that are computed and not stored.
fn stored(named: Vec<Named>, physicals: Option<&Vec<Physical>>) -> impl Iterator<Item = Named> {
    let physicals = physicals.map(Vec::as_slice).unwrap_or_default();
    let numbers: HashSet<i32> = physicals.iter().map(|physical| physical.column).collect();
    named.into_iter().filter(move |named| numbers.contains(&named.key.number))
}

/// Returns why the rows of a table cannot be read.
fn refusal(rowsets: &[Rowset], columns: usize, physicals: &Physicals) -> Option<&'static str> {
    let compression = rowsets.iter().map(|rowset| rowset.compression).max();
    Some(match compression {
        None => "its rows lie outside the data pages (a memory-optimized or external table)",
        Some(1) => ROW_COMPRESSED,
        Some(2) => PAGE_COMPRESSED,
        Some(3..) => "it is stored in columns (columnstore)",
        Some(0) if columns == 0 => "the catalog does not tell its columns",
        Some(0) if columns > MAX_COLUMNS => "it has more columns than a table can have",
        Some(0) => {
            let mut all = rowsets.iter().filter_map(|rowset| physicals.get(&rowset.id)).flatten();
            return all.find_map(Physical::refusal);
        }
    })
}
