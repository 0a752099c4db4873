//! A database that is done.

use std::path::{Path, PathBuf};

use super::data_file::DataFile;
use super::page::PAGE;

/// A database that is done.
#[derive(Debug)]
pub struct Built {
    pub name: String,
    pub version: u16,
    pub(super) files: Vec<DataFile>,
}

impl Built {
    /// Returns the bytes of a data file, from file 1 on; one in memory.
    pub fn bytes(&self, file: u16) -> &[u8] {
        self.files.iter().find(|own| own.number == file).expect("the file was declared").bytes()
    }

    /// Returns the bytes of the primary data file with pages behind them that were never used.
    pub fn with_garbage(&self, pages: usize) -> Vec<u8> {
        let mut bytes = self.bytes(1).to_vec();
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..pages * PAGE / 8 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend_from_slice(&state.to_le_bytes());
        }
        bytes
    }

    /// Writes the data files into a folder, as `name.mdf` and `name_2.ndf`, and returns their paths.
    pub fn write(&self, folder: &Path) -> Vec<PathBuf> {
        let write = |file: &DataFile| {
            let name = match file.number {
                1 => format!("{}.mdf", self.name),
                number => format!("{}_{number}.ndf", self.name),
            };
            let path = folder.join(name);
            std::fs::write(&path, file.bytes()).expect("the data file can be written");
            path
        };
        self.files.iter().map(write).collect()
    }
}
