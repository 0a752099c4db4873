//! Files and what refers to them, joined by name. Both stand in the order of their keys, so they are
//! walked side by side, and no more than one name is held in memory.

use std::collections::BTreeSet;

use super::link::{Link, ROW};
use super::links::SortedLinks;
use super::store::{Store, StoredFile};
use crate::chat::Guid;
use crate::error::Result;
use crate::ledger::Digest;
use crate::spill::Rows;

/// What is known of the old file store: which files there are, and what refers to them.
#[derive(Debug)]
pub struct FilePlan {
    store: Store,
    links: Option<SortedLinks>,
}

/// All files of one name, and all that refers to it.
#[derive(Debug)]
pub struct Group<'a> {
    /// The name: as in the store, or where no file has it, as the first that refers to it spells it.
    pub name: String,
    /// The files, by path; none where the file is missing.
    pub files: &'a [StoredFile],
    /// How many messages and events refer to the name.
    pub references: u64,
    /// The rooms in which they stand.
    pub rooms: BTreeSet<Guid>,
    /// The first of them in time.
    pub first: Option<Link>,
}

impl FilePlan {
    pub(super) fn new(store: Store, links: Option<SortedLinks>) -> FilePlan {
        FilePlan { store, links }
    }

    /// Returns the store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Walks all names, those of the store and those that are referred to, without regard to case.
    pub fn groups(&self) -> Groups<'_> {
        let rows = Peeked { rows: self.links.as_ref().map(|links| links.sorted.rows()), next: None };
        Groups { plan: self, files: self.store.files(), rows }
    }

    /// Walks all links in the order of names, then of time.
    pub fn links(&self) -> LinkWalk<'_> {
        LinkWalk { plan: self, rows: self.links.as_ref().map(|links| links.sorted.rows()), open: None }
    }

    /// Returns the files that the package carries, in the order of their digests: one of those with the
    /// same content.
    pub fn carried(&self) -> Vec<(Digest, &StoredFile)> {
        if !self.store.carries() {
            return Vec::new();
        }
        let files = self.store.files().iter();
        let mut carried: Vec<(Digest, &StoredFile)> =
            files.filter_map(|file| Some((file.known()?.1, file))).collect();
        carried.sort_by(|one, other| (one.0, &one.1.path).cmp(&(other.0, &other.1.path)));
        carried.dedup_by_key(|(digest, _)| *digest);
        carried
    }

    /// Returns the name of what a link refers to, as a [`Group`] of it has it.
    fn name(&self, files: &[StoredFile], first: &Link) -> Result<String> {
        match (files, &self.links) {
            ([file, ..], _) => Ok(file.name().to_owned()),
            ([], Some(links)) => links.spelled(first),
            ([], None) => Ok(String::new()),
        }
    }
}

/// Walks names.
pub struct Groups<'a> {
    plan: &'a FilePlan,
    /// Those that were not walked yet.
    files: &'a [StoredFile],
    rows: Peeked<'a>,
}

impl<'a> Groups<'a> {
    /// Returns the next name, with everything about it.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_group(&mut self) -> Result<Option<Group<'a>>> {
        let of_link = self.rows.peek()?.map(|link| link.key);
        let of_file = self.files.first().map(|file| file.key);
        let key = match (of_link, of_file) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => match one.or(other) {
                Some(key) => key,
                None => return Ok(None),
            },
        };
        let count = self.files.iter().take_while(|file| file.key == key).count();
        let (files, rest) = self.files.split_at(count);
        self.files = rest;
        let mut group =
            Group { name: String::new(), files, references: 0, rooms: BTreeSet::new(), first: None };
        while let Some(link) = self.rows.peek()?.filter(|link| link.key == key) {
            group.references += 1;
            group.rooms.insert(link.room);
            group.first.get_or_insert(link);
            self.rows.next = None;
        }
        group.name = match (&group.first, files) {
            (Some(first), _) => self.plan.name(files, first)?,
            (None, [file, ..]) => file.name().to_owned(),
            (None, []) => String::new(),
        };
        Ok(Some(group))
    }
}

/// Links, the next of which can be looked at.
struct Peeked<'a> {
    rows: Option<Rows<'a, ROW>>,
    next: Option<Link>,
}

impl Peeked<'_> {
    fn peek(&mut self) -> Result<Option<Link>> {
        if let (None, Some(rows)) = (self.next, &mut self.rows) {
            self.next = rows.next_row()?.map(|row| Link::of_row(&row));
        }
        Ok(self.next)
    }
}

/// Walks links.
pub struct LinkWalk<'a> {
    plan: &'a FilePlan,
    rows: Option<Rows<'a, ROW>>,
    /// The first link of the present name, and the name.
    open: Option<(Link, String)>,
}

impl LinkWalk<'_> {
    /// Returns the next link, and the name that it refers to.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_link(&mut self) -> Result<Option<(Link, &str)>> {
        let row = self.rows.as_mut().map_or(Ok(None), Rows::next_row)?;
        let Some(link) = row.map(|row| Link::of_row(&row)) else { return Ok(None) };
        let (_, name) = match self.open.take().filter(|(first, _)| first.key == link.key) {
            Some(open) => self.open.insert(open),
            None => {
                let name = self.plan.name(self.plan.store.named(link.key), &link)?;
                self.open.insert((link, name))
            }
        };
        Ok(Some((link, name)))
    }
}
