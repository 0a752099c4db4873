#![forbid(unsafe_code)]
//! The `gc2pc` program: all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    gc2pc::cli::run().into()
}
