//! The package.

pub mod read;
pub mod verify;
