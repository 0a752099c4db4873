//! From Group Chat's inherited tree to Persistent Chat's flat model.
//!
//! It decides and tells; it writes nothing. What it decides is a [`Plan`], and every decision that
//! loses or changes something is a finding with a code.

mod plan;

pub use plan::{Category, NameKind, NameRow, Plan, PlannedPerson, Privacy, RoleHolder, Room};
