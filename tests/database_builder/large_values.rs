//! Large values: what of a row is kept outside of it, in one fragment or a tree of them.

use super::bytes::put;
use super::fragments::{Bin, NEW_ROOT, NULL, OLD_ROOT, ROOT_LINKS, SMALL_ROOT, fragment};
use super::kinds::Kind;
use super::layout::{Layout, Place, Source};
use super::records::{Draft, Form, Row};
use super::schema::{Column, Large, Root, Table};
use super::store::Store;
use super::unit::{Holds, Unit};
use super::values::Cell;

/// Bytes of a record in its page, at most.
const ROW: usize = 8060;
/// Bytes of a root, whatever it holds.
const ROOT: usize = 84;
/// Bytes that a small root has room for.
const SMALL: usize = 64;

/// The large values of a partition.
#[derive(Debug)]
pub struct LargeValues {
    rowset: i64,
    files: Vec<u16>,
    /// Numbers of the units, used once there is anything to hold.
    ids: [i64; 2],
    bins: [Option<Bin>; 2],
    /// Links of an inner fragment, at most.
    fan_out: usize,
}

impl LargeValues {
    pub fn new(rowset: i64, ids: [i64; 2], files: &[u16], fan_out: usize) -> LargeValues {
        LargeValues { rowset, files: files.to_vec(), ids, bins: [None, None], fan_out }
    }

    /// Moves out of a row what does not belong or fit into it.
    pub fn move_out(
        &mut self,
        store: &mut Store,
        table: &Table,
        layout: &Layout,
        draft: &mut Draft,
        row: &Row,
    ) {
        for (at, physical) in layout.columns.iter().enumerate() {
            if let (Source::Column(column), Place::Variable(_)) = (physical.source, physical.place) {
                let column = &table.columns[column];
                if let Some(large) = chosen(column, draft, at) {
                    self.move_field(store, draft, at, large);
                }
            }
        }
        let reserve = 32 + usize::from(row.form == Form::Forwarded) * 12;
        while draft.size(layout) + reserve > ROW {
            let movable = |&at: &usize| {
                let field = draft.fields[at];
                matches!(layout.columns[at].place, Place::Variable(_)) && !field.complex && field.size() > 24
            };
            let kind = |at: usize| match layout.columns[at].source {
                Source::Column(column) => table.columns[column].kind,
                Source::Uniquifier => Kind::Int,
            };
            let candidates = (0..draft.fields.len()).filter(movable);
            let largest = candidates.max_by_key(|&at| (kind(at).is_max(), draft.fields[at].size()));
            let largest = largest.expect("a row whose columns of fixed length fit a page");
            let large = if kind(largest).is_max() { Large::InlineRoot } else { Large::Overflow };
            self.move_field(store, draft, largest, large);
        }
    }

    fn move_field(&mut self, store: &mut Store, draft: &mut Draft, field: usize, large: Large) {
        let value = draft.field(field).to_vec();
        let pointer = match large {
            Large::Usual => return,
            Large::Overflow => self.links_in_row(store, Holds::Overflow, 2, &value),
            Large::InlineRoot => self.links_in_row(store, Holds::LargeValues, 4, &value),
            Large::Pointer(root) => self.pointer(store, root, &value),
        };
        draft.replace(field, &pointer);
    }

    fn bin(&mut self, store: &mut Store, holds: Holds) -> &mut Bin {
        let at = usize::from(holds == Holds::Overflow);
        let (id, owner) = (self.ids[at], self.rowset);
        self.bins[at].get_or_insert_with(|| Bin::new(Unit::new(store, id, holds, owner, &self.files)))
    }

    /// Writes a value and returns what stands for it in the row: kind, level, and links.
    fn links_in_row(&mut self, store: &mut Store, holds: Holds, kind: u8, value: &[u8]) -> Vec<u8> {
        let fan_out = self.fan_out;
        let bin = self.bin(store, holds);
        let number = bin.number();
        let (links, level) = bin.tree(store, number, fan_out, value);
        let mut pointer = vec![0; 12];
        (pointer[0], pointer[1]) = (kind, level as u8);
        pointer[4] = 1;
        put(&mut pointer, 8, &(number as u32).to_le_bytes());
        for (end, place) in links {
            pointer.extend_from_slice(&(end as u32).to_le_bytes());
            pointer.extend_from_slice(&place.bytes());
        }
        pointer
    }

    /// Writes a value below a root of its own and returns the pointer to that.
    fn pointer(&mut self, store: &mut Store, root: Root, value: &[u8]) -> Vec<u8> {
        let fan_out = self.fan_out;
        let bin = self.bin(store, Holds::LargeValues);
        let number = bin.number();
        let mut record = match root {
            Root::Small => {
                assert!(value.len() <= SMALL, "a small root has room for {SMALL} bytes");
                let mut record = fragment(number, SMALL_ROOT);
                record.extend_from_slice(&(value.len() as u16).to_le_bytes());
                record.extend_from_slice(&[0; 4]);
                record.extend_from_slice(value);
                // What was there before.
                record.resize(ROOT, 0xA5);
                record
            }
            Root::Null => fragment(number, NULL),
            Root::Old | Root::New => {
                let (links, level) = bin.tree(store, number, fan_out, value);
                let mut record = fragment(number, if root == Root::Old { OLD_ROOT } else { NEW_ROOT });
                for number in [ROOT_LINKS, links.len(), level, 0, 0] {
                    record.extend_from_slice(&(number as u16).to_le_bytes());
                }
                for (end, place) in links {
                    record.extend_from_slice(&(end as u32).to_le_bytes());
                    record.extend_from_slice(&place.bytes());
                }
                record.resize(ROOT, 0);
                record
            }
        };
        let place = bin.add(store, &mut record);
        let mut pointer = vec![0; 8];
        put(&mut pointer, 0, &((number as u32) << 16).to_le_bytes());
        pointer.extend_from_slice(&place.bytes());
        pointer
    }

    /// Writes what is still open and returns the units.
    pub fn finish(self, store: &mut Store) -> Vec<Unit> {
        self.bins.into_iter().flatten().map(|bin| bin.finish(store)).collect()
    }
}

/// Returns where a value goes whatever the rest of its row is; `None` if it may stay.
fn chosen(column: &Column, draft: &Draft, at: usize) -> Option<Large> {
    let field = draft.fields[at];
    if field.null {
        // A value set to NULL may keep a pointer.
        return Some(column.large).filter(|large| *large == Large::Pointer(Root::Null));
    }
    match column.large {
        Large::Usual if column.kind.is_old_large() && field.size() <= SMALL => {
            Some(Large::Pointer(Root::Small))
        }
        Large::Usual if column.kind.is_old_large() => Some(Large::Pointer(Root::New)),
        Large::Usual if column.kind.is_max() && field.size() > 8000 => Some(Large::InlineRoot),
        Large::Usual => None,
        large => Some(large),
    }
}

/// Makes text that differs from place to place, so that parts in the wrong order show.
pub fn long_text(length: usize) -> Cell {
    let mut text = String::with_capacity(length + 8);
    let mut number = 0;
    while text.len() < length {
        text.push_str(&format!("{number} "));
        number += 1;
    }
    text.truncate(length);
    Cell::Text(text)
}
