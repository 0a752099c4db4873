//! What a user meets: statuses, streams, refusals, and that nothing half is left behind.

mod support;

use std::fs;
use std::path::PathBuf;

use support::{Package, Workshop, sample, tree};

const CHAT: &str = "channelId,chatId,chatDate,userId,isAlert,content\n";

#[test]
fn help_and_version_go_to_standard_output_and_a_bare_call_tells_how() {
    let workshop = Workshop::new();
    let help = workshop.run(["--help"]);
    assert_eq!(help.status, 0);
    for word in ["inspect", "convert", "verify", "Exit status", "Examples"] {
        assert!(help.out.contains(word), "{word}");
    }
    assert!(workshop.run(["convert", "--help"]).out.contains("--dry-run"));
    assert!(workshop.run(["--version"]).out.starts_with("gc2pc "));
    assert_eq!(workshop.run(["no-such-command"]).status, 2);
    assert_eq!(workshop.run::<&str>([]).status, 2);
}

#[test]
fn an_output_that_exists_is_left_alone_until_its_replacement_is_asked_for() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010")];
    for output in ["history", "history.zip"] {
        let (first, path) = workshop.convert(&inputs, output, &[]);
        assert_eq!(first.status, 0, "{}", first.err);
        let (second, _) = workshop.convert(&[sample("compliance")], output, &[]);
        assert_eq!(second.status, 4);
        assert!(second.err.contains("--overwrite"), "{}", second.err);
        let (third, _) = workshop.convert(&[sample("mgc-2013")], output, &["--overwrite"]);
        assert_eq!(third.status, 0, "{}", third.err);
        assert_eq!(workshop.run(["verify".into(), path]).status, 0);
    }
    assert_eq!(fs::read_dir(workshop.folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn what_is_no_package_is_never_replaced() {
    let workshop = Workshop::new();
    let precious = workshop.file("home/precious.txt", "do not lose me");
    let (ran, _) = workshop.convert(&[sample("mgc-2010")], "home", &["--overwrite"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert_eq!(fs::read(precious).unwrap(), b"do not lose me");
}

#[test]
fn an_input_that_does_not_exist_or_holds_nothing_is_told() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("nothing")).unwrap();
    for input in ["nowhere", "nothing"] {
        let (ran, output) = workshop.convert(&[workshop.path(input)], "out", &[]);
        assert_eq!(ran.status, 3, "{}", ran.err);
        assert!(ran.err.contains(input), "{}", ran.err);
        assert!(!output.exists());
    }
}

#[test]
fn a_broken_document_among_thousands_costs_one_record_and_the_status_tells() {
    let workshop = Workshop::new();
    let document = |id: usize, end: &str| {
        format!(
            "<Conversations><Conversation><Channel uri=\"ma-chan://litware.example/094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>\
             <Messages><Message type=\"CHAT\" content=\"message {id}\" id=\"{id}\"><Sender UserName=\"Ann\" id=\"1\" \
             email=\"\" internal=\"true\" uri=\"ann@litware.example\"/><DateTimeUTC since1970=\"0\" \
             string=\"\" long=\"{}\"/></Message>{end}",
            633_409_486_005_222_640_u64 + id as u64
        )
    };
    for id in 1..=3000 {
        let end = if id == 1500 { "<Mess" } else { "</Messages></Conversation></Conversations>" };
        workshop.file(&format!("archive/{id:04}.xml"), document(id, end));
    }
    let package = workshop.converted(&[workshop.path("archive")], 1);
    assert_eq!(package.totals(), [3001, 3000, 0, 0, 1]);
    let rejected = &package.ledger("rejected.csv")[0];
    let streams = package.ledger("sources.csv");
    assert_eq!(streams[rejected["input"].parse::<usize>().unwrap() - 1]["input"], "archive/1500.xml");
}

#[test]
fn rejected_records_stand_in_the_ledger_with_place_cause_and_text() {
    let workshop = Workshop::new();
    let rows = format!(
        "{CHAT}5,1,633409486005222640,7,0,fine\n5,two,633409486005222640,7,0,\"bad\nnumber\"\n5,3,633409486005222641,7,0,fine\n"
    );
    let input = workshop.file("tblChat.csv", rows);
    let package = workshop.converted(&[input], 1);
    let rejected = package.ledger("rejected.csv");
    assert_eq!(rejected.len(), 1);
    let expected = [("record", "2"), ("line", "3"), ("byte", "81"), ("cause", "bad-number")];
    for (column, value) in expected {
        assert_eq!(rejected[0][column], value, "{column}");
    }
    assert!(rejected[0]["text"].contains("bad\nnumber"), "{:?}", rejected[0]);
}

#[test]
fn too_many_rejected_records_stop_the_run_before_anything_is_published() {
    let workshop = Workshop::new();
    let input = workshop.file("tblChat.csv", format!("{CHAT}5,x,1,7,0,a\n5,y,1,7,0,b\n5,3,1,7,0,c\n"));
    let (ran, output) = workshop.convert(std::slice::from_ref(&input), "out", &["--max-rejected", "1"]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("--max-rejected") && !output.exists(), "{}", ran.err);
    let (ran, _) = workshop.convert(&[input], "out", &["--max-rejected", "2"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
}

#[test]
fn a_dry_run_writes_nothing_and_tells_what_the_run_would() {
    let workshop = Workshop::new();
    let before = tree(workshop.folder.path());
    let ran = workshop.run(["convert".into(), sample("mgc-2010"), "--dry-run".into()]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(tree(workshop.folder.path()), before);
    for told in ["109", "Markets_Trading_Rates_Swaps desk"] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    if cfg!(not(unix)) {
        return;
    }
    let workshop = Workshop::new();
    let whole = workshop.folder.path().join("history.zip");
    let ran = workshop.run(["convert".into(), sample("mgc-2010"), "-o".into(), whole.clone()]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let blocks = fs::metadata(&whole).unwrap().len() / 512;
    fs::remove_file(&whole).unwrap();
    // A limit on the size of files, in blocks of 512 bytes, stands in for the disk: the first writes
    // meet it, or only the last ones, which end the ZIP.
    for (output, limit) in
        [("history", 8), ("history.zip", 8), ("history.zip", blocks - 1), ("history.zip", blocks)]
    {
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" convert \"$1\" -o {output}");
        let run = std::process::Command::new("sh")
            .current_dir(workshop.folder.path())
            .args(["-c", &script, env!("CARGO_BIN_EXE_gc2pc")])
            .arg(sample("mgc-2010"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(4), "{told}");
        assert!(told.contains("cannot write"), "{told}");
        // What a library says of itself is no message to anybody.
        assert!(!told.contains("ZipWriter"), "{told}");
        assert_eq!(fs::read_dir(workshop.folder.path()).unwrap().count(), 0, "{output}");
    }
}

#[test]
fn since_until_level_and_scope_leave_out_what_they_say_and_account_for_it() {
    let workshop = Workshop::new();
    let run = |more: &[&str]| {
        let output = more.join("").replace([':', '-'], "");
        let (ran, output) = workshop.convert(&[sample("mgc-2010")], &format!("out{output}"), more);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_eq!(workshop.run(["verify".into(), output.clone()]).status, 0);
        Package::open(&output)
    };
    let all = run(&[]);
    let middle = all.messages().iter().map(|message| message.time.clone()).max().unwrap();
    let before = run(&["--until", &middle]);
    let after = run(&["--since", &middle]);
    assert!(after.total("written") >= 1);
    assert_eq!(before.total("written") + after.total("written"), all.total("written"));
    assert_eq!(before.total("filtered") + after.total("filtered"), all.total("read"));
    assert!(before.ledger("filtered.csv").iter().all(|row| row["reason"] == "until"));

    let rooms = run(&["--level", "RoomDirectory"]);
    assert_eq!(rooms.totals(), [109, 0, 0, 109, 0]);
    assert!(!rooms.folder.join("data/import/Content").exists());
    assert_eq!(rooms.elements("RoomDirectory.xml", "Room"), all.elements("RoomDirectory.xml", "Room"));

    let scoped = run(&["--scope", "Operations"]);
    assert!(scoped.total("written") > 0 && scoped.total("filtered") > 0);
    assert!(
        scoped.elements("RoomDirectory.xml", "Room").len() < all.elements("RoomDirectory.xml", "Room").len()
    );

    let enabled = run(&["--without-disabled-rooms"]);
    assert!(enabled.elements("RoomDirectory.xml", "Room").iter().all(|room| room["Disabled"] == "false"));
    assert!(enabled.codes().contains(&"ROOM-DISABLED".to_owned()));
}

#[test]
fn an_unknown_category_is_a_matter_of_usage_and_the_known_ones_are_told() {
    let workshop = Workshop::new();
    let (ran, _) = workshop.convert(&[sample("mgc-2010")], "out", &["--scope", "No such category"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("Operations"), "{}", ran.err);
}

#[test]
fn people_move_to_new_addresses_and_keep_their_message_ids() {
    let workshop = Workshop::new();
    let map = workshop.file("map.csv", "old,new\n@litware.example,@new.example\n");
    let plain = workshop.converted(&[sample("mgc-2010")], 0);
    let (ran, moved) =
        workshop.convert(&[sample("mgc-2010")], "moved", &["--people-map", map.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let moved = Package::open(&moved);
    assert_eq!(moved.messages(), plain.messages());
    let ann = |package: &Package| {
        let people = package.elements("User.xml", "Person");
        people
            .into_iter()
            .find(|person| person.get("SourceUri").is_some_and(|uri| uri.contains("ann.meyer@")))
            .unwrap()
    };
    assert!(ann(&plain)["Uri"].ends_with("@litware.example"));
    assert!(ann(&moved)["Uri"].ends_with("@new.example"));
}

#[test]
fn the_information_given_stands_in_the_bag() {
    let workshop = Workshop::new();
    let (ran, output) =
        workshop.convert(&[sample("mgc-2010")], "out", &["--info", "Source-Organization=Litware Bank"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let info = fs::read_to_string(output.join("bag-info.txt")).unwrap();
    assert!(info.contains("Source-Organization: Litware Bank\n"), "{info}");
}

#[test]
fn inspect_tells_facts_to_people_and_to_programs() {
    let workshop = Workshop::new();
    let told = workshop.run(["inspect".into(), sample("mgc-2010"), sample("compliance")]);
    assert_eq!(told.status, 0, "{}", told.err);
    for fact in ["tblChat", "109", "Conversations"] {
        assert!(told.out.contains(fact), "{fact}: {}", told.out);
    }
    let facts = workshop.run(["inspect".into(), "--json".into(), sample("mgc-2010")]);
    let facts: serde_json::Value = serde_json::from_str(&facts.out).unwrap();
    assert_eq!(facts["messages"], 109);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    if cfg!(not(unix)) {
        return;
    }
    let script = "\"$0\" inspect --json \"$1\" | head -c 1; exit ${PIPESTATUS[0]}";
    let run = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_gc2pc")])
        .arg(sample("mgc-2010"))
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn verify_refuses_what_is_no_bag_and_finds_what_is_changed() {
    let workshop = Workshop::new();
    let nothing = workshop.file("nothing/readme.txt", "no bag");
    assert_eq!(workshop.run(["verify".into(), nothing.parent().unwrap().to_owned()]).status, 3);

    let (_, package) = workshop.convert(&[sample("mgc-2010")], "out", &[]);
    for name in tree(&package).keys() {
        let path: PathBuf = package.join(name);
        let sound = fs::read(&path).unwrap();
        let mut changed = sound.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, changed).unwrap();
        let ran = workshop.run(["verify".into(), package.clone()]);
        assert_eq!(ran.status, 5, "{name}: {}", ran.out);
        assert!(ran.out.contains(name.as_str()) || ran.err.contains(name.as_str()), "{name}: {}", ran.out);
        fs::write(&path, sound).unwrap();
    }
    assert_eq!(workshop.run(["verify".into(), package]).status, 0);
}

#[test]
fn the_same_input_given_twice_makes_a_sound_package() {
    let workshop = Workshop::new();
    let (ran, output) = workshop.convert(&[sample("mgc-2010"), sample("mgc-2010")], "out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(Package::open(&output).totals(), [218, 109, 109, 0, 0]);
    let verified = workshop.run(["verify".into(), output]);
    assert_eq!(verified.status, 0, "{}", verified.out);
}

#[test]
fn packages_of_one_name_are_kept_apart() {
    let workshop = Workshop::new();
    let (_, old) = workshop.convert(&[sample("mgc-2010")], "old/history.zip", &[]);
    let (_, new) = workshop.convert(&[sample("mgc-2013")], "new/history.zip", &[]);
    let merged = workshop.converted(&[old, new], 0).messages();
    let direct = workshop.converted(&[sample("mgc-2010"), sample("mgc-2013")], 0).messages();
    let told = |messages: &[support::Message]| {
        let facts =
            |message: &support::Message| (message.id.clone(), message.author.clone(), message.units.clone());
        messages.iter().map(facts).collect::<Vec<_>>()
    };
    assert_eq!(told(&merged), told(&direct));
}

#[test]
fn a_damaged_archive_entry_keeps_what_can_be_read_and_costs_one_record() {
    use std::io::Write;
    let workshop = Workshop::new();
    let rows = |count: usize| {
        let row =
            |id| format!("5,{id},{},7,0,message {id} of many\n", 633_409_486_005_222_640_u64 + id as u64);
        CHAT.to_owned() + &(1..=count).map(row).collect::<String>()
    };
    for count in [300, 60_000] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(rows(count).as_bytes()).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(bytes.len() * 3 / 4);
        let input = workshop.file(&format!("{count}/tblChat.csv.gz"), bytes);
        let (ran, output) = workshop.convert(&[input], &format!("out{count}"), &[]);
        assert_eq!(ran.status, 1, "{}", ran.err);
        let package = Package::open(&output);
        assert_eq!(package.total("rejected"), 1, "{count}");
        assert!(package.total("written") > count as u64 / 2, "{count}: {}", package.total("written"));
        assert_eq!(package.ledger("rejected.csv")[0]["cause"], "damaged-container");
    }
}

#[test]
fn tables_that_cannot_be_meant_are_refused_with_the_reason() {
    let workshop = Workshop::new();
    for (columns, reason) in [
        ("channelId,chatId,isAlert,content", "chatDate, userId"),
        ("channelId,chatId,chatDate,userId,content,Content", "content more than once"),
    ] {
        let fields = columns.split(',').count();
        let input = workshop.file("tblChat.csv", format!("{columns}\n{}\n", vec!["1"; fields].join(",")));
        let (ran, output) = workshop.convert(&[input], "out", &[]);
        assert_eq!(ran.status, 3, "{}", ran.err);
        assert!(ran.err.contains(reason) && ran.err.contains("hint:"), "{}", ran.err);
        assert!(!output.exists());
    }
}

#[test]
fn an_empty_folder_or_table_beside_sound_ones_is_told() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("nothing")).unwrap();
    let package = workshop.converted(&[sample("mgc-2010"), workshop.path("nothing")], 0);
    assert!(package.codes().contains(&"INPUT-EMPTY".to_owned()));
    let empty = workshop.file("later/tblChat.csv", "");
    let package = workshop.converted(&[sample("mgc-2010"), empty], 1);
    let finding =
        package.ledger("findings.csv").into_iter().find(|row| row["code"] == "INPUT-EMPTY").unwrap();
    assert_eq!((&*finding["subject"], &*finding["level"]), ("tblChat.csv", "error"));
}

#[test]
fn dumps_that_are_broken_are_refused_with_the_way_out() {
    let workshop = Workshop::new();
    let data_file = [&[0x01, 0x0F][..], &[0; 30], &[0, 0, 0, 0, 1, 0], &[0; 8154]].concat();
    for (name, bytes, way_out) in [
        ("mgc.bak", b"TAPE\0\0\0\0".to_vec(), "BACKUP DATABASE"),
        ("mgc.mdf", data_file, "undamaged copy"),
        ("mgc.sql", b"INSERT INTO tblChat VALUES (1, 2)\nGO\n".to_vec(), "columns"),
        ("notes.sql", b"-- nothing here\n".to_vec(), "Schema and data"),
        ("tblChat.bcp", vec![0x01, 0x02, 0x03, 0x04, 0xFF, 0x05], "bcp"),
    ] {
        let input = workshop.file(name, bytes);
        let (ran, output) = workshop.convert(&[input], "out", &[]);
        assert_eq!(ran.status, 3, "{name}: {}", ran.err);
        assert!(ran.err.contains(name) && ran.err.contains(way_out), "{name}: {}", ran.err);
        assert!(!output.exists());
    }
}
