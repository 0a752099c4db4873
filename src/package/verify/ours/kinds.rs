//! The kinds of values that attributes of the package's documents have.

use crate::chat::{MessageId, PersonKind, Ticks};
use crate::package::read::value;

/// What an attribute may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything; also written as `<name>Utf16`.
    Text,
    /// A GUID in lower case.
    Guid,
    /// A number from 1.
    Count,
    /// A number of 64 bits with sign.
    Number,
    /// `true` or `false`.
    Flag,
    /// A time in UTC with as many decimals as it needs.
    Time,
    /// How exactly a time is known.
    Precision,
    /// A message's id.
    Id,
    /// Ids separated by one blank, at least one.
    Ids,
    /// A record of a stream.
    Source,
    /// What a person is.
    Person,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// Tells whether a value is of this kind, written in the one way it is written.
    pub(super) fn allows(self, text: &str) -> bool {
        match self {
            Kind::Text => true,
            Kind::Guid => value::guid(text).is_some(),
            Kind::Count => value::count(text).is_some_and(|count| count > 0),
            Kind::Number => value::number(text).is_some(),
            Kind::Flag => value::flag(text).is_some(),
            Kind::Time => Ticks::parse_iso(text).is_some_and(|ticks| ticks.to_string() == text),
            Kind::Precision => value::precision(Some(text)).is_some(),
            Kind::Id => MessageId::parse(text).is_some(),
            Kind::Ids => text.split(' ').all(|id| MessageId::parse(id).is_some()),
            Kind::Source => value::source(text).is_some(),
            Kind::Person => PersonKind::from_name(text).is_some(),
            Kind::OneOf(words) => words.contains(&text),
        }
    }

    /// Returns what to call the kind.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Guid => "GUID in lower case",
            Kind::Count => "number from 1",
            Kind::Number => "number",
            Kind::Flag => "flag",
            Kind::Time => "time in UTC",
            Kind::Precision => "precision",
            Kind::Id | Kind::Ids => "message id",
            Kind::Source => "record of a stream",
            Kind::Person => "kind of person",
            Kind::OneOf(_) => "word allowed here",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_one_spelling() {
        let id = "0123456789abcdef0123456789abcdef";
        for (kind, sound, unsound) in [
            (Kind::Count, "1", "0"),
            (Kind::Time, "2008-03-12T19:56:40.5Z", "2008-03-12T19:56:40.50Z"),
            (Kind::Time, "2008-03-12T19:56:40Z", "2008-03-12 19:56:40Z"),
            (Kind::Precision, "ms", "ticks"),
            (Kind::Flag, "true", "1"),
            (Kind::Ids, &format!("{id} {id}"), &format!("{id}  {id}")),
            (Kind::Ids, id, ""),
            (Kind::Source, "1:2", "1:0"),
            (Kind::Person, "User", "user"),
            (Kind::OneOf(&["a"]), "a", "b"),
        ] {
            assert!(kind.allows(sound) && !kind.allows(unsound), "{kind:?}");
        }
    }
}
