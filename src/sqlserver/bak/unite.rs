//! From what was found in each file of a backup to one set and its pages.
//!
//! A backup may be striped over several files, and each stripe may be there more than once: SQL
//! Server can mirror its media, and people copy files. A copy adds what the others lack.

use super::damage::Damages;
use super::index::{Index, key};
use super::serve::{self, Extents};
use super::set::{BackupKind, BackupSet};
use super::stripe::Walked;
use super::walk::Content;
use super::{BOOT_PAGE, Backup, refusal};
use crate::chat::Ticks;
use crate::error::{Error, Result};

/// How far the files of one backup may be apart by the times at which it was begun. Those of different
/// backups on the same media are further apart.
const APART: i64 = 5 * 60 * Ticks::SECOND;

/// Brings the files of a backup into the order of its stripes, the soundest copy of each in front;
/// the order in which they were given does not matter.
pub(super) fn order(walked: &mut [Walked]) {
    walked.sort_by(|one, other| {
        let key = |walked: &Walked| (walked.number(), walked.tape.damage.count());
        key(one).cmp(&key(other)).then_with(|| one.stripe.name.cmp(&other.stripe.name))
    });
}

/// Checks that all files of one backup are there, and none of another.
pub(super) fn check_stripes(walked: &[Walked]) -> Result<()> {
    let Some((first, others)) = walked.split_first() else {
        return Err(Error::Usage {
            what: "no backup was given".to_owned(),
            hint: "name its files".to_owned(),
        });
    };
    let media = |walked: &Walked| walked.tape.family.map(|family| (family.media, family.count));
    if let Some(stranger) = others.iter().find(|other| media(other).is_none() || media(other) != media(first))
    {
        let why = format!("it belongs to another backup than {}", first.stripe.name);
        return Err(refusal::unusable(&stranger.stripe.name, why, refusal::ONE_AT_A_TIME));
    }
    let Some(family) = first.tape.family else { return Ok(()) };
    let mut given: Vec<u16> = walked.iter().filter_map(Walked::number).collect();
    given.dedup();
    if given.len() < usize::from(family.count) {
        return Err(refusal::missing_stripes(&first.stripe.name, family, &given));
    }
    Ok(())
}

/// Returns the position, from 0, of the set that is asked for, or of the last full one that can be
/// read; and whether a later full one cannot.
pub(super) fn choose(walked: &[Walked], sets: &[BackupSet], wanted: Option<usize>) -> Result<(usize, bool)> {
    let Some(first) = walked.first() else { return Ok((0, false)) };
    let input = &first.stripe.name;
    let software = &first.tape.software;
    let Some(last) = sets.last() else { return Err(refusal::no_sets(input, software)) };
    let Some(wanted) = wanted else {
        // A set whose header is lost may be a differential one: it is read where there is no other.
        let of_kind = |kind| sets.iter().rposition(|set| set.kind == kind).map(|at| (at, kind));
        let found = of_kind(BackupKind::Full).or_else(|| of_kind(BackupKind::Unknown));
        let (last, kind) = found.ok_or_else(|| refusal::wrong_kind(input, last, software))?;
        let begins =
            |at: &usize| sets.get(*at).is_some_and(|set| set.kind == kind && holds_boot_page(walked, set));
        let readable = (0..=last).rev().find(begins);
        return Ok((readable.unwrap_or(last), readable.is_some_and(|at| at < last)));
    };
    match wanted.checked_sub(1).and_then(|at| Some((at, sets.get(at)?))) {
        Some((at, set)) if matches!(set.kind, BackupKind::Full | BackupKind::Unknown) => Ok((at, false)),
        Some((_, set)) => Err(refusal::wrong_kind(input, set, software)),
        None => Err(Error::Usage {
            what: format!("{input} has no backup number {wanted}"),
            hint: format!("it has {}, numbered from 1", sets.len()),
        }),
    }
}

/// Tells whether the page that every database begins with is in a set, in whichever file.
fn holds_boot_page(walked: &[Walked], set: &BackupSet) -> bool {
    let contents = walked.iter().filter_map(|walked| Some(&walked.tape.contents[find(walked, set)?]));
    let mut passes = contents.flat_map(|content| &content.passes);
    passes.any(|(_, index)| index.find(key(1, BOOT_PAGE)).is_some())
}

/// Finds a set in another file of the backup by its number; of several, which only damage can make,
/// the one whose position is nearest.
fn find(walked: &Walked, set: &BackupSet) -> Option<usize> {
    let same =
        walked.tape.contents.iter().enumerate().filter(|(_, content)| content.set.number == set.number);
    same.min_by_key(|(at, _)| at.abs_diff(set.position.saturating_sub(1))).map(|(at, _)| at)
}

/// Takes a set out of a file, which must have it as the first file has.
fn take_content(first: &str, walked: &mut Walked, set: &BackupSet) -> Result<Content> {
    let name = walked.stripe.name.clone();
    let Some(at) = find(walked, set) else {
        let why = format!("backup number {} is not in it, though it is in {first}", set.number);
        return Err(refusal::unusable(&name, why, refusal::ONE_AT_A_TIME));
    };
    let content = walked.tape.contents.swap_remove(at);
    let apart = content.set.begun.zip(set.begun).map(|(one, other)| one.get().abs_diff(other.get()));
    if apart.is_some_and(|apart| apart > APART.unsigned_abs()) {
        let why = format!("its backup number {} was not begun when that of {first} was", set.number);
        return Err(refusal::unusable(&name, why, refusal::ONE_AT_A_TIME));
    }
    Ok(content)
}

/// Unites the pages of all files.
pub(super) fn unite(walked: Vec<Walked>, sets: Vec<BackupSet>, chosen: usize, later: bool) -> Result<Backup> {
    let input = walked.first().map_or("", |walked| &walked.stripe.name).to_owned();
    let mut backup = Backup {
        stripes: Vec::new(),
        index: Index::default(),
        extents: Extents::default(),
        sets,
        chosen,
        damage: Damages::default(),
        doubts: Vec::new(),
        copies: Vec::new(),
    };
    if later {
        let why =
            "a later full backup in the same file is not read, since the beginning of its database is lost";
        backup.doubts.push(why.to_owned());
    }
    if walked.iter().any(|walked| walked.number().is_none()) {
        let why = "the header is lost that tells whether the backup is spread over several files; if it is, the others \
                   are missing";
        backup.doubts.push(why.to_owned());
    }
    let mut passes = Vec::new();
    let mut encrypted = false;
    let mut before: Option<(Option<u16>, String)> = None;
    for (position, mut walked) in walked.into_iter().enumerate() {
        let content = take_content(&input, &mut walked, backup.set())?;
        let (number, name) = (walked.number(), walked.stripe.name.clone());
        match &before {
            Some((other, original)) if *other == number => {
                backup.copies.push(format!("{name} is a copy of {original}: what one lacks the other adds"));
            }
            _ => before = Some((number, name)),
        }
        let family = u16::try_from(position).unwrap_or(u16::MAX);
        encrypted |= content.encrypted;
        passes.extend(content.passes.into_iter().map(|(pass, index)| (pass, number, family, index)));
        let Walked { stripe, tape } = walked;
        backup.damage.append(tape.damage);
        backup.stripes.push(stripe);
    }
    // A page may be in one file first and in another later. Of copies the soundest is to count.
    passes.sort_by_key(|&(pass, number, family, _)| (pass, number, std::cmp::Reverse(family)));
    backup.index = Index::unite(passes.into_iter().map(|(.., family, index)| (family, index)));
    backup.extents = Extents::count(&backup.index);
    if backup.index.find(key(1, BOOT_PAGE)).is_none() {
        let (any, damaged) = (!backup.index.is_empty(), backup.damage.count() > 0);
        return Err(refusal::no_boot_page(&input, backup.set(), encrypted, any, damaged));
    }
    if serve::is_encrypted(&backup) {
        return Err(refusal::transparently_encrypted(&input, backup.set()));
    }
    let absent: Vec<String> = serve::absent_files(&backup).map(doubt_of_file).collect();
    backup.doubts.extend(absent);
    Ok(backup)
}

/// Says that a file of the database is not there.
fn doubt_of_file(file: &super::DatabaseFile) -> String {
    let name = file.name.to_lossy();
    format!(
        "no page of the database's file {} (\"{name}\") is in the backup: it is a partial backup, or one of some \
         file groups",
        file.number
    )
}
