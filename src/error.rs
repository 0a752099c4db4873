//! The crate's one error type, and the rules it follows.
//!
//! * Public functions return [`Error`]; a small local enum may serve inside a module.
//! * A richer error is never turned into a poorer one: context is added, nothing is cut off.
//! * A message says what failed, where (file, record, line, byte) and why; [`Error::hint`] says what to do next.
//! * An `Error` ends the run. A bad *record* is no `Error`: it becomes a
//!   [`Rejected`](crate::ledger::Rejected) row of the ledger and the run goes on.

use std::io;
use std::path::PathBuf;

/// The result of a public function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What ended a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be opened or read to its end.
    #[error("cannot read {input}: {cause}")]
    Read {
        /// The input as the user would name it.
        input: String,
        /// What the operating system or the decompressor said.
        cause: io::Error,
    },

    /// An input was read, but it is nothing that can be converted.
    #[error("{input}: {why}")]
    Unusable {
        /// The input as the user would name it.
        input: String,
        /// What was found instead.
        why: String,
        /// What to do about it.
        hint: String,
    },

    /// The output could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file or folder that was being written.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },

    /// A disk has no room for what would be written.
    #[error(
        "about {} are needed in {}, and {} are free",
        megabytes(*needed), folder.display(), megabytes(*free)
    )]
    NoSpace {
        /// The folder for the output or for temporary files.
        folder: PathBuf,
        /// Bytes that are needed, about.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },

    /// The output exists and no permission to replace it was given.
    #[error("{} exists already", path.display())]
    OutputExists {
        /// The output as given.
        path: PathBuf,
    },

    /// What was asked for makes no sense for these inputs.
    #[error("{what}")]
    Usage {
        /// The request, and why it cannot be met.
        what: String,
        /// What to ask for instead.
        hint: String,
    },

    /// More records were rejected than the caller allows.
    #[error("{count} records were rejected, more than the {limit} allowed; first: {first}")]
    TooManyRejected {
        /// Records rejected.
        count: u64,
        /// The limit set by the caller.
        limit: u64,
        /// The first rejected record, told in full.
        first: String,
    },

    /// The package did not survive its own proof and was not given its final name.
    #[error("the package is not sound, so it was not published: {what}")]
    Unsound {
        /// Which promise does not hold.
        what: String,
    },

    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Returns the next step for the user, where there is one worth telling.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Unusable { hint, .. } | Error::Usage { hint, .. } => Some(hint),
            Error::NoSpace { .. } => Some(
                "free some space, or choose another place for the output or by --temp for temporary files",
            ),
            Error::OutputExists { .. } => Some("choose another name, or give --overwrite to replace it"),
            Error::TooManyRejected { .. } => {
                Some("raise --max-rejected, or look at the first rejected record and mend the input")
            }
            Error::Unsound { .. } => {
                Some("nothing was published; please report this, it is a defect of gc2pc")
            }
            Error::Write { cause, .. } if cause.kind() == io::ErrorKind::StorageFull => {
                Some("free some space or choose another place for the output")
            }
            Error::Write { cause, .. } if cause.kind() == io::ErrorKind::AlreadyExists => {
                Some("choose another name, or move away what stands there")
            }
            _ => None,
        }
    }

    /// Wraps a reading error with the name of the input it concerns.
    pub fn read(input: impl Into<String>, cause: io::Error) -> Error {
        Error::Read { input: input.into(), cause }
    }

    /// Wraps a writing error with the path it concerns.
    pub fn write(path: impl Into<PathBuf>, cause: io::Error) -> Error {
        Error::Write { path: path.into(), cause }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
