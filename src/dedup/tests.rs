//! The identity rule, told as scenarios.

use super::*;
use crate::chat::{
    Author, Batch, Directory, Form, Guid, Kind, MessageId, Moment, Numbering, PersonFacts, Precision, Record,
    SipUri, Source, Text, Ticks,
};
use crate::error::Error;
use crate::ledger::{Duplicate, Inputs, Rule, Stretches};
use crate::progress::{Silent, Stage};

const ROOM: Guid = Guid::from_u128(0xA0);
const NOON: i64 = 634_000_000_000_000_000;

/// A record to be; whatever a scenario does not say is the same everywhere.
#[derive(Clone)]
struct Said {
    stream: u32,
    author: Author,
    ticks: i64,
    precision: Precision,
    text: &'static str,
    rtf: Option<&'static str>,
    alert: Option<bool>,
    form: Form,
    numbering: fn(&Directory) -> Numbering,
    chat_id: Option<i64>,
    event: Option<&'static str>,
}

fn address(text: &str) -> Author {
    Author::Address(SipUri::new(&Text::from(text)).unwrap())
}

/// A row of `tblChat` under channel 5.
fn row(stream: u32, chat_id: i64, ticks: i64, text: &'static str) -> Said {
    Said {
        stream,
        author: address("ann@litware.example"),
        ticks,
        precision: Precision::Ticks,
        text,
        rtf: None,
        alert: Some(false),
        form: Form::Database,
        numbering: |_| Numbering::Channel(5),
        chat_id: Some(chat_id),
        event: None,
    }
}

/// A message of a compliance document.
fn xml(stream: u32, chat_id: i64, ticks: i64, text: &'static str) -> Said {
    Said {
        form: Form::Compliance,
        alert: None,
        numbering: |directory| Numbering::Domain(directory.domain(&Text::from("litware.example"))),
        ..row(stream, chat_id, ticks, text)
    }
}

/// A message of the vendor's sample transform.
fn file_dump(stream: u32, ticks: i64, text: &'static str) -> Said {
    Said {
        author: Author::Unnamed,
        precision: Precision::Millisecond,
        form: Form::FileDump,
        numbering: |_| Numbering::Document,
        chat_id: None,
        ..xml(stream, 0, ticks - ticks % 10_000, text)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    /// (text, chat id, ticks, id) of each message kept.
    messages: Vec<(Text, Option<i64>, i64, MessageId)>,
    alerts: Vec<Option<bool>>,
    conflicts: u64,
    events: usize,
    written: Vec<Source>,
    duplicates: Vec<Duplicate>,
    filtered: u64,
    codes: Vec<&'static str>,
}

impl Outcome {
    fn texts(&self) -> Vec<String> {
        self.messages.iter().map(|(text, ..)| text.to_string()).collect()
    }

    fn ids(&self) -> Vec<MessageId> {
        self.messages.iter().map(|message| message.3).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        self.duplicates.iter().map(|duplicate| duplicate.rule).collect()
    }
}

/// Resolves records that were read in this order; records of one stream are numbered as they come.
///
/// It is done with units and shelves of several sizes, which must not matter.
fn resolve_all(said: &[Said], selection: &Selection) -> Outcome {
    let whole = resolve_cut(said, selection, 1 << 20, 1 << 20);
    if said.len() < 1000 {
        for (shelf, unit) in [(1 << 20, 1), (2, 1 << 20), (2, 1), (1000, 300)] {
            assert_eq!(resolve_cut(said, selection, shelf, unit), whole, "shelf of {shelf}, units of {unit}");
        }
    }
    whole
}

fn resolve_cut(said: &[Said], selection: &Selection, shelf: usize, unit: usize) -> Outcome {
    let directory = Directory::default();
    let streams = said.iter().map(|said| said.stream).max().unwrap_or(0);
    let mut read = vec![0; streams as usize];
    let scratch = Arc::new(Scratch::new(std::env::temp_dir()));
    let shelf = Shelf::new(scratch.clone(), shelf, 1);
    for said in said {
        let mut batch = Batch::default();
        let number = &mut read[said.stream as usize - 1];
        *number += 1;
        let text = batch.push_text(&Text::from(said.text));
        let rtf = said.rtf.map(|rtf| batch.push_text(&Text::from(rtf)));
        let kind = match said.event {
            None => Kind::Message { alert: said.alert },
            Some(name) => Kind::Event { type_name: batch.push_text(&Text::from(name)) },
        };
        let person = directory.person(&said.author);
        if let Author::Principal(_) = said.author {
            let uri = Some(Text::from("sip:ann@litware.example"));
            directory.learn_person(person, PersonFacts { rank: 1, uri, ..Default::default() });
        }
        batch.records.push(Record {
            source: Source { stream: said.stream, record: *number },
            room: directory.room(ROOM),
            person,
            moment: Moment { ticks: Ticks::new(said.ticks).unwrap(), precision: said.precision },
            kind,
            form: said.form,
            numbering: (said.numbering)(&directory),
            chat_id: said.chat_id,
            text,
            rtf,
            extras: None,
        });
        shelf.take(batch, &directory).unwrap();
    }
    let settled = Arc::new(directory.settle());
    let shelved = shelf.finish(settled.clone(), Stretches::whole(streams)).unwrap();
    let inputs = Inputs { read, ..Inputs::default() };
    let mut ledger = OpenLedger::open(inputs, &scratch, 1 << 10).unwrap();
    let mut findings = Findings::default();
    let run = run(settled, (1..=streams).collect(), selection.clone(), unit);
    let mut pieces = Vec::new();
    let mut keep = |piece| {
        pieces.push(piece);
        Ok(())
    };
    resolve(shelved, run, &mut ledger, &mut findings, &Silent, &mut keep).unwrap();
    let ledger = ledger.balance().unwrap();
    let mut outcome = Outcome {
        messages: Vec::new(),
        alerts: Vec::new(),
        conflicts: ledger.conflict_count(),
        events: 0,
        written: Vec::new(),
        duplicates: Vec::new(),
        filtered: ledger.totals().filtered,
        codes: findings.iter().map(|finding| finding.code).collect(),
    };
    for piece in &pieces {
        for message in piece.rooms.iter().flat_map(|room| &room.messages) {
            let text = Text::from_known(piece.get(message.text));
            outcome.messages.push((text, message.chat_id, message.moment.ticks.get(), message.id));
            outcome.alerts.push(message.alert);
            outcome.written.push(message.source);
        }
        outcome.events += piece.rooms.iter().map(|room| room.events.len()).sum::<usize>();
    }
    let mut duplicates = ledger.duplicates();
    while let Some(duplicate) = duplicates.next_row().unwrap() {
        outcome.duplicates.push(duplicate);
    }
    outcome
}

fn run(settled: Arc<Settled>, dumps: Vec<u32>, selection: Selection, unit: usize) -> Run<'static> {
    const TREE: &Tree = &Tree { nodes: Vec::new(), add_ins: Vec::new() };
    Run {
        settled,
        dumps,
        tree: TREE,
        selection,
        scratch: Arc::new(Scratch::new(std::env::temp_dir())),
        sizes: Sizes { unit: (unit, unit), under_way: 1 << 20, most: 1 << 30, sorter: 1 << 10 },
    }
}

fn resolve_said(said: &[Said]) -> Outcome {
    resolve_all(said, &Selection::default())
}

#[test]
fn overlapping_dumps_of_one_database_give_each_message_once() {
    let outcome = resolve_said(&[
        row(1, 1, NOON, "good morning"),
        row(1, 2, NOON + 7, "how are you?"),
        row(2, 2, NOON + 7, "how are you?"),
        row(2, 3, NOON + 9, "fine"),
    ]);
    assert_eq!(outcome.texts(), ["good morning", "how are you?", "fine"]);
    assert_eq!(outcome.rules(), [Rule::SameId]);
}

#[test]
fn twins_at_one_tick_stay_two_in_the_database_and_in_every_copy_of_it() {
    let twins = [row(1, 1, NOON, "ok"), row(1, 2, NOON, "ok")];
    let alone = resolve_said(&twins);
    assert_eq!(alone.texts(), ["ok", "ok"]);
    assert_ne!(alone.ids()[0], alone.ids()[1]);

    let mut all = twins.to_vec();
    all.extend([xml(2, 1, NOON, "ok"), xml(2, 2, NOON, "ok"), row(3, 1, NOON, "ok"), row(3, 2, NOON, "ok")]);
    assert_eq!(resolve_said(&all).ids(), alone.ids());
}

#[test]
fn of_twins_each_takes_the_record_with_its_chat_id_whatever_else_comes_first() {
    let outcome = resolve_said(&[row(1, 15, NOON, "ok"), xml(2, 4, NOON, "ok"), xml(2, 15, NOON, "ok")]);
    assert_eq!(outcome.messages.iter().map(|message| message.1).collect::<Vec<_>>(), [Some(4), Some(15)]);
    assert_eq!(outcome.duplicates[0].source.record, 2);
}

#[test]
fn two_principals_with_one_address_are_one_author_whose_address_is_known() {
    let by = |guid| Author::Principal(Guid::from_u128(guid));
    let outcome = resolve_said(&[
        Said { author: by(7), ..row(1, 1, NOON, "ok") },
        Said { author: by(8), ..row(2, 1, NOON, "never mind") },
        Said { author: address("ann@litware.example"), chat_id: None, ..xml(3, 0, NOON, "ok") },
    ]);
    assert_eq!(outcome.rules(), [Rule::SameMessage]);
}

#[test]
fn a_database_that_numbered_anew_under_another_channel_adds_nothing() {
    let renumbered =
        |chat_id, ticks, text| Said { numbering: |_| Numbering::Channel(9), ..row(2, chat_id, ticks, text) };
    let outcome = resolve_said(&[
        row(1, 17, NOON, "ok"),
        row(1, 18, NOON, "ok"),
        row(1, 19, NOON + 1, "bye"),
        renumbered(1, NOON, "ok"),
        renumbered(2, NOON, "ok"),
        renumbered(3, NOON + 1, "bye"),
        renumbered(4, NOON + 2, "again"),
    ]);
    assert_eq!(outcome.texts(), ["ok", "ok", "bye", "again"]);
    assert_eq!(outcome.rules(), [Rule::SameMessage; 3]);
    assert_eq!(outcome.conflicts, 0);
}

#[test]
fn a_database_that_numbered_anew_under_the_same_channel_is_told_and_adds_nothing() {
    let outcome = resolve_said(&[
        row(1, 1, NOON, "ok"),
        row(1, 2, NOON, "ok"),
        row(1, 3, NOON + 5, "bye"),
        row(2, 1, NOON + 5, "bye"),
        row(2, 2, NOON + 9, "new"),
    ]);
    assert_eq!(outcome.texts(), ["ok", "ok", "bye", "new"]);
    assert_eq!(outcome.codes, ["ID-REUSED"]);
}

#[test]
fn white_space_that_an_attribute_lost_does_not_make_two_messages_and_the_richer_text_is_kept() {
    let outcome =
        resolve_said(&[xml(1, 4, NOON, "first second third"), row(2, 4, NOON, "first\r\nsecond\tthird")]);
    assert_eq!(outcome.texts(), ["first\r\nsecond\tthird"]);
    let documents_alone =
        resolve_said(&[xml(1, 4, NOON, "a b"), xml(2, 4, NOON, "a\r\nb"), xml(3, 4, NOON, "a\nb")]);
    assert_eq!(documents_alone.texts(), ["a\r\nb"]);
}

#[test]
fn what_only_a_lesser_form_knows_is_merged_in() {
    let with_rtf = Said { rtf: Some("{\\rtf1 hi}"), alert: None, ..row(2, 7, NOON, "hi") };
    let outcome = resolve_said(&[Said { alert: Some(true), ..row(1, 7, NOON, "hi") }, with_rtf]);
    assert_eq!(outcome.written, [Source { stream: 2, record: 1 }]);
    assert_eq!(outcome.alerts, [Some(true)]);
}

#[test]
fn a_replaced_text_is_kept_beside_the_original_and_both_are_marked() {
    let outcome = resolve_said(&[
        xml(1, 8, NOON, "what I should not have said"),
        row(2, 8, NOON, "This message was replaced by the Persistent Chat administrator."),
    ]);
    assert_eq!(outcome.messages.len(), 2);
    assert_eq!(outcome.conflicts, 1);
}

#[test]
fn ids_that_meet_by_chance_after_renumbering_are_no_conflict() {
    let moved = |chat_id, text| Said { numbering: |_| Numbering::Channel(9), ..row(2, chat_id, NOON, text) };
    let outcome = resolve_said(&[row(1, 3, NOON, "a"), row(1, 4, NOON, "b"), moved(2, "a"), moved(3, "b")]);
    assert_eq!(outcome.texts().len(), 2);
    assert_eq!(outcome.conflicts, 0);
}

#[test]
fn coarse_records_take_the_earliest_finer_one_still_free() {
    let second = NOON - NOON % 10_000_000;
    let coarse = |chat_id| Said {
        precision: Precision::Second,
        numbering: |_| Numbering::Channel(9),
        ..row(2, chat_id, second, "ok")
    };
    let outcome = resolve_said(&[
        row(1, 1, second + 10, "ok"),
        row(1, 2, second + 20, "ok"),
        coarse(91),
        coarse(92),
        coarse(93),
    ]);
    let kept: Vec<_> = outcome.duplicates.iter().map(|duplicate| duplicate.kept_source.record).collect();
    assert_eq!(kept, [1, 2]);
    assert_eq!(outcome.messages.len(), 3, "the third had no finer one left");
    assert_eq!(outcome.rules(), [Rule::CoarserTime; 2]);
}

#[test]
fn an_author_without_address_agrees_with_any_but_counts_its_own() {
    let outcome = resolve_said(&[
        row(1, 1, NOON + 12_345, "hello"),
        Said { author: address("bob@litware.example"), ..row(1, 2, NOON + 12_346, "hello") },
        file_dump(2, NOON + 12_345, "hello"),
        file_dump(2, NOON + 12_345, "hello"),
        file_dump(2, NOON + 12_345, "hello"),
    ]);
    assert_eq!(outcome.messages.len(), 3, "the document counted three");
    assert_eq!(outcome.duplicates.len(), 2);
}

#[test]
fn two_people_who_say_the_same_at_one_tick_are_two_messages() {
    let outcome = resolve_said(&[
        row(1, 1, NOON, "hello"),
        Said { author: address("bob@litware.example"), ..row(1, 2, NOON, "hello") },
        xml(2, 1, NOON, "hello"),
    ]);
    assert_eq!(outcome.messages.len(), 2);
}

#[test]
fn a_principal_and_its_address_are_one_author() {
    let outcome = resolve_said(&[
        Said { author: Author::Principal(Guid::from_u128(7)), ..row(1, 1, NOON, "hello") },
        xml(2, 1, NOON, "hello"),
    ]);
    assert_eq!(outcome.messages.len(), 1);
}

#[test]
fn equal_events_are_one_and_unequal_ones_are_not() {
    let event = |stream, ticks, name| Said { event: Some(name), chat_id: None, ..xml(stream, 0, ticks, "") };
    let outcome = resolve_said(&[
        event(1, NOON, "JOIN"),
        event(1, NOON, "PART"),
        event(1, NOON + 1, "JOIN"),
        event(2, NOON, "JOIN"),
        event(2, NOON, "JOIN"),
    ]);
    assert_eq!(outcome.events, 3);
    assert_eq!(outcome.rules(), [Rule::SameEvent; 2]);
}

#[test]
fn what_is_left_out_on_request_is_accounted_for_with_all_its_copies() {
    let since = Selection { since: Ticks::new(NOON + 5).ok(), ..Selection::default() };
    let outcome =
        resolve_all(&[row(1, 1, NOON, "old"), row(2, 1, NOON, "old"), row(1, 2, NOON + 5, "new")], &since);
    assert_eq!(outcome.texts(), ["new"]);
    assert_eq!(outcome.filtered, 2);
}

#[test]
fn the_order_of_inputs_does_not_matter() {
    let mut said = vec![
        row(1, 1, NOON, "ok"),
        row(1, 2, NOON, "ok"),
        row(2, 2, NOON, "ok"),
        xml(3, 1, NOON, "ok"),
        xml(3, 9, NOON + 3, "a b"),
        xml(4, 9, NOON + 3, "a\nb"),
        file_dump(5, NOON + 3, "a b"),
        file_dump(5, NOON + 30_000, "late"),
        Said { author: address("bob@litware.example"), ..row(1, 3, NOON, "ok") },
    ];
    let expected = resolve_said(&said).messages;
    for turn in 0..said.len() {
        said.rotate_left(1);
        if turn % 3 == 0 {
            said.swap(0, 4);
        }
        assert_eq!(resolve_said(&said).messages, expected);
    }
}

#[test]
fn very_many_equal_messages_at_one_tick_all_stay() {
    let said: Vec<Said> = (0..20_000).map(|id| row(1 + (id % 2) as u32, id, NOON, "spam")).collect();
    assert_eq!(resolve_said(&said).messages.len(), 20_000);
}

#[test]
fn a_person_with_a_new_guid_and_the_old_address_wrote_one_message_but_twins_keep_their_own_ids() {
    let by = |guid, said| Said { author: Author::Principal(Guid::from_u128(guid)), ..said };
    let outcome = resolve_said(&[by(7, row(1, 1, NOON, "hello")), by(8, row(2, 1, NOON, "hello"))]);
    assert_eq!(outcome.messages.len(), 1);
    let twins = resolve_said(&[by(7, row(1, 1, NOON, "hello")), by(8, row(1, 2, NOON, "hello"))]);
    assert_eq!(twins.messages.len(), 2);
    assert_ne!(twins.ids()[0], twins.ids()[1]);
}

/// A user who has asked to stop.
struct Stopped;

impl Progress for Stopped {
    fn stage(&self, _: Stage) {}

    fn advance(&self, _: u64) {}

    fn interrupted(&self) -> bool {
        true
    }
}

#[test]
fn a_wish_to_stop_is_heard_before_each_room() {
    let directory = Directory::default();
    directory.room(ROOM);
    let settled = Arc::new(directory.settle());
    let scratch = Arc::new(Scratch::new(std::env::temp_dir()));
    let shelf = Shelf::new(scratch.clone(), 1 << 20, 1);
    let shelved = shelf.finish(settled.clone(), Stretches::default()).unwrap();
    let mut ledger = OpenLedger::open(Inputs::default(), &scratch, 1 << 10).unwrap();
    let run = run(settled, Vec::new(), Selection::default(), 1 << 20);
    let mut findings = Findings::default();
    let resolved = resolve(shelved, run, &mut ledger, &mut findings, &Stopped, &mut |_| Ok(()));
    assert!(matches!(resolved, Err(Error::Interrupted)));
}
