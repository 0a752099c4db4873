//! What is no backup, or none that can be read: each is told by what it is.

use super::made::{Set, recipe};
use super::*;

#[test]
fn what_is_no_backup_is_named() {
    for (bytes, word) in [
        (&b"\x01\x0F\0\0"[..], ".mdf"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\r\n<!DOCTYPE html>", "HTML"),
        (b"PK\x03\x04", "archive"),
        (b"7z\xBC\xAF\x27\x1C", "archive"),
        (b"RBDB", "it begins with \"RBDB\". Other backup programs"),
        (&[0xD0, 0xCF, 0x11, 0xE0], "it begins with D0 CF 11 E0"),
        (b"", "it is empty"),
        (&[0; 4096], "zeros"),
        (b"TAPE", "first block is damaged"),
        (b"MSSQLBAK", "cannot be decoded"),
    ] {
        let (why, hint) = refusal(open(bytes));
        assert!(why.contains(word) && !hint.is_empty(), "{why}");
    }
}

#[test]
fn compression_that_is_not_read_is_named_where_its_marks_show() {
    for (mark, word) in [
        (&[0x28, 0xB5, 0x2F, 0xFD][..], "ZSTD"),
        (&[0x1F, 0x8B, 0x08, 0x04], "QAT_DEFLATE"),
        (&[0, 0, 0, 0], "format version 3"),
    ] {
        let bytes = [b"MSSQLBAK\x03\0\0\0", &[0xAB; 700][..], mark, &[0xCD; 9000]].concat();
        let (why, hint) = refusal(open(&bytes));
        assert!(why.contains(word) && hint.contains("NO_COMPRESSION"), "{why}; {hint}");
    }
}

#[test]
fn media_of_other_programs_are_told_by_their_own_words() {
    for sets in [Vec::new(), vec![Set { files: Vec::new(), ..Set::of(4, Vec::new()) }]] {
        let mut made = recipe(sets);
        made.software = "Windows NT Backup (NTBACKUP.EXE)";
        let mut bytes = made.plain();
        while let Some(at) = bytes.windows(4).position(|word| word == b"MSTL") {
            // What no such program writes.
            bytes[at..at + 512].fill(0);
        }
        let (why, hint) = refusal(open(&bytes));
        assert!(why.contains("written by \"Windows NT Backup"), "{why}");
        assert!(hint.contains("restore the files"), "{hint}");
    }
}

#[test]
fn a_run_that_should_stop_stops_wherever_it_is() {
    #[derive(Debug)]
    struct After(std::sync::atomic::AtomicU32);
    impl Progress for After {
        fn stage(&self, _: crate::progress::Stage) {}
        fn advance(&self, _: u64) {}
        fn interrupted(&self) -> bool {
            let left = |left: u32| left.checked_sub(1);
            let order = std::sync::atomic::Ordering::SeqCst;
            self.0.fetch_update(order, order, left).is_err()
        }
    }
    let whole = recipe(vec![Set::full(0..64, 1)]);
    let mut damaged = whole.compressed().1;
    damaged[3000..6000].fill(0x21);
    let garbage = [&b"MSSQLBAK"[..], &[0x21; 100_000]].concat();
    for bytes in [whole.plain(), whole.compressed().1, damaged, garbage] {
        for asked in 0..40 {
            let after = After(asked.into());
            match Backup::open(&[item("x.bak", &bytes)], &options(), &after) {
                Err(Error::Interrupted) => {}
                other => {
                    assert!(asked > 3, "{other:?}");
                    let unusable = matches!(other, Ok(_) | Err(Error::Unusable { .. }));
                    assert!(unusable, "{other:?}");
                }
            }
        }
    }
}
