//! Walking a backup from its first byte to its last: blocks, their streams, and the pages in them.
//!
//! The walk only goes forward, so that nothing in the bytes can lead it in a circle. Where bytes are
//! no header it looks for the next block or page at borders of 512 bytes, and tells what it passed over.

mod recover;

use std::io;

use super::damage::Damages;
use super::flow::{Flow, Gap};
use super::index::{Collector, Index, PAGE, Spot, key};
use super::mtf::{self, BLOCK_HEADER, Block, STREAM_HEADER, Stream};
use super::pages::{self, EXTENT, EXTENT_BYTES, HEADER, Headers};
use super::set::{BackupSet, DESCRIPTION, Family};
use crate::chat::Text;
use crate::error::{Error, Result};
use crate::progress::{Progress, Silent};

/// A set and where its pages stand.
#[derive(Debug)]
pub(super) struct Content {
    pub set: BackupSet,
    /// The pages of each pass over the data that has any: its number, and where they stand.
    pub passes: Vec<(u32, Index)>,
    /// Whether the backup says that its data are encrypted.
    pub encrypted: bool,
}

/// What one file of a backup holds.
#[derive(Debug, Default)]
pub(super) struct Tape {
    /// Whether it begins as a backup.
    pub recognised: bool,
    pub family: Option<Family>,
    pub contents: Vec<Content>,
    pub damage: Damages,
    /// The program that wrote it, by its own words.
    pub software: Text,
}

/// What the walk does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Stream,
    Block,
    /// Bytes that are no header were met: the next block must be looked for.
    Search,
    /// Pages were found whose block is lost.
    Pages,
    /// A filemark that does not tell its size was met: the next block is somewhere behind it.
    PassFilemark,
    End,
}

/// Walks all of a backup.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read, [`Error::Interrupted`].
pub(super) fn walk(name: &str, flow: &mut dyn Flow, progress: &dyn Progress) -> Result<Tape> {
    let mut walk = Walk { name, flow, progress, tape: Tape::default(), open: None };
    let mut next = Next::Block;
    while next != Next::End {
        progress.check()?;
        next = match next {
            Next::Block | Next::Stream => walk.block()?,
            Next::Search => walk.search(0)?,
            Next::PassFilemark => walk.search(recover::FILEMARK)?,
            Next::Pages => walk.lost_pages()?,
            Next::End => Next::End,
        };
    }
    walk.close();
    Ok(walk.tape)
}

/// Reads the first block alone, which tells which file of a backup this is.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read.
pub(super) fn family(name: &str, flow: &mut dyn Flow) -> Result<Option<Family>> {
    let mut walk = Walk { name, flow, progress: &Silent, tape: Tape::default(), open: None };
    walk.block()?;
    Ok(walk.tape.family.filter(|_| walk.tape.recognised))
}

/// A set that is being walked.
struct Open {
    content: Content,
    /// The pass over the data that is being walked, from 1.
    pass: u32,
    pages: Collector,
}

impl Open {
    fn new(set: BackupSet) -> Open {
        let content = Content { set, passes: Vec::new(), encrypted: false };
        Open { content, pass: 0, pages: Collector::default() }
    }

    /// Ends the pass over the data.
    fn end_pass(&mut self) {
        let pages = std::mem::take(&mut self.pages);
        if !pages.is_empty() {
            self.content.passes.push((self.pass, pages.finish()));
        }
        self.pass = self.pass.saturating_add(1);
    }
}

struct Walk<'a> {
    name: &'a str,
    flow: &'a mut dyn Flow,
    progress: &'a dyn Progress,
    tape: Tape,
    /// The set that is being walked.
    open: Option<Open>,
}

impl Walk<'_> {
    fn damaged(&mut self, at: u64, detail: impl Into<String>) {
        self.tape.damage.add(self.name, at, detail);
    }

    /// Says that the file cannot be read, unless the reading was given up because the run should stop.
    fn failed(&self, cause: io::Error) -> Error {
        self.progress.check().err().unwrap_or_else(|| Error::read(self.name, cause))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.flow.read(buffer).map_err(|cause| self.failed(cause))
    }

    fn peek(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.flow.peek(buffer).map_err(|cause| self.failed(cause))
    }

    fn extent(&mut self, length: usize, headers: &mut Headers) -> Result<usize> {
        self.flow.extent(length, headers).map_err(|cause| self.failed(cause))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        self.flow.skip(count).map_err(|cause| self.failed(cause))
    }

    fn pass_gap(&mut self) -> Result<Option<Gap>> {
        self.flow.pass_gap().map_err(|cause| self.failed(cause))
    }

    /// Tells what a short read means: the end, or a gap in the middle of something.
    fn cut_short(&mut self, within: &str) -> Result<Next> {
        match self.pass_gap()? {
            Some(gap) => {
                let detail = format!("{} bytes within {within} are damaged and were passed over", gap.length);
                self.damaged(gap.at, detail);
                Ok(Next::Search)
            }
            None => {
                self.damaged(self.flow.place(), format!("the file ends within {within}"));
                Ok(Next::End)
            }
        }
    }

    /// Walks a block and its streams.
    fn block(&mut self) -> Result<Next> {
        if let Some(gap) = self.pass_gap()?
            && gap.length >= EXTENT_BYTES as u64
        {
            self.damaged(gap.at, format!("{} bytes between records were not understood", gap.length));
        }
        let begin = self.flow.position();
        let mut header = [0; BLOCK_HEADER];
        match self.peek(&mut header)? {
            0 => return Ok(Next::End),
            BLOCK_HEADER => {}
            _ => return Ok(Next::Search),
        }
        let Some(block) = Block::read(&header) else { return Ok(Next::Search) };
        let begins = begin == 0 && &block.kind == b"TAPE";
        self.tape.recognised |= begins || matches!(&block.kind, b"SSET" | b"MSCI" | b"MSDA");
        let mut bytes = vec![0; usize::from(block.first_stream).max(BLOCK_HEADER)];
        let read = self.read(&mut bytes)?;
        if read < bytes.len() {
            return self.cut_short("the header of a block");
        }
        self.enter(block, &bytes);
        if &block.kind == b"SFMB" {
            return Ok(if block.first_stream == 0 { Next::PassFilemark } else { Next::Block });
        }
        self.streams(block.kind)
    }

    /// Walks the streams of a block.
    fn streams(&mut self, block: [u8; 4]) -> Result<Next> {
        let mut next = Next::Stream;
        while next == Next::Stream {
            self.progress.check()?;
            next = self.stream(block)?;
        }
        Ok(next)
    }

    /// Notes what a block begins or ends.
    fn enter(&mut self, block: Block, bytes: &[u8]) {
        if &block.kind == b"TAPE" && self.tape.software.is_empty() {
            self.tape.software = mtf::text(bytes, 80);
        }
        if &block.kind == b"SSET" {
            self.begin(BackupSet::read(bytes));
        } else if matches!(&block.kind, b"MSCI" | b"MSDA" | b"MSTL") {
            self.begin_unknown();
        }
        let Some(open) = &mut self.open else { return };
        match &block.kind {
            b"MSDA" => {
                open.end_pass();
                open.content.set.holds_data();
            }
            b"MSTL" => open.content.set.holds_log(),
            b"MSLS" | b"ESET" => open.content.set.complete = true,
            _ => {}
        }
    }

    /// Begins a set.
    fn begin(&mut self, set: BackupSet) {
        self.close();
        if self.tape.contents.len() == usize::from(u16::MAX) {
            self.damaged(self.flow.place(), "there are more backups than a medium can number");
        } else {
            self.open = Some(Open::new(set));
        }
    }

    /// Begins a set whose first block was lost, unless what comes now can be of the one before.
    fn begin_unknown(&mut self) {
        if self.open.as_ref().is_none_or(|open| open.content.set.complete) {
            self.close();
            let number = u16::try_from(self.tape.contents.len() + 1).unwrap_or(u16::MAX);
            self.begin(BackupSet::unknown(number));
        }
    }

    /// Ends the set that is being walked.
    fn close(&mut self) {
        if let Some(mut open) = self.open.take() {
            open.end_pass();
            if !open.content.set.complete {
                self.damaged(self.flow.place(), "the backup has no end: a part of it is missing");
            }
            self.tape.contents.push(open.content);
        }
    }

    /// Walks one stream of a block.
    fn stream(&mut self, block: [u8; 4]) -> Result<Next> {
        let at = self.flow.place();
        let mut header = [0; STREAM_HEADER];
        if self.read(&mut header)? < STREAM_HEADER {
            return self.cut_short("a block");
        }
        let Some(stream) = Stream::read(&header) else {
            let kind = String::from_utf8_lossy(&block).into_owned();
            self.damaged(at, format!("what follows in block {kind} is no stream"));
            return Ok(Next::Search);
        };
        let next = match &stream.kind {
            b"MQDA" => self.pages(stream)?,
            b"MQCI" | b"RAID" => self.description(stream)?,
            // Padding may be missing: nothing is lost with it.
            b"SPAD" => {
                self.skip(stream.length)?;
                Next::Block
            }
            _ if self.skip(stream.length)? < stream.length => self.cut_short("a stream")?,
            _ => Next::Stream,
        };
        if matches!(next, Next::Stream | Next::Block) {
            // What is missing here is missed by whatever comes next.
            self.skip(self.flow.position().wrapping_neg() % 4)?;
        }
        Ok(next)
    }

    /// Reads a stream that describes something.
    fn description(&mut self, stream: Stream) -> Result<Next> {
        let length = usize::try_from(stream.length).unwrap_or(usize::MAX).min(DESCRIPTION);
        let mut bytes = vec![0; length];
        let read = self.read(&mut bytes)?;
        if read < length || self.skip(stream.length - length as u64)? < stream.length - length as u64 {
            return self.cut_short("a description");
        }
        match (&stream.kind, &mut self.open) {
            (b"RAID", _) => self.tape.family = self.tape.family.or_else(|| Family::read(&bytes)),
            (_, Some(open)) => open.content.set.describe(&bytes),
            _ => {}
        }
        Ok(Next::Stream)
    }

    /// Reads the pages of a stream.
    fn pages(&mut self, stream: Stream) -> Result<Next> {
        if let Some(open) = &mut self.open {
            open.content.encrypted |= stream.encrypted;
        }
        // A stream of pages has two bytes before the first.
        let extra = if stream.length % PAGE == 2 { 2 } else { 0 };
        let mut left = stream.length - self.skip(extra)?;
        let mut headers = [[0; HEADER]; EXTENT];
        while left > 0 {
            self.progress.check()?;
            let wanted = left.min(EXTENT_BYTES as u64);
            let at = self.flow.position();
            let passed = self.extent(wanted as usize, &mut headers)?;
            self.take_pages(&headers[..passed / PAGE as usize], at, passed);
            left -= passed as u64;
            if (passed as u64) < wanted {
                // How many pages came out of the lost bytes nobody knows, hence neither how many are left.
                return match self.cut_short("the pages of the database")? {
                    Next::End => Ok(Next::End),
                    _ => Ok(Next::Pages),
                };
            }
        }
        Ok(Next::Stream)
    }

    /// Notes the pages with these headers, of which `length` bytes stand in the flow from `at` on.
    fn take_pages(&mut self, headers: &[[u8; HEADER]], at: u64, length: usize) {
        let (Some(extent), Some(open)) = (pages::recognise(headers), &mut self.open) else {
            return;
        };
        for (place, _) in extent.present.iter().enumerate().filter(|(_, present)| **present) {
            // A page's own number was `first + place` when it was recognised, so this cannot overflow.
            let page = key(extent.file, extent.first) + place as u64;
            open.pages.add(page, Spot { family: 0, at: at + place as u64 * PAGE });
        }
        self.flow.keep(at..at + length as u64);
    }
}
