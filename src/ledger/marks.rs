//! One bit for each record of a stream.

/// Marks on the records of a stream, counted from 1. Takes one bit a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// Marks a record; tells whether it was unmarked before.
    pub(super) fn set(&mut self, record: u64) -> bool {
        let (word, bit) = place(record);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let before = self.words[word];
        self.words[word] |= bit;
        before & bit == 0
    }

    /// Returns the first record from `from` on that is marked, or is not, whichever is asked for; at most
    /// one beyond the last record that is marked.
    pub(super) fn next(&self, from: u64, marked: bool) -> Option<u64> {
        let (first, _) = place(from);
        let mut skipped = u64::MAX << ((from - 1) % 64);
        for (at, &word) in self.words.iter().enumerate().skip(first) {
            let found = if marked { word } else { !word } & skipped;
            if found != 0 {
                return Some(at as u64 * 64 + u64::from(found.trailing_zeros()) + 1);
            }
            skipped = u64::MAX;
        }
        let end = self.words.len() as u64 * 64 + 1;
        (!marked).then_some(end.max(from))
    }

    /// Walks the ranges of marked records: first and last of each.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut from = 1;
        std::iter::from_fn(move || {
            let first = self.next(from, true)?;
            let end = self.next(first, false)?;
            from = end;
            Some((first, end - 1))
        })
    }
}

fn place(record: u64) -> (usize, u64) {
    let at = record.saturating_sub(1);
    ((at / 64) as usize, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_as_ranges() {
        let mut marks = Marks::default();
        assert_eq!(marks.next(1, false), Some(1));
        assert_eq!(marks.next(1, true), None);
        for record in [1, 2, 64, 65, 66, 200] {
            assert!(marks.set(record));
            assert!(!marks.set(record));
        }
        assert_eq!(marks.ranges().collect::<Vec<_>>(), [(1, 2), (64, 66), (200, 200)]);
        let mut full = Marks::default();
        (1..=128).for_each(|record| assert!(full.set(record)));
        assert_eq!(full.ranges().collect::<Vec<_>>(), [(1, 128)]);
        assert_eq!((full.next(1, false), full.next(500, false)), (Some(129), Some(500)));
    }
}
