//! `gc2pc explain`: where a message came from, and what became of a record.

mod json;
mod lines;

use super::arguments::Explain;
use super::terminal;
use super::{Session, Status};
use crate::error::Result;
use crate::explain::{self, Explanation, Options, Reference};
use crate::ledger::Level;
use crate::source::Testimony;

pub fn run(arguments: &Explain, session: &Session) -> Result<Status> {
    let reference = Reference::parse(&arguments.reference)?;
    let options = Options {
        temp: arguments.temp.clone().unwrap_or_else(std::env::temp_dir),
        inputs: arguments.inputs.clone(),
    };
    let explanation = explain::explain(&arguments.package, reference, &options, &session.bar)?;
    session.bar.clear();
    let is_whole = is_whole(&explanation);
    // Why an input that is at hand was not found may stand among these.
    let odd = explanation.findings.iter().filter(|finding| !is_whole && finding.level == Level::Error);
    for finding in odd {
        let (subject, detail) = (finding.subject.to_lossy(), finding.detail.to_lossy());
        session.tell(&terminal::harmless(&format!("{}: {subject}: {detail}", finding.code)));
    }
    if arguments.json {
        terminal::print_json(&json::facts(&explanation))?;
    } else {
        terminal::print(|out| lines::tell(out, &explanation, session.common.verbose))?;
    }
    Ok(if is_whole { Status::Complete } else { Status::WithLosses })
}

/// Tells whether all records that were to be shown were found.
fn is_whole(explanation: &Explanation) -> bool {
    explanation.raw.iter().all(|(_, testimony)| matches!(testimony, Testimony::Record(_)))
}
