//! gc2pc and its peers, as chains.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::measure::{Chain, PEERS};

/// The program that is measured.
pub struct Gc2pc {
    program: String,
    /// Whether it can be told how much memory it may take.
    bounded: bool,
}

impl Gc2pc {
    /// Takes the program at a path, or the one that was built with this bench.
    pub fn new(program: Option<&Path>) -> Gc2pc {
        let program = program.unwrap_or(Path::new(env!("CARGO_BIN_EXE_gc2pc")));
        let help = Command::new(program).args(["convert", "--help"]).output();
        let help = help.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
        Gc2pc { program: program.display().to_string(), bounded: help.contains("--memory") }
    }

    /// The main job, from an input to one ZIP.
    pub fn convert(&self, input: &Path, compression: &str, threads: usize) -> Chain {
        let (input, threads) = (input.display().to_string(), threads.to_string());
        let mut arguments = vec![&self.program[..], "convert", &input, "-o", "out.zip"];
        arguments.extend(["--compression", compression, "--threads", &threads, "--overwrite", "--quiet"]);
        if self.bounded {
            arguments.extend(["--memory", "512MiB"]);
        }
        let name = format!("gc2pc {compression}, {threads} thread(s)");
        Chain::new(&name, "out.zip", count_package).step(&arguments, &[])
    }
}

/// Reads the number of messages in the report of a package.
fn count_package(folder: &Path, _: &str) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(File::open(folder.join("out.zip")).ok()?).ok()?;
    let report = archive.by_name("out/data/report.json").ok()?;
    serde_json::from_reader::<_, serde_json::Value>(report).ok()?["messages"].as_u64()
}

fn count_printed(_: &Path, printed: &str) -> Option<u64> {
    printed.lines().find_map(|line| line.strip_prefix("messages ")?.parse().ok())
}

fn peer(name: &str) -> String {
    format!("{PEERS}/{name}")
}

/// An administrator's Python script.
pub fn script(csv: &Path) -> Chain {
    let csv = csv.display().to_string();
    Chain::new("Python script", "out.zip", count_printed)
        .step(&["python3", &peer("script.py"), &csv, "out.zip"], &[])
}

/// DuckDB, `zip -6`, `sha256sum`.
pub fn duckdb(csv: &Path, threads: usize) -> Chain {
    let (csv, threads) = (csv.display().to_string(), threads.to_string());
    Chain::new(&format!("DuckDB + zip -6 + sha256sum, {threads} thread(s)"), "out.zip", count_printed)
        .step(&["python3", &peer("with_duckdb.py"), &csv, "out.csv", &threads], &[])
        .step(&["zip", "-q", "-6", "out.zip", "out.csv"], &[])
        .step(&["sha256sum", "out.zip"], &[])
}

/// Polars, `pigz -6`, `openssl`.
pub fn polars(csv: &Path, threads: usize) -> Chain {
    let (csv, threads) = (csv.display().to_string(), threads.to_string());
    Chain::new(&format!("Polars + pigz -6 + openssl, {threads} thread(s)"), "out.csv.gz", count_printed)
        .step(&["python3", &peer("with_polars.py"), &csv, "out.csv"], &[("POLARS_MAX_THREADS", &threads)])
        .step(&["pigz", "-6", "-p", &threads, "out.csv"], &[])
        .step(&["openssl", "dgst", "-sha256", "out.csv.gz"], &[])
}
