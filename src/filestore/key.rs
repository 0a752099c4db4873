//! What makes two names of files one: their letters without regard to case, as Windows compares names.

use std::borrow::Cow;

use crate::ledger::Digest;

/// Bytes of the name itself, by which keys are in the order of names for people.
const PREFIX: usize = 48;
/// Bytes of the digest that decides where names agree so far.
const DIGEST: usize = 16;

/// A name of a stored file, to be compared and sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) [u8; Key::BYTES]);

impl Key {
    /// Bytes of a key.
    pub(super) const BYTES: usize = PREFIX + DIGEST;

    /// Makes the key of a name.
    pub(super) fn of(name: &[u8]) -> Key {
        Key::made(name, &[])
    }

    /// Makes a key that no name can have, in the place of this name: for files whose names are no text.
    pub(super) fn of_no_text(name: &[u8]) -> Key {
        // No name ends so: a name's end is trimmed.
        Key::made(name, b"\0.")
    }

    fn made(name: &[u8], mark: &[u8]) -> Key {
        let folded = folded(name);
        let mut key = [0; Key::BYTES];
        let (prefix, digest) = key.split_at_mut(PREFIX);
        prefix.iter_mut().zip(&*folded).for_each(|(place, byte)| *place = *byte);
        let whole = Digest::of(&[&*folded, mark].concat());
        digest.iter_mut().zip(&whole.0).for_each(|(place, byte)| *place = *byte);
        Key(key)
    }
}

/// Returns a name in lower case; where it is no UTF-8, its ASCII letters alone.
fn folded(name: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(name) {
        Ok(text) => Cow::Owned(text.to_lowercase().into_bytes()),
        Err(_) => Cow::Owned(name.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_makes_no_difference_and_everything_else_does() {
        assert_eq!(Key::of(b"A-Z.TXT"), Key::of(b"a-z.txt"));
        assert_eq!(Key::of("\u{C4}.doc".as_bytes()), Key::of("\u{E4}.doc".as_bytes()));
        let long = "x".repeat(100);
        assert_ne!(Key::of(format!("{long}1").as_bytes()), Key::of(format!("{long}2").as_bytes()));
        assert_ne!(Key::of(b"x%FF"), Key::of_no_text(b"x%FF"));
        assert!(Key::of(b"a.txt") < Key::of(b"b") && Key::of(b"a") < Key::of(b"a.txt"));
    }
}
