//! What is measured, each as one table.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Options;
use crate::chains::{self, Gc2pc};
use crate::corpus::Corpus;
use crate::make::{self, Kind};
use crate::measure::{self, Chain, Run, Spread, in_turn};
use crate::stages;

/// The levels of libdeflate that gc2pc's compressions stand for.
const LEVELS: [(&str, i32); 2] = [("fast", 1), ("default", 5)];

/// What the tables are made with.
pub struct Bench {
    options: Options,
    work: PathBuf,
    gc2pc: Gc2pc,
}

impl Bench {
    /// Takes options and a folder for inputs and outputs.
    pub fn new(options: &Options, work: PathBuf) -> Bench {
        Bench { options: options.clone(), work, gc2pc: Gc2pc::new(options.gc2pc.as_deref()) }
    }

    /// Returns an input, which is made unless it is there.
    fn input(&self, kind: Kind, rows: u64) -> io::Result<PathBuf> {
        let folder = self.work.join(format!("{kind:?}-{rows}").to_lowercase());
        let path = folder.join(kind.file_name());
        if !folder.exists() {
            let part = folder.with_extension("part");
            let _ = fs::remove_dir_all(&part);
            fs::create_dir_all(&part)?;
            make::make(&Corpus::new(rows), kind, &part.join(kind.file_name()))?;
            fs::rename(&part, &folder)?;
            // Else it would still be on its way to the disk while the first program is measured.
            Command::new("sync").status()?;
        }
        Ok(path)
    }

    /// Removes the inputs that the modes make, and what a failed run has left.
    pub fn remove_inputs(&self) {
        for kind in ["csv", "script", "xml", "backup"] {
            let rows = self.options.millions.iter().map(|millions| millions * 1_000_000);
            for rows in rows.chain([self.options.rows]) {
                let _ = fs::remove_dir_all(self.work.join(format!("{kind}-{rows}")));
            }
        }
        let _ = fs::remove_dir_all(self.work.join("run"));
        let _ = fs::remove_dir(&self.work);
    }

    fn distinct(&self) -> u64 {
        Corpus::new(self.options.rows).distinct()
    }

    /// Runs pairs and prints them: the other's figures over ours tell how many times better we are.
    fn pair(&self, ours: &Chain, other: &Chain, csv: &Path) -> io::Result<()> {
        let chains = [(ours, csv), (other, csv)];
        let runs = in_turn(&chains, self.options.runs, self.distinct(), &self.work)?;
        let (our, their) = (&runs[0], &runs[1]);
        row(&ours.name, our);
        row(&other.name, their);
        println!(
            "| *ratio of pairs* | {} | {} | {} | {:.2} | |",
            Spread::of_ratios(their, our, |run| run.wall),
            Spread::of_ratios(their, our, |run| run.cpu),
            Spread::of_ratios(their, our, |run| run.peak as f64),
            their[0].bytes as f64 / our[0].bytes as f64,
        );
        Ok(())
    }
}

fn head(title: &str, runs: usize) {
    println!("### {title}\n\nMedians of {runs} runs in turn, with the least and the greatest.\n");
    println!("| | wall, s | CPU, s | peak memory, MB | output, MB | messages |\n|---|---|---|---|---|---|");
}

fn row(name: &str, runs: &[Run]) {
    println!(
        "| {name} | {} | {} | {:.0} | {:.1} | {} |",
        Spread::of_runs(runs, |run| run.wall),
        Spread::of_runs(runs, |run| run.cpu),
        Spread::of_runs(runs, |run| run.peak as f64 / 1e6),
        runs[0].bytes as f64 / 1e6,
        runs[0].messages
    );
}

fn megabytes(path: &Path) -> io::Result<f64> {
    Ok(measure::size(path)? as f64 / 1e6)
}

/// gc2pc beside its peers, each pair by itself.
pub fn peers(bench: &Bench) -> io::Result<()> {
    let (rows, threads) = (bench.options.rows, bench.options.threads);
    let csv = bench.input(Kind::Csv, rows)?;
    let folder = csv.parent().expect("it stands in a folder");
    head(&format!("{rows} rows of CSV ({:.0} MB) beside peers", megabytes(&csv)?), bench.options.runs);
    let fast = bench.gc2pc.convert(folder, "fast", threads);
    bench.pair(&fast, &chains::duckdb(&csv, threads), &csv)?;
    bench.pair(&bench.gc2pc.convert(folder, "default", threads), &chains::polars(&csv, threads), &csv)?;
    bench.pair(&fast, &chains::script(&csv), &csv)?;
    println!();
    Ok(())
}

/// Two threads against one.
pub fn threads(bench: &Bench) -> io::Result<()> {
    let rows = bench.options.rows;
    let csv = bench.input(Kind::Csv, rows)?;
    let folder = csv.parent().expect("it stands in a folder");
    head(&format!("{rows} rows of CSV, 2 threads against 1"), bench.options.runs);
    for (compression, _) in LEVELS {
        let [two, one] = [2, 1].map(|threads| bench.gc2pc.convert(folder, compression, threads));
        bench.pair(&two, &one, &csv)?;
    }
    println!();
    Ok(())
}

/// More and more messages.
pub fn growth(bench: &Bench) -> io::Result<()> {
    println!("### Growth (`fast`, {} threads)\n", bench.options.threads);
    println!("Medians of {} runs.\n", bench.options.runs);
    println!("| rows | input, MB | wall, s | s per million | CPU, s | peak memory, MB | output, MB |");
    println!("|---|---|---|---|---|---|---|");
    for &millions in &bench.options.millions {
        let rows = millions * 1_000_000;
        let csv = bench.input(Kind::Csv, rows)?;
        let folder = csv.parent().expect("it stands in a folder");
        let job = bench.gc2pc.convert(folder, "fast", bench.options.threads);
        let distinct = Corpus::new(rows).distinct();
        let runs = in_turn(&[(&job, &csv)], bench.options.runs, distinct, &bench.work)?.remove(0);
        let wall = Spread::of_runs(&runs, |run| run.wall);
        println!(
            "| {rows} | {:.0} | {wall} | {:.2} | {} | {:.0} | {:.1} |",
            megabytes(&csv)?,
            wall.median / millions as f64,
            Spread::of_runs(&runs, |run| run.cpu),
            Spread::of_runs(&runs, |run| run.peak as f64 / 1e6),
            runs[0].bytes as f64 / 1e6
        );
        if !bench.options.keep && rows != bench.options.rows {
            fs::remove_dir_all(folder)?;
        }
    }
    println!();
    Ok(())
}

/// The same messages in each kind of input.
pub fn kinds(bench: &Bench) -> io::Result<()> {
    let rows = bench.options.rows;
    let mut jobs = Vec::new();
    for kind in [Kind::Csv, Kind::Script, Kind::Xml, Kind::Backup] {
        let path = bench.input(kind, rows)?;
        let folder = path.parent().expect("it stands in a folder").to_owned();
        let mut job = bench.gc2pc.convert(&folder, "fast", bench.options.threads);
        job.name = format!("{kind:?} ({:.0} MB)", megabytes(&path)?);
        jobs.push((job, path));
    }
    let chains: Vec<(&Chain, &Path)> = jobs.iter().map(|(job, path)| (job, path.as_path())).collect();
    let runs = in_turn(&chains, bench.options.runs, bench.distinct(), &bench.work)?;
    head(&format!("{rows} rows in each kind of input (`fast`)"), bench.options.runs);
    for ((job, _), runs) in jobs.iter().zip(&runs) {
        row(&job.name, runs);
    }
    println!();
    Ok(())
}

/// The processor time of the job over that of compressing its output by itself.
pub fn deflate(bench: &Bench) -> io::Result<()> {
    let rows = bench.options.rows;
    let csv = bench.input(Kind::Csv, rows)?;
    let folder = csv.parent().expect("it stands in a folder");
    println!("### {rows} rows of CSV: the job's processor time over that of its DEFLATE alone\n");
    println!("Medians of {} runs; libdeflate in blocks of 1 MiB, one thread.\n", bench.options.runs);
    println!(
        "| compression | job CPU, s | DEFLATE CPU, s | ratio | files, MB | job's ZIP, MB | libdeflate, MB |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (compression, level) in LEVELS {
        let job = bench.gc2pc.convert(folder, compression, bench.options.threads);
        let again = |folder: &Path| stages::deflate(&folder.join(job.output), level);
        let runs = (0..bench.options.runs).map(|_| job.run_and(&csv, &bench.work, again));
        let runs = runs.collect::<io::Result<Vec<_>>>()?;
        let (run, deflated) = runs[0];
        println!(
            "| {compression} | {} | libdeflate {level}: {} | {} | {:.1} | {:.1} | {:.1} |",
            Spread::of(runs.iter().map(|(run, _)| run.cpu)),
            Spread::of(runs.iter().map(|(_, deflated)| deflated.cpu)),
            Spread::of(runs.iter().map(|(run, deflated)| run.cpu / deflated.cpu)),
            deflated.bytes as f64 / 1e6,
            run.bytes as f64 / 1e6,
            deflated.compressed as f64 / 1e6
        );
    }
    println!();
    Ok(())
}

/// The processor time of the job over that of reading its XML alone.
pub fn compliance(bench: &Bench) -> io::Result<()> {
    let rows = bench.options.rows;
    let xml = bench.input(Kind::Xml, rows)?;
    let job = bench.gc2pc.convert(&xml, "fast", bench.options.threads);
    let runs = (0..bench.options.runs).map(|_| Ok((job.run(&xml, &bench.work)?, stages::read_xml(&xml)?)));
    let runs = runs.collect::<io::Result<Vec<_>>>()?;
    let read = Spread::of(runs.iter().map(|(_, read)| *read));
    let size = megabytes(&xml)?;
    println!("### {rows} rows of compliance XML ({size:.0} MB) beside quick-xml alone\n");
    println!("Medians of {} runs in turn.\n", bench.options.runs);
    println!("| | wall, s | CPU, s | MB/s of CPU |\n|---|---|---|---|");
    let cpu = Spread::of(runs.iter().map(|(run, _)| run.cpu));
    let wall = Spread::of(runs.iter().map(|(run, _)| run.wall));
    println!("| {} | {wall} | {cpu} | {:.0} |", job.name, size / cpu.median);
    println!("| quick-xml, attributes unescaped | | {read} | {:.0} |", size / read.median);
    println!("| *ratio* | | {} | |\n", Spread::of(runs.iter().map(|(run, read)| run.cpu / read)));
    Ok(())
}
