//! Which encoding a text dump is in, and its way to generalized UTF-8.
//!
//! [`Census`] decides by all bytes of a stream, [`Decoder`] transcodes piece by piece. Every
//! decoded character tells how many bytes it took in the dump, so positions need no table: they
//! are counted from the decoded text ([`Encoding::encoded_length`]).

mod census;
mod decoder;

pub use census::Census;
pub use decoder::Decoder;
pub(super) use decoder::STRAY;

use crate::chat::Text;

/// An encoding that text dumps of SQL Server come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, lone surrogates in three bytes included.
    Utf8,
    /// UTF-16, low byte first: what `bcp -w` and `sqlcmd -u` write.
    Utf16LittleEndian,
    /// UTF-16, high byte first.
    Utf16BigEndian,
    /// The Western code page; bytes without a character (81, 8D, 8F, 90, 9D) are C1 controls.
    Windows1252,
}

/// Returns how many of the first bytes are UTF-8, whole characters: many bytes at once.
pub(super) fn valid_up_to(bytes: &[u8]) -> usize {
    encoding_rs::Encoding::utf8_valid_up_to(bytes)
}

impl Encoding {
    /// Returns its usual name in lower case, such as `utf-16le`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16LittleEndian => "utf-16le",
            Encoding::Utf16BigEndian => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
        }
    }

    /// Returns the byte order mark that may open a stream; empty for Windows-1252.
    pub fn mark(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 => b"\xEF\xBB\xBF",
            Encoding::Utf16LittleEndian => b"\xFF\xFE",
            Encoding::Utf16BigEndian => b"\xFE\xFF",
            Encoding::Windows1252 => b"",
        }
    }

    /// Returns the encoding whose byte order mark these bytes begin with.
    pub fn marked(head: &[u8]) -> Option<Encoding> {
        let marked = [Encoding::Utf8, Encoding::Utf16LittleEndian, Encoding::Utf16BigEndian];
        marked.into_iter().find(|encoding| head.starts_with(encoding.mark()))
    }

    /// Returns the number of bytes that decoded text takes in this encoding.
    pub fn encoded_length(self, decoded: &[u8]) -> u64 {
        let characters = || decoded.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        let length = match self {
            Encoding::Utf8 => decoded.len(),
            Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian if decoded.is_ascii() => 2 * decoded.len(),
            Encoding::Windows1252 => characters(),
            Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian => {
                2 * (characters() + decoded.iter().filter(|&&byte| byte >= 0xF0).count())
            }
        };
        length as u64
    }

    /// Turns decoded text back into the dump's bytes, up to the first that is no text.
    pub(super) fn encode(self, decoded: &[u8]) -> Vec<u8> {
        if self == Encoding::Utf8 {
            return decoded.to_vec();
        }
        let sound = Text::check(decoded).map_or_else(|invalid| invalid.at, |_| decoded.len());
        let Ok(text) = Text::from_bytes(&decoded[..sound]) else { return Vec::new() };
        match self {
            Encoding::Utf16LittleEndian => text.units().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16BigEndian => text.units().flat_map(u16::to_be_bytes).collect(),
            Encoding::Utf8 | Encoding::Windows1252 => {
                encoding_rs::WINDOWS_1252.encode(&text.to_lossy()).0.into_owned()
            }
        }
    }
}
