//! What of a room stands on one side alone, or differs, until all of the room was seen: then its pairs
//! are found, first by identity, then by time, chat id and author.
//!
//! Entries wait in the temporary file, and what pairs them in sorters: a room that has nothing in
//! common with its other side takes no more memory than one that is the same.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::entry::{Cursor, Entry};
use super::kept;
use crate::error::{Error, Result};
use crate::spill::{Scratch, Sorter};

/// Time, chat id (for events: type) and person, in the order of time.
const KEY: usize = 21;
/// Where an entry waits, and its length.
const SPOT: usize = 16;
const IDENTITY: usize = 16;
/// Identity, side, key, spot.
const BY_IDENTITY: usize = IDENTITY + 1 + KEY + SPOT;
/// Key, side, identity, spot.
const BY_KEY: usize = BY_IDENTITY;
/// What both entries of a pair have in common: the key, how they were paired, and as which pair.
const PAIR: usize = KEY + 1 + IDENTITY;
/// The same, the side, and the spot.
const PAIRED: usize = PAIR + 1 + SPOT;

/// Paired by identity.
const SAME_IDENTITY: u8 = 0;
/// Paired by key, or not at all.
const SAME_KEY: u8 = 1;

/// Takes a pair: what stands in A, and what in B.
pub(super) type TakePair<'t> = dyn FnMut(Option<Entry<'_>>, Option<Entry<'_>>) -> Result<()> + 't;

/// Entries of one room that wait for their other side.
pub(super) struct Leftovers {
    scratch: Arc<Scratch>,
    /// Bytes that each of three sorters may keep.
    memory: usize,
    waiting: Option<Sorter<BY_IDENTITY>>,
}

impl Leftovers {
    pub(super) fn new(scratch: Arc<Scratch>, memory: usize) -> Leftovers {
        Leftovers { scratch, memory, waiting: None }
    }

    /// Keeps an entry of A (0) or B (1).
    pub(super) fn push(&mut self, side: u8, entry: &Entry<'_>) -> Result<()> {
        let bytes = kept::write(entry);
        let place = self.scratch.append(&bytes)?;
        let mut row = Row::<BY_IDENTITY>::new();
        row.push(&identity(entry));
        row.push(&[side]);
        row.push(&key(entry));
        row.push(&place.to_be_bytes());
        row.push(&(bytes.len() as u64).to_be_bytes());
        let sorter = self.waiting.get_or_insert_with(|| Sorter::new(self.scratch.clone(), self.memory));
        sorter.push(row.bytes)
    }

    /// Hands over what waits, paired as far as it can be, in the order of time.
    pub(super) fn settle(&mut self, take: &mut TakePair<'_>) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        let mut paired = Sorter::<PAIRED>::new(self.scratch.clone(), self.memory);
        let mut alone = Sorter::<BY_KEY>::new(self.scratch.clone(), self.memory);
        pair_by_identity(waiting, &mut paired, &mut alone)?;
        pair_by_key(alone, &mut paired)?;
        let sorted = paired.finish();
        let mut rows = sorted.rows();
        let mut held: Option<[u8; PAIRED]> = None;
        loop {
            let row = rows.next_row()?;
            let is_b = row.is_some_and(|row| row[PAIR] == 1);
            let before = held.take();
            match (before, row) {
                (Some(a), Some(b)) if is_b && a[..PAIR] == b[..PAIR] => {
                    let (a, b) = (self.fetch(&a)?, self.fetch(&b)?);
                    take(a.head(), b.head())?;
                    continue;
                }
                (Some(a), _) => take(self.fetch(&a)?.head(), None)?,
                (None, _) => {}
            }
            match row {
                Some(b) if is_b => take(None, self.fetch(&b)?.head())?,
                Some(_) => held = row,
                None => return Ok(()),
            }
        }
    }

    fn fetch(&self, row: &[u8; PAIRED]) -> Result<Cursor> {
        let number = |at: usize| {
            let bytes = row.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
            u64::from_be_bytes(bytes)
        };
        let mut bytes = vec![0; number(PAIR + 9) as usize];
        self.scratch.read(&mut bytes, number(PAIR + 1))?;
        let lost =
            || Error::Unsound { what: "a temporary file does not hold what was written to it".to_owned() };
        kept::read(bytes).ok_or_else(lost)
    }
}

/// Pairs entries of one identity, one of A with one of B; the others go on alone.
fn pair_by_identity(
    waiting: Sorter<BY_IDENTITY>,
    paired: &mut Sorter<PAIRED>,
    alone: &mut Sorter<BY_KEY>,
) -> Result<()> {
    let sorted = waiting.finish();
    let mut rows = sorted.rows();
    let mut held: Option<[u8; BY_IDENTITY]> = None;
    let mut let_go = |row: Option<[u8; BY_IDENTITY]>| row.map_or(Ok(()), |row| alone.push(by_key(&row)));
    while let Some(row) = rows.next_row()? {
        if row[IDENTITY] == 0 {
            let_go(held.replace(row))?;
            continue;
        }
        match held.take() {
            Some(a) if a[..IDENTITY] == row[..IDENTITY] => {
                // The key of A decides where the pair is told, since that of B may be another one.
                let tag = &a[..IDENTITY];
                for (side, spot) in [(0, &a), (1, &row)] {
                    let parts = [
                        &a[IDENTITY + 1..][..KEY],
                        &[SAME_IDENTITY],
                        tag,
                        &[side],
                        &spot[IDENTITY + 1 + KEY..],
                    ];
                    paired.push(Row::of(&parts))?;
                }
            }
            other => {
                let_go(other)?;
                let_go(Some(row))?;
            }
        }
    }
    let_go(held)
}

fn by_key(row: &[u8; BY_IDENTITY]) -> [u8; BY_KEY] {
    let (identity, rest) = row.split_at(IDENTITY);
    let (side, rest) = rest.split_at(1);
    let (key, spot) = rest.split_at(KEY);
    Row::of(&[key, side, identity, spot])
}

/// Gives the entries of one key and side their numbers: those of equal numbers are pairs.
fn pair_by_key(alone: Sorter<BY_KEY>, paired: &mut Sorter<PAIRED>) -> Result<()> {
    let sorted = alone.finish();
    let mut rows = sorted.rows();
    let mut before: Option<[u8; BY_KEY]> = None;
    let mut number: u128 = 0;
    while let Some(row) = rows.next_row()? {
        let goes_on = before.is_some_and(|before| before[..KEY + 1] == row[..KEY + 1]);
        number = if goes_on { number + 1 } else { 0 };
        let spot = &row[KEY + 1 + IDENTITY..];
        paired.push(Row::of(&[&row[..KEY], &[SAME_KEY], &number.to_be_bytes(), &row[KEY..][..1], spot]))?;
        before = Some(row);
    }
    Ok(())
}

/// Returns what makes two entries one: the message's id; of an event time, type, person and content.
fn identity(entry: &Entry<'_>) -> [u8; IDENTITY] {
    if let Some(id) = entry.id {
        return id.0;
    }
    let mut hash = Sha256::new();
    hash.update(entry.moment.ticks.get().to_be_bytes());
    hash.update(entry.person.to_be_bytes());
    hash.update((entry.type_name.len() as u64).to_be_bytes());
    hash.update(entry.type_name);
    hash.update(entry.text);
    first(&hash.finalize())
}

/// Returns the first bytes of a digest.
fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}

/// Returns what entries with another text may have in common.
fn key(entry: &Entry<'_>) -> [u8; KEY] {
    let (is_unknown, number) = match (entry.place.are_events, entry.chat_id) {
        // What is paired is compared by content afterwards, so a hash serves.
        (true, _) => (1, u64::from_be_bytes(first(&Sha256::digest(entry.type_name)))),
        (false, Some(chat_id)) => (0, (chat_id as u64) ^ (1 << 63)),
        (false, None) => (1, 0),
    };
    let ticks = entry.moment.ticks.get().to_be_bytes();
    Row::of(&[&ticks, &[is_unknown], &number.to_be_bytes(), &entry.person.to_be_bytes()])
}

/// A row of a sorter, growing.
struct Row<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Row<N> {
    fn new() -> Row<N> {
        Row { bytes: [0; N], length: 0 }
    }

    fn of(parts: &[&[u8]]) -> [u8; N] {
        let mut row = Row::new();
        parts.iter().for_each(|part| row.push(part));
        row.bytes
    }

    fn push(&mut self, part: &[u8]) {
        let room = self.bytes.iter_mut().skip(self.length);
        room.zip(part).for_each(|(to, from)| *to = *from);
        self.length += part.len();
    }
}
