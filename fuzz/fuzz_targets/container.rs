#![no_main]
//! ZIP and gzip archives, and archives within.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("container", data));
