//! Backups made for tests: blocks and streams with right checksums around pages of our own.

use crate::sqlserver::bak::xpress::encoder::compress;
use crate::sqlserver::mdf::PAGE_SIZE;

/// What goes into a backup.
#[derive(Clone)]
pub struct Recipe {
    pub stripes: u16,
    pub stripe: u16,
    pub media: u8,
    /// The size of blocks, at whose multiples they begin.
    pub block: usize,
    pub software: &'static str,
    pub sets: Vec<Set>,
}

#[derive(Clone)]
pub struct Set {
    pub attributes: u32,
    /// Passes over the data: each is a list of pages, (file, number, content).
    pub passes: Vec<Vec<(u16, u32, u8)>>,
    /// Its number, if it is not its position.
    pub number: Option<u16>,
    /// Minutes after the hour at which it was begun.
    pub minute: u8,
    /// Pages in each part of a stream of pages.
    pub part: usize,
    /// Files of the database: number and whether it holds data.
    pub files: Vec<(u32, bool)>,
}

impl Set {
    pub fn full(pages: std::ops::Range<u32>, content: u8) -> Set {
        Set::of(4, vec![pages.map(|page| (1, page, content)).collect()])
    }

    pub fn of(attributes: u32, passes: Vec<Vec<(u16, u32, u8)>>) -> Set {
        let files = vec![(1, true), (2, false)];
        Set { attributes, passes, number: None, minute: 29, part: usize::MAX, files }
    }
}

pub fn recipe(sets: Vec<Set>) -> Recipe {
    Recipe { stripes: 1, stripe: 1, media: 7, block: 512, software: "Microsoft SQL Server", sets }
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

/// Makes the checksum of a header right again after a change.
pub fn reseal(header: &mut [u8]) {
    let end = header.len();
    header[end - 2..].fill(0);
    seal(header);
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
fn pad(out: &mut Vec<u8>, border: usize) {
    let size = (out.len() + 22).next_multiple_of(border) - out.len() - 22;
    stream(out, b"SPAD", &vec![0; size]);
}

/// A filemark; the numbers in it are those of marks before it.
fn filemark(out: &mut Vec<u8>, size: usize) {
    let mut mark = block(b"SFMB", &[0x33; 12]);
    mark[8..10].copy_from_slice(&(size as u16).to_le_bytes());
    mark[50..52].fill(0);
    seal(&mut mark[..52]);
    mark.resize(size, 0);
    out.extend(mark);
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn description(files: &[(u32, bool)]) -> Vec<u8> {
    let mut out = described(b"SCIN", 104, ["mgc", "SRV\\LYNC"]);
    for &(number, is_data) in files {
        let begin = out.len();
        out.extend(described(b"SFIN", 48, [&format!("file{number}"), &format!("D:\\file{number}")]));
        out[begin + 8..begin + 12].copy_from_slice(&[if is_data { 0x84 } else { 0x0C }, 0, 0, 0]);
        out[begin + 20..begin + 24].copy_from_slice(&number.to_le_bytes());
    }
    out
}

/// A record with two texts whose sizes and offsets stand at a place.
fn described(kind: &[u8; 4], at: usize, texts: [&str; 2]) -> Vec<u8> {
    let mut record = vec![0; at + 8];
    record[..4].copy_from_slice(kind);
    for (number, text) in texts.map(utf16).iter().enumerate() {
        let (place, offset) = (at + number * 4, record.len() as u16);
        record[place..place + 2].copy_from_slice(&(text.len() as u16).to_le_bytes());
        record[place + 2..place + 4].copy_from_slice(&offset.to_le_bytes());
        record.extend(text);
    }
    let size = record.len() as u32;
    record[4..8].copy_from_slice(&size.to_le_bytes());
    record
}

impl Recipe {
    /// The parts of the backup between filemarks.
    fn sections(&self) -> Vec<Vec<u8>> {
        let software = utf16(self.software);
        let mut begin = vec![0; 88];
        begin[28..30].copy_from_slice(&(software.len() as u16).to_le_bytes());
        begin[30..32].copy_from_slice(&140_u16.to_le_bytes());
        begin.extend(software);
        let mut tape = block(b"TAPE", &begin);
        tape.resize(tape.len().next_multiple_of(4), 0);
        let size = tape.len() as u16;
        tape[8..10].copy_from_slice(&size.to_le_bytes());
        tape[50..52].fill(0);
        seal(&mut tape[..52]);
        let mut raid = vec![self.media; 16];
        raid.extend([0xAD, 0, 0, 0xF0]);
        for number in [self.stripes, 1, self.stripe, 0, 0, 1] {
            raid.extend(number.to_le_bytes());
        }
        stream(&mut tape, b"RAID", &raid);
        pad(&mut tape, self.block);
        let mut sections = vec![tape];
        for (at, set) in self.sets.iter().enumerate() {
            sections.push(set.data(at as u16 + 1, self.block));
            let mut end = block(b"ESET", &[0; 36]);
            pad(&mut end, self.block);
            sections.push(end);
        }
        sections
    }

    /// The backup without compression.
    pub fn plain(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for section in self.sections() {
            out.extend(section);
            filemark(&mut out, self.block);
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
    fn data(&self, position: u16, border: usize) -> Vec<u8> {
        let number = self.number.unwrap_or(position);
        let mut begin = [0; 148];
        begin[..4].copy_from_slice(&self.attributes.to_le_bytes());
        begin[10..12].copy_from_slice(&number.to_le_bytes());
        begin[36..43].copy_from_slice(&[0x1F, 0xA9, 0x36, 0xA0, 0x34, 10, 50]);
        begin[39] |= self.minute >> 2;
        begin[40] |= self.minute << 6;
        let mut out = block(b"SSET", &begin);
        pad(&mut out, border);
        out.extend(block(b"MSCI", &[0; 4]));
        stream(&mut out, b"MQCI", &description(&self.files));
        pad(&mut out, border);
        for pages in &self.passes {
            let begin = out.len();
            out.extend(block(b"MSDA", &[0; 8]));
            let here = out.len() + 22 + 22 + 2;
            stream(&mut out, b"APAD", &vec![0; here.next_multiple_of(512) - here]);
            for part in pages.chunks(self.part) {
                let mut data = vec![0; 2];
                part.iter().for_each(|&(file, number, content)| data.extend(page(file, number, content)));
                stream(&mut out, b"MQDA", &data);
            }
            stream(&mut out, b"MQDA", &[]);
            pad(&mut out, border);
            assert_eq!(begin % 512, 0);
        }
        out.extend(block(b"MSTL", &[0; 76]));
        pad(&mut out, border);
        out.extend(block(b"MSLS", &[0; 4]));
        pad(&mut out, border);
        out
    }
}
