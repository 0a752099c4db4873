//! Whether a disk has room for what is about to be written, asked before hours of work.

use std::path::Path;

use crate::error::{Error, Result};

/// Tells whether folders can take so many bytes each, as far as the system tells. Folders with the very
/// same free space are taken for one disk.
///
/// # Errors
/// [`Error::NoSpace`] names the first folder that cannot.
pub fn require_space(demands: &[(&Path, u64)]) -> Result<()> {
    let mut disks: Vec<(&Path, u64, u64)> = Vec::new();
    for &(folder, bytes) in demands {
        let Ok(free) = fs4::available_space(folder) else { continue };
        match disks.iter_mut().find(|(.., known)| *known == free) {
            Some((_, needed, _)) => *needed = needed.saturating_add(bytes),
            None => disks.push((folder, bytes, free)),
        }
    }
    match disks.into_iter().find(|(_, needed, free)| needed > free) {
        Some((folder, needed, free)) => Err(Error::NoSpace { folder: folder.to_owned(), needed, free }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_room_is_named_and_needs_of_one_disk_are_added() {
        let folder = tempfile::tempdir().unwrap();
        let free = fs4::available_space(folder.path()).unwrap();
        assert!(require_space(&[(folder.path(), 1)]).is_ok());
        assert!(require_space(&[(Path::new("/nowhere/at/all"), u64::MAX)]).is_ok(), "nobody knows");
        let half = free / 2 + free / 8;
        let refused = require_space(&[(folder.path(), half), (folder.path(), half)]);
        assert!(matches!(refused, Err(Error::NoSpace { needed, .. }) if needed == 2 * half));
    }
}
