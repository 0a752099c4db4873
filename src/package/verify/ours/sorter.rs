//! Sorting more small records than fit into memory: runs go to a temporary file each and are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use rayon::slice::ParallelSliceMut;

/// Bytes of records that are kept in memory.
const KEPT: usize = 64 * 1024 * 1024;

/// Collects records of `N` bytes, to hand them out in the order of their bytes.
#[derive(Debug)]
pub(super) struct Sorter<const N: usize> {
    records: Vec<[u8; N]>,
    most: usize,
    runs: Vec<File>,
}

impl<const N: usize> Sorter<N> {
    /// Makes an empty one. Takes up to 64 MiB of memory and as much disk as records need beyond.
    pub(super) fn new() -> Sorter<N> {
        Sorter::with_limit(KEPT / N)
    }

    fn with_limit(most: usize) -> Sorter<N> {
        Sorter { records: Vec::new(), most, runs: Vec::new() }
    }

    /// Adds records.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub(super) fn extend(&mut self, records: &[[u8; N]]) -> io::Result<()> {
        self.records.extend_from_slice(records);
        if self.records.len() >= self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.records.par_sort_unstable();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        self.records.iter().try_for_each(|record| run.write_all(record))?;
        let mut run = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.seek(SeekFrom::Start(0))?;
        self.runs.push(run);
        self.records.clear();
        Ok(())
    }

    /// Sorts; the records come out one by one.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub(super) fn sorted(mut self) -> io::Result<Sorted<N>> {
        self.records.par_sort_unstable();
        let mut sorted = Sorted {
            kept: self.records.into_iter(),
            runs: self.runs.into_iter().map(BufReader::new).collect(),
            heads: BinaryHeap::new(),
        };
        for run in 0..=sorted.runs.len() {
            sorted.refill(run)?;
        }
        Ok(sorted)
    }
}

/// Records in order.
pub(super) struct Sorted<const N: usize> {
    kept: std::vec::IntoIter<[u8; N]>,
    runs: Vec<BufReader<File>>,
    /// The next record of each run; the run behind the last one is what was kept in memory.
    heads: BinaryHeap<Reverse<([u8; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    /// Returns the next record.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<[u8; N]>> {
        let Some(Reverse((record, run))) = self.heads.pop() else { return Ok(None) };
        self.refill(run)?;
        Ok(Some(record))
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        let record = match self.runs.get_mut(run) {
            None => self.kept.next(),
            Some(file) => {
                let mut record = [0; N];
                match file.read_exact(&mut record) {
                    Ok(()) => Some(record),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                    Err(error) => return Err(error),
                }
            }
        };
        self.heads.extend(record.map(|record| Reverse((record, run))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_in_order_from_memory_and_from_disk() {
        for most in [3, 10, 1_000] {
            let mut sorter = Sorter::<4>::with_limit(most);
            let numbers: Vec<u32> = (0..100).map(|n| n * 37 % 101 % 50).collect();
            for pair in numbers.chunks(2) {
                let records: Vec<[u8; 4]> = pair.iter().map(|number| number.to_be_bytes()).collect();
                sorter.extend(&records).unwrap();
            }
            let mut sorted = sorter.sorted().unwrap();
            let mut out = Vec::new();
            while let Some(record) = sorted.next().unwrap() {
                out.push(u32::from_be_bytes(record));
            }
            let mut expected = numbers;
            expected.sort();
            assert_eq!(out, expected);
        }
    }
}
