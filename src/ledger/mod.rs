//! What became of every record, and the arithmetic that proves it.
//!
//! Stages return outcomes; the ledger collects them, orders them by (stream, record), so that
//! threads cannot change them, and refuses to balance if a record stands nowhere or twice.

mod account;
mod control;
mod finding;
mod marks;
mod rejected;
mod rejected_log;
mod rows;
mod sink;
mod stream;
mod stretches;

pub use account::{Duplicate, Filtered, Imbalance, Inputs, Ledger, OpenLedger, Rule, Tally};
pub use control::Control;
pub use finding::{Finding, Findings, Level};
pub use rejected::{Cause, Rejected};
pub use rejected_log::{RejectedLog, RejectedRows, RejectedWalk};
pub use rows::{Conflicts, Duplicates};
pub use sink::Sink;
pub use stream::{Digest, Stream};
pub use stretches::Stretches;
