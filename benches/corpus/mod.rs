//! A Group Chat deployment of any size, made up: the same for the same number of rows on every machine,
//! and written as CSV, script or compliance XML in little memory.
//!
//! A row is a function of its number alone, and a corpus is the beginning of every larger one. Of five
//! rows one repeats an earlier one exactly, half of them a near one and half any, as exports that overlap
//! give. Rooms, people and words have the skew of real ones: of three messages one stands in one room.

#![allow(dead_code, reason = "each user takes its own part of it")]

pub mod chance;
pub mod compliance;
pub mod csv;
mod directory;
mod schedule;
pub mod script;
pub mod tables;
mod text;

pub use directory::{Person, Room};

use chance::Chance;
use schedule::Schedule;
use text::Texts;

/// Of so many rows one is a repeat.
const REPEAT: u64 = 5;
/// How many messages a near repeat goes back, at most.
const NEAR: u64 = 2000;
/// 2010-01-04T08:00:00.
const BEGIN: i64 = 633_981_888_000_000_000;
/// From one message to the next, in ticks: 1.5 s, so that a hundred million rows take four years.
const STEP: i64 = 15_000_000;

/// What the rows of a corpus come from.
pub struct Corpus {
    rows: u64,
    schedule: Schedule,
    texts: Texts,
    /// The rooms; the first is the large one.
    pub rooms: Vec<Room>,
    /// Who writes in them.
    pub people: Vec<Person>,
}

/// A row of `tblChat`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The number of the room among those of the corpus.
    pub room: usize,
    /// Counts from 1 in the room.
    pub chat_id: u64,
    /// In ticks of 100 ns since the year 1.
    pub time: i64,
    /// The number of the author among the people of the corpus.
    pub author: usize,
    pub is_alert: bool,
    pub content: String,
    /// The formatted copy; empty where there is none.
    pub rtf: String,
}

impl Corpus {
    /// Makes a corpus of so many rows, repeats included.
    pub fn new(rows: u64) -> Corpus {
        let rooms = directory::rooms();
        let schedule = Schedule::new(rooms.len());
        Corpus { rows, schedule, texts: Texts::new(), rooms, people: directory::people() }
    }

    /// Returns the number of rows, repeats included.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns how many different messages the rows hold.
    pub fn distinct(&self) -> u64 {
        let group = self.rows / REPEAT;
        let over = self.rows % REPEAT;
        self.rows - group - u64::from(over > repeat_of(group))
    }

    /// Returns which message a row holds; they count from 0 in the order of time.
    pub fn number(&self, row: u64) -> u64 {
        let (group, place) = (row / REPEAT, row % REPEAT);
        let before = group * (REPEAT - 1) + place;
        let repeat = repeat_of(group);
        if place != repeat {
            return before - u64::from(place > repeat);
        }
        let mut chance = Chance::new(row ^ 0x5EED_0F2E);
        let reach = if chance.one_in(2) { before.min(NEAR) } else { before };
        before - 1 - chance.below(reach)
    }

    /// Makes the message of a row, in the place of another.
    pub fn read(&self, row: u64, message: &mut Message) {
        let number = self.number(row);
        let mut chance = Chance::new(number);
        (message.room, message.chat_id) = self.schedule.place(number);
        message.time = BEGIN + number as i64 * STEP + chance.below(STEP as u64) as i64;
        let (one, other) = (chance.below(self.people.len() as u64), chance.below(self.people.len() as u64));
        message.author = one.min(other) as usize;
        message.is_alert = chance.one_in(50);
        message.content.clear();
        message.rtf.clear();
        self.texts.write(&mut chance, &mut message.content);
        if chance.below(100) < 15 {
            text::write_rtf(&message.content, &mut message.rtf);
        }
    }

    /// Calls with each row in turn.
    ///
    /// # Errors
    /// The first error of a call, which ends it.
    pub fn for_each<E>(&self, mut take: impl FnMut(&Message) -> Result<(), E>) -> Result<(), E> {
        let mut message = Message::default();
        for row in 0..self.rows {
            self.read(row, &mut message);
            take(&message)?;
        }
        Ok(())
    }
}

/// Returns which row of a group is the repeat.
fn repeat_of(group: u64) -> u64 {
    // The first row of all has nothing to repeat.
    if group == 0 { REPEAT - 1 } else { Chance::new(group ^ 0x6120).below(REPEAT) }
}
