#![no_main]
//! Changes to a sound package, sealed again or not: verified, and read as a source.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("package", data));
