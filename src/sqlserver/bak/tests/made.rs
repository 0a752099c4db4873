//! Backups made for tests: blocks and streams with right checksums around pages of our own.

use crate::sqlserver::bak::xpress::encoder::compress;
use crate::sqlserver::mdf::PAGE_SIZE;

/// What goes into a backup.
#[derive(Clone)]
pub struct Recipe {
    pub stripes: u16,
    pub stripe: u16,
    pub media: u8,
    pub sets: Vec<Set>,
}

#[derive(Clone)]
pub struct Set {
    pub attributes: u32,
    /// Passes over the data: each is a list of pages, (file, number, content).
    pub passes: Vec<Vec<(u16, u32, u8)>>,
}

impl Set {
    pub fn full(pages: std::ops::Range<u32>, content: u8) -> Set {
        Set { attributes: 4, passes: vec![pages.map(|page| (1, page, content)).collect()] }
    }
}

pub fn recipe(sets: Vec<Set>) -> Recipe {
    Recipe { stripes: 1, stripe: 1, media: 7, sets }
}

pub fn page(file: u16, number: u32, content: u8) -> Vec<u8> {
    let mut page = vec![content; PAGE_SIZE];
    page[..96].fill(0);
    page[..2].copy_from_slice(&[1, if number == 9 { 13 } else { 1 }]);
    page[32..36].copy_from_slice(&number.to_le_bytes());
    page[36..38].copy_from_slice(&file.to_le_bytes());
    page
}

fn seal(header: &mut [u8]) {
    let words = header.len() - 2;
    let sum = header[..words].chunks(2).fold(0, |sum, word| sum ^ u16::from_le_bytes([word[0], word[1]]));
    header[words..].copy_from_slice(&sum.to_le_bytes());
}

/// A block with more bytes behind its header.
pub fn block(kind: &[u8; 4], more: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 52];
    block[..4].copy_from_slice(kind);
    let size = (52 + more.len()) as u16;
    block[8..10].copy_from_slice(&size.to_le_bytes());
    seal(&mut block);
    block.extend(more);
    block
}

pub fn stream(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut header = vec![0; 22];
    header[..4].copy_from_slice(kind);
    header[8..16].copy_from_slice(&(data.len() as u64).to_le_bytes());
    seal(&mut header);
    out.extend(header);
    out.extend(data);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// Ends a block with padding such that the next one begins at a border.
fn pad(out: &mut Vec<u8>) {
    let size = (out.len() + 22).next_multiple_of(512) - out.len() - 22;
    stream(out, b"SPAD", &vec![0; size]);
}

fn filemark(out: &mut Vec<u8>) {
    let mut mark = block(b"SFMB", &[]);
    mark[8..10].copy_from_slice(&512_u16.to_le_bytes());
    mark[50..52].fill(0);
    seal(&mut mark[..52]);
    mark.resize(512, 0);
    out.extend(mark);
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn description() -> Vec<u8> {
    let mut record = vec![0; 112];
    let (database, server) = (utf16("mgc"), utf16("SRV\\LYNC"));
    record[..4].copy_from_slice(b"SCIN");
    record[104..106].copy_from_slice(&(database.len() as u16).to_le_bytes());
    record[106..108].copy_from_slice(&112_u16.to_le_bytes());
    record[108..110].copy_from_slice(&(server.len() as u16).to_le_bytes());
    record[110..112].copy_from_slice(&(112 + database.len() as u16).to_le_bytes());
    record.extend(database);
    record.extend(server);
    let size = record.len() as u32;
    record[4..8].copy_from_slice(&size.to_le_bytes());
    record
}

impl Recipe {
    /// The parts of the backup between filemarks.
    fn sections(&self) -> Vec<Vec<u8>> {
        let mut tape = block(b"TAPE", &[0; 88]);
        let mut raid = vec![self.media; 16];
        raid.extend([0xAD, 0, 0, 0xF0]);
        for number in [self.stripes, 1, self.stripe, 0, 0, 1] {
            raid.extend(number.to_le_bytes());
        }
        stream(&mut tape, b"RAID", &raid);
        pad(&mut tape);
        let mut sections = vec![tape];
        for (at, set) in self.sets.iter().enumerate() {
            sections.push(set.data(at as u16 + 1));
            let mut end = block(b"ESET", &[0; 36]);
            pad(&mut end);
            sections.push(end);
        }
        sections
    }

    /// The backup without compression.
    pub fn plain(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for section in self.sections() {
            out.extend(section);
            filemark(&mut out);
        }
        out
    }

    /// The backup with compression: where its records begin, and its bytes.
    pub fn compressed(&self) -> (Vec<usize>, Vec<u8>) {
        self.records(&[&[0xA5; 16][..], &[0; 4], &[0xC5; 4]].concat())
    }

    /// The backup with compression as older servers are thought to have made it.
    pub fn compressed_before_2014(&self) -> Vec<u8> {
        self.records(&[0xC5; 4]).1
    }

    /// A compressed backup whose records have these bytes between their tag and their block.
    fn records(&self, header: &[u8]) -> (Vec<usize>, Vec<u8>) {
        let mut out = b"MSSQLBAK\x02\0\0\0\x03\0\0\0".to_vec();
        out.resize(480, 0);
        let mut records = Vec::new();
        for section in self.sections() {
            // The bytes before the first page make a record of their own, so that pages do too.
            let first = section.windows(2).position(|pair| pair == [1, 1]).filter(|at| at % 512 == 0);
            let (before, behind) = section.split_at(first.unwrap_or(0));
            for chunk in before.chunks(65536).chain(behind.chunks(65536)) {
                records.push(out.len());
                out.extend(record(chunk, header));
            }
            out.resize(out.len().next_multiple_of(512) + 512, 0);
        }
        (records, out)
    }
}

fn record(chunk: &[u8], header: &[u8]) -> Vec<u8> {
    let block = compress(chunk);
    let mut record = vec![0x21, (chunk.len() / 512) as u8];
    record.extend((block.len() as u16).to_le_bytes());
    record.extend(header);
    record.extend(block);
    record
}

impl Set {
    fn data(&self, number: u16) -> Vec<u8> {
        let mut begin = [0; 148];
        begin[..4].copy_from_slice(&self.attributes.to_le_bytes());
        begin[10..12].copy_from_slice(&number.to_le_bytes());
        begin[36..43].copy_from_slice(&[0x1F, 0xA9, 0x36, 0xA7, 0x74, 10, 50]);
        let mut out = block(b"SSET", &begin);
        pad(&mut out);
        out.extend(block(b"MSCI", &[0; 4]));
        stream(&mut out, b"MQCI", &description());
        pad(&mut out);
        for pages in &self.passes {
            let begin = out.len();
            out.extend(block(b"MSDA", &[0; 8]));
            let here = out.len() + 22 + 22 + 2;
            stream(&mut out, b"APAD", &vec![0; here.next_multiple_of(512) - here]);
            let mut data = vec![0; 2];
            pages.iter().for_each(|&(file, number, content)| data.extend(page(file, number, content)));
            stream(&mut out, b"MQDA", &data);
            stream(&mut out, b"MQDA", &[]);
            pad(&mut out);
            assert_eq!(begin % 512, 0);
        }
        out.extend(block(b"MSTL", &[0; 76]));
        pad(&mut out);
        out.extend(block(b"MSLS", &[0; 4]));
        pad(&mut out);
        out
    }
}
