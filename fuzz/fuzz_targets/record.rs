#![no_main]
//! The records of a data page, slots included: everything behind its header.

use gc2pc_fuzz::{database, drain_data_file, pages_of, take_number};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut data = data;
    let older = take_number(&mut data) % 2 == 1;
    let mut bytes = database(older).bytes(1).to_vec();
    let pages = pages_of(&bytes, &[1]);
    let page = pages[take_number(&mut data) % pages.len().min(8)] * 8192;
    let slots = take_number(&mut data) % 64;
    bytes[page + 22..page + 24].copy_from_slice(&(slots as u16).to_le_bytes());
    // The slots lie at the end of the page, the records behind its header.
    let (array, records) = data.split_at(data.len().min(2 * slots));
    let end = page + 8192;
    bytes[end - array.len()..end].copy_from_slice(array);
    let length = records.len().min(8192 - 96 - 2 * slots);
    bytes[page + 96..page + 96 + length].copy_from_slice(&records[..length]);
    drain_data_file(bytes);
});
