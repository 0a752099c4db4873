//! Reading all records: many streams at once, and large ones in stretches side by side.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Intake;
use super::collector::{Collector, Run, Taken};
use super::opened::{Kind, Opened};
use super::structure::Structure;
use crate::chat::Directory;
use crate::compliance;
use crate::error::{Error, Result};
use crate::groupchat::{self, TableStream};
use crate::ledger::{Sink, Stretches};
use crate::package::read::{self, Part};
use crate::progress::Progress;

/// Returns how many bytes reading will take.
pub(super) fn bytes(opened: &[Opened]) -> u64 {
    opened.iter().filter(|opened| opened.holds_records()).map(|opened| opened.stream.size).sum()
}

/// Returns about how many bytes of text the records of all streams have: those of the files that hold
/// them, or half of those that keep text in 16-bit units.
pub(super) fn text_bytes(opened: &[Opened]) -> u64 {
    let holders = opened.iter().filter(|opened| opened.holds_records());
    let files: BTreeMap<*const (), u64> = holders
        .map(|opened| {
            let wide = match &opened.kind {
                Kind::Table { database, .. } => database.is_some() || opened.stream.format.contains("utf-16"),
                _ => false,
            };
            let file = Arc::as_ptr(&opened.blob).cast::<()>();
            (file, if wide { opened.stream.size / 2 } else { opened.stream.size })
        })
        .collect();
    files.values().sum()
}

/// What reading needs to know.
pub(super) struct Reading<'a> {
    pub opened: &'a [Opened],
    pub structure: &'a Structure,
    pub directory: &'a Directory,
    pub intake: &'a dyn Intake,
    pub max_rejected: Option<u64>,
    pub progress: &'a dyn Progress,
}

/// A part of a stream that one thread reads.
#[derive(Debug, Clone, Copy)]
struct Task {
    /// The stream's position.
    at: usize,
    /// Which part, from 0, and of how many.
    part: usize,
    parts: usize,
}

impl Reading<'_> {
    /// Reads the records of all streams; what each gave stands at its place.
    ///
    /// # Errors
    /// If a plain file cannot be read any more, more records are rejected than allowed, or the run is
    /// interrupted.
    pub(super) fn read_all(&self) -> Result<(Vec<Taken>, Stretches)> {
        let documents = self.cut()?;
        let tasks: Vec<Task> = (0..self.opened.len())
            .flat_map(|at| {
                let parts = self.parts(at, documents.get(&at));
                (0..parts).map(move |part| Task { at, part, parts })
            })
            .collect();
        let rejected = AtomicU64::new(0);
        let results = in_order(tasks.len(), |number| {
            let task = &tasks[number];
            self.read_task(number, task, documents.get(&task.at), &rejected)
        })?;
        let mut taken: Vec<Taken> = Vec::with_capacity(self.opened.len());
        let mut stretches = Stretches::default();
        let mut before = 0;
        for (task, part) in tasks.iter().zip(results) {
            if task.part == 0 {
                before = 0;
                taken.push(Taken::default());
            }
            stretches.push(task.at as u32 + 1, part.read, &mut before);
            taken.iter_mut().last().into_iter().for_each(|whole| whole.add(&part));
        }
        for (taken, opened) in taken.iter_mut().zip(self.opened) {
            taken.tell_kind_bits(&opened.stream.name);
        }
        Ok((taken, stretches))
    }

    /// Cuts the compliance documents that would keep one thread busy when all others are done. They are
    /// found by their places.
    fn cut(&self) -> Result<BTreeMap<usize, compliance::Stretches>> {
        let threads = rayon::current_num_threads() as u64;
        let share = bytes(self.opened) / threads;
        let mut documents = BTreeMap::new();
        for (at, opened) in self.opened.iter().enumerate() {
            if let Kind::Document(kind) = &opened.kind
                && threads > 1
                && opened.stream.size >= share / 8
            {
                self.progress.check()?;
                documents.insert(at, compliance::stretches(kind, &*opened.blob));
            }
        }
        Ok(documents)
    }

    /// Returns in how many parts a stream is read.
    fn parts(&self, at: usize, document: Option<&compliance::Stretches>) -> usize {
        match &self.opened[at].kind {
            Kind::Document(_) => document.map_or(1, compliance::Stretches::count),
            Kind::Table { table, .. } if self.opened[at].holds_records() => {
                table.dump.stretches(table.position).max(1)
            }
            _ => 1,
        }
    }

    fn read_task(
        &self,
        number: usize,
        task: &Task,
        document: Option<&compliance::Stretches>,
        rejected: &AtomicU64,
    ) -> Result<Taken> {
        let opened = &self.opened[task.at];
        let run = Run {
            intake: self.intake,
            directory: self.directory,
            rejected,
            max_rejected: self.max_rejected,
            progress: self.progress,
        };
        // Records are counted in their part until all parts are read.
        let mut collector = Collector::new(run, number as u32 + 1, opened, task.parts);
        if let Kind::Table { table, .. } | Kind::OtherTable { table, .. } | Kind::CarriedTable { table, .. } =
            &opened.kind
            && !opened.holds_records()
        {
            let rows = match self.structure.rows(task.at as u32 + 1) {
                Some(rows) => rows,
                None => collector.count(table)?,
            };
            collector.taken.rows = Some(rows);
        }
        if opened.holds_records() {
            let read = self.read_one(number as u32 + 1, task, document, &mut collector);
            collector.end(read)?;
        }
        Ok(collector.taken)
    }

    fn read_one(
        &self,
        number: u32,
        task: &Task,
        document: Option<&compliance::Stretches>,
        sink: &mut dyn Sink,
    ) -> Result<u64> {
        let directory = self.directory;
        let opened = &self.opened[task.at];
        let open = || opened.blob.open().map_err(|cause| Error::read(opened.stream.name.clone(), cause));
        match &opened.kind {
            Kind::Table { .. } => match self.structure.table(task.at as u32 + 1) {
                Some((table, database)) => {
                    let table = TableStream { stream: number, ..table.clone() };
                    let stretch = (task.parts > 1).then_some(task.part);
                    groupchat::read_records(&table, stretch, database, directory, sink)
                }
                None => Ok(0),
            },
            Kind::Document(kind) => match document {
                Some(document) => compliance::read_stretch(
                    number,
                    kind,
                    document,
                    task.part,
                    &*opened.blob,
                    directory,
                    sink,
                ),
                None => compliance::read(number, kind, open()?, directory, sink),
            },
            Kind::Package { package, part } => match (self.structure.packages.get(*package), part) {
                (Some(package), Part::Content(..)) => {
                    read::read_content(number, &opened.stream.name, open()?, package, directory, sink)
                }
                (Some(package), Part::Compliance(..)) => {
                    read::read_compliance(number, &opened.stream.name, open()?, package, directory, sink)
                }
                _ => Ok(0),
            },
            _ => Ok(0),
        }
    }
}

/// Does numbered work on all threads, begun in its order, and returns the results in that order.
///
/// # Errors
/// That of the least number among those that failed before the others heard of it.
fn in_order<T: Send>(count: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done: Mutex<Vec<(usize, Result<T>)>> = Mutex::new(Vec::with_capacity(count));
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(count) {
            scope.spawn(|_| {
                while !failed.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = work(number);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
