//! From a first look to the reader that serves an item.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::opened::{Kind, OTHER_ROOT_HINT, Opened, expected, extension, other_root, refused, stem};
use super::survey::{Look, Surveyed};
use super::{Options, database, text};
use crate::compliance::DocumentKind;
use crate::error::Result;
use crate::groupchat;
use crate::ledger::{Findings, Level, Stream};
use crate::package::read::{self, PackageRoot, Part};
use crate::progress::Progress;
use crate::sqlserver::FormatFile;

/// Identifies all items, and gives the streams in the order of (name, digest).
///
/// # Errors
/// If an item cannot be read at all, or as [`database::open`].
pub(super) fn identify(
    surveyed: Vec<Surveyed>,
    options: &Options,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<Vec<Opened>> {
    let items: Vec<(&str, &str)> = surveyed
        .iter()
        .map(|surveyed| (surveyed.item.name.as_str(), surveyed.item.folder.as_str()))
        .collect();
    let roots = read::recognise(&items);
    let damaged: HashSet<(String, String)> = surveyed
        .iter()
        .filter(|surveyed| surveyed.damage.is_some())
        .map(|surveyed| (surveyed.item.name.clone(), surveyed.item.folder.clone()))
        .collect();
    let formats = format_files(&surveyed);
    let of_package = |surveyed: &Surveyed| {
        roots.iter().any(|root| root.part(&surveyed.item.name, &surveyed.item.folder).is_some())
    };
    let (databases, others): (Vec<Surveyed>, Vec<Surveyed>) = surveyed.into_iter().partition(|surveyed| {
        let taken = looks_like_format(surveyed) || of_package(surveyed);
        !taken && database::is_of_database(surveyed, &formats)
    });
    let mut opened: Vec<Opened> =
        others.into_par_iter().map(|surveyed| open(surveyed, &roots, &formats)).collect::<Result<_>>()?;
    opened.extend(database::open(databases, &formats, options, findings, progress)?);
    let is_damaged = |opened: &&Opened| {
        !damaged.is_empty() && damaged.contains(&(opened.stream.name.clone(), opened.folder.clone()))
    };
    for opened in opened.iter().filter(|opened| opened.holds_records()).filter(is_damaged) {
        let detail = "it could not be read to its end, so the digest that is told of it is that of no bytes";
        findings.add("ENTRY-DAMAGED", Level::Error, opened.stream.name.as_str(), detail);
    }
    let key = |opened: &Opened| (opened.stream.digest, opened.stream.size);
    opened.sort_by(|one, other| {
        (one.stream.name.cmp(&other.stream.name))
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.folder.cmp(&other.folder))
    });
    Ok(opened)
}

/// Tells what was ignored, refused or odd.
pub(super) fn tell_all(opened: &[Opened], findings: &mut Findings) {
    opened.iter().for_each(|opened| tell(opened, findings));
}

/// Format files by folder and the stem of the table that they serve.
pub(super) type Formats = HashMap<(String, String), FormatFile>;

fn format_files(surveyed: &[Surveyed]) -> Formats {
    let named = surveyed.iter().filter(|surveyed| looks_like_format(surveyed));
    named
        .filter_map(|surveyed| {
            let format = read_format(surveyed)?;
            Some(((surveyed.item.folder.clone(), stem(&surveyed.item.name).to_lowercase()), format))
        })
        .collect()
}

fn looks_like_format(surveyed: &Surveyed) -> bool {
    let named = extension(&surveyed.item.name).eq_ignore_ascii_case("fmt");
    let rooted =
        matches!(&surveyed.look, Look::Xml(DocumentKind::Other(root)) if root.as_str() == Some("BCPFORMAT"));
    (named || rooted) && surveyed.size <= 16 << 20
}

fn read_format(surveyed: &Surveyed) -> Option<FormatFile> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut surveyed.item.blob.open().ok()?, &mut bytes).ok()?;
    FormatFile::parse(&surveyed.item.name, &bytes).ok()
}

fn open(surveyed: Surveyed, roots: &[PackageRoot], formats: &Formats) -> Result<Opened> {
    let (kind, format) = kind(&surveyed, roots, formats)?;
    let Surveyed { item, size, digest, damage, .. } = surveyed;
    let stream = Stream { name: item.name, digest, size, format };
    let mut opened = Opened { stream, folder: item.folder, blob: item.blob, kind };
    // Records are read as far as they go; half a structure would be worse than none, and what could not
    // be read at all is not called empty, nor of no use.
    let is_unknown = matches!(opened.kind, Kind::Empty | Kind::Ignored);
    if let Some(damage) = damage
        && (is_unknown || opened.is_usable())
        && !opened.holds_records()
    {
        (opened.kind, opened.stream.format) = refused(&damage, "make another copy of the archive");
    }
    Ok(opened)
}

/// Decides what an item is, and says it in a few words for `sources.csv`.
fn kind(surveyed: &Surveyed, roots: &[PackageRoot], formats: &Formats) -> Result<(Kind, String)> {
    let name = &surveyed.item.name;
    let part =
        roots.iter().enumerate().find_map(|(at, root)| Some((at, root.part(name, &surveyed.item.folder)?)));
    if let Some((package, part)) = part {
        return package_part(surveyed, package, part);
    }
    if looks_like_format(surveyed) {
        return Ok(match read_format(surveyed) {
            Some(_) => (Kind::FormatFile, "format file".to_owned()),
            None => refused(
                "it is no format file that can be read",
                "give bcp's own format file, for character data",
            ),
        });
    }
    if extension(name).eq_ignore_ascii_case("attach") {
        return Ok((Kind::AttachmentManifest, "attachment manifest".to_owned()));
    }
    match &surveyed.look {
        Look::Empty => Ok((Kind::Empty, "empty".to_owned())),
        Look::Xml(kind) => Ok(document(kind)),
        Look::Binary if expected(name) => Ok(refused(
            "its bytes are no text, no XML, no archive and no file of SQL Server",
            "look whether it is the right file, and whole",
        )),
        Look::Binary => Ok((Kind::Ignored, "not read".to_owned())),
        // Files of databases were taken out before.
        Look::Backup | Look::DataFile(_) | Look::Archive | Look::Script => {
            Ok((Kind::Ignored, "not read".to_owned()))
        }
        Look::Text => {
            text::open(surveyed, formats.get(&(surveyed.item.folder.clone(), stem(name).to_lowercase())))
        }
    }
}

fn package_part(surveyed: &Surveyed, package: usize, part: Part) -> Result<(Kind, String)> {
    if let Part::Other(path) = &part
        && let Some(file) = path.strip_prefix("data/source/")
    {
        // `<n>-<table>.csv`, where `<n>` is a number of the earlier package.
        let table = stem(file);
        return text::open_carried(surveyed, table.split_once('-').map_or(table, |(_, table)| table));
    }
    let format = match part {
        Part::Content(..) => "package, messages",
        Part::Compliance(..) => "package, events",
        Part::Users | Part::Categories | Part::RoomDirectory => "package, structure",
        Part::Other(_) => "package, other",
    };
    Ok((Kind::Package { package, part }, format.to_owned()))
}

fn document(kind: &DocumentKind) -> (Kind, String) {
    match kind {
        DocumentKind::Conversations => (Kind::Document(kind.clone()), "compliance, Conversations".to_owned()),
        DocumentKind::FileDump => (Kind::Document(kind.clone()), "compliance, FileDump".to_owned()),
        DocumentKind::Doctype(_) => refused(
            "it has a document type definition, which is never read",
            "compliance documents have none: look where this file comes from",
        ),
        DocumentKind::Other(root) => (Kind::OtherXml(root.clone()), "refused".to_owned()),
    }
}

fn tell(opened: &Opened, findings: &mut Findings) {
    let name = opened.stream.name.as_str();
    match &opened.kind {
        Kind::Refused { why, hint, .. } => {
            findings.add("INPUT-REFUSED", Level::Error, name, format!("{why}; {hint}"));
        }
        Kind::OtherXml(root) => findings.add("INPUT-REFUSED", Level::Error, name, format!("{}; {}", other_root(root), OTHER_ROOT_HINT)),
        Kind::VendorExport => findings.add(
            "INPUT-VENDOR-EXPORT",
            Level::Error,
            name.split('#').next().unwrap_or(name),
            "an archive of unknown XML, such as Export-CsPersistentChatData writes; its format was never published, \
             so it is described by `inspect` and not converted",
        ),
        Kind::Empty if groupchat::recognise(stem(name), None).is_some() => {
            let detail = "it has no bytes, as after a failed export: none of its rows are here";
            findings.add("INPUT-EMPTY", Level::Error, name, detail);
        }
        Kind::Empty if expected(name) => findings.add("INPUT-EMPTY", Level::Warning, name, "it has no bytes"),
        Kind::Ignored | Kind::Empty => {
            findings.add("INPUT-IGNORED", Level::Info, name, "it is neither a table nor a compliance document");
        }
        Kind::OtherTable { .. } => findings.add(
            "TABLE-UNKNOWN",
            Level::Info,
            name,
            "it is no documented table of mgc or mgccomp; it is carried verbatim in data/source/",
        ),
        _ => {}
    }
    let promised = ["zip", "gz"].iter().any(|known| extension(name).eq_ignore_ascii_case(known));
    if promised && opened.is_usable() {
        findings.add(
            "INPUT-MISNAMED",
            Level::Info,
            name,
            "it is no archive; it was read as what its bytes are",
        );
    }
}
