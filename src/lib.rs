#![forbid(unsafe_code)]
//! gc2pc reads what is left of a Microsoft Group Chat deployment and writes a Persistent Chat import package.
//!
//! ```text
//! bytes ─► container ─► sqlserver ─► groupchat ─┐
//!                     └─► compliance ───────────┴─► normalize ─► dedup ─► migrate ─► package ─► report
//! ```
//!
//! Data goes one way. Lower rooms know nothing of higher ones:
//!
//! | floor | room | owns |
//! |---|---|---|
//! | 7 | [`convert`], [`compare`], [`explain`] | the stages in order; what differs between packages, or sources and a package; what became of a record |
//! | 6 | [`source`] | opening anything: what is this input, which reader serves it |
//! | 5 | [`package`], [`report`] | writing, sealing, reading and verifying packages; telling people |
//! | 4 | [`migrate`], [`dedup`], [`filestore`] | the new tree; one of each message; the files that messages refer to |
//! | 3 | [`groupchat`], [`compliance`] | what tables and documents mean |
//! | 2 | [`normalize`], [`sqlserver`] | the form that serves keys; rows of any table |
//! | 1 | [`container`], [`ledger`], [`chat`], [`spill`] | files; the account of all records; the nouns; room beside memory |
//! | 0 | [`error`] | what ends a run |

pub mod budget;
pub mod chat;
mod claim;
pub mod cli;
pub mod compare;
pub mod compliance;
pub mod container;
pub mod convert;
pub mod dedup;
pub mod error;
pub mod explain;
pub mod filestore;
pub mod groupchat;
mod lane;
pub mod ledger;
pub mod migrate;
pub mod normalize;
pub mod package;
pub mod progress;
pub mod report;
pub mod source;
pub mod spill;
pub mod sqlserver;

pub use error::{Error, Result};
