//! `load.sql` and `README.txt`: fixed texts, with the files of this package in their places.

use super::StagedFile;
use super::table::{MESSAGES, TABLES};

/// What must be so before anything is loaded, the data in their side tables, what the data become, and
/// whether all of it arrived.
const SCRIPT: [&str; 3] =
    [include_str!("checks.sql"), include_str!("inserts.sql"), include_str!("proof.sql")];
const README: &str = include_str!("README.txt");

/// Makes the script that loads these files: ASCII, CRLF.
pub(super) fn script(files: &[StagedFile]) -> String {
    let places = [
        ("-- @create", create()),
        ("-- @expected", expected(files)),
        ("-- @bulk", files.iter().filter(|file| file.rows > 0).map(bulk).collect()),
        (
            "-- @drop",
            TABLES.iter().map(|table| format!("DROP TABLE gc2pc_staging.[{}];\n", table.name)).collect(),
        ),
    ];
    let mut text = String::new();
    for line in SCRIPT.into_iter().flat_map(str::lines) {
        match places.iter().find(|(place, _)| *place == line) {
            Some((_, filled)) => text.push_str(filled),
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text.replace('\n', "\r\n")
}

/// Makes the text for people: ASCII, CRLF.
pub(super) fn readme() -> String {
    README.lines().flat_map(|line| [line, "\r\n"]).collect()
}

fn create() -> String {
    TABLES.iter().map(|table| table.create()).collect()
}

/// Makes the rows of the table of counts.
fn expected(files: &[StagedFile]) -> String {
    let count = |name: &str| -> u64 {
        files.iter().filter(|file| file.table.name == name).map(|file| file.rows).sum()
    };
    let rows: Vec<String> =
        TABLES.iter().map(|table| format!("    (N'{}', {})", table.name, count(table.name))).collect();
    format!("{};\n", rows.join(",\n"))
}

/// Makes the statement that reads a file.
fn bulk(file: &StagedFile) -> String {
    let (table, stem) = (file.table.name, &file.stem);
    let rows = if table == MESSAGES.name { format!(" -- {} rows", file.rows) } else { String::new() };
    format!(
        "BULK INSERT gc2pc_staging.[{table}]{rows}\n    FROM '$(StagingPath)\\{stem}.bcp'\n    WITH (FORMATFILE = \
         '$(StagingPath)\\{stem}.fmt', KEEPNULLS, TABLOCK, MAXERRORS = 0);\nGO\n"
    )
}
