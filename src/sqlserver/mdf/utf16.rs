//! UTF-16LE as it stands in rows, at any address, to generalized UTF-8 (see
//! [`Text`](crate::chat::Text)).
//!
//! Most text is ASCII, for which units are narrowed many at a time; the loops are written so that the
//! compiler uses wide registers.

/// Units that are narrowed at once.
const WIDE: usize = 16;
/// Units that short text is narrowed by.
const SHORT: usize = 4;
/// The most bytes that a unit becomes.
const GROWTH: usize = 3;

type Units<'a> = &'a [[u8; 2]];

/// Appends text to a buffer. Half a unit at its end is left out.
pub(super) fn append(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let (units, _) = bytes.as_chunks();
    out.resize(start + units.len(), 0);
    let narrowed = narrow(units, out.get_mut(start..).unwrap_or_default());
    if narrowed < units.len() {
        out.resize(start + narrowed + (units.len() - narrowed) * GROWTH, 0);
        let (rest, room) = (units.get(narrowed..), out.get_mut(start + narrowed..));
        let written = write_mixed(rest.unwrap_or_default(), room.unwrap_or_default());
        out.truncate(start + narrowed + written.unwrap_or_default());
    }
}

/// Writes text to the beginning of `out` and returns its length; `None` if there is too little room or
/// half a unit at the end.
pub(super) fn write(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let (units, []) = bytes.as_chunks() else { return None };
    let narrowed = narrow(units, out.get_mut(..units.len())?);
    if narrowed == units.len() {
        return Some(narrowed);
    }
    Some(narrowed + write_mixed(units.get(narrowed..)?, out.get_mut(narrowed..)?)?)
}

/// Narrows ASCII to as many bytes as there are units; returns how many units from the beginning were
/// narrowed, which is all if all are ASCII.
fn narrow(units: Units<'_>, out: &mut [u8]) -> usize {
    let mut done = 0;
    for (units, out) in units.as_chunks::<WIDE>().0.iter().zip(out.as_chunks_mut::<WIDE>().0) {
        if !narrow_all(units, out) {
            break;
        }
        done += WIDE;
    }
    // What is left is short, or is not ASCII at once.
    let (short, last) = units.get(done..).unwrap_or_default().as_chunks::<SHORT>();
    let (short_out, last_out) = out.get_mut(done..).unwrap_or_default().as_chunks_mut::<SHORT>();
    for (units, out) in short.iter().zip(short_out) {
        if !narrow_all(units, out) {
            return done;
        }
        done += SHORT;
    }
    for (unit, out) in last.iter().zip(last_out) {
        *out = match u16::from_le_bytes(*unit) {
            unit @ ..0x80 => unit as u8,
            _ => return done,
        };
        done += 1;
    }
    done
}

#[inline]
fn narrow_all<const N: usize>(units: &[[u8; 2]; N], out: &mut [u8; N]) -> bool {
    let mut all = 0;
    for (unit, out) in units.iter().zip(out.iter_mut()) {
        let unit = u16::from_le_bytes(*unit);
        all |= unit;
        *out = unit as u8;
    }
    all < 0x80
}

/// Units that are looked at one by one before many are narrowed again.
const MIXED: usize = 4;

/// Writes text that is not all ASCII and returns its length; `None` if there is too little room.
fn write_mixed(units: Units<'_>, out: &mut [u8]) -> Option<usize> {
    let (mut rest, mut at) = (units, 0);
    while !rest.is_empty() {
        let before = rest.len();
        while let Some((unit, behind)) = rest.split_first().filter(|_| before - rest.len() < MIXED) {
            rest = behind;
            at += write_unit(*unit, &mut rest, out.get_mut(at..)?)?;
        }
        // Every unit becomes a byte or more.
        let narrowed = narrow(rest, out.get_mut(at..at + rest.len())?);
        (rest, at) = (rest.get(narrowed..)?, at + narrowed);
    }
    Some(at)
}

/// Writes a unit, with its other half if it is that of a pair, and returns the length.
fn write_unit(unit: [u8; 2], rest: &mut Units<'_>, out: &mut [u8]) -> Option<usize> {
    let unit = u16::from_le_bytes(unit);
    match unit {
        ..0x80 => {
            *out.first_mut()? = unit as u8;
            Some(1)
        }
        0x80..0x800 => {
            *out.first_chunk_mut()? = [0xC0 | (unit >> 6) as u8, trail(unit)];
            Some(2)
        }
        0xD800..0xDC00 if rest.first().is_some_and(|low| low[1] & 0xFC == 0xDC) => {
            let low = rest.split_off_first().map_or(0, |low| u16::from_le_bytes(*low));
            let scalar = 0x1_0000 + (u32::from(unit & 0x3FF) << 10 | u32::from(low & 0x3FF));
            let [first, second, third] = [18, 12, 6].map(|bits| (scalar >> bits) as u16);
            *out.first_chunk_mut()? = [0xF0 | first as u8, trail(second), trail(third), trail(low)];
            Some(4)
        }
        // Lone surrogates take the three bytes of their code point.
        _ => {
            *out.first_chunk_mut()? = [0xE0 | (unit >> 12) as u8, trail(unit >> 6), trail(unit)];
            Some(3)
        }
    }
}

/// Returns a byte that follows in a sequence, of the lowest six bits.
fn trail(unit: u16) -> u8 {
    0x80 | (unit & 0x3F) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Text;

    fn check(units: &[u16]) {
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let expected = Text::from_units(units.iter().copied());
        let mut appended = b"x".to_vec();
        append(&bytes, &mut appended);
        assert_eq!(&appended[1..], expected.as_bytes(), "{units:X?}");
        let mut room = vec![0xAA; expected.as_bytes().len() + 5];
        let length = write(&bytes, &mut room);
        assert_eq!(length, Some(expected.as_bytes().len()), "{units:X?}");
        assert_eq!(&room[..length.unwrap()], expected.as_bytes(), "{units:X?}");
        if !units.is_empty() {
            assert_eq!(write(&bytes, &mut vec![0; expected.as_bytes().len() - 1]), None);
        }
    }

    #[test]
    fn every_unit_becomes_what_it_is_as_text_wherever_it_stands() {
        for unit in 0..=u16::MAX {
            check(&[unit]);
        }
        for length in [1, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40] {
            for other in [0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDC00, 0xDFFF, 0xE000, 0xFFFF, 0] {
                for place in 0..length {
                    let mut units: Vec<u16> = (0..length).map(|at| 0x41 + at as u16).collect();
                    units[place] = other;
                    check(&units);
                }
            }
        }
    }

    #[test]
    fn pairs_are_joined_and_lone_surrogates_are_kept() {
        let (high, low) = (0xD83D, 0xDE00);
        check(&[high, low]);
        check(&[low, high, low, high]);
        check(&[0x41, high, high, low, 0x42, low]);
        let long: Vec<u16> = [0x41; 20].into_iter().chain([high, low, 0x416]).chain([0x42; 40]).collect();
        check(&long);
    }

    #[test]
    fn half_a_unit_is_no_text() {
        assert_eq!(write(b"a\0b", &mut [0; 9]), None);
        let mut out = Vec::new();
        append(b"a\0b", &mut out);
        assert_eq!(out, b"a");
    }
}
