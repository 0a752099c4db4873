//! Numbers the records of a stream, knows the room they are in, and hands them on in batches.
//!
//! A document may name a room behind its messages. Until then they wait, up to a limit; a room that
//! is never named makes all of them unusable.

use super::bounds::Bounds;
use super::decode::Flaw;
use super::intake::{Intake, Place};
use super::notes::{Notes, RecordNotes, subject};
use super::rooms::Rooms;
use crate::chat::{Batch, Directory, Form, Kind, Moment, Numbering, PersonKey, Record, Source, Span, Text};
use crate::error::Result;
use crate::ledger::{Cause, Level, Rejected, Sink};

/// A record that lacks only its number and its room. Its text lies in [`Recorder::bytes`].
#[derive(Debug)]
pub(super) struct Draft {
    /// The type's name of an event; `None` for a message.
    pub(super) event: Option<Span>,
    pub(super) person: PersonKey,
    pub(super) moment: Moment,
    pub(super) chat_id: Option<i64>,
    /// Begins before all else of the record in the buffer, even if it is empty.
    pub(super) text: Span,
    pub(super) extras: Option<Span>,
    pub(super) notes: RecordNotes,
}

/// A record that cannot be used; it lacks only its number.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) place: Place,
    pub(super) flaw: Flaw,
    pub(super) text: Text,
    pub(super) raw: Option<Box<[u8]>>,
}

/// What became of a record.
#[derive(Debug)]
pub(super) enum Outcome {
    Usable(Draft),
    Refused(Refusal),
}

/// A record that waits for its room, with its place and source text in case the room is never named.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) outcome: Outcome,
    pub(super) place: Place,
    pub(super) source: Text,
}

impl Waiting {
    /// Keeps the record that has just ended.
    pub(super) fn new(outcome: Outcome, intake: &Intake) -> Waiting {
        Waiting { outcome, place: intake.marked(), source: intake.captured().0 }
    }

    /// Returns the bytes that it takes, besides its text in the buffer.
    pub(super) fn size(&self) -> usize {
        let refused = match &self.outcome {
            Outcome::Usable(_) => 0,
            Outcome::Refused(Refusal { text, raw, .. }) => {
                text.as_bytes().len() + raw.as_ref().map_or(0, |raw| raw.len())
            }
        };
        self.source.as_bytes().len() + refused + size_of::<Waiting>()
    }
}

/// What is to be told of a document, or of a stretch of one.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Records, the rejected ones included.
    pub(super) read: u64,
    /// Whether it was not read at all.
    pub(super) refused: bool,
    pub(super) notes: Notes,
}

impl Account {
    /// Adds the stretch that follows.
    pub(super) fn merge(&mut self, behind: Account) {
        self.notes.merge(behind.notes, self.read);
        self.read += behind.read;
    }

    /// Tells everything to the sink.
    pub(super) fn tell(&self, stream: u32, form: Form, sink: &mut dyn Sink) {
        let lossy = form == Form::FileDump && !self.refused;
        if lossy {
            let detail = format!(
                "a document made by the sample transform has no ids and no exact times, and takes reads of the \
                 history for messages; {} of its {} records name nobody",
                self.notes.unnamed(),
                self.read
            );
            sink.find("FILEDUMP-LOSS", Level::Warning, subject(stream), Text::from(detail));
        }
        self.notes.tell(stream, lossy, sink);
    }
}

/// Takes the records of one stream in their order.
pub(super) struct Recorder<'a> {
    sink: &'a mut dyn Sink,
    stream: u32,
    form: Form,
    bounds: Bounds,
    batch: Batch,
    read: u64,
    /// The number of a record that is handed on as it stands, as if it were rejected.
    wanted: Option<u64>,
    /// The room of the conversation: where it stands among the rooms.
    room: Option<usize>,
    /// The greatest ticks of the conversation.
    latest: i64,
    waiting: Vec<Waiting>,
    waiting_size: usize,
    /// Where the text of what waits begins in the buffer.
    waiting_start: Option<usize>,
    /// The rooms so far.
    pub(super) rooms: Rooms<'a>,
    /// What is odd so far.
    pub(super) notes: Notes,
}

impl<'a> Recorder<'a> {
    /// Begins a stream.
    pub(super) fn new(
        stream: u32,
        form: Form,
        bounds: Bounds,
        directory: &'a Directory,
        sink: &'a mut dyn Sink,
    ) -> Recorder<'a> {
        Recorder {
            sink,
            stream,
            form,
            bounds,
            batch: Batch::default(),
            read: 0,
            wanted: None,
            room: None,
            latest: 0,
            waiting: Vec::new(),
            waiting_size: 0,
            waiting_start: None,
            rooms: Rooms::new(directory, form, bounds),
            notes: Notes::default(),
        }
    }

    /// Hands on this record, if it is usable, as it stands in the document.
    pub(super) fn wanting(self, record: Option<u64>) -> Recorder<'a> {
        Recorder { wanted: record, ..self }
    }

    /// Returns the buffer to which the text of the next record is appended. What is not committed
    /// must be cut off again.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.batch.bytes
    }

    /// Tells whether the conversation's room is known.
    pub(super) fn has_room(&self) -> bool {
        self.room.is_some()
    }

    /// Learns a time at which the conversation's room was what it is called.
    pub(super) fn reach(&mut self, moment: Moment) {
        self.latest = self.latest.max(moment.ticks.get());
    }

    /// Learns the conversation's room; what waited for it is handed on.
    pub(super) fn enter_room(&mut self, room: usize) -> Result<()> {
        self.room = Some(room);
        self.waiting_size = 0;
        self.waiting_start = None;
        for waiting in std::mem::take(&mut self.waiting) {
            self.hand_on_waiting(waiting)?;
        }
        // No flush: the buffer may hold the text of records that are not committed yet.
        Ok(())
    }

    /// Ends the conversation. If no room was named, what waited for it is unusable.
    pub(super) fn leave_room(&mut self) -> Result<()> {
        match self.room.take() {
            Some(room) => self.rooms.saw(room, self.latest),
            None => self.give_up()?,
        }
        self.latest = 0;
        Ok(())
    }

    /// Takes the record that has just ended, which counts from now on. Its source text is kept only
    /// if it must wait for its room.
    pub(super) fn commit(&mut self, outcome: Outcome, intake: &Intake) -> Result<()> {
        match outcome {
            Outcome::Refused(refusal) if self.waiting.is_empty() => {
                self.flush()?;
                self.reject(refusal)
            }
            outcome if self.room.is_some() => {
                match self.wants_next() {
                    true => self.hand_on_waiting(Waiting::new(outcome, intake))?,
                    false => self.hand_on(outcome)?,
                }
                self.flush_if_full()
            }
            outcome => self.wait(Waiting::new(outcome, intake)),
        }
    }

    /// Takes records whose text lies in the buffer already, as [`Recorder::commit`] does.
    pub(super) fn commit_all(&mut self, all: Vec<Waiting>) -> Result<()> {
        for waiting in all {
            match self.room {
                Some(_) => self.hand_on_waiting(waiting)?,
                None => self.wait(waiting)?,
            }
        }
        self.flush_if_full()
    }

    /// Rejects a record outside any room, behind all others.
    pub(super) fn stop(&mut self, refusal: Refusal) -> Result<()> {
        self.flush()?;
        self.reject(refusal)
    }

    /// Hands on everything.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.flush()?;
        self.rooms.learn();
        Ok(())
    }

    /// Takes what is to be told of the records so far.
    pub(super) fn account(&mut self) -> Account {
        Account { read: self.read, refused: false, notes: std::mem::take(&mut self.notes) }
    }

    fn wait(&mut self, waiting: Waiting) -> Result<()> {
        self.waiting_size += waiting.size();
        let end = self.batch.bytes.len();
        if let Outcome::Usable(draft) = &waiting.outcome {
            self.waiting_start.get_or_insert(draft.text.start);
        }
        self.waiting.push(waiting);
        let text = end - self.waiting_start.map_or(end, |start| start.min(end));
        if self.waiting_size + text > self.bounds.held { self.give_up() } else { Ok(()) }
    }

    /// Rejects all records that wait for their room.
    fn give_up(&mut self) -> Result<()> {
        self.waiting_size = 0;
        self.waiting_start = None;
        let all = std::mem::take(&mut self.waiting);
        let text_of = |waiting: &Waiting| match &waiting.outcome {
            Outcome::Usable(draft) => Some(draft.text.start),
            Outcome::Refused(_) => None,
        };
        if let Some(start) = all.iter().find_map(text_of) {
            self.batch.bytes.truncate(start);
        }
        if !all.is_empty() {
            self.flush()?;
        }
        for Waiting { outcome, place, source } in all {
            self.reject(match outcome {
                Outcome::Refused(refusal) => refusal,
                Outcome::Usable(_) => Refusal {
                    place,
                    flaw: Flaw::new(Cause::MissingValue, "nothing names the room of its conversation"),
                    text: source,
                    raw: None,
                },
            })?;
        }
        Ok(())
    }

    /// Tells whether the record that is handed on next is the one that is wanted as it stands.
    fn wants_next(&self) -> bool {
        self.wanted == Some(self.read + 1)
    }

    fn hand_on_waiting(&mut self, waiting: Waiting) -> Result<()> {
        let Waiting { outcome, place, source } = waiting;
        match outcome {
            Outcome::Usable(_) if self.wants_next() => {
                let flaw = Flaw::new(Cause::Malformed, "shown because it was asked for");
                self.reject(Refusal { place, flaw, text: source, raw: None })
            }
            outcome => self.hand_on(outcome),
        }
    }

    fn hand_on(&mut self, outcome: Outcome) -> Result<()> {
        let room = self.room.and_then(|room| self.rooms.get(room));
        let (draft, room) = match (outcome, room) {
            (Outcome::Refused(refusal), _) => return self.reject(refusal),
            (Outcome::Usable(draft), Some(room)) => (draft, room),
            // Callers see to it that records without a room wait.
            (Outcome::Usable(_), None) => return Ok(()),
        };
        self.read += 1;
        self.latest = self.latest.max(draft.moment.ticks.get());
        let numbered = draft.chat_id.is_some() && self.form == Form::Compliance;
        self.batch.records.push(Record {
            source: Source { stream: self.stream, record: self.read },
            room: room.key,
            person: draft.person,
            moment: draft.moment,
            kind: match draft.event {
                Some(type_name) => Kind::Event { type_name },
                None => Kind::Message { alert: None },
            },
            form: self.form,
            numbering: if numbered { room.numbering } else { Numbering::Document },
            chat_id: draft.chat_id,
            text: draft.text,
            rtf: None,
            extras: draft.extras,
        });
        self.notes.add(self.read, draft.notes, draft.event.map(|span| self.batch.get(span)));
        Ok(())
    }

    fn reject(&mut self, refusal: Refusal) -> Result<()> {
        self.read += 1;
        let Refusal { place, flaw, text, raw } = refusal;
        let source = Source { stream: self.stream, record: self.read };
        let Flaw { cause, detail } = flaw;
        self.sink.reject(Rejected { source, line: place.line, byte: place.byte, cause, detail, text, raw })
    }

    fn flush_if_full(&mut self) -> Result<()> {
        let (bytes, records) = self.bounds.batch;
        if self.batch.bytes.len() >= bytes || self.batch.records.len() >= records {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<()> {
        if self.batch.records.is_empty() {
            self.batch.bytes.clear();
            return Ok(());
        }
        // The next batch is likely to be as large; growing step by step would copy it again and again.
        let records = self.batch.records.len();
        let bytes = self.batch.bytes.len().min(2 * self.bounds.batch.0);
        let next = Batch { records: Vec::with_capacity(records), bytes: Vec::with_capacity(bytes) };
        self.sink.take(std::mem::replace(&mut self.batch, next))
    }
}
