//! What could not be read of a backup, and where.

use std::fmt;

/// Damages that are told one by one; more are counted.
const TOLD: usize = 100;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file of the backup.
    pub input: String,
    /// Where in that file, in bytes.
    pub at: u64,
    /// What is wrong there, as a sentence.
    pub detail: String,
}

/// Shows it as one sentence: `mgc.bak, byte 4096: the file ends within a block`.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}: {}", self.input, self.at, self.detail)
    }
}

/// The damages of one file, or of all. Takes the memory of a hundred for each file at most.
#[derive(Debug, Default)]
pub(super) struct Damages {
    told: Vec<Damage>,
    more: u64,
}

impl Damages {
    pub(super) fn add(&mut self, input: &str, at: u64, detail: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push(Damage { input: input.to_owned(), at, detail: detail.into() });
        } else {
            self.more += 1;
        }
    }

    /// Adds those of another file.
    pub(super) fn append(&mut self, other: Damages) {
        self.told.extend(other.told);
        self.more += other.more;
    }

    /// Brings those of one file into the order of their places.
    pub(super) fn sort(&mut self) {
        self.told.sort_by_key(|damage| damage.at);
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> u64 {
        self.told.len() as u64 + self.more
    }

    /// Returns those that are told one by one.
    pub(super) fn told(&self) -> &[Damage] {
        &self.told
    }

    /// Returns all as sentences, those that are only counted as the last one.
    pub(super) fn sentences(&self) -> Vec<String> {
        let more = (self.more > 0).then(|| format!("{} more places of the backup are damaged", self.more));
        self.told.iter().map(Damage::to_string).chain(more).collect()
    }
}
