//! What a package is made of, and how it shall be made.

use std::io::Write;
use std::sync::Arc;

use crate::chat::Piece;
use crate::error::Result;
use crate::filestore::FilePlan;
use crate::ledger::{Findings, Ledger};
use crate::migrate::Plan;

/// Everything that goes into a package besides the histories of rooms.
pub struct Contents<'a> {
    /// People, add-ins, categories, rooms, names.
    pub plan: &'a Plan,
    /// All findings of the run, those of the plan included.
    pub findings: &'a Findings,
    /// The account of all records, balanced.
    pub ledger: &'a Ledger,
    /// Tables carried verbatim.
    pub tables: Vec<SourceTable<'a>>,
    /// What is known of the old file store, if there is one.
    pub files: Option<&'a FilePlan>,
    /// The options that decided what stands in the package, as the report tells them: name and
    /// value, in order.
    pub told: Vec<(String, String)>,
}

/// A table of a dump that is carried verbatim.
pub struct SourceTable<'a> {
    /// Row of `sources.csv` that the table is, or stands in.
    pub stream: u32,
    /// The table's name.
    pub table: String,
    /// Writes the table as CSV and returns its number of rows.
    pub write: WriteTable<'a>,
}

/// Writes a table as CSV and returns its number of rows. Called once for each package.
pub type WriteTable<'a> = Box<dyn Fn(&mut dyn Write) -> Result<u64> + Send + Sync + 'a>;

/// Which documents a package holds: the levels of `Export-CsPersistentChatData`.
///
/// `User.xml` belongs to every level, since it alone tells who a `Person` is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Everything.
    #[default]
    All,
    /// Principals alone.
    User,
    /// Categories.
    Category,
    /// Add-ins and rooms, without messages.
    RoomDirectory,
    /// Messages and events.
    Content,
}

impl Level {
    /// All levels.
    pub const ALL: [Level; 5] =
        [Level::All, Level::User, Level::Category, Level::RoomDirectory, Level::Content];

    /// Returns the name of the level as the cmdlet has it.
    pub fn name(self) -> &'static str {
        match self {
            Level::All => "All",
            Level::User => "User",
            Level::Category => "Category",
            Level::RoomDirectory => "RoomDirectory",
            Level::Content => "Content",
        }
    }

    /// Reads a name of a level, in any case.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// Tells whether `Category.xml` is written.
    pub fn has_categories(self) -> bool {
        matches!(self, Level::All | Level::Category)
    }

    /// Tells whether `RoomDirectory.xml` is written.
    pub fn has_rooms(self) -> bool {
        matches!(self, Level::All | Level::RoomDirectory)
    }

    /// Tells whether messages and events are written.
    pub fn has_content(self) -> bool {
        matches!(self, Level::All | Level::Content)
    }
}

/// How hard a ZIP is compressed. The bytes of its entries are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Quickly: five to six times as fast as `zip` by default, at a little more than nine tenths of its ratio.
    #[default]
    Fast,
    /// As small as `zip` makes it by default, in half the time.
    Default,
    /// As small as Deflate gets.
    Max,
}

/// How a package is made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How hard a ZIP is compressed.
    pub compression: Compression,
    /// Whether an existing package may be replaced.
    pub overwrite: bool,
    /// Whether the staging lane is written too; it needs [`Level::All`].
    pub staging: bool,
    /// Further fields of `bag-info.txt`, in order.
    pub info: Vec<(String, String)>,
    /// Sizes that bound memory and cut documents.
    pub sizes: Sizes,
}

/// Sizes in bytes that bound memory and cut documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A document of messages or events ends behind the record that reaches this size, so that
    /// another part begins. Decides what stands in the package: the same packages need the same.
    pub part: usize,
    /// Other files larger than this are compressed and written block by block while they grow rather
    /// than kept in memory. Decides the bytes of a ZIP, not what stands in it.
    pub kept: usize,
    /// How much may wait for being compressed and written, before and after compression together.
    /// Decides memory alone; twice [`Sizes::part`] for each thread keeps all of them busy.
    pub waiting: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        const MEBIBYTE: usize = 1 << 20;
        Sizes { part: 8 * MEBIBYTE, kept: 4 * MEBIBYTE, waiting: 128 * MEBIBYTE }
    }
}

/// Looks at every piece of the histories while it is made ready to be written, on any thread and in any
/// order.
pub type Watch = Arc<dyn Fn(&Piece) -> Result<()> + Send + Sync>;

/// How far the writing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Files handed to the target so far, and their bytes before compression.
    Written {
        /// Number of files.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Files read back from disk so far.
    ReadBack {
        /// Number of files.
        files: u64,
        /// All files of the package.
        of: u64,
    },
}

/// Is told how far the writing has come, from any thread; an error ends the writing, and
/// [`Error::Interrupted`](crate::Error::Interrupted) is the one to end it with.
pub type Progress<'a> = &'a (dyn Fn(Step) -> Result<()> + Sync);
