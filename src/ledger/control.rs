//! Control totals: what a dump itself says of the number of its rows.

/// The rows of a table as they were read, and as SQL Server itself counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    /// The number of the table's stream, from 1.
    pub stream: u32,
    /// Rows by the engine's own count.
    pub engine_rows: u64,
    /// Rows that were read, those with a fault included.
    pub rows: u64,
}

impl Control {
    /// The code of the finding that counts differ.
    pub const FINDING: &str = "ROWS-DIFFER";

    /// Says how the counts differ, if they do.
    pub fn difference(&self) -> Option<String> {
        let Control { engine_rows, rows, .. } = *self;
        let lack = if rows < engine_rows { "fewer" } else { "more" };
        let by = engine_rows.abs_diff(rows);
        (by > 0).then(|| {
            format!("SQL Server itself counted {engine_rows} rows and {rows} were read, {by} {lack}")
        })
    }
}
