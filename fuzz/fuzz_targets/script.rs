#![no_main]
//! A T-SQL script in any encoding.

use gc2pc::sqlserver::{Script, ScriptOptions};
use gc2pc_fuzz::{drain, item};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Script::is_like(data);
    if let Ok(script) = Script::open("input.sql", item(data).blob, ScriptOptions::default()) {
        drain(&script);
    }
});
