//! The form of values as text: what `gc2pc rows` prints, apart from quotes.
//!
//! Numbers have no trailing zeros, binary is `0x` and upper-case hex, a `datetime` is
//! `YYYY-MM-DD hh:mm:ss.fff`, and the types that know their decimals have just those.

use std::io::{self, Write};

use super::Value;
use crate::chat::Ticks;

/// 100 ns units in a day.
const DAY: i64 = 86_400 * Ticks::SECOND;
/// Plain digits serve numbers of this range; others are written with an exponent.
const PLAIN: std::ops::Range<f64> = 1e-7..1e21;

impl Value<'_> {
    /// Returns the value as it stands in the CSV of [`CsvWriter`](super::CsvWriter), without quotes; text is
    /// generalized UTF-8.
    pub fn to_plain(&self) -> Vec<u8> {
        plain(self)
    }
}

/// Returns the form of a value that [`write_plain`] writes.
pub(super) fn plain(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = write_plain(value, &mut out);
    out
}

/// Writes a value as it stands in CSV, without regard to quotes.
pub(super) fn write_plain(value: &Value<'_>, out: &mut impl Write) -> io::Result<()> {
    match value {
        Value::Null => out.write_all(b"\\N"),
        Value::Text { bytes, .. } => out.write_all(bytes),
        Value::Bit(bit) => out.write_all(if *bit { b"1" } else { b"0" }),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Decimal { unscaled, scale } => write_decimal(*unscaled, *scale, out),
        Value::Real(number) if is_plain(f64::from(*number)) => write!(out, "{number}"),
        Value::Real(number) => write!(out, "{number:e}"),
        Value::Float(number) if is_plain(*number) => write!(out, "{number}"),
        Value::Float(number) => write!(out, "{number:e}"),
        Value::Guid(guid) => write!(out, "{}", guid.hyphenated()),
        Value::Binary(bytes) => write_binary(bytes, out),
        Value::Date(days) => {
            write_calendar(i64::from(*days).saturating_mul(DAY), i64::from(*days), out, write_date)
        }
        Value::TimeOfDay { since_midnight, scale } => {
            write_calendar(*since_midnight, *since_midnight, out, |time, out| write_clock(time, *scale, out))
        }
        Value::Time(ticks) => write_calendar(*ticks, *ticks, out, |time, out| {
            // With 7 decimals where 3 would lose something.
            let exact = ticks % Ticks::MILLISECOND == 0;
            write_both(time, if exact { 3 } else { 7 }, out)
        }),
        Value::DateTime2 { ticks, scale } => {
            write_calendar(*ticks, *ticks, out, |time, out| write_both(time, *scale, out))
        }
        Value::DateTimeOffset { ticks, scale, offset } => {
            let local = ticks.saturating_add(i64::from(*offset) * 60 * Ticks::SECOND);
            write_calendar(local, *ticks, out, |time, out| write_both(time, *scale, out))?;
            let (sign, minutes) = (if *offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
            write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

fn is_plain(number: f64) -> bool {
    number == 0.0 || !number.is_finite() || PLAIN.contains(&number.abs())
}

fn write_decimal(unscaled: i128, scale: u8, out: &mut impl Write) -> io::Result<()> {
    let (mut digits, mut scale) = (unscaled.unsigned_abs(), usize::from(scale));
    while scale > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        scale -= 1;
    }
    if unscaled < 0 {
        out.write_all(b"-")?;
    }
    // One digit at least stands before the point.
    let text = format!("{digits:0width$}", width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    out.write_all(whole.as_bytes())?;
    if fraction.is_empty() {
        return Ok(());
    }
    out.write_all(b".")?;
    out.write_all(fraction.as_bytes())
}

fn write_binary(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.write_all(b"0x")?;
    let digit = |value: u8| DIGITS[usize::from(value & 0xF)];
    bytes.iter().try_for_each(|&byte| out.write_all(&[digit(byte >> 4), digit(byte)]))
}

/// Writes a time by `write`; where it is none of the calendar's, the number it was made from.
fn write_calendar<W: Write>(
    ticks: i64,
    number: i64,
    out: &mut W,
    write: impl Fn(Ticks, &mut W) -> io::Result<()>,
) -> io::Result<()> {
    match Ticks::new(ticks) {
        Ok(time) => write(time, out),
        Err(_) => write!(out, "{number}"),
    }
}

fn write_both(time: Ticks, scale: u8, out: &mut impl Write) -> io::Result<()> {
    write_date(time, out)?;
    out.write_all(b" ")?;
    write_clock(time, scale, out)
}

fn write_date(time: Ticks, out: &mut impl Write) -> io::Result<()> {
    let (year, month, day, _) = time.to_date();
    write!(out, "{year:04}-{month:02}-{day:02}")
}

fn write_clock(time: Ticks, scale: u8, out: &mut impl Write) -> io::Result<()> {
    let since_midnight = time.get() % DAY;
    let seconds = since_midnight / Ticks::SECOND;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    write!(out, "{hour:02}:{minute:02}:{second:02}")?;
    let scale = scale.min(7);
    if scale == 0 {
        return Ok(());
    }
    let fraction = since_midnight % Ticks::SECOND / 10_i64.pow(u32::from(7 - scale));
    write!(out, ".{fraction:0width$}", width = usize::from(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(value: Value<'_>) -> String {
        String::from_utf8(plain(&value)).unwrap()
    }

    #[test]
    fn numbers_have_no_trailing_zeros() {
        let decimal = |unscaled, scale| form(Value::Decimal { unscaled, scale });
        assert_eq!(decimal(140_000, 4), "14");
        assert_eq!(decimal(98_000, 4), "9.8");
        assert_eq!(decimal(-5, 3), "-0.005");
        assert_eq!(decimal(0, 4), "0");
        assert_eq!(decimal(100, 0), "100");
        assert_eq!(decimal(10_i128.pow(38) - 1, 38), format!("0.{}", "9".repeat(38)));
        assert_eq!(form(Value::Real(0.15)), "0.15");
        assert_eq!(form(Value::Float(-2.5)), "-2.5");
        assert_eq!(form(Value::Float(3.0)), "3");
        assert_eq!(form(Value::Float(1.5e300)), "1.5e300");
        assert_eq!(form(Value::Float(2e-10)), "2e-10");
    }

    #[test]
    fn times_have_the_decimals_of_their_type() {
        let ticks = Ticks::parse_iso("2012-01-31T10:20:30.1234567").unwrap().get();
        let days = Ticks::parse_iso("2012-01-31").unwrap().get() / DAY;
        assert_eq!(form(Value::Date(days as i32)), "2012-01-31");
        assert_eq!(form(Value::TimeOfDay { since_midnight: ticks % DAY, scale: 0 }), "10:20:30");
        assert_eq!(form(Value::TimeOfDay { since_midnight: ticks % DAY, scale: 7 }), "10:20:30.1234567");
        assert_eq!(form(Value::DateTime2 { ticks, scale: 3 }), "2012-01-31 10:20:30.123");
        let ahead = Value::DateTimeOffset { ticks, scale: 7, offset: 14 * 60 };
        assert_eq!(form(ahead), "2012-02-01 00:20:30.1234567+14:00");
        let behind = Value::DateTimeOffset { ticks, scale: 1, offset: -90 };
        assert_eq!(form(behind), "2012-01-31 08:50:30.1-01:30");
    }

    #[test]
    fn what_is_no_time_is_shown_as_its_number() {
        assert_eq!(form(Value::Time(-1)), "-1");
        assert_eq!(form(Value::Date(i32::MAX)), "2147483647");
        assert_eq!(
            form(Value::DateTimeOffset { ticks: i64::MAX, scale: 7, offset: 1 }),
            "9223372036854775807+00:01"
        );
    }
}
