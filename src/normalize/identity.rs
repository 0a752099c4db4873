//! The identity of a message, which any program can recompute from a package.

use sha2::{Digest, Sha256};

use crate::chat::{Guid, MessageId, Person, Text, Ticks};

/// Returns the name under which an author enters the identity of messages: the address in the
/// source in lower case without `sip:`, else the GUID in lower case with hyphens.
pub fn author_name(author: &Person) -> Text {
    match &author.address {
        Some(address) => address.address().clone(),
        None => Text::from(author.guid.to_string()),
    }
}

/// What messages that are equal but for their ordinals have in common, on the way to their
/// identities: the first 128 bits of a SHA-256.
///
/// Hashed are, in this order:
/// * the room's GUID: 16 bytes in the order in which it is written;
/// * the ticks: 8 bytes, most significant first;
/// * the author: the length of [`author_name`] in bytes as 4 bytes, most significant first, then
///   its UTF-8;
/// * the normal text: its length in bytes as 8 bytes, most significant first, then its generalized UTF-8;
/// * the ordinal: 4 bytes, most significant first. It is 0 but for messages that are equal in all
///   the above, which are numbered from 0.
#[derive(Debug, Clone)]
pub struct Identity(Sha256);

impl Identity {
    /// Takes all but the ordinal; `author` is an [`author_name`].
    pub fn new(room: Guid, ticks: Ticks, author: &Text, normal: &[u8]) -> Identity {
        let mut hash = Sha256::new();
        hash.update(room.as_bytes());
        hash.update(ticks.get().to_be_bytes());
        hash.update((author.as_bytes().len() as u32).to_be_bytes());
        hash.update(author.as_bytes());
        hash.update((normal.len() as u64).to_be_bytes());
        hash.update(normal);
        Identity(hash)
    }

    /// Returns the identity of the message with this ordinal.
    pub fn id(&self, ordinal: u32) -> MessageId {
        let hash = self.0.clone().chain_update(ordinal.to_be_bytes()).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        MessageId(id)
    }
}
