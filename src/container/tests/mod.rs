//! Scenarios: what a user may hand over, and what comes out of the walk.

mod archives;
mod folders;
mod hostile;
mod raw_zip;

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::*;
use crate::ledger::{Digest, Level};

/// A folder for one test, with a place for inputs and one for temporary files.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        Desk { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("in").join(name)
    }

    fn temp(&self) -> PathBuf {
        self.folder.path().join("temp")
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn walk(&self, inputs: &[&str]) -> Walk {
        self.walk_within(inputs, Limits::default())
    }

    fn walk_within(&self, inputs: &[&str], limits: Limits) -> Walk {
        let inputs: Vec<PathBuf> = inputs.iter().map(|name| self.path(name)).collect();
        walk(&inputs, &limits, &self.temp()).unwrap()
    }

    fn spooled(&self) -> usize {
        fs::read_dir(self.temp()).unwrap().count()
    }
}

fn names(walk: &Walk) -> Vec<&str> {
    walk.items.iter().map(|item| item.name.as_str()).collect()
}

fn problems(walk: &Walk) -> Vec<(&str, &str)> {
    walk.problems.iter().map(|problem| (problem.name.as_str(), problem.code)).collect()
}

fn bytes(blob: &dyn Blob) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    blob.open()?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (at, (name, content)) in entries.iter().enumerate() {
        let method = if at % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzip_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_survey_hashes_and_hands_on_every_byte() {
    let desk = Desk::new();
    let content = vec![7; (1 << 20) + 5];
    desk.put("a.bak", &content);
    let walk = desk.walk(&["a.bak"]);
    let mut chunks = Vec::new();
    let (size, digest) = survey(&*walk.items[0].blob, &mut |chunk| chunks.push(chunk.len())).unwrap();
    assert_eq!((size, chunks), (content.len() as u64, vec![1 << 20, 5]));
    assert_eq!(digest, Digest::of(&content));
}

#[test]
fn a_survey_of_what_breaks_off_hands_on_all_that_lies_before() {
    let desk = Desk::new();
    let content: Vec<u8> = (0..40_000_u32).flat_map(|number| (number * number).to_le_bytes()).collect();
    let packed = gzip_of(&content);
    desk.put("a.gz", &packed[..packed.len() / 2]);
    let walk = desk.walk(&["a.gz"]);
    let mut seen = Vec::new();
    assert!(survey(&*walk.items[0].blob, &mut |chunk| seen.extend_from_slice(chunk)).is_err());
    assert!(seen.len() > content.len() / 4, "{} of {} bytes", seen.len(), content.len());
    assert!(content.starts_with(&seen));
}
