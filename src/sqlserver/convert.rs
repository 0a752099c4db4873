//! What a value means where a column is expected to hold a number, a flag, a time and so on.
//!
//! Typed dumps give typed values, text dumps give text: the caller asks for what it needs and gets
//! it from either, or learns what is wrong. Whether a value is absent depends on the column: what
//! is NOT NULL is never NULL, so `NULL` and `\N` are text there.

use std::borrow::Cow;

use super::Value;
use super::form::plain;
use crate::chat::{Guid, Ticks};
use crate::ledger::Cause;

/// Characters of a value that are shown in a sentence about it.
const SHOWN: usize = 40;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Wrong {
    /// The kind of mistake.
    pub cause: Cause,
    /// What exactly is wrong, as a sentence.
    pub detail: String,
}

type Converted<T> = Result<T, Wrong>;

impl<'a> Value<'a> {
    /// Returns the value, or `None` if it is NULL: always if it is [`Value::Null`], and in a
    /// nullable column also if it is the word `NULL` or `\N` without quotes.
    pub fn present(&self, nullable: bool) -> Option<&Value<'a>> {
        match self {
            Value::Null => None,
            Value::Text { bytes, quoted: false } if nullable && matches!(&**bytes, b"NULL" | b"\\N") => None,
            value => Some(value),
        }
    }

    /// Returns the value as text: text as it is, anything else as [`CsvWriter`](super::CsvWriter)
    /// writes it.
    ///
    /// # Errors
    /// [`Cause::MissingValue`] for NULL.
    pub fn as_text(&self) -> Converted<Cow<'_, [u8]>> {
        match self {
            Value::Null => Err(missing()),
            Value::Text { bytes, .. } => Ok(Cow::Borrowed(bytes)),
            typed => Ok(Cow::Owned(plain(typed))),
        }
    }

    /// Returns the value as text, `None` for NULL.
    ///
    /// # Errors
    /// [`Cause::MissingValue`] for NULL in a column that is not nullable.
    pub fn as_nullable_text(&self, nullable: bool) -> Converted<Option<Cow<'_, [u8]>>> {
        match self.present(nullable) {
            None if nullable => Ok(None),
            None => Err(missing()),
            Some(_) => self.as_text().map(Some),
        }
    }

    /// Returns the value as a whole number; text may have blanks around it and a sign, and no
    /// separators of thousands. Decimals must be zeros.
    ///
    /// # Errors
    /// [`Cause::BadNumber`], or [`Cause::MissingValue`] for NULL and empty text.
    pub fn as_integer(&self) -> Converted<i64> {
        match self {
            Value::Integer(number) => Ok(*number),
            Value::Bit(bit) => Ok(i64::from(*bit)),
            Value::Decimal { unscaled, scale } => whole(*unscaled, *scale)
                .ok_or_else(|| wrong(Cause::BadNumber, &plain(self), "a whole number of 64 bits")),
            _ => self.parsed(Cause::BadNumber, "a whole number", |text| {
                let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
                digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
            }),
        }
    }

    /// Returns the value as a whole number, `None` for NULL and empty text.
    ///
    /// # Errors
    /// As [`Value::as_integer`].
    pub fn as_nullable_integer(&self, nullable: bool) -> Converted<Option<i64>> {
        self.nullable(nullable, Value::as_integer)
    }

    /// Returns the value as a `bit`: `0`, `1`, `True` or `False` in any case.
    ///
    /// # Errors
    /// [`Cause::BadFlag`], or [`Cause::MissingValue`] for NULL and empty text.
    pub fn as_bit(&self) -> Converted<bool> {
        match self {
            Value::Bit(bit) => Ok(*bit),
            Value::Integer(0) => Ok(false),
            Value::Integer(1) => Ok(true),
            _ => self.parsed(Cause::BadFlag, "0, 1, True or False", |text| match text {
                "0" => Some(false),
                "1" => Some(true),
                _ if text.eq_ignore_ascii_case("true") => Some(true),
                _ if text.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            }),
        }
    }

    /// Returns the value as a `bit`, `None` for NULL and empty text.
    ///
    /// # Errors
    /// As [`Value::as_bit`].
    pub fn as_nullable_bit(&self, nullable: bool) -> Converted<Option<bool>> {
        self.nullable(nullable, Value::as_bit)
    }

    /// Returns the value as a GUID: 36 characters with hyphens, in any case, with or without braces.
    ///
    /// # Errors
    /// [`Cause::Malformed`], or [`Cause::MissingValue`] for NULL and empty text.
    pub fn as_guid(&self) -> Converted<Guid> {
        match self {
            Value::Guid(guid) => Ok(*guid),
            _ => self.parsed(Cause::Malformed, "a GUID", |text| {
                let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
                (inner.len() == 36).then(|| Guid::try_parse(inner).ok()).flatten()
            }),
        }
    }

    /// Returns the value as a GUID, `None` for NULL and empty text.
    ///
    /// # Errors
    /// As [`Value::as_guid`].
    pub fn as_nullable_guid(&self, nullable: bool) -> Converted<Option<Guid>> {
        self.nullable(nullable, Value::as_guid)
    }

    /// Returns the value as a time, in 100 ns units since 0001-01-01T00:00:00; a `datetimeoffset` as UTC.
    ///
    /// Text must be ISO: `2012-01-01 10:00:00.123` with up to 7 decimals, `T` or a blank between, or
    /// a date alone. Whether `01/02/2012` is in January or February no single row can tell.
    ///
    /// # Errors
    /// [`Cause::BadTime`], or [`Cause::MissingValue`] for NULL and empty text.
    pub fn as_time(&self) -> Converted<i64> {
        match self {
            Value::Time(ticks) | Value::DateTime2 { ticks, .. } | Value::DateTimeOffset { ticks, .. } => {
                checked(*ticks)
            }
            Value::Date(days) => checked(i64::from(*days).saturating_mul(86_400 * Ticks::SECOND)),
            _ => self
                .parsed(Cause::BadTime, ISO_TIME, |text| Ticks::parse_iso(text).map(Ticks::get))
                .map_err(|wrong| match self {
                    Value::Text { bytes, .. } if is_cultural_date(bytes) => cultural(bytes),
                    _ => wrong,
                }),
        }
    }

    /// Returns the value as a time, `None` for NULL and empty text.
    ///
    /// # Errors
    /// As [`Value::as_time`].
    pub fn as_nullable_time(&self, nullable: bool) -> Converted<Option<i64>> {
        self.nullable(nullable, Value::as_time)
    }

    /// Returns the value as bytes; text is hexadecimal digits, `0x` before them or not.
    ///
    /// # Errors
    /// [`Cause::Malformed`], or [`Cause::MissingValue`] for NULL.
    pub fn as_binary(&self) -> Converted<Cow<'_, [u8]>> {
        match self {
            Value::Null => Err(missing()),
            Value::Binary(bytes) => Ok(Cow::Borrowed(bytes)),
            Value::Text { bytes, .. } => match hexadecimal(bytes.trim_ascii()) {
                Some(binary) => Ok(Cow::Owned(binary)),
                None if bytes.starts_with(b"System.Byte") => Err(Wrong {
                    cause: Cause::Malformed,
                    detail: "Export-Csv wrote the name of a type in place of the bytes".to_owned(),
                }),
                None => Err(wrong(Cause::Malformed, bytes, "bytes in hexadecimal digits")),
            },
            typed => Err(wrong(Cause::Malformed, &plain(typed), "bytes")),
        }
    }

    /// Returns the value as bytes, `None` for NULL; empty text is no bytes.
    ///
    /// # Errors
    /// As [`Value::as_binary`].
    pub fn as_nullable_binary(&self, nullable: bool) -> Converted<Option<Cow<'_, [u8]>>> {
        match self.present(nullable) {
            None if nullable => Ok(None),
            _ => self.as_binary().map(Some),
        }
    }

    fn nullable<T>(&self, nullable: bool, convert: impl Fn(&Self) -> Converted<T>) -> Converted<Option<T>> {
        let empty = matches!(self, Value::Text { bytes, .. } if bytes.trim_ascii().is_empty());
        let blank_null =
            matches!(self, Value::Text { bytes, quoted: false } if bytes.trim_ascii() == b"NULL");
        match self.present(nullable) {
            None if nullable => Ok(None),
            Some(_) if nullable && (empty || blank_null) => Ok(None),
            _ => convert(self).map(Some),
        }
    }

    fn parsed<T>(&self, cause: Cause, what: &str, parse: impl Fn(&str) -> Option<T>) -> Converted<T> {
        let bytes = match self {
            Value::Null => return Err(missing()),
            Value::Text { bytes, .. } => bytes.trim_ascii(),
            typed => return Err(wrong(cause, &plain(typed), what)),
        };
        if bytes.is_empty() {
            return Err(missing());
        }
        std::str::from_utf8(bytes).ok().and_then(parse).ok_or_else(|| wrong(cause, bytes, what))
    }
}

const ISO_TIME: &str = "a time such as 2012-01-31 10:00:00.000";

fn checked(ticks: i64) -> Converted<i64> {
    Ticks::new(ticks)
        .map(Ticks::get)
        .map_err(|error| Wrong { cause: Cause::BadTime, detail: error.to_string() })
}

/// Returns a decimal as a whole number, if it is one of 64 bits.
fn whole(unscaled: i128, scale: u8) -> Option<i64> {
    let power = 10_i128.checked_pow(u32::from(scale));
    match power {
        None => (unscaled == 0).then_some(0),
        Some(power) => (unscaled % power == 0).then(|| i64::try_from(unscaled / power).ok()).flatten(),
    }
}

fn missing() -> Wrong {
    Wrong { cause: Cause::MissingValue, detail: "there is no value".to_owned() }
}

fn wrong(cause: Cause, bytes: &[u8], what: &str) -> Wrong {
    Wrong { cause, detail: format!("\"{}\" is not {what}", shown(bytes)) }
}

/// Returns the beginning of a value for a sentence.
fn shown(bytes: &[u8]) -> String {
    let head = bytes.get(..SHOWN * 4).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

/// Tells dates such as `31.12.2012 23:59:59` and `12/31/2012 11:59:59 PM`.
fn is_cultural_date(bytes: &[u8]) -> bool {
    let mut parts = bytes.trim_ascii().splitn(3, |byte| matches!(byte, b'.' | b'/' | b'-' | b' '));
    let short = |part: Option<&[u8]>| {
        part.is_some_and(|part| matches!(part.len(), 1 | 2) && part.iter().all(u8::is_ascii_digit))
    };
    let year = |part: &[u8]| part.first().is_some_and(u8::is_ascii_digit);
    short(parts.next()) && short(parts.next()) && parts.next().is_some_and(year)
}

fn cultural(bytes: &[u8]) -> Wrong {
    let detail = format!(
        "\"{}\" is a date of the exporting user's culture: whether day or month comes first cannot be told from one row; \
         export dates as 2012-01-31 10:00:00.000",
        shown(bytes)
    );
    Wrong { cause: Cause::BadTime, detail }
}

fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"0X")).unwrap_or(text);
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    digits.chunks_exact(2).map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text { bytes: Cow::Borrowed(text.as_bytes()), quoted: false }
    }

    fn quoted(text: &str) -> Value<'_> {
        Value::Text { bytes: Cow::Borrowed(text.as_bytes()), quoted: true }
    }

    fn cause<T: std::fmt::Debug>(result: Converted<T>) -> Cause {
        result.unwrap_err().cause
    }

    #[test]
    fn numbers() {
        for (from, number) in
            [("0", 0), (" 12 ", 12), ("+7", 7), ("-9223372036854775808", i64::MIN), ("007", 7)]
        {
            assert_eq!(text(from).as_integer(), Ok(number), "{from}");
        }
        for from in ["1.0", "1,000", "1 000", "9223372036854775808", "x", "+", "-", "+-1", "0x1", "١"] {
            assert_eq!(cause(text(from).as_integer()), Cause::BadNumber, "{from}");
        }
        assert_eq!(Value::Integer(5).as_integer(), Ok(5));
        assert_eq!(Value::Bit(true).as_integer(), Ok(1));
        assert_eq!(Value::Decimal { unscaled: -700, scale: 2 }.as_integer(), Ok(-7));
        assert_eq!(cause(Value::Decimal { unscaled: 701, scale: 2 }.as_integer()), Cause::BadNumber);
        assert_eq!(cause(Value::Decimal { unscaled: i128::MAX, scale: 2 }.as_integer()), Cause::BadNumber);
        assert_eq!(cause(Value::Null.as_integer()), Cause::MissingValue);
        assert_eq!(cause(text("").as_integer()), Cause::MissingValue);
        assert_eq!(cause(Value::Binary(Cow::Borrowed(b"1")).as_integer()), Cause::BadNumber);
    }

    #[test]
    fn flags() {
        for (from, bit) in [("0", false), ("1", true), ("True", true), ("FALSE", false)] {
            assert_eq!(text(from).as_bit(), Ok(bit));
        }
        for from in ["-1", "2", "yes", "T"] {
            assert_eq!(cause(text(from).as_bit()), Cause::BadFlag, "{from}");
        }
        assert_eq!(cause(Value::Integer(2).as_bit()), Cause::BadFlag);
    }

    #[test]
    fn guids() {
        let guid = Guid::from_u128(0x6f96_19ff_8b86_d011_b42d_00c0_4fc9_64ff);
        for from in ["6F9619FF-8B86-D011-B42D-00C04FC964FF", "{6f9619ff-8b86-d011-b42d-00c04fc964ff}"] {
            assert_eq!(text(from).as_guid(), Ok(guid));
        }
        for from in ["6F9619FF8B86D011B42D00C04FC964FF", "{6F9619FF-8B86-D011-B42D-00C04FC964FF", "x"] {
            assert_eq!(cause(text(from).as_guid()), Cause::Malformed, "{from}");
        }
    }

    #[test]
    fn times_are_iso_or_named_as_what_they_are() {
        let ten = text("2012-01-01 10:00:00").as_time();
        assert!(ten.is_ok());
        for same in ["2012-01-01T10:00:00.0000000", "2012-01-01 10:00:00.000000000", " 2012-01-01 10:00 "] {
            assert_eq!(text(same).as_time(), ten, "{same}");
        }
        assert_eq!(text("2012-01-01 10:00:00.1234567").as_time(), ten.clone().map(|ten| ten + 1_234_567));
        for cultural in ["31.12.2012 23:59:59", "12/31/2012 11:59:59 PM", "1/2/12", "31-12-2012"] {
            let wrong = text(cultural).as_time().unwrap_err();
            assert_eq!(wrong.cause, Cause::BadTime);
            assert!(wrong.detail.contains("culture"), "{}", wrong.detail);
        }
        for bad in ["2012-02-30", "yesterday", "634400000000000000"] {
            let wrong = text(bad).as_time().unwrap_err();
            assert!(!wrong.detail.contains("culture"), "{}", wrong.detail);
        }
        assert_eq!(cause(Value::Time(-1).as_time()), Cause::BadTime);
        let day = Value::Date(734_502).as_time().unwrap();
        assert_eq!(ten, Ok(day + 10 * 3_600 * Ticks::SECOND));
        let exact = Value::DateTimeOffset { ticks: day, scale: 7, offset: 60 };
        assert_eq!(exact.as_time(), Ok(day));
        assert_eq!(cause(Value::TimeOfDay { since_midnight: 0, scale: 7 }.as_time()), Cause::BadTime);
    }

    #[test]
    fn binaries() {
        assert_eq!(text("0x151C2f").as_binary().unwrap().as_ref(), [0x15, 0x1C, 0x2F]);
        assert_eq!(text("00ff").as_binary().unwrap().as_ref(), [0, 255]);
        assert_eq!(text("0x").as_binary().unwrap().as_ref(), b"");
        for bad in ["0x1", "0xGG", "System.Byte[]"] {
            assert_eq!(cause(text(bad).as_binary()), Cause::Malformed, "{bad}");
        }
    }

    #[test]
    fn absence_depends_on_quotes_and_on_the_column() {
        for word in ["NULL", "\\N"] {
            assert_eq!(text(word).as_nullable_text(true), Ok(None));
            assert_eq!(text(word).as_nullable_text(false).unwrap().as_deref(), Some(word.as_bytes()));
            assert_eq!(quoted(word).as_nullable_text(true).unwrap().as_deref(), Some(word.as_bytes()));
            assert_eq!(text(word).as_nullable_integer(true), Ok(None));
            assert_eq!(cause(text(word).as_nullable_integer(false)), Cause::BadNumber);
        }
        assert_eq!(Value::Null.as_nullable_text(true), Ok(None));
        assert_eq!(cause(Value::Null.as_nullable_text(false)), Cause::MissingValue);
        assert_eq!(text("").as_nullable_text(true).unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(text("").as_nullable_integer(true), Ok(None));
        assert_eq!(quoted("").as_nullable_guid(true), Ok(None));
        assert_eq!(text("   NULL").as_nullable_integer(true), Ok(None));
    }

    #[test]
    fn typed_values_have_a_text() {
        assert_eq!(Value::Integer(-5).as_text().unwrap().as_ref(), b"-5");
        assert_eq!(Value::Binary(Cow::Borrowed(&[0xAB])).as_text().unwrap().as_ref(), b"0xAB");
    }

    #[test]
    fn a_long_value_is_shown_by_its_beginning() {
        let detail = text(&"9".repeat(1000)).as_integer().unwrap_err().detail;
        assert!(detail.len() < 100, "{detail}");
    }
}
