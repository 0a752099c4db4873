//! The lane read back: by the reader of `bcp` files that serves every dump, with the lane's own format
//! files, and held against real files of `bcp` itself.

mod real;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use super::numbering::RoomIds;
use super::structure::{Notes, write_table};
use super::table::{self, TABLES};
use crate::chat::Text;
use crate::container::Blob;
use crate::ledger::Filtered;
use crate::package::tests::scenario::{self, Archive, Said, guid, message};
use crate::package::{Options, Sizes, layout};
use crate::sqlserver::{Bcp, BcpOptions, DataType, Dump, FormatFile, Value};

/// The files of a package with the lane, written with documents cut at `part`.
fn staged(archive: &Archive, part: usize) -> Lane {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { staging: true, sizes: Sizes { part, ..Sizes::default() }, ..Options::default() };
    archive.write(&folder.path().join("out"), &options).unwrap();
    Lane { folder }
}

struct Lane {
    folder: tempfile::TempDir,
}

/// A row as text, a value a column; NULL is `NULL`.
type Cells = Vec<String>;

impl Lane {
    fn root(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn names(&self) -> Vec<String> {
        let names = scenario::names_below(&self.root());
        names.into_iter().filter(|name| name.starts_with(layout::STAGING)).collect()
    }

    fn bytes(&self, stem: &str, extension: &str) -> Vec<u8> {
        let path = self.root().join(format!("{}/{stem}.{extension}", layout::STAGING));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The rows of one file.
    fn rows(&self, stem: &str) -> Vec<Cells> {
        read(self.bytes(stem, "bcp"), &self.bytes(stem, "fmt"))
    }

    /// The rows of all files of messages.
    fn messages(&self) -> Vec<Cells> {
        let parts = (1..).map(|number| format!("Messages.{number:04}"));
        let there = |stem: &String| self.names().contains(&super::path(stem));
        parts.take_while(there).flat_map(|stem| self.rows(&stem)).collect()
    }

    fn script(&self) -> String {
        String::from_utf8(self.bytes("load", "sql")).unwrap()
    }
}

#[derive(Debug)]
struct Memory(Vec<u8>);

impl Blob for Memory {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::io::Cursor::new(self.0.clone())))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

fn open(bytes: Vec<u8>, format: &[u8]) -> Bcp {
    let format = FormatFile::parse("x.fmt", format).unwrap();
    let options = BcpOptions { format: Some(format), ..BcpOptions::default() };
    Bcp::open("x.bcp", Arc::new(Memory(bytes)), options).unwrap()
}

fn read(bytes: Vec<u8>, format: &[u8]) -> Vec<Cells> {
    let bcp = open(bytes, format);
    let mut rows = bcp.rows(0).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        found.push(row.unwrap().values.iter().map(cell).collect());
    }
    found
}

/// Texts as they are quoted in Rust; lone surrogates as numbers.
fn cell(value: &Value<'_>) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bit(bit) => u8::from(*bit).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Guid(guid) => guid.to_string(),
        Value::Text { bytes, .. } => quoted(bytes),
        other => panic!("{other:?}"),
    }
}

fn quoted(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("{:04X?}", crate::chat::units(text).collect::<Vec<u16>>()),
    }
}

#[test]
fn people_are_staged_with_their_types_and_those_without_address_with_a_placeholder() {
    let lane = staged(&Archive::new(), 1 << 20);
    let people = lane.rows("People");
    assert_eq!(people.len(), 4);
    assert_eq!(
        people[0],
        [
            "1",
            &guid(0xA1).to_string(),
            "\"sip:ann@litware.example\"",
            "\"Ann \\\"A\\\" <Ann> & Co\"",
            "NULL",
            "NULL",
            "NULL",
            "\"ann@corp.example\"",
            "0",
            "5"
        ]
    );
    assert_eq!(people[1][8], "2");
    assert_eq!(
        (people[2][6].as_str(), people[2][9].as_str()),
        ("\"CN=Traders,OU=O'Hare,DC=litware,DC=example\"", "9")
    );
    assert_eq!(people[3][2..4], [format!("\"sip:{}@unknown.invalid\"", guid(4)), "NULL".to_owned()]);
}

#[test]
fn categories_rooms_and_what_belongs_to_them_refer_to_each_other_by_number() {
    let mut archive = Archive::new();
    archive.plan.categories[0].denied = vec![1];
    archive.plan.categories[0].creators = vec![0];
    let lane = staged(&archive, 1 << 20);
    let (category, add_in) = (guid(0xCA).to_string(), guid(0xADD).to_string());
    assert_eq!(lane.rows("AddIns"), [[add_in.as_str(), "\"Ticker\"", "\"https://t.example/?a=1&b=2\""]]);
    let categories = lane.rows("Categories");
    assert_eq!(
        categories[0],
        ["1", &category, "\"Trading_Rates\"", "\"line\\r\\nbreak\\tand tab\"", "1", "1", "0"]
    );
    assert_eq!(categories[1][2..], ["\"Open\"", "\"\"", "0", "0", "1"].map(str::to_owned));
    // Shutting out wins over letting in.
    assert_eq!(lane.rows("Scopes"), [["1", "1", "0"], ["1", "2", "1"], ["1", "3", "0"]]);
    let rooms = lane.rows("Rooms");
    let expected = [
        [
            "3",
            &guid(0xA0).to_string(),
            "1",
            "[0041, 0000, D800]",
            "\"d\"",
            "\"open\"",
            "\"normal\"",
            "0",
            "1",
            "NULL",
        ],
        [
            "4",
            &guid(0xB0).to_string(),
            "1",
            "\"Ann's ’room’ $(Remove-Item)\"",
            "\"d\"",
            "\"private\"",
            "\"auditorium\"",
            "0",
            "0",
            &add_in,
        ],
    ];
    for (room, expected) in rooms.iter().zip(expected) {
        assert_eq!(room[..10], expected.map(str::to_owned));
    }
    // The last chat id is the source's where that is greater.
    assert_eq!(rooms[0][10..], ["4712", "2", "4711", "4712"].map(str::to_owned));
    assert_eq!(rooms[1][10..], ["4800", "1", "1", "1"].map(str::to_owned));
    let roles = lane.rows("Roles");
    assert_eq!(roles[0], ["1", "1", "\"Creator\"", "1"]);
    // Members of open rooms, presenters of normal ones and people outside the scope are not loaded.
    assert_eq!(roles[1], ["3", "1", "\"Member\"", "0"]);
    assert_eq!(roles[2], ["3", "1", "\"Voiced\"", "0"]);
    assert_eq!(roles[6], ["4", "4", "\"Member\"", "0"]);
    assert_eq!(roles[7..], [["4", "1", "\"Manager\"", "1"], ["4", "3", "\"Voiced\"", "1"]]);
}

#[test]
fn messages_are_staged_to_the_last_code_unit_with_ids_that_rise() {
    let lane = staged(&Archive::new(), 1 << 20);
    let (first, second) = (guid(0xA0).to_string(), guid(0xB0).to_string());
    let at = scenario::moment("2008-03-12T19:56:40.522264Z").ticks.get().to_string();
    let messages = lane.messages();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[0], [&first, "1", "4711", "4711", &at, "1", "0", "\" a < b & c\\r\\nd \"", "NULL"]);
    assert_eq!(
        messages[1],
        [
            &first,
            "2",
            "4712",
            "NULL",
            "0",
            "1",
            "0",
            "[006C, 006F, 006E, 0065, 0020, D800]",
            "\"{\\\\rtf1\\0}\""
        ]
    );
    assert_eq!(messages[2], [&second, "1", "1", "-1", &at, "4", "1", "\"Привет, 世界 😀\"", "NULL"]);
}

/// Two rooms of many messages with ids that go up and down, some without.
fn talkative() -> Archive {
    const IDS: [i64; 14] = [5, 6, 8, 7, 0, 9, 9, 12, 11, 400, 13, 14, -3, 401];
    let mut archive = Archive::new();
    // Records 4 and 5 are spoken for.
    let mut records = (1..=3).chain(6..);
    for history in &mut archive.histories {
        let said = |id: &i64| {
            let record = records.next().unwrap();
            let chat_id = Some(*id).filter(|id| *id != 0);
            Said {
                chat_id,
                source: scenario::source(1, record),
                ..message(100 + record as u8, b"one of many")
            }
        };
        history.messages = IDS.iter().map(said).collect();
    }
    archive.read[0] = 2 * IDS.len() as u64 + 2;
    let said = archive.histories.iter().flat_map(|history| &history.messages).map(|said| said.source);
    archive.written = said.chain([scenario::source(2, 1), scenario::source(2, 2)]).collect();
    archive
}

#[test]
fn files_do_not_depend_on_where_pieces_end() {
    let mut archive = talkative();
    for part in [1, 300, 1 << 20] {
        let whole = entries(&archive, part);
        for records in [1, 2, 3, 5, 27] {
            archive.records = records;
            assert_eq!(entries(&archive, part), whole, "{part}, {records}");
        }
        archive.records = usize::MAX;
    }
}

#[test]
fn ids_rise_in_every_room_however_the_source_numbered() {
    let lane = staged(&talkative(), 300);
    let messages = lane.messages();
    let ids: Vec<&str> = messages.iter().map(|row| row[2].as_str()).collect();
    let room = ["5", "6", "7", "8", "9", "10", "11", "12", "13", "400", "401", "402", "403", "404"];
    assert_eq!(ids, [room, room].concat());
    let own: Vec<&str> = messages.iter().map(|row| row[3].as_str()).take(5).collect();
    assert_eq!(own, ["5", "6", "8", "7", "NULL"]);
    assert!(lane.names().len() > 20, "the messages lie in several files");
}

/// Names, in the order of writing, and digests of all files; the ledger is left aside.
fn entries(archive: &Archive, part: usize) -> Vec<crate::package::Entry> {
    let options = Options { staging: true, sizes: Sizes { part, ..Sizes::default() }, ..Options::default() };
    archive.make(None, &options, &|_| Ok(())).unwrap().entries
}

#[test]
fn what_is_too_long_is_cut_between_characters_and_told() {
    let mut archive = Archive::new();
    archive.plan.rooms[1].description = Text::from(format!("{}😀", "d".repeat(255)));
    archive.plan.categories[1].description = Text::from("😀".repeat(128));
    archive.plan.add_ins[0].name = Text::from("é".repeat(51));
    let lane = staged(&archive, 1 << 20);
    assert_eq!(lane.rows("Rooms")[1][4], format!("\"{}\"", "d".repeat(255)));
    assert_eq!(lane.rows("Categories")[1][3], format!("\"{}\"", "😀".repeat(128)));
    assert_eq!(lane.rows("AddIns")[0][1], format!("\"{}\"", "é".repeat(50)));
    let findings = super::tell(&archive.plan, &[]);
    let told: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.code, finding.subject)).collect();
    assert_eq!(
        told,
        [
            "STAGING-ADDRESS people",
            "STAGING-CUT Ann's ’room’ $(Remove-Item)",
            &format!("STAGING-CUT {}", "é".repeat(51)),
        ]
    );
}

#[test]
fn changed_and_given_ids_are_told_by_room() {
    let ids = |room, changed, given| RoomIds { messages: 9, changed, given, ..RoomIds::new(guid(room)) };
    let archive = Archive::new();
    let findings = super::tell(&archive.plan, &[ids(0xA0, 0, 0), ids(0xB0, 2, 1)]);
    let told: Vec<_> = findings.iter().filter(|finding| finding.code == "STAGING-CHAT-ID").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, crate::ledger::Level::Warning);
    assert_eq!(told[0].subject.to_string(), "Ann's ’room’ $(Remove-Item)");
    assert!(told[0].detail.to_string().contains("from Seq 0 on, and 1 had no chat id"), "{}", told[0].detail);
    let given = super::tell(&archive.plan, &[ids(0xB0, 0, 1)]);
    assert!(given.iter().any(|finding| finding.level == crate::ledger::Level::Info));
}

#[test]
fn the_script_names_every_file_with_rows_and_the_counts_and_holds_nothing_of_the_data() {
    let script = staged(&Archive::new(), 1).script();
    for file in
        ["People", "AddIns", "Categories", "Scopes", "Rooms", "Roles", "Messages.0001", "Messages.0003"]
    {
        assert_eq!(script.matches(&format!("$(StagingPath)\\{file}.bcp'")).count(), 1, "{file}");
        assert_eq!(script.matches(&format!("$(StagingPath)\\{file}.fmt'")).count(), 1, "{file}");
    }
    for row in ["(N'People', 4)", "(N'Rooms', 2)", "(N'Messages', 3)"] {
        assert!(script.contains(row), "{row}");
    }
    assert!(!script.contains("-- @") && !script.contains("Remove-Item") && script.is_ascii());
    assert_eq!(script.matches('\n').count(), script.matches("\r\n").count());
}

#[test]
fn a_package_without_messages_has_a_lane_without_their_files() {
    let mut archive = Archive::new();
    archive.histories.iter_mut().for_each(|history| history.messages.clear());
    archive.written.retain(|source| source.stream == 2);
    let left_out = |record| Filtered { source: scenario::source(1, record), reason: "until" };
    archive.filtered.splice(..0, (1..=3).map(left_out));
    let lane = staged(&archive, 1 << 20);
    assert!(lane.names().iter().all(|name| !name.contains("Messages")));
    let script = lane.script();
    assert!(script.contains("(N'Messages', 0)") && !script.contains("BULK INSERT gc2pc_staging.[Messages]"));
    assert_eq!(lane.rows("Rooms")[1][10..], ["4800", "0", "NULL", "NULL"].map(str::to_owned));
}

#[test]
fn every_table_is_read_back_by_its_format_file() {
    for table in TABLES {
        let format = FormatFile::parse("x.fmt", table.format_file().as_bytes()).unwrap();
        assert!(format.is_native());
        let columns: Vec<(&str, DataType)> =
            format.columns().iter().map(|column| (column.name.as_str(), column.data_type)).collect();
        let expected: Vec<(&str, DataType)> =
            table.columns.iter().map(|column| (column.name, column.data_type)).collect();
        assert_eq!(columns, expected);
    }
}

#[test]
fn an_empty_plan_gives_empty_tables() {
    for table in TABLES.into_iter().filter(|table| table.name != table::MESSAGES.name) {
        let mut out = Vec::new();
        let rows = write_table(table, &Default::default(), &[], &mut out, &mut Notes::default()).unwrap();
        assert_eq!((rows, out.len()), (0, 0), "{}", table.name);
    }
}
