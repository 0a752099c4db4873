//! Going through the pieces of a file, several at once, a chunk at a time.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::Cut;
use crate::sqlserver::positioned::PositionedFile;
use crate::sqlserver::together::together;

/// What characters are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    /// Two bytes, the low one first.
    Little,
    /// Two bytes, the high one first.
    Big,
}

impl Unit {
    fn size(self) -> usize {
        if self == Unit::Byte { 1 } else { 2 }
    }

    /// Reads bytes of a file as one byte for each whole unit: ASCII characters as they are, others as
    /// anything else. Returns the number of units.
    fn read(
        self,
        file: &PositionedFile,
        place: u64,
        bytes: usize,
        raw: &mut Vec<u8>,
        text: &mut [u8],
    ) -> io::Result<usize> {
        if self == Unit::Byte {
            file.read_exact_at(&mut text[..bytes], place)?;
            return Ok(bytes);
        }
        raw.resize(bytes, 0);
        file.read_exact_at(raw, place)?;
        let high = usize::from(self == Unit::Little);
        for (narrow, unit) in text.iter_mut().zip(raw.chunks_exact(2)) {
            *narrow = if unit[high] == 0 { unit[1 - high] } else { 0xFF };
        }
        Ok(bytes / 2)
    }
}

/// What looks for borders in a piece.
pub(super) trait Scanner {
    /// The number of units before each chunk that it must see.
    fn behind(&self) -> usize;

    /// Takes the next chunk; `text` has `behind` units before it, fewer only at the beginning of the
    /// table. `at` is where the chunk begins in the piece, in units.
    fn feed(&mut self, text: &[u8], behind: usize, at: u64);

    /// Turns units into bytes, once the piece has ended.
    fn finish(&mut self, unit: u64);
}

/// The pieces of a file.
pub(super) struct Pieces {
    file: PositionedFile,
    unit: Unit,
    bytes: Range<u64>,
    cut: Cut,
}

impl Pieces {
    /// Cuts these bytes of a file at the multiples of the piece's size.
    pub(super) fn new(file: File, unit: Unit, bytes: Range<u64>, cut: Cut) -> Pieces {
        Pieces { file: PositionedFile::new(file), unit, bytes, cut }
    }

    /// Goes through all pieces; returns where each begins and what was found in it.
    pub(super) fn scan<S: Scanner + Send>(
        &self,
        scanner: impl Fn() -> S + Sync,
    ) -> io::Result<Vec<(u64, S)>> {
        let Range { start, end } = self.bytes;
        let first = start / self.cut.size;
        let count = end.div_ceil(self.cut.size).saturating_sub(first);
        let scan = |number: usize| {
            let from = (first + number as u64) * self.cut.size;
            let until = from.saturating_add(self.cut.size).min(end);
            let from = from.max(start);
            let mut scanner = scanner();
            self.scan_one(from..until, &mut scanner)?;
            Ok((from, scanner))
        };
        together(usize::try_from(count).unwrap_or(usize::MAX), scan).into_iter().collect()
    }

    fn scan_one(&self, piece: Range<u64>, scanner: &mut impl Scanner) -> io::Result<()> {
        let unit = self.unit.size();
        let wanted = scanner.behind();
        let before =
            (wanted * unit).min(usize::try_from(piece.start - self.bytes.start).unwrap_or(usize::MAX));
        let (mut raw, mut text) = (Vec::new(), vec![0; wanted + self.cut.chunk]);
        let start = piece.start - before as u64;
        let mut behind = self.unit.read(&self.file, start, before, &mut raw, &mut text)?;
        let mut place = piece.start;
        while place < piece.end {
            let rest = usize::try_from(piece.end - place).unwrap_or(usize::MAX);
            let bytes = rest.min(self.cut.chunk);
            let units = self.unit.read(&self.file, place, bytes, &mut raw, &mut text[behind..])?;
            let end = behind + units;
            scanner.feed(&text[..end], behind, (place - piece.start) / unit as u64);
            behind = end.min(wanted);
            text.copy_within(end - behind..end, 0);
            place += bytes as u64;
        }
        scanner.finish(unit as u64);
        Ok(())
    }
}
