//! Scenarios of comparing histories: what is told is what a plain comparison of both lists finds,
//! however they are cut and however little memory there is.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::Structure;
use super::*;
use crate::chat::{Message, MessageId, Moment, Piece, RoomHistory, Source, Span, Ticks};

/// Numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A message: room, ticks, chat id, text, identity, author.
type Plain = (u64, i64, Option<i64>, String, u64, u32);

fn order(message: &Plain) -> impl Ord + use<> {
    let (room, ticks, chat_id, text, id, _) = message.clone();
    (room, ticks, chat_id.is_none(), chat_id, text, id)
}

/// Cuts messages into pieces at random places.
fn pieces(messages: &[Plain], chance: &mut Chance) -> Vec<Piece> {
    let mut pieces = vec![Piece::default()];
    for (room, ticks, chat_id, text, id, author) in messages {
        if chance.below(5) == 0 {
            pieces.push(Piece::default());
        }
        let Some(piece) = pieces.last_mut() else { continue };
        let room = Guid::from_u128((*room).into());
        if piece.rooms.last().is_none_or(|last| last.room != room) {
            piece.rooms.push(RoomHistory { room, ..RoomHistory::default() });
        }
        let start = piece.bytes.len();
        piece.bytes.extend_from_slice(text.as_bytes());
        let text = Span { start, length: text.len() };
        piece.rooms.last_mut().unwrap().messages.push(Message {
            id: MessageId(u128::from(*id).to_be_bytes()),
            chat_id: *chat_id,
            moment: Moment::exact(Ticks::new(*ticks).unwrap()),
            author: *author as usize,
            alert: None,
            text,
            rtf: None,
            extras: None,
            conflicts: Vec::new(),
            source: Source { stream: 1, record: 1 },
        });
    }
    pieces
}

fn model() -> Model {
    let structure = || Structure {
        level: Level::Content,
        people: Vec::new(),
        add_ins: Vec::new(),
        categories: Vec::new(),
        rooms: Vec::new(),
        numbers: HashMap::new(),
    };
    let people = (0..3).map(Guid::from_u128).collect();
    Model { sides: [structure(), structure()], people }
}

/// Compares two lists; `coming` says which of them comes by itself.
fn compared(a: &[Plain], b: &[Plain], coming: u8, memory: usize, seed: u64) -> Vec<Difference> {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(seed);
    let (come, other) = if coming == 0 { (a, b) } else { (b, a) };
    let (come, mut other) = (pieces(come, &mut chance), pieces(other, &mut chance).into_iter());
    let mut told = Vec::new();
    let model = model();
    let mut pull = || Ok(other.next());
    let mut tell = |difference: &Difference| {
        told.push(difference.clone());
        Ok(())
    };
    let scratch = Arc::new(Scratch::new(folder.path()));
    let mut histories = Histories::new(&model, coming, &mut pull, scratch, memory, &mut tell);
    for piece in come {
        histories.take(piece).unwrap();
    }
    let tallies = histories.end().unwrap();
    let total = |side: usize| tallies.values().map(|tallies| tallies[side].messages).sum::<u64>();
    assert_eq!((total(0), total(1)), (a.len() as u64, b.len() as u64));
    told
}

/// What a difference says, as far as the plain comparison knows it.
fn said(difference: &Difference) -> (Side, Option<String>, Option<String>) {
    let record = difference.record.as_ref().unwrap();
    let field = difference.field.map(str::to_owned);
    (difference.side, record.id.map(|id| id.to_string()), field)
}

#[test]
fn what_is_told_is_what_a_plain_comparison_finds() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let mut a: Vec<Plain> = (0..40)
            .map(|id| {
                let chat_id = Some(chance.below(50) as i64).filter(|_| chance.below(3) > 0);
                let text = format!("text {}", chance.below(4));
                (chance.below(3), 100 + chance.below(6) as i64, chat_id, text, id, chance.below(3) as u32)
            })
            .collect();
        let mut b = a.clone();
        let mut expected: Vec<(Side, Option<String>, Option<String>)> = Vec::new();
        let id = |id: u64| Some(MessageId(u128::from(id).to_be_bytes()).to_string());
        // Messages of one side alone have times of their own, so that they are never taken for pairs.
        for number in 0..chance.below(6) {
            let gone = b.remove(chance.below(40 - number) as usize);
            a.iter_mut().filter(|one| one.4 == gone.4).for_each(|one| one.1 = 1000 + number as i64);
            expected.push((Side::A, id(gone.4), None));
            b.push((chance.below(3), 2000 + number as i64, None, "new".to_owned(), 500 + number, 0));
            expected.push((Side::B, id(500 + number), None));
        }
        let changed = chance.below(30) as usize;
        if let Some(message) = b.get_mut(changed).filter(|message| message.4 < 500) {
            message.2 = Some(9999);
            expected.push((Side::Both, id(message.4), Some("ChatId".to_owned())));
        }
        a.sort_by_key(order);
        b.sort_by_key(order);
        expected.sort();
        let first = compared(&a, &b, 0, 0, seed);
        for (coming, memory) in [(1, 0), (0, 1 << 20), (1, 1 << 20)] {
            assert_eq!(compared(&a, &b, coming, memory, seed + 1), first, "seed {seed}");
        }
        let mut told: Vec<_> = first.iter().map(said).collect();
        told.sort();
        assert_eq!(told, expected, "seed {seed}");
    }
}

#[test]
fn a_message_with_another_text_is_told_as_changed_and_messages_without_chat_id_pair_in_order() {
    let message = |text: &str, id| (1, 5, None, text.to_owned(), id, 2);
    let a = [message("one", 1), message("two", 2), message("zero", 3)];
    let b = [message("One", 4), message("zero", 3)];
    let told = compared(&a, &b, 0, 0, 1);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((told[0].side, told[0].field), (Side::Both, Some("Text")));
    let text = |value: &Option<crate::chat::Text>| value.as_ref().map(ToString::to_string);
    assert_eq!((text(&told[0].a).as_deref(), text(&told[0].b).as_deref()), (Some("one"), Some("One")));
    assert_eq!((told[1].side, text(&told[1].a).as_deref()), (Side::A, Some("two")));
}

#[test]
fn a_document_out_of_order_differs_in_nothing_but_what_is_not_the_same() {
    let mut a: Vec<Plain> =
        (0..50).map(|id| (1, 100 + id as i64, Some(id as i64), "x".to_owned(), id, 0)).collect();
    let b = a.clone();
    a.reverse();
    a[7].1 = 5000;
    for coming in [0, 1] {
        let told = compared(&a, &b, coming, 0, 3);
        assert_eq!(told.iter().map(|one| one.field).collect::<Vec<_>>(), [Some("Time")]);
    }
}

#[test]
fn the_tallies_tell_first_and_last() {
    let entry = |id: u64, ticks| (1, ticks, Some(id as i64), "x".to_owned(), id, 0);
    let mut chance = Chance(1);
    let piece = pieces(&[entry(1, 5), entry(2, 6), entry(3, 7)], &mut chance);
    let mut tally = Tally::default();
    for piece in piece {
        let mut cursor = entry::Cursor::new(piece);
        while let Some(entry) = cursor.head() {
            tally.count(&entry);
            cursor.advance();
        }
    }
    assert_eq!(tally.messages, 3);
    assert_eq!(tally.first.map(|mark| mark.chat_id), Some(Some(1)));
    assert_eq!(tally.last.map(|mark| mark.time.get()), Some(7));
}
