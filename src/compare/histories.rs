//! Comparing messages and events: both sides come in one order, so they are merged as they come, and
//! nothing but what differs waits.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Tell;
use super::entry::{Cursor, Entry, Place};
use super::leftovers::Leftovers;
use super::model::Model;
use super::records;
use super::tally::Tally;
use crate::chat::{Guid, Piece};
use crate::error::Result;
use crate::spill::Scratch;

/// Where the pieces of the other side come from; `None` at its end.
pub(super) type Pull<'p> = dyn FnMut() -> Result<Option<Piece>> + 'p;

/// Compares a side that comes by itself with one that is asked for.
pub(super) struct Histories<'a> {
    model: &'a Model,
    /// The side that comes by itself: A (0) or B (1).
    coming: u8,
    pull: &'a mut Pull<'a>,
    pulled: Option<Cursor>,
    /// Whether the first piece was asked for.
    begun: bool,
    at: Option<Place>,
    leftovers: Leftovers,
    tallies: BTreeMap<Guid, [Tally; 2]>,
    tell: &'a mut Tell<'a>,
}

impl<'a> Histories<'a> {
    /// Begins. Sorters may keep so many bytes altogether.
    pub(super) fn new(
        model: &'a Model,
        coming: u8,
        pull: &'a mut Pull<'a>,
        scratch: Arc<Scratch>,
        memory: usize,
        tell: &'a mut Tell<'a>,
    ) -> Histories<'a> {
        let leftovers = Leftovers::new(scratch, memory / 3);
        let tallies = BTreeMap::new();
        Histories { model, coming, pull, pulled: None, begun: false, at: None, leftovers, tallies, tell }
    }

    /// Takes the next piece of the side that comes by itself. The people in it have the numbers of both
    /// sides.
    ///
    /// # Errors
    /// Those of the other side, of the temporary file, and of telling.
    pub(super) fn take(&mut self, piece: Piece) -> Result<()> {
        let mut come = Cursor::new(piece);
        while let Some(one) = come.head() {
            self.take_all_before(Some(&one))?;
            self.enter(one.place)?;
            self.count(self.coming, &one);
            let other = self.pulled.as_ref().and_then(Cursor::head);
            match other.filter(|other| one.order(other).is_eq()) {
                Some(other) => {
                    let other_side = 1 - self.coming;
                    count(&mut self.tallies, other_side, &other);
                    if !one.is_same(&other) {
                        self.leftovers.push(self.coming, &one)?;
                        self.leftovers.push(other_side, &other)?;
                    }
                    self.advance()?;
                }
                None => self.leftovers.push(self.coming, &one)?,
            }
            come.advance();
        }
        Ok(())
    }

    /// Ends, and returns what was counted of each room on both sides.
    ///
    /// # Errors
    /// As [`Histories::take`].
    pub(super) fn end(mut self) -> Result<BTreeMap<Guid, [Tally; 2]>> {
        self.take_all_before(None)?;
        self.leave()?;
        Ok(self.tallies)
    }

    /// Takes what of the other side comes before an entry: it stands there alone. All of it where no
    /// entry is given.
    fn take_all_before(&mut self, entry: Option<&Entry<'_>>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            self.fill()?;
        }
        let side = 1 - self.coming;
        loop {
            let Some(other) = self.pulled.as_ref().and_then(Cursor::head) else { return Ok(()) };
            if entry.is_some_and(|entry| other.order(entry) != Ordering::Less) {
                return Ok(());
            }
            if self.at.is_none_or(|at| at < other.place) {
                // Both sides are past the room.
                let place = other.place;
                self.enter(place)?;
                continue;
            }
            count(&mut self.tallies, side, &other);
            self.leftovers.push(side, &other)?;
            self.advance()?;
        }
    }

    /// Goes on to the other side's next entry.
    fn advance(&mut self) -> Result<()> {
        if let Some(pulled) = &mut self.pulled {
            pulled.advance();
        }
        self.fill()
    }

    /// Asks for the next piece where the present one is used up.
    fn fill(&mut self) -> Result<()> {
        while self.pulled.as_ref().is_none_or(|pulled| pulled.head().is_none()) {
            match (self.pull)()? {
                Some(piece) => self.pulled = Some(Cursor::new(piece)),
                None => {
                    self.pulled = None;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, side: u8, entry: &Entry<'_>) {
        count(&mut self.tallies, side, entry);
    }

    /// Goes on to a room, unless it is the present one.
    fn enter(&mut self, place: Place) -> Result<()> {
        if self.at.is_none_or(|at| at < place) {
            self.leave()?;
            self.at = Some(place);
        }
        Ok(())
    }

    /// Tells the differences of the present room.
    fn leave(&mut self) -> Result<()> {
        let Histories { model, leftovers, tell, .. } = self;
        leftovers.settle(&mut |a, b| records::tell(model, a, b, tell))
    }
}

fn count(tallies: &mut BTreeMap<Guid, [Tally; 2]>, side: u8, entry: &Entry<'_>) {
    let tallies = tallies.entry(entry.place.room).or_default();
    if let Some(tally) = tallies.get_mut(usize::from(side)) {
        tally.count(entry);
    }
}
