//! Findings: what an administrator should know about the archive, each with a code.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::Text;

/// How much a finding matters. Greater matters more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is lost or changed in the new world, as documented.
    Warning,
    /// Something must be looked at before the package is used.
    Error,
}

impl Level {
    /// Returns the name used in `findings.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// A stable code such as `NAME-LONG`.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What it concerns: a room, a person, a stream.
    pub subject: Text,
    /// What was found there, as a sentence.
    pub detail: Text,
}

/// A set of findings: equal ones count once, and their order is that of code, level, subject and
/// detail, whatever the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(BTreeSet<Finding>);

impl Findings {
    /// Adds a finding.
    pub fn add(
        &mut self,
        code: &'static str,
        level: Level,
        subject: impl Into<Text>,
        detail: impl Into<Text>,
    ) {
        self.0.insert(Finding { code, level, subject: subject.into(), detail: detail.into() });
    }

    /// Adds all findings of another set.
    pub fn extend(&mut self, other: Findings) {
        self.0.extend(other.0);
    }

    /// Keeps the findings that a caller wants.
    pub fn retain(&mut self, wanted: impl FnMut(&Finding) -> bool) {
        self.0.retain(wanted);
    }

    /// Walks the findings in order.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// Returns the number of findings.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether a finding of level error is among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.level == Level::Error)
    }

    /// Counts the findings by code.
    pub fn by_code(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for finding in &self.0 {
            *counts.entry(finding.code).or_default() += 1;
        }
        counts
    }
}
