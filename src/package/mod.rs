//! The package: a BagIt bag with import documents, ledger, report and structure script.
//!
//! It writes what was decided elsewhere and decides nothing itself. A package is built under a
//! temporary name, read back and only then given its name, so that the name means success. The
//! format is described in `docs/package-format.md` and `docs/schema/`.

mod bag;
mod contents;
mod csv;
mod documents;
mod files;
mod histories;
pub mod layout;
mod ledger_files;
mod planned;
mod powershell;
pub mod read;
mod rendered;
mod staging;
mod structure_script;
mod target;
pub mod verify;
mod write;
mod xml;

pub use contents::{
    Compression, Contents, Level, Options, Progress, Sizes, SourceTable, Step, Watch, WriteTable,
};
pub use documents::SCHEMAS;
pub use planned::planned_documents;
pub use target::Entry;
pub use write::{Sealed, Writer, check, check_options};
pub use xml::{NAMESPACE, UTF16_BASE64, UTF16_SUFFIX};

#[cfg(test)]
mod tests;
