//! How fast the tables of a data file are read, beside the plain reading of the same file.
//!
//! `cargo bench --bench scan -- [MEGABYTES] [KIND]` makes databases in the folder for temporary files
//! (400 MB each by default, one after the other) and prints megabytes of file a second, the best of five
//! runs. `cat` reads the file in pieces of 128 KiB, as `cat` does. `scan` takes every row of every table as
//! typed values. On Linux both are told in processor time of their thread, so that what else runs on the
//! machine counts little; what all processors do together is told in time that passed.

#[path = "../tests/database_builder/mod.rs"]
mod database_builder;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use database_builder::{Cell, Column, Database, Kind, Row, Table};
use gc2pc::container::{self, Limits};
use gc2pc::sqlserver::mdf::{FilePages, Mdf};
use gc2pc::sqlserver::{Dump, RowResult, Rows};

const WORDS: [&str; 12] =
    ["rates", "are", "moving", "again,", "see", "the", "sheet", "it's", "quiet", "today", "– ok?", "grüße"];

fn words(number: u64, count: u64) -> String {
    let mut text = String::new();
    for word in 0..count {
        text.push_str(WORDS[(number.wrapping_mul(2_654_435_761).wrapping_add(word * 7) % 12) as usize]);
        text.push(' ');
    }
    text
}

/// A kind of table: what it is called, and how rows are made.
struct Sort {
    name: &'static str,
    columns: fn() -> Vec<Column>,
    row: fn(u64) -> Vec<Cell>,
}

/// Messages, as Office Communications Server 2007 R2 and Lync Server 2010 keep them.
const CHAT: Sort = Sort {
    name: "chat",
    columns: || {
        let columns = [
            ("channelId", Kind::Int),
            ("chatId", Kind::BigInt),
            ("chatDate", Kind::BigInt),
            ("userId", Kind::Int),
            ("isAlert", Kind::Bit),
            ("content", Kind::NVarCharMax),
        ];
        columns.map(|(name, kind)| Column::new(name, kind).not_null()).into()
    },
    row: |number| {
        vec![
            Cell::Integer((number % 40) as i64),
            Cell::Integer(number as i64),
            Cell::Integer(633_482_073_409_535_482 + number as i64 * 12_345_678),
            Cell::Integer((number % 700) as i64),
            Cell::Integer(0),
            Cell::Text(words(number, 6 + number % 40)),
        ]
    },
};

/// Messages with their formatted text, as later products keep them.
const FORMATTED: Sort = Sort {
    name: "formatted",
    columns: || {
        let mut columns = (CHAT.columns)();
        columns.push(Column::new("rtf", Kind::VarCharMax));
        columns
    },
    row: |number| {
        let mut cells = (CHAT.row)(number);
        let text = words(number, 6 + number % 40).replace(|character: char| !character.is_ascii(), "");
        cells.push(Cell::Text(format!(r"{{\rtf1\ansi\deff0{{\fonttbl{{\f0 Segoe UI;}}}}\fs18 {text}\par}}")));
        cells
    },
};

/// Many small columns of many types.
const TYPES: Sort = Sort {
    name: "types",
    columns: || {
        let columns = [
            ("id", Kind::Int),
            ("customer", Kind::NChar(5)),
            ("placed", Kind::DateTime),
            ("shipped", Kind::DateTime2(7)),
            ("freight", Kind::Money),
            ("discount", Kind::Decimal(9, 2)),
            ("weight", Kind::Float),
            ("ship", Kind::NVarChar(40)),
            ("city", Kind::VarChar(30)),
            ("key", Kind::UniqueIdentifier),
            ("open", Kind::Bit),
        ];
        columns.map(|(name, kind)| Column::new(name, kind)).into()
    },
    row: |number| {
        let time = 633_482_073_409_530_000 + number as i64 * 60_000_000;
        vec![
            Cell::Integer(number as i64),
            Cell::from("ALFKI"),
            Cell::Time(time),
            if number.is_multiple_of(3) { Cell::Null } else { Cell::Time(time) },
            Cell::Decimal(i128::from(number % 100_000)),
            Cell::Decimal(125),
            Cell::Float(number as f64 / 3.0),
            Cell::Text(words(number, 4)),
            Cell::from("Wellington"),
            Cell::Guid(uuid::Uuid::from_u128(u128::from(number) << 64 | 7)),
            Cell::Integer((number % 2) as i64),
        ]
    },
};

/// Texts that do not fit into their rows.
const LARGE: Sort = Sort {
    name: "large",
    columns: || vec![Column::new("id", Kind::Int).not_null(), Column::new("text", Kind::NVarCharMax)],
    row: |number| {
        let text =
            "It is quiet today, and the sheet is as it was. ".repeat(300 + (number % 50) as usize * 20);
        vec![Cell::Integer(number as i64), Cell::Text(text)]
    },
};

/// Writes a database with a table of the sort, as large as asked for or a little more.
fn make(sort: &Sort, path: &Path, megabytes: u64) {
    let mut database = Database::on_disk("bench", 661, path);
    let table = Table::heap(sort.name, (sort.columns)());
    let rows = (0_u64..).map_while(|number| {
        let written =
            if number.is_multiple_of(256) { path.metadata().map_or(0, |file| file.len()) } else { 0 };
        (written < megabytes * 1_000_000).then(|| Row::from((sort.row)(number)))
    });
    database.add(&table, rows);
    database.finish();
}

fn open(path: &Path) -> Mdf {
    let temp = std::env::temp_dir();
    let items = container::walk(&[path.to_owned()], &Limits::default(), &temp).expect("it is there").items;
    Mdf::open("bench.mdf", Arc::new(FilePages::open(&items, &temp).expect("it is a data file")))
        .expect("it is a database")
}

/// Takes all rows; returns how many rows and values there were.
fn drain(mut rows: Box<dyn Rows + '_>) -> (u64, u64) {
    let (mut count, mut values) = (0, 0);
    let mut take = |row: RowResult<'_>| {
        values += row.expect("every row can be read").values.len() as u64;
        count += 1;
        Ok(())
    };
    rows.for_each_row(&mut take).expect("it can be read");
    (count, values)
}

fn scan(mdf: &Mdf) -> (u64, u64) {
    let tables = (0..mdf.tables().len()).map(|table| drain(mdf.rows(table).expect("it can be read")));
    tables.fold((0, 0), |sum, table| (sum.0 + table.0, sum.1 + table.1))
}

/// Takes all rows with so many threads, a stretch at a time; returns how many rows there were.
fn scan_together(mdf: &Mdf, threads: usize) -> u64 {
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    for table in 0..mdf.tables().len() {
        next.store(0, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let at = next.fetch_add(1, Ordering::Relaxed)
                        && at < mdf.stretches(table)
                    {
                        let (count, _) = drain(mdf.stretch(table, at).expect("it can be read"));
                        rows.fetch_add(count, Ordering::Relaxed);
                    }
                });
            }
        });
    }
    rows.load(Ordering::Relaxed)
}

/// Returns the seconds for which this thread has run; on other systems than Linux those that passed.
fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

fn passed(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

/// Runs five times and gives the megabytes a second of the best, by a clock.
fn best(bytes: u64, clock: fn(Instant) -> f64, mut run: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let start = clock(begin);
        run();
        least = least.min(clock(begin) - start);
    }
    bytes as f64 / 1e6 / least
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let megabytes = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(400);
    let sorts = [CHAT, FORMATTED, TYPES, LARGE];
    let named = |sort: &Sort| arguments.iter().any(|word| word == sort.name);
    let all = !sorts.iter().any(named);
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("bench.mdf");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:10} {:>5} {:>9} {:>10} {:>7} {:>7} {:>6} {:>11}",
        "rows",
        "MB",
        "rows",
        "values",
        "cat",
        "scan",
        "scan%",
        format!("{threads} threads")
    );
    for sort in sorts.iter().filter(|sort| all || named(sort)) {
        make(sort, &path, megabytes);
        let bytes = std::fs::metadata(&path).expect("the file is there").len();
        let cat = best(bytes, seconds, || {
            let mut file = File::open(&path).expect("the file can be opened");
            let mut buffer = vec![0; 128 << 10];
            while file.read(&mut buffer).expect("the file can be read") > 0 {}
        });
        let mut counted = (0, 0);
        let one = best(bytes, seconds, || counted = scan(&open(&path)));
        let together = best(bytes, passed, || assert_eq!(scan_together(&open(&path), threads), counted.0));
        println!(
            "{:10} {:5.0} {:9} {:10} {cat:7.0} {one:7.0} {:5.0}% {together:11.0}",
            sort.name,
            bytes as f64 / 1e6,
            counted.0,
            counted.1,
            one / cat * 100.0
        );
    }
}
