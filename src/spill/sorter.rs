//! Sorting more rows than fit in memory: sorted runs in the temporary file, merged when read.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rayon::slice::ParallelSliceMut;

use super::Scratch;
use crate::error::Result;

/// Bytes of a run that are read at a time.
const WINDOW: usize = 1 << 16;

/// Takes rows of `N` bytes in any order and gives them back in the order of their bytes.
#[derive(Debug)]
pub struct Sorter<const N: usize> {
    scratch: Arc<Scratch>,
    rows: Vec<[u8; N]>,
    most: usize,
    runs: Vec<Run>,
}

/// A sorted run in the temporary file.
#[derive(Debug, Clone, Copy)]
struct Run {
    place: u64,
    rows: usize,
}

impl<const N: usize> Sorter<N> {
    /// Makes a sorter that keeps about so many bytes in memory.
    pub fn new(scratch: Arc<Scratch>, memory: usize) -> Sorter<N> {
        Sorter { scratch, rows: Vec::new(), most: (memory / N).max(1), runs: Vec::new() }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn push(&mut self, row: [u8; N]) -> Result<()> {
        if self.rows.len() >= self.most {
            self.spill()?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Takes several rows.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn extend(&mut self, rows: &[[u8; N]]) -> Result<()> {
        rows.iter().try_for_each(|row| self.push(*row))
    }

    /// Ends the taking.
    pub fn finish(mut self) -> Sorted<N> {
        self.rows.par_sort_unstable();
        Sorted { scratch: self.scratch, rows: self.rows, runs: self.runs }
    }

    fn spill(&mut self) -> Result<()> {
        // On this thread alone: whoever holds a lock on the sorter must not take up other work meanwhile.
        self.rows.sort_unstable();
        let place = self.scratch.append(self.rows.as_flattened())?;
        self.runs.push(Run { place, rows: self.rows.len() });
        self.rows.clear();
        Ok(())
    }
}

/// Rows in order, to be walked as often as needed.
#[derive(Debug)]
pub struct Sorted<const N: usize> {
    scratch: Arc<Scratch>,
    rows: Vec<[u8; N]>,
    runs: Vec<Run>,
}

impl<const N: usize> Sorted<N> {
    /// Walks all rows in the order of their bytes; equal ones come as often as they were taken.
    ///
    /// Takes one window of each run in memory.
    pub fn rows(&self) -> Rows<'_, N> {
        let mut walks: Vec<Walk<'_, N>> = self
            .runs
            .iter()
            .map(|run| Walk {
                scratch: Some(&self.scratch),
                run: *run,
                window: Cow::Owned(Vec::new()),
                next: 0,
            })
            .collect();
        walks.push(Walk {
            scratch: None,
            run: Run { place: 0, rows: 0 },
            window: Cow::Borrowed(&self.rows),
            next: 0,
        });
        Rows { walks, heads: BinaryHeap::new(), begun: false }
    }
}

/// Walks the rows of a [`Sorted`].
pub struct Rows<'a, const N: usize> {
    walks: Vec<Walk<'a, N>>,
    heads: BinaryHeap<Reverse<([u8; N], usize)>>,
    begun: bool,
}

impl<const N: usize> Rows<'_, N> {
    /// Returns the next row.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<[u8; N]>> {
        if !self.begun {
            self.begun = true;
            for at in 0..self.walks.len() {
                let head = self.walks[at].next_row()?;
                self.heads.extend(head.map(|row| Reverse((row, at))));
            }
        }
        // The only run left needs no comparing.
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse((row, at)) = *head;
        match self.walks[at].next_row()? {
            Some(next) => *head = Reverse((next, at)),
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
        Ok(Some(row))
    }
}

/// Walks one run.
struct Walk<'a, const N: usize> {
    scratch: Option<&'a Scratch>,
    run: Run,
    window: Cow<'a, [[u8; N]]>,
    next: usize,
}

impl<const N: usize> Walk<'_, N> {
    fn next_row(&mut self) -> Result<Option<[u8; N]>> {
        if let (true, Some(scratch)) = (self.next == self.window.len() && self.run.rows > 0, self.scratch) {
            let rows = self.run.rows.min((WINDOW / N).max(1));
            let window = self.window.to_mut();
            window.resize(rows, [0; N]);
            scratch.read(window.as_flattened_mut(), self.run.place)?;
            self.run = Run { place: self.run.place + (rows * N) as u64, rows: self.run.rows - rows };
            self.next = 0;
        }
        let row = self.window.get(self.next).copied();
        self.next += usize::from(row.is_some());
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(numbers: &[u32], memory: usize) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(Arc::new(Scratch::new(folder.path())), memory);
        for number in numbers {
            sorter.push(number.to_be_bytes()).unwrap();
        }
        let sorted = sorter.finish();
        let walk = || {
            let mut rows = sorted.rows();
            let mut numbers = Vec::new();
            while let Some(row) = rows.next_row().unwrap() {
                numbers.push(u32::from_be_bytes(row));
            }
            numbers
        };
        assert_eq!(walk(), walk());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        walk()
    }

    #[test]
    fn rows_come_in_order_whether_they_fit_in_memory_or_not() {
        let numbers: Vec<u32> = (0..100_000u32).map(|at| at.wrapping_mul(2_654_435_761) >> 8).collect();
        let mut expected = numbers.clone();
        expected.sort_unstable();
        for memory in [0, 4_000, 399_999, 400_000, 1 << 30] {
            let some = if memory == 0 { 500 } else { numbers.len() };
            let mut few = numbers[..some].to_vec();
            few.sort_unstable();
            assert_eq!(sorted(&numbers[..some], memory), few, "{memory} bytes of memory");
        }
        assert_eq!(sorted(&numbers, 40_000), expected);
    }

    #[test]
    fn no_rows_are_no_rows() {
        assert!(sorted(&[], 100).is_empty());
    }
}
