//! A package of ours as a source: what an earlier run wrote, read again so that packages can be merged.
//!
//! It owns the way from the package's documents to the nouns of [`chat`](crate::chat), and the
//! streaming XML under it, which [`verify`](super::verify) uses too. It judges nothing: a document
//! that breaks off gives a rejected record, and only `verify` says what is wrong with a package.

mod documents;
mod entities;
mod entry;
mod find;
mod flat;
mod history;
mod ledger;
pub(crate) mod meter;
mod names;
mod pieces;
mod root;
mod shape;
mod structure;
mod told;
pub(crate) mod value;
pub(crate) mod xml;

pub use documents::{Document, Documents, RoomDocument};
pub use entities::{Entities, Entity, ListMember, Shape as EntityShape};
pub use find::{Found, Wanted, find_event, find_message, find_record};
pub use flat::{FlatDocuments, FlatMessages};
pub use history::{read_compliance, read_content};
pub(crate) use ledger::CsvRows;
pub use ledger::{LedgerRow, Onward, walk_ledger};
pub use names::{Names, PersonName, RoomName};
pub use pieces::Pieces;
pub(super) use root::is_digest;
pub use root::{PackageRoot, Part, is_carried, recognise};
pub use shape::shape;
pub use structure::{PackageStructure, StructureDocuments, read_structure};
pub use told::{Told, level_of};

#[cfg(test)]
mod tests;
