//! `gc2pc explain` says of every message and of every record what the ledger says, and shows the very
//! record that the inputs hold. Ledger and inputs are read here by other means.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use gc2pc::explain::{Explanation, Fate, Options, Reference, explain};
use gc2pc::progress::Silent;
use serde_json::Value;
use support::{Message, Package, Ran, Workshop, sample, tree};

fn told(workshop: &Workshop, package: &Path, reference: &str, inputs: &[PathBuf]) -> (Ran, Value) {
    let mut arguments: Vec<PathBuf> =
        vec!["explain".into(), "--json".into(), package.into(), reference.into()];
    if !inputs.is_empty() {
        arguments.push("--inputs".into());
        arguments.extend_from_slice(inputs);
    }
    let ran = workshop.run(arguments);
    let told = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
    (ran, told)
}

fn in_process(package: &Path, reference: &str) -> Explanation {
    let options = Options { temp: std::env::temp_dir(), inputs: Vec::new() };
    explain(package, Reference::parse(reference).unwrap(), &options, &Silent).unwrap()
}

fn sound() -> Vec<PathBuf> {
    ["mgc-2010", "mgc-2013", "compliance"].map(sample).to_vec()
}

fn convert(workshop: &Workshop, inputs: &[PathBuf], name: &str, more: &[&str]) -> PathBuf {
    let (ran, output) = workshop.convert(inputs, name, more);
    assert!(ran.status < 2, "{}", ran.err);
    output
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value:#}"))
}

fn number(value: &Value, path: &str) -> u64 {
    value.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("no {path} in {value:#}"))
}

fn bytes(value: &Value, path: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text(value, path)).unwrap()
}

/// A row's record, `input:record`.
fn record(row: &BTreeMap<String, String>) -> String {
    format!("{}:{}", row["input"], row["record"])
}

#[test]
fn every_message_is_explained_as_the_ledger_has_it() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &sound(), "package", &[]);
    let zip = convert(&workshop, &sound(), "package.zip", &[]);
    let package = Package::open(&folder);
    let (sources, duplicates) = (package.ledger("sources.csv"), package.ledger("duplicates.csv"));
    let conflicts = package.ledger("conflicts.csv");
    let messages = package.messages();
    assert!(messages.len() > 100 && !conflicts.is_empty());
    for (at, message) in messages.iter().enumerate() {
        let explanation = in_process(if at % 2 == 0 { &zip } else { &folder }, &message.id);
        assert_eq!(explanation.fate, Fate::Kept);
        let kept = explanation.kept.unwrap();
        let (input, _) = message.source.split_once(':').unwrap();
        let row = &sources[input.parse::<usize>().unwrap() - 1];
        let stream = kept.place.stream.unwrap().stream;
        assert_eq!(format!("{}:{}", kept.place.source.stream, kept.place.source.record), message.source);
        assert_eq!(
            [stream.name, stream.size.to_string(), stream.digest.to_string(), stream.format],
            ["input", "size", "sha256", "format"].map(|column| row[column].clone())
        );
        let found = kept.entry.found;
        assert_eq!(found.text.units().collect::<Vec<_>>(), message.units);
        assert_eq!((found.chat_id, found.alert), (message.chat_id, message.alert));
        assert_eq!(
            (found.moment.ticks.to_string(), found.has_rtf),
            (message.time.clone(), message.rtf.is_some())
        );
        assert_eq!(found.room.to_string(), message.room);
        let held: Vec<(String, String)> = kept
            .holders
            .iter()
            .map(|(one, _)| (format!("{}:{}", one.source.stream, one.source.record), one.rule.clone()))
            .collect();
        let mine = duplicates.iter().filter(|row| row["kept"] == message.id);
        assert_eq!(held, mine.map(|row| (record(row), row["rule"].clone())).collect::<Vec<_>>());
        let mut against: Vec<&str> = conflicts
            .iter()
            .filter_map(|row| match (&row["id"], &row["conflicts_with"]) {
                (id, other) if *id == message.id => Some(other.as_str()),
                (other, id) if *id == message.id => Some(other.as_str()),
                _ => None,
            })
            .collect();
        against.sort_unstable();
        let mut sides: Vec<String> = kept.conflicts.iter().map(|conflict| conflict.id.to_string()).collect();
        sides.sort_unstable();
        assert_eq!(sides, against);
        assert!(kept.conflicts.iter().all(|conflict| conflict.side.is_some()));
    }
}

#[test]
fn every_record_of_every_input_has_one_fate_that_the_ledger_tells() {
    let workshop = Workshop::new();
    let mut inputs = sound();
    inputs.extend([sample("mgccomp"), sample("damaged/bad-number")]);
    let folder = convert(&workshop, &inputs, "package", &["--since", "2012-11-06T00:00:00Z"]);
    let package = Package::open(&folder);
    let mut fates: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, row) in package.ledger("sources.csv").iter().enumerate() {
        for number in 1..=row["read"].parse::<u64>().unwrap() {
            let explanation = in_process(&folder, &format!("{}:{number}", at + 1));
            let fate = match explanation.fate {
                Fate::Kept => "written",
                Fate::Dropped(_) => "duplicate",
                Fate::Filtered { .. } => "filtered",
                Fate::Rejected(_) => "rejected",
            };
            assert_eq!(explanation.kept.is_some(), matches!(fate, "written" | "duplicate"));
            *fates.entry(fate).or_default() += 1;
        }
    }
    for (fate, count) in &fates {
        assert_eq!(*count, package.total(fate), "{fate}");
    }
    assert_eq!(fates.len(), 4, "{fates:?}");
    assert_eq!(fates.values().sum::<u64>(), package.total("read"));
}

/// Returns a few messages of each input whose name has this ending.
fn some_of<'m>(package: &Package, messages: &'m [Message], ending: &str) -> Vec<&'m Message> {
    let sources = package.ledger("sources.csv");
    let mut chosen: BTreeMap<&str, Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let input = message.source.split(':').next().unwrap();
        let name = &sources[input.parse::<usize>().unwrap() - 1]["input"];
        if name.ends_with(ending) {
            chosen.entry(input).or_default().push(message);
        }
    }
    let spread = |of: Vec<&'m Message>| {
        let step = of.len().div_ceil(12).max(1);
        of.into_iter().step_by(step).collect::<Vec<_>>()
    };
    let all: Vec<&Message> = chosen.into_values().flat_map(spread).collect();
    assert!(!all.is_empty(), "{ending}");
    all
}

#[test]
fn the_row_of_a_csv_is_the_one_that_a_csv_reader_finds_at_this_number() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &sound(), "package", &[]);
    let package = Package::open(&folder);
    let path = sample("mgc-2010/tblChat.csv");
    let file = fs::read(&path).unwrap();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let rows: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    let messages = package.messages();
    let all = some_of(&package, &messages, "mgc-2010/tblChat.csv");
    for message in all {
        let (ran, told) = told(&workshop, &folder, &message.id, &[sample("mgc-2010")]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let number = message.source.split(':').nth(1).unwrap().parse::<usize>().unwrap();
        let row = &rows[number - 1];
        // That reader tells of a row as beginning within the line end before it.
        let begin = |row: &csv::ByteRecord| {
            let byte = row.position().unwrap().byte() as usize;
            byte + file[byte..].iter().take_while(|byte| b"\r\n".contains(byte)).count()
        };
        let raw = bytes(&told, "/in_inputs/0/bytes_base64");
        let byte = begin(row);
        assert_eq!(self::number(&told, "/in_inputs/0/byte"), byte as u64);
        assert_eq!(raw, file[byte..byte + raw.len()]);
        let next = rows.get(number).map_or(file.len(), begin);
        assert_eq!(byte + raw.len(), next, "to where the next row begins");
        // CR alone ends a line as well.
        let lone = file[..byte].windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
        let line = (file[..byte].iter().filter(|&&byte| byte == b'\n').count() + lone) as u64 + 1;
        assert_eq!(self::number(&told, "/in_inputs/0/line"), line);
        let values = told.pointer("/in_inputs/0/values").unwrap().as_array().unwrap();
        let values: Vec<&str> = values.iter().map(|value| text(value, "/value")).collect();
        for (value, field) in values.iter().zip(row) {
            // The table holds lone surrogates, which no JSON can.
            assert!(std::str::from_utf8(field).map_or(value.contains('\u{FFFD}'), |field| *value == field));
        }
        assert_eq!(text(&told, "/kept/text"), message.text());
        assert!(values.contains(&message.text().as_str()), "{message:?}: {values:?}");
    }
}

#[test]
fn the_record_of_an_xml_document_is_the_element_with_its_text() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &[sample("compliance")], "package", &[]);
    let package = Package::open(&folder);
    let sources = package.ledger("sources.csv");
    let messages = package.messages();
    for message in some_of(&package, &messages, ".xml") {
        let (ran, told) = told(&workshop, &folder, &message.source, &[sample("compliance")]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let input = message.source.split(':').next().unwrap().parse::<usize>().unwrap();
        let name = sources[input - 1]["input"].strip_prefix("compliance/").unwrap().to_owned();
        let file = fs::read(sample("compliance").join(name)).unwrap();
        let (raw, byte) =
            (bytes(&told, "/in_inputs/0/bytes_base64"), number(&told, "/in_inputs/0/byte") as usize);
        if !file.starts_with(&[0xFF, 0xFE]) {
            assert_eq!(raw, file[byte..byte + raw.len()], "{message:?}");
        }
        let shown = text(&told, "/in_inputs/0/text");
        assert!(shown.starts_with('<') && shown.ends_with('>'), "{shown}");
        let unescaped = quick_xml::escape::unescape(shown).unwrap();
        // An attribute's line breaks come to the package as blanks.
        let plain = |text: &str| text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        assert!(plain(&unescaped).contains(&plain(&message.text())), "{message:?}: {shown}");
    }
    // Each record has a place of its own, and they follow each other.
    let (at, row) = sources.iter().enumerate().find(|(_, row)| row["read"] != "0").unwrap();
    let mut last = None;
    for number in 1..=row["read"].parse::<u64>().unwrap() {
        let (_, told) = told(&workshop, &folder, &format!("{}:{number}", at + 1), &[sample("compliance")]);
        let byte = self::number(&told, "/in_inputs/0/byte");
        assert!(last.is_none_or(|last| last < byte), "{number}");
        last = Some(byte);
    }
}

#[test]
fn the_row_of_a_backup_has_its_page_and_slot_and_its_values() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &[sample("mgc-2010.bak")], "package", &[]);
    let package = Package::open(&folder);
    // The same rows as CSV, in the order in which they are read.
    let rows = workshop.run([Path::new("rows"), &sample("mgc-2010.bak"), Path::new("dbo.tblChat")]);
    let mut rows = csv::Reader::from_reader(rows.out.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let messages = package.messages();
    let mut places = Vec::new();
    for message in some_of(&package, &messages, "dbo.tblChat") {
        let (ran, told) = told(&workshop, &folder, &message.id, &[sample("mgc-2010.bak")]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let place: Vec<u64> =
            text(&told, "/in_inputs/0/place").split(':').map(|part| part.parse().unwrap()).collect();
        assert!(place.len() == 3 && place[0] == 1 && place[1] > 0, "{place:?}");
        places.push(place);
        let number = message.source.split(':').nth(1).unwrap().parse::<usize>().unwrap();
        let values = told.pointer("/in_inputs/0/values").unwrap().as_array().unwrap();
        let values: Vec<&str> = values.iter().map(|value| value["value"].as_str().unwrap_or("\\N")).collect();
        assert_eq!(values, rows[number - 1].iter().collect::<Vec<_>>());
        assert!(values.contains(&message.text().as_str()), "{message:?}");
    }
    places.sort();
    let count = places.len();
    places.dedup();
    assert_eq!(places.len(), count, "each row has a place of its own");
}

#[test]
fn a_rejected_record_is_told_as_the_ledger_has_it_and_shown_as_it_stands() {
    for name in ["bad-number", "broken-xml", "invalid-utf8", "too-few-fields", "truncated"] {
        let workshop = Workshop::new();
        let input = sample("damaged").join(name);
        let folder = convert(&workshop, std::slice::from_ref(&input), "package", &[]);
        let package = Package::open(&folder);
        let rows = package.ledger("rejected.csv");
        assert!(!rows.is_empty(), "{name}");
        for row in rows {
            let (ran, told) = told(&workshop, &folder, &record(&row), std::slice::from_ref(&input));
            assert_eq!((ran.status, text(&told, "/fate")), (0, "rejected"), "{name}: {}", ran.err);
            for column in ["cause", "text", "detail"] {
                assert_eq!(text(&told["rejected"], &format!("/{column}")), row[column], "{name}");
            }
            assert_eq!(number(&told, "/rejected/line").to_string(), row["line"]);
            assert_eq!(number(&told, "/rejected/byte").to_string(), row["byte"]);
            assert_eq!(number(&told, "/in_inputs/0/byte").to_string(), row["byte"], "{name}");
            let file = fs::read_dir(&input).unwrap().next().unwrap().unwrap().path();
            let (raw, byte) =
                (bytes(&told, "/in_inputs/0/bytes_base64"), row["byte"].parse::<usize>().unwrap());
            assert!(!raw.is_empty());
            assert_eq!(raw, fs::read(file).unwrap()[byte..byte + raw.len()], "{name}");
            let lines = workshop.run([Path::new("explain"), &folder, Path::new(&record(&row))]);
            assert!(lines.out.contains(&row["cause"]) && lines.out.contains("byte"), "{}", lines.out);
        }
    }
}

#[test]
fn a_dropped_record_is_shown_beside_the_one_that_was_kept() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &sound(), "package", &[]);
    let package = Package::open(&folder);
    let duplicates = package.ledger("duplicates.csv");
    let mut rules: BTreeMap<&str, &BTreeMap<String, String>> = BTreeMap::new();
    for row in &duplicates {
        rules.entry(&row["rule"]).or_insert(row);
    }
    assert!(rules.len() >= 3, "{rules:?}");
    for (rule, row) in rules {
        let (ran, told) = told(&workshop, &folder, &record(row), &sound());
        assert_eq!((ran.status, text(&told, "/fate")), (0, "duplicate"), "{}", ran.err);
        assert_eq!(text(&told, "/duplicate/rule"), rule);
        assert!(!text(&told, "/duplicate/why").is_empty());
        match told.pointer("/kept/id").unwrap().as_str() {
            Some(id) => assert_eq!(id, row["kept"]),
            None => assert_eq!(rule, "same-event"),
        }
        for (at, record) in
            [(0, [&row["input"], &row["record"]]), (1, [&row["kept_input"], &row["kept_record"]])]
        {
            let shown = told.pointer(&format!("/in_inputs/{at}/record")).unwrap();
            assert_eq!([shown["input"].to_string(), shown["record"].to_string()], record.map(String::clone));
            assert!(!bytes(&told, &format!("/in_inputs/{at}/bytes_base64")).is_empty());
        }
        let lines = workshop.run([Path::new("explain"), &folder, Path::new(&record(row))]);
        assert!(lines.out.contains("dropped") && lines.out.contains(rule), "{}", lines.out);
    }
}

#[test]
fn a_record_that_was_left_out_says_by_which_option_and_where_its_value_lay() {
    let workshop = Workshop::new();
    let options = ["--until", "2012-11-06T00:00:00Z"];
    let folder = convert(&workshop, &[sample("mgc-2013")], "package", &options);
    let row = &Package::open(&folder).ledger("filtered.csv")[0];
    let reference = format!("{}:{}", row["input"], row["last"]);
    let (ran, told) = told(&workshop, &folder, &reference, &[sample("mgc-2013")]);
    assert_eq!((ran.status, text(&told, "/fate")), (0, "filtered"), "{}", ran.err);
    assert_eq!(text(&told, "/filtered/reason"), "until");
    assert!(text(&told, "/filtered/meaning").contains("2012-11-06T00:00:00Z"));
    assert_eq!(number(&told, "/filtered/first").to_string(), row["first"]);
    assert!(told.get("kept").is_none());
    assert!(!bytes(&told, "/in_inputs/0/bytes_base64").is_empty());
}

#[test]
fn inputs_are_known_by_their_bytes_wherever_they_lie_and_whatever_they_are_called() {
    let workshop = Workshop::new();
    let original = sample("mgc-2010");
    let folder = convert(&workshop, &[original.clone(), sample("compliance")], "package", &[]);
    let messages = Package::open(&folder).messages();
    let of_table = some_of(&Package::open(&folder), &messages, "tblChat.csv")[0];
    // In an archive, under other names, among other things.
    let mut zip = zip::ZipWriter::new(fs::File::create(workshop.path("attic.zip")).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for name in tree(&original).keys() {
        zip.start_file(format!("old/1998 {name}"), options).unwrap();
        std::io::copy(&mut fs::File::open(original.join(name)).unwrap(), &mut zip).unwrap();
    }
    zip.finish().unwrap();
    workshop.file("attic/readme.txt", "old things");
    fs::rename(workshop.path("attic.zip"), workshop.path("attic/attic.zip")).unwrap();
    let (ran, told) = told(&workshop, &folder, &of_table.id, &[workshop.path("attic")]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(text(&told, "/in_inputs/0/input").contains("attic.zip#old/1998 tblChat.csv"));
    assert!(text(&told, "/in_inputs/0/text").contains(&of_table.text()));

    // A copy in which one byte differs is not it.
    let mut bytes = fs::read(original.join("tblChat.csv")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let changed = workshop.file("changed/tblChat.csv", bytes);
    let ran = workshop.run([
        Path::new("explain"),
        &folder,
        Path::new(&of_table.id),
        Path::new("--inputs"),
        &changed,
    ]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let digest = support::digest(&original.join("tblChat.csv"));
    assert!(ran.out.contains("not at hand") && ran.out.contains(&digest), "{}", ran.out);
}

#[test]
fn rows_of_scripts_and_records_of_earlier_packages_are_found_as_well() {
    let workshop = Workshop::new();
    let script = workshop.file(
        "chat.sql",
        "CREATE TABLE [dbo].[tblChat]([channelId] [int] NOT NULL, [chatId] [bigint] NOT NULL, [chatDate] [bigint] NOT \
         NULL, [userId] [int] NOT NULL, [content] [nvarchar](max) NOT NULL)\nGO\n\
         INSERT [dbo].[tblChat] VALUES (5, 1, 634661892003403153, 11, N'first')\n\
         INSERT [dbo].[tblChat] VALUES (5, 2, 634661892003403154, 11, N'it''s second')\n\
         INSERT [dbo].[tblChat] VALUES (5, 3, 634661892003403155, 11, N'third')\n",
    );
    let first = convert(&workshop, std::slice::from_ref(&script), "first", &[]);
    let messages = Package::open(&first).messages();
    for message in &messages {
        let (ran, told) = told(&workshop, &first, &message.id, std::slice::from_ref(&script));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let shown = text(&told, "/in_inputs/0/text");
        assert!(shown.contains(&message.text().replace('\'', "''")), "{shown}");
        let others = messages.iter().filter(|other| other.id != message.id);
        others.for_each(|other| assert!(!shown.contains(&other.text().replace('\'', "''")), "{shown}"));
        assert_eq!(number(&told, "/in_inputs/0/line"), message.chat_id.unwrap() as u64 + 2);
    }
    let second = convert(&workshop, &[first.clone(), sample("mgccomp")], "second", &[]);
    for message in
        Package::open(&second).messages().iter().filter(|one| messages.iter().any(|m| m.id == one.id))
    {
        let (ran, told) = told(&workshop, &second, &message.id, std::slice::from_ref(&first));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let shown = text(&told, "/in_inputs/0/text");
        assert!(shown.starts_with("<Message") && shown.ends_with("</Message>"), "{shown}");
        assert!(shown.contains(&format!("Id=\"{}\"", message.id)), "{shown}");
    }
    // A row of participants is two records: both lead to it.
    let sources = Package::open(&second).ledger("sources.csv");
    let at = sources.iter().position(|row| row["input"].ends_with("tblComplianceParticipant.csv")).unwrap();
    let lines: Vec<u64> = (1..=sources[at]["read"].parse().unwrap())
        .map(|record| {
            let (_, told) = told(&workshop, &second, &format!("{}:{record}", at + 1), &[sample("mgccomp")]);
            number(&told, "/in_inputs/0/line")
        })
        .collect();
    assert!(lines.is_sorted() && lines.windows(2).any(|pair| pair[0] == pair[1]), "{lines:?}");
}

#[test]
fn hostile_text_does_no_harm_to_a_terminal() {
    let workshop = Workshop::new();
    let hostile = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{202E}gnp.exe\u{2028}\u{9B}31m \u{0}";
    let chat = format!(
        "channelId,chatId,chatDate,userId,content\n5,1,634661892003403153,11,\"{hostile}\"\n5,two,3,4,\"{hostile}\"\n"
    );
    let input = workshop.file("in/tblChat.csv", chat);
    let folder = convert(&workshop, &[workshop.path("in")], "package", &[]);
    let messages = Package::open(&folder).messages();
    assert_eq!(messages.len(), 1);
    for reference in [messages[0].id.clone(), messages[0].source.clone(), "1:2".to_owned()] {
        let arguments = [Path::new("explain"), &folder, Path::new(&reference), Path::new("--inputs"), &input]
            .map(Path::to_owned);
        let ran = workshop.run(&arguments);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let harmful = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202E}' | '\u{2028}');
        assert!(!ran.out.contains(harmful), "{:?}", ran.out);
        assert!(ran.out.contains("owned"), "{}", ran.out);
        let (_, told) = told(&workshop, &folder, &reference, std::slice::from_ref(&input));
        assert!(text(&told, "/in_inputs/0/text").contains("\u{1B}[2J"), "programs get it verbatim");
    }
}

#[test]
fn what_the_package_does_not_have_is_said_in_a_sentence() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &[sample("mgc-2010")], "package", &[]);
    for (reference, said) in [
        ("00000000000000000000000000000000", "no message"),
        ("4000000000:1", "no input"),
        ("1:999999999999", "no record"),
        ("hello", "neither"),
    ] {
        let ran = workshop.run([Path::new("explain"), &folder, Path::new(reference)]);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{reference}: {}", ran.err);
        assert!(ran.err.contains(said) && ran.err.contains("hint:"), "{}", ran.err);
    }
    for (package, status) in
        [(sample("mgc-2010"), 2), (sample("mgc-2010.bak"), 2), (workshop.path("none"), 3)]
    {
        let ran = workshop.run([Path::new("explain"), &package, Path::new("1:1")]);
        assert_eq!(ran.status, status, "{}", ran.err);
    }
}

#[test]
fn a_damaged_package_is_an_error_that_names_the_file_and_never_a_panic() {
    let workshop = Workshop::new();
    let folder = convert(&workshop, &sound(), "package", &[]);
    let package = Package::open(&folder);
    let row = &package.ledger("duplicates.csv")[0];
    for name in ["sources", "duplicates", "filtered", "rejected", "conflicts"] {
        let path = folder.join(format!("data/ledger/{name}.csv"));
        let whole = fs::read(&path).unwrap();
        for damage in [&b"nonsense"[..], b"", &whole[..whole.len() / 2], b"input,record\n\xFF,\"1"] {
            fs::write(&path, damage).unwrap();
            for reference in [record(row), row["kept"].clone(), package.messages()[0].source.clone()] {
                let ran = workshop.run([Path::new("explain"), &folder, Path::new(&reference)]);
                assert!([0, 2, 3].contains(&ran.status), "{name}: {}", ran.err);
                assert!(ran.status != 3 || ran.err.contains("gc2pc verify"), "{name}: {}", ran.err);
            }
        }
        fs::remove_file(&path).unwrap();
        let ran = workshop.run([Path::new("explain"), &folder, Path::new(&record(row))]);
        assert!(ran.status == 3 || name == "filtered" || name == "rejected", "{name}: {}", ran.err);
        fs::write(&path, whole).unwrap();
    }
}
