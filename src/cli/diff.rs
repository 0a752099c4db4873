//! `gc2pc diff`: what differs between two packages, or between sources and their package.

mod json;
mod lines;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use json::Json;
use lines::Lines;

use super::arguments::Diff;
use super::convert::read_people_map;
use super::terminal::{self, harmless};
use super::{Session, Status};
use crate::budget::Budget;
use crate::compare::{self, Difference, Kind, Options, Outcome};
use crate::error::{Error, Result};

pub fn run(arguments: &Diff, session: &Session) -> Result<Status> {
    let options = Options {
        temp: arguments.temp.clone().unwrap_or_else(std::env::temp_dir),
        people_map: arguments.people_map.as_deref().map(read_people_map).transpose()?,
        budget: Budget::new(arguments.memory, rayon::current_num_threads()),
    };
    let b = std::slice::from_ref(&arguments.b);
    let mut ended = Ok(Status::Complete);
    terminal::print(|out| {
        let mut told: Box<dyn Told> = match arguments.json {
            true => Box::new(Json::new(out)),
            false => Box::new(Lines::new(out, session.common.verbose)),
        };
        let compared = compare_all(&arguments.a, b, &options, session, &mut *told);
        match compared {
            // A reader that went away is no error; what it had read until then differs.
            Err(Error::Write { cause, .. }) if cause.kind() == io::ErrorKind::BrokenPipe => {
                ended = Ok(Status::WithLosses);
                Err(cause)
            }
            other => {
                ended = other;
                Ok(())
            }
        }
    })?;
    ended
}

fn compare_all(
    a: &[PathBuf],
    b: &[PathBuf],
    options: &Options,
    session: &Session,
    told: &mut dyn Told,
) -> Result<Status> {
    let failed = |cause| Error::write("standard output", cause);
    let mut counts = BTreeMap::new();
    let outcome = compare::compare(a, b, options, &session.bar, &mut |difference| {
        *counts.entry(difference.kind).or_insert(0) += 1;
        session.bar.clear();
        told.difference(difference).map_err(failed)
    })?;
    session.bar.clear();
    if !outcome.unknown_options.is_empty() {
        let options = outcome.unknown_options.join(", ");
        session.tell(&format!("options of the package that mean nothing here: {}", harmless(&options)));
    }
    told.end(&outcome, &counts).map_err(failed)?;
    Ok(if counts.is_empty() { Status::Complete } else { Status::WithLosses })
}

/// How many differences there are of each kind.
type Counts = BTreeMap<Kind, u64>;

/// A way of telling.
trait Told {
    fn difference(&mut self, difference: &Difference) -> io::Result<()>;

    fn end(&mut self, outcome: &Outcome, counts: &Counts) -> io::Result<()>;
}
