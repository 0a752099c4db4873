#![no_main]
//! One compressed block within a compressed backup: the last bytes of the first record are replaced,
//! its table of codes included if there are enough.

use std::sync::OnceLock;

use gc2pc_fuzz::{backup, drain_backup};
use libfuzzer_sys::fuzz_target;

/// Where the first record begins, and how long its own header is.
const FIRST: usize = 480;
const HEADER: usize = 32;

fuzz_target!(|data: &[u8]| {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    let mut bytes = SOUND.get_or_init(|| backup(true)).clone();
    let length = usize::from(u16::from_le_bytes([bytes[FIRST + 6], bytes[FIRST + 7]]));
    let block = &mut bytes[FIRST + HEADER..FIRST + HEADER - 4 + length];
    let taken = data.len().min(block.len());
    let start = block.len() - taken;
    block[start..].copy_from_slice(&data[..taken]);
    drain_backup(&bytes);
});
