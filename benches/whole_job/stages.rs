//! What a part of the job takes by itself, on one thread of this program.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use libdeflater::{CompressionLvl, Compressor};
use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

use crate::measure::thread_seconds;

/// How much is compressed at a time.
const BLOCK: usize = 1 << 20;

/// What compressing the files of a package again took.
#[derive(Debug, Clone, Copy)]
pub struct Deflated {
    /// Processor seconds of the compression alone.
    pub cpu: f64,
    pub bytes: u64,
    pub compressed: u64,
}

/// Compresses all files of a ZIP again in memory with libdeflate, in blocks.
///
/// # Errors
/// What the file system says, and that the system tells no processor time.
pub fn deflate(archive: &Path, level: i32) -> io::Result<Deflated> {
    let level = CompressionLvl::new(level).map_err(|_| io::Error::other("there is no such level"))?;
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.deflate_compress_bound(BLOCK)];
    let mut block = Vec::with_capacity(BLOCK);
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(archive)?))?;
    let mut told = Deflated { cpu: 0.0, bytes: 0, compressed: 0 };
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number)?;
        loop {
            block.clear();
            if entry.by_ref().take(BLOCK as u64).read_to_end(&mut block)? == 0 {
                break;
            }
            let start = seconds()?;
            let compressed = compressor.deflate_compress(&block, &mut out).map_err(io::Error::other)?;
            told.cpu += seconds()? - start;
            told.bytes += block.len() as u64;
            told.compressed += compressed as u64;
        }
    }
    Ok(told)
}

/// Reads a document with quick-xml, attributes unescaped, and returns the processor seconds.
///
/// # Errors
/// What the file system and quick-xml say, and that the system tells no processor time.
pub fn read_xml(path: &Path) -> io::Result<f64> {
    let start = seconds()?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(128 << 10, File::open(path)?));
    let mut buffer = Vec::new();
    let mut bytes = 0;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(io::Error::other)? {
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    let attribute = attribute.map_err(io::Error::other)?;
                    bytes +=
                        attribute.normalized_value(XmlVersion::Implicit1_0).map_err(io::Error::other)?.len();
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    std::hint::black_box(bytes);
    Ok(seconds()? - start)
}

fn seconds() -> io::Result<f64> {
    thread_seconds()
        .ok_or_else(|| io::Error::other("this system does not tell the processor time of a thread"))
}
