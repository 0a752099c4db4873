//! Backups of every shape.

use crate::database_builder::{
    Backup, Built, Cell, Column, Database, Kind, Records, Row, SetKind, Table, long_text,
};
use crate::reading::{Files, assert_holds, read};
use gc2pc::sqlserver::bak::BackupKind;

/// Rows of the table.
const ROWS: i64 = 1200;

fn table() -> Table {
    let columns = vec![
        Column::new("id", Kind::Int).not_null(),
        Column::new("text", Kind::NVarChar(100)),
        Column::new("long", Kind::NVarCharMax),
    ];
    Table::clustered("t", &["id"], columns)
}

fn rows(word: &str) -> Vec<Row> {
    let row = |number: i64| {
        let long = if number % 100 == 0 { long_text(30_000) } else { Cell::from("short") };
        Row::from(vec![Cell::from(number), Cell::from(format!("{word} {number}").as_str()), long])
    };
    (0..ROWS).map(row).collect()
}

fn database(version: u16, rows: Vec<Row>) -> Built {
    let mut database = Database::new("mgc", version).file(2, "mgc_more");
    database.add(&table().in_files(&[1, 2]), rows);
    database.finish()
}

#[test]
fn every_shape_of_a_backup_gives_the_same_rows() {
    let built = database(661, rows("row"));
    for (files, alignments) in [(1, &[512, 4096][..]), (3, &[4096]), (64, &[512])] {
        for &alignment in alignments {
            for records in [None, Some(Records::Version1), Some(Records::Version2)] {
                let plan = Backup::of(&built).stripes(files).alignment(alignment);
                let plan = match records {
                    None => plan,
                    Some(records) => plan.compressed(records),
                };
                let made = Files::of_backup(&plan.bytes());
                let backup = made.backup(None).unwrap();
                let shape = format!("{files} file(s), {alignment}, {records:?}");
                assert_eq!(backup.damage(), [], "{shape}");
                assert_eq!(backup.set().server_version, (10, 50), "{shape}");
                assert_eq!(backup.set().database.to_lossy(), "mgc", "{shape}");
                assert!(backup.set().complete, "{shape}");
                assert_holds(&made.restored().unwrap(), &table(), &rows("row"));
            }
        }
    }
}

#[test]
fn the_last_full_set_is_taken_unless_another_is_named() {
    let [first, second, third] = ["first", "second", "third"].map(|word| database(706, rows(word)));
    let plan = Backup::of(&first)
        .set(SetKind::CopyOnly, &second)
        .set(SetKind::Differential, &third)
        .set(SetKind::Log, &third);
    for plan in [plan.clone(), plan.compressed(Records::Version2)] {
        let made = Files::of_backup(&plan.bytes());
        let backup = made.backup(None).unwrap();
        let kinds: Vec<BackupKind> = backup.sets().iter().map(|set| set.kind).collect();
        assert_eq!(kinds, [BackupKind::Full, BackupKind::Full, BackupKind::Differential, BackupKind::Log]);
        assert_eq!(backup.set().number, 2);
        for (set, word) in [(None, "second"), (Some(1), "first"), (Some(2), "second")] {
            assert_holds(&made.set(set).unwrap(), &table(), &rows(word));
        }
        for (set, why) in [(3, "differential"), (4, "log"), (5, "number 5")] {
            let error = made.backup(Some(set)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
    let only_changes = Files::of_backup(&Backup::new().set(SetKind::Differential, &third).bytes());
    let error = only_changes.backup(None).unwrap_err().to_string();
    assert!(error.contains("differential"), "{error}");
}

#[test]
fn of_a_page_that_comes_twice_the_later_copy_counts() {
    let (before, after) = (database(661, rows("older")), database(661, rows("newer")));
    for files in [1, 2] {
        let plan = Backup::new().set_in_use(&before, &after).stripes(files);
        assert_holds(&Files::of_backup(&plan.bytes()).restored().unwrap(), &table(), &rows("newer"));
        let plan = plan.compressed(Records::Version2);
        assert_holds(&Files::of_backup(&plan.bytes()).restored().unwrap(), &table(), &rows("newer"));
    }
}

#[test]
fn a_missing_or_strange_file_of_a_striped_backup_is_named() {
    let built = database(661, rows("row"));
    let mut stripes = Backup::of(&built).stripes(3).bytes();
    let second = stripes.remove(1);
    let error = Files::of_backup(&stripes).backup(None).unwrap_err().to_string();
    assert!(error.contains("1, 3 of 3") && error.contains("missing"), "{error}");
    let mut other = Database::new("other", 661);
    other.add(&table(), rows("row"));
    let strange = Backup::of(&other.finish()).stripes(3).bytes().remove(1);
    stripes.push(strange);
    let error = Files::of_backup(&stripes).backup(None).unwrap_err().to_string();
    assert!(error.contains("another backup"), "{error}");
    stripes[2] = second;
    assert_holds(&Files::of_backup(&stripes).restored().unwrap(), &table(), &rows("row"));
}

#[test]
fn bytes_that_compression_cannot_make_fewer_come_out() {
    let noise = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        Cell::Bytes((0..12_000).flat_map(|_| next()).collect())
    };
    let table = Table::heap("noise", vec![Column::new("bytes", Kind::VarBinaryMax)]);
    let rows: Vec<Row> = (1..4).map(|seed| Row::from(vec![noise(seed)])).collect();
    let mut database = Database::new("noise", 706);
    database.add(&table, rows.clone());
    let built = database.finish();
    for records in [Records::Version1, Records::Version2] {
        let made = Files::of_backup(&Backup::of(&built).compressed(records).bytes());
        assert_holds(&made.restored().unwrap(), &table, &rows);
    }
}

#[test]
fn a_backup_that_ends_early_is_never_read_as_if_whole() {
    let built = database(661, rows("row"));
    for plan in [Backup::of(&built), Backup::of(&built).compressed(Records::Version2)] {
        let whole = plan.bytes().remove(0);
        for part in 1..8 {
            let cut = whole[..whole.len() * part / 8].to_vec();
            let made = Files::of_backup(&[cut]);
            let Ok(backup) = made.backup(None) else { continue };
            assert!(!backup.damage().is_empty(), "{part}/8");
            assert!(!backup.set().complete, "{part}/8");
            let Ok(mdf) = made.restored() else { continue };
            let came_out = read(&mdf, "t");
            let told = !came_out.faults.is_empty() || (came_out.rows.len() as i64) < ROWS || part == 7;
            assert!(told, "{part}/8: {} rows", came_out.rows.len());
        }
    }
}
