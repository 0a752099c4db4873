//! The code pages of text that is not Unicode, by collation.
//!
//! The last byte of a collation's number is its language, the first the sort order that collations
//! have which are named `SQL_…` (Microsoft Learn, "Collation and Unicode support", "Selecting a SQL
//! Server collation").

use encoding_rs as known;
use encoding_rs::{DecoderResult, Encoding};

/// The upper half of code page 437.
const OEM_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                       └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";
/// The upper half of code page 850.
const OEM_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
                       └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";

/// The bit of collations named `…_UTF8` (SQL Server 2019 and later). It follows the flags for case,
/// accents, kana, width and binary order, which begin at bit 12, as `fUTF8` does in the wire protocol's form
/// of a collation (\[MS-TDS\], "Collation Rule Definition"). No file that shows it was at hand, so that it is
/// believed of text alone that is UTF-8.
const UTF_8: u32 = 1 << 18;

/// A code page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CodePage {
    /// One of Windows.
    Windows(&'static Encoding),
    /// One of DOS, by the characters of its upper half.
    Oem(&'static str),
    /// UTF-8; what is none is of the code page of the language.
    Utf8(&'static Encoding),
}

impl CodePage {
    /// Returns the code page of a collation.
    pub(super) fn of(collation: u32) -> CodePage {
        let [language, _, _, order] = collation.to_le_bytes();
        if order == 0 && collation & UTF_8 != 0 {
            return CodePage::Utf8(by_language(language));
        }
        by_order(order).unwrap_or_else(|| CodePage::Windows(by_language(language)))
    }

    /// Appends text as UTF-8. A byte that the code page leaves undefined becomes the control character
    /// of its number, as in SQL Server's own exports.
    pub(super) fn append(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            CodePage::Oem(upper) => {
                let char_of = |byte: u8| {
                    let place = usize::from(byte).checked_sub(128);
                    place.and_then(|place| upper.chars().nth(place)).unwrap_or(char::from(byte))
                };
                bytes.iter().for_each(|&byte| push(char_of(byte), out));
            }
            CodePage::Utf8(_) if std::str::from_utf8(bytes).is_ok() => out.extend_from_slice(bytes),
            CodePage::Utf8(encoding) | CodePage::Windows(encoding) => append_windows(encoding, bytes, out),
        }
    }
}

fn append_windows(encoding: &'static Encoding, bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.is_ascii() {
        out.extend_from_slice(bytes);
        return;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut rest = bytes;
    loop {
        let start = out.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len());
        out.resize(start + room + 4, 0);
        let free = out.get_mut(start..).unwrap_or_default();
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, free, true);
        out.truncate(start + written);
        let (passed, further) = rest.split_at(read.min(rest.len()));
        rest = further;
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let end = passed.len().saturating_sub(usize::from(after));
                let bad = passed.get(end.saturating_sub(usize::from(length))..end).unwrap_or_default();
                bad.iter().for_each(|&byte| push(char::from(byte), out));
                if rest.is_empty() {
                    return;
                }
            }
        }
    }
}

fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn by_order(order: u8) -> Option<CodePage> {
    let encoding = match order {
        30..=34 => return Some(CodePage::Oem(OEM_437)),
        40..=44 | 49 | 55..=61 => return Some(CodePage::Oem(OEM_850)),
        50..=54 | 71 | 72 | 183..=186 | 210..=217 => known::WINDOWS_1252,
        80..=98 => known::WINDOWS_1250,
        104..=108 => known::WINDOWS_1251,
        112..=114 | 120..=124 => known::WINDOWS_1253,
        128..=130 => known::WINDOWS_1254,
        136..=138 => known::WINDOWS_1255,
        144..=146 => known::WINDOWS_1256,
        152..=160 => known::WINDOWS_1257,
        _ => return None,
    };
    Some(CodePage::Windows(encoding))
}

fn by_language(language: u8) -> &'static Encoding {
    match language {
        0x01 => known::WINDOWS_1256,
        0x03 | 0x2F | 0x33 | 0x34 | 0x3E | 0x41 | 0x42 | 0x45 | 0x46 => known::BIG5,
        0x04 | 0x0D | 0x13 | 0x14 | 0x16 | 0x17 | 0x18 | 0x1C => known::WINDOWS_1250,
        0x07 => known::WINDOWS_1253,
        0x0C => known::WINDOWS_1255,
        0x10 | 0x2B | 0x30 | 0x48 | 0x49 => known::SHIFT_JIS,
        0x11 | 0x40 => known::EUC_KR,
        0x15 | 0x1B | 0x3A => known::WINDOWS_1251,
        0x19 => known::WINDOWS_874,
        0x1A => known::WINDOWS_1254,
        0x1D..=0x1F => known::WINDOWS_1257,
        0x20 => known::WINDOWS_1258,
        0x24 | 0x2E | 0x31 | 0x32 | 0x43 | 0x44 => known::GBK,
        _ => known::WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(collation: u32, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        CodePage::of(collation).append(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_collation_decides() {
        assert_eq!(text(0x3400_D008, b"caf\xE9 \x80"), "café €");
        assert_eq!(text(0x0000_D015, b"\xEF\xF0\xE8"), "при");
        assert_eq!(text(0x0000_D010, b"\x93\xFA\x96{"), "日本");
        assert_eq!(text(0x2000_D008, b"\x81\xE1A"), "üßA");
        assert_eq!(text(0x2A00_D008, b"\x9B\xFF"), "ø\u{A0}");
    }

    #[test]
    fn a_collation_of_utf_8_is_believed_where_the_text_is() {
        assert_eq!(text(0x0024_D008, "grüße €".as_bytes()), "grüße €");
        assert_eq!(text(0x0024_D008, b"gr\xFC\xDFe"), "grüße");
    }

    #[test]
    fn undefined_bytes_become_the_control_character_of_their_number() {
        assert_eq!(text(0x3400_D008, b"M\x81nchen"), "M\u{81}nchen");
        assert_eq!(text(0x0000_D007, b"\xD2a"), "\u{D2}a");
        assert_eq!(text(0x0000_D010, b"a\x93"), "a\u{93}");
        assert_eq!(text(0x0000_D010, b"\x85\xFFb\x93\xFA"), "\u{85}\u{FF}b日");
    }

    #[test]
    fn the_upper_halves_are_whole() {
        assert_eq!((OEM_437.chars().count(), OEM_850.chars().count()), (128, 128));
    }
}
