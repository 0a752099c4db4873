//! How fast delimited text is read, beside the plain reading of the same file.
//!
//! `cargo bench --bench delimited -- [MEGABYTES] [KIND] [COLUMN]` makes texts of messages in the folder for temporary
//! files (400 MB each by default, one after the other) and prints megabytes of file a second, the best of
//! five runs. `cat` reads the file in pieces of 128 KiB. `survey` hashes the file and takes the census,
//! `open` finds dialect and columns, `cut` finds the stretches, `rows` lends all rows out and `check` tells
//! of each whether it can be read. On Linux all but `survey`, `open` and `cut`, which use more threads, are told in
//! processor time of their thread. What all processors do together is told in time that passed.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use gc2pc::container::{self, Blob};
use gc2pc::sqlserver::{Census, Delimited, Dump, Encoding, Options, RowResult, Rows};

#[derive(Debug, Clone)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        std::fs::metadata(&self.0).ok().map(|file| file.len())
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

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

/// A message: its numbers, its text and its formatted text, if it has one.
fn message(number: u64) -> ([u64; 5], String, Option<String>) {
    let ticks = 633_482_073_409_535_482 + number * 12_345_678;
    let mut text = words(number, 10 + number % 55);
    if number.is_multiple_of(9) {
        text.push_str("\"quoted\" ");
    }
    let formatted = (number % 20 < 3).then(|| {
        let plain = text.replace(|character: char| !character.is_ascii(), "");
        format!(r"{{\rtf1\ansi\deff0{{\fonttbl{{\f0 Segoe UI;}}}}\viewkind4\uc1\pard\f0\fs18 {plain}\par}}")
    });
    ([number % 40, number, ticks, number % 700, 0], text, formatted)
}

/// Writes a text of a kind, as large as asked for or a little more.
fn make(kind: &str, path: &Path, megabytes: u64) {
    let mut out = BufWriter::new(File::create(path).expect("it can be made"));
    let (delimiter, wide) = (if kind == "quoted" { "," } else { "\t" }, kind == "wide");
    let quote = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
    let mut written = 0;
    let mut put = |line: String| {
        let bytes =
            if wide { line.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { line.into_bytes() };
        out.write_all(&bytes).expect("it can be written");
        written += bytes.len() as u64;
        written
    };
    if wide {
        put("\u{FEFF}".to_owned());
    }
    put(["channelId", "chatId", "chatDate", "userId", "isAlert", "content", "rtf"].join(delimiter) + "\r\n");
    for number in 0.. {
        let (numbers, text, formatted) = message(number);
        let formatted = formatted.unwrap_or_else(|| "NULL".to_owned());
        let mut fields: Vec<String> = numbers.iter().map(u64::to_string).collect();
        if kind == "quoted" {
            fields.push(quote(&text));
            fields.push(if formatted == "NULL" { formatted } else { quote(&formatted) });
        } else {
            fields.push(text);
            fields.push(formatted);
        }
        if put(fields.join(delimiter) + "\r\n") > megabytes * 1_000_000 {
            break;
        }
    }
}

fn open(path: &Path, encoding: Encoding) -> Delimited {
    let options = Options { encoding: Some(encoding), ..Options::default() };
    Delimited::open("tblChat.csv", Arc::new(OnDisk(path.to_owned())), options).expect("it is a table")
}

/// Takes all rows; returns how many rows and bytes of values there were.
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

fn check(mut rows: Box<dyn Rows + '_>) -> u64 {
    let mut count = 0;
    let mut take = |row: Result<(), _>| {
        count += u64::from(row.is_ok());
        Ok(())
    };
    rows.check_rows(&mut take).expect("it can be read");
    count
}

/// Takes all rows with so many threads, a stretch at a time; returns how many rows there were.
fn together(dump: &Delimited, threads: usize) -> u64 {
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    let count = dump.stretches(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && at < count
                {
                    let (count, _) = drain(dump.stretch(0, at).expect("it can be read"));
                    rows.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
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

/// Runs five times, if at all, and gives the megabytes a second of the best, by a clock.
fn best(wanted: bool, bytes: u64, clock: fn(Instant) -> f64, mut run: impl FnMut()) -> f64 {
    if !wanted {
        return 0.0;
    }
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
    let kinds = ["quoted", "lines", "wide"];
    let all = !kinds.iter().any(|kind| arguments.iter().any(|word| word == kind));
    let columns = ["cat", "survey", "open", "cut", "rows", "check", "together"];
    let every = !columns.iter().any(|column| arguments.iter().any(|word| word == column));
    let wanted = |column: &str| every || arguments.iter().any(|word| word == column);
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("tblChat.csv");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:7} {:>5} {:>9} {:>6} {:>6} {:>7} {:>7} {:>6} {:>6} {:>10}",
        "text",
        "MB",
        "rows",
        "cat",
        "survey",
        "open",
        "cut",
        "rows",
        "check",
        format!("{threads} threads")
    );
    for kind in kinds.into_iter().filter(|kind| all || arguments.iter().any(|word| word == kind)) {
        make(kind, &path, megabytes);
        let bytes = std::fs::metadata(&path).expect("the file is there").len();
        let encoding = if kind == "wide" { Encoding::Utf16LittleEndian } else { Encoding::Utf8 };
        let cat = best(wanted("cat"), bytes, seconds, || {
            let mut file = File::open(&path).expect("the file can be opened");
            let mut buffer = vec![0; 128 << 10];
            while file.read(&mut buffer).expect("the file can be read") > 0 {}
        });
        let survey = best(wanted("survey"), bytes, passed, || {
            let mut census = Census::default();
            container::survey(&OnDisk(path.clone()), &mut |chunk| census.feed(chunk))
                .expect("it can be read");
            assert_eq!(census.finish(), encoding);
        });
        let opening = best(wanted("open"), bytes, passed, || drop(open(&path, encoding)));
        let cut = {
            let mut dumps: Vec<Delimited> = (0..5).map(|_| open(&path, encoding)).collect();
            best(wanted("cut"), bytes, passed, || {
                assert!(dumps.pop().is_some_and(|dump| dump.stretches(0) > 1))
            })
        };
        let dump = open(&path, encoding);
        let mut counted = (0, 0);
        let rows =
            best(wanted("rows"), bytes, seconds, || counted = drain(dump.rows(0).expect("it can be read")));
        let checked = best(wanted("check"), bytes, seconds, || {
            assert!(check(dump.rows(0).expect("it can be read")) > 0)
        });
        let together = best(wanted("together"), bytes, passed, || assert!(together(&dump, threads) > 0));
        println!(
            "{kind:7} {:5.0} {:9} {cat:6.0} {survey:6.0} {opening:7.0} {cut:7.0} {rows:6.0} {checked:6.0} {together:10.0}",
            bytes as f64 / 1e6,
            counted.0,
        );
    }
}
