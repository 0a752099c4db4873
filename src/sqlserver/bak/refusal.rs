//! Why a backup is refused, and what to do instead.

use super::compressed::Unknown;
use super::set::{BackupKind, BackupSet, Family};
use crate::chat::Text;
use crate::error::Error;

/// Says that an input is unusable.
pub(super) fn unusable(input: &str, why: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::Unusable { input: input.to_owned(), why: why.into(), hint: hint.into() }
}

/// Returns the statement that makes a backup which is read.
fn statement(database: &Text) -> String {
    let name = if database.is_empty() { "database".into() } else { database.to_lossy() };
    let (name, file) = (name.replace(']', "]]"), name.replace('\'', "''"));
    format!("BACKUP DATABASE [{name}] TO DISK = N'{file}.bak' WITH COPY_ONLY, NO_COMPRESSION, FORMAT")
}

fn make_another(database: &Text) -> String {
    format!("on a server that has the database, or has restored this backup, run: {}", statement(database))
}

/// The input is no backup at all: says what it looks like.
pub(super) fn foreign(input: &str, head: &[u8]) -> Error {
    let begins = |begin: &[u8]| head.starts_with(begin);
    let text = head.trim_ascii_start();
    let (why, hint) = if begins(&[0x01, 0x0F]) {
        ("it is a database file (.mdf) under another name", "name it .mdf".to_owned())
    } else if begins(b"version https://git-lfs") {
        ("it is a pointer of Git LFS, not the file itself", "fetch the file with `git lfs pull`".to_owned())
    } else if text.starts_with(b"<") {
        ("it is an HTML or XML document, not a backup", "download the file itself".to_owned())
    } else if begins(b"PK\x03\x04")
        || begins(b"7z\xBC\xAF")
        || begins(b"Rar!\x1A\x07")
        || begins(&[0x1F, 0x8B])
    {
        ("it is an archive under another name", "unpack it, or give it the name of its kind".to_owned())
    } else if head.is_empty() {
        ("it is empty", "give the file itself".to_owned())
    } else if head.iter().all(|&byte| byte == 0) {
        ("it begins with zeros: it was not written or copied to its end", "copy it again".to_owned())
    } else {
        let why = format!(
            "it is no backup that SQL Server itself made: it begins with {}. Other backup programs, such as LiteSpeed \
             or SQL Backup, have formats of their own",
            shown(head)
        );
        let hint =
            format!("restore it with the program that made it, then {}", make_another(&Text::default()));
        return unusable(input, why, hint);
    };
    unusable(input, why, hint)
}

/// The input begins as a backup does, and then not.
pub(super) fn no_first_block(input: &str) -> Error {
    let why = "it begins as a backup does, but its first block is damaged, or it is no backup";
    unusable(input, why, make_another(&Text::default()))
}

/// Shows the first bytes of a file, by which its kind can be looked up.
fn shown(head: &[u8]) -> String {
    let first = &head[..head.len().min(8)];
    let hex: Vec<String> = first.iter().map(|byte| format!("{byte:02X}")).collect();
    let text = first.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    if text { format!("\"{}\"", String::from_utf8_lossy(first)) } else { hex.join(" ") }
}

/// What to do about files of several backups.
pub(super) const ONE_AT_A_TIME: &str = "give the files of one backup at a time, all of them whole";

/// A compressed backup without a record that can be decoded.
pub(super) fn no_records(input: &str, unknown: &Unknown) -> Error {
    let why = match unknown.algorithm {
        Some(algorithm) => format!("it seems to be compressed with {algorithm}, which is not read"),
        None => format!(
            "its compressed data (format version {}) cannot be decoded: it is encrypted (WITH ENCRYPTION), or of \
             an unknown make",
            unknown.version
        ),
    };
    unusable(input, why, make_another(&Text::default()))
}

/// A medium that another program than SQL Server says it wrote; `None` for SQL Server's own.
fn other_software(input: &str, software: &Text) -> Option<Error> {
    let name = software.to_lossy();
    if name.is_empty() || name.contains("SQL Server") {
        return None;
    }
    let why = format!("it was written by \"{name}\", not by SQL Server, and holds no pages of a database");
    let hint = "restore the files in it with that program; a backup or database file among them can be read";
    Some(unusable(input, why, hint))
}

/// A medium without any set.
pub(super) fn no_sets(input: &str, software: &Text) -> Error {
    other_software(input, software).unwrap_or_else(|| {
        unusable(input, "it holds no backup of a database", make_another(&Text::default()))
    })
}

/// A set that holds no whole database.
pub(super) fn wrong_kind(input: &str, set: &BackupSet, software: &Text) -> Error {
    if set.kind == BackupKind::Other
        && let Some(error) = other_software(input, software)
    {
        return error;
    }
    let (database, kind) = (set.database.to_lossy(), set.kind.name());
    let lacks = match set.kind {
        BackupKind::Differential => "it lacks all that did not change since the full backup",
        BackupKind::Log => "it holds changes, not the database",
        _ => "no page of a database is in it",
    };
    let why = format!("set {} is a {kind} of database \"{database}\": {lacks}", set.position);
    unusable(input, why, format!("give the full backup; or, {}", make_another(&set.database)))
}

/// A set without the page that every database begins with.
pub(super) fn no_boot_page(input: &str, set: &BackupSet, encrypted: bool, any: bool, damaged: bool) -> Error {
    let why = match (encrypted, any, damaged) {
        (true, ..) => "the backup is encrypted (WITH ENCRYPTION)",
        (_, _, true) => "the backup is damaged or cut off, and the database's boot page is lost",
        (_, false, _) => "no page in it can be recognised: it is probably encrypted (WITH ENCRYPTION)",
        _ => "the database's boot page is not in it: it is a backup of some files or file groups only",
    };
    unusable(input, why, make_another(&set.database))
}

/// A set whose pages are encrypted by the server.
pub(super) fn transparently_encrypted(input: &str, set: &BackupSet) -> Error {
    let why =
        format!("database \"{}\" is encrypted (TDE): no page has its own checksum", set.database.to_lossy());
    let hint = format!(
        "on its server, restore a copy, run ALTER DATABASE … SET ENCRYPTION OFF, wait until it is decrypted, then {}",
        statement(&set.database)
    );
    unusable(input, why, hint)
}

/// So many missing files of a backup are named.
const NAMED: usize = 20;

/// Says which files of a striped backup there are, and how many are missing.
pub(super) fn incomplete(family: Family, given: &[u16]) -> String {
    let list: Vec<String> = given.iter().map(u16::to_string).collect();
    let stripes = if given.len() == 1 { "stripe" } else { "stripes" };
    let others = usize::from(family.count) - given.len();
    let missing =
        if others == 1 { "other file missing".to_owned() } else { format!("{others} other files missing") };
    let numbers = (1..=family.count).filter(|number| !given.contains(number)).take(NAMED);
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    let more = if others > NAMED { ", …" } else { "" };
    format!("{stripes} {} of {}, {missing} ({}{more})", list.join(", "), family.count, numbers.join(", "))
}

/// A striped backup of which files are missing.
pub(super) fn missing_stripes(input: &str, family: Family, given: &[u16]) -> Error {
    let hint = "a striped backup spreads every table over all its files: give all of them together, \
                or make a backup in one file: ";
    unusable(input, incomplete(family, given), format!("{hint}{}", statement(&Text::default())))
}
