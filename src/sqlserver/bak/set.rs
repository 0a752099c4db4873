//! What a backup says of itself: which database, when, of what kind, and which files it has.

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
            BackupKind::Other => "backup without a database",
        }
    }
}

/// A file of the database, as its server named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFile {
    /// Its number within the database, from 1.
    pub number: u32,
    /// Its logical name.
    pub name: Text,
    /// Its path on the server.
    pub path: Text,
}

/// One backup of a medium; a file may hold several, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSet {
    /// Its number on the medium, from 1.
    pub number: u16,
    /// What kind it is.
    pub kind: BackupKind,
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
    attributes: u32,
}

/// The bit of a set's attributes that marks a differential backup.
const DIFFERENTIAL: u32 = 8;

/// Bytes of a description that are looked at; a file takes about 1200.
pub(super) const DESCRIPTION: usize = 1 << 18;

impl BackupSet {
    /// Reads the block that begins a set.
    pub(super) fn read(block: &[u8]) -> BackupSet {
        let byte = |at: usize| block.get(at).copied().unwrap_or_default();
        BackupSet {
            number: mtf::short(block, 62).unwrap_or_default(),
            kind: BackupKind::Other,
            name: mtf::text(block, 64),
            database: Text::default(),
            server: Text::default(),
            begun: mtf::date(block, 88),
            server_version: (byte(93), byte(94)),
            complete: false,
            files: Vec::new(),
            attributes: mtf::long(block, 52).unwrap_or_default(),
        }
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
                    name: mtf::text(record, 48),
                    path: mtf::text(record, 52),
                }),
                _ => {}
            }
            description = description.get(size..).unwrap_or_default();
        }
    }

    /// Hears that data of the database are in the set.
    pub(super) fn holds_data(&mut self) {
        let differential = self.attributes & DIFFERENTIAL != 0;
        self.kind = if differential { BackupKind::Differential } else { BackupKind::Full };
    }

    /// Hears that there is log in the set, as there is in every one.
    pub(super) fn holds_log(&mut self) {
        if self.kind == BackupKind::Other {
            self.kind = BackupKind::Log;
        }
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
