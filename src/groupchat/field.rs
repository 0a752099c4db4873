//! What the values of a row mean: numbers, flags, GUIDs, text, times.
//!
//! Text dumps write the same value in many ways (see "bcp utility", "Export-Csv" and the scripts of
//! Management Studio): `NULL` or `\N` or nothing for no value, `True` or `1` for a bit, a GUID with
//! or without braces. A column that is NOT NULL by the schema is never NULL: such words are text in it.

use std::borrow::Cow;

use crate::chat::{Guid, Moment, Precision, Text, Ticks};
use crate::ledger::Cause;
use crate::sqlserver::Value;

/// Why a field cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) cause: Cause,
    pub(super) detail: String,
}

impl Fault {
    fn new(cause: Cause, column: &str, value: &Value<'_>, wanted: &str) -> Fault {
        Fault { cause, detail: format!("{column}: {} is {wanted}", shown(value)) }
    }

    /// Says that a column that must have a value has none.
    pub(super) fn missing(column: &str) -> Fault {
        Fault { cause: Cause::MissingValue, detail: format!("{column} has no value") }
    }
}

/// A field's meaning, or why it has none.
pub(super) type FieldResult<T> = Result<T, Fault>;

/// Bits that .NET's `DateTime.ToBinary` adds to ticks to tell UTC from local time.
const KIND_BITS: i64 = !0x3FFF_FFFF_FFFF_FFFF;

/// A time, and whether it carried kind bits that had to be taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadMoment {
    pub(super) moment: Moment,
    pub(super) had_kind_bits: bool,
}

/// Tells whether a value stands for NULL in a nullable column that holds text.
pub(super) fn is_null(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text { bytes, quoted: false } => matches!(bytes.as_ref(), b"NULL" | b"\\N"),
        _ => false,
    }
}

/// Returns the trimmed text of a value that is no text by its type; `None` for no value.
fn bare(bytes: &[u8]) -> Option<&[u8]> {
    let bare = bytes.trim_ascii();
    (!bare.is_empty() && bare != b"NULL" && bare != b"\\N").then_some(bare)
}

/// Reads a whole number.
pub(super) fn integer(value: &Value<'_>, column: &str) -> FieldResult<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::Integer(number) => Ok(Some(*number)),
        Value::Bit(flag) => Ok(Some(i64::from(*flag))),
        Value::Text { bytes, .. } => match bare(bytes) {
            None => Ok(None),
            Some(bare) => match std::str::from_utf8(bare).ok().and_then(|text| text.parse().ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(Fault::new(Cause::BadNumber, column, value, "no whole number of 64 bits")),
            },
        },
        _ => Err(Fault::new(Cause::BadNumber, column, value, "no whole number")),
    }
}

/// Reads a bit: `1` or `0`, `True` or `False` in any case.
pub(super) fn flag(value: &Value<'_>, column: &str) -> FieldResult<Option<bool>> {
    let fault = || Fault::new(Cause::BadFlag, column, value, "neither true nor false");
    match value {
        Value::Null => Ok(None),
        Value::Bit(flag) => Ok(Some(*flag)),
        Value::Integer(0) => Ok(Some(false)),
        Value::Integer(1) => Ok(Some(true)),
        Value::Text { bytes, .. } => match bare(bytes) {
            None => Ok(None),
            Some(b"0") => Ok(Some(false)),
            Some(b"1") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case(b"true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case(b"false") => Ok(Some(false)),
            Some(_) => Err(fault()),
        },
        _ => Err(fault()),
    }
}

/// Reads a GUID, with or without braces, or as the 16 bytes in which SQL Server stores it. The nil
/// GUID stands for none.
pub(super) fn guid(value: &Value<'_>, column: &str) -> FieldResult<Option<Guid>> {
    let fault = || Fault::new(Cause::Malformed, column, value, "no GUID");
    let guid = match value {
        Value::Null => None,
        Value::Guid(guid) => Some(*guid),
        Value::Binary(bytes) => {
            let bytes: [u8; 16] = bytes.as_ref().try_into().map_err(|_| fault())?;
            Some(Guid::from_bytes_le(bytes))
        }
        Value::Text { bytes, .. } => match bare(bytes) {
            None => None,
            Some(bare) => Some(Guid::try_parse_ascii(bare).map_err(|_| fault())?),
        },
        _ => return Err(fault()),
    };
    Ok(guid.filter(|guid| !guid.is_nil()))
}

/// Reads the text of a column that is NOT NULL: `NULL`, `\N` and nothing at all are text.
pub(super) fn text<'v>(value: &'v Value<'_>, column: &str) -> FieldResult<Cow<'v, [u8]>> {
    match value {
        Value::Null => Err(Fault::missing(column)),
        Value::Text { bytes, .. } => Ok(Cow::Borrowed(bytes)),
        Value::Binary(_) => Err(Fault::new(Cause::Malformed, column, value, "binary and no text")),
        _ => Ok(Cow::Owned(shown(value).into_bytes())),
    }
}

/// Reads the text of a nullable column. Nothing at all is no value either: text dumps cannot tell
/// the two apart, and no column is known to tell them apart in its meaning.
pub(super) fn nullable_text<'v>(value: &'v Value<'_>, column: &str) -> FieldResult<Option<Cow<'v, [u8]>>> {
    if is_null(value) {
        return Ok(None);
    }
    text(value, column).map(|text| (!text.is_empty()).then_some(text))
}

/// Reads the time of a column that holds ticks, or dates in an export that turned them into such.
///
/// Ticks are exact. A date is as exact as it looks: no decimals are seconds, up to three (and zeros
/// behind them) are SQL Server's `datetime`, seven are ticks. `exact_dates` tells that dates without
/// text come from a `datetime2` column.
pub(super) fn moment(value: &Value<'_>, column: &str, exact_dates: bool) -> FieldResult<Option<ReadMoment>> {
    let date = |moment| Ok(Some(ReadMoment { moment, had_kind_bits: false }));
    match value {
        Value::Null => Ok(None),
        Value::Integer(ticks) => from_ticks(*ticks, value, column).map(Some),
        Value::Time(ticks) => {
            let precision = if exact_dates { Precision::Ticks } else { Precision::DateTime };
            let ticks = Ticks::new(*ticks).map_err(|_| bad_time(value, column))?;
            date(Moment { ticks, precision })
        }
        Value::DateTime2 { ticks, scale } => {
            let precision = match scale {
                0..3 => Precision::Second,
                3..7 => Precision::Millisecond,
                _ => Precision::Ticks,
            };
            let ticks = Ticks::new(*ticks).map_err(|_| bad_time(value, column))?;
            date(Moment { ticks, precision })
        }
        Value::Text { bytes, .. } => {
            let Some(bare) = bare(bytes) else { return Ok(None) };
            let text = std::str::from_utf8(bare).map_err(|_| bad_time(value, column))?;
            match text.parse() {
                Ok(ticks) => from_ticks(ticks, value, column).map(Some),
                Err(_) => date(from_date(text).ok_or_else(|| bad_time(value, column))?),
            }
        }
        _ => Err(bad_time(value, column)),
    }
}

fn from_ticks(ticks: i64, value: &Value<'_>, column: &str) -> FieldResult<ReadMoment> {
    let bare = Ticks::new(ticks & !KIND_BITS).map_err(|_| bad_time(value, column))?;
    Ok(ReadMoment { moment: Moment::exact(bare), had_kind_bits: ticks & KIND_BITS != 0 })
}

fn from_date(text: &str) -> Option<Moment> {
    let ticks = Ticks::parse_iso(text)?;
    let decimals = match text.split_once('.') {
        None => "",
        Some((_, rest)) => &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()],
    };
    let beyond = decimals.get(3..).unwrap_or_default();
    let precision = match decimals.len() {
        0 => Precision::Second,
        1..=3 => Precision::DateTime,
        4..=6 => Precision::Millisecond,
        7 => Precision::Ticks,
        // The Import and Export Wizard writes nine decimals for any type.
        _ if beyond.bytes().all(|byte| byte == b'0') => Precision::DateTime,
        _ => Precision::Ticks,
    };
    Some(Moment { ticks, precision })
}

fn bad_time(value: &Value<'_>, column: &str) -> Fault {
    Fault::new(
        Cause::BadTime,
        column,
        value,
        "neither ticks nor a date such as 2012-01-31 10:00:00.000, of the years 1 to 9999",
    )
}

/// Shows a value as `rows` writes it, long text cut short.
fn shown(value: &Value<'_>) -> String {
    const LONGEST: usize = 80;
    let mut bytes = Vec::new();
    render(value, &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    match text.char_indices().nth(LONGEST) {
        None => text.into_owned(),
        Some((cut, _)) => format!("{}…", &text[..cut]),
    }
}

/// Appends a value as text: numbers in decimal, bits as `0` and `1`, GUIDs in lower case, binary as
/// `0x` and upper-case hex, times as ISO 8601, NULL as `\N`.
pub(super) fn render(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"\\N"),
        Value::Text { bytes, .. } => out.extend_from_slice(bytes),
        Value::Bit(flag) => out.push(b'0' + u8::from(*flag)),
        Value::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Guid(guid) => out.extend_from_slice(guid.to_string().as_bytes()),
        Value::Time(ticks) => match Ticks::new(*ticks) {
            Ok(ticks) => out.extend_from_slice(ticks.to_string().as_bytes()),
            Err(_) => out.extend_from_slice(ticks.to_string().as_bytes()),
        },
        Value::Binary(bytes) => {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            out.extend_from_slice(b"0x");
            for byte in bytes.iter() {
                out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
        }
        typed => out.extend_from_slice(&typed.as_text().unwrap_or_default()),
    }
}

/// Shows a row as a line of comma-separated text, as far as its values tell.
pub(super) fn render_row(values: &[Value<'_>]) -> Text {
    let mut out = Vec::new();
    let mut field = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        field.clear();
        render(value, &mut field);
        let is_text = matches!(value, Value::Text { .. });
        let needs_quotes = field == b"\\N" || field.iter().any(|byte| b",\"\r\n".contains(byte));
        if is_text && needs_quotes {
            out.push(b'"');
            for &byte in &field {
                out.extend_from_slice(if byte == b'"' { b"\"\"" } else { std::slice::from_ref(&byte) });
            }
            out.push(b'"');
        } else {
            out.extend_from_slice(&field);
        }
    }
    to_text(&out)
}

/// Takes bytes as text; what is no text becomes U+FFFD.
pub(super) fn to_text(bytes: &[u8]) -> Text {
    Text::from_bytes(bytes).unwrap_or_else(|_| Text::from(String::from_utf8_lossy(bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare_text(text: &str) -> Value<'_> {
        Value::Text { bytes: Cow::Borrowed(text.as_bytes()), quoted: false }
    }

    fn quoted(text: &str) -> Value<'_> {
        Value::Text { bytes: Cow::Borrowed(text.as_bytes()), quoted: true }
    }

    #[test]
    fn a_column_that_is_never_null_takes_the_word_for_text() {
        assert_eq!(text(&bare_text("NULL"), "content").unwrap().as_ref(), b"NULL");
        assert_eq!(text(&bare_text(""), "content").unwrap().as_ref(), b"");
        assert_eq!(text(&Value::Null, "content").unwrap_err().cause, Cause::MissingValue);
    }

    #[test]
    fn a_nullable_column_takes_the_bare_word_for_no_value_and_the_quoted_one_for_text() {
        for none in [bare_text("NULL"), bare_text("\\N"), bare_text(""), quoted(""), Value::Null] {
            assert_eq!(nullable_text(&none, "rtf"), Ok(None), "{none:?}");
        }
        assert_eq!(nullable_text(&quoted("NULL"), "rtf").unwrap().unwrap().as_ref(), b"NULL");
    }

    #[test]
    fn numbers_flags_and_guids_are_read_in_every_spelling() {
        assert_eq!(integer(&bare_text(" 42 "), "n"), Ok(Some(42)));
        assert_eq!(integer(&bare_text("NULL"), "n"), Ok(None));
        assert_eq!(integer(&bare_text("6.33E+17"), "n").unwrap_err().cause, Cause::BadNumber);
        for (spelling, meaning) in [("True", true), ("1", true), ("FALSE", false), ("0", false)] {
            assert_eq!(flag(&quoted(spelling), "b"), Ok(Some(meaning)));
        }
        assert_eq!(flag(&bare_text("yes"), "b").unwrap_err().cause, Cause::BadFlag);
        let one = Guid::parse_str("6F9619FF-8B86-D011-B42D-00C04FC964FF").unwrap();
        let stored =
            [0xFF, 0x19, 0x96, 0x6F, 0x86, 0x8B, 0x11, 0xD0, 0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 0xFF];
        let binary = Value::Binary(Cow::Borrowed(&stored));
        for value in [quoted("{6F9619FF-8B86-D011-B42D-00C04FC964FF}"), binary] {
            assert_eq!(guid(&value, "g"), Ok(Some(one)));
        }
        assert_eq!(guid(&Value::Guid(Guid::nil()), "g"), Ok(None));
    }

    #[test]
    fn a_date_is_as_exact_as_it_looks() {
        for (date, precision) in [
            ("2008-06-04 20:15:40", Precision::Second),
            ("2008-06-04 20:15:40.953", Precision::DateTime),
            ("2008-06-04 20:15:40.953000000", Precision::DateTime),
            ("2008-06-04T20:15:40.9535482", Precision::Ticks),
        ] {
            let read = moment(&bare_text(date), "chatDate", false).unwrap().unwrap();
            assert_eq!(read.moment.precision, precision, "{date}");
        }
        assert_eq!(moment(&bare_text("04.06.2008"), "chatDate", false).unwrap_err().cause, Cause::BadTime);
    }

    #[test]
    fn kind_bits_are_taken_off_the_ticks() {
        let ticks = 633_482_073_409_535_482;
        for bits in [1 << 62, i64::MIN, i64::MIN | 1 << 62] {
            let read = moment(&Value::Integer(ticks | bits), "chatDate", false).unwrap().unwrap();
            assert_eq!(read.moment, Moment::exact(Ticks::new(ticks).unwrap()));
            assert!(read.had_kind_bits);
        }
        assert_eq!(moment(&Value::Integer(-5), "chatDate", false).unwrap_err().cause, Cause::BadTime);
    }

    #[test]
    fn a_row_is_shown_as_one_line_that_keeps_its_text() {
        let row = [Value::Integer(3), Value::Null, quoted("a \"b\", c"), Value::Bit(true), quoted("\\N")];
        assert_eq!(render_row(&row), Text::from("3,\\N,\"a \"\"b\"\", c\",1,\"\\N\""));
    }
}
