//! What a backup says of itself: which database, when, of what kind, and which files it has.

use std::fmt;

use super::mtf;
use crate::chat::{Text, Ticks};

/// What kind of backup a set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupKind {
    /// The whole database, `COPY_ONLY` or not.
    Full,
    /// What changed since the last full backup.
    Differential,
    /// The transaction log alone.
    Log,
    /// One whose header is lost: it holds pages of a database, perhaps all.
    Unknown,
    /// Nothing of a database.
    Other,
}

impl BackupKind {
    /// Returns the name used in messages.
    pub fn name(self) -> &'static str {
        match self {
            BackupKind::Full => "full backup",
            BackupKind::Differential => "differential backup",
            BackupKind::Log => "log backup",
            BackupKind::Unknown => "backup whose header is lost",
            BackupKind::Other => "backup without a database",
        }
    }
}

/// A file of the database, as its server named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFile {
    /// Its number within the database, from 1.
    pub number: u32,
    /// Whether it holds data, as opposed to the log.
    pub is_data: bool,
    /// Its logical name.
    pub name: Text,
    /// Its path on the server.
    pub path: Text,
}

/// One backup of a medium; a file may hold several, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSet {
    /// Its position among the backups that were found, from 1: what RESTORE calls `FILE`.
    pub position: usize,
    /// The number that it was given when it was made; normally its position.
    pub number: u16,
    /// What kind it is.
    pub kind: BackupKind,
    /// Whether it was made `WITH COPY_ONLY`.
    pub copy_only: bool,
    /// The name somebody gave it; may be empty.
    pub name: Text,
    /// The database; empty where the backup does not tell.
    pub database: Text,
    /// The server; empty where the backup does not tell.
    pub server: Text,
    /// When it was begun, in the server's local time.
    pub begun: Option<Ticks>,
    /// Major and minor version of the server, such as (10, 50) for SQL Server 2008 R2.
    pub server_version: (u8, u8),
    /// Whether its end is there.
    pub complete: bool,
    /// The files of the database, those of its log included.
    pub files: Vec<DatabaseFile>,
    /// The word of the set's header that tells its kind.
    pub(super) attributes: u32,
}

/// The bits of a set's attributes that mark a differential backup and one outside the series of
/// backups (MTF calls these types "differential" and "copy").
const DIFFERENTIAL: u32 = 8;
const COPY: u32 = 2;

/// Stands for the attributes of a set whose header is lost; no set has all bits.
const LOST: u32 = u32::MAX;

/// The bit of a file's flags that only files of data have.
const DATA_FILE: u32 = 0x80;

/// Bytes of a description that are looked at; a file takes about 1200.
pub(super) const DESCRIPTION: usize = 1 << 18;

impl BackupSet {
    /// Reads the block that begins a set.
    pub(super) fn read(block: &[u8]) -> BackupSet {
        let byte = |at: usize| block.get(at).copied().unwrap_or_default();
        let attributes = mtf::long(block, 52).unwrap_or_default();
        BackupSet {
            position: 0,
            copy_only: attributes & COPY != 0,
            number: mtf::short(block, 62).unwrap_or_default(),
            kind: BackupKind::Other,
            name: mtf::text(block, 64),
            database: Text::default(),
            server: Text::default(),
            begun: mtf::date(block, 88),
            server_version: (byte(93), byte(94)),
            complete: false,
            files: Vec::new(),
            attributes,
        }
    }

    /// Makes a set of whose header nothing is known.
    pub(super) fn unknown(number: u16) -> BackupSet {
        BackupSet { number, attributes: LOST, ..BackupSet::read(&[]) }
    }

    /// Reads the description of the database: records of a name, a size, and what follows.
    pub(super) fn describe(&mut self, mut description: &[u8]) {
        self.files.clear();
        while let Some(size) = mtf::long(description, 4).map(|size| size as usize).filter(|&size| size >= 8) {
            let record = &description[..size.min(description.len())];
            match &record[..4] {
                b"SCIN" => {
                    self.database = mtf::text(record, 104);
                    self.server = mtf::text(record, 108);
                }
                b"SFIN" => self.files.push(DatabaseFile {
                    number: mtf::long(record, 20).unwrap_or_default(),
                    is_data: mtf::long(record, 8).unwrap_or_default() & DATA_FILE != 0,
                    name: mtf::text(record, 48),
                    path: mtf::text(record, 52),
                }),
                _ => {}
            }
            description = description.get(size..).unwrap_or_default();
        }
    }

    /// Returns the product that made the backup, by the version of the server; `None` for versions that
    /// are not known here.
    pub fn product(&self) -> Option<&'static str> {
        Some(match self.server_version {
            (8, _) => "SQL Server 2000",
            (9, _) => "SQL Server 2005",
            (10, 0..50) => "SQL Server 2008",
            (10, _) => "SQL Server 2008 R2",
            (11, _) => "SQL Server 2012",
            (12, _) => "SQL Server 2014",
            (13, _) => "SQL Server 2016",
            (14, _) => "SQL Server 2017",
            (15, _) => "SQL Server 2019",
            (16, _) => "SQL Server 2022",
            (17, _) => "SQL Server 2025",
            _ => return None,
        })
    }

    /// Hears that data of the database are in the set.
    pub(super) fn holds_data(&mut self) {
        self.kind = match self.attributes {
            LOST => BackupKind::Unknown,
            attributes if attributes & DIFFERENTIAL != 0 => BackupKind::Differential,
            _ => BackupKind::Full,
        };
    }

    /// Hears that there is log in the set, as there is in every one.
    pub(super) fn holds_log(&mut self) {
        if self.kind == BackupKind::Other {
            self.kind = BackupKind::Log;
        }
    }
}

/// Shows the set in one line: `full backup of database "mgc", made by SQL Server 2008 R2 on
/// SRV\\LYNC, begun 2026-04-27 10:29:52`. What the backup does not tell is left out.
impl fmt::Display for BackupSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.name())?;
        if self.copy_only {
            write!(f, " (COPY_ONLY)")?;
        }
        if !self.database.is_empty() {
            write!(f, " of database \"{}\"", self.database.to_lossy())?;
        }
        match (self.product(), self.server_version) {
            (Some(product), _) => write!(f, ", made by {product}")?,
            (None, (0, 0)) => {}
            (None, (major, minor)) => write!(f, ", made by SQL Server version {major}.{minor}")?,
        }
        if !self.server.is_empty() {
            write!(f, " on {}", self.server.to_lossy())?;
        }
        if let Some(begun) = self.begun {
            let (year, month, day, since_midnight) = begun.to_date();
            let seconds = since_midnight / Ticks::SECOND;
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            write!(f, ", begun {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        }
        if !self.complete {
            write!(f, "; its end is missing")?;
        }
        Ok(())
    }
}

/// Which of a backup's files this is: a backup may be striped over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Family {
    /// What all files of the medium have in common.
    pub media: [u8; 16],
    /// The number of files.
    pub count: u16,
    /// This file's number, from 1.
    pub number: u16,
}

impl Family {
    /// Reads the stream that tells it.
    pub(super) fn read(stream: &[u8]) -> Option<Family> {
        let family = Family {
            media: mtf::bytes(stream, 0)?,
            count: mtf::short(stream, 20)?,
            number: mtf::short(stream, 24)?,
        };
        (1..=family.count).contains(&family.number).then_some(family)
    }
}
