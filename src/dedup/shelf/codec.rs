//! Records as bytes: a fixed head, then their text.

use crate::chat::{
    Form, Kind, Moment, Numbering, PersonKey, Precision, Record, RoomKey, Source, Span, Ticks,
};

/// Bytes of a record's head.
const HEAD: usize = 4 + 8 + 4 + 4 + 8 + 2 + 8 + 8 + 4 * 4;

const HAS_CHAT_ID: u8 = 1;
const HAS_RTF: u8 = 2;
const HAS_EXTRAS: u8 = 4;
const IS_EVENT: u8 = 8;
const HAS_ALERT: u8 = 16;
const IS_ALERT: u8 = 32;

/// Returns how many bytes a record takes.
pub(super) fn size(record: &Record) -> usize {
    HEAD + record.text_bytes()
}

/// Appends a record; `bytes` is the buffer of its batch.
pub(super) fn encode(record: &Record, bytes: &[u8], out: &mut Vec<u8>) {
    let (head, texts) = parts(record, bytes);
    out.extend_from_slice(&head);
    texts.iter().for_each(|text| out.extend_from_slice(text));
}

/// Returns the head of a record, and the pieces of text that follow it.
pub(super) fn parts<'a>(record: &Record, bytes: &'a [u8]) -> ([u8; HEAD], [&'a [u8]; 4]) {
    let get = |span: Span| bytes.get(span.start..span.start + span.length).unwrap_or_default();
    let (rtf, extras) = (record.rtf.map(get), record.extras.map(get));
    let (kind, type_name) = match record.kind {
        Kind::Event { type_name } => (IS_EVENT, get(type_name)),
        Kind::Message { alert: None } => (0, &[][..]),
        Kind::Message { alert: Some(false) } => (HAS_ALERT, &[][..]),
        Kind::Message { alert: Some(true) } => (HAS_ALERT | IS_ALERT, &[][..]),
    };
    let flag = |given: bool, flag: u8| if given { flag } else { 0 };
    let flags = kind
        | flag(record.chat_id.is_some(), HAS_CHAT_ID)
        | flag(rtf.is_some(), HAS_RTF)
        | flag(extras.is_some(), HAS_EXTRAS);
    let (numbering, number) = match record.numbering {
        Numbering::Document => (0, 0),
        Numbering::Channel(channel) => (1, channel),
        Numbering::Domain(domain) => (2, i64::from(domain)),
    };
    let form = match record.form {
        Form::FileDump => 0,
        Form::Compliance => 1,
        Form::Database => 2,
    };
    let precision = match record.moment.precision {
        Precision::Ticks => 0,
        Precision::Millisecond => 1,
        Precision::DateTime => 2,
        Precision::Second => 3,
    };
    let mut head = [0; HEAD];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        head[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(&record.source.stream.to_le_bytes());
    put(&record.source.record.to_le_bytes());
    put(&record.room.number().to_le_bytes());
    put(&record.person.number().to_le_bytes());
    put(&record.moment.ticks.get().to_le_bytes());
    put(&[flags, numbering << 4 | form << 2 | precision]);
    put(&number.to_le_bytes());
    put(&record.chat_id.unwrap_or_default().to_le_bytes());
    let texts = [get(record.text), rtf.unwrap_or_default(), extras.unwrap_or_default(), type_name];
    for text in texts {
        put(&(text.len() as u32).to_le_bytes());
    }
    (head, texts)
}

/// A record as it lies in a buffer.
pub(super) struct Encoded<'a> {
    head: &'a [u8; HEAD],
    /// Its text: message, RTF, extras, type.
    pub(super) texts: &'a [u8],
}

impl<'a> Encoded<'a> {
    /// Takes the first record off a buffer; `None` where it is not whole.
    pub(super) fn first(rest: &mut &'a [u8]) -> Option<Encoded<'a>> {
        let (head, tail) = rest.split_first_chunk::<HEAD>()?;
        let encoded = Encoded { head, texts: &[] };
        let length = (0..4).map(|text| encoded.length(text)).sum();
        let (texts, tail) = tail.split_at_checked(length)?;
        *rest = tail;
        Some(Encoded { head, texts })
    }

    pub(super) fn is_event(&self) -> bool {
        self.head[28] & IS_EVENT != 0
    }

    pub(super) fn room(&self) -> RoomKey {
        RoomKey::from_number(self.four(12))
    }

    pub(super) fn moment(&self) -> Moment {
        let ticks = Ticks::new(self.eight(20)).unwrap_or(Ticks::MIN);
        let precision = match self.head[29] & 3 {
            0 => Precision::Ticks,
            1 => Precision::Millisecond,
            2 => Precision::DateTime,
            _ => Precision::Second,
        };
        Moment { ticks, precision }
    }

    /// Makes the record; its text will stand at `start`.
    pub(super) fn record(&self, start: usize) -> Record {
        let flags = self.head[28];
        let has = |flag: u8| flags & flag != 0;
        let mut end = start;
        let mut spans = [Span::default(); 4];
        for (text, span) in spans.iter_mut().enumerate() {
            *span = Span { start: end, length: self.length(text) };
            end += span.length;
        }
        let [text, rtf, extras, type_name] = spans;
        Record {
            source: Source { stream: self.four(0), record: self.eight(4) as u64 },
            room: self.room(),
            person: PersonKey::from_number(self.four(16)),
            moment: self.moment(),
            kind: match has(IS_EVENT) {
                true => Kind::Event { type_name },
                false => Kind::Message { alert: has(HAS_ALERT).then(|| has(IS_ALERT)) },
            },
            form: match self.head[29] >> 2 & 3 {
                0 => Form::FileDump,
                1 => Form::Compliance,
                _ => Form::Database,
            },
            numbering: match self.head[29] >> 4 {
                0 => Numbering::Document,
                1 => Numbering::Channel(self.eight(30)),
                _ => Numbering::Domain(self.eight(30) as u32),
            },
            chat_id: has(HAS_CHAT_ID).then(|| self.eight(38)),
            text,
            rtf: has(HAS_RTF).then_some(rtf),
            extras: has(HAS_EXTRAS).then_some(extras),
        }
    }

    fn length(&self, text: usize) -> usize {
        self.four(46 + 4 * text) as usize
    }

    fn four(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.head[at..at + 4].try_into().unwrap_or_default())
    }

    fn eight(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.head[at..at + 8].try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Batch;

    #[test]
    fn every_kind_of_record_comes_back_as_it_was() {
        let mut batch = Batch::default();
        let text = batch.push_known(b"hello");
        let rtf = batch.push_known(b"{\\rtf1}");
        let type_name = batch.push_known(b"JOIN");
        let base = Record {
            source: Source { stream: 7, record: u64::from(u32::MAX) + 5 },
            room: RoomKey::from_number(3),
            person: PersonKey::from_number(9),
            moment: Moment { ticks: Ticks::MAX, precision: Precision::Second },
            kind: Kind::Message { alert: Some(true) },
            form: Form::Compliance,
            numbering: Numbering::Channel(-4),
            chat_id: Some(i64::MIN),
            text,
            rtf: Some(rtf),
            extras: None,
        };
        let others = [
            Record { kind: Kind::Message { alert: None }, rtf: None, chat_id: None, ..base },
            Record { kind: Kind::Message { alert: Some(false) }, numbering: Numbering::Domain(8), ..base },
            Record { kind: Kind::Event { type_name }, form: Form::FileDump, extras: Some(rtf), ..base },
            Record {
                moment: Moment { ticks: Ticks::MIN, precision: Precision::DateTime },
                numbering: Numbering::Document,
                form: Form::Database,
                text: Span::default(),
                ..base
            },
        ];
        for record in others.into_iter().chain([base]) {
            let mut out = Vec::new();
            encode(&record, &batch.bytes, &mut out);
            assert_eq!(out.len(), size(&record));
            let mut rest = &out[..];
            let encoded = Encoded::first(&mut rest).unwrap();
            assert!(rest.is_empty());
            assert_eq!(encoded.is_event(), matches!(record.kind, Kind::Event { .. }));
            let came = encoded.record(0);
            let same = |one: Option<Span>, other: Option<Span>| match (one, other) {
                (None, None) => true,
                (Some(one), Some(other)) => {
                    batch.get(other) == &encoded.texts[one.start..one.start + one.length]
                }
                _ => false,
            };
            assert!(same(Some(came.text), Some(record.text)));
            assert!(same(came.rtf, record.rtf) && same(came.extras, record.extras));
            if let (Kind::Event { type_name: one }, Kind::Event { type_name: other }) =
                (came.kind, record.kind)
            {
                assert!(same(Some(one), Some(other)));
            } else {
                assert_eq!(came.kind, record.kind);
            }
            let plain = |record: Record| (record.source, record.room, record.person, record.moment);
            assert_eq!(plain(came), plain(record));
            assert_eq!((came.form, came.numbering), (record.form, record.numbering));
            assert_eq!(came.chat_id, record.chat_id);
            assert!(Encoded::first(&mut &out[..out.len() - 1]).is_none() || out.len() == HEAD);
        }
    }
}
