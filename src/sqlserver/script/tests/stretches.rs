//! Scripts read in stretches: whatever stands between them, all stretches together are the whole.

use std::io::Write as _;
use std::path::Path;

use super::*;
use crate::sqlserver::{Encoding, Rows};

/// A file that is opened at a place.
#[derive(Debug)]
struct OnDisk {
    file: tempfile::NamedTempFile,
    size: u64,
}

impl Blob for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::fs::File::open(self.file.path())?))
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn path(&self) -> Option<&Path> {
        Some(self.file.path())
    }
}

fn all_of(rows: &mut dyn Rows) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        all.push(match row {
            Ok(row) => format!("{:?}@{}:{}", row.values, row.line, row.byte),
            Err(fault) => format!("{fault:?}"),
        });
    }
    all
}

/// Reads each table of a script as a whole and in stretches. Returns the greatest number of stretches.
fn cut(bytes: &[u8], stretch: u64, row_limit: usize) -> usize {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let blob = Arc::new(OnDisk { file, size: bytes.len() as u64 });
    let options = ScriptOptions { row_limit, ..ScriptOptions::default() };
    let Ok(script) = Script::open_cut("dump.sql", blob, options, stretch) else { return 0 };
    let uncut = open_bytes(bytes, row_limit).unwrap();
    let mut most = 0;
    for table in 0..script.tables().len() {
        let mut together = Vec::new();
        for number in 0..script.stretches(table) {
            together.extend(all_of(&mut *script.stretch(table, number).unwrap()));
        }
        let shown = bytes.escape_ascii();
        assert_eq!(together, all_of(&mut *script.rows(table).unwrap()), "stretches of {stretch}: {shown}");
        assert_eq!(together, all_of(&mut *uncut.rows(table).unwrap()), "cut at {stretch} bytes: {shown}");
        assert!(script.stretch(table, script.stretches(table)).is_err());
        most = most.max(script.stretches(table));
    }
    most
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let marked = format!("\u{FEFF}{text}");
    match encoding {
        Encoding::Utf16LittleEndian => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16BigEndian => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

const STATEMENTS: [&str; 26] = [
    "INSERT t VALUES (1, N'a')\n",
    "INSERT t VALUES (1, N'a')\n",
    "INSERT [dbo].[t] ([a], [b]) VALUES (2, N'é''\r\n😀')\r\n",
    "INSERT [dbo].[t] ([a], [b]) VALUES (3, 'x'), (4, NULL),\n (5, '')\n",
    "INSERT u VALUES (N'other')\n",
    "insert into t select 1, 'x' union all select 2, 'y';\n",
    "GO\n",
    "GO 3\n",
    "USE other\n",
    "SET DATEFORMAT dmy\r",
    "/* INSERT t VALUES (0) \n*/",
    "-- it's\n",
    "EXEC ('INSERT t VALUES (9, 9)')\n",
    "EXEC ",
    "GRANT ",
    "MERGE t USING s ON 1 = 1 WHEN NOT MATCHED THEN INSERT VALUES (1, 2);\n",
    "INSERT t EXEC p\n",
    "INSERT t DEFAULT VALUES\n",
    "INSERT t\n",
    "VALUES (7, 8)",
    "(",
    ")",
    "'",
    ";",
    "UPDATE t SET a = 1\n",
    "CREATE TABLE t (a int, b datetime)\n",
];

#[test]
fn any_script_reads_the_same_in_stretches() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end as u64) as usize
    };
    let encodings = [Encoding::Utf8, Encoding::Utf8, Encoding::Utf16LittleEndian, Encoding::Utf16BigEndian];
    let mut most = 0;
    for _ in 0..1_500 {
        // Statements that spoil the rest are rare in some scripts, or nothing would be cut.
        let kinds = [6, 12, STATEMENTS.len()][below(3)];
        let mut text = "CREATE TABLE t (a int, b nvarchar(9))\nINSERT t VALUES (0, 'first')\n".to_owned();
        (0..below(40)).for_each(|_| text += STATEMENTS[below(kinds)]);
        let bytes = encoded(&text, encodings[below(4)]);
        most = most.max(cut(&bytes, [1, 60, 200][below(3)], 1 << 20));
    }
    assert!(most > 10, "{most}");
}

#[test]
fn rows_that_are_too_long_are_told_in_any_stretch() {
    let long = format!("INSERT t VALUES (1, '{}')\n", "é\n".repeat(2_000));
    let text = format!("INSERT t VALUES (0, 'x')\nGO\n{long}").repeat(12);
    assert!(cut(text.as_bytes(), 100, 1 << 10) > 5);
}

#[test]
fn a_batch_that_is_repeated_is_told_though_a_stretch_ends_within() {
    let text = format!("{}INSERT t\nGO 2\n", "INSERT t VALUES (1, 'x')\n".repeat(9));
    assert!(cut(text.as_bytes(), 1, 1 << 20) > 5);
}

#[test]
fn what_is_no_file_is_read_in_one_stretch() {
    let script = open(&"INSERT t VALUES (1)\n".repeat(1 << 19));
    assert_eq!((script.stretches(0), script.row_count(0)), (1, 1 << 19));
}
