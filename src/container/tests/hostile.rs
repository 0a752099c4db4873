use std::io::Write as _;

use flate2::write::DeflateEncoder;

use super::raw_zip::{RawEntry, raw_zip};
use super::*;

fn walk_raw(entries: &[RawEntry]) -> (Desk, Walk) {
    let desk = Desk::new();
    desk.put("a.zip", &raw_zip(entries));
    let walk = desk.walk(&["a.zip"]);
    (desk, walk)
}

fn deflated(content: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn entries_whose_names_lead_elsewhere_are_refused_by_name() {
    let (_desk, walk) = walk_raw(&[
        RawEntry::stored("good.xml", b"good"),
        RawEntry::stored("../evil.xml", b"evil"),
        RawEntry::stored("a\\..\\..\\evil.xml", b"evil"),
        RawEntry::stored("/etc/evil", b"evil"),
        RawEntry::stored("C:/evil", b"evil"),
    ]);
    assert_eq!(names(&walk), ["a.zip#good.xml"]);
    assert_eq!(
        problems(&walk),
        [
            ("a.zip#../evil.xml", "ENTRY-NAME"),
            ("a.zip#/etc/evil", "ENTRY-NAME"),
            ("a.zip#C:/evil", "ENTRY-NAME"),
            ("a.zip#a\\..\\..\\evil.xml", "ENTRY-NAME"),
        ]
    );
}

#[test]
fn links_passwords_and_foreign_compressions_are_refused_by_name() {
    let plain = RawEntry::stored("x", b"content");
    let (_desk, walk) = walk_raw(&[
        RawEntry { name: b"link".to_vec(), unix_mode: 0o120_777, ..plain.clone() },
        RawEntry { name: b"locked".to_vec(), flags: 1, ..plain.clone() },
        RawEntry { name: b"lzma".to_vec(), method: 14, ..plain.clone() },
        plain,
    ]);
    assert_eq!(names(&walk), ["a.zip#x"]);
    assert_eq!(
        problems(&walk),
        [
            ("a.zip#link", "INPUT-LINK-OUTSIDE"),
            ("a.zip#locked", "ENTRY-ENCRYPTED"),
            ("a.zip#lzma", "ENTRY-METHOD"),
        ]
    );
}

#[test]
fn entries_that_share_bytes_are_all_refused() {
    let honest = RawEntry::stored("honest", b"0123456789");
    let (_desk, walk) = walk_raw(&[
        RawEntry::stored("first", b"0123456789"),
        RawEntry { name: b"again".to_vec(), offset: Some(0), ..honest.clone() },
        honest,
    ]);
    assert_eq!(names(&walk), ["a.zip#honest"]);
    assert_eq!(problems(&walk), [("a.zip#again", "ENTRY-OVERLAP"), ("a.zip#first", "ENTRY-OVERLAP")]);
}

#[test]
fn an_entry_that_is_not_where_the_directory_says_is_refused() {
    let stray = RawEntry { offset: Some(7), ..RawEntry::stored("stray", b"0123456789") };
    let far = RawEntry { offset: Some(u32::MAX - 1), ..RawEntry::stored("far", b"0123456789") };
    let (_desk, walk) = walk_raw(&[stray, far]);
    assert_eq!(problems(&walk), [("a.zip#far", "ENTRY-DAMAGED"), ("a.zip#stray", "ENTRY-DAMAGED")]);
}

#[test]
fn an_entry_that_breaks_its_promises_ends_with_an_error() {
    let content = b"so many words ".repeat(50);
    let honest = RawEntry {
        method: 8,
        data: deflated(&content, Compression::fast()),
        ..RawEntry::stored("honest", &content)
    };
    let size = content.len() as u32;
    let (_desk, walk) = walk_raw(&[
        honest.clone(),
        RawEntry { name: b"crc".to_vec(), crc: 1, ..honest.clone() },
        RawEntry { name: b"long".to_vec(), size: size - 1, ..honest.clone() },
        RawEntry { name: b"short".to_vec(), size: size + 1, ..honest.clone() },
        RawEntry { name: b"stored".to_vec(), crc: 1, ..RawEntry::stored("", &content) },
        RawEntry { name: b"tiny".to_vec(), crc: 1, ..RawEntry::stored("", b"abc") },
    ]);
    assert_eq!(walk.items.len(), 5);
    assert_eq!(problems(&walk), [("a.zip#tiny", "ENTRY-DAMAGED")]);
    for item in &walk.items {
        assert_eq!(bytes(&*item.blob).is_ok(), item.name == "a.zip#honest", "{}", item.name);
    }
}

#[test]
fn deflate64_is_read_by_a_thread_of_its_own() {
    let content = b"stored blocks mean the same in both ".repeat(20_000);
    let entry = RawEntry {
        method: 9,
        data: deflated(&content, Compression::none()),
        ..RawEntry::stored("large.xml", &content)
    };
    let (_desk, walk) = walk_raw(&[RawEntry::stored("before", b""), entry]);
    assert_eq!(bytes(&*walk.items[1].blob).unwrap(), content);
    drop(walk.items[1].blob.open().unwrap());
}

#[test]
fn a_gigabyte_of_zeros_is_refused_while_reading() {
    let desk = Desk::new();
    let block = {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 4 << 20]).unwrap();
        encoder.flush().unwrap();
        encoder.get_ref().clone()
    };
    // Flushed blocks begin and end at whole bytes, so they can be put behind one another.
    let bomb = block.repeat(256);
    let gigabyte = 1 << 30;
    assert!(gigabyte > bomb.len() * 1_000, "ratio {}", gigabyte / bomb.len());
    let entry = RawEntry { method: 8, data: bomb, size: gigabyte as u32, ..RawEntry::stored("bomb", b"") };
    desk.put("a.zip", &raw_zip(&[entry]));
    let walk = desk.walk(&["a.zip"]);
    assert_eq!(problems(&walk), [("a.zip#bomb", "ENTRY-DAMAGED")]);
}

#[test]
fn a_gzip_bomb_is_refused_while_reading() {
    let desk = Desk::new();
    desk.put("a.gz", &gzip_of(&vec![0; 4 << 20]));
    let limits = Limits { ratio_free: 1 << 20, max_ratio: 100, ..Limits::default() };
    let walk = desk.walk_within(&["a.gz"], limits);
    let mut reader = walk.items[0].blob.open().unwrap();
    let mut read = Vec::new();
    assert!(reader.read_to_end(&mut read).is_err());
    assert!(read.len() < 3 << 20, "{}", read.len());
    assert!(bytes(&*desk.walk(&["a.gz"]).items[0].blob).is_ok());
}

#[test]
fn damaged_archives_are_problems_wherever_they_are_cut() {
    let whole = zip_of(&[("a.xml", b"some text"), ("b.xml", b"more text")]);
    let desk = Desk::new();
    for length in 4..whole.len() {
        desk.put("a.zip", &whole[..length]);
        let walk = desk.walk(&["a.zip"]);
        assert_eq!((walk.items.len(), problems(&walk)), (0, vec![("a.zip", "ARCHIVE-DAMAGED")]), "{length}");
    }
}

#[test]
fn no_single_flipped_byte_makes_the_walk_panic() {
    let whole = zip_of(&[("a.xml", b"some text"), ("b.xml", b"more text")]);
    let desk = Desk::new();
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bent = whole.clone();
            bent[at] ^= flip;
            desk.put("a.zip", &bent);
            for item in desk.walk(&["a.zip"]).items {
                let _ = bytes(&*item.blob);
            }
        }
    }
}
