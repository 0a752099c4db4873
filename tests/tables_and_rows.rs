//! `tables` and `rows`: any table of any input, counted and as CSV.

mod support;

use std::path::{Path, PathBuf};

use support::{Workshop, sample};

fn command(verb: &str, inputs: &[PathBuf], more: &[&str]) -> Vec<PathBuf> {
    let mut arguments = vec![PathBuf::from(verb)];
    arguments.extend_from_slice(inputs);
    arguments.extend(more.iter().map(PathBuf::from));
    arguments
}

#[test]
fn a_script_gives_its_tables_with_types_and_rows() {
    let workshop = Workshop::new();
    let script = workshop.file(
        "shop.sql",
        "CREATE TABLE [dbo].[Orders] ([Id] int NOT NULL, [Note] nvarchar(50) NULL, [Paid] money NULL,\n\
         \x20 [At] datetime NULL, [Key] uniqueidentifier NULL, [Raw] varbinary(8) NULL, [Open] bit NULL)\nGO\n\
         INSERT [dbo].[Orders] VALUES (1, N'a, \"b\"\nc', 12.5000, CAST(N'2012-01-31T10:20:30.457' AS DateTime),\
         N'6F9619FF-8B86-D011-B42D-00C04FC964FF', 0x00AB1F, 1)\n\
         INSERT [dbo].[Orders] VALUES (2, N'\\N', NULL, NULL, NULL, 0x, 0)\n\
         INSERT [dbo].[Orders] VALUES (3, NULL, -0.0100, NULL, NULL, NULL, NULL)\nGO\n",
    );
    let ran = workshop.run(command("tables", std::slice::from_ref(&script), &["--json"]));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let listed: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(listed[0]["schema"], "dbo");
    assert_eq!((listed[0]["name"].as_str(), listed[0]["rows"].as_u64()), (Some("Orders"), Some(3)));
    assert!(listed[0]["engine_rows"].is_null(), "a script keeps no count");
    assert_eq!(listed[0]["columns"][1]["type"], "nvarchar(50)");
    assert_eq!(listed[0]["columns"][0]["nullable"], false);

    let ran = workshop.run(command("rows", &[script], &["orders"]));
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        "Id,Note,Paid,At,Key,Raw,Open\n\
         1,\"a, \"\"b\"\"\nc\",12.5,2012-01-31 10:20:30.457,6f9619ff-8b86-d011-b42d-00c04fc964ff,0x00AB1F,1\n\
         2,\"\\N\",\\N,\\N,\\N,0x,0\n\
         3,\\N,-0.01,\\N,\\N,\\N,\\N\n"
    );
}

#[test]
fn a_row_that_cannot_be_read_is_told_and_the_others_come() {
    let workshop = Workshop::new();
    let script = workshop.file(
        "shop.sql",
        "CREATE TABLE t (a int, b int)\nINSERT t VALUES (1, 2)\nINSERT t VALUES (@x, 3)\nINSERT t VALUES (4, 5)\n",
    );
    let ran = workshop.run(command("rows", &[script], &["t"]));
    assert_eq!((ran.status, ran.out.as_str()), (1, "a,b\n1,2\n4,5\n"));
    assert!(ran.err.contains("shop.sql, t: line 3,"), "{}", ran.err);
}

#[test]
fn a_table_is_found_by_name_and_several_of_one_name_are_told() {
    let workshop = Workshop::new();
    let script = workshop.file(
        "two.sql",
        "CREATE TABLE a.t (x int)\nCREATE TABLE b.t (x int)\nINSERT a.t VALUES (1)\nINSERT b.t VALUES (2)\n",
    );
    let inputs = std::slice::from_ref(&script);
    assert_eq!(workshop.run(command("rows", inputs, &["B.T"])).out, "x\n2\n");
    let ran = workshop.run(command("rows", inputs, &["t"]));
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("a.t in two.sql") && ran.err.contains("b.t in two.sql"), "{}", ran.err);
    let ran = workshop.run(command("rows", inputs, &["u"]));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no table u") && ran.err.contains("a.t, b.t"), "{}", ran.err);
}

#[test]
fn tables_of_two_databases_in_one_script_stay_apart() {
    let workshop = Workshop::new();
    let columns = "channelId int NOT NULL, chatId bigint NOT NULL, chatDate bigint NOT NULL, userId int NOT NULL, \
                   isAlert bit NOT NULL, content nvarchar(max) NOT NULL";
    let of = |database: &str, guid: &str, name: &str| {
        format!(
            "USE [{database}]\nGO\nCREATE TABLE dbo.tblNode (nodeID int NOT NULL, nodeGuid uniqueidentifier NOT NULL, \
             parentID int, nodeType bit NOT NULL, nodeName nvarchar(256) NOT NULL, nodeDesc nvarchar(256) NOT NULL)\nGO\n\
             CREATE TABLE dbo.tblChat ({columns})\nGO\n\
             INSERT dbo.tblNode VALUES (1, N'00000000-0000-0000-0000-00000000000{guid}', 1, 1, N'Root', N'')\n\
             INSERT dbo.tblNode VALUES (7, N'10000000-0000-0000-0000-00000000000{guid}', 1, 0, N'{name}', N'')\n\
             INSERT dbo.tblChat VALUES (7, 1, 633482073409535482, 42, 0, N'said in {name}')\nGO\n"
        )
    };
    let script = of("old", "1", "Rates") + &of("new", "2", "Credit");
    let script = workshop.file("both.sql", script);
    let inputs = std::slice::from_ref(&script);
    let ran = workshop.run(command("tables", inputs, &["--json"]));
    let listed: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let told: Vec<_> = listed.iter().map(|table| (&table["database"], &table["name"])).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().any(|told| *told.0 == "old") && told.iter().any(|told| *told.0 == "new"));
    assert!(workshop.run(command("rows", inputs, &["new.dbo.tblChat"])).out.contains("said in Credit"));
    assert_eq!(workshop.run(command("rows", inputs, &["dbo.tblChat"])).status, 2);

    let (ran, output) = workshop.convert(inputs, "out", &[]);
    assert!(ran.status < 2, "{}", ran.err);
    let messages = support::Package::open(&output).messages();
    let told: Vec<(String, String)> = messages
        .iter()
        .map(|message| (message.room.clone(), String::from_utf16(&message.units).unwrap()))
        .collect();
    let wanted = |guid: &str, name: &str| {
        (format!("10000000-0000-0000-0000-00000000000{guid}"), format!("said in {name}"))
    };
    assert_eq!(told, [wanted("1", "Rates"), wanted("2", "Credit")]);
}

#[test]
fn what_holds_no_tables_is_refused_and_what_is_not_there_too() {
    let workshop = Workshop::new();
    let ran = workshop.run(command("tables", &[sample("published")], &[]));
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("there are no tables in it"), "{}", ran.err);
    assert_eq!(workshop.run(command("tables", &[workshop.path("nowhere")], &[])).status, 3);
    assert_eq!(workshop.run(command("tables", &[sample("mgc-2010")], &["--set", "0"])).status, 2);
}

#[test]
fn loose_exports_are_tables_of_the_same_form() {
    let workshop = Workshop::new();
    let ran = workshop.run(command("tables", &[sample("mgc-2010")], &["--json"]));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let listed: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let chat = listed.iter().find(|table| table["name"] == "tblChat").unwrap();
    assert_eq!(chat["columns"][0]["type"], "int");
    let ran = workshop.run(command("rows", &[sample("mgc-2010")], &["tblNode"]));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let nodes = listed.iter().find(|table| table["name"] == "tblNode").unwrap();
    let rows = csv::Reader::from_reader(ran.out.as_bytes()).into_records().map(Result::unwrap).count();
    assert_eq!(Some(rows as u64), nodes["rows"].as_u64());
}

#[test]
fn the_messages_of_a_package_are_one_flat_table() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010"), sample("mgc-2013"), sample("compliance")];
    let package = workshop.converted(&inputs, 0);
    let ran = workshop.run(command("rows", &[workshop.path("out")], &["Messages"]));
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let field = |row: &csv::StringRecord, name: &str| {
        row[columns.iter().position(|column| column == name).unwrap()].to_owned()
    };
    let mut rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    rows.sort_by_key(|row| (field(row, "RoomGuid"), field(row, "Seq").parse::<u64>().unwrap()));
    let messages = package.messages();
    assert_eq!(rows.len(), messages.len());
    for (row, message) in rows.iter().zip(&messages) {
        assert_eq!((&field(row, "Id"), &field(row, "Time")), (&message.id, &message.time));
        assert_eq!((&field(row, "RoomGuid"), &field(row, "Source")), (&message.room, &message.source));
        if let Ok(text) = String::from_utf16(&message.units) {
            assert_eq!(field(row, "Text"), text, "{}", message.id);
        }
        let address = field(row, "AuthorUri").trim_start_matches("sip:").to_lowercase();
        assert!(address == message.author || address == "\\n", "{address} {}", message.author);
        assert!(!field(row, "Room").is_empty() && field(row, "Category") != "\\N");
    }
}

/// Rows of `tblChat` of 2010 as `bcp -N` writes them: channel, chat id, ticks, user, alert, content.
fn native_chat() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, text) in [(1_i64, "hello"), (2, "a\r\nb, \"c\""), (3, "")] {
        bytes.extend(7_i32.to_le_bytes());
        bytes.extend(id.to_le_bytes());
        bytes.extend((633_482_073_409_535_482 + id).to_le_bytes());
        bytes.extend(42_i32.to_le_bytes());
        bytes.push(u8::from(id == 2));
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.extend((units.len() as u64).to_le_bytes());
        bytes.extend(units);
    }
    bytes
}

const FORMAT: &str = "10.0\n6\n\
    1 SQLINT 0 4 \"\" 1 channelId \"\"\n\
    2 SQLBIGINT 0 8 \"\" 2 chatId \"\"\n\
    3 SQLBIGINT 0 8 \"\" 3 chatDate \"\"\n\
    4 SQLINT 0 4 \"\" 4 userId \"\"\n\
    5 SQLBIT 0 1 \"\" 5 isAlert \"\"\n\
    6 SQLNCHAR 8 0 \"\" 6 content \"\"\n";

#[test]
fn native_bcp_is_read_with_its_format_file_or_by_the_name_of_a_known_table() {
    let workshop = Workshop::new();
    let expected = "7,1,633482073409535483,42,0,hello\n7,2,633482073409535484,42,1,\"a\r\nb, \"\"c\"\"\"\n\
                    7,3,633482073409535485,42,0,\n";
    workshop.file("named/export.dat", native_chat());
    workshop.file("named/export.fmt", FORMAT);
    workshop.file("known/tblChat.bcp", native_chat());
    for (folder, table) in [("named", "export"), ("known", "tblChat")] {
        let ran = workshop.run(command("rows", &[workshop.path(folder)], &[table]));
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{folder}");
        assert_eq!(ran.out.split_once('\n').unwrap().1, expected, "{folder}");
        let (ran, output) = workshop.convert(&[workshop.path(folder)], &format!("{folder}-out"), &[]);
        // People and rooms are known by number alone, which is an error to look at.
        assert_eq!(ran.status, 1, "{folder}: {}", ran.err);
        let messages = support::Package::open(&output).messages();
        let texts: Vec<String> =
            messages.iter().map(|message| String::from_utf16(&message.units).unwrap()).collect();
        assert_eq!(texts, ["hello", "a\r\nb, \"c\"", ""], "{folder}");
        // Each row is found again at a byte of its own.
        let mut bytes: Vec<String> = Vec::new();
        for message in &messages {
            let input = workshop.path(folder);
            let arguments =
                [Path::new("explain"), &output, Path::new(&message.id), Path::new("--inputs"), &input];
            let ran = workshop.run(arguments);
            assert_eq!(ran.status, 0, "{folder}: {}", ran.err);
            assert!(ran.out.contains(&format!("chatId = \"{}\"", message.chat_id.unwrap())), "{}", ran.out);
            bytes.extend(ran.out.lines().find(|line| line.starts_with("  at byte ")).map(str::to_owned));
        }
        bytes.dedup();
        assert_eq!(bytes.len(), 3, "{folder}: {bytes:?}");
    }
}

#[test]
fn native_bcp_that_nothing_explains_is_refused_and_a_cut_one_gives_what_is_whole() {
    let workshop = Workshop::new();
    let unknown = workshop.file("unknown/export.bcp", native_chat());
    let ran = workshop.run(command("rows", &[unknown], &["export"]));
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("format file"), "{}", ran.err);
    workshop.file("cut/export.bcp", &native_chat()[..90]);
    workshop.file("cut/export.fmt", FORMAT);
    let ran = workshop.run(command("rows", &[workshop.path("cut")], &["export"]));
    assert_eq!((ran.status, ran.out.lines().count()), (1, 2), "{} {}", ran.out, ran.err);
    assert!(ran.err.contains("export.bcp") && ran.err.contains("byte"), "{}", ran.err);
}

#[test]
fn tables_with_the_longest_names_are_carried_each_in_a_file_of_its_own() {
    let workshop = Workshop::new();
    let long = "t".repeat(125);
    let script: String = ["a", "b", "é"]
        .iter()
        .map(|end| format!("CREATE TABLE [{long}{end}] (x int)\nINSERT [{long}{end}] VALUES (1)\n"))
        .collect();
    let package = workshop.converted(&[workshop.file("long.sql", script)], 0);
    let carried = support::tree(&package.folder.join("data/source"));
    assert_eq!(carried.len(), 3, "{carried:?}");
    assert!(carried.keys().all(|name| name.len() <= 100), "{carried:?}");
    assert_eq!(workshop.run([PathBuf::from("verify"), workshop.path("out")]).status, 0);
}
