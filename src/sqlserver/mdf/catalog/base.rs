//! The base tables of the catalog, found by the one pointer that the boot page has.
//!
//! Their layouts are the same in all versions since 2005: fixed columns packed in order from the
//! fourth byte on, then columns of varying length (Microsoft Learn, "System base tables"; verified on
//! real files).

use std::collections::HashMap;

use super::super::allocation::{Plan, Run, Start};
use super::super::bytes::{i32_at, i64_at, page_id_at, u8_at, units};
use super::super::page::Page;
use super::super::pages::{PageId, Pages};
use super::super::record::{Record, Slots, Variable};
use super::super::salvage::{Found, Key};
use super::super::walk::{Step, Walk};
use crate::chat::Text;

/// Problems of the catalog that are told one by one.
const TOLD: usize = 100;
/// Bytes of a name.
const NAME: usize = 256;

/// The units of the two tables that tell where all others are.
const ROWSETS: i64 = 5 << 16;
const UNITS: i64 = 7 << 16;
/// The index of a base table's unit, where it is not 0.
const CLUSTERED: i64 = 1 << 48;
/// The kind of allocation unit that holds rows.
const IN_ROW: u8 = 1;

/// An allocation unit with rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unit {
    pub(super) id: i64,
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
    /// Pages by what they say of themselves, if the database is to be salvaged.
    found: Option<Found>,
}

impl<'a> Base<'a> {
    /// Reads the allocation units and the rowsets.
    pub(super) fn open(pages: &'a dyn Pages, first: PageId, found: Option<Found>) -> Base<'a> {
        let (problems, rowsets) = (Vec::new(), Vec::new());
        let mut base = Base { pages, units: HashMap::new(), rowsets, problems, untold: 0, found };
        let mut units: HashMap<i64, Unit> = HashMap::new();
        let mut rowsets_unit = Unit { id: ROWSETS, ..Unit::default() };
        let own = base.own_unit(first);
        base.walk("sysallocunits", own, |record| {
            let fixed = record.bytes();
            let id = i64_at(fixed, 4)?;
            let unit = Unit { id, first: page_id_at(fixed, 27)?, first_map: page_id_at(fixed, 39)? };
            if id == ROWSETS {
                rowsets_unit = unit;
            }
            if u8_at(fixed, 12)? == IN_ROW {
                // What was found last is the oldest.
                units.entry(i64_at(fixed, 13)?).or_insert(unit);
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

    /// Returns the unit of the table of units. It is listed in itself, mostly on its first page; where it
    /// is, a damaged page of the chain does not cost what lies behind.
    fn own_unit(&self, first: PageId) -> Unit {
        let mut unit = Unit { id: UNITS, first, first_map: PageId::default() };
        let mut page = Page::new();
        if page.load(self.pages, first).is_ok() {
            let mut slots = Slots::new();
            while let Some(slot) = slots.next(page.view()) {
                let Ok(record) = slot.record else { continue };
                if i64_at(record.bytes(), 4) == Some(UNITS) {
                    unit.first_map = page_id_at(record.bytes(), 39).unwrap_or_default();
                }
            }
        }
        unit
    }

    /// Returns the unit that holds the rows of a rowset.
    pub(super) fn unit(&self, rowset: i64) -> Option<Unit> {
        self.units.get(&rowset).copied()
    }

    /// Takes the pages that bear the number of a unit, if the database is to be salvaged. Which number that
    /// is, its first page tells best.
    pub(super) fn found_of(&mut self, unit: Unit) -> Vec<Run> {
        let Some(found) = &mut self.found else { return Vec::new() };
        if unit.id == 0 {
            return Vec::new();
        }
        let key = Key::of_page(self.pages, unit.first);
        found.take(key.unwrap_or(Key::of_unit(unit.id)))
    }

    /// Counts the pages with rows that were found and belong to no unit that the catalog tells of.
    pub(super) fn left(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| found.left(self.units.values().map(|unit| unit.id)))
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
        let lost = Unit { id: i64::from(object) << 16, ..Unit::default() };
        self.walk(name, unit.unwrap_or(lost), take);
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
        let start = Start { first_map: unit.first_map, chain: unit.first, found: &[] };
        let mut plan = Plan::read(self.pages, [start]);
        let whole = self.follow(name, &plan, &mut take);
        // Leftovers of the catalog are not to be trusted, unless something is missing.
        if !whole && let Some(found) = &mut self.found {
            let mut runs = found.take(Key::of_unit(unit.id));
            runs.extend(found.take(Key::of_unit(unit.id | CLUSTERED)));
            let found = Plan::read(self.pages, [Start { found: &runs, ..start }]);
            plan.pieces = found.pieces.into_iter().filter(|piece| piece.found).collect();
            plan.runs = found.runs;
            self.follow(name, &plan, &mut take);
        }
    }

    /// Hands the rows of a plan's pages to `take`, and tells whether nothing was wrong.
    fn follow(&mut self, name: &str, plan: &Plan, take: &mut impl FnMut(&Record<'_>) -> Option<()>) -> bool {
        let mut whole = !plan.pieces.is_empty();
        let mut walk = Walk::new(self.pages, plan, 0..plan.pieces.len());
        while let Some(step) = walk.next() {
            let readable = matches!(step, Step::Page(_));
            if let Step::Lost(lost) | Step::Page(Some(lost)) = step {
                whole = false;
                self.problem(format!("{}; it belongs to the catalog ({name})", lost.detail));
            }
            let page = walk.page();
            let mut slots = if readable { Slots::new() } else { Slots::default() };
            while let Some(slot) = slots.next(page) {
                if slot.record.ok().and_then(|record| take(&record)).is_none() {
                    whole = false;
                    self.problem(format!("slot {} of page {} is no row of {name}", slot.number, page.id()));
                }
            }
        }
        whole
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
