//! How fast T-SQL scripts are opened and read, beside the plain reading of the same file.
//!
//! `cargo bench --bench script -- [MEGABYTES] [KIND]` makes scripts as SQL Server Management Studio
//! writes them in the folder for temporary files (300 MB each by default, one after the other), and
//! prints megabytes of file a second of processor time, which on Linux is that of this thread alone,
//! so that what else runs on the machine counts little: the best of three runs. What all processors do
//! together, a stretch at a time, is told in time that passed, and for comparison what one does.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use gc2pc::container::Blob;
use gc2pc::sqlserver::{Dump, Encoding, Script, ScriptOptions};

#[derive(Debug)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// Writes the line of one row.
type Line = fn(u64, &mut String);

const WORDS: [&str; 12] =
    ["rates", "are", "moving", "again,", "see", "the", "sheet", "it''s", "quiet", "today", "– ok?", "grüße"];

/// A row of chat, as 2012 and later write it.
fn chat(number: u64, line: &mut String) {
    use std::fmt::Write;
    let ticks = 633_482_073_409_535_482 + number * 12_345_678;
    let _ = write!(
        line,
        "INSERT [dbo].[tblChat] ([channelId], [userId], [chatDate], [chatId], [isAlert], [content], [rtf]) \
         VALUES ({}, {}, {ticks}, {number}, 0, N'",
        number % 40 + 1,
        number % 700 + 1,
    );
    for word in 0..6 + number % 20 {
        line.push_str(WORDS[(number.wrapping_mul(2_654_435_761).wrapping_add(word * 7) % 12) as usize]);
        line.push(' ');
    }
    line.push_str("', NULL)\r\n");
}

/// A row with dates, as 2005 and 2008 write it.
fn dates(number: u64, line: &mut String) {
    use std::fmt::Write;
    let _ = write!(
        line,
        "INSERT [dbo].[tblNode] ([nodeID], [nodeName], [nodeCreatedOn], [nodeUpdatedOn], [nodeGuid]) VALUES \
         ({number}, N'Room {number}', CAST(0x00009C{:02X}00{:06X} AS DateTime), CAST(0x00009D{:02X}00{:06X} AS DateTime), \
         N'6f9619ff-8b86-d011-b42d-00c04f{:06x}')\r\n",
        number % 256,
        number * 31 % 0x0100_0000,
        number % 256,
        number * 17 % 0x0100_0000,
        number % 0x0100_0000,
    );
    if number % 100 == 99 {
        let _ = write!(line, "print 'Processed {} total records'\r\n", number + 1);
    }
}

/// A row with 20 kB of binary data.
fn image(number: u64, line: &mut String) {
    use std::fmt::Write;
    let _ = write!(line, "INSERT [dbo].[tblFile] ([fileID], [content]) VALUES ({number}, 0x");
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..2_500 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let _ = write!(line, "{state:016X}");
    }
    line.push_str(")\r\n");
}

fn make(path: &Path, encoding: Encoding, megabytes: u64, row: Line) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut text = String::from("\u{FEFF}USE [mgc]\r\nGO\r\n");
    let (mut number, mut written) = (0, 0);
    while written < megabytes * 1_000_000 {
        while text.len() < 1 << 16 {
            row(number, &mut text);
            number += 1;
        }
        let bytes: Vec<u8> = match encoding {
            Encoding::Utf16LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => text.as_bytes().to_vec(),
        };
        file.write_all(&bytes)?;
        written += bytes.len() as u64;
        text.clear();
    }
    file.flush()
}

/// Returns the seconds for which this thread has run; on other systems than Linux those that passed.
fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

/// Runs three times and gives the megabytes a second of the best.
fn best(bytes: u64, mut run: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut least = f64::INFINITY;
    for _ in 0..3 {
        let start = seconds(begin);
        run();
        least = least.min(seconds(begin) - start);
    }
    bytes as f64 / 1e6 / least
}

/// Reads all rows with so many threads, a stretch at a time; returns how many rows there were.
fn together(script: &Script, threads: usize) -> u64 {
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && at < script.stretches(0)
                {
                    let mut count = 0;
                    let mut take = |row: gc2pc::sqlserver::RowResult<'_>| {
                        count += u64::from(row.is_ok());
                        Ok(())
                    };
                    let mut reader = script.stretch(0, at).expect("it is there");
                    reader.for_each_row(&mut take).expect("it can be read");
                    rows.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
    rows.load(Ordering::Relaxed)
}

/// Returns the megabytes a second of the best of three runs, in time that passed.
fn passed(bytes: u64, mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    bytes as f64 / 1e6 / (0..3).map(time).fold(f64::INFINITY, f64::min)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let megabytes = words.iter().find_map(|word| word.parse().ok()).unwrap_or(300);
    let kinds = [("chat", chat as Line), ("dates", dates), ("image", image)];
    let named = |name: &str| words.iter().any(|word| word == name);
    let all = !kinds.iter().any(|(name, _)| named(name));
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("dump.sql");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:8} {:9} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "rows",
        "encoding",
        "MB",
        "cat",
        "open",
        "rows",
        "1 thread",
        format!("{threads} threads")
    );
    for (name, row) in kinds.into_iter().filter(|(name, _)| all || named(name)) {
        for encoding in [Encoding::Utf16LittleEndian, Encoding::Utf8] {
            make(&path, encoding, megabytes, row).expect("the script can be written");
            let bytes = std::fs::metadata(&path).expect("the script is there").len();
            let cat = best(bytes, || {
                let mut file = File::open(&path).expect("the script can be opened");
                let mut buffer = vec![0; 1 << 18];
                while file.read(&mut buffer).expect("the script can be read") > 0 {}
            });
            let open = || {
                let blob = Arc::new(OnDisk(path.clone()));
                Script::open("dump.sql", blob, ScriptOptions::default()).expect("it is a script")
            };
            let opening = best(bytes, || drop(open()));
            let script = open();
            let reading = best(bytes, || {
                let (mut rows, mut values) = (0, 0);
                let mut take = |row: gc2pc::sqlserver::RowResult<'_>| {
                    let row = row.expect("every row can be read");
                    rows += 1;
                    values += row.values.len();
                    Ok(())
                };
                script.rows(0).expect("the table is there").for_each_row(&mut take).expect("it can be read");
                assert!(rows == script.row_count(0) && values > 0);
            });
            let [alone, all] =
                [1, threads].map(|threads| passed(bytes, || assert!(together(&script, threads) > 0)));
            println!(
                "{name:8} {:9} {:7.0} {cat:9.0} {opening:9.0} {reading:9.0} {alone:9.0} {all:9.0}",
                encoding.name(),
                bytes as f64 / 1e6
            );
        }
    }
}
