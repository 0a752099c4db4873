//! Where a message of a package came from, who else held it and why this one survived; and what became of
//! any record of the inputs.
//!
//! It reads what a package says of itself: its ledger and its documents, as streams. With the inputs at
//! hand it shows the record as it stands there, found again by digest. It judges nothing: whether a package
//! is sound is the business of [`verify`](crate::package::verify).

mod account;
pub mod reasons;
mod reference;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use account::Account;
pub use account::{Duplicate, Holders, StreamRow};
pub use reference::Reference;

use crate::chat::{MessageId, Source, Text};
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::package::read::{
    Document, Documents, Found, Names, PersonName, RoomDocument, Told, Wanted, find_event, find_message,
};
use crate::progress::{Progress, Stage};
use crate::source::{self, Testimony};

/// How an explanation is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for temporary files.
    pub temp: PathBuf,
    /// The inputs of the package, where the record itself is to be shown.
    pub inputs: Vec<PathBuf>,
}

/// All that a package says of a message or a record.
#[derive(Debug)]
pub struct Explanation {
    /// The record that was asked about: for a message that from which it was taken.
    pub record: Place,
    /// What became of it.
    pub fate: Fate,
    /// The message or the event that the package has: the record itself, or that in favour of which it was
    /// dropped.
    pub kept: Option<Kept>,
    /// The options with which the package was made, where its report tells them.
    pub told: Option<Told>,
    /// The record, and the one that was kept, as they stand in the inputs that were given.
    pub raw: Vec<(Place, Testimony)>,
    /// What is odd about these inputs.
    pub findings: Findings,
}

/// A record and the stream in which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The record.
    pub source: Source,
    /// The row of `sources.csv`; `None` if there is no such row.
    pub stream: Option<StreamRow>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It stands in the package.
    Kept,
    /// It was dropped in favour of another one.
    Dropped(Duplicate),
    /// It was left out on request, within a range of such records.
    Filtered {
        /// The first record of the range.
        first: u64,
        /// The last one.
        last: u64,
        /// The option, as `filtered.csv` names it.
        reason: String,
    },
    /// It could not be used.
    Rejected(Box<RejectedAt>),
}

/// A row of `rejected.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedAt {
    /// Line where it begins, from 1; 0 where there are no lines.
    pub line: u64,
    /// Byte where it begins, from 0.
    pub byte: u64,
    /// Why, as the ledger names it.
    pub cause: String,
    /// What exactly was wrong.
    pub detail: String,
    /// The record as far as it could be read.
    pub text: String,
    /// Its bytes as Base64, where the text does not hold them.
    pub raw: String,
}

/// A message or an event of the package.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What it is.
    pub entry: Entry,
    /// The record from which it was taken.
    pub place: Place,
    /// The records that were dropped in its favour, with their streams.
    pub holders: Vec<(Duplicate, Option<StreamRow>)>,
    /// How many there are in all, by rule.
    pub rules: std::collections::BTreeMap<String, u64>,
    /// The messages that exclude it.
    pub conflicts: Vec<Conflict>,
    /// How many more of these there are.
    pub more_conflicts: u64,
}

/// A message that excludes another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Its id.
    pub id: MessageId,
    /// What it is, and from which record it was taken; `None` if the package lacks it.
    pub side: Option<(Entry, Place)>,
}

/// A message or an event with the names that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As its document has it.
    pub found: Found,
    /// The room's name.
    pub room: Option<Text>,
    /// The name of the room's category.
    pub category: Option<Text>,
    /// Who did it.
    pub person: PersonName,
}

/// Explains a message or a record. Reads the ledger and, until it is found, the documents of messages and
/// events; memory: people, rooms and streams, and one piece of a document on each thread.
///
/// # Errors
/// [`Error::Usage`] if the package has no such message or record; [`Error::Unusable`] if it is no package,
/// or damaged; [`Error::Read`], [`Error::Interrupted`].
pub fn explain(
    package: &Path,
    reference: Reference,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Explanation> {
    progress.stage(Stage { number: 1, of: 1, name: "looking into the package", total: 0 });
    let documents = source::whole_package(package, &options.temp)?.ok_or_else(|| Error::Usage {
        what: format!("{} is no package of gc2pc, alone and whole", package.display()),
        hint: "name a package: `gc2pc convert` makes one, and `gc2pc verify` tells what is wrong with one"
            .to_owned(),
    })?;
    let account = Account::new(&documents, progress);
    let library = Library::open(&documents, account.streams()?, progress)?;
    let (fate, found) = match reference {
        Reference::Message(id) => match library.message(&documents.content, Wanted::Message(id))? {
            Some(found) => (Fate::Kept, Some(found)),
            None => return Err(unknown_message(id)),
        },
        Reference::Record(source) => library.look_up(source, &account)?,
    };
    let kept = found.map(|found| library.kept(found, &account)).transpose()?;
    let asked = match (reference, &kept) {
        (Reference::Record(source), _) => source,
        (Reference::Message(_), Some(kept)) => kept.place.source,
        (Reference::Message(id), None) => return Err(unknown_message(id)),
    };
    let told = Told::read(&documents).ok();
    let record = library.place(asked);
    let mut explanation =
        Explanation { record, fate, kept, told, raw: Vec::new(), findings: Findings::default() };
    if !options.inputs.is_empty() {
        testify(&mut explanation, options, progress)?;
    }
    Ok(explanation)
}

/// Finds the record and the kept one in the inputs.
fn testify(explanation: &mut Explanation, options: &Options, progress: &dyn Progress) -> Result<()> {
    let told = explanation.told.as_ref();
    let reading = source::Options {
        temp: options.temp.clone(),
        roles: told.map(|told| told.roles.clone()).unwrap_or_default(),
        set: told.and_then(|told| told.set),
        salvage: told.is_some_and(|told| told.salvage),
        check_pages: false,
        max_rejected: None,
        stages: 3,
        left_out: Vec::new(),
    };
    let witnesses = source::witnesses(&options.inputs, &reading, progress)?;
    progress.stage(Stage { number: 3, of: 3, name: "finding the record", total: 0 });
    let mut places = vec![explanation.record.clone()];
    let kept = explanation.kept.as_ref().map(|kept| kept.place.clone());
    places.extend(kept.filter(|kept| *kept != explanation.record));
    for place in places {
        let testimony = match &place.stream {
            Some(row) => witnesses.record(&row.stream, place.source.record, progress)?,
            None => Testimony::NoInput,
        };
        explanation.raw.push((place, testimony));
    }
    explanation.findings = witnesses.findings;
    Ok(())
}

fn unknown_message(id: MessageId) -> Error {
    Error::Usage {
        what: format!("the package has no message {id}"),
        hint:
            "ids stand in the attribute Id of data/import/Content/; a record that was dropped, left out or \
               rejected is asked for as INPUT:RECORD"
                .to_owned(),
    }
}

/// The documents of a package with the names and the streams that they speak of.
struct Library<'a> {
    documents: &'a Documents,
    progress: &'a dyn Progress,
    names: Names,
    /// Everybody, each standing for itself.
    people: HashMap<u64, u32>,
    streams: Vec<StreamRow>,
}

impl<'a> Library<'a> {
    fn open(
        documents: &'a Documents,
        streams: Vec<StreamRow>,
        progress: &'a dyn Progress,
    ) -> Result<Library<'a>> {
        let mut names = Names::default();
        let mut learn = |document: &Document, root| names.learn(&document.name, document.open()?, root);
        learn(&documents.users, "Users")?;
        documents.categories.iter().try_for_each(|document| learn(document, "Categories"))?;
        documents.room_directory.iter().try_for_each(|document| learn(document, "RoomDirectory"))?;
        let numbers = names.people.keys().filter_map(|&id| Some((id, u32::try_from(id).ok()?)));
        let people = numbers.collect();
        Ok(Library { documents, progress, names, people, streams })
    }

    fn message(&self, documents: &[RoomDocument], wanted: Wanted) -> Result<Option<Found>> {
        find_message(documents, wanted, &self.people, self.progress)
    }

    /// Returns a record with its stream.
    fn place(&self, source: Source) -> Place {
        let row = (source.stream as usize).checked_sub(1).and_then(|at| self.streams.get(at));
        Place { source, stream: row.cloned() }
    }

    /// Finds what became of a record, and what the package has of it.
    fn look_up(&self, source: Source, account: &Account<'_>) -> Result<(Fate, Option<Found>)> {
        self.check(source)?;
        let of_package =
            |source: Source| match self.message(&self.documents.content, Wanted::Record(source))? {
                Some(found) => Ok(Some(found)),
                None => find_event(&self.documents.compliance, source, &self.people, self.progress),
            };
        let unsound = |what: String| Error::Unusable {
            input: self.documents.users.name.clone(),
            why: what,
            hint: "the package is not sound: `gc2pc verify` tells what is wrong; use another copy".to_owned(),
        };
        let named = format!("{}:{}", source.stream, source.record);
        match account.fate(source)? {
            Some(Fate::Dropped(duplicate)) => {
                let kept = match duplicate.kept {
                    Some(id) => self.message(&self.documents.content, Wanted::Message(id))?,
                    None => of_package(duplicate.kept_source)?,
                };
                let what =
                    || format!("what the record {named} was dropped in favour of is not in the package");
                let kept = kept.ok_or_else(|| unsound(what()))?;
                Ok((Fate::Dropped(duplicate), Some(kept)))
            }
            Some(fate) => Ok((fate, None)),
            None => {
                let what = || format!("the record {named} stands nowhere in the package");
                let found = of_package(source)?.ok_or_else(|| unsound(what()))?;
                Ok((Fate::Kept, Some(found)))
            }
        }
    }

    /// Refuses a record that no input has.
    fn check(&self, source: Source) -> Result<()> {
        let Source { stream, record } = source;
        let hint = "inputs are the rows of data/ledger/sources.csv, counted from 1; its column read tells how many \
                    records each has";
        let what = match self.place(source).stream {
            None => format!("the package has {} inputs and no input {stream}", self.streams.len()),
            Some(row) if record > row.read => {
                format!("{} has {} records and no record {record}", row.stream.name, row.read)
            }
            Some(_) => return Ok(()),
        };
        Err(Error::Usage { what, hint: hint.to_owned() })
    }

    /// Gathers all that belongs to a message or an event.
    fn kept(&self, found: Found, account: &Account<'_>) -> Result<Kept> {
        let holders = account.holders(found.id, found.source)?;
        let mut ids = found.conflicts.clone();
        let more_conflicts = match found.id {
            Some(id) => account.conflicts(id, &mut ids)?,
            None => 0,
        };
        let own = self.documents.content.iter().filter(|document| document.room == found.room);
        let own: Vec<RoomDocument> = own.cloned().collect();
        let side = |id: MessageId| {
            let found = self.message(&own, Wanted::Message(id))?;
            let side = found.map(|found| {
                let place = self.place(found.source);
                (self.entry(found), place)
            });
            Ok(Conflict { id, side })
        };
        let conflicts = ids.into_iter().map(side).collect::<Result<_>>()?;
        let place = self.place(found.source);
        let holders_told = holders.told.into_iter();
        let with_stream = |one: Duplicate| {
            let stream = self.place(one.source).stream;
            (one, stream)
        };
        Ok(Kept {
            entry: self.entry(found),
            place,
            holders: holders_told.map(with_stream).collect(),
            rules: holders.rules,
            conflicts,
            more_conflicts,
        })
    }

    fn entry(&self, found: Found) -> Entry {
        let room = self.names.rooms.get(&found.room);
        Entry {
            room: room.and_then(|room| room.name.clone()),
            category: room.and_then(|room| self.names.category_of(room)).cloned(),
            person: self.names.people.get(&found.person).cloned().unwrap_or_default(),
            found,
        }
    }
}
