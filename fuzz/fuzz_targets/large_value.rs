#![no_main]
//! The fragments of large values, and the rows that point to them.

use gc2pc_fuzz::{database, drain_data_file, pages_of, patch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let mut bytes = database(first % 2 == 1).bytes(1).to_vec();
    let mut pages = pages_of(&bytes, &[3, 4]);
    pages.extend(pages_of(&bytes, &[1]).into_iter().take(4));
    patch(&mut bytes, &pages, rest);
    drain_data_file(bytes);
});
