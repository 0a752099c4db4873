//! Streams: the rows of `sources.csv`.

use std::fmt;

/// A SHA-256 digest, shown as 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Returns the SHA-256 of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        use sha2::Digest as _;
        Digest(sha2::Sha256::digest(bytes).into())
    }

    /// Reads 64 hex digits of either case.
    pub fn parse(text: &str) -> Option<Digest> {
        let mut digest = [0; 32];
        let sound = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (at, byte) in digest.iter_mut().enumerate().filter(|_| sound) {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        sound.then_some(Digest(digest))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One record stream: a file, an archive entry, or one table of a dump.
///
/// Streams are numbered from 1 in the order of (name, digest), never in the order given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream {
    /// Relative to the argument's last component, with `/`; a part of a file follows `#`.
    pub name: String,
    /// SHA-256 of the bytes as read (the file's own, or the archive entry's uncompressed).
    pub digest: Digest,
    /// Size of those bytes.
    pub size: u64,
    /// What it was read as, such as `tblChat, comma, utf-8`.
    pub format: String,
}
