//! How fast backups are opened and their tables read, beside the plain reading of the same file.
//!
//! `cargo bench --bench backup -- [MEGABYTES]` makes a database of chat (256 MB by default) and writes
//! its backup twice into the folder for temporary files, as it is and compressed. Then it prints
//! megabytes a second, the best of three runs: for one thread of its own processor time, so that what
//! else runs on the machine counts little (on Linux; elsewhere of the clock), for all threads of the
//! clock. What the megabytes are of is said in each line.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gc2pc::container::{Item, Limits, walk};
use gc2pc::progress::Silent;
use gc2pc::sqlserver::Dump;
use gc2pc::sqlserver::bak::{Backup, Options};
use gc2pc::sqlserver::mdf::{Mdf, PAGE_SIZE, Pages};
use rayon::prelude::*;

#[path = "../tests/database_builder/mod.rs"]
mod database_builder;

use database_builder::group_chat::{Product, table_named};
use database_builder::{Cell, Database, Records, Row};

const WORDS: [&str; 16] = [
    "rates",
    "are",
    "moving",
    "again,",
    "see",
    "the",
    "sheet",
    "it's",
    "quiet",
    "today",
    "– ok?",
    "grüße",
    "meeting",
    "at",
    "Thomas",
    "https://litware.com/",
];

/// A row of chat: some words and numbers in an order that does not come again.
fn chat(number: u64) -> Row {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 20
    };
    let mut content = String::new();
    for _ in 0..6 + next() % 20 {
        match next() % 24 {
            word @ ..16 => content.push_str(WORDS[word as usize]),
            _ => content.push_str(&(next() % 1_000_000).to_string()),
        }
        content.push(' ');
    }
    let date = 634_000_000_000_000_000 + number as i64 * 31_234_567 + next() as i64 % 1_000_000;
    let cells = [
        Cell::Integer(number as i64 / 50_000 + 1),
        Cell::Integer(number as i64 + 1),
        Cell::Integer(date),
        Cell::Integer((next() % 700) as i64 + 1),
        Cell::Integer((next() % 2) as i64),
        Cell::Text(content),
    ];
    Row::from(cells.to_vec())
}

/// Makes the backups: as it is, and compressed.
fn make(folder: &Path, megabytes: u64) -> [PathBuf; 2] {
    let mut database = Database::on_disk("mgc", 661, &folder.join("mgc.mdf"));
    database.add(&table_named(Product::Mgc2010, "tblChat"), (0..megabytes * 4300).map(chat));
    let built = database.finish();
    let plain = database_builder::Backup::of(&built);
    let compressed = database_builder::Backup::of(&built).compressed(Records::Version2);
    [("plain.bak", plain), ("compressed.bak", compressed)].map(|(name, backup)| {
        let path = folder.join(name);
        let file = File::create(&path).expect("the temporary folder can be written");
        backup.write(1, &mut BufWriter::new(file));
        path
    })
}

/// Processor time of this thread so far, where the system tells it.
fn own_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split_whitespace().next()?.parse().ok()?))
}

/// Returns megabytes a second of a run that gives the number of bytes: the best of three.
fn best(threads: usize, run: impl Fn() -> u64 + Sync) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be made");
    let measured = || {
        let (clock, own) = (Instant::now(), own_time());
        let bytes = run();
        let spent = match (threads, own, own_time()) {
            (1, Some(before), Some(after)) => after.saturating_sub(before),
            _ => clock.elapsed(),
        };
        bytes as f64 / 1e6 / spent.as_secs_f64()
    };
    (0..3).map(|_| pool.install(measured)).fold(0.0, f64::max)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Reads a file as `cat` does.
fn cat(path: &Path) -> u64 {
    let mut file = File::open(path).expect("the file is there");
    let mut buffer = vec![0; 1 << 17];
    let mut total = 0;
    loop {
        match file.read(&mut buffer).expect("the file can be read") {
            0 => return total,
            read => total += read as u64,
        }
        black_box(&buffer);
    }
}

fn open(path: &Path) -> Backup {
    let temp = std::env::temp_dir();
    let items: Vec<Item> =
        walk(&[path.to_owned()], &Limits::default(), &temp).expect("the file is there").items;
    Backup::open(&items, &Options { set: None, temp }, &Silent).expect("the backup is sound")
}

/// Reads all pages, 64 at a time; returns their bytes.
fn pages(backup: &Backup) -> u64 {
    let runs: Vec<(u16, u32, u64)> = backup.page_runs().collect();
    let stretches: Vec<(u16, u32, u32)> = runs
        .iter()
        .flat_map(|&(file, first, count)| {
            let cut = move |at: u64| (file, first + at as u32, (count - at).min(1024) as u32);
            (0..count).step_by(1024).map(cut)
        })
        .collect();
    let read = |&(file, first, count): &(u16, u32, u32)| {
        let mut room = vec![[0; PAGE_SIZE]; 64];
        let mut next = 0;
        while next < count {
            let most = room.len().min((count - next) as usize);
            next += backup.pages(file, first + next, &mut room[..most]).expect("the page is there") as u32;
            black_box(&room);
        }
        u64::from(count) * PAGE_SIZE as u64
    };
    stretches.par_iter().map(read).sum()
}

/// Reads all rows of all tables; returns how many.
fn rows(database: &Mdf) -> u64 {
    let stretches: Vec<(usize, usize)> = (0..database.tables().len())
        .flat_map(|table| (0..database.stretches(table)).map(move |stretch| (table, stretch)))
        .collect();
    let read = |&(table, stretch): &(usize, usize)| {
        let mut count = 0;
        let mut rows = database.stretch(table, stretch).expect("the stretch is there");
        let take = &mut |row: gc2pc::sqlserver::RowResult<'_>| {
            let row = row.expect("the row is sound");
            black_box(row.values);
            count += 1;
            Ok(())
        };
        rows.for_each_row(take).expect("the table can be read");
        count
    };
    stretches.par_iter().map(read).sum()
}

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(256);
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let [plain, compressed] = make(folder.path(), megabytes);
    println!(
        "{:.0} MB of backup, {:.0} MB compressed",
        size(&plain) as f64 / 1e6,
        size(&compressed) as f64 / 1e6
    );
    let told =
        |what: &str, threads: usize, speed: f64| println!("{what:<56} {threads} threads {speed:>7.0} MB/s");

    let total = open(&plain).stored() * PAGE_SIZE as u64;
    let opened = |path: &Path| {
        black_box(open(path));
        total
    };
    let scanned = |path: &Path| {
        let database = Mdf::open("mgc.bak", Arc::new(open(path))).expect("the database is sound");
        assert!(rows(&database) >= megabytes * 4300);
        total
    };
    told("reading the file as cat does", 1, best(1, || cat(&plain)));
    for threads in [1, threads] {
        told("opening", threads, best(threads, || opened(&plain)));
        let backup = open(&plain);
        told("all pages", threads, best(threads, || pages(&backup)));
        told("opening and all rows", threads, best(threads, || scanned(&plain)));
    }
    for threads in [1, threads] {
        told(
            "compressed: opening, which decodes all, bytes out",
            threads,
            best(threads, || opened(&compressed)),
        );
        let backup = open(&compressed);
        told("compressed: all pages, bytes out", threads, best(threads, || pages(&backup)));
        told("compressed: opening and all rows, bytes out", threads, best(threads, || scanned(&compressed)));
    }
}
