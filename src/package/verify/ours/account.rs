//! The account of all records, proven: each record of each stream stands exactly once, and what
//! rows of the ledger refer to is there.
//!
//! Documents and ledger files are read in any order and hand in small marks; marks are sorted on
//! disk if need be, so memory does not grow with the archive. Marks sort so that all that concerns
//! one record or one message stands together.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chat::{MessageId, Source};
use crate::spill::{Scratch, Sorter};

/// What became of a record, or who speaks of it. The order decides how marks of one record sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Fate {
    /// A message of the package names it as its source.
    Message = 1,
    /// An event of the package does.
    Event = 2,
    /// A row of `duplicates.csv`.
    Duplicate = 3,
    /// A row of `filtered.csv`.
    Filtered = 4,
    /// A row of `rejected.csv`.
    Rejected = 5,
    /// A duplicate event was dropped in its favour: it must stand as an event.
    KeptEvent = 6,
}

impl Fate {
    fn from_byte(byte: u8) -> Option<Fate> {
        [Fate::Message, Fate::Event, Fate::Duplicate, Fate::Filtered, Fate::Rejected, Fate::KeptEvent]
            .into_iter()
            .find(|fate| *fate as u8 == byte)
    }
}

/// Records of a stream from the first to the last one, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) stream: u32,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) fate: Fate,
}

const MARK: usize = 24;

impl Mark {
    fn to_bytes(self) -> [u8; MARK] {
        let mut bytes = [0; MARK];
        bytes[..4].copy_from_slice(&self.stream.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.first.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.last.to_be_bytes());
        bytes[20] = self.fate as u8;
        bytes
    }

    fn from_bytes(bytes: &[u8; MARK]) -> Option<Mark> {
        Some(Mark {
            stream: u32::from_be_bytes(part(bytes, 0)),
            first: u64::from_be_bytes(part(bytes, 4)),
            last: u64::from_be_bytes(part(bytes, 12)),
            fate: Fate::from_byte(bytes[20])?,
        })
    }
}

/// What is said of a message's identity. The order decides how statements on one id sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// A message of the package bears it, and comes from this record.
    Bears(Source),
    /// A row of `duplicates.csv` says that it was kept, and comes from this record.
    Kept(Source),
    /// It and the greater other id exclude each other.
    Excludes(MessageId, Witness),
}

/// Who says that two messages exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Witness {
    /// The message with the lesser id.
    Lesser = 0,
    /// The message with the greater id.
    Greater = 1,
    /// `conflicts.csv`.
    Ledger = 2,
}

const CLAIM: usize = 34;

fn claim_to_bytes(id: MessageId, claim: Claim) -> [u8; CLAIM] {
    let mut bytes = [0; CLAIM];
    bytes[..16].copy_from_slice(&id.0);
    match claim {
        Claim::Bears(source) | Claim::Kept(source) => {
            bytes[16] = u8::from(matches!(claim, Claim::Kept(_)));
            bytes[17..21].copy_from_slice(&source.stream.to_be_bytes());
            bytes[21..29].copy_from_slice(&source.record.to_be_bytes());
        }
        Claim::Excludes(other, witness) => {
            bytes[16] = 2;
            bytes[17..33].copy_from_slice(&other.0);
            bytes[33] = witness as u8;
        }
    }
    bytes
}

fn claim_from_bytes(bytes: &[u8; CLAIM]) -> (MessageId, Claim) {
    let source =
        Source { stream: u32::from_be_bytes(part(bytes, 17)), record: u64::from_be_bytes(part(bytes, 21)) };
    let witness = match bytes[33] {
        0 => Witness::Lesser,
        1 => Witness::Greater,
        _ => Witness::Ledger,
    };
    let claim = match bytes[16] {
        0 => Claim::Bears(source),
        1 => Claim::Kept(source),
        _ => Claim::Excludes(MessageId(part(bytes, 17)), witness),
    };
    (MessageId(part(bytes, 0)), claim)
}

fn part<const N: usize>(bytes: &[u8], start: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(bytes) = bytes.get(start..start + N) {
        out.copy_from_slice(bytes);
    }
    out
}

/// Collects marks and claims from all threads.
#[derive(Debug)]
pub(super) struct Account {
    marks: Mutex<Sorter<MARK>>,
    claims: Mutex<Sorter<CLAIM>>,
}

impl Account {
    pub(super) fn new() -> Account {
        Account { marks: Mutex::new(sorter()), claims: Mutex::new(sorter()) }
    }

    /// Returns a page to write on; it is handed in piece by piece and with [`Page::finish`].
    pub(super) fn page(&self) -> Page<'_> {
        Page { account: self, marks: Vec::new(), claims: Vec::new(), failed: None }
    }

    /// Hands all marks out in the order of stream and first record.
    ///
    /// # Errors
    /// Those of the temporary files, and of `take`.
    pub(super) fn each_mark(&mut self, take: &mut dyn FnMut(Mark)) -> io::Result<()> {
        let marks = std::mem::replace(&mut self.marks, Mutex::new(sorter()));
        let sorted = marks.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
        let mut rows = sorted.rows();
        while let Some(bytes) = rows.next_row().map_err(io::Error::other)? {
            Mark::from_bytes(&bytes).into_iter().for_each(&mut *take);
        }
        Ok(())
    }

    /// Hands all claims out in the order of ids; equal claims stand side by side.
    ///
    /// # Errors
    /// Those of the temporary files.
    pub(super) fn each_claim(&mut self, take: &mut dyn FnMut(MessageId, Claim)) -> io::Result<()> {
        let claims = std::mem::replace(&mut self.claims, Mutex::new(sorter()));
        let sorted = claims.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
        let mut rows = sorted.rows();
        while let Some(bytes) = rows.next_row().map_err(io::Error::other)? {
            let (id, claim) = claim_from_bytes(&bytes);
            take(id, claim);
        }
        Ok(())
    }
}

/// Makes a sorter that takes up to 64 MiB of memory, and as much disk as rows need beyond.
fn sorter<const N: usize>() -> Sorter<N> {
    Sorter::new(Arc::new(Scratch::new(std::env::temp_dir())), 64 << 20)
}

/// Marks and claims of one file, on their way to the account.
pub(super) struct Page<'a> {
    account: &'a Account,
    marks: Vec<[u8; MARK]>,
    claims: Vec<[u8; CLAIM]>,
    failed: Option<io::Error>,
}

impl Page<'_> {
    /// Notes what became of records.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark.to_bytes());
        self.hand_in(4_096);
    }

    /// Notes what became of one record.
    pub(super) fn mark_one(&mut self, source: Source, fate: Fate) {
        self.mark(Mark { stream: source.stream, first: source.record, last: source.record, fate });
    }

    /// Notes what is said of a message's identity.
    pub(super) fn claim(&mut self, id: MessageId, claim: Claim) {
        self.claims.push(claim_to_bytes(id, claim));
        self.hand_in(4_096);
    }

    /// Notes that somebody says two messages exclude each other.
    pub(super) fn conflict(&mut self, one: MessageId, other: MessageId, witness: Witness) {
        self.claim(one.min(other), Claim::Excludes(one.max(other), witness));
    }

    fn hand_in(&mut self, least: usize) {
        let lock = PoisonError::into_inner;
        let mut outcome = Ok(());
        if self.marks.len() >= least {
            outcome = self.account.marks.lock().unwrap_or_else(lock).extend(&self.marks);
            self.marks.clear();
        }
        if self.claims.len() >= least {
            let claims =
                self.account.claims.lock().unwrap_or_else(PoisonError::into_inner).extend(&self.claims);
            outcome = outcome.and(claims);
            self.claims.clear();
        }
        self.failed = self.failed.take().or(outcome.err().map(io::Error::other));
    }

    /// Hands in what remains.
    ///
    /// # Errors
    /// The first one that any temporary file gave.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.hand_in(1);
        self.failed.map_or(Ok(()), Err)
    }
}
