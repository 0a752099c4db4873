//! The little language of the scenarios: run the program, open what it wrote.
//!
//! Packages are read here with nothing of gc2pc but its command: a reader of its own, so that the
//! library cannot agree with itself by mistake.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::Digest as _;
use tempfile::TempDir;

/// A folder of its own for one scenario.
pub struct Workshop {
    pub folder: TempDir,
}

/// What the program did.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Workshop {
    pub fn new() -> Workshop {
        Workshop { folder: TempDir::new().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes an input file and returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs the program in the scenario's folder.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.run_with(arguments, |_| {})
    }

    pub fn run_with<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        change: impl FnOnce(&mut Command),
    ) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gc2pc"));
        command.current_dir(self.folder.path()).args(arguments);
        change(&mut command);
        command.output().unwrap().into()
    }

    /// Converts inputs into a package folder, with further arguments.
    pub fn convert(&self, inputs: &[PathBuf], output: &str, more: &[&str]) -> (Ran, PathBuf) {
        let mut arguments: Vec<PathBuf> = vec!["convert".into()];
        arguments.extend_from_slice(inputs);
        arguments.extend(["-o".into(), self.path(output)]);
        arguments.extend(more.iter().map(PathBuf::from));
        (self.run(arguments), self.path(output))
    }

    /// Converts and opens the package; the run must end with this status.
    pub fn converted(&self, inputs: &[PathBuf], status: i32) -> Package {
        let (ran, output) = self.convert(inputs, "out", &["--overwrite"]);
        assert_eq!(ran.status, status, "{}", ran.err);
        Package::open(&output)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The path of a sample.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// Everything under a folder: relative path and digest.
pub fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, digest(&path));
        }
    }
    files
}

/// SHA-256 of a file, in hex.
pub fn digest(path: &Path) -> String {
    sha2::Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A message as a package has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    pub room: String,
    pub sequence: u64,
    pub time: String,
    pub precision: Option<String>,
    pub author: String,
    pub units: Vec<u16>,
    pub rtf: Option<Vec<u16>>,
    pub alert: Option<bool>,
    pub chat_id: Option<i64>,
    pub conflicts: Vec<String>,
    pub source: String,
    pub id: String,
}

impl Message {
    pub fn text(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }
}

/// A package folder, read without gc2pc.
pub struct Package {
    pub folder: PathBuf,
    pub report: serde_json::Value,
}

impl Package {
    pub fn open(folder: &Path) -> Package {
        let report = fs::read(folder.join("data/report.json")).unwrap();
        Package { folder: folder.to_owned(), report: serde_json::from_slice(&report).unwrap() }
    }

    /// A number of the report's totals.
    pub fn total(&self, name: &str) -> u64 {
        self.report["totals"][name].as_u64().unwrap_or_else(|| panic!("no total {name}"))
    }

    pub fn totals(&self) -> [u64; 5] {
        ["read", "written", "duplicate", "filtered", "rejected"].map(|name| self.total(name))
    }

    /// The rows of a ledger file, by column name.
    pub fn ledger(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let path = self.folder.join("data/ledger").join(name);
        let mut reader = csv::Reader::from_path(path).unwrap();
        let columns = reader.headers().unwrap().clone();
        reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                columns.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
            })
            .collect()
    }

    /// The codes of all findings.
    pub fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> =
            self.ledger("findings.csv").into_iter().map(|mut row| row.remove("code").unwrap()).collect();
        codes.dedup();
        codes
    }

    /// Attributes of every element with this name in an import document.
    pub fn elements(&self, document: &str, name: &str) -> Vec<BTreeMap<String, String>> {
        let mut found = Vec::new();
        let text = fs::read_to_string(self.folder.join("data/import").join(document)).unwrap();
        let mut reader = Reader::from_str(&text);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) if element.name().as_ref() == name => {
                    found.push(attributes(&element));
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    /// Every message, by room and sequence; authors by address (else GUID).
    pub fn messages(&self) -> Vec<Message> {
        let people: BTreeMap<String, String> = self
            .elements("User.xml", "Person")
            .into_iter()
            .map(|person| {
                let address =
                    person.get("SourceUri").map(|uri| uri.trim_start_matches("sip:").to_lowercase());
                (person["Id"].clone(), address.unwrap_or_else(|| person["Guid"].clone()))
            })
            .collect();
        let mut messages = Vec::new();
        let content = self.folder.join("data/import/Content");
        for name in if content.is_dir() { tree(&content) } else { BTreeMap::new() }.keys() {
            let text = fs::read_to_string(content.join(name)).unwrap();
            read_content(&text, &people, &mut messages);
        }
        messages.sort();
        messages
    }
}

pub fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            (attribute.key.as_ref().to_owned(), decode(&attribute.value))
        })
        .collect()
}

/// Decodes the five entities and character references.
fn decode(text: &str) -> String {
    quick_xml::escape::unescape(text).unwrap().into_owned()
}

fn read_content(document: &str, people: &BTreeMap<String, String>, messages: &mut Vec<Message>) {
    let mut reader = Reader::from_str(document);
    let (mut room, mut text, mut encoded) = (String::new(), String::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => match element.name().as_ref() {
                "Content" => room = attributes(&element)["Room"].clone(),
                "Message" => messages.push(message(&room, &attributes(&element), people)),
                _ => {
                    text.clear();
                    encoded = attributes(&element).contains_key("encoding");
                }
            },
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(name) => {
                text.push_str(&format!("&{};", &*name));
            }
            Event::End(element) => {
                let units = || units(&text, encoded);
                match (element.name().as_ref(), messages.last_mut()) {
                    ("Text", Some(message)) => message.units = units(),
                    ("Rtf", Some(message)) => message.rtf = Some(units()),
                    _ => {}
                }
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

fn units(text: &str, encoded: bool) -> Vec<u16> {
    if encoded {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    } else {
        decode(text).encode_utf16().collect()
    }
}

fn message(room: &str, attributes: &BTreeMap<String, String>, people: &BTreeMap<String, String>) -> Message {
    Message {
        room: room.to_owned(),
        sequence: attributes["Seq"].parse().unwrap(),
        time: attributes["Time"].clone(),
        precision: attributes.get("Precision").cloned(),
        author: people[&attributes["Author"]].clone(),
        units: Vec::new(),
        rtf: None,
        alert: attributes.get("Alert").map(|alert| alert == "true"),
        chat_id: attributes.get("ChatId").map(|id| id.parse().unwrap()),
        conflicts: attributes
            .get("Conflict")
            .map(|ids| ids.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
        source: attributes["Source"].clone(),
        id: attributes["Id"].clone(),
    }
}
