//! The messages of all rooms as rows, and the files that these are cut into.
//!
//! A file ends behind the row with which it reaches the size of a part, whatever the room. Rows come
//! in the order of documents, and so do files among these: neither depends on threads or pieces.

use std::borrow::Cow;
use std::sync::Arc;

use super::row::Row;
use super::table::MESSAGES;
use super::{StagedFile, format_path, path};
use crate::chat::{self, Guid, Message, Piece};
use crate::error::Result;
use crate::package::target::{Body, Packer};

/// Appends a message as a row.
pub(in crate::package) fn push_message(
    out: &mut Vec<u8>,
    room: Guid,
    sequence: u64,
    chat_id: i64,
    message: &Message,
    piece: &Piece,
) {
    let rtf = message.rtf.map(|rtf| ascii_rtf(piece.get(rtf)));
    Row::begin(out, &MESSAGES)
        .guid(room)
        .number(sequence as i64)
        .number(chat_id)
        .number(message.chat_id)
        .number(message.moment.ticks.get())
        .number(message.author as i64 + 1)
        .flag(message.alert == Some(true))
        .text(piece.get(message.text))
        .text(rtf.as_deref());
}

/// Returns the bytes around the text of a row, about.
pub(in crate::package) const AROUND: usize = 72;

/// Writes what RTF has no 7-bit form for as RTF's own `\uN?`: the target's column is `varchar`, whose
/// code page would lose it.
fn ascii_rtf(rtf: &[u8]) -> Cow<'_, [u8]> {
    if rtf.is_ascii() {
        return Cow::Borrowed(rtf);
    }
    let mut out = Vec::with_capacity(rtf.len() * 2);
    for unit in chat::units(rtf) {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(byte),
            // RTF has numbers of 16 bits with sign.
            _ => out.extend_from_slice(format!("\\u{}?", unit as i16).as_bytes()),
        }
    }
    Cow::Owned(out)
}

/// Cuts rows into files.
pub(in crate::package) struct MessageFiles {
    size: usize,
    body: Body,
    rows: u64,
    files: Vec<StagedFile>,
}

impl MessageFiles {
    /// Cuts behind the row that reaches this size.
    pub(in crate::package) fn new(size: usize) -> MessageFiles {
        MessageFiles { size, body: Body::default(), rows: 0, files: Vec::new() }
    }

    /// Appends rows that begin at `from` in a buffer and end there. Returns where the last one ends.
    pub(in crate::package) fn push(
        &mut self,
        rows: &Arc<Vec<u8>>,
        mut from: usize,
        ends: &[usize],
        packer: &mut Packer<'_>,
    ) -> Result<usize> {
        let mut at = from;
        for &end in ends {
            at = end;
            self.rows += 1;
            if self.body.len() + (end - from) >= self.size {
                self.body.push(Arc::clone(rows), from..end);
                from = end;
                self.close(packer)?;
            }
        }
        self.body.push(Arc::clone(rows), from..at);
        Ok(at)
    }

    /// Ends the last file.
    pub(in crate::package) fn close(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let stem = format!("{}.{:04}", MESSAGES.name, self.files.len() + 1);
        packer.put_body(path(&stem), std::mem::take(&mut self.body))?;
        packer.put(format_path(&stem), MESSAGES.format_file().into_bytes())?;
        self.files.push(StagedFile { table: &MESSAGES, stem, rows: std::mem::take(&mut self.rows) });
        Ok(())
    }

    /// Returns the files that were written.
    pub(super) fn files(&self) -> &[StagedFile] {
        &self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtf_keeps_its_meaning_in_seven_bits() {
        assert_eq!(&*ascii_rtf(b"{\\rtf1 a\0}"), b"{\\rtf1 a\0}");
        assert_eq!(&*ascii_rtf("é€😀".as_bytes()), b"\\u233?\\u8364?\\u-10179?\\u-8704?");
        assert_eq!(&*ascii_rtf(b"\xED\xA0\x80"), b"\\u-10240?");
    }
}
