#![forbid(unsafe_code)]
//! The `gc2pc` program: all of it is in the library.

use std::process::ExitCode;

/// Gives memory back to the system when it is not needed any more, which the allocators of some systems
/// put off for so long that `--memory` would not hold.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gc2pc::cli::run().into()
}
