//! How much an archive may demand before it is taken for one that was made to burst.

/// The limits of a walk. The defaults let every honest archive through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and archive entries in one walk, all inputs together.
    pub max_entries: u64,
    /// How many times larger than its compressed form a stream may become.
    pub max_ratio: u64,
    /// Bytes that a stream may hold before its ratio is looked at.
    pub ratio_free: u64,
    /// How deep archives may lie in one another: 1 is a plain archive.
    pub max_depth: u32,
    /// Bytes of temporary files for archives within archives, in one walk.
    pub max_nested_spool: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_entries: 10_000_000,
            max_ratio: 1_000,
            ratio_free: 64 << 20,
            max_depth: 3,
            max_nested_spool: 64 << 30,
        }
    }
}
