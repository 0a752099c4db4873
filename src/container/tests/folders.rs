use super::*;
use crate::error::Error;

#[test]
fn a_folder_is_walked_to_its_leaves_in_the_order_of_names() {
    let desk = Desk::new();
    for name in ["box/b.xml", "box/a/z.csv", "box/a/y/x.bak"] {
        desk.put(name, name.as_bytes());
    }
    let walk = desk.walk(&["box"]);
    assert_eq!(names(&walk), ["box/a/y/x.bak", "box/a/z.csv", "box/b.xml"]);
    assert_eq!(walk.problems, []);
    assert_eq!(bytes(&*walk.items[2].blob).unwrap(), b"box/b.xml");
    assert_eq!(walk.items[2].blob.path().unwrap(), desk.path("box/b.xml").canonicalize().unwrap());
}

#[test]
fn items_side_by_side_have_equal_folders_and_others_have_not() {
    let desk = Desk::new();
    for name in ["box/a.csv", "box/a.fmt.gz", "box/sub/a.csv"] {
        desk.put(name, &if name.ends_with("gz") { gzip_of(b"x") } else { vec![] });
    }
    let walk = desk.walk(&["box"]);
    assert_eq!(names(&walk), ["box/a.csv", "box/a.fmt.gz#a.fmt", "box/sub/a.csv"]);
    assert_eq!(walk.items[0].folder, walk.items[1].folder);
    assert_ne!(walk.items[0].folder, walk.items[2].folder);
}

#[test]
fn an_input_that_is_not_there_ends_the_walk() {
    let desk = Desk::new();
    let missing = desk.path("missing.xml");
    let error = walk(&[missing], &Limits::default(), &desk.temp()).unwrap_err();
    assert!(matches!(error, Error::Read { input, .. } if input.ends_with("missing.xml")));
}

#[test]
fn what_operating_systems_leave_behind_is_passed_over_and_told() {
    let desk = Desk::new();
    for name in ["box/.DS_Store", "box/THUMBS.DB", "box/._a.xml", "box/__MACOSX/a.xml", "box/a.xml"] {
        desk.put(name, b"");
    }
    let walk = desk.walk(&["box"]);
    assert_eq!(names(&walk), ["box/a.xml"]);
    assert_eq!(walk.problems.len(), 4);
    assert!(walk.problems.iter().all(|it| it.level == Level::Info && it.code == "INPUT-LITTER"));
}

#[test]
fn an_input_folder_without_files_is_told_and_one_behind_a_link_is_not_taken_for_one() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("bare/deep")).unwrap();
    desk.put("box/a.xml", b"");
    assert_eq!(problems(&desk.walk(&["bare", "box"])), [("bare", "INPUT-EMPTY")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(desk.path("box"), desk.path("link")).unwrap();
        assert_eq!(problems(&desk.walk(&["link"])), []);
    }
}

#[test]
fn what_a_thing_is_shows_in_its_bytes_and_not_in_its_name() {
    let desk = Desk::new();
    desk.put("box/text.zip", b"no archive at all");
    desk.put("box/text.gz", b"");
    desk.put("box/archive.txt", &zip_of(&[("inner.xml", b"<a/>")]));
    let walk = desk.walk(&["box"]);
    assert_eq!(names(&walk), ["box/archive.txt#inner.xml", "box/text.gz", "box/text.zip"]);
}

#[test]
fn twenty_thousand_files_are_all_found() {
    let desk = Desk::new();
    for number in 0..20_000 {
        desk.put(&format!("box/{:03}/{number:05}.xml", number % 200), b"<Conversations/>");
    }
    let walk = desk.walk(&["box"]);
    assert_eq!(walk.items.len(), 20_000);
    assert!(walk.items.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn more_files_than_allowed_are_told_once() {
    let desk = Desk::new();
    for number in 0..5 {
        desk.put(&format!("box/{number}"), b"");
    }
    let walk = desk.walk_within(&["box"], Limits { max_entries: 3, ..Limits::default() });
    assert_eq!(names(&walk), ["box/0", "box/1", "box/2"]);
    assert_eq!(problems(&walk), [("box/3", "INPUT-MANY")]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_within_the_input_and_never_out_of_it() {
        let desk = Desk::new();
        desk.put("secret.xml", b"secret");
        desk.put("box/a.xml", b"a");
        symlink("a.xml", desk.path("box/inside.xml")).unwrap();
        symlink("../secret.xml", desk.path("box/outside.xml")).unwrap();
        symlink("/", desk.path("box/root")).unwrap();
        symlink("nowhere", desk.path("box/dangling.xml")).unwrap();
        let walk = desk.walk(&["box"]);
        assert_eq!(names(&walk), ["box/a.xml", "box/inside.xml"]);
        assert_eq!(
            problems(&walk),
            [
                ("box/dangling.xml", "INPUT-LINK-DANGLING"),
                ("box/outside.xml", "INPUT-LINK-OUTSIDE"),
                ("box/root", "INPUT-LINK-OUTSIDE"),
            ]
        );
        assert!(walk.problems.iter().all(|problem| problem.level == Level::Warning));
    }

    #[test]
    fn links_in_a_circle_come_to_an_end() {
        let desk = Desk::new();
        desk.put("box/sub/a.xml", b"a");
        symlink("..", desk.path("box/sub/up")).unwrap();
        symlink("self", desk.path("box/self")).unwrap();
        let walk = desk.walk(&["box"]);
        assert_eq!(names(&walk), ["box/sub/a.xml"]);
        assert_eq!(
            problems(&walk),
            [("box/self", "INPUT-LINK-DANGLING"), ("box/sub/up", "INPUT-LINK-INSIDE")]
        );
    }

    #[test]
    fn an_input_may_itself_be_a_link() {
        let desk = Desk::new();
        desk.put("box/a.xml", b"a");
        symlink("box", desk.path("link")).unwrap();
        assert_eq!(names(&desk.walk(&["link"])), ["link/a.xml"]);
    }

    #[test]
    fn sockets_are_passed_over_within_a_folder_and_refused_as_inputs() {
        let desk = Desk::new();
        desk.put("box/a.xml", b"a");
        let socket = desk.path("box/socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(problems(&desk.walk(&["box"])), [("box/socket", "INPUT-NOT-A-FILE")]);
        let error = walk(&[socket], &Limits::default(), &desk.temp()).unwrap_err();
        assert!(matches!(error, Error::Unusable { .. }));
    }

    #[test]
    fn names_that_are_no_text_are_escaped() {
        let desk = Desk::new();
        desk.put("box/x", b"");
        fs::write(desk.path("box").join(OsStr::from_bytes(b"caf\xE9%.xml")), b"c").unwrap();
        assert_eq!(names(&desk.walk(&["box"])), ["box/caf%E9%25.xml", "box/x"]);
    }
}
