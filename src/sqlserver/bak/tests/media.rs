//! What a medium may hold: several backups, several files, and kinds that hold no database.

use super::made::{self, Recipe, Set, page as made, recipe};
use super::*;
use crate::chat::{Text, Ticks};

#[test]
fn a_full_backup_tells_of_itself_and_gives_its_pages() {
    let whole = recipe(vec![Set::full(0..40, 1)]);
    for bytes in [whole.plain(), whole.compressed().1, whole.compressed_before_2014()] {
        let backup = open(&bytes).unwrap();
        assert_eq!(told(&backup), [""; 0]);
        assert_eq!(numbers(&backup), (0..40).map(|page| (1, page)).collect::<Vec<_>>());
        assert_eq!(page(&backup, 1, 9), Some(made(1, 9, 1)));
        assert_eq!(page(&backup, 1, 39), Some(made(1, 39, 1)));
        assert_eq!((page(&backup, 1, 40), page(&backup, 2, 9)), (None, None));
        let set = backup.set();
        assert_eq!((set.number, set.kind, set.complete), (1, BackupKind::Full, true));
        assert_eq!((&set.database, &set.server), (&Text::from("mgc"), &Text::from("SRV\\LYNC")));
        assert_eq!((set.begun, set.server_version), (Ticks::parse_iso("2026-04-27 10:29:52"), (10, 50)));
    }
}

#[test]
fn a_later_pass_over_the_data_counts() {
    let mut set = Set::full(0..32, 1);
    set.passes.push((8..22).map(|page| (1, page, 2)).collect());
    set.passes.push((0..9).map(|page| (3, page, 3)).collect());
    for bytes in [recipe(vec![set.clone()]).plain(), recipe(vec![set.clone()]).compressed().1] {
        let backup = open(&bytes).unwrap();
        let content = |file, number| page(&backup, file, number).unwrap()[100];
        assert_eq!((content(1, 7), content(1, 8), content(1, 21), content(1, 22)), (1, 2, 2, 1));
        assert_eq!(content(3, 8), 3);
        assert_eq!(numbers(&backup).len(), 41);
    }
}

#[test]
fn of_several_backups_the_last_full_one_is_read_or_the_one_asked_for() {
    let differential = Set { attributes: 8, ..Set::full(0..16, 3) };
    let log = Set::of(4, Vec::new());
    let bytes = recipe(vec![Set::full(0..16, 1), Set::full(0..16, 2), differential, log]).plain();
    let backup = open(&bytes).unwrap();
    assert_eq!((backup.set().number, page(&backup, 1, 9).unwrap()[100]), (2, 2));
    let kinds: Vec<BackupKind> = backup.sets().iter().map(|set| set.kind).collect();
    assert_eq!(kinds, [BackupKind::Full, BackupKind::Full, BackupKind::Differential, BackupKind::Log]);

    let asked =
        |set| Backup::open(&[item("x.bak", &bytes)], &Options { set: Some(set), ..options() }, &Silent);
    assert_eq!(page(&asked(1).unwrap(), 1, 9).unwrap()[100], 1);
    let (why, hint) = refusal(asked(3));
    assert_eq!(
        why,
        "x.bak: set 3 is a differential backup of database \"mgc\": it lacks all that did not change since \
         the full backup"
    );
    assert!(
        hint.contains("BACKUP DATABASE [mgc] TO DISK = N'mgc.bak' WITH COPY_ONLY, NO_COMPRESSION"),
        "{hint}"
    );
    assert!(refusal(asked(4)).0.contains("log backup"));
    for missing in [0, 5] {
        assert_eq!(refusal(asked(missing)).1, "it has 4, numbered from 1");
    }
}

#[test]
fn a_backup_without_readable_pages_is_taken_for_encrypted() {
    let mut set = Set::full(0..16, 1);
    set.passes[0].iter_mut().for_each(|page| page.0 = 0);
    assert!(refusal(open(&recipe(vec![set]).plain())).0.contains("probably encrypted"));
    let part = Set::full(64..128, 1);
    assert!(refusal(open(&recipe(vec![part]).plain())).0.contains("some files or file groups only"));
    assert!(refusal(open(&recipe(Vec::new()).plain())).0.contains("holds no backup of a database"));
}

#[test]
fn a_database_whose_checksums_are_all_wrong_is_encrypted() {
    let mut bytes = recipe(vec![Set::full(0..64, 1)]).plain();
    let seal = |bytes: &mut [u8], pages: std::ops::Range<usize>| {
        let first = bytes.windows(2).position(|pair| pair == [1, 1]).unwrap();
        pages.for_each(|page| bytes[first + page * PAGE_SIZE + 5] = 2);
    };
    seal(&mut bytes, 10..17);
    assert!(open(&bytes).is_ok(), "seven damaged pages are not enough to tell");
    seal(&mut bytes, 17..64);
    let (why, hint) = refusal(open(&bytes));
    assert!(why.contains("is encrypted (TDE)") && hint.contains("SET ENCRYPTION OFF"), "{why}; {hint}");
}

#[test]
fn a_page_far_beyond_the_others_does_not_stretch_the_file() {
    let mut set = Set::full(0..16, 1);
    set.passes.extend([vec![(1, 0xFFFF_FFF8, 1)], vec![(4, 800, 1)]]);
    let backup = open(&recipe(vec![set]).plain()).unwrap();
    assert_eq!((backup.files(), backup.page_count(1), backup.page_count(4)), (vec![1, 4], 16, 801));
    assert_eq!((backup.stored(), page(&backup, 1, 0xFFFF_FFF8)), (18, None));
}

#[test]
fn a_position_is_what_counts_where_numbers_say_otherwise() {
    let again = Set { number: Some(1), ..Set::full(0..16, 2) };
    let bytes = recipe(vec![Set::full(0..16, 1), again]).plain();
    let asked = |set| Backup::open(&[item("x.bak", &bytes)], &Options { set, ..options() }, &Silent).unwrap();
    for (set, content) in [(None, 2), (Some(1), 1), (Some(2), 2)] {
        let backup = asked(set);
        assert_eq!((backup.set().position, page(&backup, 1, 9).unwrap()[100]), (content.into(), content));
    }
}

#[test]
fn a_backup_describes_itself_in_one_line() {
    let whole = Set::full(0..16, 1);
    let backup = open(&recipe(vec![whole.clone()]).plain()).unwrap();
    let told =
        "full backup of database \"mgc\", made by SQL Server 2008 R2 on SRV\\LYNC, begun 2026-04-27 10:29:52";
    assert_eq!(backup.description(), told);
    let copy = Set { attributes: 2, ..whole.clone() };
    let line = open(&recipe(vec![whole.clone(), copy, Set::of(4, Vec::new())]).compressed().1)
        .unwrap()
        .description();
    let copied = told.replace("backup of", "backup (COPY_ONLY) of");
    assert_eq!(line, format!("{copied}; compressed; backup 2 of the 3 in the file, 2 others are left aside"));
}

#[test]
fn servers_are_known_by_their_versions() {
    let set = open(&recipe(vec![Set::full(0..16, 1)]).plain()).unwrap().set().clone();
    for (server_version, product) in [
        ((9, 0), Some("SQL Server 2005")),
        ((10, 0), Some("SQL Server 2008")),
        ((10, 50), Some("SQL Server 2008 R2")),
        ((11, 0), Some("SQL Server 2012")),
        ((17, 0), Some("SQL Server 2025")),
        ((40, 1), None),
    ] {
        let set = BackupSet { server_version, ..set.clone() };
        assert_eq!(set.product(), product);
        let line = set.to_string();
        assert!(line.contains(product.unwrap_or("SQL Server version 40.1")), "{line}");
    }
}

#[test]
fn files_of_the_database_that_the_backup_lacks_are_told() {
    let mut set = Set::full(0..16, 1);
    set.files = vec![(1, true), (2, false), (3, true), (4, true)];
    set.passes.push((0..8).map(|page| (4, page, 1)).collect());
    let backup = open(&recipe(vec![set]).plain()).unwrap();
    let problems = backup.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("no page of the database's file 3 (\"file3\") is in the backup"),
        "{problems:?}"
    );
}

#[test]
fn a_later_backup_without_its_beginning_does_not_hide_an_earlier_one() {
    let groups = Set::full(64..128, 2);
    let bytes = recipe(vec![Set::full(0..16, 1), groups]).plain();
    let backup = open(&bytes).unwrap();
    assert_eq!((backup.set().position, backup.problems().len()), (1, 1), "{:?}", backup.problems());
    let asked = Backup::open(&[item("x.bak", &bytes)], &Options { set: Some(2), ..options() }, &Silent);
    assert!(refusal(asked).0.contains("some files or file groups only"));
}

#[test]
fn blocks_may_have_any_size_that_a_server_offers() {
    for block in [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536] {
        let made = Recipe { block, ..recipe(vec![Set::full(0..24, 1), Set::full(0..24, 2)]) };
        for bytes in [made.plain(), made.compressed().1] {
            let backup = open(&bytes).unwrap();
            assert_eq!((told(&backup), backup.sets().len()), (Vec::new(), 2), "blocks of {block}");
            assert!((0..24).all(|number| page(&backup, 1, number) == Some(made::page(1, number, 2))));
        }
    }
}

#[test]
fn pages_may_come_in_several_parts() {
    for part in [8, 16, 40] {
        let set = Set { part, ..Set::full(0..64, 1) };
        for bytes in [recipe(vec![set.clone()]).plain(), recipe(vec![set.clone()]).compressed().1] {
            let backup = open(&bytes).unwrap();
            assert_eq!((told(&backup), numbers(&backup).len()), (Vec::new(), 64), "parts of {part}");
            assert!((0..64).all(|number| page(&backup, 1, number) == Some(made::page(1, number, 1))));
        }
    }
}

#[test]
fn pages_are_read_many_at_once_up_to_the_end_of_their_run() {
    let mut set = Set::full(0..40, 1);
    set.passes.push(vec![(1, 21, 2)]);
    for bytes in [recipe(vec![set.clone()]).plain(), recipe(vec![set.clone()]).compressed().1] {
        let backup = open(&bytes).unwrap();
        let mut room = vec![[0; PAGE_SIZE]; 30];
        for (first, count) in [(0, 21), (5, 16), (20, 1), (21, 1), (22, 18), (39, 1)] {
            assert_eq!(Pages::pages(&backup, 1, first, &mut room).unwrap(), count, "from page {first}");
            for (page, number) in room.iter().zip(first..).take(count) {
                assert_eq!(page[..], made(1, number, if number == 21 { 2 } else { 1 }), "page {number}");
            }
        }
        assert_eq!(Pages::pages(&backup, 1, 3, &mut room[..2]).unwrap(), 2);
        assert!(matches!(Pages::pages(&backup, 1, 40, &mut room), Err(PageError::Absent(_))));
        assert!(matches!(Pages::pages(&backup, 2, 0, &mut room), Err(PageError::NoFile(_))));
        assert!(Pages::pages(&backup, 1, 0, &mut []).is_err());
    }
}
