//! The whole job, measured beside other programs that do it.
//!
//! `cargo bench --bench whole_job -- MODE` makes what it needs in `--work`, runs the programs in turn,
//! prints tables in Markdown on stdout and removes what it made; `-- --help` names the modes and options.
//! The peers need Python with the packages `duckdb` and `polars`, and `zip`, `pigz`, `openssl`,
//! `sha256sum`; all but `generate` needs Python and Linux. `generate` writes an input for other uses.

mod chains;
mod machine;
mod make;
mod measure;
mod modes;
mod stages;

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../../tests/database_builder/mod.rs"]
mod database_builder;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use corpus::Corpus;
use make::Kind;

/// Measures the whole job
#[derive(Parser)]
struct Arguments {
    /// Given by cargo
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    mode: Option<Mode>,
}

#[derive(Subcommand)]
enum Mode {
    /// Write an input
    Generate {
        #[arg(long, value_enum, default_value = "csv")]
        kind: Kind,
        /// Rows of tblChat, of which one in five is a repeat
        #[arg(long, default_value_t = 2_000_000)]
        rows: u64,
        #[arg(long)]
        out: PathBuf,
    },
    /// gc2pc beside DuckDB, Polars and a Python script
    Peers(Options),
    /// Two threads against one
    Threads(Options),
    /// More and more messages
    Growth(Options),
    /// The same messages as CSV, script, compliance XML and backup
    Kinds(Options),
    /// The job beside its own DEFLATE
    Deflate(Options),
    /// Compliance XML beside its mere reading
    Compliance(Options),
    /// All of these
    All(Options),
}

#[derive(Args, Clone)]
struct Options {
    /// Rows of tblChat, of which one in five is a repeat
    #[arg(long, default_value_t = 2_000_000)]
    rows: u64,
    /// Sizes for `growth`, in millions of rows
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 5, 10, 20])]
    millions: Vec<u64>,
    /// How often each program runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Threads, where nothing else is said
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where inputs and outputs are written
    #[arg(long, default_value = "target/whole-job")]
    work: PathBuf,
    /// Leave the inputs there
    #[arg(long)]
    keep: bool,
    /// The program to measure, if not the one built with this bench
    #[arg(long)]
    gc2pc: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Some(mode) = Arguments::parse().mode else {
        println!("whole_job: nothing was asked for; see `cargo bench --bench whole_job -- --help`");
        return ExitCode::SUCCESS;
    };
    match run(mode) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whole_job: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mode: Mode) -> io::Result<()> {
    type Table = fn(&modes::Bench) -> io::Result<()>;
    let (tables, options): (&[Table], Options) = match mode {
        Mode::Generate { kind, rows, out } => return make::make(&Corpus::new(rows), kind, &out),
        Mode::Peers(options) => (&[modes::peers], options),
        Mode::Threads(options) => (&[modes::threads], options),
        Mode::Growth(options) => (&[modes::growth], options),
        Mode::Kinds(options) => (&[modes::kinds], options),
        Mode::Deflate(options) => (&[modes::deflate], options),
        Mode::Compliance(options) => (&[modes::compliance], options),
        Mode::All(options) => (
            &[modes::peers, modes::threads, modes::deflate, modes::compliance, modes::kinds, modes::growth],
            options,
        ),
    };
    fs::create_dir_all(&options.work)?;
    let work = fs::canonicalize(&options.work)?;
    println!("{}\n", machine::describe());
    let bench = modes::Bench::new(&options, work);
    let done = tables.iter().try_for_each(|table| table(&bench));
    if !options.keep {
        bench.remove_inputs();
    }
    done
}
