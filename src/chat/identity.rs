//! Identities: GUIDs, GUIDs derived where the source has none, and message ids.

use std::fmt;

/// A GUID as directory and databases use it, shown in lower case with hyphens.
pub type Guid = uuid::Uuid;

/// Derives a GUID (UUIDv5) for something that has none in the source.
///
/// The same parts always give the same GUID. The name space is UUIDv5 of `urn:gc2pc:package:1`
/// in the URL name space (RFC 9562, section 5.5); the name is the parts joined by U+001F.
pub fn derived_guid(parts: &[&[u8]]) -> Guid {
    let space = Guid::new_v5(&Guid::NAMESPACE_URL, b"urn:gc2pc:package:1");
    Guid::new_v5(&space, &parts.join(&0x1F))
}

/// Tells whether a GUID looks like one that was derived rather than found: databases and directories
/// give out no UUIDv5.
pub fn is_derived(guid: Guid) -> bool {
    guid.get_version_num() == 5
}

/// The identity of a message in a package: the first 128 bits of a SHA-256, shown as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 16]);

impl MessageId {
    /// Reads 32 lower-case hex digits.
    pub fn parse(text: &str) -> Option<MessageId> {
        let sound = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        sound.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(|n| MessageId(n.to_be_bytes()))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}
