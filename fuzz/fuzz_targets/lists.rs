#![no_main]
//! A people map, or a list of what the target has.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("lists", data));
