//! What must hold whatever bytes come: the bodies of the fuzz targets, as functions.
//!
//! `fuzz/` hands them to libFuzzer, and `tests/mutated_inputs.rs` mutated seeds, so that they run wherever the
//! tests run. None may panic, hang, or publish a package that is not sound.

#![allow(dead_code, reason = "the fuzz targets and the tests each use their own part of it")]

pub mod cut;
pub mod package;
pub mod seeds;
pub mod whole;

use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gc2pc::chat::{Batch, Directory, Text};
use gc2pc::compliance;
use gc2pc::container::{Blob, Limits, members, walk};
use gc2pc::ledger::{Level, Rejected, Sink};
use gc2pc::migrate::{PeopleMap, TargetNames};
use gc2pc::sqlserver::{Bacpac, Bcp, BcpOptions, Delimited, Dump, FormatFile, Options};

use cut::Cut;

/// Every target.
pub const TARGETS: [&str; 8] =
    ["delimited", "format_file", "compliance", "container", "bacpac", "package", "lists", "whole"];

/// Gives bytes to a target, which may write in the folder.
pub fn run(target: &str, data: &[u8], folder: &Path) {
    match target {
        "delimited" => delimited(data),
        "format_file" => format_file(data),
        "compliance" => compliance_document(data),
        "container" => container(data, folder),
        "bacpac" => bacpac(data, folder),
        "package" => package::changed(data, folder),
        "lists" => lists(data),
        "whole" => whole::convert_and_verify(data, folder),
        _ => panic!("no target {target}"),
    }
}

/// As [`run`], in a folder of its own that serves the whole process.
pub fn run_anywhere(target: &str, data: &[u8]) {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    run(target, data, FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path());
}

/// Bytes in memory as an input.
#[derive(Debug)]
pub struct Bytes(pub Arc<[u8]>);

impl Blob for Bytes {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

/// A file as an input.
#[derive(Debug)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// Writes bytes to a file, which is the input.
fn on_disk(bytes: &[u8], folder: &Path) -> Arc<dyn Blob> {
    let path = folder.join("input");
    std::fs::write(&path, bytes).unwrap();
    Arc::new(OnDisk(path))
}

/// Makes an input of bytes.
pub fn blob(bytes: &[u8]) -> Arc<dyn Blob> {
    Arc::new(Bytes(bytes.into()))
}

/// Reads every row of every table.
fn drain(dump: &dyn Dump) {
    for table in 0..dump.tables().len() {
        let Ok(mut rows) = dump.rows(table) else { continue };
        let _ = rows.for_each_row(&mut |_| Ok(()));
    }
}

/// Delimited text in any encoding and dialect.
pub fn delimited(data: &[u8]) {
    let known = |name: &str| name.len() == 1;
    for options in [Options::default(), Options { is_known_column: &known, ..Options::default() }] {
        if let Ok(table) = Delimited::open("input", blob(data), options) {
            drain(&table);
        }
    }
}

/// A format file of either kind, and data beside it: native if it says so, else text.
pub fn format_file(data: &[u8]) {
    let mut cut = Cut(data);
    let format = cut.piece();
    let _ = FormatFile::is_like(format);
    let Ok(format) = FormatFile::parse("input.fmt", format) else { return };
    if format.is_native() {
        let options = BcpOptions { format: Some(format), ..BcpOptions::default() };
        if let Ok(table) = Bcp::open("input.bcp", blob(cut.0), options) {
            drain(&table);
        }
        return;
    }
    let options = Options { format: Some(format), ..Options::default() };
    if let Ok(table) = Delimited::open("input", blob(cut.0), options) {
        drain(&table);
    }
}

/// Counts what it hears.
#[derive(Debug, Default)]
struct Counter(u64);

impl Sink for Counter {
    fn take(&mut self, batch: Batch) -> gc2pc::Result<()> {
        self.0 += batch.records.len() as u64;
        Ok(())
    }

    fn reject(&mut self, _rejected: Rejected) -> gc2pc::Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn find(&mut self, _code: &'static str, _level: Level, _subject: Text, _detail: Text) {}
}

/// A compliance document of either root: as many records are told as are handed on.
pub fn compliance_document(data: &[u8]) {
    let Ok(Some(kind)) = compliance::recognise(&mut Cursor::new(data)) else { return };
    let mut counter = Counter::default();
    let reader = Box::new(Cursor::new(data.to_vec()));
    let read = compliance::read(1, &kind, reader, &Directory::default(), &mut counter).unwrap();
    assert_eq!(read, counter.0, "records are told that are neither handed on nor rejected");
}

/// A ZIP or gzip archive, and what lies in it.
pub fn container(data: &[u8], folder: &Path) {
    let limits =
        Limits { max_entries: 1_000, max_nested_spool: 1 << 20, ratio_free: 1 << 20, ..Limits::default() };
    let read = |blob: &dyn Blob| {
        if let Ok(reader) = blob.open() {
            let _ = io::copy(&mut reader.take(4 << 20), &mut io::sink());
        }
    };
    let archive = on_disk(data, folder);
    if let Ok(found) = members(&archive, &limits) {
        found.iter().filter_map(|(_, member)| member.as_ref().ok()).for_each(|member| read(&**member));
    }
    if let Ok(found) = walk(&[folder.join("input")], &limits, folder) {
        found.items.iter().for_each(|item| read(&*item.blob));
    }
}

/// A bacpac: the bytes of the archive themselves, or of the parts that are put into one.
pub fn bacpac(data: &[u8], folder: &Path) {
    let Some((&first, rest)) = data.split_first() else { return };
    let bytes = if first % 2 == 0 { rest.to_vec() } else { bacpac_of(rest) };
    let limits = Limits { ratio_free: 4 << 20, ..Limits::default() };
    if let Ok(bacpac) = Bacpac::open("input.bacpac", &on_disk(&bytes, folder), &limits) {
        drain(&bacpac);
    }
}

/// The parts of a bacpac with one table.
pub const BACPAC_PARTS: [&str; 5] = [
    "model.xml",
    "Origin.xml",
    "DacMetadata.xml",
    "Data/dbo.tblChat/TableData-000-00000.BCP",
    "Data/dbo.tblChat/TableData-001-00000.BCP",
];

fn bacpac_of(data: &[u8]) -> Vec<u8> {
    let mut cut = Cut(data);
    let parts: Vec<(&str, &[u8])> = BACPAC_PARTS.iter().map(|&name| (name, cut.piece())).collect();
    stored_zip(&parts)
}

/// Puts files into a ZIP without compression.
pub fn stored_zip<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name.as_ref(), options).unwrap();
        zip.write_all(bytes.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A people map, or a list of what the target has.
pub fn lists(data: &[u8]) {
    let _ = PeopleMap::parse(data);
    let _ = TargetNames::parse(data);
}
