//! Finding the way again where headers are lost: the next block, or pages without one.

use super::super::index::PAGE;
use super::super::mtf::{BLOCK_HEADER, Block, Stream};
use super::super::pages::{self, EXTENT, EXTENT_BYTES, Extent, HEADER};
use super::{Next, Walk};
use crate::error::Result;

/// Blocks begin at multiples of this, of the file or of what comes out of it.
const BORDER: usize = 512;

/// The largest block, which is what a filemark takes (Microsoft Learn, "BACKUP", BLOCKSIZE).
pub(super) const FILEMARK: u64 = 65536;

/// Types of blocks that are looked for among bytes that are none.
const KNOWN: [&[u8; 4]; 10] =
    [b"TAPE", b"SFMB", b"SSET", b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"EOTM"];

/// Pages that must agree on their numbers to be taken for pages where none are promised.
const AGREEING: usize = 2;

impl Walk<'_> {
    /// Looks for the next block or for pages; so many bytes before it are no damage, nor are zeros up
    /// to the end.
    pub(super) fn search(&mut self, fill: u64) -> Result<Next> {
        let (from, begin) = (self.flow.place(), self.flow.position());
        let mut window = vec![0; EXTENT_BYTES];
        let mut silent = true;
        let next = loop {
            self.progress.check()?;
            self.skip(self.flow.position().wrapping_neg() % BORDER as u64)?;
            let read = self.peek(&mut window)?;
            let found = (0..read).step_by(BORDER).find_map(|at| Some((at, found(&window[at..read])?)));
            // Pages at the end of the window must be seen whole.
            let all = if read == window.len() { read - AGREEING * PAGE as usize } else { read };
            let passed = found.map_or(all, |(at, _)| at);
            silent &= window[..passed].iter().all(|&byte| byte == 0);
            self.skip(passed as u64)?;
            if let Some((_, next)) = found {
                break next;
            }
            if read == 0 && self.pass_gap()?.is_none() {
                break Next::End;
            }
        };
        let passed = self.flow.position() - begin;
        if !silent && passed > fill {
            self.damaged(from, format!("{passed} bytes are no blocks of a backup and were passed over"));
        }
        Ok(next)
    }

    /// Reads pages of which nobody knows how many there are.
    pub(super) fn lost_pages(&mut self) -> Result<Next> {
        self.begin_unknown();
        if let Some(open) = &mut self.open {
            open.content.set.holds_data();
        }
        let mut window = vec![0; EXTENT_BYTES];
        let mut headers = [[0; HEADER]; EXTENT];
        let mut whole = false;
        loop {
            self.progress.check()?;
            let read = self.peek(&mut window)?;
            if read == 0 && self.pass_gap()?.is_none() {
                self.damaged(self.flow.place(), "the file ends within the pages of the database");
                return Ok(Next::End);
            }
            let stream = window[..read].first_chunk().and_then(Stream::read);
            if stream.is_some_and(|stream| matches!(&stream.kind, b"MQDA" | b"SPAD")) {
                return self.streams(*b"MSDA");
            }
            let extent = pages::recognise_whole(&window[..read]).filter(|_| !begins_block(&window[..read]));
            let Some(extent) = extent else { return Ok(Next::Search) };
            // From the first one on extents are whole, and one page alone is believed.
            let first = extent.first as usize % EXTENT;
            if agreeing(&extent) < AGREEING && (first > 0 || !whole) {
                return Ok(Next::Search);
            }
            whole = true;
            let wanted = (EXTENT - first) * PAGE as usize;
            let at = self.flow.position();
            let passed = self.extent(wanted, &mut headers)?;
            self.take_pages(&headers[..passed / PAGE as usize], at, passed);
            if passed < wanted && self.cut_short("the pages of the database")? == Next::End {
                return Ok(Next::End);
            }
        }
    }
}

/// Tells what bytes begin with, if they may be passed on.
fn found(bytes: &[u8]) -> Option<Next> {
    if begins_block(bytes) {
        return Some(Next::Block);
    }
    (agreeing(&pages::recognise_whole(bytes)?) >= AGREEING).then_some(Next::Pages)
}

fn begins_block(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(is_known)
}

fn agreeing(extent: &Extent) -> usize {
    extent.present.iter().filter(|present| **present).count()
}

fn is_known(header: &[u8; BLOCK_HEADER]) -> bool {
    Block::read(header).is_some_and(|block| KNOWN.contains(&&block.kind))
}
