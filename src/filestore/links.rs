//! Hearing of every message and event, on many threads, and keeping what refers to files.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::link::{Link, ROW};
use super::references::{self, Referring};
use crate::chat::{Guid, Piece};
use crate::error::Result;
use crate::spill::{Scratch, Sorted, Sorter};

/// A longer name is no name of a file, which has 255 units; it is told as far as this.
const LONGEST_NAME: usize = 1024;

/// What refers to files: counted, and if there is a store to hold it against, kept.
#[derive(Debug, Default)]
pub struct Links {
    messages: AtomicU64,
    events: AtomicU64,
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    scratch: Arc<Scratch>,
    /// `None` when all was heard.
    sorter: Mutex<Option<Sorter<ROW>>>,
}

impl Links {
    /// Counts what refers to files, and keeps nothing.
    pub fn counting() -> Links {
        Links::default()
    }

    /// Keeps what refers to files: about so many bytes in memory, the rest in the temporary file.
    pub fn keeping(scratch: Arc<Scratch>, memory: usize) -> Links {
        let sorter = Mutex::new(Some(Sorter::new(scratch.clone(), memory)));
        Links { kept: Some(Kept { scratch, sorter }), ..Links::default() }
    }

    /// Looks at a piece of the histories. May be called from any thread, for pieces in any order.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn look(&self, piece: &Piece) -> Result<()> {
        let mut names = Vec::new();
        let mut links = Vec::new();
        let mut note = |room: Guid, referring: Referring| {
            if self.kept.is_some() {
                take(room, referring, &mut links, &mut names);
            }
        };
        let has_messages = piece.rooms.iter().any(|room| !room.messages.is_empty());
        let marks = if has_messages { references::marks(&piece.bytes) } else { Vec::new() };
        let (mut messages, mut events) = (0, 0);
        for room in &piece.rooms {
            let referring = room.messages.iter().filter(|_| !marks.is_empty());
            for found in referring.filter_map(|message| references::of_message(message, piece, &marks)) {
                messages += 1;
                note(room.room, found);
            }
            for found in room.events.iter().filter_map(|event| references::of_event(event, piece)) {
                events += 1;
                note(room.room, found);
            }
        }
        self.messages.fetch_add(messages, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
        match &self.kept {
            Some(kept) if !links.is_empty() => kept.keep(links, &names),
            _ => Ok(()),
        }
    }

    /// Returns how many messages and how many events refer to files, as far as was heard.
    pub fn counts(&self) -> (u64, u64) {
        (self.messages.load(Ordering::Relaxed), self.events.load(Ordering::Relaxed))
    }

    /// Ends the hearing, and gives what was kept in order; nothing where nothing is kept.
    pub(super) fn finish(&self) -> Option<SortedLinks> {
        let kept = self.kept.as_ref()?;
        let sorter = kept.sorter.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(SortedLinks { sorted: sorter.finish(), scratch: kept.scratch.clone() })
    }
}

/// Takes the links of one message or event; `names` holds how they are spelled.
fn take(room: Guid, referring: Referring, links: &mut Vec<Link>, names: &mut Vec<u8>) {
    let Referring { referrer, ticks, names: found } = referring;
    for (key, name) in found {
        let told = name.get(..LONGEST_NAME).unwrap_or(&name);
        let place = names.len() as u64;
        names.extend_from_slice(told);
        links.push(Link { ticks, room, referrer, key, spelled: (place, told.len() as u16) });
    }
}

impl Kept {
    /// Writes the names in one go, and hands the links to the sorter.
    fn keep(&self, links: Vec<Link>, names: &[u8]) -> Result<()> {
        let place = self.scratch.append(names)?;
        let rows: Vec<[u8; ROW]> = links
            .into_iter()
            .map(|link| Link { spelled: (place + link.spelled.0, link.spelled.1), ..link }.to_row())
            .collect();
        let mut sorter = self.sorter.lock().unwrap_or_else(PoisonError::into_inner);
        sorter.as_mut().map_or(Ok(()), |sorter| sorter.extend(&rows))
    }
}

/// All links in the order of their keys, then of time.
#[derive(Debug)]
pub(super) struct SortedLinks {
    pub(super) sorted: Sorted<ROW>,
    scratch: Arc<Scratch>,
}

impl SortedLinks {
    /// Reads how a link spells the name.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub(super) fn spelled(&self, link: &Link) -> Result<String> {
        let mut name = vec![0; usize::from(link.spelled.1)];
        self.scratch.read(&mut name, link.spelled.0)?;
        // A name may have been cut within a character.
        Ok(String::from_utf8_lossy(&name).into_owned())
    }
}
