//! Where readers put what they read.

use super::{Level, Rejected};
use crate::chat::{Batch, Text};
use crate::error::Result;

/// Takes what a reader reads of one stream, in the stream's order.
///
/// Readers number records from 1; a rejected record has a number too. Batches should hold about
/// a megabyte of text, so that they can be moved on while reading goes on.
pub trait Sink {
    /// Takes records.
    ///
    /// # Errors
    /// If they cannot be kept, or the run was interrupted.
    fn take(&mut self, batch: Batch) -> Result<()>;

    /// Takes a record that could not be used.
    ///
    /// # Errors
    /// If more were rejected than the user allows.
    fn reject(&mut self, rejected: Rejected) -> Result<()>;

    /// Hears how many rows a table of records had, those with a fault included; other readers tell
    /// nothing.
    fn rows(&mut self, _rows: u64) {}

    /// Hears how many records had times with .NET's kind bits, and which was the first; other readers tell
    /// nothing.
    fn kind_bits(&mut self, _records: u64, _first: u64) {}

    /// Takes something the user should know.
    fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text);
}
