//! Large documents in stretches that are read side by side.
//!
//! A stretch begins at a `Conversation` within the root, and is read as a document of its own: between
//! the root's tags. That gives what reading the whole gives only if nothing would end that reading
//! half-way; so a document is first looked through, which is far cheaper, and one that is unusual in
//! any way stays whole.

use std::io::{self, Cursor, Read};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::bounds::Bounds;
use super::charset::{Charset, declared, sniff};
use super::frame::{Frame, Unusual};
use super::intake::{Intake, Place};
use super::markup::{begins_name, is_blank, is_in_name};
use super::{Account, DocumentKind, HEAD, begin, form_of, read_scene, read_within};
use crate::chat::Directory;
use crate::container::{Blob, Section};
use crate::error::{Error, Result};
use crate::ledger::Sink;

/// What begins a stretch.
const BORDER: &[u8] = b"<Conversation";

/// How documents are cut, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Documents below this stay whole.
    pub(super) least: u64,
    /// A stretch, about.
    pub(super) stretch: u64,
    /// Read at a time. A document with a tag or a text that is longer stays whole.
    pub(super) window: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes { least: 16 << 20, stretch: 8 << 20, window: 1 << 20 }
    }
}

/// Where a document is cut, and what its stretches had to tell so far.
#[derive(Debug)]
pub struct Stretches {
    /// The name of the root element.
    root: Vec<u8>,
    /// Where each stretch begins; none for a document that is read whole.
    starts: Vec<Place>,
    size: u64,
    bounds: Bounds,
    told: Mutex<Vec<Option<Account>>>,
}

impl Stretches {
    /// Returns the number of stretches, which is one for a document that is read whole.
    pub fn count(&self) -> usize {
        self.starts.len().max(1)
    }

    fn whole(bounds: Bounds) -> Stretches {
        Stretches { root: Vec::new(), starts: Vec::new(), size: 0, bounds, told: Mutex::default() }
    }
}

/// Finds out where a document can be cut: it must be a file of 16 MiB or more, in UTF-8, and of nothing
/// but elements and text; all others are one stretch.
///
/// The file is read once, on all threads, with 2 MiB of memory on each.
pub fn stretches(kind: &DocumentKind, blob: &dyn Blob) -> Stretches {
    stretches_within(Bounds::default(), Sizes::default(), kind, blob)
}

pub(super) fn stretches_within(
    bounds: Bounds,
    sizes: Sizes,
    kind: &DocumentKind,
    blob: &dyn Blob,
) -> Stretches {
    let cut = match kind {
        DocumentKind::Conversations | DocumentKind::FileDump => cut(bounds, sizes, kind, blob),
        _ => None,
    };
    cut.unwrap_or_else(|| Stretches::whole(bounds))
}

/// Reads the records of one stretch, from 0, as [`read`](super::read) reads those of a document; returns
/// their number.
///
/// Records are numbered from 1 within the stretch; lines and bytes are those of the document. What the
/// document as a whole has to tell is told with the stretch that is read last.
///
/// # Errors
/// [`Error::Read`] if reading fails, and whatever the sink says.
pub fn read_stretch(
    stream: u32,
    kind: &DocumentKind,
    stretches: &Stretches,
    number: usize,
    blob: &dyn Blob,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    let bounds = stretches.bounds;
    let failed = |cause| Error::read("a compliance document", cause);
    let Some(&start) = stretches.starts.get(number) else {
        return read_within(bounds, stream, kind, blob.open().map_err(failed)?, directory, sink);
    };
    let end = stretches.starts.get(number + 1).map(|next| next.byte);
    let reader = Section::open(blob, start.byte, Some(end.unwrap_or(stretches.size))).map_err(failed)?;
    let closing = match end {
        Some(_) => [b"</", &stretches.root[..], b">"].concat(),
        None => Vec::new(),
    };
    let reader: Box<dyn Read + Send> = Box::new(reader.chain(Cursor::new(closing)));
    let form = form_of(kind);
    let intake = if number == 0 {
        begin(reader, kind, bounds)
    } else {
        let opening = [b"<", &stretches.root[..], b">"].concat();
        let byte = start.byte.saturating_sub(opening.len() as u64);
        Ok(Intake::new(&opening, None, 0, reader, Charset::Utf8, bounds).starting(Place { byte, ..start }))
    };
    let account = read_scene(bounds, stream, kind, intake, directory, sink, None)?;
    let read = account.read;
    let all = {
        let mut told = stretches.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.resize_with(stretches.count(), || None);
        told[number] = Some(account);
        told.iter().all(Option::is_some).then(|| std::mem::take(&mut *told))
    };
    if let Some(all) = all {
        let mut whole = Account::default();
        all.into_iter().flatten().for_each(|account| whole.merge(account));
        whole.tell(stream, form, sink);
    }
    Ok(read)
}

fn cut(bounds: Bounds, sizes: Sizes, kind: &DocumentKind, blob: &dyn Blob) -> Option<Stretches> {
    let size = std::fs::metadata(blob.path()?).ok()?.len();
    if size < sizes.least {
        return None;
    }
    let mut head = Vec::new();
    Section::open(blob, 0, Some(size.min(HEAD))).ok()?.read_to_end(&mut head).ok()?;
    let (root, at) = root(&head, kind)?;
    let window = sizes.window.min(bounds.piece / 8);
    let borders: Vec<u64> = (1..size.div_ceil(sizes.stretch))
        .into_par_iter()
        .filter_map(|step| border(blob, step * sizes.stretch, sizes.stretch, size, window).transpose())
        .collect::<io::Result<_>>()
        .ok()?;
    let borders: Vec<u64> = borders.into_iter().filter(|&border| border > at as u64).collect();
    if borders.is_empty() {
        return None;
    }
    let begins: Vec<u64> = [0].into_iter().chain(borders).collect();
    let lines: Vec<u64> = (0..begins.len())
        .into_par_iter()
        .map(|number| {
            let (begin, end) = (begins[number], begins.get(number + 1).copied());
            let (frame, skip) = match number {
                0 => (Frame::new(bounds), at),
                _ => (Frame::within(&root, bounds), 0),
            };
            let reader = Section::open(blob, begin, Some(end.unwrap_or(size))).ok()?;
            look_through(reader, frame, skip, end.is_none(), window)
        })
        .collect::<Option<_>>()?;
    let mut line = 1;
    let starts = begins.into_iter().zip(lines).map(|(byte, lines)| {
        let start = Place { line, byte };
        line += lines;
        start
    });
    Some(Stretches { starts: starts.collect(), root, size, bounds, told: Mutex::default() })
}

/// Returns the name of the root element and where its tag begins, if nothing but an XML declaration is
/// before it and the document is in UTF-8.
fn root(head: &[u8], kind: &DocumentKind) -> Option<(Vec<u8>, usize)> {
    let (charset, mark) = sniff(head);
    if !matches!(charset, Charset::Utf8) || (mark == 0 && !matches!(declared(head), Ok(Charset::Utf8))) {
        return None;
    }
    let mut at = mark;
    if head[at..].starts_with(b"<?xml ") {
        at += memchr::memchr(b'>', &head[at..])? + 1;
        if !head[..at].ends_with(b"?>") {
            return None;
        }
    }
    at += head[at..].iter().take_while(|&&byte| is_blank(byte)).count();
    let name = head[at..].strip_prefix(b"<")?;
    let length = name.iter().take_while(|&&byte| is_in_name(byte)).count();
    let name = &name[..length];
    let expected: &[u8] = match kind {
        DocumentKind::FileDump => b"FileDump",
        _ => b"Conversations",
    };
    (begins_name(*name.first()?) && name == expected).then(|| (name.to_vec(), at))
}

/// Returns where the first `Conversation` begins from a place on, and no farther from it than this.
fn border(blob: &dyn Blob, from: u64, reach: u64, size: u64, window: usize) -> io::Result<Option<u64>> {
    let end = size.min(from + reach + BORDER.len() as u64);
    let mut reader = Section::open(blob, from, Some(end))?;
    let mut bytes = Vec::new();
    let mut passed = from;
    // Most conversations are short: the first look is a small one.
    let mut wanted = (window / 16).max(BORDER.len() + 1);
    loop {
        let read = (&mut reader).take(wanted as u64).read_to_end(&mut bytes)?;
        wanted = window.max(BORDER.len() + 1);
        let mut found = memchr::memmem::find_iter(&bytes, BORDER);
        let whole = |at: &usize| bytes.get(at + BORDER.len()).is_some_and(|&byte| !is_in_name(byte));
        if let Some(at) = found.find(whole) {
            let place = passed + at as u64;
            return Ok((place < from + reach).then_some(place));
        }
        if read == 0 {
            return Ok(None);
        }
        let done = bytes.len().saturating_sub(BORDER.len());
        bytes.drain(..done);
        passed += done as u64;
    }
}

/// Looks through a stretch; returns the number of line ends in it, or `None` for an unusual one.
fn look_through(
    mut reader: impl Read,
    mut frame: Frame,
    skip: usize,
    last: bool,
    window: usize,
) -> Option<u64> {
    let mut bytes = vec![0; window];
    let mut filled = 0;
    let mut lines = 0;
    let mut skip = skip;
    loop {
        let read = match reader.read(&mut bytes[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return None,
        };
        lines += memchr::memchr_iter(b'\n', &bytes[filled..filled + read]).count() as u64;
        filled += read;
        let begun = skip.min(filled);
        let done = begun + frame.pass(&bytes[begun..filled]).map_err(|Unusual| ()).ok()?;
        skip -= begun;
        if read == 0 {
            let rest = &bytes[done..filled];
            let sound = match last {
                true => frame.is_over() && rest.iter().all(|&byte| is_blank(byte)),
                false => frame.is_at_root() && !rest.contains(&b'<'),
            };
            return sound.then_some(lines);
        }
        bytes.copy_within(done..filled, 0);
        filled -= done;
        if filled == bytes.len() {
            return None;
        }
    }
}
