#![no_main]
//! A compliance document of either root.

use gc2pc_fuzz::fuzz_bodies::run_anywhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| run_anywhere("compliance", data));
