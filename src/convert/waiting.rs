//! Where records wait while they are read, and what their reading asks of the disks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Options;
use crate::chat::{Batch, Directory};
use crate::dedup::Shelf;
use crate::error::Result;
use crate::ledger::{Rejected, RejectedLog};
use crate::source::Intake;
use crate::spill::{Scratch, require_space};

/// Where records wait until all are read.
pub(super) struct Waiting {
    temp: PathBuf,
    /// Bytes that wait in memory.
    held: u64,
    output: Option<PathBuf>,
    /// Whether each text is written twice, the second time as UTF-16.
    staging: bool,
    /// Bytes of files that the package carries, which may not get smaller in a ZIP.
    carried: u64,
    largest: usize,
    pub(super) shelf: Shelf,
    pub(super) rejected: RejectedLog,
}

impl Waiting {
    pub(super) fn new(options: &Options, carried: u64, scratch: &Arc<Scratch>) -> Waiting {
        let budget = options.budget;
        Waiting {
            temp: options.reading.temp.clone(),
            held: budget.shelf as u64,
            output: options.output.clone(),
            staging: options.package.staging,
            carried,
            largest: budget.largest,
            shelf: Shelf::new(scratch.clone(), budget.shelf, rayon::current_num_threads()),
            rejected: RejectedLog::new(scratch.clone()),
        }
    }
}

impl Intake for Waiting {
    /// Asks for room on the disks: for what does not fit in memory, and for the package, of which a ZIP
    /// takes a fifth or more of the text.
    fn expect(&self, bytes: u64) -> Result<()> {
        let spilled = if bytes > self.held { bytes } else { 0 };
        let mut demands = vec![(self.temp.as_path(), spilled)];
        if let Some(output) = &self.output {
            let zipped = output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
            let bytes = if self.staging { bytes.saturating_mul(3) } else { bytes };
            let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
            let written = if zipped { bytes / 5 } else { bytes }.saturating_add(self.carried);
            demands.push((folder.unwrap_or(Path::new(".")), written));
        }
        require_space(&demands)
    }

    fn largest(&self) -> usize {
        self.largest
    }

    fn take(&self, batch: Batch, directory: &Directory) -> Result<()> {
        self.shelf.take(batch, directory)
    }

    fn reject(&self, rejected: &Rejected) -> Result<()> {
        self.rejected.push(rejected)
    }
}
