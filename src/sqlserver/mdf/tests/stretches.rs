//! Stretches of a table, on a real one whose only page of rows is repeated until it is large.

use super::*;

/// Serves a real file, and behind it copies of one page that belong to the same table.
struct Grown {
    bytes: Vec<u8>,
    copied: usize,
    copies: u32,
    damaged: Vec<u32>,
}

impl Grown {
    fn first(&self) -> u32 {
        (self.bytes.len() / PAGE_SIZE) as u32
    }
}

impl Pages for Grown {
    fn files(&self) -> Vec<u16> {
        vec![1]
    }

    fn page_count(&self, file: u16) -> u32 {
        if file == 1 { self.first() + self.copies } else { 0 }
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> std::result::Result<(), PageError> {
        let own = if page < self.first() { page as usize } else { self.copied };
        if file != 1 || page >= self.page_count(1) {
            return Err(PageError::Absent(PageId { file, page }));
        }
        into.copy_from_slice(&self.bytes[own * PAGE_SIZE..][..PAGE_SIZE]);
        if page >= self.first() {
            into[5] = 0;
            into[32..36].copy_from_slice(&page.to_le_bytes());
        }
        if self.damaged.contains(&page) {
            into[0] = 0;
        }
        Ok(())
    }

    /// Hands out up to seven pages, so that runs end anywhere.
    fn pages(&self, file: u16, first: u32, into: &mut [PageBytes]) -> std::result::Result<usize, PageError> {
        let mut read = 0;
        for (page, into) in (first..).zip(into.iter_mut().take(7)) {
            match self.page(file, page, into) {
                Ok(()) => read += 1,
                Err(error) if read == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(read)
    }
}

/// The `jobs` table of pubs with 2200 further pages.
fn grown(damaged: &[u32]) -> Option<Grown> {
    let path = shared("mdf/pubs-2008-checksum.mdf")?;
    let mut bytes = std::fs::read(&path).unwrap();
    let mdf = open_file(&path).unwrap();
    let table = position(&mdf, "jobs");
    let byte = mdf.rows(table).unwrap().next_row().unwrap().unwrap().unwrap().byte;
    let map = mdf.catalog.entries[table].partitions[0].first_map.page as usize * PAGE_SIZE;
    let first = bytes.len() / PAGE_SIZE;
    // The extents behind the file are marked in the allocation map, and as used.
    let slot = u16::from_le_bytes([bytes[map + 8188], bytes[map + 8189]]) as usize;
    for page in first..first + 2200 {
        bytes[map + slot + 4 + page / 64] |= 1 << (page / 8 % 8);
        bytes[PAGE_SIZE + 100 + page] = 0x40;
    }
    (bytes[map + 5], bytes[PAGE_SIZE + 5]) = (0, 0);
    (bytes[map + 60..map + 64]).fill(0);
    (bytes[PAGE_SIZE + 60..PAGE_SIZE + 64]).fill(0);
    let damaged = damaged.iter().map(|at| at + first as u32).collect();
    Some(Grown { bytes, copied: byte as usize / PAGE_SIZE, copies: 2200, damaged })
}

#[test]
fn a_large_table_has_stretches_that_give_each_row_once() {
    let Some(pages) = grown(&[]) else { return };
    let mdf = Mdf::open("grown.mdf", Arc::new(pages)).unwrap();
    let table = position(&mdf, "jobs");
    assert_eq!(mdf.stretches(table), 3);
    assert_eq!(rows(&mdf, table).len(), 14 * 2201);
    let mut sizes = Vec::new();
    for stretch in 0..3 {
        let mut count = 0;
        let mut reader = mdf.stretch(table, stretch).unwrap();
        while reader.next_row().unwrap().is_some() {
            count += 1;
        }
        sizes.push(count);
    }
    assert_eq!(sizes[..2], [14 * 1024; 2], "{sizes:?}");
    let Err(Error::Usage { hint, .. }) = mdf.stretch(table, 3).map(|_| ()) else { panic!("not refused") };
    assert_eq!(hint, "its rows are in 3 stretches, counted from 0");
}

#[test]
fn damage_is_told_once_in_the_stretch_where_it_lies() {
    let Some(pages) = grown(&[0, 700, 2199]) else { return };
    let first = pages.first();
    let mdf = Mdf::open("grown.mdf", Arc::new(pages)).unwrap();
    let all = rows(&mdf, position(&mdf, "jobs"));
    let faults: Vec<&str> =
        all.iter().map(|row| row[0].as_str()).filter(|row| row.starts_with('!')).collect();
    let expected = [0, 700, 2199]
        .map(|at| format!("!page (1:{}) is damaged: it does not bear its own number", first + at));
    assert_eq!(faults, expected);
    assert_eq!(all.len() - faults.len(), 14 * 2198);
}

#[test]
fn a_damaged_map_of_used_pages_is_told_once_though_all_stretches_need_it() {
    let Some(mut pages) = grown(&[]) else { return };
    pages.bytes[PAGE_SIZE] = 0;
    let mdf = Mdf::open("grown.mdf", Arc::new(pages)).unwrap();
    let all = rows(&mdf, position(&mdf, "jobs"));
    let faults: Vec<&str> =
        all.iter().map(|row| row[0].as_str()).filter(|row| row.starts_with('!')).collect();
    assert_eq!(faults, ["!page (1:1) is damaged: it does not bear its own number"]);
}

#[test]
fn stretches_of_damaged_databases_give_what_reading_at_once_gives() {
    for name in ["mdf/northwind-2005-upgraded-torn.mdf", "mdf/mvcmusicstore-2012.mdf"] {
        let Some(path) = shared(name) else { return };
        let mut bytes = std::fs::read(&path).unwrap();
        // Every seventh page is lost, allocation maps among them.
        for page in bytes.chunks_exact_mut(PAGE_SIZE).skip(100).step_by(7) {
            page[..96].fill(0);
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        let mdf = open_file(file.path()).unwrap();
        let tables = (0..mdf.tables().len()).filter(|&table| mdf.refusal(table).is_none());
        let faults = tables.flat_map(|table| rows(&mdf, table)).filter(|row| row[0].starts_with('!')).count();
        assert!(faults > 0, "{name}");
    }
}
