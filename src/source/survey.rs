//! The first look at every item: its size, its digest, what its first bytes look like, and in which
//! encoding it is if it is text. One pass over the bytes, many items at once.

use std::io::Read;

use rayon::prelude::*;

use super::opened::extension;
use crate::compliance::{self, DocumentKind};
use crate::container::{self, Item};
use crate::error::{Error, Result};
use crate::ledger::Digest;
use crate::progress::Progress;
use crate::sqlserver::mdf::{self, FileKind};
use crate::sqlserver::{Census, Encoding, Script, bak};

/// First bytes looked at, enough for a long comment before the root of a document.
const HEAD: usize = 64 << 10;

/// What the first bytes of an item look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// No bytes.
    Empty,
    /// XML.
    Xml(DocumentKind),
    /// A backup of SQL Server.
    Backup,
    /// A file of a SQL Server database.
    DataFile(FileKind),
    /// A ZIP archive that is one document or package, such as a BACPAC.
    Archive,
    /// A T-SQL script.
    Script,
    /// Anything that can be text.
    Text,
    /// Anything else.
    Binary,
}

/// An item after the first look.
#[derive(Debug, Clone)]
pub(super) struct Surveyed {
    pub item: Item,
    pub size: u64,
    pub digest: Digest,
    pub look: Look,
    /// Its encoding if it is text.
    pub encoding: Encoding,
    /// Why it could not be read to its end, if it could not.
    pub damage: Option<String>,
}

/// Looks at all items, and puts them in the order of (name, digest).
///
/// An entry of an archive that cannot be read to its end is damaged and goes on; its digest is that
/// of no bytes, since nobody could check any other.
///
/// # Errors
/// [`Error::Read`] if a plain file cannot be read, [`Error::Interrupted`].
pub(super) fn survey(items: Vec<Item>, progress: &dyn Progress) -> Result<Vec<Surveyed>> {
    let mut surveyed =
        items.into_par_iter().map(|item| survey_one(item, progress)).collect::<Result<Vec<Surveyed>>>()?;
    surveyed.sort_by(|one, other| {
        let key = |surveyed: &Surveyed| (surveyed.digest, surveyed.size);
        (one.item.name.cmp(&other.item.name))
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.item.folder.cmp(&other.item.folder))
    });
    Ok(surveyed)
}

/// Looks at all items as [`survey`] does, and reads no more of them than it must: nothing is hashed,
/// and the digests are those of no bytes.
///
/// # Errors
/// As [`survey`].
pub(super) fn glance(items: Vec<Item>, progress: &dyn Progress) -> Result<Vec<Surveyed>> {
    let glance = |item: Item| {
        progress.check()?;
        let mut head = Vec::new();
        let read = item.blob.open().and_then(|reader| reader.take(HEAD as u64).read_to_end(&mut head));
        let marked = Encoding::marked(&head);
        let encoding = marked.unwrap_or(Encoding::Windows1252);
        let look = look(&head, &item.name, encoding);
        let is_told = match look {
            Look::Backup | Look::DataFile(_) | Look::Archive | Look::Empty => true,
            Look::Script | Look::Text => marked.is_some(),
            Look::Xml(_) | Look::Binary => false,
        };
        if read.is_err() || !is_told {
            return survey_one(item, progress);
        }
        let (size, digest) = (item.blob.size().unwrap_or_default(), Digest::of(&[]));
        Ok(Surveyed { item, size, digest, look, encoding, damage: None })
    };
    let mut surveyed = items.into_par_iter().map(glance).collect::<Result<Vec<Surveyed>>>()?;
    surveyed.sort_by(|one, other| {
        (&one.item.name, &one.item.folder).cmp(&(&other.item.name, &other.item.folder))
    });
    Ok(surveyed)
}

fn survey_one(item: Item, progress: &dyn Progress) -> Result<Surveyed> {
    progress.check()?;
    let mut head = Vec::new();
    let mut census = Census::default();
    let mut seen = 0;
    let read = container::survey(&*item.blob, &mut |chunk| {
        if head.len() < HEAD {
            head.extend_from_slice(&chunk[..chunk.len().min(HEAD - head.len())]);
        }
        if binary(&head).is_none() {
            census.feed(chunk);
        }
        seen += chunk.len() as u64;
        progress.advance(chunk.len() as u64);
    });
    let encoding = census.finish();
    let look = look(&head, &item.name, encoding);
    match read {
        Ok((size, digest)) => Ok(Surveyed { item, size, digest, look, encoding, damage: None }),
        Err(error) if item.blob.path().is_some() => Err(Error::read(item.name, error)),
        Err(error) => {
            let damage = Some(format!("it cannot be read to its end: {error}"));
            Ok(Surveyed { size: seen, digest: Digest::of(&[]), look, encoding, damage, item })
        }
    }
}

/// Tells a file of SQL Server or a package by its first bytes; what else may be text.
fn binary(head: &[u8]) -> Option<Look> {
    if bak::is_backup(head) {
        return Some(Look::Backup);
    }
    let archive = head.starts_with(b"PK\x03\x04").then_some(Look::Archive);
    mdf::file_kind(head).map(Look::DataFile).or(archive)
}

fn look(head: &[u8], name: &str, encoding: Encoding) -> Look {
    if head.is_empty() {
        return Look::Empty;
    }
    // Reading from memory does not fail.
    if let Ok(Some(kind)) = compliance::recognise(&mut &*head) {
        return Look::Xml(kind);
    }
    if let Some(look) = binary(head) {
        return look;
    }
    match is_text(head, encoding) {
        true if Script::is_like(head) || extension(name).eq_ignore_ascii_case("sql") => Look::Script,
        true => Look::Text,
        // Its first page is damaged: whoever opens it says so, or recovers what is left.
        false if extension(name).eq_ignore_ascii_case("mdf") => Look::DataFile(FileKind::Primary),
        false => Look::Binary,
    }
}

/// Tells text from other bytes: text has few control characters.
fn is_text(head: &[u8], encoding: Encoding) -> bool {
    let odd = |byte: &&u8| **byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0);
    let controls = head.iter().filter(odd).count();
    let wide = matches!(encoding, Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian);
    let zeros = if wide { 0 } else { head.iter().filter(|&&byte| byte == 0).count() };
    (controls + zeros) * 10 <= head.len()
}
