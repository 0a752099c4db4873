//! The base tables of the catalog, found by the one pointer that the boot page has.
//!
//! Their layouts are the same in all versions since 2005: fixed columns packed in order from the
//! fourth byte on, then columns of varying length (Microsoft Learn, "System base tables"; verified on
//! real files).

use std::collections::HashMap;

use super::super::allocation::{Plan, Start};
use super::super::bytes::{i32_at, i64_at, page_id_at, u8_at, units};
use super::super::pages::{PageId, Pages};
use super::super::record::{Record, Slots, Variable};
use super::super::walk::{Step, Walk};
use crate::chat::Text;

/// Problems of the catalog that are told one by one.
const TOLD: usize = 100;
/// Bytes of a name.
const NAME: usize = 256;

/// What owns the rows of a base table, before the catalog can tell.
const ROWSETS: i64 = 5 << 16;
/// The kind of allocation unit that holds rows.
const IN_ROW: u8 = 1;

/// An allocation unit with rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unit {
    pub(super) first: PageId,
    pub(super) first_map: PageId,
}

/// A partition of a table or index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rowset {
    pub(super) id: i64,
    pub(super) object: i32,
    /// Whether it is a clustered table and no heap.
    pub(super) clustered: bool,
    pub(super) number: i32,
    /// Rows as the engine counts them.
    pub(super) rows: i64,
    /// 0 for none.
    pub(super) compression: u8,
}

/// Reads base tables.
pub(super) struct Base<'a> {
    pages: &'a dyn Pages,
    /// Units with rows, by the rowset that owns them.
    units: HashMap<i64, Unit>,
    /// Partitions of heaps and clustered tables.
    pub(super) rowsets: Vec<Rowset>,
    problems: Vec<String>,
    untold: usize,
}

impl<'a> Base<'a> {
    /// Reads the allocation units and the rowsets.
    pub(super) fn open(pages: &'a dyn Pages, first: PageId) -> Base<'a> {
        let mut base =
            Base { pages, units: HashMap::new(), rowsets: Vec::new(), problems: Vec::new(), untold: 0 };
        let mut units = HashMap::new();
        let mut rowsets_unit = Unit::default();
        // Nothing tells of its allocation map before it is read.
        let own = Unit { first, first_map: PageId::default() };
        base.walk("sysallocunits", own, |record| {
            let fixed = record.bytes();
            let unit = Unit { first: page_id_at(fixed, 27)?, first_map: page_id_at(fixed, 39)? };
            if i64_at(fixed, 4)? == ROWSETS {
                rowsets_unit = unit;
            }
            if u8_at(fixed, 12)? == IN_ROW {
                units.insert(i64_at(fixed, 13)?, unit);
            }
            Some(())
        });
        base.units = units;
        let mut rowsets = Vec::new();
        base.walk("sysrowsets", rowsets_unit, |record| {
            let fixed = record.bytes();
            if matches!(i32_at(fixed, 17)?, 0 | 1) {
                rowsets.push(Rowset {
                    id: i64_at(fixed, 4)?,
                    object: i32_at(fixed, 13)?,
                    clustered: i32_at(fixed, 17)? == 1,
                    number: i32_at(fixed, 21)?,
                    rows: i64_at(fixed, 31)?,
                    // SQL Server 2005 has no such column.
                    compression: if record.fixed_end() > 41 { u8_at(fixed, 39)? } else { 0 },
                });
            }
            Some(())
        });
        rowsets.sort_by_key(|rowset| (rowset.object, rowset.number, rowset.id));
        rowsets.dedup_by_key(|rowset| rowset.id);
        base.rowsets = rowsets;
        base
    }

    /// Returns the unit that holds the rows of a rowset.
    pub(super) fn unit(&self, rowset: i64) -> Option<Unit> {
        self.units.get(&rowset).copied()
    }

    /// Returns the partitions of an object in their order.
    pub(super) fn rowsets_of(&self, object: i32) -> &[Rowset] {
        let start = self.rowsets.partition_point(|rowset| rowset.object < object);
        let end = self.rowsets.partition_point(|rowset| rowset.object <= object);
        self.rowsets.get(start..end).unwrap_or_default()
    }

    /// Hands the rows of a base table to `take`, which returns `None` for one that is damaged.
    pub(super) fn rows(&mut self, name: &str, object: i32, take: impl FnMut(&Record<'_>) -> Option<()>) {
        let unit = self.rowsets_of(object).first().and_then(|rowset| self.unit(rowset.id));
        self.walk(name, unit.unwrap_or_default(), take);
    }

    /// Returns what is wrong with the catalog.
    pub(super) fn into_problems(mut self) -> Vec<String> {
        if self.untold > 0 {
            self.problems.push(format!("the catalog has {} further problems", self.untold));
        }
        self.problems
    }

    pub(super) fn problem(&mut self, problem: String) {
        match self.problems.len() < TOLD {
            true => self.problems.push(problem),
            false => self.untold += 1,
        }
    }

    fn walk(&mut self, name: &str, unit: Unit, mut take: impl FnMut(&Record<'_>) -> Option<()>) {
        if unit.first_map.is_none() && unit.first.is_none() {
            self.problem(format!("the catalog does not tell where its table {name} lies"));
        }
        let plan = Plan::read(self.pages, [Start { first_map: unit.first_map, chain: unit.first }]);
        let mut walk = Walk::new(self.pages, &plan, 0..plan.pieces.len());
        while let Some(step) = walk.next() {
            let readable = matches!(step, Step::Page(_));
            if let Step::Lost(lost) | Step::Page(Some(lost)) = step {
                self.problem(format!("{}; it belongs to the catalog ({name})", lost.detail));
            }
            let page = walk.page();
            let mut slots = if readable { Slots::new() } else { Slots::default() };
            while let Some(slot) = slots.next(page) {
                if slot.record.ok().and_then(|record| take(&record)).is_none() {
                    self.problem(format!("slot {} of page {} is no row of {name}", slot.number, page.id()));
                }
            }
        }
    }
}

/// Reads a name, the first column of varying length.
pub(super) fn name(record: &Record<'_>) -> Option<String> {
    match record.variable(0)? {
        Variable::Plain(bytes) if bytes.len() <= NAME => {
            Some(Text::from_units(units(bytes)).to_lossy().into_owned())
        }
        Variable::Absent => Some(String::new()),
        _ => None,
    }
}
