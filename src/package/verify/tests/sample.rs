//! A small package with everything in it, made by hand from the format's description: the verifier
//! is tested against this and not against the writer, so that the two check each other.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::ledger::Digest;
use crate::package::SCHEMAS;
use crate::package::verify::{Verification, verify};

pub const ROOM: &str = "22222222-0000-0000-0000-000000000002";
pub const EMPTY_ROOM: &str = "33333333-0000-0000-0000-000000000003";
pub const CATEGORY: &str = "11111111-0000-0000-0000-000000000001";
pub const ADD_IN: &str = "44444444-0000-0000-0000-000000000004";

/// The files of a bag by path.
#[derive(Clone)]
pub struct Sample {
    pub files: BTreeMap<String, Vec<u8>>,
}

fn document(root: &str, attributes: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"urn:gc2pc:package:1\"{attributes}>\n{inner}</{root}>\n"
    )
}

fn person(id: u32, rest: &str) -> String {
    format!("<Person Id=\"{id}\" Guid=\"00000000-0000-0000-0000-00000000000{id}\" {rest}/>\n")
}

/// Returns the id of the message with this number: for the messages of the sample what the Python
/// of `docs/identity.md` makes of them, for others one that no message has.
pub fn id(number: u32) -> String {
    match number {
        1 => "d40936142446b2a5a6321e4d51e9ad43".to_owned(),
        2 => "492cc49207b6df77d0fea09d28c74c56".to_owned(),
        3 => "59aee66f7aa4f17ad864ca648d6aea18".to_owned(),
        _ => format!("{number:032x}"),
    }
}

fn message(number: u32, seconds: u32, rest: &str, text: &str) -> String {
    format!(
        "<Message Id=\"{}\" Seq=\"{number}\" ChatId=\"{number}0\" Time=\"2008-03-12T19:56:{seconds:02}.5Z\" Author=\"1\"{rest} \
         Source=\"1:{number}\">{text}</Message>\n",
        id(number)
    )
}

impl Sample {
    /// Makes the sound package.
    pub fn new() -> Sample {
        let mut sample = Sample { files: BTreeMap::new() };
        let people = [
            person(
                1,
                "Uri=\"sip:ann@litware.example\" SourceUri=\"sip:ann@litware.example\" Name=\"Ann\" Type=\"User\" Disabled=\"0\"",
            ),
            person(2, "NameUtf16=\"AAA=\" Type=\"Unknown\" Disabled=\"2\""),
        ];
        sample.put("data/import/User.xml", document("Users", "", &people.concat()));
        let category = format!(
            "<Category Guid=\"{CATEGORY}\" Name=\"Trade\" Description=\"\" Invitations=\"true\" ChatHistory=\"true\" FileUpload=\"false\">\n\
             <AllowedMembers Unrestricted=\"true\"/>\n<DeniedMembers>\n<Member Person=\"2\"/>\n</DeniedMembers>\n<Creators/>\n</Category>\n"
        );
        sample.put("data/import/Category.xml", document("Categories", "", &category));
        let room = |guid: &str, name: &str, rest: &str| {
            format!(
                "<Room Guid=\"{guid}\" Name=\"{name}\" Category=\"{CATEGORY}\" Description=\"\" Privacy=\"Closed\" Behavior=\"Normal\" \
                 Invitations=\"Inherit\" Disabled=\"false\"{rest}>\n<Members>\n<Member Person=\"1\"/>\n\
                 <Member Person=\"2\" OutsideScope=\"true\"/>\n</Members>\n<Managers/>\n<Presenters/>\n</Room>\n"
            )
        };
        let rooms = [
            format!("<AddIn Guid=\"{ADD_IN}\" Name=\"Web\" Url=\"http://web.example\"/>\n"),
            room(
                ROOM,
                "Rates",
                &format!(" AddIn=\"{ADD_IN}\" Topic=\"t\" LastChatId=\"30\" Uri=\"ma-chan://a/{ROOM}\""),
            ),
            room(EMPTY_ROOM, "Trade_Empty", ""),
        ];
        sample.put("data/import/RoomDirectory.xml", document("RoomDirectory", "", &rooms.concat()));
        sample.put_history();
        sample.put_ledger();
        for (name, schema) in SCHEMAS {
            sample.put(&format!("data/schema/{name}"), schema.to_owned());
        }
        sample.put("data/source/1-tblNode.csv", "nodeID\n1\n".to_owned());
        sample.put("data/structure.ps1", "\u{FEFF}New-CsPersistentChatCategory\r\n".to_owned());
        sample.put("data/report.html", "<!doctype html>\n".to_owned());
        sample.seal();
        sample
    }

    fn put_history(&mut self) {
        let [first, second, third] = [
            message(1, 1, "", "<Text encoding=\"utf-16le-base64\">AABBAA==</Text><Rtf>{\\rtf1 A}</Rtf>"),
            message(
                2,
                2,
                &format!(" Precision=\"s\" Alert=\"true\" Conflict=\"{}\"", id(3)),
                "<Text>two &amp; more&#xD;\n</Text>",
            ),
            message(
                3,
                2,
                &format!(" Conflict=\"{}\" Extra=\"a=&quot;b&quot;\"", id(2)),
                "<Text>three</Text>",
            ),
        ];
        let room = format!(" Room=\"{ROOM}\"");
        self.put(&format!("data/import/Content/{ROOM}.xml"), document("Content", &room, &(first + &second)));
        let part = format!("{room} Part=\"2\"");
        self.put(&format!("data/import/Content/{ROOM}.0002.xml"), document("Content", &part, &third));
        let events = "<Event Type=\"JOIN\" Time=\"2008-03-12T19:56:00Z\" Person=\"2\" Source=\"2:1\"></Event>\n\
                      <Event Type=\"PART\" Time=\"2008-03-12T19:57:00Z\" Person=\"2\" ChatId=\"30\" Source=\"2:2\">bye</Event>\n";
        self.put(&format!("data/compliance/{ROOM}.xml"), document("Compliance", &room, events));
    }

    fn put_ledger(&mut self) {
        let digest = "ab".repeat(32);
        self.put(
            "data/ledger/sources.csv",
            format!(
                "input,size,sha256,format,read,written,duplicate,filtered,rejected\n\
                 mgc.bak#dbo.tblChat,4096,{digest},tblChat,7,3,1,2,1\nold.xml,100,{digest},\"Conversations, utf-8\",3,2,1,0,0\n"
            ),
        );
        self.put("data/ledger/control.csv", "input,engine_rows,rows\n1,8,7\n".to_owned());
        self.put(
            "data/ledger/duplicates.csv",
            format!(
                "input,record,kept,rule,kept_input,kept_record\n1,4,{},coarser-time,1,1\n2,3,2:1,same-event,2,1\n",
                id(1)
            ),
        );
        self.put("data/ledger/conflicts.csv", format!("id,conflicts_with\n{},{}\n", id(2), id(3)));
        self.put("data/ledger/filtered.csv", "input,first,last,reason\n1,5,6,since\n".to_owned());
        self.put(
            "data/ledger/rejected.csv",
            "input,record,line,byte,cause,text,detail,raw\n1,7,8,900,bad-time,\"7,\"\"x\"\"\n\",no such time,\n".to_owned(),
        );
        self.put(
            "data/ledger/findings.csv",
            "code,level,subject,detail\nPRIN-MISSING,error,2,no row\nROWS-DIFFER,error,mgc.bak#dbo.tblChat,one fewer\nSCOPE-OUT,info,Rates,one\nSCOPE-OUT,info,Rates,two\n".to_owned(),
        );
        self.put(
            "data/ledger/names.csv",
            format!(
                "kind,guid,old_path,new_name\ncategory,{CATEGORY},Trade,Trade\nroom,{ROOM},Trade\\Rates,Rates\n\
                 room,{EMPTY_ROOM},Trade\\Empty,Trade_Empty\n"
            ),
        );
        self.put(
            "data/report.json",
            "{\"level\":\"All\",\"totals\":{\"read\":10,\"written\":5,\"duplicate\":2,\"filtered\":2,\"rejected\":1},\"sources\":[{},{}],\
             \"structure\":[{\"source\":1,\"table\":\"tblNode\",\"rows\":1,\"file\":\"data/source/1-tblNode.csv\"}],\"rooms\":2,\"categories\":1,\"people\":2,\"messages\":3,\"events\":2,\
             \"first\":\"2008-03-12T19:56:01.5Z\",\"last\":\"2008-03-12T19:56:02.5Z\",\
             \"findings\":{\"PRIN-MISSING\":1,\"ROWS-DIFFER\":1,\"SCOPE-OUT\":2}}\n"
                .to_owned(),
        );
    }

    pub fn put(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text.into_bytes());
    }

    /// Replaces text in a file; panics where the text does not stand there.
    pub fn replace(&mut self, path: &str, old: &str, new: &str) {
        let text = String::from_utf8(self.files[path].clone()).unwrap();
        assert!(text.contains(old), "{path} has no {old}");
        self.put(path, text.replacen(old, new, 1));
    }

    /// Makes the bag's own files anew, so that all digests agree.
    pub fn seal(&mut self) {
        let payload: Vec<(String, usize)> = self
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("data/"))
            .map(|(path, bytes)| (format!("{}  {path}\n", Digest::of(bytes)), bytes.len()))
            .collect();
        let bytes: usize = payload.iter().map(|(_, size)| size).sum();
        self.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned());
        self.put(
            "bag-info.txt",
            format!(
                "Bag-Software-Agent: gc2pc {}\nPayload-Oxum: {bytes}.{}\n",
                env!("CARGO_PKG_VERSION"),
                payload.len()
            ),
        );
        self.put("manifest-sha256.txt", payload.into_iter().map(|(line, _)| line).collect());
        let tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
        let lines = tags.map(|path| format!("{}  {path}\n", Digest::of(&self.files[path])));
        self.put("tagmanifest-sha256.txt", lines.concat());
    }

    pub fn write_folder(&self, root: &Path) {
        for (path, bytes) in &self.files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Makes a ZIP as packages have it; the largest file as one whose size was not known in advance.
    pub fn zip(&self) -> Vec<u8> {
        let options = SimpleFileOptions::DEFAULT
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .external_attributes(0o100_644 << 16);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in &self.files {
            let options = options.large_file(path.ends_with("RoomDirectory.xml"));
            writer.start_file(format!("pack/{path}"), options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}

/// A folder of its own for one test.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Verifies a sample as a folder.
    pub fn verify_folder(&self, sample: &Sample) -> Verification {
        let root = self.path("pack");
        let _ = fs::remove_dir_all(&root);
        sample.write_folder(&root);
        check(&root)
    }

    /// Verifies bytes as a ZIP; `None` where it cannot be read at all.
    pub fn verify_zip(&self, bytes: &[u8]) -> Option<Verification> {
        let path = self.path("pack.zip");
        fs::write(&path, bytes).unwrap();
        verify(&path, &mut |_| ()).ok()
    }
}

pub fn check(path: &Path) -> Verification {
    verify(path, &mut |_| ()).unwrap()
}

/// Shows problems for messages of tests.
pub fn show(verification: &Verification) -> String {
    let lines = verification
        .problems
        .iter()
        .map(|problem| format!("{} {}: {}", problem.code, problem.path, problem.what));
    lines.collect::<Vec<_>>().join("\n")
}
