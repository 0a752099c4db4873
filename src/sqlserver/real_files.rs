//! Real files of SQL Server for tests, read where they lie and never copied into the project.

use std::path::PathBuf;

/// Finds a file of the shared data: `GC2PC_SHARED_DATA`, or beside this checkout's parent. Where it
/// is not there, says that the test is skipped.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GC2PC_SHARED_DATA").map(PathBuf::from);
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let candidates = [folder.unwrap_or_else(beside), PathBuf::from("../shared/data")];
    let found =
        candidates.iter().map(|folder| folder.join("sqlserver").join(name)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {name} is not here; GC2PC_SHARED_DATA may name the folder of shared data");
    }
    found
}

/// Reads such a file.
pub(crate) fn bytes(name: &str) -> Option<Vec<u8>> {
    path(name).map(|path| std::fs::read(path).unwrap())
}
