//! How much of a document is held in memory at once, whatever the document is like.

/// Limits of reading one document, in bytes unless told otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// One tag, comment or run of text. Beyond it, reading ends.
    pub(super) piece: usize,
    /// The text of one record and what else is kept of it. Beyond it, the record is rejected.
    pub(super) record: usize,
    /// The source text kept of a record, in case it is rejected. What is longer is cut.
    pub(super) capture: usize,
    /// What tells of a sender, a room or an event's type, raw. What is longer is not believed.
    pub(super) name: usize,
    /// Records that wait for their room to be named.
    pub(super) held: usize,
    /// The names of all elements open at one place, with eight bytes for each. Beyond it, reading ends.
    pub(super) open: usize,
    /// Text in one batch, and the number of records in it.
    pub(super) batch: (usize, usize),
    /// Senders, and likewise rooms, remembered at a time: their number, and the size of that.
    pub(super) remembered: (usize, usize),
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            piece: 112 << 20,
            record: 112 << 20,
            capture: 1 << 20,
            name: 1 << 20,
            held: 64 << 20,
            open: 64 << 20,
            batch: (1 << 20, 8_192),
            remembered: (65_536, 32 << 20),
        }
    }
}
