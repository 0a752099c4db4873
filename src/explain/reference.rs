//! What can be asked about: a message by its id, or a record by its place in the inputs.

use crate::chat::{MessageId, Source};
use crate::error::{Error, Result};
use crate::package::read::value;

/// What an explanation is wanted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A message of the package, by its `Id`.
    Message(MessageId),
    /// A record of the inputs, as `Source` attributes and the ledger name it.
    Record(Source),
}

impl Reference {
    /// Reads 32 hex digits of either case, or `INPUT:RECORD`.
    ///
    /// # Errors
    /// [`Error::Usage`] for anything else.
    pub fn parse(text: &str) -> Result<Reference> {
        let id = MessageId::parse(&text.to_ascii_lowercase()).map(Reference::Message);
        id.or_else(|| value::source(text).map(Reference::Record)).ok_or_else(|| Error::Usage {
            what: format!("{text} is neither a message's id nor a record"),
            hint:
                "give the 32 hex digits of a message's Id, or INPUT:RECORD as Source attributes have it and \
                   the first two columns of duplicates.csv, such as 3:17"
                    .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_records_are_told_apart_and_all_else_is_refused() {
        let id = "00112233445566778899AABBCCDDEEFF";
        let lower = Reference::Message(MessageId::parse(&id.to_lowercase()).unwrap());
        assert_eq!(Reference::parse(id).unwrap(), lower);
        assert_eq!(Reference::parse("3:17").unwrap(), Reference::Record(Source { stream: 3, record: 17 }));
        for text in ["", "3", "3:", "0:1", "3:0", "3:x", "-1:2", &id[1..], "3:17:1", "\u{1B}[2J"] {
            assert!(matches!(Reference::parse(text), Err(Error::Usage { .. })), "{text:?}");
        }
    }
}
