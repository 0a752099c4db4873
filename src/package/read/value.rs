//! Values as the documents of a package write them: text that XML cannot hold, flags, numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::xml::Tag;
use crate::chat::{Generation, Guid, Precision, Source, Text};
use crate::package::documents::generation_name;
pub(crate) use crate::package::{NAMESPACE, UTF16_BASE64, UTF16_SUFFIX};

/// Appends text given as base64 of UTF-16LE to a buffer, as generalized UTF-8.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(crate) fn append_utf16(out: &mut Vec<u8>, base64: &str) -> Result<(), String> {
    let bytes = STANDARD.decode(base64).map_err(|error| format!("no base64: {error}"))?;
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("an odd number of bytes cannot be UTF-16".to_owned());
    }
    Text::append_units(out, units.iter().map(|unit| u16::from_le_bytes(*unit)));
    Ok(())
}

/// Returns the text of an attribute, written plainly or as `<name>Utf16`.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(crate) fn text(tag: &Tag, name: &str) -> Result<Option<Text>, String> {
    if let Some(plain) = tag.get(name) {
        return Ok(Some(Text::from(plain)));
    }
    let twin = tag.attributes().find(|(key, _)| key.strip_suffix(UTF16_SUFFIX) == Some(name));
    let Some((_, base64)) = twin else { return Ok(None) };
    let mut bytes = Vec::new();
    append_utf16(&mut bytes, base64).map_err(|why| format!("{name}{UTF16_SUFFIX}: {why}"))?;
    Ok(Some(Text::from_known(bytes)))
}

/// Reads `true` or `false`.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Reads decimal digits without sign and without needless zeros.
pub(crate) fn count(text: &str) -> Option<u64> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    plain.then(|| text.parse().ok()).flatten()
}

/// Reads a decimal number with an optional minus sign, in its shortest form.
pub(crate) fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (text != "-0" && count(digits).is_some()).then(|| text.parse().ok()).flatten()
}

/// Reads a GUID in lower case with hyphens.
pub(crate) fn guid(text: &str) -> Option<Guid> {
    let sound = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    sound.then(|| Guid::try_parse(text).ok()).flatten()
}

/// Reads a place in the ledger: `stream:record`, both from 1.
pub(crate) fn source(text: &str) -> Option<Source> {
    let (stream, record) = text.split_once(':')?;
    let stream = count(stream).and_then(|stream| u32::try_from(stream).ok()).filter(|&stream| stream > 0)?;
    let record = count(record).filter(|&record| record > 0)?;
    Some(Source { stream, record })
}

/// Reads a `SourceGeneration` attribute.
pub(crate) fn generation(text: &str) -> Option<Generation> {
    [Generation::GroupChat, Generation::PersistentChat]
        .into_iter()
        .find(|&generation| generation_name(generation) == text)
}

/// Reads a `Precision` attribute; `None` stands for exact ticks.
pub(crate) fn precision(text: Option<&str>) -> Option<Precision> {
    [Precision::Ticks, Precision::Millisecond, Precision::DateTime, Precision::Second]
        .into_iter()
        .find(|precision| precision.name() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_way_of_writing_a_value_is_read() {
        assert_eq!(count("0"), Some(0));
        assert_eq!(number("-12"), Some(-12));
        assert_eq!(source("3:17"), Some(Source { stream: 3, record: 17 }));
        for text in ["", "01", "+1", " 1", "1 ", "-0", "-", "99999999999999999999"] {
            assert_eq!((count(text), number(text)), (None, None), "{text:?}");
        }
        for text in ["0:1", "1:0", "1", "1:", "4294967296:1", "1:2:3"] {
            assert_eq!(source(text), None, "{text:?}");
        }
        assert!(guid("094f5a4a-c492-4f6b-91c2-385eba134fd3").is_some());
        assert!(guid("094F5A4A-c492-4f6b-91c2-385eba134fd3").is_none());
        assert!(guid("094f5a4ac4924f6b91c2385eba134fd3").is_none());
        assert_eq!(precision(None), Some(Precision::Ticks));
        assert_eq!(precision(Some("ticks")), None);
    }

    #[test]
    fn text_that_xml_cannot_hold_comes_back_to_the_last_unit() {
        let mut out = Vec::new();
        append_utf16(&mut out, &STANDARD.encode([0x00, 0xD8, 0x41, 0x00, 0x00, 0x00])).unwrap();
        assert_eq!(Text::from_known(out).units().collect::<Vec<_>>(), [0xD800, 0x41, 0]);
        assert!(append_utf16(&mut Vec::new(), "QQ==").is_err());
        assert!(append_utf16(&mut Vec::new(), "Q").is_err());
    }
}
