//! All stretches of a table one after the other are its rows and faults, however the script is cut.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::*;
use crate::sqlserver::{Encoding, Rows};

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

/// Rows and faults with everything that is told of them.
fn all_of(mut rows: Box<dyn Rows + '_>) -> Vec<String> {
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

/// Cuts a script in many ways and compares; returns the most stretches seen. One that cannot be opened
/// is no matter here.
fn compare(bytes: &[u8], encoding: Encoding, row_limit: usize) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.sql");
    fs::write(&path, bytes).unwrap();
    let options = ScriptOptions { encoding: Some(encoding), row_limit };
    let open = |size| Script::open_in_stretches("dump.sql", Arc::new(OnDisk(path.clone())), options, size);
    let Ok(whole) = open(u64::MAX) else { return 0 };
    let mut most = 0;
    for size in [1, 40, 150] {
        let script = open(size).unwrap();
        for table in 0..script.tables().len() {
            let expected = all_of(whole.rows(table).unwrap());
            let count = script.stretches(table);
            most = most.max(count);
            let pieces = (0..count).flat_map(|stretch| all_of(script.stretch(table, stretch).unwrap()));
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(pieces.collect::<Vec<_>>(), expected, "by {size}, table {table} of {text}");
            assert_eq!(all_of(script.rows(table).unwrap()), expected, "by {size}, table {table} of {text}");
            assert!(script.stretch(table, count).is_err());
        }
    }
    most
}

const STATEMENTS: [&str; 28] = [
    "INSERT a VALUES (1, 'x')\r\n",
    "INSERT a VALUES (2, N'it''s')\n",
    "INSERT INTO a (k, v) VALUES (3, N'é\r\n'), (4, '5')",
    "INSERT b VALUES (CAST('01/02/2003' AS datetime), 1)\r\n",
    "INSERT b SELECT 1, 2 UNION ALL SELECT 3, 4\n",
    "INSERT b SELECT x FROM y\n",
    "INSERT a EXEC p\n",
    "EXEC('INSERT a VALUES (6)')\n",
    "MERGE a USING b ON 1 = 1 WHEN NOT MATCHED THEN INSERT VALUES (1);\n",
    "INSERT a DEFAULT VALUES\n",
    "INSERT a VALUES (7, (\n",
    "INSERT",
    " a ",
    "SET DATEFORMAT dmy\n",
    "SET DATEFORMAT mdy\n",
    "USE m\n",
    "USE n\n",
    "GO\r\n",
    "\nGO 3\n",
    "/* INSERT a VALUES (8) */",
    "-- INSERT a VALUES (9)\n",
    "'",
    "print 'INSERT a VALUES (10)'\n",
    "CREATE TABLE a (k int, v nvarchar(9))\nGO\n",
    "GRANT INSERT, UPDATE ON a TO b\n",
    "UPDATE a SET k = 1\n",
    ";\r",
    ", (11, 'y')\n",
];

#[test]
fn statements_of_all_kinds_are_cut_where_they_begin() {
    // A fixed sequence (Marsaglia, "Xorshift RNGs").
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut most = 0;
    for round in 0..300 {
        let mut text = "INSERT a VALUES (0, NULL)\r\nINSERT b VALUES (0, NULL)\r\n".to_owned();
        for _ in 0..round % 40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let among = if round % 3 == 0 { 7 } else { STATEMENTS.len() as u64 };
            text.push_str(STATEMENTS[(state % among) as usize]);
        }
        let encoding =
            [Encoding::Utf8, Encoding::Utf16LittleEndian, Encoding::Utf16BigEndian, Encoding::Windows1252]
                [round % 4];
        let mut bytes = encoding.mark().to_vec();
        bytes.extend(encoding.encode(text.as_bytes()));
        most = most.max(compare(&bytes, encoding, 1 << 20));
    }
    assert!(most > 5, "{most}");
}

#[test]
fn what_a_batch_did_before_a_stretch_is_known_in_it() {
    let text = "INSERT a VALUES (1)\nINSERT a EXEC p\nGO 5\nINSERT a VALUES (2)\n";
    assert!(compare(text.as_bytes(), Encoding::Utf8, 1 << 20) > 2);
}

#[test]
fn text_that_is_run_is_told_of_though_its_table_is_no_other_s() {
    assert_eq!(rows_of(&open("INSERT a VALUES (1)\nEXEC('INSERT b VALUES (2)')"), 1), ["!malformed@2:25"]);
}

#[test]
fn rows_too_long_to_keep_are_cut_around() {
    let long = "x".repeat(3000);
    let text =
        format!("INSERT a VALUES (1)\nINSERT a VALUES ('{long}')\nINSERT a VALUES (2), ('{long}'), (3)\n");
    assert!(compare(text.repeat(3).as_bytes(), Encoding::Utf8, 1 << 10) > 2);
}
