//! What the package holds of the old file store: the plan as two tables, a script that carries it out,
//! and if it was asked for, the files themselves.

use std::io::{self, Write};

use super::csv::{Field, Rows};
use super::layout;
use super::target::Packer;
use crate::error::Result;
use crate::filestore::{Content, FilePlan, Group, StoredFile};

/// The script, the same in every package: what it copies stands in `files.csv`, so no name becomes code.
const SCRIPT: &str = include_str!("copy-files.ps1");

/// The steps, for people.
const README: &str = include_str!("README.txt");

/// Header of `files.csv`.
pub(super) const FILES_HEADER: &str =
    "name,path,size,sha256,state,references,rooms,first_room,first,destination,carried";

/// Header of `links.csv`.
pub(super) const LINKS_HEADER: &str = "name,room,time,kind,record";

/// Writes all that the package holds of a file store.
pub(super) fn write(plan: &FilePlan, packer: &mut Packer<'_>) -> Result<()> {
    packer.put(layout::FILES_README.into(), for_windows(README))?;
    packer.put(layout::COPY_SCRIPT.into(), [b"\xEF\xBB\xBF", &*for_windows(SCRIPT)].concat())?;
    packer.file(layout::FILES.into()).fill(|out| write_files(plan, out))?;
    packer.file(layout::LINKS.into()).fill(|out| write_links(plan, out))?;
    for (digest, file) in plan.carried() {
        packer.file(format!("{}/{digest}", layout::CARRIED)).fill_by(|out| file.copy(out))?;
    }
    Ok(())
}

/// Ends lines as Windows does.
fn for_windows(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

/// Writes `files.csv`: every file of the store, and every one that is missing, by name.
fn write_files(plan: &FilePlan, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, FILES_HEADER);
    let mut groups = plan.groups();
    while let Some(group) = groups.next_group().map_err(io::Error::other)? {
        if group.files.is_empty() {
            write_file(&group, None, false, &mut rows)?;
        }
        for file in group.files {
            write_file(&group, Some(file), plan.store().carries(), &mut rows)?;
        }
    }
    rows.end()
}

/// Writes the row of a file, or of a missing one.
fn write_file(
    group: &Group<'_>,
    file: Option<&StoredFile>,
    carried: bool,
    rows: &mut Rows<'_>,
) -> io::Result<()> {
    let known = file.and_then(StoredFile::known);
    let state = match file.map(|file| &file.content) {
        None => "missing",
        Some(Content::Known(..)) if group.references == 0 => "orphan",
        Some(Content::Known(..)) => "linked",
        Some(_) => "unreadable",
    };
    let rooms: Vec<String> = group.rooms.iter().map(ToString::to_string).collect();
    let text = |text: Option<String>| Field::Text(text.unwrap_or_default().into());
    rows.row(&[
        file.map_or(group.name.as_str(), StoredFile::name).into(),
        file.map_or("", |file| file.path.as_str()).into(),
        text(known.map(|(size, _)| size.to_string())),
        text(known.map(|(_, digest)| digest.to_string())),
        state.into(),
        Field::Number(group.references),
        text(Some(rooms.join(" "))),
        text(group.first.map(|first| first.room.to_string())),
        text(group.first.map(|first| first.referrer.to_string())),
        file.and_then(|file| file.destination.as_deref()).unwrap_or_default().into(),
        text(known.filter(|_| carried).map(|(_, digest)| format!("{}/{digest}", layout::CARRIED))),
    ])
}

/// Writes `links.csv`: every message and event that refers to a file, by name, then by time.
fn write_links(plan: &FilePlan, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, LINKS_HEADER);
    let mut links = plan.links();
    while let Some((link, name)) = links.next_link().map_err(io::Error::other)? {
        rows.row(&[
            name.into(),
            Field::Shown(&link.room),
            Field::Shown(&link.ticks),
            link.referrer.kind().into(),
            Field::Shown(&link.referrer),
        ])?;
    }
    rows.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_plain_and_can_neither_delete_nor_overwrite() {
        assert!(SCRIPT.is_ascii() && README.is_ascii());
        let upper = SCRIPT.to_uppercase();
        for danger in ["/MIR", "/PURGE", "/MOV", "REMOVE-ITEM", " DEL ", "INVOKE-EXPRESSION", "IEX "] {
            assert!(!upper.contains(danger), "{danger}");
        }
        for needed in ["/XC", "/XN", "/XO", "/COPY:DAT", "/DCOPY:T"] {
            assert!(upper.contains(needed), "{needed}");
        }
        assert!(!for_windows("a\nb\r\n").windows(2).any(|two| two[1] == b'\n' && two[0] != b'\r'));
    }
}
