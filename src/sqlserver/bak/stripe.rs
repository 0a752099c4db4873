//! One file of a backup: how it begins, what walking it finds, and reading its pages again.

use std::io;

use super::compressed::{Chunks, Inflow, MAGIC, unknown};
use super::flow::Plain;
use super::set::{BackupSet, Family};
use super::walk::{self, Tape, walk};
use super::{Options, is_backup, refusal};
use crate::container::Item;
use crate::error::{Error, Result};
use crate::progress::{Progress, Silent};
use crate::sqlserver::place::Place;

/// One file of a backup.
#[derive(Debug)]
pub(super) struct Stripe {
    pub name: String,
    file: Place,
    /// What decodes its pages, if it is compressed.
    chunks: Option<Chunks>,
}

impl Stripe {
    /// Tells whether it is compressed.
    pub fn is_compressed(&self) -> bool {
        self.chunks.is_some()
    }

    /// Fills the buffer with the bytes at a position of the flow, where pages were found.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed since it was opened.
    pub fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match &self.chunks {
            Some(chunks) => chunks.read(&self.file, at, into),
            None => self.file.read_exact(at, into),
        }
    }
}

/// A file that was walked.
pub(super) struct Walked {
    pub stripe: Stripe,
    pub tape: Tape,
}

/// Bytes among which the first block must be.
const HEAD: u64 = 4 << 20;

/// How a file begins.
enum Opening {
    Plain,
    Compressed,
    /// As something else, with these bytes.
    Foreign(Vec<u8>),
}

fn opening(file: &Place) -> io::Result<Opening> {
    let mut head = vec![0; 512];
    let read = file.read(0, &mut head)?;
    head.truncate(read);
    Ok(match () {
        () if head.starts_with(MAGIC) => Opening::Compressed,
        () if is_backup(&head) => Opening::Plain,
        () => Opening::Foreign(head),
    })
}

impl Walked {
    /// Walks a file.
    ///
    /// # Errors
    /// As [`Backup::open`](super::Backup::open).
    pub fn open(input: &Item, options: &Options, progress: &dyn Progress) -> Result<Walked> {
        let name = &input.name;
        let file = Place::open_until(name, &*input.blob, &options.temp, u64::MAX, progress)?;
        // What was given up because the run should stop is no error of the file.
        let read = |cause| progress.check().err().unwrap_or_else(|| Error::read(name.as_str(), cause));
        let (tape, chunks) = match opening(&file).map_err(read)? {
            Opening::Plain => (walk(name, &mut Plain::new(&file), progress)?, None),
            Opening::Compressed => {
                let flow = Inflow::new(&file, progress).map_err(read)?;
                let mut flow = match flow {
                    Some(flow) => flow,
                    None => return Err(refusal::no_records(name, &unknown(&file).map_err(read)?)),
                };
                let mut tape = walk(name, &mut flow, progress)?;
                let (chunks, flaws) = flow.finish();
                for (record, flaw) in flaws {
                    tape.damage.add(name, record.at, flaw.detail(&record));
                }
                tape.damage.sort();
                (tape, Some(chunks))
            }
            Opening::Foreign(head) => return Err(refusal::foreign(name, &head)),
        };
        let stripe = Stripe { name: name.clone(), file, chunks };
        match (tape.recognised, &stripe.chunks) {
            (true, _) => Ok(Walked { stripe, tape }),
            (false, Some(_)) => Err(refusal::no_records(name, &unknown(&stripe.file).map_err(read)?)),
            (false, None) => Err(refusal::no_first_block(name)),
        }
    }

    /// Returns the number of the stripe, if the file tells.
    pub fn number(&self) -> Option<u16> {
        self.tape.family.map(|family| family.number)
    }

    /// Returns the sets in their order.
    pub fn sets(&self) -> Vec<BackupSet> {
        let contents = self.tape.contents.iter().enumerate();
        contents.map(|(at, content)| BackupSet { position: at + 1, ..content.set.clone() }).collect()
    }
}

/// Tells which file of which backup an input is, so that those of one can be opened together.
/// Reads a few megabytes at most. `None` if it does not tell.
///
/// # Errors
/// As [`Backup::open`](super::Backup::open).
pub fn family(input: &Item, options: &Options) -> Result<Option<Family>> {
    let file = Place::open_until(&input.name, &*input.blob, &options.temp, HEAD, &Silent)?;
    let read = |cause| Error::read(input.name.as_str(), cause);
    match opening(&file).map_err(read)? {
        Opening::Plain => walk::family(&input.name, &mut Plain::new(&file)),
        Opening::Compressed => match Inflow::new(&file, &Silent).map_err(read)? {
            Some(mut flow) => walk::family(&input.name, &mut flow),
            None => Ok(None),
        },
        Opening::Foreign(_) => Ok(None),
    }
}
