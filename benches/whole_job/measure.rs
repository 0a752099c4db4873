//! Runs of programs and what they took.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Where the programs to be compared with stand.
pub const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");

/// Programs that do the job together, one after the other, in a folder of their own.
pub struct Chain {
    pub name: String,
    steps: Vec<Value>,
    /// Returns how many messages came out, from the folder and what was printed.
    count: fn(&Path, &str) -> Option<u64>,
    /// The file that holds them.
    pub output: &'static str,
}

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Seconds that passed.
    pub wall: f64,
    /// Processor seconds of all programs, user and system.
    pub cpu: f64,
    /// The most memory of one program, in bytes.
    pub peak: u64,
    /// The size of the output, in bytes.
    pub bytes: u64,
    /// How many messages came out.
    pub messages: u64,
}

impl Chain {
    /// Starts a chain that counts its messages so, and puts them into a file of this name.
    pub fn new(name: &str, output: &'static str, count: fn(&Path, &str) -> Option<u64>) -> Chain {
        Chain { name: name.to_owned(), steps: Vec::new(), count, output }
    }

    /// Adds a program with its arguments and what its environment has besides.
    pub fn step(mut self, arguments: &[&str], environment: &[(&str, &str)]) -> Chain {
        let environment: serde_json::Map<String, Value> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        self.steps.push(json!({ "argv": arguments, "env": environment }));
        self
    }

    /// Runs the programs in a fresh folder after `input` was read once, so that it is in the system's
    /// cache; `see` may look at the folder before it is removed.
    ///
    /// # Errors
    /// What the file system says, and what the chain printed if one of its programs failed.
    pub fn run_and<T>(
        &self,
        input: &Path,
        work: &Path,
        see: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<(Run, T)> {
        warm(input)?;
        let folder = work.join("run");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let log = work.join("run.log");
        let measure = PathBuf::from(PEERS).join("measure.py");
        let steps = Value::from(self.steps.clone()).to_string();
        let told =
            Command::new("python3").arg(measure).arg(&log).arg(steps).current_dir(&folder).output()?.stdout;
        let printed = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let told: Value = serde_json::from_slice(&told)?;
        if told["status"] != 0 {
            return Err(io::Error::other(format!("{} failed:\n{printed}", self.name)));
        }
        let messages = (self.count)(&folder, &printed);
        let run = Run {
            wall: told["wall"].as_f64().unwrap_or(f64::NAN),
            cpu: told["cpu"].as_f64().unwrap_or(f64::NAN),
            peak: told["peak"].as_u64().unwrap_or(0),
            bytes: fs::metadata(folder.join(self.output))?.len(),
            messages: messages.ok_or_else(|| io::Error::other(format!("{} told no count", self.name)))?,
        };
        eprintln!(
            "  {}: {:.2} s, {:.2} s of processor, {:.0} MB of memory, {} messages",
            self.name,
            run.wall,
            run.cpu,
            run.peak as f64 / 1e6,
            run.messages
        );
        let seen = see(&folder)?;
        fs::remove_dir_all(&folder)?;
        fs::remove_file(&log)?;
        Ok((run, seen))
    }

    /// Runs the programs as [`Chain::run_and`] does.
    ///
    /// # Errors
    /// As there.
    pub fn run(&self, input: &Path, work: &Path) -> io::Result<Run> {
        Ok(self.run_and(input, work, |_| Ok(()))?.0)
    }
}

/// Runs chains in turn, so many times each, on inputs of their own.
///
/// # Errors
/// As [`Chain::run_and`]; also if one puts out another number of messages than `messages`.
pub fn in_turn(
    chains: &[(&Chain, &Path)],
    runs: usize,
    messages: u64,
    work: &Path,
) -> io::Result<Vec<Vec<Run>>> {
    let mut all = vec![Vec::new(); chains.len()];
    for _ in 0..runs {
        for (at, (chain, input)) in chains.iter().enumerate() {
            let run = chain.run(input, work)?;
            if run.messages != messages {
                let name = &chain.name;
                return Err(io::Error::other(format!("{name}: {} messages, not {messages}", run.messages)));
            }
            all[at].push(run);
        }
    }
    Ok(all)
}

/// Reads a file, or all files of a folder, to their end.
fn warm(input: &Path) -> io::Result<()> {
    if input.is_dir() {
        return fs::read_dir(input)?.try_for_each(|entry| warm(&entry?.path()));
    }
    io::copy(&mut fs::File::open(input)?, &mut io::sink())?;
    Ok(())
}

/// Returns the bytes of a file, or of all files of a folder.
///
/// # Errors
/// What the file system says.
pub fn size(input: &Path) -> io::Result<u64> {
    if input.is_dir() {
        return fs::read_dir(input)?.map(|entry| size(&entry?.path())).sum();
    }
    Ok(fs::metadata(input)?.len())
}

/// The middle of some figures, with the least and the greatest.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Spread {
    /// Returns the spread of at least one figure.
    pub fn of(figures: impl Iterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let count = figures.len();
        let median = f64::midpoint(figures[(count - 1) / 2], figures[count / 2]);
        Spread { median, least: figures[0], greatest: figures[count - 1] }
    }

    /// Returns the spread of what each run has.
    pub fn of_runs(runs: &[Run], figure: fn(&Run) -> f64) -> Spread {
        Spread::of(runs.iter().map(figure))
    }

    /// Returns the spread of the ratios of runs that were made one after the other.
    pub fn of_ratios(runs: &[Run], others: &[Run], figure: fn(&Run) -> f64) -> Spread {
        Spread::of(runs.iter().zip(others).map(|(run, other)| figure(run) / figure(other)))
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$} ({:.digits$}–{:.digits$})", self.median, self.least, self.greatest)
    }
}

/// Returns the seconds for which this thread has run; `None` where the system does not tell.
pub fn thread_seconds() -> Option<f64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split(' ').next()?.parse::<u64>().ok()? as f64 / 1e9)
}
