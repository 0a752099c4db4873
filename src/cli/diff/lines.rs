//! Differences for people: by kind, the first of each.

use std::io::{self, Write};

use super::{Counts, Told};
use crate::chat::Text;
use crate::cli::terminal::{DIM, GOOD, HEADING, number, quoted};
use crate::compare::{Difference, Held, Kind, Mark, Named, Outcome, Side, Tally};

/// So many differences of a kind are told one by one, unless all are wanted.
const TOLD: u64 = 20;

/// Tells people.
pub(super) struct Lines<'a> {
    out: &'a mut dyn Write,
    all: bool,
    kind: Option<Kind>,
    /// Differences of this kind so far.
    shown: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(out: &'a mut dyn Write, all: bool) -> Lines<'a> {
        Lines { out, all, kind: None, shown: 0 }
    }

    /// Ends a kind with what was not told.
    fn end_kind(&mut self) -> io::Result<()> {
        match self.shown.checked_sub(TOLD).filter(|&more| more > 0 && !self.all) {
            None => Ok(()),
            Some(more) => writeln!(self.out, "  {DIM}{} more (--verbose tells all){DIM:#}", number(more)),
        }
    }
}

impl Told for Lines<'_> {
    fn difference(&mut self, difference: &Difference) -> io::Result<()> {
        if self.kind != Some(difference.kind) {
            self.end_kind()?;
            writeln!(self.out, "{HEADING}{}{HEADING:#}", difference.kind.name())?;
            (self.kind, self.shown) = (Some(difference.kind), 0);
        }
        self.shown += 1;
        if self.all || self.shown <= TOLD { writeln!(self.out, "  {}", line(difference)) } else { Ok(()) }
    }

    fn end(&mut self, outcome: &Outcome, counts: &Counts) -> io::Result<()> {
        self.end_kind()?;
        let out = &mut self.out;
        let rooms = &outcome.rooms;
        if !rooms.is_empty() {
            writeln!(out, "{HEADING}histories{HEADING:#}")?;
        }
        let shown = if self.all { rooms.len() } else { rooms.len().min(TOLD as usize) };
        for room in rooms.iter().take(shown) {
            writeln!(out, "  {}", named(&room.room))?;
            writeln!(out, "    in A {}", tally(&room.a))?;
            writeln!(out, "    in B {}", tally(&room.b))?;
        }
        if shown < rooms.len() {
            let more = number((rooms.len() - shown) as u64);
            writeln!(out, "  {DIM}{more} more rooms (--verbose tells all){DIM:#}")?;
        }
        writeln!(out, "{HEADING}compared{HEADING:#}")?;
        for (name, held) in ["A", "B"].iter().zip(outcome.sides) {
            writeln!(out, "  {name}: {}", amount(held))?;
        }
        if counts.is_empty() {
            return writeln!(out, "{GOOD}equal{GOOD:#}: A and B have the same content");
        }
        let total = number(counts.values().sum());
        let kinds: Vec<String> =
            counts.iter().map(|(kind, count)| format!("{} {}", kind.name(), number(*count))).collect();
        writeln!(out, "{HEADING}different{HEADING:#}: {total} in all: {}", kinds.join(", "))
    }
}

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// Says a difference in one line.
fn line(difference: &Difference) -> String {
    let mut line = match difference.side {
        Side::A => "only in A".to_owned(),
        Side::B => "only in B".to_owned(),
        Side::Both => "differs  ".to_owned(),
    };
    let mut add = |text: String| {
        line.push_str("  ");
        line.push_str(&text);
    };
    difference.subject.iter().for_each(|subject| add(named(subject)));
    if let Some(record) = &difference.record {
        record.type_name.iter().for_each(|name| add(quoted(name, SHOWN)));
        add(record.time.to_string());
        record.chat_id.iter().for_each(|id| add(format!("chat id {id}")));
        record.id.iter().for_each(|id| add(format!("message {id}")));
        record.id_in_b.iter().for_each(|id| add(format!("in B {id}")));
    }
    difference.person.iter().for_each(|person| add(named(person)));
    let value = |value: &Option<Text>| match value {
        Some(value) => quoted(value, SHOWN),
        None => "none".to_owned(),
    };
    match (difference.side, difference.field) {
        (Side::Both, field) => {
            let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
            add(format!("{field}{} -> {}", value(&difference.a), value(&difference.b)));
        }
        (_, _) => difference.a.iter().chain(&difference.b).for_each(|text| add(quoted(text, SHOWN))),
    }
    line
}

fn named(named: &Named) -> String {
    match &named.name {
        Some(name) => format!("{} ({})", quoted(name, SHOWN), named.guid),
        None => named.guid.to_string(),
    }
}

fn tally(tally: &Tally) -> String {
    let mark = |mark: &Mark| {
        let chat_id = mark.chat_id.map(|id| format!(", chat id {id}")).unwrap_or_default();
        format!("{}{chat_id} ({})", mark.time, mark.id)
    };
    let mut told = format!("{} messages and {} events", number(tally.messages), number(tally.events));
    if let (Some(first), Some(last)) = (&tally.first, &tally.last) {
        told.push_str(&format!("; first {}, last {}", mark(first), mark(last)));
    }
    told
}

fn amount(held: Held) -> String {
    format!(
        "{} messages and {} events in {} rooms, {} categories, {} people",
        number(held.messages),
        number(held.events),
        number(held.rooms),
        number(held.categories),
        number(held.people)
    )
}
