//! Databases of several files, made from one by moving a page.

use super::*;

/// The first page, the map of used pages and a page of a table, as a second data file.
fn second_file(moved: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 9 * PAGE_SIZE];
    file[8 * PAGE_SIZE..].copy_from_slice(moved);
    for (page, kind) in [(0, 15), (1, 11), (8, 1)] {
        let bytes = &mut file[page * PAGE_SIZE..][..PAGE_SIZE];
        (bytes[0], bytes[1], bytes[5]) = (1, kind, 0);
        bytes[32..38].copy_from_slice(&[page as u8, 0, 0, 0, 2, 0]);
    }
    file[PAGE_SIZE + 100 + 8] = 0x40;
    file
}

/// Moves the only page of a table of pubs to a second file; returns both files.
fn split() -> Option<(Vec<u8>, Vec<u8>)> {
    let path = shared("mdf/pubs-2008-checksum.mdf")?;
    let mut first = std::fs::read(&path).unwrap();
    let mdf = open_file(&path).unwrap();
    let map = mdf.catalog.entries[position(&mdf, "stores")].partitions[0].first_map;
    let map = map.page as usize * PAGE_SIZE;
    // The first of the single pages that the map lists.
    let place = map + 96 + 46;
    let page = u32::from_le_bytes(first[place..place + 4].try_into().unwrap()) as usize * PAGE_SIZE;
    let second = second_file(&first[page..page + PAGE_SIZE]);
    first[place..place + 6].copy_from_slice(&[8, 0, 0, 0, 2, 0]);
    first[map + 5] &= !2;
    Some((first, second))
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    file
}

#[test]
fn files_of_one_database_are_read_together_in_any_order() {
    let Some((first, second)) = split() else { return };
    let (first, second) = (written(&first), written(&second));
    let orders = [
        [("a.mdf", first.path()), ("b.ndf", second.path())],
        [("b.ndf", second.path()), ("a.mdf", first.path())],
    ];
    for files in orders {
        let mdf = open_files(&files).unwrap();
        let rows = rows(&mdf, position(&mdf, "stores"));
        assert_eq!(rows.len(), 6, "{rows:?}");
        assert_eq!(rows[0][1], "Eric the Read Books");
    }
}

#[test]
fn a_missing_file_is_told_where_its_pages_are_needed() {
    let Some((first, second)) = split() else { return };
    let (first, second) = (written(&first), written(&second));
    let mdf = open_file(first.path()).unwrap();
    let stores = rows(&mdf, position(&mdf, "stores"));
    assert_eq!(stores.len(), 1);
    assert!(stores[0][0].contains("1 page(s)"), "{stores:?}");
    assert_eq!(rows(&mdf, position(&mdf, "authors")).len(), 23);

    let Err(Error::Unusable { why, .. }) = open_file(second.path()) else { panic!("not refused") };
    assert!(why.contains(".mdf"), "{why}");
    let twice = [("a.mdf", first.path()), ("copy.mdf", first.path())];
    assert!(matches!(open_files(&twice), Err(Error::Unusable { input, .. }) if input == "copy.mdf"));
}

#[test]
fn a_log_is_refused_as_such() {
    let mut log = vec![0; 4 * PAGE_SIZE];
    (log[0], log[1], log[36]) = (1, 15, 2);
    let log = written(&log);
    let Err(Error::Unusable { why, hint, .. }) = open_file(log.path()) else { panic!("not refused") };
    assert!(why.contains("transaction log") && hint.contains(".mdf"), "{why}; {hint}");
}
