//! Differences for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::{Counts, Told};
use crate::chat::Text;
use crate::compare::{Difference, Held, Mark, Named, Outcome, RoomTallies, Tally};

/// Tells programs: one JSON object, each difference on a line of its own.
pub(super) struct Json<'a> {
    out: &'a mut dyn Write,
    any: bool,
}

impl<'a> Json<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Json<'a> {
        Json { out, any: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        let before = if self.any { ",\n" } else { "{\"differences\": [\n" };
        self.any = true;
        self.out.write_all(before.as_bytes())
    }
}

impl Told for Json<'_> {
    fn difference(&mut self, difference: &Difference) -> io::Result<()> {
        self.begin()?;
        serde_json::to_writer(&mut *self.out, &Row::new(difference))?;
        Ok(())
    }

    fn end(&mut self, outcome: &Outcome, counts: &Counts) -> io::Result<()> {
        let before = if self.any { "\n],\n" } else { "{\"differences\": [],\n" };
        self.out.write_all(before.as_bytes())?;
        let out = &mut self.out;
        let counts: BTreeMap<&str, u64> = counts.iter().map(|(kind, count)| (kind.name(), *count)).collect();
        let rooms: Vec<RoomRow> = outcome.rooms.iter().map(RoomRow::new).collect();
        let [a, b] = outcome.sides.map(HeldRow::new);
        write!(out, "\"counts\": {},\n\"rooms\": ", serde_json::to_string(&counts)?)?;
        serde_json::to_writer(&mut *out, &rooms)?;
        write!(out, ",\n\"a\": {},\n", serde_json::to_string(&a)?)?;
        writeln!(out, "\"b\": {},", serde_json::to_string(&b)?)?;
        writeln!(out, "\"equal\": {}}}", counts.is_empty())
    }
}

/// A difference as JSON has it.
#[derive(Serialize)]
struct Row {
    kind: &'static str,
    side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<NamedRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_in_b: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_id: Option<i64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    a: Option<String>,
    b: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a_utf16: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b_utf16: Option<String>,
}

#[derive(Serialize)]
struct NamedRow {
    guid: String,
    name: Option<String>,
}

impl NamedRow {
    fn new(named: &Named) -> NamedRow {
        NamedRow { guid: named.guid.to_string(), name: named.name.as_ref().map(Text::to_string) }
    }
}

impl Row {
    fn new(difference: &Difference) -> Row {
        let record = difference.record.as_ref();
        let subject = difference.subject.as_ref();
        // What JSON cannot hold is carried as packages carry it.
        let exact = |text: &Option<Text>| {
            let text = text.as_ref().filter(|text| text.as_str().is_none())?;
            let units: Vec<u8> = text.units().flat_map(u16::to_le_bytes).collect();
            Some(STANDARD.encode(units))
        };
        Row {
            kind: difference.kind.name(),
            side: difference.side.name(),
            guid: subject.map(|subject| subject.guid.to_string()),
            name: subject.and_then(|subject| subject.name.as_ref()).map(Text::to_string),
            person: difference.person.as_ref().map(NamedRow::new),
            id: record.and_then(|record| record.id).map(|id| id.to_string()),
            id_in_b: record.and_then(|record| record.id_in_b).map(|id| id.to_string()),
            time: record.map(|record| record.time.to_string()),
            chat_id: record.and_then(|record| record.chat_id),
            type_name: record.and_then(|record| record.type_name.as_ref()).map(Text::to_string),
            field: difference.field,
            a: difference.a.as_ref().map(Text::to_string),
            b: difference.b.as_ref().map(Text::to_string),
            a_utf16: exact(&difference.a),
            b_utf16: exact(&difference.b),
        }
    }
}

/// A room's histories as JSON has them.
#[derive(Serialize)]
struct RoomRow {
    guid: String,
    name: Option<String>,
    a: TallyRow,
    b: TallyRow,
}

impl RoomRow {
    fn new(room: &RoomTallies) -> RoomRow {
        let NamedRow { guid, name } = NamedRow::new(&room.room);
        RoomRow { guid, name, a: TallyRow::new(&room.a), b: TallyRow::new(&room.b) }
    }
}

#[derive(Serialize)]
struct TallyRow {
    messages: u64,
    events: u64,
    first: Option<MarkRow>,
    last: Option<MarkRow>,
}

#[derive(Serialize)]
struct MarkRow {
    id: String,
    chat_id: Option<i64>,
    time: String,
}

impl TallyRow {
    fn new(tally: &Tally) -> TallyRow {
        let mark = |mark: Mark| MarkRow {
            id: mark.id.to_string(),
            chat_id: mark.chat_id,
            time: mark.time.to_string(),
        };
        TallyRow {
            messages: tally.messages,
            events: tally.events,
            first: tally.first.map(mark),
            last: tally.last.map(mark),
        }
    }
}

#[derive(Serialize)]
struct HeldRow {
    people: u64,
    categories: u64,
    rooms: u64,
    messages: u64,
    events: u64,
}

impl HeldRow {
    fn new(held: Held) -> HeldRow {
        let Held { people, categories, rooms, messages, events } = held;
        HeldRow { people, categories, rooms, messages, events }
    }
}
