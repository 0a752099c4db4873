//! Room beside memory: what does not fit waits in a temporary file.
//!
//! The file has no name where the operating system allows it, and goes when its last holder drops
//! it or the process ends in whatever way, so nothing is left behind.
//!
//! [`Scratch`] is the file, written and read at places from many threads. A [`Sorter`] puts rows of
//! fixed width in order, however many there are. A [`Tape`] holds bytes that are written and read in order.

mod scratch;
mod sorter;
mod space;
mod tape;

pub use scratch::Scratch;
pub use sorter::{Rows, Sorted, Sorter};
pub use space::require_space;
pub use tape::Tape;
