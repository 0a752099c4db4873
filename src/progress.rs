//! How a run tells where it is, without knowing who listens.
//!
//! Library code never prints: it calls these, from any thread. The command line draws a bar from
//! them; tests and other programs use [`Silent`].

use crate::error::{Error, Result};

/// A stage of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Its number, from 1.
    pub number: u32,
    /// How many stages the run has.
    pub of: u32,
    /// What it does, such as `reading`.
    pub name: &'static str,
    /// How much there is to do, in bytes; 0 where that is not known.
    pub total: u64,
}

/// Hears how a run goes on, and may ask it to stop.
pub trait Progress: Sync {
    /// A stage begins.
    fn stage(&self, stage: Stage);

    /// So many bytes more were done in the present stage.
    fn advance(&self, bytes: u64);

    /// Tells whether the run should stop as soon as it can.
    fn interrupted(&self) -> bool {
        false
    }

    /// Returns an error if the run should stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if it should.
    fn check(&self) -> Result<()> {
        if self.interrupted() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: Stage) {}

    fn advance(&self, _: u64) {}
}
