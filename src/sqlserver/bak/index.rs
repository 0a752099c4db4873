//! Where each page stands: runs of pages that follow each other in the database and in the backup.
//!
//! A page may stand in a backup more than once; the one that is put in later counts. Memory goes
//! with the number of runs, which for a database at rest is far below that of extents.

use std::collections::BTreeMap;

/// A page of a database as one number: file, then page, so that the order is that of both.
pub(super) fn key(file: u16, page: u32) -> u64 {
    u64::from(file) << 32 | u64::from(page)
}

/// Where pages stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// Which of the backup's files, from 0.
    pub family: u16,
    /// The first byte in that file's flow of bytes.
    pub at: u64,
}

/// Pages with consecutive keys at consecutive places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Key of the first page.
    pub first: u64,
    /// How many pages.
    pub count: u64,
    /// Where the first one stands.
    pub spot: Spot,
}

impl Run {
    /// Returns the key behind the last page.
    fn end(&self) -> u64 {
        self.first + self.count
    }

    /// Returns what is left of the run from a key on.
    fn from(&self, key: u64) -> Run {
        let skipped = key - self.first;
        let spot = Spot { at: self.spot.at + skipped * PAGE, ..self.spot };
        Run { first: key, count: self.count - skipped, spot }
    }
}

/// Bytes of a page.
pub(super) const PAGE: u64 = 8192;

/// Collects pages in the order of the backup.
#[derive(Debug, Default)]
pub(super) struct Collector {
    runs: BTreeMap<u64, Run>,
    open: Option<Run>,
}

impl Collector {
    /// Adds a page; an earlier copy of it no longer counts.
    pub(super) fn add(&mut self, key: u64, spot: Spot) {
        if let Some(open) = &mut self.open {
            let follows = Run { count: open.count + 1, ..*open }.from(open.end());
            if follows.first == key && follows.spot == spot {
                open.count += 1;
                return;
            }
        }
        self.close();
        self.open = Some(Run { first: key, count: 1, spot });
    }

    /// Adds all pages of an index, standing in the file `family`.
    pub(super) fn add_all(&mut self, index: &Index, family: u16) {
        self.close();
        for run in &index.0 {
            self.put(Run { spot: Spot { family, ..run.spot }, ..*run });
        }
    }

    /// Tells whether no page was added.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_none() && self.runs.is_empty()
    }

    /// Returns the index of all pages.
    pub(super) fn finish(mut self) -> Index {
        self.close();
        Index(self.runs.into_values().collect())
    }

    fn close(&mut self) {
        if let Some(run) = self.open.take() {
            self.put(run);
        }
    }

    /// Puts a run in place of all that it covers. Each call adds at most two runs and looks only at
    /// those that it removes or cuts.
    fn put(&mut self, run: Run) {
        if let Some((_, before)) = self.runs.range_mut(..run.first).next_back() {
            let whole = *before;
            if whole.end() > run.first {
                before.count = run.first - whole.first;
                if whole.end() > run.end() {
                    self.runs.insert(run.end(), whole.from(run.end()));
                }
            }
        }
        while let Some((&first, &covered)) = self.runs.range(run.first..run.end()).next() {
            self.runs.remove(&first);
            if covered.end() > run.end() {
                self.runs.insert(run.end(), covered.from(run.end()));
            }
        }
        self.runs.insert(run.first, run);
    }
}

/// All pages of a backup, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<Run>);

impl Index {
    /// Finds a page.
    pub(super) fn find(&self, key: u64) -> Option<Spot> {
        let behind = self.0.partition_point(|run| run.first <= key);
        let run = self.0.get(behind.checked_sub(1)?)?;
        (key < run.end()).then(|| run.from(key).spot)
    }

    /// Walks the runs in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(pages: &[(u64, u64)]) -> Index {
        let mut collector = Collector::default();
        pages.iter().for_each(|&(page, at)| collector.add(page, Spot { family: 0, at: at * PAGE }));
        collector.finish()
    }

    #[test]
    fn consecutive_pages_are_one_run() {
        let index = index(&[(0, 5), (1, 6), (2, 7), (4, 8), (5, 9), (5, 10)]);
        assert_eq!(index.0.len(), 3);
        let at = |page| index.find(page).map(|spot| spot.at / PAGE);
        assert_eq!(
            (at(0), at(2), at(3), at(4), at(5), at(6)),
            (Some(5), Some(7), None, Some(8), Some(10), None)
        );
    }

    #[test]
    fn the_later_copy_of_a_page_counts_whatever_it_cuts() {
        // Compared with the plain way to do it.
        let mut state = 0x9E37_79B9_u64;
        for _ in 0..300 {
            let mut pages = Vec::new();
            let mut plain = BTreeMap::new();
            let mut at = 0;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let (first, count) = (state >> 33 & 31, 1 + (state >> 40 & 15));
                for page in first..first + count {
                    pages.push((page, at));
                    plain.insert(page, at);
                    at += 1;
                }
                at += state >> 50 & 1;
            }
            let index = index(&pages);
            for page in 0..60 {
                let found = index.find(page).map(|spot| spot.at / PAGE);
                assert_eq!(found, plain.get(&page).copied(), "page {page} of {pages:?}");
            }
            let covered: u64 = index.runs().map(|run| run.count).sum();
            assert_eq!(covered as usize, plain.len());
        }
    }
}
