//! `gc2pc verify`.

use std::io::Write;

use super::arguments::Verify;
use super::terminal::{self, BAD, DIM, GOOD, harmless};
use super::{Session, Status};
use crate::error::Result;
use crate::package::verify::{self, Verification};
use crate::progress::{Progress, Stage};

pub fn run(arguments: &Verify, session: &Session) -> Result<Status> {
    session.bar.stage(Stage { number: 1, of: 1, name: "verifying", total: 0 });
    let verification = verify::verify(&arguments.package, &session.bar)?;
    session.bar.clear();
    if arguments.json {
        terminal::print(|out| json(out, &verification))?;
    } else {
        terminal::print(|out| told(out, &verification))?;
    }
    Ok(if verification.problems.is_empty() { Status::Complete } else { Status::Unverified })
}

fn told(out: &mut dyn Write, verification: &Verification) -> std::io::Result<()> {
    for problem in &verification.problems {
        writeln!(
            out,
            "{BAD}{}{BAD:#} {}: {}",
            problem.code,
            harmless(&problem.subject),
            harmless(&problem.what)
        )?;
        writeln!(out, "  {DIM}{}{DIM:#}", problem.meaning)?;
    }
    Ok(())
}

fn json(out: &mut dyn Write, verification: &Verification) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, verification)?;
    writeln!(out)
}
