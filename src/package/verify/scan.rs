//! Reading files once, on many threads: their digests, and what somebody wants to know of each.
//!
//! Results come back in the order of the files, whatever the threads do; only a few files' results
//! wait at a time, so a thousand problems in each of a million files do not fill the memory.

use std::io::Read;

use rayon::prelude::*;

use super::bag::{self, Algorithm, Digesting};
use super::fault;
use super::files::{Bag, BagFile};
use super::problem::Problems;

/// Files that are read before their results are handed on.
const TOGETHER: usize = 32;

/// How to read files.
pub(super) struct Scan<'a> {
    pub(super) bag: &'a Bag,
    pub(super) algorithms: Vec<Algorithm>,
    /// Whether the padding of compressed data is proven too.
    pub(super) strict: bool,
    /// Is told the bytes of every read.
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
}

/// What was read of one file.
pub(super) struct Scanned<T> {
    /// `None` for a file that cannot be read, which is told of.
    pub(super) read: Option<bag::Read>,
    pub(super) problems: Problems,
    /// What `inspect` returned; `None` for a file that could not even be opened.
    pub(super) fact: Option<T>,
}

impl Scan<'_> {
    /// Reads files; `inspect` sees each one's bytes, as far as it wants to read them, and `take`
    /// gets the results in order.
    pub(super) fn run<'f, T: Send>(
        &self,
        files: &[&'f BagFile],
        inspect: &(dyn Fn(&BagFile, &mut dyn Read, &mut Problems) -> T + Sync),
        take: &mut dyn FnMut(&'f BagFile, Scanned<T>),
    ) {
        for files in files.chunks(TOGETHER) {
            let results: Vec<Scanned<T>> = files.par_iter().map(|file| self.one(file, inspect)).collect();
            files.iter().zip(results).for_each(|(file, scanned)| take(file, scanned));
        }
    }

    /// Reads one file on this thread.
    pub(super) fn one<T>(
        &self,
        file: &BagFile,
        inspect: impl FnOnce(&BagFile, &mut dyn Read, &mut Problems) -> T,
    ) -> Scanned<T> {
        let mut problems = Problems::default();
        let input = match self.bag.open(file) {
            Ok(input) => input,
            Err(cause) => {
                problems.add(&fault::UNREADABLE, &file.path, cause.to_string());
                return Scanned { read: None, problems, fact: None };
            }
        };
        let mut input = Digesting::new(input, &self.algorithms, self.progress);
        let fact = inspect(file, &mut input, &mut problems);
        let outcome = input.finish();
        let padding = if self.strict && outcome.is_ok() { self.bag.check_padding(file) } else { Ok(()) };
        if let Err(cause) = padding {
            problems.add(&fault::ZIP_LAYOUT, &file.path, cause.to_string());
        }
        let read =
            outcome.map_err(|cause| problems.add(&fault::UNREADABLE, &file.path, cause.to_string())).ok();
        Scanned { read, problems, fact: Some(fact) }
    }
}
