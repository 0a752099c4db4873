//! What can be wrong with a bag or a package, and collecting it without end or loss of order.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::Level;

/// Problems of one code that are told one by one; more are counted.
const MOST_TOLD: u64 = 1_000;

/// Something that is wrong with a package or bag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable code such as `BAG-CHANGED`.
    pub code: &'static str,
    /// Errors make the package unsound, warnings do not.
    pub level: Level,
    /// The file or entry it concerns, relative to the bag; empty where it concerns the whole.
    pub path: String,
    /// What was found.
    pub what: String,
    /// How bad that is, what may be lost, and what to do.
    pub meaning: &'static str,
}

/// A kind of problem.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) level: Level,
    pub(super) meaning: &'static str,
}

/// Collects problems in the order in which they are found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: Vec<Problem>,
    counts: HashMap<&'static str, u64>,
}

impl Problems {
    /// Adds a problem.
    pub(super) fn add(&mut self, fault: &'static Fault, path: &str, what: impl Into<String>) {
        let count = self.counts.entry(fault.code).or_default();
        *count += 1;
        if *count <= MOST_TOLD {
            let Fault { code, level, meaning } = *fault;
            self.told.push(Problem { code, level, path: path.to_owned(), what: what.into(), meaning });
        }
    }

    /// Adds all problems of another collection behind the own ones.
    pub(super) fn append(&mut self, other: Problems) {
        let mut seen: HashMap<&'static str, u64> = HashMap::new();
        for problem in other.told {
            let seen = seen.entry(problem.code).or_default();
            if self.counts.get(problem.code).copied().unwrap_or_default() + *seen < MOST_TOLD {
                self.told.push(problem);
            }
            *seen += 1;
        }
        for (code, count) in other.counts {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Tells whether a problem of this kind was found.
    #[cfg(test)]
    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.counts.contains_key(fault.code)
    }

    /// Returns the problems told, and for each code how many more there are.
    pub(super) fn finish(self) -> (Vec<Problem>, BTreeMap<&'static str, u64>) {
        let more =
            |(code, count): (&'static str, u64)| (count > MOST_TOLD).then(|| (code, count - MOST_TOLD));
        (self.told, self.counts.into_iter().filter_map(more).collect())
    }
}

/// Quotes what stands in a file, cut short and without control characters.
pub(super) fn quote(text: &str) -> String {
    const MOST: usize = 80;
    let mut out = String::from("\"");
    for character in text.chars().take(MOST) {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
    out.push_str(if text.chars().nth(MOST).is_some() { "…\"" } else { "\"" });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: Fault = Fault { code: "ONE", level: Level::Error, meaning: "" };
    static TWO: Fault = Fault { code: "TWO", level: Level::Error, meaning: "" };

    #[test]
    fn a_flood_of_one_kind_is_counted_and_hides_no_other() {
        let (mut all, mut part) = (Problems::default(), Problems::default());
        for number in 0..700 {
            all.add(&ONE, "a", number.to_string());
            part.add(&ONE, "b", number.to_string());
        }
        part.add(&TWO, "b", "last");
        all.append(part);
        let (told, more) = all.finish();
        assert_eq!(told.len(), 1_001);
        assert_eq!((told[1_000].code, told[999].what.as_str()), ("TWO", "299"));
        assert_eq!(more, BTreeMap::from([("ONE", 400)]));
    }

    #[test]
    fn quotes_are_short_and_harmless() {
        assert_eq!(quote("a\u{1b}\n"), "\"a\\u{1b}\\n\"");
        assert_eq!(quote(&"é".repeat(99)), format!("\"{}…\"", "é".repeat(80)));
    }
}
