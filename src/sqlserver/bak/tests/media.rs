//! What a medium may hold: several backups, several files, and kinds that hold no database.

use super::made::{Recipe, Set, page as made, recipe};
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
    let log = Set { attributes: 4, passes: Vec::new() };
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

fn striped(stripes: u16, stripe: u16) -> Recipe {
    let pages = (0..64).filter(|page| page / 8 % u32::from(stripes) == u32::from(stripe - 1));
    let set = Set { attributes: 4, passes: vec![pages.map(|page| (1, page, 1)).collect()] };
    Recipe { stripes, stripe, ..recipe(vec![set]) }
}

#[test]
fn the_files_of_a_striped_backup_are_united_in_any_order() {
    let part = |stripe| item(&format!("{stripe}.bak"), &striped(3, stripe).plain());
    let squeezed = item("2.bak", &striped(3, 2).compressed().1);
    for inputs in [[part(1), part(2), part(3)], [part(3), part(1), squeezed]] {
        let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
        assert_eq!(numbers(&backup), (0..64).map(|page| (1, page)).collect::<Vec<_>>());
        assert!((0..64).all(|number| page(&backup, 1, number) == Some(made(1, number, 1))));
        assert_eq!(told(&backup), [""; 0]);
    }
}

#[test]
fn a_later_pass_counts_whichever_file_it_is_in() {
    let part = |stripe: u16, first: Vec<(u16, u32, u8)>, second: Vec<(u16, u32, u8)>| {
        let set = Set { attributes: 4, passes: vec![first, second] };
        item("x.bak", &Recipe { stripes: 2, stripe, ..recipe(vec![set]) }.plain())
    };
    let changed = part(1, vec![(1, 16, 1)], vec![(1, 9, 2)]);
    let inputs = [changed, part(2, vec![(1, 8, 1), (1, 9, 1)], vec![(1, 8, 2)])];
    let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
    assert_eq!([8, 9, 16].map(|number| page(&backup, 1, number).unwrap()[100]), [2, 2, 1]);
}

#[test]
fn a_missing_stripe_is_missed_even_if_the_rest_looks_whole() {
    let part = |stripes, stripe| item(&format!("{stripe}.bak"), &striped(stripes, stripe).plain());
    let open = |inputs: &[Item]| refusal(Backup::open(inputs, &options(), &Silent));
    let (why, hint) = open(&[part(2, 2)]);
    assert_eq!(why, "2.bak: stripe 2 of 2, other file missing");
    assert!(hint.contains("give all of them together"), "{hint}");
    assert_eq!(open(&[part(4, 3), part(4, 1)]).0, "1.bak: stripes 1, 3 of 4, 2 other files missing");
    assert_eq!(open(&[part(2, 1), part(2, 1)]).0, "1.bak: stripe 1 of 2, other file missing");
    let stranger = item("b.bak", &Recipe { media: 8, ..striped(2, 2) }.plain());
    assert_eq!(open(&[part(2, 1), stranger]).0, "b.bak: it belongs to another backup than 1.bak");
}

#[test]
fn files_tell_which_backup_they_belong_to() {
    for bytes in [striped(3, 2).plain(), striped(3, 2).compressed().1] {
        let found = family(&item("2.bak", &bytes), &options()).unwrap();
        assert_eq!(found, Some(Family { media: [7; 16], count: 3, number: 2 }));
    }
    assert_eq!(family(&item("x", b"TAPEworm"), &options()).unwrap(), None);
    assert_eq!(family(&item("x", b"MSSQLBAK"), &options()).unwrap(), None);
    assert_eq!(family(&item("x", b""), &options()).unwrap(), None);
}

#[test]
fn what_is_no_backup_is_named() {
    for (bytes, word) in [
        (&b"\x01\x0F\0\0"[..], ".mdf"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\r\n<!DOCTYPE html>", "HTML"),
        (b"PK\x03\x04", "archive"),
        (b"RBDB", "other backup programs"),
        (b"", "no backup"),
        (b"TAPE", "no backup"),
        (b"MSSQLBAK", "cannot be decoded"),
    ] {
        let (why, hint) = refusal(open(bytes));
        assert!(why.contains(word) && !hint.is_empty(), "{why}");
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
