//! Which chat id a message has in the staging lane.
//!
//! The target's key is (room, chat id), and the order of chat ids is the order in which messages are
//! shown; a package may hold messages without chat id, messages that claim one id, and ids that go
//! against time. So ids rise with `Seq`: a message keeps its own where that is greater than the id
//! before it, unless the next message's own lies between; else it has the id before plus 1. Looking
//! one message ahead lets two messages that stand the other way round exchange their ids, instead
//! of pushing all behind them.

use crate::chat::{Guid, Message};

/// Greater ids are not kept, so that none behind them can pass the end of `bigint`.
const MOST: i64 = i64::MAX / 2;

/// What must be known to number messages: the id before them and the next message's own.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::package) struct Numbering {
    /// The id of the message before; 0 at the start of a room.
    pub(in crate::package) last: i64,
    /// The own id of the message that follows all that are numbered.
    pub(in crate::package) next: Option<i64>,
}

impl Numbering {
    /// Returns the ids of messages that stand one behind the other.
    pub(in crate::package) fn ids<'m>(self, messages: &'m [Message]) -> impl Iterator<Item = i64> + 'm {
        let Numbering { mut last, next } = self;
        let behind = messages.iter().skip(1).map(|message| message.chat_id).chain([next]);
        messages.iter().zip(behind).map(move |(message, next)| {
            last = id(last, message.chat_id, next);
            last
        })
    }
}

fn id(last: i64, own: Option<i64>, next: Option<i64>) -> i64 {
    match own {
        Some(own)
            if (last + 1..=MOST).contains(&own) && !next.is_some_and(|next| next > last && next <= own) =>
        {
            own
        }
        _ => last + 1,
    }
}

/// What the messages of a room came to.
#[derive(Debug, Clone, Copy)]
pub(in crate::package) struct RoomIds {
    pub(in crate::package) room: Guid,
    pub(in crate::package) messages: u64,
    /// The id of the first message.
    pub(in crate::package) first: i64,
    /// The id of the last message.
    pub(in crate::package) last: i64,
    /// Messages that have another id than in the source.
    pub(in crate::package) changed: u64,
    /// `Seq` of the first of them.
    pub(in crate::package) first_changed: u64,
    /// Messages that had none in the source.
    pub(in crate::package) given: u64,
}

impl RoomIds {
    /// Begins with no message.
    pub(in crate::package) fn new(room: Guid) -> RoomIds {
        RoomIds { room, messages: 0, first: 0, last: 0, changed: 0, first_changed: 0, given: 0 }
    }

    /// Counts the next messages of the room. Returns how they are numbered.
    pub(in crate::package) fn count(&mut self, messages: &[Message], next: Option<i64>) -> Numbering {
        let numbering = Numbering { last: self.last, next };
        for (message, id) in messages.iter().zip(numbering.ids(messages)) {
            self.messages += 1;
            if self.messages == 1 {
                self.first = id;
            }
            self.last = id;
            match message.chat_id {
                None => self.given += 1,
                Some(own) if own != id => {
                    self.changed += 1;
                    if self.changed == 1 {
                        self.first_changed = self.messages;
                    }
                }
                Some(_) => {}
            }
        }
        numbering
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{MessageId, Moment, Source, Span, Ticks};

    fn said(chat_id: Option<i64>) -> Message {
        Message {
            id: MessageId([0; 16]),
            chat_id,
            moment: Moment::exact(Ticks::MIN),
            author: 0,
            alert: None,
            text: Span::default(),
            rtf: None,
            extras: None,
            conflicts: Vec::new(),
            source: Source { stream: 1, record: 1 },
        }
    }

    /// Ids of a room whose messages have these; 0 stands for none.
    fn ids(own: &[i64]) -> Vec<i64> {
        let messages: Vec<Message> = own.iter().map(|&id| said((id != 0).then_some(id))).collect();
        Numbering::default().ids(&messages).collect()
    }

    #[test]
    fn ids_are_kept_where_they_rise_and_rise_everywhere() {
        for (own, expected) in [
            (&[3, 4, 9][..], vec![3, 4, 9]),
            (&[0, 0, 0], vec![1, 2, 3]),
            (&[5, 0, 9, 10], vec![5, 6, 9, 10]),
            (&[5, 0, 6, 7, 9], vec![5, 6, 7, 8, 9]),
            // Two messages the other way round exchange their ids.
            (&[8, 10, 9, 11], vec![8, 9, 10, 11]),
            (&[8, 20, 9, 21], vec![8, 9, 10, 21]),
            // Two claim one id.
            (&[8, 8, 10], vec![1, 8, 10]),
            (&[4, 8, 8, 9], vec![4, 5, 8, 9]),
            // A database that numbered anew.
            (&[100, 101, 1, 2], vec![100, 101, 102, 103]),
            (&[-5, i64::MIN, 7], vec![1, 2, 7]),
            (&[i64::MAX, i64::MAX, 7, i64::MAX], vec![1, 2, 7, 8]),
            (&[MOST, MOST, 1], vec![1, MOST, MOST + 1]),
        ] {
            let ids = ids(own);
            assert_eq!(ids, expected, "{own:?}");
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn where_the_messages_are_cut_means_nothing() {
        let own = [3, 5, 4, 0, 6, 6, 20, 19, 2, -1, 21];
        let messages: Vec<Message> = own.iter().map(|&id| said((id != 0).then_some(id))).collect();
        let whole: Vec<i64> = Numbering::default().ids(&messages).collect();
        for size in 1..=messages.len() {
            let mut room = RoomIds::new(Guid::nil());
            let mut found = Vec::new();
            for (number, part) in (1..).zip(messages.chunks(size)) {
                let next = messages.get(number * size).and_then(|message| message.chat_id);
                found.extend(room.count(part, next).ids(part));
            }
            assert_eq!(found, whole, "{size}");
            assert_eq!((room.messages, room.first, room.given), (11, whole[0], 1));
            assert_eq!(room.last, whole[10]);
        }
    }
}
