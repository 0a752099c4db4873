#![no_main]
//! A format file of either kind, and data that it describes.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("format_file", data));
