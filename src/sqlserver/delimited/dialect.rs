//! How a text dump sets its fields apart.

/// How fields and records are set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// RFC 4180: fields may stand in quotes, a quote in them doubled; records end with CRLF, LF
    /// or CR outside quotes. A quote inside a field that does not begin with one is data.
    Quoted {
        /// Stands between two fields.
        delimiter: u8,
    },
    /// No quotes. Delimiter and record end cannot stand in a value, hence every record must have
    /// the right number of fields, or none can be trusted.
    Lines {
        /// Stands between two fields; at least one byte.
        delimiter: Vec<u8>,
        /// Stands behind a record.
        end: RecordEnd,
    },
    /// No quotes; each field has a terminator of its own, the last one that of the record, as
    /// format files say.
    Terminated {
        /// One a field, each of at least one byte.
        terminators: Vec<Vec<u8>>,
    },
}

/// What ends a record of [`Layout::Lines`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordEnd {
    /// LF; a CR before it belongs to the end.
    LineFeed,
    /// CRLF; LF or CR alone are data.
    CarriageReturnLineFeed,
    /// CR; LF is data.
    CarriageReturn,
    /// Exactly these bytes, at least one.
    Text(Vec<u8>),
}

impl RecordEnd {
    /// Returns what to look for.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            RecordEnd::LineFeed => b"\n",
            RecordEnd::CarriageReturnLineFeed => b"\r\n",
            RecordEnd::CarriageReturn => b"\r",
            RecordEnd::Text(bytes) => bytes,
        }
    }
}

/// Everything about a text dump that its bytes do not say plainly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// How fields and records are set apart.
    pub layout: Layout,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Whether a line of dashes follows the header and values are padded with blanks, as `sqlcmd`
    /// prints results; blanks at the end of values are dropped.
    pub ruled: bool,
    /// Whether NULL is an empty field and the empty string one NUL character, as `bcp` writes them
    /// (Microsoft Learn, "Keep nulls or default values during bulk import"). The word `NULL` is
    /// text there.
    pub bcp_nulls: bool,
}

impl Dialect {
    /// Returns comma-separated values with header and quotes: RFC 4180, and what
    /// [`CsvWriter`](crate::sqlserver::CsvWriter) writes.
    pub fn csv() -> Dialect {
        let layout = Layout::Quoted { delimiter: b',' };
        Dialect { layout, header: true, ruled: false, bcp_nulls: false }
    }

    /// Returns what `bcp -c` and `bcp -w` write: tabs, no quotes, no header.
    pub fn bcp(end: RecordEnd) -> Dialect {
        let layout = Layout::Lines { delimiter: b"\t".to_vec(), end };
        Dialect { layout, header: false, ruled: false, bcp_nulls: true }
    }

    /// Names the kind in a few words, such as `comma` or `tab without quotes`.
    pub fn name(&self) -> String {
        match &self.layout {
            Layout::Quoted { delimiter } => delimiter_name(&[*delimiter]),
            Layout::Lines { delimiter, .. } => delimiter_name(delimiter) + " without quotes",
            Layout::Terminated { .. } => "format file".to_owned(),
        }
    }
}

/// Names a delimiter in a word.
pub(super) fn delimiter_name(delimiter: &[u8]) -> String {
    match delimiter {
        b"," => "comma".to_owned(),
        b";" => "semicolon".to_owned(),
        b"\t" => "tab".to_owned(),
        b"|" => "pipe".to_owned(),
        other => format!("\"{}\"", other.escape_ascii()),
    }
}
