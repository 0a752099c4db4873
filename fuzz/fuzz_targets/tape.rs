#![no_main]
//! A backup, plain or compressed.

use gc2pc_fuzz::drain_backup;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| drain_backup(data));
