//! Scenarios of whole databases: what a folder of tables becomes.

mod compliance;
mod fixture;
mod grouping;
mod inheriting;
mod merging;
mod messages;
mod structure;
