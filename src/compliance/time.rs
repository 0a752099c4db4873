//! The time of a record: three ways to say it in one document, one in the other.

use std::borrow::Cow;

use super::decode::decode_attribute;
use super::markup::{Attribute, trim};
use crate::chat::{Moment, Precision, Ticks};

/// Bits of a .NET `DateTime` in binary form that hold its ticks; the others hold its kind
/// (`DateTime.ToBinary`).
const TICK_BITS: i64 = 0x3FFF_FFFF_FFFF_FFFF;

/// The three attributes of a time element, raw; the first of each name counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TimeElement<'a> {
    long: Option<&'a [u8]>,
    string: Option<&'a [u8]>,
    since1970: Option<&'a [u8]>,
}

/// What a time element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// The time: by `long`, else `string`, else `since1970`.
    pub(super) moment: Option<Moment>,
    /// Whether one of the attributes is no time, or they differ by more than a millisecond.
    pub(super) odd: bool,
}

impl<'a> TimeElement<'a> {
    /// Takes an attribute if it is one of the three and the first of its name.
    pub(super) fn take(&mut self, attribute: &Attribute<'a>) -> bool {
        let slot = if attribute.is("long") {
            &mut self.long
        } else if attribute.is("string") {
            &mut self.string
        } else if attribute.is("since1970") {
            &mut self.since1970
        } else {
            return false;
        };
        slot.is_none() && slot.replace(attribute.value).is_none()
    }

    /// Returns what the attributes say together.
    pub(super) fn told(&self) -> Told {
        let mut odd = false;
        let long = way(self.long, quick_ticks, |text| ticks(text, &mut odd));
        let string = way(self.string, quick_iso, Ticks::parse_iso);
        let since1970 = way(self.since1970, quick_milliseconds, milliseconds);
        let ways = [long, string, since1970];
        let precisions = [Precision::Ticks, Precision::Ticks, Precision::Millisecond];
        let mut moment: Option<Moment> = None;
        for (way, precision) in ways.into_iter().zip(precisions) {
            match (way, moment) {
                (Some(Some(ticks)), None) => moment = Some(Moment { ticks, precision }),
                (Some(Some(ticks)), Some(known)) => {
                    let apart = ticks.get().abs_diff(known.ticks.get());
                    odd |= apart > Ticks::MILLISECOND.unsigned_abs();
                }
                (Some(None), _) => odd = true,
                (None, _) => {}
            }
        }
        Told { moment, odd }
    }

    /// Returns the attributes as they stand, for people.
    pub(super) fn shown(&self) -> String {
        let show = |value: Option<&[u8]>| {
            let text = String::from_utf8_lossy(value.unwrap_or_default());
            text.chars().take(40).collect::<String>()
        };
        format!(
            "long=\"{}\" string=\"{}\" since1970=\"{}\"",
            show(self.long),
            show(self.string),
            show(self.since1970)
        )
    }
}

/// Reads an attribute's value: the usual form quickly, any other one with care. `None` for no
/// value, `None` within for one that is no time.
fn way(
    raw: Option<&[u8]>,
    quick: fn(&[u8]) -> Option<Ticks>,
    careful: impl FnOnce(&str) -> Option<Ticks>,
) -> Option<Option<Ticks>> {
    let raw = raw?;
    quick(raw).map(Some).or_else(|| plain(raw).map(|text| careful(&text)))
}

fn quick_ticks(raw: &[u8]) -> Option<Ticks> {
    Ticks::new(digits(raw)?).ok()
}

fn quick_milliseconds(raw: &[u8]) -> Option<Ticks> {
    Ticks::from_unix_milliseconds(digits(raw)?).ok()
}

/// Reads `2008-06-04T20:15:40.9535482Z` and nothing else, but for fewer decimals.
fn quick_iso(raw: &[u8]) -> Option<Ticks> {
    let (date, rest) = raw.split_first_chunk::<19>()?;
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = *date else { return None };
    let part = |from: usize, to: usize| digits(date.get(from..to)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let decimals = rest.strip_suffix(b"Z")?;
    let fraction = match decimals.strip_prefix(b".") {
        Some(decimals) => {
            digits(decimals)?.checked_mul(10_i64.checked_pow(7_u32.checked_sub(decimals.len() as u32)?)?)?
        }
        None if decimals.is_empty() => 0,
        None => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let since_midnight = ((hour * 60 + minute) * 60 + second) * Ticks::SECOND + fraction;
    Ticks::from_date(part(0, 4)?, part(5, 7)? as u32, part(8, 10)? as u32, since_midnight)
}

/// Reads 1 to 18 digits and nothing else.
fn digits(raw: &[u8]) -> Option<i64> {
    if raw.is_empty() || raw.len() > 18 {
        return None;
    }
    raw.iter().try_fold(0, |sum, &byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Returns an attribute's value without white space around it; `None` if nothing remains or it is
/// no text.
fn plain(raw: &[u8]) -> Option<Cow<'_, str>> {
    if raw.contains(&b'&') {
        let mut out = Vec::new();
        decode_attribute(raw, &mut out).ok()?;
        let text = std::str::from_utf8(trim(&out)).ok()?.to_owned();
        return (!text.is_empty()).then_some(Cow::Owned(text));
    }
    let text = std::str::from_utf8(trim(raw)).ok()?;
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

/// Reads a number of 64 bits from an attribute's value; `None` within if it is none.
pub(super) fn number(raw: &[u8]) -> Option<Option<i64>> {
    if let Some(number) = digits(raw) {
        return Some(Some(number));
    }
    plain(raw).map(|text| text.parse().ok())
}

fn ticks(text: &str, odd: &mut bool) -> Option<Ticks> {
    let number = text.parse::<i64>().or_else(|_| text.parse::<u64>().map(|bits| bits as i64)).ok()?;
    Ticks::new(number).ok().or_else(|| {
        *odd = true;
        Ticks::new(number & TICK_BITS).ok()
    })
}

fn milliseconds(text: &str) -> Option<Ticks> {
    Ticks::from_unix_milliseconds(text.parse().ok()?).ok()
}

/// Reads the time of a `FileDump` record: milliseconds since 1970, or ISO 8601 as exact as its
/// decimals.
pub(super) fn loose_moment(text: &str) -> Option<Moment> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return milliseconds(text).map(|ticks| Moment { ticks, precision: Precision::Millisecond });
    }
    let decimals = match text.split_once('.') {
        Some((_, rest)) => rest.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    };
    let precision = match decimals {
        0 => Precision::Second,
        1..=3 => Precision::Millisecond,
        _ => Precision::Ticks,
    };
    Ticks::parse_iso(text).map(|ticks| Moment { ticks, precision })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::markup::Attributes;

    fn told(rest: &str) -> (Option<i64>, Option<Precision>, bool) {
        let mut element = TimeElement::default();
        for attribute in Attributes::new(rest.as_bytes()) {
            element.take(&attribute.unwrap());
        }
        let Told { moment, odd } = element.told();
        (moment.map(|it| it.ticks.get()), moment.map(|it| it.precision), odd)
    }

    const TICKS: i64 = 633_482_073_409_535_482;

    #[test]
    fn the_finest_way_to_say_it_wins() {
        let (since1970, string, long) = (
            " since1970='1212610540953'",
            " string='2008-06-04T20:15:40.9535482Z'",
            " LONG=' 633482073409535482 '",
        );
        let exact = (Some(TICKS), Some(Precision::Ticks), false);
        assert_eq!(told(&format!("{since1970}{string}{long}")), exact);
        assert_eq!(told(&format!("{since1970}{string}")), exact);
        let coarse = (Some(TICKS - 5_482), Some(Precision::Millisecond), false);
        assert_eq!(told(&format!("{since1970} string='' long=''")), coarse);
        assert_eq!(told(" since1970='&#x31;212610540953'"), coarse);
    }

    #[test]
    fn ways_that_disagree_are_odd_and_the_finest_still_wins() {
        assert!(told(" long='633482073409535482' since1970='1212610540955'").2);
        assert!(!told(" long='633482073409535482' since1970='1212610540954'").2);
        assert_eq!(
            told(" long='x' since1970='1212610540953'"),
            (Some(TICKS - 5_482), Some(Precision::Millisecond), true)
        );
    }

    #[test]
    fn a_binary_date_time_loses_its_kind_and_keeps_its_ticks() {
        let exact = (Some(TICKS), Some(Precision::Ticks), true);
        let utc = TICKS | 1 << 62;
        assert_eq!(told(&format!(" long='{utc}'")), exact);
        let local = TICKS | i64::MIN;
        assert_eq!(told(&format!(" long='{local}'")), exact);
        assert_eq!(told(&format!(" long='{}'", local as u64)), exact);
    }

    #[test]
    fn what_is_no_time_gives_none() {
        for rest in [
            "",
            " long=''",
            " long='4611686018427387903'",
            " string='2008-02-30T00:00:00Z'",
            " since1970='99999999999999999999'",
        ] {
            assert_eq!(told(rest).0, None, "{rest}");
        }
    }

    #[test]
    fn the_quick_way_reads_what_the_careful_way_reads() {
        for text in [
            "2008-06-04T20:15:40.9535482Z",
            "2008-06-04T20:15:40Z",
            "2008-06-04T20:15:40.5Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
        ] {
            assert_eq!(quick_iso(text.as_bytes()), Ticks::parse_iso(text), "{text}");
            assert!(quick_iso(text.as_bytes()).is_some(), "{text}");
        }
        for text in
            ["2008-02-30T00:00:00Z", "2008-06-04T24:00:00Z", "2008-06-04T20:60:00Z", "2008-06-04T20:15:4.0Z"]
        {
            assert_eq!(quick_iso(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_file_dump_says_how_exact_it_is_by_its_decimals() {
        let read = |text: &str| loose_moment(text).map(|it| (it.ticks.to_string(), it.precision));
        let at = |text: &str, precision| Some((text.to_owned(), precision));
        assert_eq!(read("1212610540953"), at("2008-06-04T20:15:40.953Z", Precision::Millisecond));
        assert_eq!(read("-1"), at("1969-12-31T23:59:59.999Z", Precision::Millisecond));
        assert_eq!(
            read("2008-06-04T20:15:40.9535482Z"),
            at("2008-06-04T20:15:40.9535482Z", Precision::Ticks)
        );
        assert_eq!(read("2008-06-04T20:15:40.95Z"), at("2008-06-04T20:15:40.95Z", Precision::Millisecond));
        assert_eq!(read("2008-06-04T20:15:40Z"), at("2008-06-04T20:15:40Z", Precision::Second));
        for text in ["", "-", "x", "--1", "ä1", "2008-02-30"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
