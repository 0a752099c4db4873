//! Inputs that were made to exhaust: each run ends in good time, takes no more memory than was given to
//! it, and says what happened.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Package, Ran, Workshop, sample};
use zip::write::SimpleFileOptions;

/// Bytes of memory that `--memory 256MiB` may become; the manual says "about".
const MOST: u64 = 320 << 20;

/// How long anything here may take. Generous: builds for tests are slow, and machines are shared.
const LONGEST: Duration = Duration::from_secs(240);

/// Runs the program, watches how much memory it takes, and ends it when it takes too long.
fn bounded(workshop: &Workshop, arguments: &[&str]) -> Ran {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gc2pc"));
    command.current_dir(workshop.folder.path()).args(arguments);
    command.stdout(Stdio::from(fs::File::create(workshop.path("told.out")).unwrap()));
    command.stderr(Stdio::from(fs::File::create(workshop.path("told.err")).unwrap()));
    let mut child = command.spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak = peak_of(child.id()).unwrap_or(peak);
        if began.elapsed() > LONGEST {
            child.kill().unwrap();
            panic!("{arguments:?} takes too long");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    println!("{arguments:?}: {} MiB, {:?}", peak >> 20, began.elapsed());
    assert!(peak < MOST, "{arguments:?} took {} MiB", peak >> 20);
    let read = |name: &str| String::from_utf8_lossy(&fs::read(workshop.path(name)).unwrap()).into_owned();
    Ran { status: status.code().unwrap_or(-1), out: read("told.out"), err: read("told.err") }
}

/// The most memory that a process has had so far, in bytes.
fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

fn convert(workshop: &Workshop, input: &Path) -> Ran {
    bounded(workshop, &["convert", input.to_str().unwrap(), "-o", "out", "--memory", "256MiB"])
}

fn zip_of<'a>(entries: impl IntoIterator<Item = (String, &'a [u8])>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives_of_archives_of_nothing_but_zeros_are_told_and_not_unpacked() {
    let workshop = Workshop::new();
    let mut inner = zip_of([("0.xml".to_owned(), &vec![0; 64 << 20][..])]);
    for layer in 0..4 {
        inner = zip_of((0..8).map(|number| (format!("{layer}-{number}.zip"), &inner[..])));
    }
    let bomb = workshop.file("bomb.zip", inner);
    let ran = convert(&workshop, &bomb);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("bomb.zip"), "{}", ran.err);
    let inspected = bounded(&workshop, &["inspect", "bomb.zip"]);
    assert!(matches!(inspected.status, 1 | 3), "{}", inspected.err);
}

#[test]
fn a_directory_of_many_entries_costs_little_for_each() {
    let workshop = Workshop::new();
    let mut zip = zip::ZipWriter::new(BufWriter::new(fs::File::create(workshop.path("many.zip")).unwrap()));
    for number in 0..30_000 {
        zip.start_file(format!("{number}"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    let ran = convert(&workshop, &workshop.path("many.zip"));
    assert_eq!(ran.status, 3, "{}", ran.err);
}

/// A document with one message whose attribute holds so many bytes.
fn giant(path: &Path, bytes: usize) {
    let text = fs::read_to_string(sample("compliance/2013-03/batch-0201.xml")).unwrap();
    let (before, after) = text.split_once(" content=\"").unwrap();
    let mut file = BufWriter::new(fs::File::create(path).unwrap());
    write!(file, "{before} content=\"").unwrap();
    let piece = [b'x'; 1 << 16];
    for _ in 0..bytes / piece.len() {
        file.write_all(&piece).unwrap();
    }
    write!(file, "{after}").unwrap();
    file.flush().unwrap();
}

#[test]
fn an_attribute_larger_than_all_memory_is_one_rejected_record() {
    let workshop = Workshop::new();
    let input = workshop.path("giant.xml");
    giant(&input, 300 << 20);
    let ran = convert(&workshop, &input);
    fs::remove_file(&input).unwrap();
    assert_eq!(ran.status, 1, "{}", ran.err);
    let package = Package::open(&workshop.path("out"));
    assert!(package.total("rejected") >= 1);
}

#[test]
fn quotes_that_never_end_take_no_more_memory_than_is_given() {
    let workshop = Workshop::new();
    for (name, piece) in [("open", "x,\n"), ("doubled", "\"\""), ("odd", "\"\"\",")] {
        let input = workshop.path(&format!("{name}/tblChat.csv"));
        fs::create_dir(input.parent().unwrap()).unwrap();
        let mut file = BufWriter::new(fs::File::create(&input).unwrap());
        file.write_all(b"channelId,chatId,chatDate,userId,isAlert,content\n").unwrap();
        file.write_all(b"5,1,633977856058249415,7,0,fine\n5,2,633977856058249416,7,0,\"").unwrap();
        for _ in 0..(40 << 20) / piece.len() {
            file.write_all(piece.as_bytes()).unwrap();
        }
        drop(file);
        let output = format!("out-{name}");
        let ran = bounded(&workshop, &["convert", name, "-o", &output, "--memory", "256MiB"]);
        fs::remove_file(&input).unwrap();
        match ran.status {
            1 => assert_eq!(workshop.run(["verify", &output]).status, 0, "{name}"),
            3 => assert!(ran.err.contains("tblChat.csv"), "{name}: {}", ran.err),
            other => panic!("{name}: {other}: {}", ran.err),
        }
    }
}

fn with_sound(workshop: &Workshop, document: &str) -> PathBuf {
    workshop.file("in/sound.xml", fs::read(sample("compliance/2013-03/batch-0201.xml")).unwrap());
    workshop.file("in/evil.xml", document).parent().unwrap().to_owned()
}

#[test]
fn entities_that_multiply_and_entities_from_elsewhere_are_never_expanded() {
    let laughs: String = (1..10)
        .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
        .collect();
    let message = "<Conversations><Conversation><Channel uri=\"ma-chan://a.example/094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>\
                   <Messages><Message type=\"CHAT\" content=\"&l9;&x;\" id=\"1\"/></Messages></Conversation></Conversations>";
    for (document, code) in [
        (format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]>{message}"), Some("INPUT-REFUSED")),
        (format!("<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{message}"), Some("INPUT-REFUSED")),
        (format!("<!DOCTYPE l SYSTEM \"http://a.example/x.dtd\">{message}"), Some("INPUT-REFUSED")),
        (message.to_owned(), None),
    ] {
        let workshop = Workshop::new();
        let input = with_sound(&workshop, &document);
        let ran = convert(&workshop, &input);
        assert_eq!(ran.status, 1, "{}", ran.err);
        let package = Package::open(&workshop.path("out"));
        assert!(
            package.codes().iter().any(|known| Some(known.as_str()) == code)
                || package.total("rejected") == 1
        );
        let texts: String = package.messages().iter().map(|message| message.text()).collect();
        assert!(!texts.contains("lol") && !texts.contains("root:"), "{texts}");
    }
}

#[test]
fn a_million_elements_in_one_another_end_with_a_sentence() {
    let workshop = Workshop::new();
    let document = format!("<Conversations>{}", "<a>".repeat(1_000_000));
    let input = with_sound(&workshop, &document);
    let ran = convert(&workshop, &input);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(Package::open(&workshop.path("out")).total("rejected") >= 1);
}

#[test]
fn lone_surrogates_and_nul_everywhere_come_out_as_they_went_in() {
    let workshop = Workshop::new();
    // UTF-16 with NUL, both halves of pairs alone and in the wrong order, and U+FFFF.
    let evil: Vec<u16> = vec![0, 0xD800, 0xDC00 - 1, 0xDFFF, 0xD83D, 0, 0xFFFF, 0xFFFE, 0x41, 0xDC00, 0xD800];
    let mut units: Vec<u16> = vec![0xFEFF];
    units.extend("channelId,chatId,chatDate,userId,isAlert,content\r\n".encode_utf16());
    for number in 1..=500_u64 {
        units.extend(format!("5,{number},{},7,0,\"", 633_977_856_058_249_415 + number).encode_utf16());
        units.extend(&evil);
        units.extend("\"\r\n".encode_utf16());
    }
    let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    let input = workshop.file("in/tblChat.csv", bytes).parent().unwrap().to_owned();
    let ran = convert(&workshop, &input);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let package = Package::open(&workshop.path("out"));
    assert_eq!(package.totals(), [500, 500, 0, 0, 0]);
    assert!(package.messages().iter().all(|message| message.units == evil));
    assert_eq!(workshop.run(["verify", "out"]).status, 0);
    assert_eq!(bounded(&workshop, &["diff", "in", "out", "--memory", "256MiB"]).status, 0);
}

#[test]
fn names_that_lead_out_and_names_of_devices_are_told_or_read_as_names_and_write_nothing() {
    let workshop = Workshop::new();
    let document = fs::read(sample("compliance/2013-03/batch-0201.xml")).unwrap();
    let names =
        ["../../out/evil.xml", "/etc/evil.xml", "C:\\evil.xml", "..\\evil.xml", "CON", "aux.xml", "ok.xml"];
    let archive = zip_of(names.map(|name| (name.to_owned(), &document[..])));
    let input = workshop.file("in/names.zip", archive).parent().unwrap().to_owned();
    std::os::unix::fs::symlink("/etc/passwd", input.join("passwd.xml")).unwrap();
    std::os::unix::fs::symlink("/", input.join("root")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", input.join("zero.csv")).unwrap();
    let ran = convert(&workshop, &input);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let package = Package::open(&workshop.path("out"));
    let count = |code: &str| package.ledger("findings.csv").iter().filter(|row| row["code"] == code).count();
    assert_eq!((count("ENTRY-NAME"), count("INPUT-LINK-OUTSIDE")), (4, 3));
    assert_eq!(package.ledger("sources.csv").len(), 3, "{:?}", package.ledger("sources.csv"));
    assert!(!Path::new("/etc/evil.xml").exists());
    assert_eq!(fs::read_dir(&input).unwrap().count(), 4);
}
