//! What differs between two packages, or between sources and a package: people, categories, rooms,
//! each message and each event.
//!
//! A source goes through the very stages of a conversion, by the options that the package tells of; what
//! comes out is read by the same reader as a package and compared in the order in which packages have
//! it. So both sides are merged as they come: memory does not grow with the number of messages, nor
//! with that of differences, which are told one by one. It judges neither side: whether a package is
//! sound is the business of [`verify`](crate::package::verify).

mod ahead;
mod difference;
mod entry;
mod histories;
mod kept;
mod leftovers;
mod model;
mod records;
mod sides;
mod structure;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::budget::Budget;
use crate::chat::{Guid, Piece};
use crate::convert;
use crate::error::{Error, Result};
use crate::migrate::{self, PeopleMap};
use crate::package::read::{Documents, Told, level_of};
use crate::package::{self, Level};
use crate::progress::{Progress, Stage};
use crate::source;
use crate::spill::Scratch;

use ahead::Ahead;
pub use difference::{Difference, Kind, Named, RecordSubject, Side};
use histories::Histories;
use model::Model;
use sides::Sides;
pub use tally::{Mark, Tally};

/// Hears of each difference.
pub type Tell<'a> = dyn FnMut(&Difference) -> Result<()> + 'a;

/// How sides are compared.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for temporary files.
    pub temp: PathBuf,
    /// The people map with which the package was made.
    pub people_map: Option<PeopleMap>,
    /// How memory is shared out.
    pub budget: Budget,
}

/// How much was compared.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What A has, and what B has.
    pub sides: [Held; 2],
    /// The rooms of which one side has more messages or events, or others at their ends.
    pub rooms: Vec<RoomTallies>,
    /// Options with which the package was made, and which mean nothing here.
    pub unknown_options: Vec<String>,
}

/// What one side has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// People.
    pub people: u64,
    /// Categories.
    pub categories: u64,
    /// Rooms.
    pub rooms: u64,
    /// Messages.
    pub messages: u64,
    /// Events.
    pub events: u64,
}

/// What both sides have of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomTallies {
    /// The room.
    pub room: Named,
    /// What A has.
    pub a: Tally,
    /// What B has.
    pub b: Tally,
}

/// Tells all differences between A and B, in the order of [`Kind`] and within a kind by GUID and time.
/// One of them is one package; the other is one package as well, or sources.
///
/// # Errors
/// [`Error::Usage`] if no side is one package, or for want of a people map; [`Error::Unusable`] and
/// [`Error::Read`] with the place of what cannot be read; those of `tell`.
pub fn compare(
    a: &[PathBuf],
    b: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
    tell: &mut Tell<'_>,
) -> Result<Outcome> {
    match sides::open(a, b, &options.temp)? {
        Sides::Packages(packages) => {
            if options.people_map.is_some() {
                return Err(needless_map("both sides are packages"));
            }
            compare_packages(packages.each_ref(), options, progress, tell)
        }
        Sides::Source { inputs, package, source } => {
            compare_source(inputs, &package, source, options, progress, tell)
        }
    }
}

/// Compares two packages.
fn compare_packages(
    documents: [&Documents; 2],
    options: &Options,
    progress: &dyn Progress,
    tell: &mut Tell<'_>,
) -> Result<Outcome> {
    const STAGES: u32 = 2;
    progress.stage(Stage { number: 1, of: STAGES, name: "comparing people and rooms", total: 0 });
    let levels = [level_of(documents[0])?, level_of(documents[1])?];
    let model = Model::read([(documents[0], levels[0]), (documents[1], levels[1])])?;
    structure::compare(&model, tell)?;
    progress.check()?;

    progress.stage(Stage { number: 2, of: STAGES, name: "comparing messages and events", total: 0 });
    if !levels.into_iter().all(Level::has_content) {
        return Ok(outcome(&model, BTreeMap::new()));
    }
    let tallies = std::thread::scope(|scope| {
        let largest = largest(options);
        let coming = Ahead::begin(scope, documents[0], &model.sides[0], largest)?;
        let other = Ahead::begin(scope, documents[1], &model.sides[1], largest)?;
        let mut pull = || other.next_piece();
        let mut histories =
            Histories::new(&model, 0, &mut pull, scratch(options), options.budget.waiting, tell);
        while let Some(piece) = coming.next_piece()? {
            progress.check()?;
            progress.advance(piece.bytes.len() as u64);
            histories.take(piece)?;
        }
        histories.end()
    })?;
    Ok(outcome(&model, tallies))
}

/// Compares sources, which are A (0) or B (1), with a package.
fn compare_source(
    inputs: &[PathBuf],
    documents: &Documents,
    source: u8,
    options: &Options,
    progress: &dyn Progress,
    tell: &mut Tell<'_>,
) -> Result<Outcome> {
    const STAGES: u32 = 6;
    let told = Told::read(documents)?;
    let conversion = conversion(&told, options, STAGES)?;
    let gathered = convert::gather(inputs, &conversion, None, progress)?;

    progress.stage(Stage { number: 5, of: STAGES, name: "comparing people and rooms", total: 0 });
    // Who wrote what decides nothing but findings, so the plan need not wait for the messages.
    let archive = &gathered.archive;
    let migration = convert::migration(archive, &conversion.migration);
    let plan = migrate::plan(&archive.tree, &archive.directory, &migration)?;
    let planned = package::planned_documents(&plan, told.level, &options.temp)?;
    drop(plan);
    let mut sides = [(&planned, told.level), (documents, told.level)];
    if source == 1 {
        sides.reverse();
    }
    let model = Model::read(sides)?;
    structure::compare(&model, tell)?;
    progress.check()?;

    let total = gathered.bytes();
    progress.stage(Stage { number: 6, of: STAGES, name: "comparing messages and events", total });
    let [own, other] = if source == 0 { [0, 1] } else { [1, 0] };
    let tallies = std::thread::scope(|scope| {
        let package = Ahead::begin(scope, documents, &model.sides[other], largest(options))?;
        let mut pull = || package.next_piece();
        let memory = options.budget.waiting;
        let mut histories = Histories::new(&model, source, &mut pull, scratch(options), memory, tell);
        let numbers = &model.sides[own].numbers;
        gathered.resolve(&conversion, progress, &mut |mut piece| {
            renumber(&mut piece, |position| numbers.get(&(position as u64 + 1)).copied());
            histories.take(piece)
        })?;
        histories.end()
    })?;
    Ok(Outcome { unknown_options: told.others, ..outcome(&model, tallies) })
}

/// Returns how a source is read so that it gives what the package holds.
fn conversion(told: &Told, options: &Options, stages: u32) -> Result<convert::Options> {
    match (told.people_map, &options.people_map) {
        (true, None) => {
            return Err(Error::Usage {
                what: "the package was made with a people map, and none is given".to_owned(),
                hint: "give the same file with --people-map".to_owned(),
            });
        }
        (false, Some(_)) => return Err(needless_map("the package was made without one")),
        _ => {}
    }
    Ok(convert::Options {
        output: None,
        level: told.level,
        since: told.since,
        until: told.until,
        reading: source::Options {
            temp: options.temp.clone(),
            roles: told.roles.clone(),
            set: told.set,
            salvage: told.salvage,
            check_pages: false,
            max_rejected: None,
            stages,
            left_out: Vec::new(),
        },
        migration: migrate::Options {
            separator: told.separator.clone(),
            room_prefix: told.room_prefix,
            scope: told.scope.clone(),
            without_disabled_rooms: told.without_disabled_rooms,
            people_map: options.people_map.clone(),
            ..migrate::Options::default()
        },
        package: package::Options::default(),
        files: None,
        budget: options.budget,
        told: Vec::new(),
    })
}

fn needless_map(why: &str) -> Error {
    Error::Usage {
        what: format!("a people map is given, but {why}"),
        hint: "leave --people-map out".to_owned(),
    }
}

/// Bytes of text that a record of a package may have: several are held at a time.
fn largest(options: &Options) -> usize {
    options.budget.waiting / 4
}

fn scratch(options: &Options) -> Arc<Scratch> {
    Arc::new(Scratch::new(&options.temp))
}

/// Gives the people in a piece the numbers that both sides have in common.
fn renumber(piece: &mut Piece, number: impl Fn(usize) -> Option<u32>) {
    let change = |person: &mut usize| *person = number(*person).unwrap_or(u32::MAX) as usize;
    for room in &mut piece.rooms {
        room.messages.iter_mut().for_each(|message| change(&mut message.author));
        room.events.iter_mut().for_each(|event| change(&mut event.person));
    }
}

fn outcome(model: &Model, tallies: BTreeMap<Guid, [Tally; 2]>) -> Outcome {
    let held = |side: usize| {
        let structure = &model.sides[side];
        let sum = |count: fn(&Tally) -> u64| tallies.values().map(|tallies| count(&tallies[side])).sum();
        Held {
            people: structure.people.len() as u64,
            categories: structure.categories.len() as u64,
            rooms: structure.rooms.len() as u64,
            messages: sum(|tally| tally.messages),
            events: sum(|tally| tally.events),
        }
    };
    let sides = [held(0), held(1)];
    let differing = tallies.into_iter().filter(|(_, [a, b])| a != b);
    let rooms = differing.map(|(guid, [a, b])| RoomTallies { room: model.room(guid), a, b }).collect();
    Outcome { sides, rooms, unknown_options: Vec::new() }
}
