//! What a walk could not or would not hand on.

use crate::ledger::Level;

/// A file, link or archive entry that was not handed on as an item, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The thing's name, formed as that of an [`Item`](super::Item).
    pub name: String,
    /// How much it matters: an error means that something of the input was not read.
    pub level: Level,
    /// A stable code such as `ENTRY-NAME`.
    pub code: &'static str,
    /// What was found, as a sentence. Tells nothing of this host.
    pub detail: String,
}

/// The kinds of problems, each with its code and level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// An input folder without files.
    Bare,
    /// Files that operating systems leave behind.
    Litter,
    /// A link to a folder that is walked anyway.
    LinkInside,
    /// A link that leads out of the input, or stands in an archive.
    LinkOutside,
    /// A link that leads nowhere, or in a circle.
    LinkDangling,
    /// A device, pipe or socket.
    NotAFile,
    /// A file or folder that cannot be opened.
    Unreadable,
    /// A ZIP or gzip file whose structure is broken.
    Archive,
    /// Archives too deep in one another.
    Deep,
    /// An archive within an archive that is too large for the temporary folder.
    Large,
    /// More files and entries than allowed.
    Many,
    /// An entry whose name leads out of the archive.
    Name,
    /// An entry that needs a password.
    Encrypted,
    /// An entry in a compression that is not read.
    Method,
    /// Entries that share bytes.
    Overlap,
    /// An entry whose bytes are not there or are broken.
    Entry,
}

impl Trouble {
    /// Makes the problem of a thing.
    pub(super) fn of(self, name: impl Into<String>, detail: impl Into<String>) -> Problem {
        let (code, level) = self.code();
        Problem { name: name.into(), level, code, detail: detail.into() }
    }

    fn code(self) -> (&'static str, Level) {
        match self {
            Trouble::Bare => ("INPUT-EMPTY", Level::Warning),
            Trouble::Litter => ("INPUT-LITTER", Level::Info),
            Trouble::LinkInside => ("INPUT-LINK-INSIDE", Level::Info),
            Trouble::LinkOutside => ("INPUT-LINK-OUTSIDE", Level::Warning),
            Trouble::LinkDangling => ("INPUT-LINK-DANGLING", Level::Warning),
            Trouble::NotAFile => ("INPUT-NOT-A-FILE", Level::Warning),
            Trouble::Unreadable => ("INPUT-UNREADABLE", Level::Error),
            Trouble::Archive => ("ARCHIVE-DAMAGED", Level::Error),
            Trouble::Deep => ("ARCHIVE-DEEP", Level::Error),
            Trouble::Large => ("ARCHIVE-LARGE", Level::Error),
            Trouble::Many => ("INPUT-MANY", Level::Error),
            Trouble::Name => ("ENTRY-NAME", Level::Error),
            Trouble::Encrypted => ("ENTRY-ENCRYPTED", Level::Error),
            Trouble::Method => ("ENTRY-METHOD", Level::Error),
            Trouble::Overlap => ("ENTRY-OVERLAP", Level::Error),
            Trouble::Entry => ("ENTRY-DAMAGED", Level::Error),
        }
    }
}
