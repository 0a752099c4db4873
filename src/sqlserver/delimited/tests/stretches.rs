//! All stretches one after the other are the rows and faults of the whole, however the text is cut.

use std::fs::{self, File};
use std::path::PathBuf;

use super::super::borders::Cut;
use super::*;

/// A file of its own, written anew for each text.
#[derive(Debug, Clone)]
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

/// A row or fault with everything that is told of it.
fn all_of(rows: Box<dyn crate::sqlserver::Rows + '_>) -> Vec<String> {
    let mut rows = rows;
    let mut told = Vec::new();
    let mut take = |row: RowResult<'_>| {
        told.push(match row {
            Ok(row) => format!("{}:{} {:?}", row.line, row.byte, row.values),
            Err(fault) => format!("{fault:?}"),
        });
        Ok(())
    };
    rows.for_each_row(&mut take).unwrap();
    told
}

struct Bench {
    folder: tempfile::TempDir,
    /// The most stretches seen.
    most: usize,
}

impl Bench {
    fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap(), most: 0 }
    }

    /// Cuts a text in many ways and compares; texts that cannot be opened are no matter here.
    fn compare(&mut self, bytes: &[u8], options: impl Fn() -> Options<'static>) {
        let path = self.folder.path().join("table.csv");
        fs::write(&path, bytes).unwrap();
        let blob = OnDisk(path);
        let Ok(whole) = Delimited::open("table.csv", Arc::new(blob.clone()), options()) else { return };
        let expected = all_of(whole.rows(0).unwrap());
        for (size, chunk) in [(2, 2), (4, 64), (6, 4), (10, 6), (16, 2), (32, 14), (100, 30)] {
            let mut dump = Delimited::open("table.csv", Arc::new(blob.clone()), options()).unwrap();
            dump.cut = Cut { size, chunk };
            let count = dump.stretches(0);
            self.most = self.most.max(count);
            let pieces = (0..count).flat_map(|stretch| all_of(dump.stretch(0, stretch).unwrap()));
            let found: Vec<String> = pieces.collect();
            assert_eq!(found, expected, "cut by {size} in {:?}", String::from_utf8_lossy(bytes));
            assert!(dump.stretch(0, count).is_err());
        }
    }

    fn compare_dialect(&mut self, bytes: &[u8], dialect: &Dialect, encoding: Encoding, limit: usize) {
        self.compare(bytes, || Options {
            dialect: Some(dialect.clone()),
            encoding: Some(encoding),
            columns: (!dialect.header).then(|| named(&["a", "b", "c"])),
            row_limit: limit,
            ..Options::default()
        });
    }
}

/// A fixed sequence (Marsaglia, "Xorshift RNGs").
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of(&mut self, pieces: &[&str], count: usize) -> String {
        (0..count).map(|_| pieces[self.below(pieces.len())]).collect()
    }
}

fn encoded(encoding: Encoding, marked: bool, text: &str) -> Vec<u8> {
    let mut bytes = if marked { encoding.mark().to_vec() } else { Vec::new() };
    bytes.extend(encoding.encode(text.as_bytes()));
    bytes
}

fn lines(delimiter: &[u8], end: RecordEnd, ruled: bool) -> Dialect {
    let layout = Layout::Lines { delimiter: delimiter.to_vec(), end };
    Dialect { layout, header: ruled, ruled, bcp_nulls: false }
}

const ENCODINGS: [Encoding; 4] =
    [Encoding::Utf8, Encoding::Utf16LittleEndian, Encoding::Utf16BigEndian, Encoding::Windows1252];

#[test]
fn quotes_in_every_place_are_cut_where_records_begin() {
    let pieces =
        ["\"", "\"", "\"\"", ",", ",", "\n", "\r\n", "\r", "a", "é", "\",\"", "\"\r\n\"", "x y", "\u{220A}"];
    let mut bench = Bench::new();
    let mut noise = Noise(0x2545_F491_4F6C_DD1D);
    for round in 0..400 {
        let length = noise.below(120);
        let text = noise.of(&pieces, length);
        let encoding = ENCODINGS[round % 4];
        let header = round % 3 == 0;
        let text = if header { format!("a,\"b\r\n\",c\r\n{text}") } else { text };
        let mut bytes = encoded(encoding, round % 5 < 2, &text);
        if round % 7 == 0 {
            bytes.push(b'"');
        }
        let limit = if round % 11 == 0 { 9 } else { 1 << 20 };
        bench.compare_dialect(&bytes, &Dialect { header, ..Dialect::csv() }, encoding, limit);
    }
    assert!(bench.most > 20, "{}", bench.most);
}

#[test]
fn sound_tables_are_cut_into_many_stretches() {
    let mut bench = Bench::new();
    let mut noise = Noise(7);
    let values = ["1", "\"a, b\"", "\"say \"\"hi\"\"\"", "\"two\r\nlines\"", "", "\"\"", "NULL", "grüße"];
    for encoding in ENCODINGS {
        for end in ["\n", "\r\n", "\r"] {
            let mut text = format!("a,b,c{end}");
            for _ in 0..60 {
                let row = [0; 3].map(|_| values[noise.below(values.len())]);
                text += &(row.join(",") + end);
            }
            for preamble in ["", "sep=,\r\n", "#TYPE a,\"b\n"] {
                let bytes = encoded(encoding, true, &format!("{preamble}{text}"));
                bench.compare(&bytes, move || Options { encoding: Some(encoding), ..Options::default() });
            }
        }
    }
    assert!(bench.most > 50, "{}", bench.most);
}

#[test]
fn lines_without_quotes_are_cut_behind_their_ends() {
    let ends = [
        RecordEnd::LineFeed,
        RecordEnd::CarriageReturn,
        RecordEnd::CarriageReturnLineFeed,
        RecordEnd::Text(b"|\n".to_vec()),
        RecordEnd::Text(b"||".to_vec()),
        RecordEnd::Text("é\n".as_bytes().to_vec()),
    ];
    let mut bench = Bench::new();
    let mut noise = Noise(99);
    for round in 0..240 {
        let end = ends[round % ends.len()].clone();
        let encoding = ENCODINGS[round / 6 % 4];
        let end_text = String::from_utf8(end.bytes().to_vec()).unwrap();
        let others: &[&str] = match &end {
            RecordEnd::LineFeed => &["a", "\r", "\"", "é"],
            RecordEnd::CarriageReturn | RecordEnd::CarriageReturnLineFeed => &["a", "\n", "\"", "\u{0D0A}"],
            RecordEnd::Text(_) => &["a", "\n", "\r", "\"", "\r\n", "|", "é"],
        };
        let mut text = String::new();
        for _ in 0..noise.below(30) {
            let row: Vec<String> = (0..3)
                .map(|_| {
                    let length = noise.below(4);
                    noise.of(others, length)
                })
                .collect();
            text += &(row.join("\t") + &end_text);
        }
        bench.compare_dialect(
            &encoded(encoding, round % 2 == 0, &text),
            &lines(b"\t", end, false),
            encoding,
            1 << 20,
        );
    }
    assert!(bench.most > 5, "{}", bench.most);
}

#[test]
fn a_footer_ends_the_table_in_whichever_stretch_it_is() {
    let mut bench = Bench::new();
    for rows in [0, 1, 2, 20] {
        for blanks in [1, 2, 30] {
            let row = "1         ,a         ,NULL      \r\n";
            let text = format!(
                "a         ,b         ,c         \r\n----------,----------,----------\r\n{}{}({rows} rows affected)\r\n",
                row.repeat(rows),
                "\r\n".repeat(blanks)
            );
            for encoding in ENCODINGS {
                let bytes = encoded(encoding, true, &text);
                bench.compare_dialect(&bytes, &lines(b",", RecordEnd::LineFeed, true), encoding, 1 << 20);
            }
        }
    }
    assert!(bench.most > 10, "{}", bench.most);
}

#[test]
fn a_record_over_many_stretches_is_in_one() {
    let mut bench = Bench::new();
    let long = "x\"\"\r\n,".repeat(200);
    let text = format!("a,b\n1,\"{long}\"\n2,\"{}\"\n3,z\n", "\"".repeat(1000));
    for limit in [1 << 20, 50] {
        for encoding in ENCODINGS {
            bench.compare_dialect(&encoded(encoding, true, &text), &Dialect::csv(), encoding, limit);
        }
    }
    bench.compare_dialect(format!("a,b\n1,\"{long}").as_bytes(), &Dialect::csv(), Encoding::Utf8, 1 << 20);
}

#[test]
fn what_has_no_file_is_one_stretch() {
    let dump = with_dialect(&b"a,b\n1,2\n".repeat(20), Dialect::csv());
    assert_eq!(dump.stretches(0), 1);
    assert_eq!(all_of(dump.stretch(0, 0).unwrap()), all_of(dump.rows(0).unwrap()));
}
