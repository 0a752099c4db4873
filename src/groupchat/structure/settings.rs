//! The enumerated settings: what the numbers in `behavior` and `visibility` mean.

use std::collections::BTreeMap;

use super::nodes::NodeRow;
use crate::chat::{Text, Visibility};
use crate::ledger::{Findings, Level};

/// What a row of `tblEnumValue` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Visibility(Visibility),
    Normal,
    Auditorium,
}

/// The enumerated settings of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) auditorium: bool,
    pub(super) visibility: Option<Visibility>,
}

/// The dump's own rows of `tblEnumValue`, in front of the documented ones.
#[derive(Debug, Default)]
pub(super) struct EnumValues(BTreeMap<i64, Meaning>);

/// `valueID` of `open`, which Persistent Chat alone has.
pub(super) const OPEN: i64 = 6;

impl EnumValues {
    /// Takes a row of `tblEnumValue`. A name that is not documented leaves the number's documented
    /// meaning as it is.
    pub(super) fn learn(&mut self, number: i64, name: &Text) {
        let meaning = match name.to_folded().as_bytes().trim_ascii() {
            b"private" => Meaning::Visibility(Visibility::Private),
            b"scope" => Meaning::Visibility(Visibility::Scope),
            b"open" => Meaning::Visibility(Visibility::Open),
            b"normal" => Meaning::Normal,
            b"auditorium" => Meaning::Auditorium,
            _ => return,
        };
        self.0.insert(number, meaning);
    }

    fn meaning(&self, number: i64) -> Option<Meaning> {
        self.0.get(&number).copied().or(match number {
            2 => Some(Meaning::Visibility(Visibility::Private)),
            3 => Some(Meaning::Visibility(Visibility::Scope)),
            4 => Some(Meaning::Normal),
            5 => Some(Meaning::Auditorium),
            OPEN => Some(Meaning::Visibility(Visibility::Open)),
            _ => None,
        })
    }

    /// Returns the enumerated settings of a node, and tells of numbers that mean nothing.
    pub(super) fn settings(&self, number: i64, row: &NodeRow, findings: &mut Findings) -> Settings {
        let (behavior, visibility) = row.enumerated();
        let mut unknown = |column: &str, value: i64, taken: &str| {
            let detail = format!("{column} {value} of nodeID {number} is not documented; taken for {taken}");
            findings.add("ENUM-UNKNOWN", Level::Warning, row.name.clone(), detail);
        };
        let auditorium = match behavior.map(|value| (value, self.meaning(value))) {
            Some((_, Some(Meaning::Auditorium))) => true,
            None | Some((_, Some(Meaning::Normal))) => false,
            Some((value, _)) => {
                unknown("behavior", value, "normal");
                false
            }
        };
        let visibility = match visibility.map(|value| (value, self.meaning(value))) {
            None => None,
            Some((_, Some(Meaning::Visibility(visibility)))) => Some(visibility),
            Some((value, _)) => {
                unknown("visibility", value, "unset");
                None
            }
        };
        Settings { auditorium, visibility }
    }
}
