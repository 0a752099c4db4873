//! Copying a file of the store, and proving that it is still what it was.

use std::io::{Read, Write};

use sha2::Digest as _;

use super::StoredFile;
use crate::error::{Error, Result};
use crate::ledger::Digest;

/// Bytes that are copied at a time.
const CHUNK: usize = 1 << 20;

impl StoredFile {
    /// Writes the file's bytes, and digests them once more meanwhile.
    ///
    /// # Errors
    /// [`Error::Read`] if it cannot be read any more, [`Error::Unusable`] if it is no longer the file
    /// that was read before, [`Error::Write`].
    pub fn copy(&self, out: &mut dyn Write) -> Result<()> {
        let unreadable = |cause| Error::read(self.path.clone(), cause);
        let mut reader = self.blob.open().map_err(unreadable)?;
        let mut chunk = vec![0; CHUNK];
        let mut hasher = sha2::Sha256::new();
        let mut size = 0;
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(unreadable(cause)),
            };
            let bytes = chunk.get(..count).unwrap_or_default();
            hasher.update(bytes);
            size += count as u64;
            out.write_all(bytes).map_err(|cause| Error::write(self.path.clone(), cause))?;
        }
        let copied = (size, Digest(hasher.finalize().into()));
        match self.known() {
            Some(known) if known == copied => Ok(()),
            known => Err(Error::Unusable {
                input: self.path.clone(),
                why: changed(known, copied),
                hint: "see to it that nothing writes to the file store, or give a copy of it, and run again"
                    .to_owned(),
            }),
        }
    }
}

fn changed(known: Option<(u64, Digest)>, copied: (u64, Digest)) -> String {
    let tell = |(size, digest): (u64, Digest)| format!("{size} bytes with SHA-256 {digest}");
    let before = known.map_or("unknown".to_owned(), tell);
    format!("the file changed while the package was written: it was {before}, and is {} now", tell(copied))
}
