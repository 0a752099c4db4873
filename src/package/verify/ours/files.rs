//! What the package holds of the old file store: the two tables agree with each other, and every
//! carried file is the one that `files.csv` tells of.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use super::rows::{Row, walk};
use crate::chat::{MessageId, Ticks};
use crate::ledger::Digest;
use crate::package::files::{FILES_HEADER, LINKS_HEADER};
use crate::package::layout::{CARRIED, COPY_SCRIPT, FILES, FILES_README, LINKS};
use crate::package::read::{is_digest, value};
use crate::package::verify::bag::{self, Algorithm};
use crate::package::verify::fault;
use crate::package::verify::files::Bag;
use crate::package::verify::problem::{Problems, quote};

/// The files that are there if one of them is.
const TOGETHER: [&str; 4] = [FILES, LINKS, COPY_SCRIPT, FILES_README];

/// What `files.csv` tells.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The carried files: their digests, with their sizes.
    carried: BTreeMap<Digest, u64>,
    /// All references.
    references: u64,
}

/// Tells whether a file of this name may be part of what is held of a file store.
pub(super) fn belongs(path: &str) -> bool {
    TOGETHER.contains(&path) || carried_name(path).is_some()
}

/// Returns the digest that a carried file is named by.
fn carried_name(path: &str) -> Option<&str> {
    path.strip_prefix(CARRIED)?.strip_prefix('/').filter(|name| is_digest(name))
}

/// Reads `files.csv`. Memory: the digests of carried files.
pub(super) fn read_files(path: &str, input: &mut dyn Read, problems: &mut Problems) -> Listed {
    let mut listed = Listed::default();
    // Files of one name share what refers to them; a missing one stands alone.
    let mut run: Option<(String, u64)> = None;
    walk(path, input, FILES_HEADER, problems, &mut |row, problems| {
        let name = row.text(0).trim_end_matches(['.', ' ']).to_lowercase();
        let references = row.count(5, problems).unwrap_or_default();
        run = Some(match run.take() {
            Some((before, most)) if before == name && !row.bytes(1).is_empty() => {
                (name, most.max(references))
            }
            ended => {
                listed.add(ended);
                (name, references)
            }
        });
        let known = (!row.bytes(3).is_empty()).then(|| {
            let digest = row.read(3, "SHA-256", own_digest, problems)?;
            Some((digest, row.count(2, problems)?))
        });
        let known = known.flatten();
        check_state(row, references, known.is_some(), problems);
        let carried = row.text(10);
        if carried.is_empty() {
            return;
        }
        match known {
            Some((digest, size)) if carried_name(&carried) == Some(digest.to_string().as_str()) => {
                if listed.carried.insert(digest, size).is_some_and(|other| other != size) {
                    row.wrong("the size of this content was told otherwise before", problems);
                }
            }
            _ => row.wrong(format!("{} is not where its content is carried", quote(&carried)), problems),
        }
    });
    listed.add(run);
    listed
}

impl Listed {
    fn add(&mut self, run: Option<(String, u64)>) {
        self.references = self.references.saturating_add(run.map_or(0, |(_, references)| references));
    }
}

fn own_digest(text: &str) -> Option<Digest> {
    if is_digest(text) { Digest::parse(text) } else { None }
}

/// A row's state follows from what else it says.
fn check_state(row: &Row<'_>, references: u64, is_known: bool, problems: &mut Problems) {
    let state = row.text(4);
    let is_there = !row.bytes(1).is_empty();
    let expected = match (is_there, is_known, references) {
        (true, true, 0) => "orphan",
        (true, true, _) => "linked",
        (true, false, _) => "unreadable",
        (false, false, 1..) => "missing",
        _ => "impossible",
    };
    if state != expected {
        row.wrong(format!("its state is {}, but what it says makes it {expected}", quote(&state)), problems);
    }
    let has_first = !row.bytes(8).is_empty() && !row.bytes(7).is_empty() && !row.bytes(6).is_empty();
    if has_first != (references > 0) {
        row.wrong("it does not tell alike whether anything refers to it", problems);
    }
}

/// Reads `links.csv` and returns the number of its rows.
pub(super) fn read_links(path: &str, input: &mut dyn Read, problems: &mut Problems) -> u64 {
    let mut count = 0;
    walk(path, input, LINKS_HEADER, problems, &mut |row, problems| {
        count += 1;
        row.read(1, "GUID", value::guid, problems);
        row.read(2, "time in UTC", |text| Ticks::parse_iso(text).filter(|t| t.to_string() == text), problems);
        match row.bytes(3) {
            b"message" => row.read(4, "message id", MessageId::parse, problems).map(drop),
            b"event" => row.read(4, "record of a stream", value::source, problems).map(drop),
            _ => row.read(3, "message or event", |_| None::<()>, problems),
        };
    });
    count
}

/// Compares the tables with each other, and the carried files with what is told of them.
pub(super) fn compare(
    bag: &Bag,
    listed: Option<&Listed>,
    links: Option<u64>,
    read: &HashMap<&str, bag::Read>,
    problems: &mut Problems,
) {
    let held: Vec<_> = bag.files.iter().filter(|file| belongs(&file.path)).collect();
    if held.is_empty() {
        return;
    }
    for path in TOGETHER.into_iter().filter(|path| bag.get(path).is_none()) {
        problems.add(&fault::PACKAGE_MISSING, path, "other files of the file store's plan are there");
    }
    let (Some(listed), Some(links)) = (listed, links) else { return };
    if links != listed.references {
        let what = format!("it has {links} links, and files.csv tells of {}", listed.references);
        problems.add(&fault::FILES_DIFFER, LINKS, what);
    }
    for (digest, size) in &listed.carried {
        let path = format!("{CARRIED}/{digest}");
        if bag.get(&path).is_none() {
            problems.add(&fault::PACKAGE_MISSING, &path, "files.csv says that it is carried");
        }
        // One that cannot be read is told by whoever reads it.
        let Some((digests, found)) = read.get(path.as_str()) else { continue };
        let own = digests.get(Algorithm::Sha256).is_none_or(|found| found == digest.0);
        if !own || found != size {
            let what =
                format!("it has {found} bytes, and is not the file of {size} bytes that files.csv names");
            problems.add(&fault::FILES_DIFFER, &path, what);
        }
    }
    for file in held {
        let digest = carried_name(&file.path).and_then(Digest::parse);
        if digest.is_some_and(|digest| !listed.carried.contains_key(&digest)) {
            problems.add(&fault::PACKAGE_EXTRA, &file.path, "files.csv tells of no such file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "094f5a4a-c492-4f6b-91c2-385eba134fd3";

    fn told(rows: &str) -> (Listed, Vec<String>) {
        let mut problems = Problems::default();
        let text = format!("{FILES_HEADER}\n{rows}");
        let listed = read_files(FILES, &mut text.as_bytes(), &mut problems);
        (listed, problems.finish().0.into_iter().map(|problem| problem.what).collect())
    }

    #[test]
    fn sound_rows_are_taken_and_references_count_once_a_name() {
        let digest = Digest::of(b"x");
        let (listed, problems) = told(&format!(
            "a,1/a,1,{digest},linked,2,{ROOM},{ROOM},1:2,1\\a,{CARRIED}/{digest}\n\
             A,2/A,1,{digest},linked,2,{ROOM},{ROOM},1:2,2\\A,{CARRIED}/{digest}\n\
             b,b,1,{digest},orphan,0,,,,b,\n\
             c,,,,missing,1,{ROOM},{ROOM},1:3,,\n\
             d,d,,,unreadable,0,,,,d,\n"
        ));
        assert_eq!(problems, [""; 0]);
        assert_eq!((listed.references, listed.carried), (3, BTreeMap::from([(digest, 1)])));
    }

    #[test]
    fn rows_that_contradict_themselves_are_told() {
        let digest = Digest::of(b"x");
        for row in [
            format!("a,a,1,{digest},orphan,2,{ROOM},{ROOM},1:2,a,"),
            format!("a,a,1,{digest},linked,0,,,,a,"),
            format!("a,,1,{digest},missing,1,{ROOM},{ROOM},1:2,,"),
            "a,,,,missing,0,,,,,".to_owned(),
            format!("a,a,1,{digest},linked,1,,,,a,"),
            format!("a,a,1,{digest},orphan,0,,,,a,{CARRIED}/{}", Digest::of(b"y")),
            format!("a,a,1,{digest},orphan,0,,,,a,../{digest}"),
            format!("a,a,1,{},orphan,0,,,,a,", digest.to_string().to_uppercase()),
            format!("a,a,x,{digest},orphan,0,,,,a,"),
        ] {
            assert!(!told(&row).1.is_empty(), "{row}");
        }
    }

    #[test]
    fn links_name_messages_and_events_in_their_own_way() {
        let id = "ab".repeat(16);
        let time = "2012-11-05T09:20:00Z";
        let rows = [
            (format!("a,{ROOM},{time},message,{id}"), true),
            (format!("a,{ROOM},{time},event,3:17"), true),
            (format!("a,{ROOM},{time},event,{id}"), false),
            (format!("a,{ROOM},{time},note,{id}"), false),
            (format!("a,{ROOM},2012-11-05 09:20,message,{id}"), false),
            (format!("a,room,{time},message,{id}"), false),
        ];
        for (row, sound) in rows {
            let mut problems = Problems::default();
            let text = format!("{LINKS_HEADER}\n{row}\n");
            assert_eq!(read_links(LINKS, &mut text.as_bytes(), &mut problems), 1);
            assert_eq!(problems.finish().0.is_empty(), sound, "{row}");
        }
    }
}
