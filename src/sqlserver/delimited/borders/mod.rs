//! Places within a text at which reading can begin, so that many threads can read it at once.
//!
//! The file is cut into pieces of one size, and in each the first record that begins there is looked
//! for. Whether a line end stands in quotes depends on all that came before; so every piece is gone
//! through for both cases, side by side, and the pieces are put together afterwards. Only quotes are
//! looked at, not fields: it costs about what counting the lines does.

mod ends;
mod piece;
mod quotes;

use std::fs::File;
use std::io;
use std::path::Path;

use self::ends::Ends;
use self::piece::{Pieces, Unit};
use self::quotes::{Entry, Quotes};
use super::dialect::{Layout, RecordEnd};
use super::window::Place;
use crate::sqlserver::encoding::Encoding;

/// How a text is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Bytes of a piece; even, so that no unit of UTF-16 is cut.
    pub(super) size: u64,
    /// Bytes of it that are read at once; even.
    pub(super) chunk: usize,
}

impl Default for Cut {
    fn default() -> Cut {
        Cut { size: 8 << 20, chunk: 256 << 10 }
    }
}

/// Where a record begins, and what its reader must know of what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Border {
    pub(super) place: Place,
    /// Whether the character before it is CR, so that LF begins no new line.
    pub(super) after_return: bool,
    /// Records from here to the end of the table, where a footer ends it.
    pub(super) left: Option<u64>,
}

/// A place found in a piece.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// Bytes from the beginning of the piece.
    at: u64,
    /// Line breaks before it in the piece.
    lines: u64,
}

/// Finds the borders behind `begin`, the first record: the first of each piece that has one. None
/// in a layout whose records can be told in sequence alone, and in a text of less than two pieces.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn find(
    path: &Path,
    encoding: Encoding,
    layout: &Layout,
    begin: Border,
    cut: Cut,
) -> io::Result<Vec<Border>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size < 2 * cut.size {
        return Ok(Vec::new());
    }
    let unit = match encoding {
        Encoding::Utf8 | Encoding::Windows1252 => Unit::Byte,
        Encoding::Utf16LittleEndian => Unit::Little,
        Encoding::Utf16BigEndian => Unit::Big,
    };
    let pieces = Pieces::new(file, unit, begin.place.byte..size, cut);
    let plain = |bytes: &[u8]| encoding == Encoding::Utf8 || bytes.is_ascii();
    let mut borders = match layout {
        Layout::Quoted { delimiter } if plain(&[*delimiter]) => quoted(&pieces, *delimiter, begin)?,
        Layout::Lines { end, .. } if is_found_alike(end, encoding) => lines(&pieces, end, begin)?,
        _ => Vec::new(),
    };
    borders.retain(|border| border.place.byte < size && border.left != Some(0));
    Ok(borders)
}

/// Tells whether a record end is found at the same places wherever the search begins: no end of it is
/// also its beginning, and its characters are searched for as bytes.
pub(super) fn is_found_alike(end: &RecordEnd, encoding: Encoding) -> bool {
    let bytes = end.bytes();
    (encoding == Encoding::Utf8 || bytes.is_ascii())
        && (1..bytes.len()).all(|length| bytes[..length] != bytes[bytes.len() - length..])
}

fn quoted(pieces: &Pieces, delimiter: u8, begin: Border) -> io::Result<Vec<Border>> {
    let scanned = pieces.scan(|| Quotes::new(delimiter))?;
    let mut entry = Entry::default();
    let mut line = begin.place.line;
    let mut borders = Vec::new();
    for (start, piece) in scanned {
        if let Some(found) = piece.pass(&mut entry) {
            let place = Place { line: line + found.lines, byte: start + found.at };
            borders.push(Border { place, after_return: false, left: None });
        }
        line += piece.lines();
    }
    Ok(borders)
}

fn lines(pieces: &Pieces, end: &RecordEnd, begin: Border) -> io::Result<Vec<Border>> {
    let counts = begin.left.is_some();
    let scanned = pieces.scan(|| Ends::new(end.bytes(), counts))?;
    let (mut line, mut passed) = (begin.place.line, 0);
    let mut borders = Vec::new();
    for (start, piece) in scanned {
        if let Some(found) = piece.first() {
            let place = Place { line: line + found.lines, byte: start + found.at };
            let left = begin.left.map(|left| left.saturating_sub(passed + 1));
            borders.push(Border { place, after_return: end.bytes().ends_with(b"\r"), left });
        }
        line += piece.lines();
        passed += piece.count();
    }
    Ok(borders)
}
