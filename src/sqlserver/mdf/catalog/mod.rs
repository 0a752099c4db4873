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
use super::boot::{Boot, is_2005};
use super::bytes::{array_at, i16_at, i32_at, u8_at, u32_at};
use super::code_page::CodePage;
use super::decode::data_type;
use super::pages::{PageId, Pages};
use crate::sqlserver::{Column, Table};

/// The schema that belongs to the engine.
const SYSTEM_SCHEMA: i32 = 4;
const SCHEMA_CLASS: u8 = 50;
/// The status bit of a column that is NOT NULL.
const NOT_NULL: i32 = 1;
/// The most columns of a table (Microsoft Learn, "Maximum capacity specifications for SQL Server").
const MAX_COLUMNS: usize = 30_000;

/// Where the rows of a table, or of a part of it, lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partition {
    /// The number under which [`Catalog::physicals`] knows its columns.
    pub(super) rowset: i64,
    /// Its first allocation map; nowhere if it never had a row.
    pub(super) first_map: PageId,
    /// The first page of a clustered table; nowhere for a heap.
    pub(super) chain: PageId,
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
    pub(super) refusal: Option<String>,
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
pub(super) fn read(pages: &dyn Pages, boot: &Boot) -> Catalog {
    let mut base = Base::open(pages, boot.first);
    if let Some(damage) = &boot.damage {
        base.problem(damage.clone());
    }
    let objects = objects(&mut base);
    let schemas = schemas(&mut base);
    let mut columns = columns(&mut base, &objects, boot.collation);
    let rowsets = base.rowsets.iter().filter(|rowset| objects.contains_key(&rowset.object));
    let wanted: Physicals = rowsets.map(|rowset| (rowset.id, Vec::new())).collect();
    let physicals = match is_2005(boot.version) {
        true => physical::read_2005(&mut base, wanted),
        false => physical::read(&mut base, wanted),
    };
    let (mut tables, mut entries) = (Vec::new(), Vec::new());
    for (number, object) in objects {
        let rowsets = base.rowsets_of(number);
        // Views of the engine's own that look like tables have no rows anywhere.
        if rowsets.is_empty() && object.schema == SYSTEM_SCHEMA {
            continue;
        }
        let named = columns.remove(&number).unwrap_or_default();
        let schema = schemas.get(&object.schema).cloned().unwrap_or_default();
        let first = rowsets.first().and_then(|rowset| physicals.get(&rowset.id));
        let stored = stored(named, first.map(Vec::as_slice).unwrap_or_default());
        let (keys, columns): (Vec<ColumnKey>, Vec<Column>) =
            stored.into_iter().map(|named| (named.key, named.column)).unzip();
        let partitions = rowsets.iter().map(|rowset| {
            let unit = base.unit(rowset.id);
            Partition {
                rowset: rowset.id,
                first_map: unit.map(|unit| unit.first_map).unwrap_or_default(),
                chain: unit.filter(|_| rowset.clustered).map(|unit| unit.first).unwrap_or_default(),
            }
        });
        let partitions: Vec<Partition> = partitions.collect();
        let refusal = refusal(rowsets, &columns, &partitions, &physicals);
        let engine_rows = rowsets.iter().map(|rowset| u64::try_from(rowset.rows).ok());
        let engine_rows = engine_rows.sum::<Option<u64>>().filter(|_| !rowsets.is_empty());
        tables.push(Table { schema, name: object.name, columns, engine_rows });
        entries.push(Entry { columns: keys, partitions, refusal });
    }
    Catalog { tables, entries, physicals, problems: base.into_problems() }
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
        named.truncate(MAX_COLUMNS);
    }
    columns
}

/// Leaves out columns that are computed and not stored.
fn stored(named: Vec<Named>, physicals: &[Physical]) -> Vec<Named> {
    let numbers: HashSet<i32> = physicals.iter().map(|physical| physical.column).collect();
    named.into_iter().filter(|named| numbers.contains(&named.key.number)).collect()
}

/// Returns why the rows of a table cannot be read.
fn refusal(
    rowsets: &[Rowset],
    columns: &[Column],
    partitions: &[Partition],
    physicals: &Physicals,
) -> Option<String> {
    let compression = rowsets.iter().map(|rowset| rowset.compression).max().unwrap_or_default();
    let why = match compression {
        _ if rowsets.is_empty() => {
            "its rows lie outside the data pages (a memory-optimized or external table)"
        }
        1 => "it is stored with ROW compression",
        2 => "it is stored with PAGE compression",
        3.. => "it is stored in columns (columnstore)",
        _ if columns.is_empty() => "the catalog does not tell its columns",
        _ => {
            let ids: HashSet<i64> = partitions.iter().map(|partition| partition.rowset).collect();
            let mut all = ids.iter().filter_map(|id| physicals.get(id)).flatten();
            return all.find_map(Physical::refusal).map(str::to_owned);
        }
    };
    Some(why.to_owned())
}
