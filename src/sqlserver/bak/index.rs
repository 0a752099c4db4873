//! Where each page stands: runs of pages that follow each other in the database and in the backup.
//!
//! A page may stand in a backup more than once; the one that is put in later counts. Memory goes
//! with the number of runs, 24 bytes each, which for a database at rest is far below that of extents.

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
    at: u64,
    count: u32,
    family: u16,
}

impl Run {
    /// Returns how many pages there are.
    pub(super) fn count(&self) -> u64 {
        u64::from(self.count)
    }

    /// Returns the database's file.
    pub(super) fn file(&self) -> u16 {
        (self.first >> 32) as u16
    }

    /// Returns the number of the first page within its file.
    pub(super) fn page(&self) -> u32 {
        self.first as u32
    }

    /// Returns where the first page stands.
    pub(super) fn spot(&self) -> Spot {
        Spot { family: self.family, at: self.at }
    }

    /// Returns the key behind the last page.
    fn end(&self) -> u64 {
        self.first + self.count()
    }

    /// Returns what is left of the run from a key on; empty if that is its end.
    fn from(&self, key: u64) -> Run {
        let skipped = key - self.first;
        // No run has more pages than its count.
        let count = self.count.saturating_sub(u32::try_from(skipped).unwrap_or(u32::MAX));
        Run { first: key, at: self.at + skipped * PAGE, count, ..*self }
    }

    /// Tells whether another run goes on where this one ends, and can be added to it.
    fn goes_on_with(&self, next: &Run) -> bool {
        let end = self.from(self.end());
        end.first == next.first && end.spot() == next.spot() && self.count < u32::MAX
    }

    /// Returns what is left of the run up to a key within it.
    fn until(&self, key: u64) -> Run {
        Run { count: u32::try_from(key - self.first).unwrap_or(self.count), ..*self }
    }
}

/// Bytes of a page.
pub(super) const PAGE: u64 = 8192;

/// Collects pages in the order of the backup: as long as they ascend, as they do nearly everywhere,
/// each costs a comparison.
#[derive(Debug, Default)]
pub(super) struct Collector {
    /// Each with ascending runs; later ones count.
    layers: Vec<Vec<Run>>,
}

impl Collector {
    /// Adds a page; an earlier copy of it no longer counts.
    pub(super) fn add(&mut self, key: u64, spot: Spot) {
        let run = Run { first: key, at: spot.at, count: 1, family: spot.family };
        match self.layers.last_mut() {
            Some(layer) => match layer.last_mut() {
                Some(last) if last.goes_on_with(&run) => last.count += 1,
                Some(last) if last.end() > key => self.layers.push(vec![run]),
                _ => layer.push(run),
            },
            None => self.layers.push(vec![run]),
        }
    }

    /// Tells whether no page was added.
    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Returns the index of all pages.
    pub(super) fn finish(self) -> Index {
        Index(pile(self.layers))
    }
}

/// Lays all layers over each other, neighbours first, so that the time goes with the number of runs
/// and hardly with that of layers.
fn pile(mut layers: Vec<Vec<Run>>) -> Vec<Run> {
    while layers.len() > 1 {
        let mut halved = Vec::with_capacity(layers.len().div_ceil(2));
        let mut rest = layers.into_iter();
        while let Some(lower) = rest.next() {
            halved.push(match rest.next() {
                Some(upper) => overlay(lower, upper),
                None => lower,
            });
        }
        layers = halved;
    }
    layers.pop().unwrap_or_default()
}

/// Lays ascending runs over others: where both have a page, the upper one counts.
fn overlay(lower: Vec<Run>, upper: Vec<Run>) -> Vec<Run> {
    if lower.last().zip(upper.first()).is_none_or(|(last, first)| last.end() <= first.first) {
        let mut all = lower;
        all.extend(upper);
        return all;
    }
    let mut all = Vec::with_capacity(lower.len() + upper.len());
    let mut lower = lower.into_iter();
    let mut below = lower.next();
    for above in upper {
        while let Some(run) = below {
            if run.end() <= above.first {
                all.push(run);
                below = lower.next();
                continue;
            }
            if run.first < above.first {
                all.push(run.until(above.first));
            }
            if run.end() > above.end() {
                below = Some(if run.first < above.end() { run.from(above.end()) } else { run });
                break;
            }
            below = lower.next();
        }
        all.push(above);
    }
    all.extend(below);
    all.extend(lower);
    all
}

/// All pages of a backup, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<Run>);

impl Index {
    /// Unites indexes, each with the number of the backup's file that it is of. Where several have a
    /// page, the last one counts.
    pub(super) fn unite(parts: impl IntoIterator<Item = (u16, Index)>) -> Index {
        let number = |(family, mut index): (u16, Index)| {
            index.0.iter_mut().for_each(|run| run.family = family);
            index.0
        };
        let mut runs = pile(parts.into_iter().map(number).collect());
        runs.shrink_to_fit();
        Index(runs)
    }

    /// Tells whether there is no page.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds a page, and how many follow it there.
    pub(super) fn find(&self, key: u64) -> Option<Run> {
        let behind = self.0.partition_point(|run| run.first <= key);
        let run = self.0.get(behind.checked_sub(1)?)?;
        (key < run.end()).then(|| run.from(key))
    }

    /// Walks the runs in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn index(pages: &[(u64, u64)]) -> Index {
        let mut collector = Collector::default();
        pages.iter().for_each(|&(page, at)| collector.add(page, Spot { family: 0, at: at * PAGE }));
        collector.finish()
    }

    #[test]
    fn memory_is_what_the_documentation_says() {
        assert_eq!(size_of::<Run>(), 24);
    }

    #[test]
    fn consecutive_pages_are_one_run() {
        let index = index(&[(0, 5), (1, 6), (2, 7), (4, 8), (5, 9), (5, 10)]);
        assert_eq!(index.0.len(), 3);
        let at = |page| index.find(page).map(|run| run.spot().at / PAGE);
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
                let found = index.find(page).map(|run| run.spot().at / PAGE);
                assert_eq!(found, plain.get(&page).copied(), "page {page} of {pages:?}");
            }
            let covered: u64 = index.runs().map(Run::count).sum();
            assert_eq!(covered as usize, plain.len());
        }
    }
}
