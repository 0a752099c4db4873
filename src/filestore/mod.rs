//! The old file store: which message refers to which file, which files are missing, which nobody
//! refers to, and where each goes.
//!
//! The vendor's tools migrate no files: the folder of uploaded files is copied by hand, and no index of
//! it exists in any database. So [`Store`] lists the folder, [`Links`] hears of every message and event
//! as it is written, and a [`FilePlan`] joins both by the name of the stored file. The store itself is
//! never written to.

mod content;
mod key;
mod link;
mod links;
mod name;
mod place;
mod plan;
mod references;
mod rtf;
mod store;
mod tell;
mod windows;

pub use link::{Link, Referrer};
pub use links::Links;
pub use plan::{FilePlan, Group, Groups, LinkWalk};
pub use store::{Content, Options, Store, StoredFile};

use crate::error::Result;
use crate::ledger::{Findings, Level};
use crate::progress::{Progress, Stage};

/// Joins what was heard with what is there, and tells what was found. Without a store it tells only how
/// much refers to files.
///
/// Reads every file of the store once, on all threads.
///
/// # Errors
/// Those of the temporary file; [`Error::Interrupted`](crate::Error::Interrupted).
pub fn settle(
    store: Option<Store>,
    links: &Links,
    stage: Stage,
    progress: &dyn Progress,
    findings: &mut Findings,
) -> Result<Option<FilePlan>> {
    let Some(mut store) = store else {
        tell_referred(links, findings);
        return Ok(None);
    };
    progress.stage(Stage { total: store.bytes(), ..stage });
    store.digest(progress)?;
    let plan = FilePlan::new(store, links.finish());
    tell::tell(&plan, findings)?;
    Ok(Some(plan))
}

/// Tells that there are files to migrate.
fn tell_referred(links: &Links, findings: &mut Findings) {
    let (messages, events) = links.counts();
    if messages + events > 0 {
        let detail = format!(
            "{messages} messages and {events} events refer to uploaded files, which no import migrates: \
             give their folder with --files to see which are there"
        );
        findings.add("FILES-REFERRED", Level::Info, "uploaded files", detail);
    }
}

#[cfg(test)]
mod tests;
