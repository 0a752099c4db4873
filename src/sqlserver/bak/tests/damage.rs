//! Broken backups: what is sound is kept, what is lost is told, and nothing takes forever.

use super::made::{Set, recipe};
use super::*;
use crate::sqlserver::bak::xpress::tests::Chance;

fn contents(backup: &Backup) -> usize {
    let numbers = numbers(backup);
    for &(file, number) in &numbers {
        assert_eq!(page(backup, file, number).unwrap(), made::page(file, number, 1), "page {number}");
    }
    numbers.len()
}

#[test]
fn a_backup_that_was_cut_off_keeps_its_pages_up_to_there() {
    let made = recipe(vec![Set::full(0..64, 1)]);
    let (records, compressed) = made.compressed();
    for (bytes, cut, whole) in [(made.plain(), 62 * PAGE_SIZE + 4000, 62), (compressed, records[9] + 300, 56)]
    {
        let backup = open(&bytes[..cut]).unwrap();
        assert_eq!(contents(&backup), whole, "{:?}", told(&backup));
        let told = told(&backup).join("\n");
        assert!(told.contains("the file ends within the pages of the database"), "{told}");
        assert!(told.contains("the backup has no end"), "{told}");
        assert!(!backup.set().complete);
    }
}

#[test]
fn every_place_to_cut_is_told_or_refused() {
    let made = recipe(vec![Set::full(0..24, 1)]);
    for bytes in [made.plain(), made.compressed().1] {
        for cut in (0..bytes.len()).step_by(bytes.len() / 200) {
            match open(&bytes[..cut]) {
                Ok(backup) => {
                    contents(&backup);
                    let silent = told(&backup).is_empty();
                    assert!(!silent || backup.set().complete, "cut at {cut} of {}", bytes.len());
                }
                Err(Error::Unusable { .. }) => {}
                Err(error) => panic!("cut at {cut}: {error}"),
            }
        }
    }
}

#[test]
fn a_broken_compressed_block_costs_its_pages_alone() {
    let (records, mut bytes) = recipe(vec![Set::full(0..64, 1)]).compressed();
    let third = records[4];
    bytes[third + 28 + 256..third + 28 + 300].fill(0xFF);
    let backup = open(&bytes).unwrap();
    assert_eq!(contents(&backup), 56);
    assert_eq!(
        told(&backup),
        [format!(
            "x.bak@{}: a compressed block is broken; 65536 bytes of the backup and the pages in them are lost",
            third + 28
        )]
    );
}

#[test]
fn a_compressed_block_that_says_less_than_it_holds_is_doubtful() {
    let (records, mut bytes) = recipe(vec![Set::full(0..64, 1)]).compressed();
    let (third, fourth) = (records[4], records[5]);
    let size = u16::from_le_bytes([bytes[third + 2], bytes[third + 3]]) + 40;
    bytes[third + 2..third + 4].copy_from_slice(&size.to_le_bytes());
    bytes.splice(fourth..fourth, [0x77; 40]);
    let backup = open(&bytes).unwrap();
    let told = told(&backup);
    assert!(told[0].contains("goes on where its bytes should have ended"), "{told:?}");
    assert_eq!((contents(&backup), told.len()), (64, 1), "{told:?}");
}

#[test]
fn a_lost_record_costs_its_pages_and_the_end_is_found_again() {
    let mut set = Set::full(0..64, 1);
    set.passes.push((64..72).map(|page| (1, page, 1)).collect());
    let (records, mut bytes) = recipe(vec![set]).compressed();
    for lost in [4, 9] {
        bytes[records[lost]..records[lost] + 60].fill(0xEE);
    }
    let backup = open(&bytes).unwrap();
    let told = told(&backup);
    assert_eq!(contents(&backup), 56, "{told:?}");
    assert!(told[0].starts_with(&format!("x.bak@{}: ", records[4])), "{told:?}");
    assert!(backup.set().complete, "{told:?}");
}

#[test]
fn blocks_that_are_no_stream_are_passed_over() {
    let mut bytes = recipe(vec![Set::full(0..64, 1)]).plain();
    let place = |bytes: &[u8], name: &[u8]| bytes.windows(4).position(|word| word == name).unwrap();
    let log = place(&bytes, b"MSTL");
    bytes[log..log + 512].fill(0xAB);
    let backup = open(&bytes).unwrap();
    assert_eq!(contents(&backup), 64);
    assert_eq!(
        told(&backup),
        [format!("x.bak@{log}: 512 bytes are no blocks of a backup and were passed over")]
    );
    assert!(backup.set().complete);

    bytes.resize(bytes.len() + 300_000, 0);
    assert_eq!(told(&open(&bytes).unwrap()).len(), 1, "zeros behind the end are filling");
}

#[test]
fn stored_blocks_are_read_where_pages_stand_in_them() {
    let (records, bytes) = recipe(vec![Set::full(0..64, 1)]).compressed();
    let stored =
        |first: u32| (first..first + 8).flat_map(|number| made::page(1, number, 1)).collect::<Vec<u8>>();
    for header in [28, 8] {
        let mut changed = bytes[..records[2]].to_vec();
        for first in [0, 8] {
            changed.extend(vec![0x5A; header]);
            changed.extend(stored(first));
        }
        changed.extend(&bytes[records[4]..]);
        let backup = open(&changed).unwrap();
        assert_eq!((contents(&backup), told(&backup)), (64, Vec::new()));
    }
}

#[test]
fn random_changes_never_harm() {
    let mut chance = Chance(42);
    let made = recipe(vec![Set::full(0..16, 1), Set::full(0..24, 1)]);
    for original in [made.plain(), made.compressed().1] {
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..1 + chance.below(30) {
                let near = if chance.below(2) == 0 { bytes.len() } else { 4096 };
                let at = chance.below(near);
                bytes[at] = chance.below(256) as u8;
            }
            if chance.below(4) == 0 {
                bytes.truncate(chance.below(bytes.len()));
            }
            if let Ok(backup) = open(&bytes) {
                numbers(&backup).iter().for_each(|&(file, number)| drop(page(&backup, file, number)));
            }
        }
    }
}

#[test]
fn random_changes_under_right_checksums_never_harm() {
    let mut chance = Chance(44);
    let mut set = Set { part: 8, ..Set::full(0..24, 1) };
    set.passes.push((8..12).map(|page| (1, page, 2)).collect());
    let original = recipe(vec![set.clone(), set]).plain();
    let names: [&[u8]; 11] =
        [b"TAPE", b"SFMB", b"SSET", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"MQCI", b"MQDA", b"RAID"];
    let header = |bytes: &[u8]| match names.iter().position(|name| bytes.starts_with(name)) {
        Some(at) => Some(if at < 8 { 52 } else { 22 }),
        None => bytes.starts_with(b"SPAD").then_some(22),
    };
    let headers: Vec<(usize, usize)> =
        (0..original.len() - 52).filter_map(|at| Some((at, header(&original[at..])?))).collect();
    assert!(headers.len() > 40);
    for _ in 0..400 {
        let mut bytes = original.clone();
        for _ in 0..1 + chance.below(4) {
            let (at, length) = headers[chance.below(headers.len())];
            for _ in 0..1 + chance.below(3) {
                bytes[at + 4 + chance.below(length - 6)] = [0, 1, 0x7F, 0xFF][chance.below(4)];
            }
            made::reseal(&mut bytes[at..at + length]);
        }
        match open(&bytes) {
            Ok(backup) => {
                numbers(&backup).iter().for_each(|&(file, number)| drop(page(&backup, file, number)))
            }
            Err(error) => assert!(matches!(error, Error::Unusable { .. }), "{error}"),
        }
    }
}

#[test]
fn random_bytes_behind_a_right_beginning_never_harm() {
    let mut chance = Chance(43);
    for begin in [&b"TAPE"[..], b"MSSQLBAK\x02\0\0\0", b"MSSQLBAK\x01\0\0\0"] {
        for limit in [4, 0x22, 256] {
            let mut bytes = begin.to_vec();
            (0..100_000).for_each(|_| bytes.push(chance.below(limit) as u8));
            assert!(matches!(open(&bytes), Err(Error::Unusable { .. })));
        }
    }
}

#[test]
fn streams_of_no_length_and_of_any_length_come_to_an_end() {
    let mut tape = made::block(b"TAPE", &[]);
    (0..20_000).for_each(|_| made::stream(&mut tape, b"MQDA", &[]));
    assert!(matches!(open(&tape), Err(Error::Unusable { .. })));

    let mut set = made::block(b"TAPE", &[]);
    made::stream(&mut set, b"SPAD", &[]);
    set.resize(set.len().next_multiple_of(512), 0);
    set.extend(made::block(b"SSET", &[0; 60]));
    let begin = set.len();
    made::stream(&mut set, b"MQCI", &[]);
    set[begin + 8..begin + 16].fill(0xFF);
    assert!(matches!(open(&set), Err(Error::Unusable { .. })));
}

#[test]
fn more_backups_than_there_are_numbers_are_not_kept() {
    let mut bytes = made::block(b"TAPE", &[]);
    made::stream(&mut bytes, b"SPAD", &[]);
    for _ in 0..70_000 {
        bytes.extend(made::block(b"SSET", &[]));
        made::stream(&mut bytes, b"SPAD", &[]);
    }
    assert!(refusal(open(&bytes)).0.contains("backup without a database"));
}

#[test]
fn a_lost_header_costs_no_page() {
    let mut set = Set::full(0..64, 1);
    set.passes.push((64..80).map(|page| (1, page, 1)).collect());
    let bytes = recipe(vec![set]).plain();
    for (lost, place) in [
        (&b"TAPE"[..], 4),
        (b"SSET", 8),
        (b"MSCI", 8),
        (b"MQCI", 8),
        (b"MSDA", 8),
        (b"MQDA", 8),
        (b"ESET", 8),
        (b"RAID", 8),
    ] {
        let mut bytes = bytes.clone();
        let at = bytes.windows(4).position(|word| word == lost).unwrap();
        bytes[at + place] ^= 0x55;
        let backup = open(&bytes).unwrap_or_else(|error| panic!("{}: {error}", lost.escape_ascii()));
        assert_eq!(contents(&backup), 80, "{}: {:?}", lost.escape_ascii(), told(&backup));
        assert!(!backup.problems().is_empty(), "{}", lost.escape_ascii());
        let kind = if lost == b"SSET" { BackupKind::Unknown } else { BackupKind::Full };
        assert_eq!(backup.set().kind, kind, "{}", lost.escape_ascii());
    }
}

#[test]
fn a_backup_without_its_header_is_not_mixed_into_the_one_before() {
    let mut bytes = recipe(vec![Set::full(0..64, 1), Set::full(0..72, 2)]).plain();
    let at = bytes.windows(4).rposition(|word| word == b"SSET").unwrap();
    bytes[at..at + 512].fill(0xAB);
    let backup = open(&bytes).unwrap();
    assert_eq!(contents(&backup), 64, "the last backup known to be a full one");
    let kinds: Vec<BackupKind> = backup.sets().iter().map(|set| set.kind).collect();
    assert_eq!(kinds, [BackupKind::Full, BackupKind::Unknown]);
    let second = Options { set: Some(2), ..options() };
    let backup = Backup::open(&[item("x.bak", &bytes)], &second, &Silent).unwrap();
    assert_eq!((numbers(&backup).len(), page(&backup, 1, 9).unwrap()[100]), (72, 2));
}

#[test]
fn whatever_lengths_are_claimed_no_more_is_taken_than_there_is() {
    let made = recipe(vec![Set::full(0..24, 1)]);
    let plain = made.plain();
    let data = plain.windows(4).position(|word| word == b"MQDA").unwrap();
    for length in [0, 1, 2, 3, 8194, 1 << 20, u64::MAX / 2, u64::MAX - 8190, u64::MAX] {
        let mut bytes = plain.clone();
        bytes[data + 8..data + 16].copy_from_slice(&length.to_le_bytes());
        made::reseal(&mut bytes[data..data + 22]);
        match open(&bytes) {
            Ok(backup) => assert!(contents(&backup) <= 24, "{length}"),
            Err(error) => assert!(matches!(error, Error::Unusable { .. }), "{length}: {error}"),
        }
    }
    let (records, compressed) = made.compressed();
    for at in records {
        for (units, size) in [(0, 0xFFFF), (1, 0xFFFF), (128, 257), (255, 0xFFFF), (128, 0), (1, 300)] {
            let mut bytes = compressed.clone();
            bytes[at + 1] = units;
            bytes[at + 2..at + 4].copy_from_slice(&u16::to_le_bytes(size));
            match open(&bytes) {
                Ok(backup) => drop(contents(&backup)),
                Err(error) => assert!(matches!(error, Error::Unusable { .. }), "{error}"),
            }
        }
    }
}

#[test]
fn records_that_overlap_do_not_multiply() {
    // Each candidate is sound up to its last byte, and begins within the one before.
    let (records, bytes) = recipe(vec![Set::full(0..8, 1)]).compressed();
    let header = bytes[records[2]..records[2] + 28].to_vec();
    let mut hostile = bytes[..records[2]].to_vec();
    for _ in 0..3000 {
        hostile.extend(&header);
        hostile.extend([0x99; 256]);
    }
    let begun = std::time::Instant::now();
    drop(open(&hostile));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
