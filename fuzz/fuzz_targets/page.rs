#![no_main]
//! Patches to any pages of a database.

use gc2pc_fuzz::{database, drain_data_file, patch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let mut bytes = database(first % 2 == 1).bytes(1).to_vec();
    let pages: Vec<usize> = (0..bytes.len() / 8192).collect();
    patch(&mut bytes, &pages, rest);
    drain_data_file(bytes);
});
