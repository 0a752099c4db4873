//! Rendering a piece of the histories: what can be done on any thread before it is known which
//! records come before.

use std::sync::Arc;

use super::documents::{self, RoomDocument};
use super::staging::{self, Numbering};
use crate::chat::{Message, Piece, RoomHistory, Ticks};

/// What must be known before a room's records of one document are rendered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    /// The room in the piece.
    pub(super) room: usize,
    pub(super) document: RoomDocument,
    /// How many records of the document come before.
    pub(super) before: u64,
    /// Where the count of the room stands.
    pub(super) count: usize,
    /// How messages are numbered in the staging lane, where there is one.
    pub(super) numbering: Option<Numbering>,
}

/// A piece as it stands in documents.
#[derive(Debug)]
pub(super) struct Rendered {
    /// The records, one after another.
    pub(super) bytes: Arc<Vec<u8>>,
    /// The messages as rows of the staging lane, one after another.
    pub(super) staged: Arc<Vec<u8>>,
    /// One for each task.
    pub(super) stretches: Vec<Stretch>,
    /// One more than the greatest position of a person.
    pub(super) people: usize,
}

/// The records of one task.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) task: Task,
    pub(super) marks: Vec<Mark>,
    /// Where the rows of messages end.
    pub(super) staged: Vec<usize>,
    /// First and last time of a message.
    pub(super) span: Option<(Ticks, Ticks)>,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) end: usize,
    /// The length of its `Source` attribute.
    pub(super) source: usize,
}

/// What stands around the text of a record, about.
const AROUND: usize = 256;

/// Estimates the memory of a piece, and of what it becomes.
pub(super) fn weigh(piece: &Piece) -> (usize, usize) {
    let records = |room: &RoomHistory| room.messages.len() + room.events.len();
    let records: usize = piece.rooms.iter().map(records).sum();
    let held = piece.bytes.capacity() + records * size_of::<crate::chat::Message>();
    (held, piece.bytes.len() + piece.bytes.len() / 16 + records * AROUND)
}

/// Estimates the memory of the rows that a piece becomes beside its documents.
pub(super) fn weigh_staged(piece: &Piece) -> usize {
    let messages: usize = piece.rooms.iter().map(|room| room.messages.len()).sum();
    2 * piece.bytes.len() + messages * (staging::AROUND + size_of::<usize>())
}

/// Renders a piece.
pub(super) fn render(piece: &Piece, tasks: Vec<Task>) -> Rendered {
    let mut bytes = Vec::with_capacity(weigh(piece).1);
    let mut staged = Vec::new();
    let mut people = 0;
    let mut render_one = |task: Task| {
        let mut stretch = Stretch { task, marks: Vec::new(), staged: Vec::new(), span: None };
        let Some(room) = piece.rooms.get(task.room) else { return stretch };
        match task.document {
            RoomDocument::Content => {
                stretch.marks.reserve_exact(room.messages.len());
                for (sequence, message) in (task.before + 1..).zip(&room.messages) {
                    let source = documents::push_message(&mut bytes, message, piece, sequence);
                    stretch.marks.push(Mark { end: bytes.len(), source });
                    people = people.max(message.author.saturating_add(1));
                    let ticks = message.moment.ticks;
                    let (first, last) = stretch.span.unwrap_or((ticks, ticks));
                    stretch.span = Some((first.min(ticks), last.max(ticks)));
                }
                if let Some(numbering) = task.numbering {
                    stretch.staged = stage(&mut staged, piece, room, task.before, numbering);
                }
            }
            RoomDocument::Compliance => {
                stretch.marks.reserve_exact(room.events.len());
                for event in &room.events {
                    let source = documents::push_event(&mut bytes, event, piece);
                    stretch.marks.push(Mark { end: bytes.len(), source });
                    people = people.max(event.person.saturating_add(1));
                }
            }
        }
        stretch
    };
    let stretches = tasks.into_iter().map(&mut render_one).collect();
    Rendered { bytes: Arc::new(bytes), staged: Arc::new(staged), stretches, people }
}

/// Appends the messages of a room as rows. Returns where each ends.
fn stage(
    staged: &mut Vec<u8>,
    piece: &Piece,
    room: &RoomHistory,
    before: u64,
    numbering: Numbering,
) -> Vec<usize> {
    let size = |message: &Message| {
        staging::AROUND + 2 * (message.text.length + message.rtf.map_or(0, |rtf| rtf.length))
    };
    staged.reserve(room.messages.iter().map(size).sum());
    let mut ends = Vec::with_capacity(room.messages.len());
    let numbered = room.messages.iter().zip(numbering.ids(&room.messages));
    for (sequence, (message, chat_id)) in (before + 1..).zip(numbered) {
        staging::push_message(staged, room.room, sequence, chat_id, message, piece);
        ends.push(staged.len());
    }
    ends
}

impl Rendered {
    /// Returns the memory that it holds.
    pub(super) fn weight(&self) -> usize {
        let marks: usize = self.stretches.iter().map(|stretch| stretch.marks.capacity()).sum();
        let staged: usize = self.stretches.iter().map(|stretch| stretch.staged.capacity()).sum();
        self.bytes.capacity()
            + self.staged.capacity()
            + marks * size_of::<Mark>()
            + staged * size_of::<usize>()
    }
}
