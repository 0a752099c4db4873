//! The rules of the ledger, each as a sentence; `docs/identity.md` has them at length.

use crate::chat::Form;
use crate::ledger::{Cause, Rule};
use crate::package::read::Told;

/// Says what a rule of `duplicates.csv` means.
pub fn rule(name: &str) -> &'static str {
    match Rule::ALL.into_iter().find(|rule| rule.name() == name) {
        Some(Rule::SameId) => {
            "it has the chat id, author, time and text of the one that was kept, in the same numbering: overlapping \
             dumps, or a document that was written again"
        }
        Some(Rule::SameMessage) => {
            "it has the author, time and text of the one that was kept, in another numbering: a migrated database, \
             or another kind of source"
        }
        Some(Rule::CoarserTime) => {
            "it has the author and text of the one that was kept, and a less exact time that agrees with its time"
        }
        Some(Rule::UnknownAuthor) => {
            "it has the time and text of the one that was kept, and its author is not known well enough to be \
             somebody else"
        }
        Some(Rule::SameEvent) => "it has the room, type, person, time and content of the event that was kept",
        None => "this version of gc2pc does not know the rule",
    }
}

/// Says why the kept record survived another one, given the formats of both streams.
pub fn survival(kept: &str, dropped: &str, is_event: bool) -> String {
    const TIES: &str = "then the finer time, the surer author, the longer text and last the content decide, never \
                        the order of inputs";
    if is_event {
        return "nothing that is told of an event differs between them, so either serves".to_owned();
    }
    match (form(kept), form(dropped)) {
        (Some((more, one)), Some((less, other))) if more > less => {
            format!("the kept one is {one} and this one {other}: the richest form survives")
        }
        (Some((Form::Database, _)), Some((Form::Database, _))) => format!(
            "both are of the richest form; of these one with a formatted copy (RTF) survives one without, {TIES}"
        ),
        (Some((one, name)), Some((other, _))) if one == other => {
            format!("both are of one form ({name}); {TIES}")
        }
        _ => format!("the richest form survives; {TIES}"),
    }
}

/// Tells the form of a stream's records by its format.
fn form(format: &str) -> Option<(Form, &'static str)> {
    Some(match format {
        _ if format.starts_with("compliance, FileDump") => {
            (Form::FileDump, "a record of the sample transform (FileDump)")
        }
        _ if format.starts_with("compliance") => (Form::Compliance, "a compliance record"),
        _ if format.starts_with("tblCompliance") => (Form::Compliance, "a row of the compliance database"),
        _ if format.starts_with("tblChat") => (Form::Database, "a row of the chat database"),
        "package, messages" => (Form::Database, "a message of an earlier package"),
        _ => return None,
    })
}

/// Says what a reason of `filtered.csv` means, with the value that the option had.
pub fn filter(reason: &str, told: Option<&Told>) -> String {
    let value = |value: Option<String>| value.map(|value| format!(" {value}")).unwrap_or_default();
    match reason {
        "level" => {
            let level = told.map(|told| told.level.name().to_owned());
            format!("the package has the level{}, to which messages and events do not belong", value(level))
        }
        "scope" => "its room lies outside the categories that --scope named".to_owned(),
        "since" => {
            let since = told.and_then(|told| told.since).map(|time| time.to_string());
            format!("it is of before --since{}", value(since))
        }
        "until" => {
            let until = told.and_then(|told| told.until).map(|time| time.to_string());
            format!("it is of --until{} or later", value(until))
        }
        "without-disabled-rooms" => {
            "its room is disabled, and --without-disabled-rooms left such rooms out".to_owned()
        }
        _ => "this version of gc2pc does not know the option".to_owned(),
    }
}

/// Says what a cause of `rejected.csv` means.
pub fn cause(name: &str) -> &'static str {
    match Cause::ALL.into_iter().find(|cause| cause.name() == name) {
        Some(Cause::Truncated) => "the input ends within it",
        Some(Cause::TooManyFields) => "it has more fields than there are columns",
        Some(Cause::TooFewFields) => "it has fewer fields than there are columns",
        Some(Cause::BadNumber) => "a field that must hold a number does not",
        Some(Cause::BadTime) => "its time does not exist, or lies outside the years 1 to 9999",
        Some(Cause::BadEncoding) => "it has bytes that are no text in the encoding of its input",
        Some(Cause::MissingValue) => "a field that must have a value has none",
        Some(Cause::BadFlag) => "a field that must be true or false is neither",
        Some(Cause::BadXml) => "the document is not well-formed here, and nothing behind this place was read",
        Some(Cause::Doctype) => "the document has a document type definition, which is never read",
        Some(Cause::TooLarge) => "it is larger than the limit",
        Some(Cause::DamagedContainer) => "what holds it is damaged: an archive or a page",
        Some(Cause::Malformed) => "it is not of the form that its place demands",
        None => "this version of gc2pc does not know the cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_cause_has_its_own_sentence() {
        let rules: std::collections::BTreeSet<_> =
            Rule::ALL.into_iter().map(|one| rule(one.name())).collect();
        assert_eq!(rules.len(), Rule::ALL.len());
        let causes: std::collections::BTreeSet<_> =
            Cause::ALL.into_iter().map(|one| cause(one.name())).collect();
        assert_eq!(causes.len(), Cause::ALL.len());
        assert!(!rules.contains(rule("newer")) && !causes.contains(cause("newer")));
    }

    #[test]
    fn the_richer_form_is_named_as_the_reason() {
        let why = survival("tblChat, comma, utf-8", "compliance, Conversations", false);
        assert!(why.contains("chat database") && why.contains("compliance record"), "{why}");
        assert!(survival("tblChat", "package, messages", false).contains("RTF"));
        assert!(survival("compliance, FileDump", "compliance, FileDump", false).contains("one form"));
        assert!(survival("unheard of", "tblChat", false).contains("richest form survives"));
        assert!(survival("tblChat", "tblChat", true).contains("event"));
    }
}
