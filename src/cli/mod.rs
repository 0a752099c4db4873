//! The command line: what is typed, what is told, and with which status it ends.
//!
//! One file per verb. No rule of the field lives here.

mod arguments;
mod bar;
mod convert;
mod diff;
mod explain;
mod inspect;
mod plan;
mod rows;
mod status;
mod tables;
mod terminal;
mod verify;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

pub use arguments::Arguments;
use arguments::{Command, Common};
use bar::Bar;
pub use status::Status;

use crate::error::{Error, Result};

/// Parses the arguments, runs the command and returns the status to exit with.
pub fn run() -> Status {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => {
            // Help and version are data and no mistake; a reader that went away is none either.
            let status = if told.use_stderr() { Status::Usage } else { Status::Complete };
            let _ = told.print();
            return status;
        }
    };
    let session = Session::new(arguments.common);
    let done = session.prepare().and_then(|()| match arguments.command {
        Command::Inspect(arguments) => inspect::run(&arguments, &session),
        Command::Convert(arguments) => convert::run(*arguments, &session),
        Command::Tables(arguments) => tables::run(&arguments, &session),
        Command::Rows(arguments) => rows::run(&arguments, &session),
        Command::Diff(arguments) => diff::run(&arguments, &session),
        Command::Explain(arguments) => explain::run(&arguments, &session),
        Command::Verify(arguments) => verify::run(&arguments, &session),
    });
    session.bar.clear();
    done.unwrap_or_else(|error| {
        terminal::tell_error(&error);
        Status::of(&error)
    })
}

/// What every command needs.
struct Session {
    common: Common,
    bar: Bar,
    interrupted: Arc<AtomicBool>,
}

impl Session {
    fn new(common: Common) -> Session {
        let interrupted = Arc::new(AtomicBool::new(false));
        let drawn = !common.quiet && terminal::is_watched();
        Session { bar: Bar::new(drawn, interrupted.clone()), common, interrupted }
    }

    /// Sets up the threads, and the answer to Ctrl-C: the first one lets the run clean up, a second
    /// one ends it at once.
    fn prepare(&self) -> Result<()> {
        let interrupted = self.interrupted.clone();
        let handled = ctrlc::set_handler(move || {
            if interrupted.swap(true, Ordering::Relaxed) {
                std::process::exit(Status::Interrupted as i32);
            }
        });
        let threads = usize::from(self.common.threads.unwrap_or(0));
        let pooled = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        let failed = handled.err().map(|error| error.to_string());
        match failed.or(pooled.err().map(|error| error.to_string())) {
            None => Ok(()),
            Some(what) => Err(Error::Usage {
                what: format!("cannot start: {what}"),
                hint: "give a smaller --threads".to_owned(),
            }),
        }
    }

    /// Tells a line on standard error, unless the user wants quiet.
    fn tell(&self, line: &str) {
        if !self.common.quiet {
            self.bar.clear();
            terminal::tell(line);
        }
    }
}
