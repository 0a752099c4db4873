//! What can be typed: the one definition behind parsing and help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::budget::LEAST_MEMORY;
use crate::chat::{Role, Ticks};

const AFTER_HELP: &str = "\
Exit status: 0 complete; 1 done, but records were rejected or findings of level error exist, diff found differences,
or the inputs given to explain lack the record; 2 usage; 3 an input cannot be read; 4 the output cannot be written; 5 verification failed; 130 interrupted.

Examples:
  gc2pc inspect mgc.bak
  gc2pc convert mgc.bak mgccomp.bak compliance/ -o history.zip
  gc2pc verify history.zip
  gc2pc diff mgc.bak mgccomp.bak compliance/ history.zip
  gc2pc explain history.zip 3:17 --inputs mgc.bak
  gc2pc rows any.bak dbo.Orders > orders.csv

gc2pc reads from disk alone: it needs no server and opens no socket.";

/// Converts Microsoft Group Chat archives into a Persistent Chat import package, offline.
#[derive(Debug, Parser)]
#[command(name = "gc2pc", version, max_term_width = 100, after_help = AFTER_HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Tell nothing but errors
    #[arg(long, short, global = true, help_heading = "Options of all commands")]
    pub quiet: bool,
    /// Tell every finding, not just the first of each kind
    #[arg(long, short, global = true, help_heading = "Options of all commands")]
    pub verbose: bool,
    /// Work on this many threads [default: one for each core]
    #[arg(
        long,
        global = true,
        help_heading = "Options of all commands",
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub threads: Option<u16>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell what is in files: kinds, tables, rooms, people, first and last message, damage
    Inspect(Inspect),
    /// Convert archives into one package: the main job
    Convert(Box<Convert>),
    /// Tell the tables of SQL Server dumps, with the engine's count of rows and ours
    Tables(Tables),
    /// Write the rows of a table as CSV
    Rows(Rows),
    /// Tell what differs between two packages, or between sources and the package made of them
    Diff(Diff),
    /// Tell where a message came from, what was dropped in its favour and why, or what became of a record
    Explain(Explain),
    /// Prove a package: checksums, documents, references, and that every record is accounted for
    Verify(Verify),
}

/// How databases are read, for every command that reads them.
#[derive(Debug, Args)]
pub struct Reading {
    /// Which backup of a file that holds several [default: the last full one]
    #[arg(long, value_name = "N", value_parser = set)]
    pub set: Option<usize>,
    /// Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted
    #[arg(long)]
    pub salvage: bool,
    /// Folder for temporary files [default: beside the output, else the system's]
    #[arg(long, value_name = "DIR")]
    pub temp: Option<PathBuf>,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gc2pc inspect mgc.bak\n  gc2pc inspect mgc-export/\n  gc2pc inspect --json compliance.zip > facts.json"
)]
pub struct Inspect {
    /// Backups, data files, exports, scripts, compliance XML, packages; folders, ZIP or gzip of them
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Write the facts as JSON
    #[arg(long)]
    pub json: bool,
    /// The role that a number of tblPrincipalRole stands for, where tblRoleType is missing
    #[arg(long = "role", value_name = "ID=ROLE", value_parser = role)]
    pub roles: Vec<(i64, Role)>,
    #[command(flatten)]
    pub reading: Reading,
}

/// Arguments of `tables`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gc2pc tables mgc.bak\n  gc2pc tables mgc-1.bak mgc-2.bak\n  gc2pc tables --json mgc.mdf mgc_2.ndf"
)]
pub struct Tables {
    /// Backups, data files, BACPAC, scripts, bcp files, delimited text; folders, ZIP or gzip of them
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Write the tables as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub reading: Reading,
}

/// Arguments of `rows`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gc2pc rows mgc.bak dbo.tblChat > tblChat.csv\n  gc2pc rows mgc-1.bak mgc-2.bak tblNode\n\nCSV in UTF-8: NULL is \\N without quotes, binary 0x and hex. A row that cannot be read is told on standard error."
)]
pub struct Rows {
    /// Backups, data files, BACPAC, scripts, bcp files, delimited text; folders, ZIP or gzip of them
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The table, with or without its schema, in any case
    #[arg(required = true, value_name = "TABLE")]
    pub table: String,
    #[command(flatten)]
    pub reading: Reading,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gc2pc diff january.zip february.zip
  gc2pc diff mgc-2010/ mgc-2013/ compliance/ history.zip
  gc2pc diff --json mgc.bak history.zip > differences.json

At least one side is one package; sources are read by the options that the package tells of.
Exit status: 0 equal; 1 different; else as for all commands.")]
pub struct Diff {
    /// A: a package, or sources, whatever `convert` reads
    #[arg(required = true, value_name = "A")]
    pub a: Vec<PathBuf>,
    /// B: the last one given, a package or a source
    #[arg(required = true, value_name = "B")]
    pub b: PathBuf,
    /// Write the differences as JSON
    #[arg(long)]
    pub json: bool,
    /// The people map with which the package was made
    #[arg(long, value_name = "FILE.csv")]
    pub people_map: Option<PathBuf>,
    /// How much memory to take, about; the rest waits in a temporary file
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = memory)]
    pub memory: usize,
    /// Folder for temporary files [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub temp: Option<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gc2pc explain history.zip 5c8b5bd1dd6a1cf3a8f4c1e2b5a90f77
  gc2pc explain history.zip 3:17 --inputs mgc.bak compliance/
  gc2pc explain --json history/ 3:17

Inputs are told by the digests of their files, whatever they are called now.
Exit status: 0 explained; 1 explained, but the inputs given do not hold the record; 2 the package has no such
message or record; else as for all commands.")]
pub struct Explain {
    /// A package of gc2pc: a folder or a ZIP
    #[arg(value_name = "PACKAGE")]
    pub package: PathBuf,
    /// The Id of a message (32 hex digits), or a record as Source attributes and the ledger have it (INPUT:RECORD)
    #[arg(value_name = "MESSAGE-ID")]
    pub reference: String,
    /// The inputs of the package, or a folder with them: shows the record as it stands there
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub inputs: Vec<PathBuf>,
    /// Write the explanation as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder for temporary files [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub temp: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gc2pc verify history.zip\n  gc2pc verify --json package-folder/ | jq .problems"
)]
pub struct Verify {
    /// A package of gc2pc, or any BagIt bag: a folder or a ZIP
    #[arg(value_name = "PACKAGE")]
    pub package: PathBuf,
    /// Write the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `convert`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gc2pc convert mgc.bak -o history.zip
  gc2pc convert mgc-2010/ mgc-2013/ compliance/ -o history
  gc2pc convert mgc-export/ --dry-run
  gc2pc convert mgc-export/ --since 2011-01-01 --until 2012-01-01 --scope Trading -o 2011.zip
  gc2pc convert mgc.bak --files old-file-store/ -o history.zip
  gc2pc convert mgc-export/ --info \"Source-Organization=Litware Bank\" -o history.zip")]
pub struct Convert {
    /// Backups, data files, exports, scripts, compliance XML, packages; folders, ZIP or gzip of them
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The package: one ZIP if the name ends in .zip, else a folder
    #[arg(long, short, value_name = "OUT", required_unless_present = "dry_run")]
    pub output: Option<PathBuf>,
    /// Write nothing; tell the names, findings, counts and sizes that the run would have
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run, write the plan as JSON
    #[arg(long, requires = "dry_run")]
    pub json: bool,
    /// Keep only these categories and what is below them (old path or new name); give inputs before it
    #[arg(long, value_name = "CATEGORY", num_args = 1..)]
    pub scope: Vec<String>,
    /// Which documents to write
    #[arg(long, value_enum, ignore_case = true, default_value_t = LevelArgument::All)]
    pub level: LevelArgument,
    /// Leave out what happened before this time (UTC)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Ticks>,
    /// Leave out what happened at this time or later (UTC)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<Ticks>,
    /// New addresses of people: a CSV of old and new SIP address, GUID or @domain
    #[arg(long, value_name = "FILE.csv")]
    pub people_map: Option<PathBuf>,
    /// What joins the names of a flattened path
    #[arg(long, value_name = "TEXT", default_value = "_")]
    pub separator: String,
    /// Which rooms below a subcategory take its path into their name
    #[arg(long, value_enum, ignore_case = true, value_name = "WHEN", default_value_t = RoomPrefixArgument::Always)]
    pub prefix_rooms: RoomPrefixArgument,
    /// What the target has already: names, or CSV of Get-CsPersistentChatRoom and -Category; tells what an import overwrites
    #[arg(long, value_name = "FILE")]
    pub target: Option<PathBuf>,
    /// Leave out disabled rooms with their messages
    #[arg(long)]
    pub without_disabled_rooms: bool,
    /// The old file store: tell which files messages refer to, which are missing, and plan their copying
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Carry the files of the old file store in the package
    #[arg(long, requires = "files")]
    pub include_files: bool,
    /// The role that a number of tblPrincipalRole stands for, where tblRoleType is missing
    #[arg(long = "role", value_name = "ID=ROLE", value_parser = role)]
    pub roles: Vec<(i64, Role)>,
    /// Add bcp files and a script that load a staging mgc database, from which the vendor's cmdlet exports
    #[arg(long)]
    pub staging: bool,
    /// How hard to compress a ZIP
    #[arg(long, value_enum, ignore_case = true, default_value_t = CompressionArgument::Fast)]
    pub compression: CompressionArgument,
    /// How much memory to take, about; the rest waits in a temporary file
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = memory)]
    pub memory: usize,
    /// Stop, and write nothing, when more records than this are rejected
    #[arg(long, value_name = "N")]
    pub max_rejected: Option<u64>,
    /// Replace the package if it exists
    #[arg(long)]
    pub overwrite: bool,
    /// A line for bag-info.txt, such as who made the package and for whom
    #[arg(long, value_name = "KEY=VALUE", value_parser = info)]
    pub info: Vec<(String, String)>,
    #[command(flatten)]
    pub reading: Reading,
}

/// `--level`, named as in `Export-CsPersistentChatData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArgument {
    /// Everything
    #[value(name = "All")]
    All,
    /// Principals alone
    #[value(name = "User")]
    User,
    /// Principals and categories
    #[value(name = "Category")]
    Category,
    /// Principals, add-ins and rooms, without their messages
    #[value(name = "RoomDirectory")]
    RoomDirectory,
    /// Principals, messages and events
    #[value(name = "Content")]
    Content,
}

/// `--prefix-rooms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoomPrefixArgument {
    /// All of them, as the vendor's export does
    Always,
    /// Those alone whose own name another room or a category has too
    OnCollision,
}

/// `--compression`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompressionArgument {
    /// The least time
    Fast,
    /// About what zip does
    Default,
    /// The least bytes
    Max,
}

/// Reads a size such as `512MiB`, `2g` or a number of bytes.
fn memory(text: &str) -> Result<usize, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err("write a size such as 512MiB or 2GiB".to_owned()),
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(1 << shift));
    match bytes {
        Some(bytes @ LEAST_MEMORY..) => Ok(bytes),
        Some(_) => Err(format!("at least {} MiB are needed", LEAST_MEMORY >> 20)),
        None => Err("write a size such as 512MiB or 2GiB".to_owned()),
    }
}

fn set(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&set| set > 0).ok_or_else(|| "backups are numbered from 1".to_owned())
}

fn time(text: &str) -> Result<Ticks, String> {
    Ticks::parse_iso(text).ok_or_else(|| "write 2011-12-31 or 2011-12-31T23:59:59Z".to_owned())
}

fn info(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    let sound = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if sound {
        Ok((key.to_owned(), value.to_owned()))
    } else {
        Err("a key is made of visible ASCII characters other than a colon".to_owned())
    }
}

fn role(text: &str) -> Result<(i64, Role), String> {
    let (id, name) = text.split_once('=').ok_or("write ID=ROLE, such as 3=Manager")?;
    let id = id.trim().parse().map_err(|_| format!("{id} is no whole number"))?;
    let role = match name.trim().to_ascii_lowercase().as_str() {
        "member" => Role::Member,
        "manager" => Role::Manager,
        "presenter" | "voiced" => Role::Presenter,
        "creator" => Role::Creator,
        _ => return Err("a role is Member, Manager, Presenter or Creator".to_owned()),
    };
    Ok((id, role))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn odd_values_are_refused_with_the_right_form() {
        for bad in [
            ["gc2pc", "convert", "x", "--dry-run", "--since", "yesterday"],
            ["gc2pc", "convert", "x", "--dry-run", "--info", "no equals sign"],
            ["gc2pc", "convert", "x", "--dry-run", "--role", "3=Boss"],
            ["gc2pc", "convert", "x", "--dry-run", "--include-files", "--quiet"],
            ["gc2pc", "convert", "x", "--dry-run", "--threads", "0"],
            ["gc2pc", "convert", "x", "--dry-run", "--memory", "much"],
            ["gc2pc", "convert", "x", "--dry-run", "--memory", "1MiB"],
            ["gc2pc", "convert", "x", "--dry-run", "--memory", "99999999999999999999"],
        ] {
            assert!(Arguments::try_parse_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sizes_are_read_in_bytes_and_in_larger_units() {
        for (text, bytes) in
            [("512MiB", 512 << 20), ("2g", 2 << 30), ("1 GB", 1 << 30), ("300000000", 300_000_000)]
        {
            assert_eq!(memory(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn an_output_is_needed_unless_nothing_is_written() {
        assert!(Arguments::try_parse_from(["gc2pc", "convert", "x"]).is_err());
        assert!(Arguments::try_parse_from(["gc2pc", "convert", "x", "--dry-run"]).is_ok());
    }
}
