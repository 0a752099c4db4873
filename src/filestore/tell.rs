//! What an administrator should know of the old file store.

use super::plan::{FilePlan, Group};
use super::store::{Content, StoredFile};
use crate::container::Obstacle;
use crate::error::Result;
use crate::ledger::{Findings, Level};

/// Findings of one code that are told one by one; how many more there are is told by one of their own,
/// and `files.csv` has all.
const MOST_TOLD: u64 = 1_000;

/// What the target takes by default: `MaxFileSizeKB` is 20,000.
const LARGEST: u64 = 20_000 * 1_024;

/// Tells what was found in the store, and what was not.
///
/// # Errors
/// If the temporary file cannot be read.
pub(super) fn tell(plan: &FilePlan, findings: &mut Findings) -> Result<()> {
    let mut teller = Teller { findings, kinds: [const { Kind::NONE }; 7] };
    for hindrance in plan.store().hindrances() {
        match &hindrance.what {
            Obstacle::Link => teller.skipped(&hindrance.path, "it is a link, which is not followed"),
            Obstacle::Special => teller.skipped(&hindrance.path, "it is a device, pipe or socket"),
            Obstacle::Unreadable(why) => {
                let detail = format!("it cannot be looked at ({why}), so what is in it is not known");
                teller.add(UNREADABLE, &hindrance.path, detail);
            }
        }
    }
    let mut groups = plan.groups();
    while let Some(group) = groups.next_group()? {
        teller.group(&group);
    }
    teller.end();
    Ok(())
}

/// A kind of finding: its place among the counts, its code, and its level.
type Code = (usize, &'static str, Level);
const UNREADABLE: Code = (0, "STORE-UNREADABLE", Level::Error);
const SKIPPED: Code = (1, "STORE-SKIPPED", Level::Warning);
const MISSING: Code = (2, "LINK-FILE-MISSING", Level::Warning);
const ORPHAN: Code = (3, "FILE-ORPHAN", Level::Warning);
const SAME_NAME: Code = (4, "FILE-SAME-NAME", Level::Warning);
const BY_HAND: Code = (5, "FILE-BY-HAND", Level::Warning);
const LARGE: Code = (6, "LIMIT-FILE", Level::Warning);

/// How many findings of a kind there were, and of those not told one by one the bytes.
struct Kind {
    code: Option<(&'static str, Level)>,
    count: u64,
}

impl Kind {
    const NONE: Kind = Kind { code: None, count: 0 };
}

struct Teller<'a> {
    findings: &'a mut Findings,
    kinds: [Kind; 7],
}

impl Teller<'_> {
    fn add(&mut self, (place, code, level): Code, subject: &str, detail: String) {
        let Some(kind) = self.kinds.get_mut(place) else { return };
        kind.code = Some((code, level));
        kind.count += 1;
        if kind.count <= MOST_TOLD {
            self.findings.add(code, level, subject, detail);
        }
    }

    fn skipped(&mut self, path: &str, why: &str) {
        self.add(SKIPPED, path, format!("{why}, so it is no part of the plan"));
    }

    fn group(&mut self, group: &Group<'_>) {
        let refers = refers(group);
        if group.files.is_empty() {
            self.add(MISSING, &group.name, format!("no file of this name is in the file store; {refers}"));
        }
        for file in group.files {
            self.file(file, group.references, &refers);
        }
        self.same_name(group, &refers);
    }

    fn file(&mut self, file: &StoredFile, references: u64, refers: &str) {
        if let Content::Unreadable(why) = &file.content {
            self.add(UNREADABLE, &file.path, format!("the file cannot be read ({why}); {refers}"));
        }
        if let Some((size, digest)) = file.known() {
            if references == 0 {
                let detail = format!("no message or event refers to it; {size} bytes, SHA-256 {digest}");
                self.add(ORPHAN, &file.path, detail);
            }
            if size > LARGEST {
                let detail = format!(
                    "it has {size} bytes, more than the {LARGEST} that the server takes by default \
                     (MaxFileSizeKB 20000)"
                );
                self.add(LARGE, &file.path, detail);
            }
        }
        if file.destination.is_none() {
            let why = match file.clashes {
                true => "another file's path differs in case alone, which is one path on Windows",
                false => "Windows does not take its name, or not as it is",
            };
            self.add(BY_HAND, &file.path, format!("{why}; the script leaves it out, copy it by hand"));
        }
    }

    /// Tells where a name does not say which file is meant.
    fn same_name(&mut self, group: &Group<'_>, refers: &str) {
        let mut contents = group.files.iter().map(StoredFile::known);
        let first = contents.next();
        if group.references == 0 || contents.all(|content| Some(content) == first) {
            return;
        }
        const SHOWN: usize = 10;
        let paths: Vec<&str> = group.files.iter().take(SHOWN).map(|file| file.path.as_str()).collect();
        let more = if group.files.len() > SHOWN { ", …" } else { "" };
        let detail = format!(
            "{} files of this name differ in content ({}{more}), and all count as linked; {refers}",
            group.files.len(),
            paths.join(", ")
        );
        self.add(SAME_NAME, &group.name, detail);
    }

    /// Tells how many there are of what was not told one by one.
    fn end(self) {
        for kind in self.kinds {
            if let (Some((code, level)), Some(more)) =
                (kind.code, kind.count.checked_sub(MOST_TOLD).filter(|more| *more > 0))
            {
                let detail = format!("{more} more are like the {MOST_TOLD} told; all stand in files.csv");
                self.findings.add(code, level, "the file store", detail);
            }
        }
    }
}

/// Says how much refers to a name, and what does so first.
fn refers(group: &Group<'_>) -> String {
    let Some(first) = &group.first else { return "nothing refers to it".to_owned() };
    let rooms = match group.rooms.len() {
        1 => "1 room".to_owned(),
        rooms => format!("{rooms} rooms"),
    };
    let what = match group.references {
        1 => "1 message or event refers to it".to_owned(),
        count => format!("{count} messages and events in {rooms} refer to it, first"),
    };
    let (kind, referrer) = (first.referrer.kind(), first.referrer);
    format!("{what}: {kind} {referrer} in room {} of {}", first.room, first.ticks)
}
