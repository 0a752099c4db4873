//! Databases that are damaged or made to harm: nothing may panic, hang or take memory without bound.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;

/// A database in memory.
pub(super) struct Memory(pub(super) Vec<u8>);

impl Pages for Memory {
    fn files(&self) -> Vec<u16> {
        vec![1]
    }

    fn page_count(&self, file: u16) -> u32 {
        if file == 1 { (self.0.len() / PAGE_SIZE) as u32 } else { 0 }
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> std::result::Result<(), PageError> {
        let id = PageId { file, page };
        if file != 1 {
            return Err(PageError::NoFile(id));
        }
        let start = page as usize * PAGE_SIZE;
        into.copy_from_slice(self.0.get(start..start + PAGE_SIZE).ok_or(PageError::Absent(id))?);
        Ok(())
    }
}

fn open(bytes: Vec<u8>) -> Result<Mdf> {
    Mdf::open("test.mdf", Arc::new(Memory(bytes)))
}

pub(super) const SAMPLES: [&str; 3] =
    ["mdf/northwind-2005-upgraded-torn.mdf", "mdf/pubs-2008-checksum.mdf", "mdf/mvcmusicstore-2012.mdf"];

pub(super) fn sample(name: &str) -> Option<Vec<u8>> {
    shared(name).map(|path| std::fs::read(path).unwrap())
}

/// Reads all there is; returns rows and faults.
fn drain(mdf: &Mdf) -> (u64, Vec<String>) {
    let (mut good, mut faults) = (0, Vec::new());
    for table in 0..mdf.tables().len() {
        let Ok(mut rows) = mdf.rows(table) else { continue };
        let mut take = |row: RowResult<'_>| {
            match row {
                Ok(row) => good += u64::from(row.values.len() == mdf.tables()[table].columns.len()),
                Err(fault) => faults.push(fault.detail),
            }
            Ok(())
        };
        rows.for_each_row(&mut take).unwrap();
    }
    (good, faults)
}

/// Numbers without a pattern, the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// Takes the flags of protection off all pages, so that damage gets as far as it can.
fn unprotect(bytes: &mut [u8]) {
    for page in bytes.chunks_exact_mut(PAGE_SIZE) {
        let torn = page[5] & 1 != 0;
        if torn {
            let kept = u32::from_le_bytes([page[60], page[61], page[62], page[63]]);
            for sector in 1..16 {
                let last = &mut page[sector * 512 + 511];
                *last = *last & !3 | (kept >> (2 * sector)) as u8 & 3;
            }
        }
        page[5] &= !3;
        page[60..64].fill(0);
    }
}

#[test]
fn a_changed_byte_is_told_by_its_page_and_the_rest_is_read() {
    let Some(sound) = sample("mdf/pubs-2008-checksum.mdf") else { return };
    let (all, _) = drain(&open(sound.clone()).unwrap());
    assert_eq!(all, 255);
    let named = |page: usize| format!("page (1:{page}) is damaged: its checksum is wrong");
    let mut told = 0;
    for page in 10..sound.len() / PAGE_SIZE {
        if sound[page * PAGE_SIZE + 1] != 1 {
            continue;
        }
        let mut bytes = sound.clone();
        bytes[page * PAGE_SIZE + 8000] ^= 0x40;
        let Ok(mdf) = open(bytes) else { continue };
        let (good, faults) = drain(&mdf);
        told += usize::from(faults.contains(&named(page)));
        assert!(good + faults.len() as u64 >= 255 || !mdf.problems().is_empty(), "{page}: {faults:?}");
    }
    assert!(told >= 11, "{told}");
}

#[test]
fn a_page_that_was_written_in_part_is_told() {
    let Some(mut bytes) = sample("mdf/northwind-2005-upgraded-torn.mdf") else { return };
    let mdf = open(bytes.clone()).unwrap();
    let orders = mdf.rows(position(&mdf, "Orders")).unwrap().next_row().unwrap().unwrap().unwrap().byte;
    let page = orders as usize / PAGE_SIZE;
    bytes[page * PAGE_SIZE + 512 * 4 + 511] ^= 3;
    let (_, faults) = drain(&open(bytes).unwrap());
    assert!(
        faults.contains(&format!("page (1:{page}) is damaged: not all of its sectors were written together"))
    );
}

#[test]
fn a_file_cut_short_is_read_as_far_as_it_goes() {
    for name in SAMPLES {
        let Some(sound) = sample(name) else { return };
        for pages in (0..sound.len() / PAGE_SIZE).step_by(13) {
            if let Ok(mdf) = open(sound[..pages * PAGE_SIZE].to_vec()) {
                drain(&mdf);
            }
        }
    }
}

#[test]
fn a_file_cut_at_any_byte_is_read_as_far_as_it_goes_in_both_modes() {
    let mut random = Random(31);
    for name in SAMPLES {
        let Some(sound) = sample(name) else { return };
        for round in 0..4 {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            let length = if round == 0 { 80_000 } else { random.next(sound.len()) };
            std::io::Write::write_all(&mut file, &sound[..length]).unwrap();
            let temp = std::env::temp_dir();
            let walked = container::walk(&[file.path().to_owned()], &Limits::default(), &temp).unwrap();
            let Ok(pages) = FilePages::open_salvaging(&walked.items, &temp) else { continue };
            let pages = Arc::new(pages);
            for mdf in
                [Mdf::open(name, pages.clone()), Mdf::open_salvaging(name, pages)].into_iter().flatten()
            {
                let (_, faults) = drain(&mdf);
                assert!(
                    !(faults.is_empty() && mdf.problems().is_empty()) || length * 2 > sound.len(),
                    "{length}"
                );
            }
        }
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_told() {
    let Some(path) = shared("mdf/pubs-2008-checksum.mdf") else { return };
    let copy = tempfile::NamedTempFile::new().unwrap();
    std::fs::copy(path, copy.path()).unwrap();
    let mdf = open_file(copy.path()).unwrap();
    std::fs::OpenOptions::new().write(true).open(copy.path()).unwrap().set_len(100_000).unwrap();
    let (_, faults) = drain(&mdf);
    assert!(faults.iter().any(|fault| fault.starts_with("the input ends within page (1:")), "{faults:?}");
}

#[test]
fn random_damage_neither_panics_nor_hangs() {
    let started = Instant::now();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for name in SAMPLES {
        let Some(mut sound) = sample(name) else { return };
        unprotect(&mut sound);
        let used: Vec<usize> =
            (0..sound.len() / PAGE_SIZE).filter(|page| sound[page * PAGE_SIZE] == 1).collect();
        for round in 0..12 {
            let mut bytes = sound.clone();
            for _ in 0..1 + round * 10 {
                let page = used[random.next(used.len())] * PAGE_SIZE;
                // Headers, slots and the places where records begin matter most.
                let place = match random.next(3) {
                    0 => random.next(200),
                    1 => PAGE_SIZE - 1 - random.next(64),
                    _ => random.next(PAGE_SIZE),
                };
                bytes[page + place] = random.next(256) as u8;
            }
            let salvaged = Mdf::open_salvaging("test.mdf", Arc::new(Memory(bytes.clone())));
            for mdf in [open(bytes), salvaged].iter().flatten() {
                drain(mdf);
            }
        }
    }
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

#[test]
fn pointers_turned_at_random_end() {
    let mut random = Random(77);
    for name in SAMPLES {
        let Some(mut sound) = sample(name) else { return };
        unprotect(&mut sound);
        let count = sound.len() / PAGE_SIZE;
        // Every chain leads to a random page, and large values to random slots.
        for page in 10..count {
            let next = &mut sound[page * PAGE_SIZE + 16..][..6];
            if next[4] != 0 {
                next[..4].copy_from_slice(&(random.next(count) as u32).to_le_bytes());
            }
            if matches!(sound[page * PAGE_SIZE + 1], 3 | 4) {
                for place in (120..8000).step_by(12) {
                    sound[page * PAGE_SIZE + place..][..2]
                        .copy_from_slice(&(random.next(count) as u16).to_le_bytes());
                }
            }
        }
        if let Ok(mdf) = open(sound) {
            drain(&mdf);
        }
    }
}

#[test]
fn what_is_no_database_is_refused() {
    let refused = |bytes: Vec<u8>| matches!(open(bytes), Err(Error::Unusable { .. }));
    assert!(refused(Vec::new()));
    assert!(refused(vec![0; 20 * PAGE_SIZE]));
    assert!(refused(vec![0xFF; 20 * PAGE_SIZE]));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"not a page").unwrap();
    assert!(matches!(open_file(file.path()), Err(Error::Unusable { .. })));
}

#[test]
fn an_encrypted_database_is_told_as_such() {
    let Some(sound) = sample("mdf/pubs-2008-checksum.mdf") else { return };
    let mut random = Random(5);
    // Headers stay plain, and perhaps the boot page.
    for first in [0, 10] {
        let mut bytes = sound.clone();
        for page in bytes.chunks_exact_mut(PAGE_SIZE).skip(first) {
            page[96..].iter_mut().for_each(|byte| *byte = random.next(256) as u8);
        }
        let Err(Error::Unusable { hint, .. }) = open(bytes) else { panic!("not refused") };
        assert!(hint.contains("TDE"), "{hint}");
    }
}

/// Counts how often pages are read.
struct Counting {
    inner: Memory,
    reads: Mutex<BTreeMap<u32, u32>>,
}

impl Pages for Counting {
    fn files(&self) -> Vec<u16> {
        self.inner.files()
    }

    fn page_count(&self, file: u16) -> u32 {
        self.inner.page_count(file)
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> std::result::Result<(), PageError> {
        *self.reads.lock().unwrap().entry(page).or_default() += 1;
        self.inner.page(file, page, into)
    }
}

#[test]
fn every_page_of_a_table_is_read_about_once() {
    let Some(bytes) = sample("mdf/northwind-2005-upgraded-torn.mdf") else { return };
    let pages = Arc::new(Counting { inner: Memory(bytes), reads: Mutex::default() });
    let mdf = Mdf::open("test.mdf", pages.clone()).unwrap();
    pages.reads.lock().unwrap().clear();
    drain(&mdf);
    let most =
        pages.reads.lock().unwrap().iter().filter(|(page, _)| **page > 9).map(|(_, reads)| *reads).max();
    assert!(most.unwrap() <= 3, "{most:?}");
}

#[test]
fn a_clustered_table_without_its_allocation_map_is_read_by_its_chain() {
    let Some(mut bytes) = sample("mdf/northwind-2005-upgraded-torn.mdf") else { return };
    let mdf = open(bytes.clone()).unwrap();
    let orders = position(&mdf, "Orders");
    let map = mdf.catalog.entries[orders].partitions[0].first_map.page as usize;
    bytes[map * PAGE_SIZE..][..PAGE_SIZE].fill(0);
    let damaged = open(bytes).unwrap();
    let (mut found, mut all) = (rows(&damaged, orders), rows(&mdf, orders));
    assert_eq!(found.remove(0), [format!("!page (1:{map}) is damaged: it does not bear its own number")]);
    found.sort();
    all.sort();
    assert_eq!(found, all);
}

/// Changes one byte in the catalog: of the rowset of a table, at a place of its record.
fn with_rowset_byte(bytes: &mut [u8], rowset: i64, place: usize, byte: u8) {
    for page in bytes.chunks_exact_mut(PAGE_SIZE).filter(|page| page[1] == 1 && page[24] == 5) {
        for at in 96..PAGE_SIZE - 60 {
            if page[at] == 0x10 && page[at + 4..at + 12] == rowset.to_le_bytes() {
                page[at + place] = byte;
            }
        }
    }
}

#[test]
fn compressed_tables_are_refused_by_name_and_the_others_are_read() {
    let Some(mut bytes) = sample("mdf/pubs-2008-checksum.mdf") else { return };
    unprotect(&mut bytes);
    let mdf = open(bytes.clone()).unwrap();
    let rowset = |name: &str| mdf.catalog.entries[position(&mdf, name)].partitions[0].rowset;
    with_rowset_byte(&mut bytes, rowset("sales"), 39, 1);
    with_rowset_byte(&mut bytes, rowset("jobs"), 39, 2);
    let mdf = open(bytes).unwrap();
    for (name, compression) in [("sales", "ROW"), ("jobs", "PAGE")] {
        let table = position(&mdf, name);
        assert!(mdf.refusal(table).unwrap().contains(compression));
        let Err(Error::Unusable { why, .. }) = mdf.rows(table).map(|_| ()) else { panic!("not refused") };
        assert!(why.contains(&format!("table dbo.{name} ")), "{why}");
    }
    assert_eq!(drain(&mdf).0, 255 - 21 - 14);
}
