//! Dates and times as scripts write them, in text and in bytes.
//!
//! Text is read where it can mean one time only; whether `01/02/2012` is in January or February
//! is told by `SET DATEFORMAT` or by the style of `CONVERT`, or not at all.
//! (Microsoft Learn, "CAST and CONVERT", date and time styles.)

use super::walker::DateOrder;
use crate::chat::Ticks;
use crate::sqlserver::native::{DAY, clock, date_time, fixed, small_date_time};
use crate::sqlserver::{DataType, Value};

/// Ticks from 0001-01-01 to 1900-01-01, the date of a time alone.
const BASE: i64 = 693_595 * DAY;

/// Returns the order that a style of `CONVERT` stands for.
pub(super) fn order_of_style(style: u32) -> Option<DateOrder> {
    match style {
        1 | 10 | 101 | 110 | 22 => Some(DateOrder::MonthDayYear),
        3..=5 | 103..=105 | 131 => Some(DateOrder::DayMonthYear),
        2 | 11 | 12 | 102 | 111 | 112 => Some(DateOrder::YearMonthDay),
        _ => None,
    }
}

/// Reads text as a value of a calendar type.
pub(super) fn of_text(data_type: DataType, text: &[u8], order: Option<DateOrder>) -> Option<Value<'static>> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let Moment { ticks, offset } = moment(text, order)?;
    Some(match data_type {
        DataType::Date => Value::Date((ticks / DAY) as i32),
        DataType::Time(scale) => Value::TimeOfDay { since_midnight: ticks % DAY, scale },
        DataType::DateTime | DataType::SmallDateTime => Value::Time(ticks),
        DataType::DateTime2(scale) => Value::DateTime2 { ticks, scale },
        DataType::DateTimeOffset(scale) => {
            let utc = ticks - i64::from(offset) * 60 * Ticks::SECOND;
            Value::DateTimeOffset { ticks: Ticks::new(utc).ok()?.get(), scale, offset }
        }
        _ => return None,
    })
}

/// Reads the bytes of `CAST(0x... AS type)`: the old types high byte first, the new ones with their
/// scale in front and low byte first.
pub(super) fn of_bytes(data_type: DataType, bytes: &[u8]) -> Option<Value<'static>> {
    let padded = |width: usize| {
        let mut padded = [0_u8; 8];
        padded.get_mut(8_usize.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
        (bytes.len() <= width).then(|| u64::from_be_bytes(padded))
    };
    match data_type {
        DataType::DateTime => {
            let number = padded(8)?;
            date_time((number >> 32) as u32 as i32, number as u32)
        }
        DataType::SmallDateTime => {
            let number = padded(4)?;
            small_date_time((number >> 16) as u16, number as u16)
        }
        DataType::Date => {
            let (date, rest) = bytes.split_at_checked(3)?;
            fixed(DataType::Date, date).filter(|_| matches!(rest, [] | [0]))
        }
        DataType::Time(_) => {
            let (&scale, time) = bytes.split_first()?;
            Some(Value::TimeOfDay { since_midnight: clock(scale, time)?, scale })
        }
        DataType::DateTime2(_) => {
            let (&scale, moment) = bytes.split_first()?;
            fixed(DataType::DateTime2(scale), moment)
        }
        DataType::DateTimeOffset(_) => {
            let (&scale, moment) = bytes.split_first()?;
            fixed(DataType::DateTimeOffset(scale), moment)
        }
        _ => None,
    }
}

struct Moment {
    ticks: i64,
    /// Minutes ahead of UTC.
    offset: i16,
}

fn moment(text: &str, order: Option<DateOrder>) -> Option<Moment> {
    let (date, rest) = match date(text, order) {
        Some(found) => found,
        None if text.contains(':') => (BASE, text),
        None => return None,
    };
    let rest = rest.trim_start();
    let (since_midnight, rest) = if rest.is_empty() { (0, rest) } else { time(rest)? };
    let offset = offset(rest.trim())?;
    Some(Moment { ticks: date.checked_add(since_midnight)?, offset })
}

/// Takes digits off the beginning of text.
fn digits(text: &str, at_most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(count);
    (1..=at_most).contains(&count).then(|| digits.parse().ok()).flatten().map(|number| (number, rest))
}

/// Reads a date; gives with it what follows, `T` taken off.
fn date(text: &str, order: Option<DateOrder>) -> Option<(i64, &str)> {
    let (year, month, day, rest) =
        compact(text).or_else(|| separated(text, order)).or_else(|| named(text))?;
    let date = Ticks::from_date(i64::from(year), month, day, 0)?.get();
    let rest = rest.strip_prefix('T').unwrap_or(rest);
    let sound = rest.is_empty() || rest.starts_with([' ', '0', '1', '2', '+', '-', 'Z']);
    sound.then_some((date, rest))
}

/// `20120131`
fn compact(text: &str) -> Option<(u32, u32, u32, &str)> {
    let (number, rest) = digits(text, 8)?;
    (text.len() - rest.len() == 8).then_some((number / 10_000, number / 100 % 100, number % 100, rest))
}

/// `2012-01-31`, `2012/1/31`, and with a known order `1/31/12`.
fn separated(text: &str, order: Option<DateOrder>) -> Option<(u32, u32, u32, &str)> {
    let (one, rest) = digits(text, 4)?;
    let long = text.len() - rest.len() == 4;
    let separator = rest.chars().next().filter(|letter| matches!(letter, '-' | '/' | '.'))?;
    let (two, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let behind = rest.strip_prefix(separator)?;
    let (three, rest) = digits(behind, 4)?;
    if long {
        return Some((one, two, three, rest));
    }
    let four = behind.len() - rest.len() == 4;
    let full = |year| if four { Some(year) } else { century(year) };
    match order? {
        DateOrder::MonthDayYear => Some((full(three)?, one, two, rest)),
        DateOrder::DayMonthYear => Some((full(three)?, two, one, rest)),
        DateOrder::YearMonthDay if four => None,
        DateOrder::YearMonthDay => Some((century(one)?, two, three, rest)),
    }
}

/// A year of two digits ("two digit year cutoff", by default 2049).
fn century(year: u32) -> Option<u32> {
    match year {
        0..50 => Some(2000 + year),
        50..100 => Some(1900 + year),
        _ => None,
    }
}

/// `Jan 31 2012`, `31 January 2012`
fn named(text: &str) -> Option<(u32, u32, u32, &str)> {
    let blank = |text: &str| text.trim_start_matches([' ', ',', '-']).len();
    let skip = |text: &'_ str| text.len() - blank(text);
    let (day, rest) = digits(text, 2).map_or((None, text), |(day, rest)| (Some(day), rest));
    let rest = rest.get(skip(rest)..)?;
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = rest.split_at(letters);
    let month = month(name)?;
    let mut rest = rest.get(skip(rest)..)?;
    let day = match day {
        Some(day) => day,
        None => {
            let (day, behind) = digits(rest, 2)?;
            rest = behind.get(skip(behind)..)?;
            day
        }
    };
    let (year, behind) = digits(rest, 4)?;
    let year = if rest.len() - behind.len() == 4 { year } else { century(year)? };
    Some((year, month, day, behind))
}

fn month(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = name.to_ascii_lowercase();
    let found = MONTHS.iter().position(|month| *month == name || name.len() == 3 && month.starts_with(&name));
    found.map(|at| at as u32 + 1)
}

/// Reads a time of day; gives with it what follows.
fn time(text: &str) -> Option<(i64, &str)> {
    let (mut hour, rest) = digits(text, 2)?;
    let (mut minute, mut second, mut fraction) = (0, 0, 0);
    let mut rest = rest;
    if let Some(behind) = rest.strip_prefix(':') {
        (minute, rest) = digits(behind, 2)?;
        if let Some(behind) = rest.strip_prefix(':') {
            (second, rest) = digits(behind, 2)?;
            if let Some(behind) = rest.strip_prefix('.') {
                (fraction, rest) = decimals(behind)?;
            } else if let Some(behind) = rest.strip_prefix(':') {
                let (milliseconds, behind) = digits(behind, 3)?;
                (fraction, rest) = (i64::from(milliseconds) * Ticks::MILLISECOND, behind);
            }
        }
    }
    let half = rest.trim_start().get(..2).map(str::to_ascii_uppercase);
    match half.as_deref() {
        Some("AM") if (1..=12).contains(&hour) => hour %= 12,
        Some("PM") if (1..=12).contains(&hour) => hour = hour % 12 + 12,
        _ if rest.len() == text.len() - 1 || !text.contains(':') => return None,
        _ => {}
    }
    if matches!(half.as_deref(), Some("AM" | "PM")) {
        rest = rest.trim_start().get(2..)?;
    }
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    (hour < 24 && minute < 60 && second < 60).then_some((seconds * Ticks::SECOND + fraction, rest))
}

/// Reads decimals of a second as 100 ns units; what is finer is cut off.
fn decimals(text: &str) -> Option<(i64, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (decimals, rest) = text.split_at(count);
    let kept = decimals.get(..7).unwrap_or(decimals);
    let number: i64 = kept.parse().ok()?;
    Some((number * 10_i64.pow(7 - kept.len() as u32), rest))
}

/// Reads a distance to UTC in minutes; none is zero.
fn offset(text: &str) -> Option<i16> {
    let (sign, rest) = match text.as_bytes() {
        [] | [b'Z'] => return Some(0),
        [b'+', ..] => (1, text.get(1..)?),
        [b'-', ..] => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
    (hours <= 14 && minutes < 60 && rest.is_empty()).then_some(sign * (hours * 60 + minutes) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::form::plain;

    fn text(data_type: DataType, text: &str, order: Option<DateOrder>) -> String {
        of_text(data_type, text.as_bytes(), order)
            .map_or("none".to_owned(), |value| String::from_utf8(plain(&value)).unwrap())
    }

    #[test]
    fn text_that_can_mean_one_time_only_is_read() {
        for (from, to) in [
            ("1996-07-04T00:00:00.000", "1996-07-04 00:00:00.000"),
            ("2012-01-31 10:20:30.123", "2012-01-31 10:20:30.123"),
            ("20120131 10:20", "2012-01-31 10:20:00.000"),
            ("2021/1/3", "2021-01-03 00:00:00.000"),
            ("Jan 31 2012 12:05AM", "2012-01-31 00:05:00.000"),
            ("31 January 2012 1:02:03 PM", "2012-01-31 13:02:03.000"),
            ("Jan  5 1994 11:59:59:997PM", "1994-01-05 23:59:59.997"),
            ("10:20:30", "1900-01-01 10:20:30.000"),
        ] {
            assert_eq!(text(DataType::DateTime, from, None), to, "{from}");
        }
        for from in
            ["", "x", "1/2/2012", "2012-02-30", "2012-01-01x", "2012-01-01 25:00", "12", "2012-01-01 5"]
        {
            assert_eq!(text(DataType::DateTime, from, None), "none", "{from}");
        }
    }

    #[test]
    fn an_order_that_is_told_decides_the_rest() {
        let both = |from| {
            [DateOrder::MonthDayYear, DateOrder::DayMonthYear]
                .map(|order| text(DataType::Date, from, Some(order)))
        };
        assert_eq!(both("1/2/94"), ["1994-01-02", "1994-02-01"]);
        assert_eq!(both("06-12-2012"), ["2012-06-12", "2012-12-06"]);
        assert_eq!(both("06/31/2012"), ["none", "none"]);
        assert_eq!(both("06/30/2012"), ["2012-06-30", "none"]);
        assert_eq!(text(DataType::Date, "12.1.31", Some(DateOrder::YearMonthDay)), "2012-01-31");
    }

    #[test]
    fn the_new_types_keep_offset_and_decimals() {
        assert_eq!(
            text(DataType::DateTimeOffset(3), "2012-01-31T10:20:30.1234567+02:00", None),
            "2012-01-31 10:20:30.123+02:00"
        );
        assert_eq!(text(DataType::Time(7), "10:20:30.1234567", None), "10:20:30.1234567");
    }

    #[test]
    fn bytes_of_all_types_are_read() {
        let shown = |data_type, bytes: &[u8]| {
            of_bytes(data_type, bytes)
                .map_or("none".to_owned(), |value| String::from_utf8(plain(&value)).unwrap())
        };
        for (data_type, bytes, to) in [
            (DataType::DateTime, &[0, 0, 0x89, 0xB0, 0, 0, 0, 0][..], "1996-07-04 00:00:00.000"),
            (DataType::DateTime, &[0xFF, 0xFF, 0x2E, 0x46, 0, 0, 0, 0], "1753-01-01 00:00:00.000"),
            (DataType::SmallDateTime, &[0x89, 0xB0, 0, 1], "1996-07-04 00:01:00.000"),
            (DataType::Date, &[0x91, 0x0D, 0x0B, 0], "1984-04-04"),
            (DataType::Time(7), &[7, 0, 0x10, 0xAC, 0xD1, 0x53, 0, 0], "10:00:00.0000000"),
            (
                DataType::DateTime2(7),
                &[7, 0x80, 0x67, 0x1A, 0xB7, 0x73, 0xF4, 0x41, 0x0B],
                "2020-12-22 13:48:19.3200000",
            ),
            (DataType::DateTime, &[0; 9], "none"),
            (DataType::Time(7), &[9, 0, 0], "none"),
            (DataType::DateTime2(7), &[], "none"),
        ] {
            assert_eq!(shown(data_type, bytes), to, "{bytes:02X?}");
        }
    }
}
