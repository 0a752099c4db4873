//! Splitting a record that is in memory as a whole, the fast way. What it cannot tell for want of
//! the bytes that follow it leaves to the [`Splitter`](super::splitter::Splitter), which reads on.

use memchr::memchr3;

use super::splitter::{Field, Fields, Flaw, Scan};

const QUOTE: u8 = b'"';

/// Every byte of a word with this value.
const fn all(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// Finds the first delimiter, LF or CR. The next few bytes are looked at by themselves, since most
/// fields are short.
#[inline]
fn stop(text: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let mut at = from;
    for _ in 0..3 {
        let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let word = u64::from_le_bytes(*word);
        // Sets the high bit of the first zero byte, and of none before it.
        let zero = |word: u64| word.wrapping_sub(all(1)) & !word & all(0x80);
        let found = zero(word ^ all(delimiter)) | zero(word ^ all(b'\n')) | zero(word ^ all(b'\r'));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr3(delimiter, b'\n', b'\r', text.get(at..)?).map(|found| at + found)
}

/// Splits as the layout with quotes does.
pub(super) fn quoted(text: &[u8], delimiter: u8, fields: &mut Fields) -> Option<Scan> {
    let mut at = 0;
    let mut breaks = 0;
    let mut flaw = None;
    loop {
        let end = if *text.get(at)? == QUOTE {
            let (field, more) = in_quotes(text, at + 1)?;
            fields.push(field);
            breaks += more;
            let behind = field.end + 1;
            let next = *text.get(behind)?;
            if next == delimiter || next == b'\n' || next == b'\r' {
                behind
            } else {
                flaw = Some(Flaw::BrokenQuote);
                stop(text, behind, delimiter)?
            }
        } else {
            let end = stop(text, at, delimiter)?;
            fields.push(Field::bare(at..end));
            end
        };
        if text[end] == delimiter {
            at = end + 1;
            continue;
        }
        let wide = text[end] == b'\r' && *text.get(end + 1)? == b'\n';
        let taken = end + 1 + usize::from(wide);
        return Some(Scan { length: end, taken, flaw, breaks: Some(breaks + 1) });
    }
}

/// Finds the end of a field in quotes; returns it and the number of line breaks in it.
#[inline]
fn in_quotes(text: &[u8], start: usize) -> Option<(Field, u64)> {
    let (mut at, mut breaks, mut doubled) = (start, 0, false);
    loop {
        let found = at + memchr3(QUOTE, b'\n', b'\r', text.get(at..)?)?;
        at = found + 1;
        match text[found] {
            QUOTE if *text.get(at)? == QUOTE => {
                doubled = true;
                at += 1;
            }
            QUOTE => return Some((Field { start, end: found, quoted: true, doubled }, breaks)),
            // The second half of a line end.
            b'\n' if text[found - 1] == b'\r' => {}
            _ => breaks += 1,
        }
    }
}

/// Splits as the layout without quotes does whose records end with LF.
pub(super) fn lines(text: &[u8], delimiter: u8, fields: &mut Fields) -> Option<Scan> {
    let (mut start, mut at) = (0, 0);
    let mut breaks = 0;
    loop {
        let found = stop(text, at, delimiter)?;
        at = found + 1;
        if text[found] == delimiter {
            fields.push(Field::bare(start..found));
            start = at;
        } else if text[found] == b'\r' {
            breaks += u64::from(*text.get(at)? != b'\n');
        } else {
            let wide = found > 0 && text[found - 1] == b'\r';
            let end = found - usize::from(wide);
            fields.push(Field::bare(start..end));
            return Some(Scan { length: end, taken: at, flaw: None, breaks: Some(breaks + 1) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dialect::{Layout, RecordEnd};
    use super::super::splitter::Splitter;
    use super::super::window::Window;
    use super::*;
    use crate::sqlserver::encoding::Encoding;

    /// Splits everything; tells of each record where it is, what is wrong with it, and its fields.
    fn split(layout: &Layout, text: &[u8], chunk: usize) -> Vec<String> {
        let splitter = Splitter::new(layout);
        let mut window = Window::new(text, Encoding::Utf8, 1 << 20).in_chunks(chunk);
        let mut fields = Fields::new(100);
        let mut told = Vec::new();
        while window.byte_at(&mut 0).unwrap().is_some() {
            let scan = splitter.split(&mut window, &mut fields).unwrap();
            let Scan { length, taken, flaw, .. } = scan;
            told.push(format!("{:?} {length} {taken} {flaw:?} {:?}", window.place(), fields.list()));
            window.seal_record(scan);
            window.release();
        }
        told
    }

    #[test]
    fn a_record_is_split_alike_whether_it_is_in_memory_or_read_on() {
        let layouts = [
            Layout::Quoted { delimiter: b',' },
            Layout::Lines { delimiter: b",".to_vec(), end: RecordEnd::LineFeed },
        ];
        let pieces: [&[u8]; 12] = [
            b"\"",
            b"\"\"",
            b",",
            b",",
            b"\n",
            b"\r",
            b"\r\n",
            b"\",\"",
            b"a",
            b"\xC3\xA4",
            b"-\x0B",
            b"a long value ",
        ];
        // A fixed sequence (Marsaglia, "Xorshift RNGs").
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for round in 0..2_000 {
            let mut text = Vec::new();
            for _ in 0..round % 50 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                text.extend_from_slice(pieces[(state % 12) as usize]);
            }
            for layout in &layouts {
                let whole = split(layout, &text, 4096);
                assert_eq!(whole, split(layout, &text, 1), "{}", text.escape_ascii());
            }
        }
    }
}
