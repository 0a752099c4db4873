//! Records that could not be used, kept with their place and their text.

use std::fmt;

use crate::chat::{Source, Text};

/// Why a record could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The input ends within the record.
    Truncated,
    /// More fields than columns.
    TooManyFields,
    /// Fewer fields than columns.
    TooFewFields,
    /// A field that must hold a number does not.
    BadNumber,
    /// A time that does not exist or lies outside the years 1 to 9999.
    BadTime,
    /// Bytes that are no text in the input's encoding.
    BadEncoding,
    /// A field that must have a value has none.
    MissingValue,
    /// A field that must be true or false is neither.
    BadFlag,
    /// The document is not well-formed; nothing behind this place was read.
    BadXml,
    /// A document type definition, which is never read.
    Doctype,
    /// The record is larger than the limit.
    TooLarge,
    /// What holds the record is damaged: an archive, of which nothing behind this place was read, or a
    /// page of a database, which the text names.
    DamagedContainer,
    /// Anything else the text explains.
    Malformed,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 13] = [
        Cause::Truncated,
        Cause::TooManyFields,
        Cause::TooFewFields,
        Cause::BadNumber,
        Cause::BadTime,
        Cause::BadEncoding,
        Cause::MissingValue,
        Cause::BadFlag,
        Cause::BadXml,
        Cause::Doctype,
        Cause::TooLarge,
        Cause::DamagedContainer,
        Cause::Malformed,
    ];

    /// Returns the name used in `rejected.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Truncated => "truncated",
            Cause::TooManyFields => "too-many-fields",
            Cause::TooFewFields => "too-few-fields",
            Cause::BadNumber => "bad-number",
            Cause::BadTime => "bad-time",
            Cause::BadEncoding => "bad-encoding",
            Cause::MissingValue => "missing-value",
            Cause::BadFlag => "bad-flag",
            Cause::BadXml => "bad-xml",
            Cause::Doctype => "doctype",
            Cause::TooLarge => "too-large",
            Cause::DamagedContainer => "damaged-container",
            Cause::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A record that could not be used; the run goes on without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it stands.
    pub source: Source,
    /// Line where it begins, from 1; 0 for inputs without lines.
    pub line: u64,
    /// Byte where it begins in the stream as read (after decompression), from 0.
    pub byte: u64,
    /// Why it could not be used.
    pub cause: Cause,
    /// What exactly was wrong, as a sentence.
    pub detail: String,
    /// The record as far as it could be read; undecodable bytes are U+FFFD.
    pub text: Text,
    /// The record's bytes, where [`Rejected::text`] does not hold them exactly.
    pub raw: Option<Box<[u8]>>,
}
