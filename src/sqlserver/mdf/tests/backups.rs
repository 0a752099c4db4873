//! Databases in real uncompressed backups, whose pages are found by a scan that serves tests alone:
//! they show what the data files at hand do not, such as heaps with forwarded rows.

use std::collections::{BTreeMap, BTreeSet};

use super::real_files::{compare_folder, expected};
use super::*;

/// Pages of the data streams of a backup, by the number in their own header; the last copy counts.
struct Scanned {
    bytes: Vec<u8>,
    places: BTreeMap<u32, usize>,
}

impl Scanned {
    fn new(bytes: Vec<u8>) -> Scanned {
        let mut places = BTreeMap::new();
        for stream in memchr::memmem::find_iter(&bytes, b"MQDA") {
            let length = u64::from_le_bytes(bytes[stream + 8..stream + 16].try_into().unwrap()) as usize;
            if length % PAGE_SIZE != 2 {
                continue;
            }
            for place in (stream + 24..stream + 24 + length - 2).step_by(PAGE_SIZE) {
                let Some(page) = bytes.get(place..place + PAGE_SIZE) else { break };
                let id = bytes::page_id_at(page, 32).unwrap();
                if page[0] == 1 && id.file == 1 {
                    places.insert(id.page, place);
                }
            }
        }
        Scanned { bytes, places }
    }
}

impl Pages for Scanned {
    fn files(&self) -> Vec<u16> {
        vec![1]
    }

    fn page_count(&self, file: u16) -> u32 {
        let last = self.places.keys().next_back().filter(|_| file == 1);
        last.map_or(0, |last| last + 1)
    }

    fn stored(&self) -> u64 {
        self.places.len() as u64
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> std::result::Result<(), PageError> {
        let place = self.places.get(&page).ok_or(PageError::Absent(PageId { file, page }))?;
        into.copy_from_slice(&self.bytes[*place..place + PAGE_SIZE]);
        Ok(())
    }
}

/// Opens a backup and compares the count of every table with what is known of it.
fn open(name: &str) -> Option<Mdf> {
    let path = shared(name)?;
    let expected = expected(name)?;
    let mdf = Mdf::open(name, Arc::new(Scanned::new(std::fs::read(path).unwrap()))).unwrap();
    let mut counts = BTreeMap::new();
    for (at, table) in mdf.tables().iter().enumerate() {
        let rows = rows(&mdf, at);
        let faults: Vec<_> = rows.iter().filter(|row| row[0].starts_with('!')).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", table.name);
        assert_eq!(Some(rows.len() as u64), table.engine_rows, "{}", table.name);
        counts.insert(format!("{}.{}", table.schema, table.name), rows.len() as u64);
    }
    let known = expected.as_object().unwrap().iter();
    let known: BTreeMap<_, _> =
        known.map(|(name, table)| (name.clone(), table["read_rows"].as_u64().unwrap())).collect();
    assert_eq!(counts, known);
    Some(mdf)
}

#[test]
fn forwarded_rows_of_heaps_come_once() {
    let Some(mdf) = open("bak/northwind-2008-heap-forwarded.bak") else { return };
    let table = position(&mdf, "OrderDetail");
    let ids: BTreeSet<String> = rows(&mdf, table).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(ids.len(), 2155);
    // A rowversion counts upwards in its bytes as they are shown.
    let versions: BTreeSet<String> = rows(&mdf, table).into_iter().map(|row| row[6].clone()).collect();
    assert_eq!(versions.len(), 2155);
    assert!(versions.iter().all(|version| version.starts_with("0x0000000000")), "{:?}", versions.first());
}

#[test]
fn northwind_of_2005_is_whole() {
    let Some(mdf) = open("bak/northwind-2005-upgraded.bak") else { return };
    compare_folder(&mdf, "groundtruth/northwind", &[]);
}

#[test]
fn databases_of_2008_r2_and_2012_have_all_their_rows() {
    if let Some(mdf) = open("bak/northwind-2008r2.bak") {
        assert_eq!(mdf.product(), "SQL Server 2008 R2");
    }
    if let Some(mdf) = open("bak/pubs-2012.bak") {
        assert_eq!(mdf.product(), "SQL Server 2012");
        let items = rows(&mdf, position(&mdf, "Items"));
        let is_date = |text: &str| text.len() == 10 && text.as_bytes()[4] == b'-';
        assert!(items.iter().all(|row| is_date(&row[5]) || row[5] == "\\N"), "{items:?}");
    }
}
