//! From Group Chat's inherited tree to Persistent Chat's flat model.
//!
//! It decides and tells; it writes nothing. What it decides is a [`Plan`], and every decision that
//! loses or changes something is a finding with a code. The rules, where each comes from and which
//! test shows it stand in `docs/migration.md`; a family of rules has a file of its own.

mod add_ins;
mod categories;
mod census;
mod completeness;
mod describe;
mod facts;
mod flatten;
mod formulas;
mod holders;
mod limits;
mod lineage;
mod membership;
mod names;
mod options;
mod paths;
mod people;
mod people_map;
mod plan;
mod rooms;
mod roster;
mod scopes;
mod selection;
mod settings;
mod strangers;
mod target;

#[cfg(test)]
mod world;

pub use flatten::{left_out_rooms, plan};
pub use options::{Options, RoomPrefix};
pub use people_map::PeopleMap;
pub use plan::{Category, NameKind, NameRow, Plan, PlannedPerson, Privacy, RoleHolder, Room};
pub use strangers::category_guid as unknown_category_guid;
pub use target::TargetNames;
