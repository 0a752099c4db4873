//! All stretches one after the other are the rows and faults of the whole, however the data is cut.

use std::path::{Path, PathBuf};

use super::super::rows::between;
use super::*;

#[derive(Debug)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::fs::File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// Rows and faults with everything that is told of them.
fn all_of(mut rows: impl Rows) -> Vec<String> {
    let mut told = Vec::new();
    let mut take = |row: RowResult<'_>| {
        told.push(match row {
            Ok(row) => format!("{}:{} {:?}", row.line, row.byte, row.values),
            Err(fault) => format!("{fault:?}"),
        });
        Ok(())
    };
    rows.for_each_row(&mut take).unwrap();
    told
}

/// Reads a file in stretches of many sizes; returns the most stretches seen.
fn compare(bytes: &[u8]) -> usize {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut most = 0;
    for size in [1, 20, 100] {
        let blob = Arc::new(OnDisk(file.path().to_owned()));
        let format = FormatFile::parse("x.fmt", FORMAT.as_bytes()).unwrap();
        let options = BcpOptions { format: Some(format), row_limit: Some(1 << 10), ..BcpOptions::default() };
        let dump = Bcp::open_in_stretches("t.bcp", blob, options, size).unwrap();
        let reader = NativeRows::new(&dump.fields, &dump.order, &dump.parts, dump.limit);
        let expected = all_of(reader);
        let count = dump.stretches(0);
        most = most.max(count);
        let mut found = Vec::new();
        for stretch in 0..count {
            let (from, until) = between(&dump.cuts, stretch, "t.bcp").unwrap();
            let reader = NativeRows::new(&dump.fields, &dump.order, &dump.parts, dump.limit);
            found.extend(all_of(reader.between(from, until)));
        }
        assert_eq!(found, expected, "by {size}");
        assert_eq!(told_of(dump.rows(0).unwrap()), expected);
        assert!(dump.stretch(0, count).is_err());
        let stretches = (0..count).flat_map(|stretch| told_of(dump.stretch(0, stretch).unwrap()));
        assert_eq!(stretches.collect::<Vec<_>>(), expected);
    }
    most
}

fn told_of(mut rows: Box<dyn Rows + '_>) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        told.push(match row {
            Ok(row) => format!("{}:{} {:?}", row.line, row.byte, row.values),
            Err(fault) => format!("{fault:?}"),
        });
    }
    told
}

#[test]
fn rows_are_cut_where_they_begin() {
    let mut bytes: Vec<u8> =
        (0..40).flat_map(|number| record(number, "a", &"b".repeat(number as usize))).collect();
    assert!(compare(&bytes) > 30);
    bytes.extend(record(1, "a", &"x".repeat(600_000)));
    bytes.extend(record(2, "a", "b"));
    assert!(compare(&bytes) > 30);
}

#[test]
fn damage_is_in_the_last_stretch() {
    let bytes: Vec<u8> = (0..10).flat_map(|number| record(number, "a", "b")).collect();
    for at in 0..bytes.len() {
        compare(&bytes[..at]);
        for byte in [0, 0x7F, 0xFF] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            compare(&changed);
        }
    }
}

#[test]
fn parts_that_are_no_files_are_cut_between_them_alone() {
    let part = |name: &str, bytes: Vec<u8>| Part { name: name.to_owned(), blob: Arc::new(Memory(bytes)) };
    let whole = |count: i32| (0..count).flat_map(|number| record(number, "a", "b")).collect::<Vec<u8>>();
    let broken = [whole(2), vec![1]].concat();
    let parts = [
        part("1", whole(3)),
        part("2", Vec::new()),
        part("3", broken),
        part("4", whole(1)),
        part("5", whole(4)),
    ];
    let (_, order, fields) = FormatFile::parse("x.fmt", FORMAT.as_bytes()).unwrap().into_native().unwrap();
    let row = record(0, "a", "b").len() as u64;
    for (size, count) in [(1, 4), (row * 3, 3), (row * 4, 2), (row * 100, 1)] {
        let Surveyed { rows, cuts, .. } = survey(&fields, &parts, 1 << 10, size).unwrap();
        assert_eq!((rows, cuts.len()), (10, count), "by {size}");
        let reader = || NativeRows::new(&fields, &order, &parts, 1 << 10);
        let mut found = Vec::new();
        for stretch in 0..count {
            let (from, until) = between(&cuts, stretch, "parts").unwrap();
            found.extend(all_of(reader().between(from, until)));
        }
        assert_eq!(found, all_of(reader()), "by {size}");
        assert_eq!(found.len(), 11);
    }
}
