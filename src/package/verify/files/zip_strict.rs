//! The one form in which gc2pc writes a ZIP, proven byte by byte: local headers like central ones,
//! entry after entry without a gap, nothing before, between or behind, fixed times, no comments.
//!
//! Values that may differ between versions of gc2pc (who made it, permissions) must be alike in all
//! entries, so that no single one can change unseen.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hash;
use std::io::{self, BufReader, Seek, SeekFrom};

use super::deflate::check_padding;
use super::zip_directory::{Entry, Fields, SENTINEL, ZipDirectory};
use super::zip_entry;
use crate::package::verify::fault;
use crate::package::verify::problem::Problems;

/// 1980-01-01 as MS-DOS has it.
const DATE: u16 = 0x0021;
/// Stored and Deflate.
const METHODS: [u16; 2] = [0, 8];
/// Versions needed to extract: 1.0, 2.0 for Deflate; 4.5 for ZIP64.
const NEEDED: [u16; 2] = [10, 20];
const NEEDED_ZIP64: u16 = 45;

impl ZipDirectory {
    /// Proves that the ZIP is one that gc2pc writes; everything else about it is a problem.
    ///
    /// Takes one seek for each entry. Compressed data is not looked at: see
    /// [`ZipDirectory::check_padding`].
    pub(in crate::package::verify) fn check_strictly(&self, problems: &mut Problems) {
        let common = Common::of(&self.entries);
        for entry in &self.entries {
            check_central(entry, &common, &mut |what| {
                problems.add(&fault::ZIP_HEADER, &name(entry), format!("directory: {what}"));
            });
        }
        if let Err(cause) = self.check_layout(problems) {
            problems.add(&fault::UNREADABLE, "", cause.to_string());
        }
    }

    /// Proves that the unused bits of an entry's compressed data are zero.
    ///
    /// # Errors
    /// What is wrong, or why it cannot be read.
    pub(super) fn check_padding(&self, at: usize) -> io::Result<()> {
        match self.entries.get(at) {
            Some(entry) if entry.header.method == 8 && !entry.overlaps => {
                check_padding(zip_entry::compressed(self, entry)?)
            }
            _ => Ok(()),
        }
    }

    /// Walks the file from its first byte to its last.
    fn check_layout(&self, problems: &mut Problems) -> io::Result<()> {
        let mut input = BufReader::new(File::open(&self.path)?);
        let mut expected = 0;
        if self.prefix > 0 {
            let what = format!("{} bytes before the archive", self.prefix);
            problems.add(&fault::ZIP_LAYOUT, "", what);
            expected = self.prefix;
        }
        for entry in &self.entries {
            let at = entry.offset.saturating_add(self.prefix);
            if at != expected {
                let what = format!("the entry begins at byte {at}, the one before it ends at {expected}");
                problems.add(&fault::ZIP_LAYOUT, &name(entry), what);
            }
            input.seek(SeekFrom::Start(at))?;
            let header = check_local(entry, &mut input, &mut |what| {
                problems.add(&fault::ZIP_HEADER, &name(entry), format!("own header: {what}"));
            })?;
            expected = at.saturating_add(header).saturating_add(entry.compressed);
        }
        self.check_end(expected, &mut input, problems)
    }

    /// Checks the directory's place and the end records.
    fn check_end(
        &self,
        expected: u64,
        input: &mut BufReader<File>,
        problems: &mut Problems,
    ) -> io::Result<()> {
        let mut layout = |what: String| problems.add(&fault::ZIP_LAYOUT, "", what);
        if self.range.0 != expected {
            layout(format!(
                "the directory begins at byte {}, the last entry ends at {expected}",
                self.range.0
            ));
        }
        let end = &self.end;
        if self.range.1 != end.zip64.unwrap_or(end.at) {
            layout(format!("bytes behind the directory, from byte {} on", self.range.1));
        }
        if self.length != end.at + 22 {
            layout(format!("{} bytes behind the end record", self.length.saturating_sub(end.at + 22)));
        }
        if self.promised != self.entries.len() as u64 {
            layout(format!("{} entries are promised, {} are there", self.promised, self.entries.len()));
        }
        let mut header = |what: &str| problems.add(&fault::ZIP_HEADER, "", format!("end record: {what}"));
        let wide = end.zip64.is_some();
        let size = self.range.1 - self.range.0;
        let count = self.entries.len() as u64;
        let narrow =
            |told: u32, sentinel: u32, value: u64| u64::from(told) == value || (wide && told == sentinel);
        if end.disks != (0, 0) {
            header("numbers of disks that are not 0");
        }
        let counts = [end.entries.0, end.entries.1];
        if !counts.iter().all(|&told| narrow(u32::from(told), 0xFFFF, count)) {
            header("a number of entries that is not theirs");
        }
        if !narrow(end.size, SENTINEL, size) || !narrow(end.offset, SENTINEL, self.range.0 - self.prefix) {
            header("size or place of the directory are not its own");
        }
        if end.comment != 0 {
            header("a comment");
        }
        match end.zip64 {
            Some(at) => self.check_end64(at, input, &mut header),
            None => Ok(()),
        }
    }

    fn check_end64(
        &self,
        at: u64,
        input: &mut BufReader<File>,
        header: &mut dyn FnMut(&str),
    ) -> io::Result<()> {
        input.seek(SeekFrom::Start(at + 4))?;
        let mut fields = Fields(input);
        let record = fields.eight()?;
        let (made_by, needed) = (fields.two()?, fields.two()?);
        let disks = (fields.four()?, fields.four()?);
        let counts = (fields.eight()?, fields.eight()?);
        let place = (fields.eight()?, fields.eight()?);
        let locator = (fields.four()?, fields.four()?, fields.eight()?, fields.four()?);
        let count = self.entries.len() as u64;
        let common = Common::of(&self.entries);
        let versions = needed <= NEEDED_ZIP64
            && (NEEDED.contains(&needed) || needed == NEEDED_ZIP64)
            && (made_by == needed || Some(made_by) == common.made_by);
        let sound = record == 44
            && versions
            && disks == (0, 0)
            && counts == (count, count)
            && place == (self.range.1 - self.range.0, self.range.0 - self.prefix)
            && locator == (0x0706_4B50, 0, at, 1)
            && at + 56 + 20 == self.end.at;
        if !sound {
            header("a ZIP64 end record that does not fit the directory");
        }
        Ok(())
    }
}

/// What all entries must have in common: the value that most have.
struct Common {
    made_by: Option<u16>,
    flags: Option<u16>,
    external: Option<u32>,
}

impl Common {
    fn of(entries: &[Entry]) -> Common {
        Common {
            made_by: most(entries.iter().map(|entry| entry.made_by)),
            flags: most(entries.iter().map(|entry| entry.header.flags)),
            external: most(entries.iter().map(|entry| entry.external)),
        }
    }
}

fn most<T: Copy + Eq + Hash + Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, u64> = HashMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|&(value, count)| (count, value)).map(|(value, _)| value)
}

fn name(entry: &Entry) -> String {
    String::from_utf8_lossy(&entry.name).into_owned()
}

fn check_central(entry: &Entry, common: &Common, wrong: &mut dyn FnMut(&str)) {
    let header = &entry.header;
    let wide =
        [entry.fixed.1, entry.fixed.0, entry.fixed.2].iter().filter(|&&field| field == SENTINEL).count();
    if !METHODS.contains(&header.method) {
        wrong("a method other than Deflate");
    }
    let plain_version = NEEDED.contains(&header.needed);
    if !plain_version && header.needed != NEEDED_ZIP64 {
        wrong("a version needed that it does not need");
    }
    if header.flags & !0x0800 != 0 || Some(header.flags) != common.flags {
        wrong("flags that gc2pc does not set");
    }
    if (header.time, header.date) != (0, DATE) {
        wrong("a time other than 1980-01-01");
    }
    // Some libraries write the version needed as the version that made the entry.
    let made_by = common.made_by.map(|made_by| made_by & 0xFF00 | header.needed);
    if ![made_by, common.made_by].contains(&Some(entry.made_by)) || Some(entry.external) != common.external {
        wrong("attributes unlike those of the other entries");
    }
    if (entry.disk, entry.internal, entry.comment) != (0, 0, 0) {
        wrong("disk number, internal attributes or a comment");
    }
    if !is_zip64_field(&entry.extra, wide) {
        wrong("extra fields other than the ZIP64 one that it needs");
    }
    if !entry.name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte)) {
        wrong("a name with characters that gc2pc does not use");
    }
}

/// Tells whether an extra field is nothing but the ZIP64 field with so many values.
fn is_zip64_field(extra: &[u8], values: usize) -> bool {
    match values {
        0 => extra.is_empty(),
        _ => extra.len() == 4 + 8 * values && extra.starts_with(&[1, 0, 8 * values as u8, 0]),
    }
}

/// Compares the header before an entry's data with the directory, and returns its length.
fn check_local(entry: &Entry, input: &mut BufReader<File>, wrong: &mut dyn FnMut(&str)) -> io::Result<u64> {
    let mut fields = Fields(input);
    if fields.four()? != 0x0403_4B50 {
        wrong("it is not where the directory says");
        return Ok(0);
    }
    let header = fields.header()?;
    let (compressed, size) = (fields.four()?, fields.four()?);
    let (name_length, extra_length) = (fields.two()?, fields.two()?);
    let name = fields.bytes(name_length)?;
    let extra = fields.bytes(extra_length)?;
    if header != entry.header {
        wrong("version, flags, method, time or CRC-32 differ from the directory");
    }
    if name != entry.name {
        wrong("a name that differs from the directory");
    }
    let narrow =
        (u64::from(compressed), u64::from(size)) == (entry.compressed, entry.size) && extra.is_empty();
    let wide = (compressed, size) == (SENTINEL, SENTINEL) && is_zip64_field(&extra, 2) && {
        let mut values = Fields(extra.get(4..).unwrap_or_default());
        (values.eight()?, values.eight()?) == (entry.size, entry.compressed)
    };
    if !narrow && !wide {
        wrong("sizes or extra fields that differ from the directory");
    }
    if wide != (header.needed == NEEDED_ZIP64) {
        wrong("a version needed that does not fit its sizes");
    }
    Ok(30 + u64::from(name_length) + u64::from(extra_length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_most_is_the_common_one() {
        assert_eq!(most([1, 2, 2, 3].into_iter()), Some(2));
        assert_eq!(most(std::iter::empty::<u8>()), None);
    }

    #[test]
    fn only_the_needed_zip64_field_is_allowed() {
        assert!(is_zip64_field(&[], 0));
        assert!(is_zip64_field(&[1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8], 1));
        assert!(!is_zip64_field(&[1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8], 2));
        assert!(!is_zip64_field(&[2, 0, 0, 0], 0));
    }
}
