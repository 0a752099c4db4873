//! The first look at every item: its size, its digest, its first bytes, and in which encoding it is
//! if it is text. One pass over the bytes, many items at once.

use rayon::prelude::*;

use crate::container::{self, Item};
use crate::error::{Error, Result};
use crate::ledger::Digest;
use crate::progress::Progress;
use crate::sqlserver::{Census, Encoding};

/// First bytes kept of each item, enough to tell what it is.
const HEAD: usize = 64 << 10;

/// An item after the first look.
#[derive(Debug, Clone)]
pub(super) struct Surveyed {
    pub item: Item,
    pub size: u64,
    pub digest: Digest,
    pub head: Vec<u8>,
    /// Its encoding if it is text.
    pub encoding: Encoding,
    /// Why it could not be read to its end, if it could not.
    pub damage: Option<String>,
}

/// Looks at all items, and puts them in the order of (name, digest).
///
/// An entry of an archive that cannot be read to its end is damaged and goes on; its digest is that
/// of no bytes, since nobody could check any other.
///
/// # Errors
/// [`Error::Read`] if a plain file cannot be read, [`Error::Interrupted`].
pub(super) fn survey(items: Vec<Item>, progress: &dyn Progress) -> Result<Vec<Surveyed>> {
    let mut surveyed =
        items.into_par_iter().map(|item| look(item, progress)).collect::<Result<Vec<Surveyed>>>()?;
    surveyed.sort_by(|one, other| {
        let key = |surveyed: &Surveyed| (surveyed.item.name.clone(), surveyed.digest);
        key(one).cmp(&key(other)).then_with(|| one.item.folder.cmp(&other.item.folder))
    });
    Ok(surveyed)
}

fn look(item: Item, progress: &dyn Progress) -> Result<Surveyed> {
    progress.check()?;
    let mut head = Vec::new();
    let mut census = Census::default();
    let read = container::survey(&*item.blob, &mut |chunk| {
        if head.len() < HEAD {
            head.extend_from_slice(&chunk[..chunk.len().min(HEAD - head.len())]);
        }
        census.feed(chunk);
        progress.advance(chunk.len() as u64);
    });
    let encoding = census.finish();
    match read {
        Ok((size, digest)) => Ok(Surveyed { item, size, digest, head, encoding, damage: None }),
        Err(error) if item.blob.path().is_some() => Err(Error::read(item.name, error)),
        Err(error) => Ok(Surveyed {
            size: 0,
            digest: Digest::of(&[]),
            head,
            encoding,
            damage: Some(error.to_string()),
            item,
        }),
    }
}
