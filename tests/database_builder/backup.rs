//! Backups of databases: sets one behind the other on one medium, which may be spread over several
//! files and compressed.

use std::io::Write;

use super::built::Built;
use super::bytes::put;
use super::compressed::{CompressedSink, Records};
use super::data_file::EXTENT;
use super::description::{description, server_version};
use super::tape::{Sink, Tape, body};

/// What kind of backup a set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    Full,
    CopyOnly,
    Differential,
    Log,
}

impl SetKind {
    fn number(self) -> u32 {
        match self {
            SetKind::Full => 4,
            SetKind::CopyOnly => 2,
            SetKind::Differential => 8,
            SetKind::Log => 0x10,
        }
    }
}

/// One set of a medium.
#[derive(Clone)]
struct Set<'a> {
    kind: SetKind,
    /// Each pass over the data: a database and the extents of it, as (position of the file, extent).
    passes: Vec<(&'a Built, Vec<(usize, u32)>)>,
}

/// A medium that is being planned.
#[derive(Clone)]
pub struct Backup<'a> {
    sets: Vec<Set<'a>>,
    files: usize,
    alignment: u64,
    records: Option<Records>,
}

impl<'a> Backup<'a> {
    /// Plans an empty medium of one file, not compressed.
    pub fn new() -> Backup<'a> {
        Backup { sets: Vec::new(), files: 1, alignment: 512, records: None }
    }

    /// Plans a full backup of a database.
    pub fn of(database: &'a Built) -> Backup<'a> {
        Backup::new().set(SetKind::Full, database)
    }

    /// Adds a set. A differential one has every other extent; one of the log has none.
    pub fn set(self, kind: SetKind, database: &'a Built) -> Backup<'a> {
        let mut extents = all_extents(database);
        if kind == SetKind::Differential {
            extents.retain(|(_, extent)| extent % 2 == 0);
        }
        let passes = if kind == SetKind::Log { Vec::new() } else { vec![(database, extents)] };
        self.add(kind, passes)
    }

    /// Adds a full set that was taken while the database changed: what is different `after` comes
    /// again, in a second pass.
    pub fn set_in_use(self, before: &'a Built, after: &'a Built) -> Backup<'a> {
        let mut changed = all_extents(after);
        changed.retain(|&place| extent(after, place) != extent(before, place));
        self.add(SetKind::Full, vec![(before, all_extents(before)), (after, changed)])
    }

    fn add(mut self, kind: SetKind, passes: Vec<(&'a Built, Vec<(usize, u32)>)>) -> Backup<'a> {
        self.sets.push(Set { kind, passes });
        self
    }

    /// Spreads the medium over several files.
    pub fn stripes(self, files: usize) -> Backup<'a> {
        Backup { files, ..self }
    }

    /// Sets what blocks begin at multiples of: 512 or 4096 bytes.
    pub fn alignment(self, alignment: u64) -> Backup<'a> {
        Backup { alignment, ..self }
    }

    /// Compresses the medium.
    pub fn compressed(self, records: Records) -> Backup<'a> {
        Backup { records: Some(records), ..self }
    }

    /// Returns the bytes of each file.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        (1..=self.files).map(|number| self.bytes_of(number)).collect()
    }

    fn bytes_of(&self, number: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(number, &mut bytes);
        bytes
    }

    /// Writes one of the files, from 1.
    pub fn write(&self, number: usize, out: &mut dyn Write) {
        match self.records {
            None => self.write_tape(number, &mut PlainSink(out)),
            Some(records) => {
                let mut sink = CompressedSink::new(out, records);
                self.write_tape(number, &mut sink);
                sink.finish();
            }
        }
    }

    fn write_tape(&self, number: usize, sink: &mut dyn Sink) {
        let mut tape = Tape::new(sink, self.alignment);
        let alignment = self.alignment as u16;
        let numbers: [(usize, &[u8]); 6] = [
            (52, &0x51E7_8F91_u32.to_le_bytes()),
            (56, &5_u32.to_le_bytes()),
            (60, &1_u16.to_le_bytes()),
            (84, &alignment.to_le_bytes()),
            (88, &DATE),
            (93, &[1]),
        ];
        tape.block(b"TAPE", &body(94, &numbers), &[(80, "Microsoft SQL Server")]);
        tape.stream(b"RAID", &self.family(number));
        tape.end_block();
        tape.filemark();
        for (at, set) in self.sets.iter().enumerate() {
            self.write_set(&mut tape, at, set, number);
        }
    }

    /// Returns what tells that files belong together, and which of them this is.
    fn family(&self, number: usize) -> [u8; 32] {
        let mut family = [0; 32];
        let names = self.sets.iter().flat_map(|set| &set.passes).map(|(database, _)| database.name.as_str());
        let mut media = 0xCBF2_9CE4_8422_2325_C0FF_EE00_0BAD_CAFE_u128;
        for byte in names.flat_map(str::bytes) {
            media = (media ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_01B3);
        }
        put(&mut family, 0, &media.to_le_bytes());
        put(&mut family, 16, &0xF000_00AD_u32.to_le_bytes());
        put(&mut family, 20, &(self.files as u16).to_le_bytes());
        put(&mut family, 22, &1_u16.to_le_bytes());
        put(&mut family, 24, &(number as u16).to_le_bytes());
        family
    }

    fn write_set(&self, tape: &mut Tape<'_>, at: usize, set: &Set<'_>, number: usize) {
        let any = self.sets.iter().flat_map(|set| &set.passes).map(|(database, _)| *database).next();
        let database = any.expect("a medium holds at least one database");
        let (major, minor) = server_version(database.version);
        let numbers: [(usize, &[u8]); 4] = [
            (52, &set.kind.number().to_le_bytes()),
            (62, &(at as u16 + 1).to_le_bytes()),
            (88, &DATE),
            (93, &[major, minor]),
        ];
        let name = format!("{}-backup {}", database.name, at + 1);
        tape.block(b"SSET", &body(100, &numbers), &[(64, &name), (76, "LITWARE\\operator")]);
        tape.end_block();
        tape.block(b"VOLB", &body(76, &[(68, &DATE)]), &[(56, "C:"), (64, "CHAT01")]);
        tape.end_block();
        tape.block(b"MSCI", &body(56, &[]), &[]);
        tape.stream(b"MQCI", &description(database));
        tape.end_block();
        for (database, extents) in &set.passes {
            self.write_pass(tape, database, extents, number);
        }
        tape.block(b"MSTL", &body(592, &[]), &[]);
        // Some log; nobody reads it.
        tape.begin_pages(b"MQTL", 4096);
        tape.pages(&[0x50; 4096]);
        tape.end_pages(b"MQTL");
        tape.end_block();
        tape.block(b"MSLS", &body(56, &[]), &[]);
        tape.stream(b"MQCI", &description(database));
        tape.end_block();
        tape.filemark();
        tape.block(b"ESET", &body(88, &[(52, &4_u32.to_le_bytes()), (78, &[1, 0]), (80, &DATE)]), &[]);
        tape.end_block();
        tape.filemark();
    }

    /// Writes what one file of the medium has of a pass: every so-manieth extent.
    fn write_pass(&self, tape: &mut Tape<'_>, database: &Built, extents: &[(usize, u32)], number: usize) {
        let own = extents.iter().enumerate().filter(|(at, _)| at % self.files == number - 1);
        let own: Vec<(usize, u32)> = own.map(|(_, place)| *place).collect();
        for (file, data) in database.files.iter().enumerate() {
            let extents: Vec<u32> =
                own.iter().filter(|(of, _)| *of == file).map(|(_, extent)| *extent).collect();
            tape.block(b"MSDA", &body(60, &[(58, &data.number.to_le_bytes())]), &[]);
            tape.begin_pages(b"MQDA", (extents.len() * EXTENT) as u64);
            let mut bytes = vec![0; EXTENT];
            for extent in extents {
                data.read_extent(extent, &mut bytes);
                tape.pages(&bytes);
            }
            tape.end_pages(b"MQDA");
            tape.end_block();
        }
    }
}

/// 2013-02-14 06:03:00, in 14, 4, 5, 5, 6 and 6 bits.
const DATE: [u8; 5] = [0x1F, 0x74, 0x9C, 0x60, 0xC0];

fn all_extents(database: &Built) -> Vec<(usize, u32)> {
    let files = database.files.iter().enumerate();
    files.flat_map(|(at, file)| file.extents().map(move |extent| (at, extent))).collect()
}

/// Returns the bytes of an extent, or none if it is not there.
fn extent(database: &Built, (file, extent): (usize, u32)) -> Option<Vec<u8>> {
    let file = &database.files[file];
    file.extents().any(|own| own == extent).then(|| {
        let mut bytes = vec![0; EXTENT];
        file.read_extent(extent, &mut bytes);
        bytes
    })
}

/// Writes everything as it comes.
struct PlainSink<'a>(&'a mut dyn Write);

impl Sink for PlainSink<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("the backup can be written");
    }

    fn filemark(&mut self, block: &[u8]) {
        self.write(block);
    }
}
