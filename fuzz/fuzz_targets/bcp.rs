#![no_main]
//! Native data: the first byte chooses the columns.

use gc2pc::sqlserver::{Bcp, BcpOptions};
use gc2pc_fuzz::{drain, item, layouts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let mut layouts = layouts();
    let columns = layouts.swap_remove(usize::from(first) % layouts.len());
    let options = BcpOptions { columns: Some(columns), ..BcpOptions::default() };
    if let Ok(bcp) = Bcp::open("input.bcp", item(rest).blob, options) {
        drain(&bcp);
    }
});
