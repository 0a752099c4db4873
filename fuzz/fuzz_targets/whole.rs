#![no_main]
//! A few inputs under known names: what is converted verifies.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("whole", data));
