//! Real backups, read where they lie; skipped where they do not.

use super::*;

use crate::container::{Limits, walk};
use crate::sqlserver::Dump;
use crate::sqlserver::bak::xpress::tests::Chance;
use crate::sqlserver::mdf::Mdf;
use crate::sqlserver::real_files::path as shared_path;

fn shared(name: &str) -> Option<Item> {
    let path = shared_path(&format!("bak/{name}"))?;
    walk(&[path], &Limits::default(), &std::env::temp_dir()).unwrap().items.pop()
}

/// Whether a page's own checksum is right (`None` if it has none), by the rule of SQL Server 2005 and
/// later: the XOR of the words of each sector, rotated by its distance from the last.
fn checksum_is_right(page: &[u8]) -> Option<bool> {
    let flags = u16::from_le_bytes([page[4], page[5]]);
    let stored = u32::from_le_bytes([page[60], page[61], page[62], page[63]]);
    let word = |at: usize| u32::from_le_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]]);
    let sector = |sector: usize| {
        let words = (0..128).map(|at| sector * 512 + at * 4).filter(|&at| at != 60);
        words.fold(0, |sum, at| sum ^ word(at)).rotate_left(15 - sector as u32)
    };
    (flags & 0x200 != 0).then(|| (0..16).fold(0, |sum, at| sum ^ sector(at)) == stored)
}

/// Whether the two bits of each sector, whose former value stands in the header, are all alike.
fn torn_bits_are_right(page: &[u8]) -> Option<bool> {
    let flags = u16::from_le_bytes([page[4], page[5]]);
    let first = page[60] & 3;
    (flags & 0x100 != 0).then(|| (1..16).all(|sector| page[sector * 512 + 511] & 3 == first))
}

/// What is expected of a backup.
struct Expected {
    name: &'static str,
    database: &'static str,
    server_version: (u8, u8),
    version: u16,
    pages: usize,
}

const EXPECTED: [Expected; 6] = [
    Expected {
        name: "northwind-2005-upgraded.bak",
        database: "Northwind",
        server_version: (9, 0),
        version: 611,
        pages: 390,
    },
    Expected {
        name: "northwind-2008-heap-forwarded.bak",
        database: "Northwind",
        server_version: (10, 0),
        version: 655,
        pages: 477,
    },
    Expected {
        name: "northwind-2008r2.bak",
        database: "Northwind",
        server_version: (10, 50),
        version: 661,
        pages: 408,
    },
    Expected { name: "pubs-2012.bak", database: "pubs", server_version: (11, 0), version: 706, pages: 349 },
    Expected {
        name: "northwind-2016-compressed.bak",
        database: "NORTHWIND",
        server_version: (13, 0),
        version: 852,
        pages: 648,
    },
    Expected {
        name: "tutorialdb-2016-compressed.bak",
        database: "TutorialDB",
        server_version: (13, 0),
        version: 852,
        pages: 276,
    },
];

#[test]
fn every_page_stands_at_its_number_and_is_sound() {
    for expected in EXPECTED {
        let Some(item) = shared(expected.name) else { return };
        let backup = Backup::open(&[item], &options(), &Silent).unwrap();
        let name = expected.name;
        assert_eq!(told(&backup), [""; 0], "{name}");
        let set = backup.set();
        assert_eq!((set.kind, set.complete, backup.sets().len()), (BackupKind::Full, true, 1), "{name}");
        assert_eq!(
            (set.database.to_lossy().as_ref(), set.server_version),
            (expected.database, expected.server_version)
        );
        assert_eq!(set.files.iter().map(|file| file.number).collect::<Vec<_>>(), [1, 2], "{name}");
        let numbers = numbers(&backup);
        let (mut summed, mut torn) = (0, 0);
        for &(file, number) in &numbers {
            let page = page(&backup, file, number).unwrap();
            assert_eq!(page[32..36], number.to_le_bytes(), "{name} {file}:{number}");
            assert_eq!(page[36..38], file.to_le_bytes(), "{name} {file}:{number}");
            for (right, count) in
                [(checksum_is_right(&page), &mut summed), (torn_bits_are_right(&page), &mut torn)]
            {
                assert_ne!(right, Some(false), "{name} {file}:{number}");
                *count += usize::from(right.is_some());
            }
        }
        assert_eq!(numbers.len(), expected.pages, "{name}");
        assert!((summed + torn) * 10 >= numbers.len() * 9, "{name}");
        let boot = page(&backup, 1, 9).unwrap();
        assert_eq!((boot[1], u16::from_le_bytes([boot[100], boot[101]])), (13, expected.version), "{name}");
    }
}

#[test]
fn a_single_stripe_is_refused() {
    let Some(item) = shared("northwind-2014-stripe1of2-incomplete.bak") else { return };
    let found = family(&item, &options()).unwrap().unwrap();
    assert_eq!((found.count, found.number), (2, 1));
    let (why, _) = refusal(Backup::open(&[item], &options(), &Silent));
    assert_eq!(why, "northwind-2014-stripe1of2-incomplete.bak: stripe 1 of 2, other file missing (2)");
}

#[test]
fn threads_read_the_same_pages() {
    let Some(item) = shared("northwind-2016-compressed.bak") else { return };
    let backup = Backup::open(&[item], &options(), &Silent).unwrap();
    let numbers = numbers(&backup);
    let scattered = |at: usize| numbers[at * 7919 % numbers.len()];
    let one: Vec<_> = (0..2000).map(|at| page(&backup, scattered(at).0, scattered(at).1)).collect();
    let many: Vec<_> =
        (0..2000).into_par_iter().map(|at| page(&backup, scattered(at).0, scattered(at).1)).collect();
    assert!(one == many);
}

/// The rows that each table should have, by `schema.table`.
fn expected_rows(name: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let path = shared_path("expected.json")?;
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Some(all[format!("bak/{name}")]["tables"].as_object().unwrap().clone())
}

#[test]
fn every_table_has_its_rows() {
    for expected in EXPECTED {
        let (Some(item), Some(mut tables)) = (shared(expected.name), expected_rows(expected.name)) else {
            return;
        };
        let backup = Backup::open(&[item], &options(), &Silent).unwrap();
        let database = Mdf::open(expected.name, Arc::new(backup)).unwrap();
        assert_eq!(database.version(), expected.version);
        assert_eq!(database.problems(), [""; 0], "{}", expected.name);
        let mut total = 0;
        for (at, table) in database.tables().iter().enumerate() {
            let name = format!("{}.{}", table.schema, table.name);
            let Some(wanted) = tables.remove(&name) else { continue };
            let mut count = 0;
            let mut take = |row: crate::sqlserver::RowResult<'_>| {
                assert!(row.is_ok(), "{}: {name}: {:?}", expected.name, row.err());
                count += 1;
                Ok(())
            };
            database.rows(at).unwrap().for_each_row(&mut take).unwrap();
            assert_eq!(wanted["read_rows"].as_u64(), Some(count), "{}: {name}", expected.name);
            assert_eq!(wanted["engine_rows"].as_u64(), table.engine_rows, "{}: {name}", expected.name);
            total += count;
        }
        assert!(tables.is_empty(), "{}: not there: {tables:?}", expected.name);
        println!("{}: {} tables, {total} rows", expected.name, database.tables().len());
    }
}

#[test]
fn real_backups_that_were_cut_or_damaged_keep_what_is_sound() {
    let mut chance = Chance(11);
    for name in ["tutorialdb-2016-compressed.bak", "pubs-2012.bak"] {
        let Some(path) = shared_path(&format!("bak/{name}")) else { return };
        let whole = std::fs::read(path).unwrap();
        for round in 0..8 {
            let mut bytes = whole.clone();
            match round {
                0..4 => bytes.truncate(whole.len() / 8 + chance.below(whole.len() / 8 * 6)),
                _ => (0..20).for_each(|_| {
                    let at = 20_000 + chance.below(whole.len() * 3 / 4);
                    bytes[at] ^= 1 + chance.below(255) as u8;
                }),
            }
            let backup = match super::open(&bytes) {
                Ok(backup) => backup,
                Err(Error::Unusable { .. }) => continue,
                Err(error) => panic!("{name}, round {round}: {error}"),
            };
            assert!(round > 3 || !told(&backup).is_empty(), "{name}, round {round}");
            for (file, number) in numbers(&backup) {
                assert_eq!(page(&backup, file, number).unwrap()[32..36], number.to_le_bytes());
            }
            if let Ok(database) = Mdf::open(name, Arc::new(backup)) {
                for table in 0..database.tables().len() {
                    if let Ok(mut rows) = database.rows(table) {
                        rows.for_each_row(&mut |_| Ok(())).unwrap();
                    }
                }
            }
        }
    }
}

#[test]
fn a_lost_header_of_a_real_backup_costs_no_page() {
    for expected in EXPECTED.iter().filter(|expected| expected.server_version.0 < 13) {
        let Some(path) = shared_path(&format!("bak/{}", expected.name)) else { return };
        let whole = std::fs::read(path).unwrap();
        let sound = super::open(&whole).unwrap();
        for lost in
            [&b"TAPE"[..], b"RAID", b"SFMB", b"SSET", b"VOLB", b"MSCI", b"MQCI", b"MSDA", b"MQDA", b"MSTL"]
        {
            let mut bytes = whole.clone();
            let at = bytes.windows(4).position(|word| word == lost).unwrap();
            bytes[at + 8] ^= 0x55;
            let (name, lost) = (expected.name, lost.escape_ascii());
            let backup = super::open(&bytes).unwrap_or_else(|error| panic!("{name}, {lost}: {error}"));
            assert!(!backup.problems().is_empty(), "{name}, {lost}");
            let problems = backup.problems();
            assert!(numbers(&backup) == numbers(&sound), "{name}, {lost}: {problems:?}");
            for (file, number) in numbers(&backup) {
                assert!(
                    page(&backup, file, number) == page(&sound, file, number),
                    "{name}, {lost}: {file}:{number}"
                );
            }
        }
    }
}
