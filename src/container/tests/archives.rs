use super::*;

#[test]
fn entries_are_items_and_open_again_and_again() {
    let desk = Desk::new();
    let long = vec![b'x'; 300_000];
    desk.put("a.zip", &zip_of(&[("one.xml", &long), ("sub/two.xml", b"two"), ("empty", b"")]));
    let walk = desk.walk(&["a.zip"]);
    assert_eq!(names(&walk), ["a.zip#empty", "a.zip#one.xml", "a.zip#sub/two.xml"]);
    assert_eq!(walk.problems, []);
    for _ in 0..2 {
        assert_eq!(bytes(&*walk.items[1].blob).unwrap(), long);
        assert_eq!(bytes(&*walk.items[2].blob).unwrap(), b"two");
    }
    assert_eq!(walk.items[1].blob.size(), Some(300_000));
    assert!(walk.items[1].blob.path().is_none());
    assert_ne!(walk.items[1].folder, walk.items[2].folder);
}

#[test]
fn archives_in_archives_are_taken_apart_and_leave_no_trace() {
    let desk = Desk::new();
    let inner = zip_of(&[("deep.xml", b"deep"), ("more.csv.gz", &gzip_of(b"1,2"))]);
    desk.put("box/outer.zip", &zip_of(&[("inner.zip", &inner), ("plain.xml", b"plain")]));
    desk.put("box/packed.zip.gz", &gzip_of(&inner));
    let walk = desk.walk(&["box"]);
    assert_eq!(
        names(&walk),
        [
            "box/outer.zip#inner.zip#deep.xml",
            "box/outer.zip#inner.zip#more.csv.gz#more.csv",
            "box/outer.zip#plain.xml",
            "box/packed.zip.gz#packed.zip#deep.xml",
            "box/packed.zip.gz#packed.zip#more.csv.gz#more.csv",
        ]
    );
    assert_eq!(bytes(&*walk.items[0].blob).unwrap(), b"deep");
    assert_eq!(bytes(&*walk.items[4].blob).unwrap(), b"1,2");
    assert_eq!(walk.items[0].folder, walk.items[1].folder);
    assert_eq!(desk.spooled(), 2);
    drop(walk);
    assert_eq!(desk.spooled(), 0);
}

#[test]
fn archives_too_deep_in_one_another_are_an_error() {
    let desk = Desk::new();
    let mut archive = zip_of(&[("a.xml", b"a")]);
    for _ in 0..3 {
        archive = zip_of(&[("in.zip", &archive)]);
    }
    desk.put("a.zip", &archive);
    let walk = desk.walk(&["a.zip"]);
    assert_eq!(walk.items.len(), 0);
    assert_eq!(problems(&walk), [("a.zip#in.zip#in.zip#in.zip", "ARCHIVE-DEEP")]);

    let deeper = desk.walk_within(&["a.zip"], Limits { max_depth: 4, ..Limits::default() });
    assert_eq!(names(&deeper), ["a.zip#in.zip#in.zip#in.zip#a.xml"]);
}

#[test]
fn archives_in_archives_take_no_more_room_than_allowed() {
    let desk = Desk::new();
    let inner = zip_of(&[("a.xml", b"a")]);
    desk.put("a.zip", &zip_of(&[("1.zip", &inner), ("2.zip", &inner)]));
    let limits = Limits { max_nested_spool: inner.len() as u64 * 3 / 2, ..Limits::default() };
    let walk = desk.walk_within(&["a.zip"], limits);
    assert_eq!(names(&walk), ["a.zip#1.zip#a.xml"]);
    assert_eq!(problems(&walk), [("a.zip#2.zip", "ARCHIVE-LARGE")]);
}

#[test]
fn documents_and_bacpacs_are_handed_on_whole() {
    let desk = Desk::new();
    let document = zip_of(&[("[Content_Types].xml", b"<Types/>"), ("model.xml", b"<a/>")]);
    desk.put("box/mgc.bacpac", &document);
    desk.put("box/outer.zip", &zip_of(&[("mgc.bacpac", &document)]));
    let walk = desk.walk(&["box"]);
    assert_eq!(names(&walk), ["box/mgc.bacpac", "box/outer.zip#mgc.bacpac"]);
    for item in &walk.items {
        assert_eq!(bytes(&*item.blob).unwrap(), document);
        assert_eq!(fs::read(item.blob.path().unwrap()).unwrap(), document);
    }
}

#[test]
fn a_gzip_file_of_several_members_is_one_stream() {
    let desk = Desk::new();
    desk.put("a.csv.gz", &[gzip_of(b"one,"), gzip_of(b""), gzip_of(b"two")].concat());
    let walk = desk.walk(&["a.csv.gz"]);
    assert_eq!(names(&walk), ["a.csv.gz#a.csv"]);
    assert_eq!(bytes(&*walk.items[0].blob).unwrap(), b"one,two");
    assert_eq!(walk.items[0].blob.size(), None);
}

#[test]
fn a_gzip_file_that_is_cut_or_followed_by_something_else_ends_with_an_error() {
    let desk = Desk::new();
    let whole = gzip_of(&b"some text ".repeat(1_000));
    desk.put("cut.gz", &whole[..whole.len() - 3]);
    desk.put("behind.gz", &[&whole[..], b"rubbish behind it"].concat());
    let mut wrong = whole.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    desk.put("wrong.gz", &wrong);
    for name in ["cut.gz", "behind.gz", "wrong.gz"] {
        let walk = desk.walk(&[name]);
        assert!(bytes(&*walk.items[0].blob).is_err(), "{name}");
    }
}

#[test]
fn folders_and_litter_in_an_archive_are_no_items() {
    let desk = Desk::new();
    let entries: &[(&str, &[u8])] =
        &[("sub/", b""), ("sub/a.xml", b""), ("__MACOSX/sub/._a.xml", b""), ("__MACOSX/b", b"")];
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, _) in entries {
        match name.strip_suffix('/') {
            Some(folder) => writer.add_directory(folder, SimpleFileOptions::default()).unwrap(),
            None => writer.start_file(*name, SimpleFileOptions::default()).unwrap(),
        }
    }
    desk.put("a.zip", &writer.finish().unwrap().into_inner());
    let walk = desk.walk(&["a.zip"]);
    assert_eq!(names(&walk), ["a.zip#sub/a.xml"]);
    assert_eq!(problems(&walk), [("a.zip#__MACOSX", "INPUT-LITTER")]);
}

#[test]
fn an_empty_archive_holds_nothing_and_is_no_problem() {
    let desk = Desk::new();
    desk.put("a.zip", &zip_of(&[]));
    let walk = desk.walk(&["a.zip"]);
    assert_eq!((walk.items.len(), walk.problems.len()), (0, 0));
}
