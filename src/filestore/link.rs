//! A link: one message or event, and one file that it refers to. As a row of fixed width it is sorted
//! in the temporary file, however many there are.

use super::key::Key;
use crate::chat::{Guid, MessageId, Source, Ticks};

/// Who refers to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referrer {
    /// A message, by its identity in the package.
    Message(MessageId),
    /// An event, by the record that it was taken from, as it has no identity.
    Event(Source),
}

impl Referrer {
    /// Returns the name of what it is, as `links.csv` has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Referrer::Message(_) => "message",
            Referrer::Event(_) => "event",
        }
    }
}

/// A message's id as its document has it, an event's `Source` as its document has it.
impl std::fmt::Display for Referrer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Referrer::Message(id) => write!(f, "{id}"),
            Referrer::Event(source) => write!(f, "{}:{}", source.stream, source.record),
        }
    }
}

/// One message or event, and one file that it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// When it happened.
    pub ticks: Ticks,
    /// In which room.
    pub room: Guid,
    /// Who refers to the file.
    pub referrer: Referrer,
    pub(super) key: Key,
    /// Where the name stands in the temporary file as it is spelled there, and its length.
    pub(super) spelled: (u64, u16),
}

/// Bytes of a link as a row.
pub(super) const ROW: usize = Key::BYTES + 8 + 16 + 1 + 16 + 8 + 2;

impl Link {
    /// Makes a row: rows are in the order of key, time, room and referrer.
    pub(super) fn to_row(self) -> [u8; ROW] {
        let mut row = [0; ROW];
        let mut rest = &mut row[..];
        put(&mut rest, &self.key.0);
        put(&mut rest, &self.ticks.get().to_be_bytes());
        put(&mut rest, self.room.as_bytes());
        let (kind, referrer) = match self.referrer {
            Referrer::Message(id) => (0, id.0),
            Referrer::Event(source) => {
                (1, (u128::from(source.stream) << 64 | u128::from(source.record)).to_be_bytes())
            }
        };
        put(&mut rest, &[kind]);
        put(&mut rest, &referrer);
        put(&mut rest, &self.spelled.0.to_be_bytes());
        put(&mut rest, &self.spelled.1.to_be_bytes());
        row
    }

    /// Reads a row that [`Link::to_row`] made.
    pub(super) fn of_row(row: &[u8; ROW]) -> Link {
        let mut rest = &row[..];
        let key = Key(take(&mut rest));
        // A row holds what was time and stream before.
        let ticks = Ticks::new(i64::from_be_bytes(take(&mut rest))).unwrap_or(Ticks::MIN);
        let room = Guid::from_bytes(take(&mut rest));
        let [kind] = take(&mut rest);
        let referrer: [u8; 16] = take(&mut rest);
        let number = u128::from_be_bytes(referrer);
        let referrer = match kind {
            0 => Referrer::Message(MessageId(referrer)),
            _ => Referrer::Event(Source { stream: (number >> 64) as u32, record: number as u64 }),
        };
        let spelled = (u64::from_be_bytes(take(&mut rest)), u16::from_be_bytes(take(&mut rest)));
        Link { ticks, room, referrer, key, spelled }
    }
}

fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, behind)) = std::mem::take(rest).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *rest = behind;
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    match rest.split_first_chunk() {
        Some((bytes, behind)) => {
            *rest = behind;
            *bytes
        }
        None => [0; N],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_the_link_back_and_rows_are_in_the_order_of_key_and_time() {
        let link = |name: &str, ticks: i64, referrer| Link {
            ticks: Ticks::new(ticks).unwrap(),
            room: Guid::from_u128(7),
            referrer,
            key: Key::of(name.as_bytes()),
            spelled: (1 << 40, 513),
        };
        let message = Referrer::Message(MessageId([0xAB; 16]));
        let event = Referrer::Event(Source { stream: u32::MAX, record: u64::MAX - 1 });
        let links =
            [link("a", 5, event), link("a", 256, message), link("a", 256, event), link("b", 1, message)];
        for link in links {
            assert_eq!(Link::of_row(&link.to_row()), link);
        }
        assert!(links.windows(2).all(|pair| pair[0].to_row() < pair[1].to_row()));
        assert_eq!(event.to_string(), format!("{}:{}", u32::MAX, u64::MAX - 1));
    }
}
