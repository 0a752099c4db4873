//! Real files that were exported from SQL Server, read where they lie; skipped where they do not.

use super::*;
use crate::sqlserver::real_files::bytes as shared;

fn by_terminators(name: &str, columns: &[&str], delimiter: &str, end: &str) -> Option<Delimited> {
    let bytes = shared(name)?;
    let mut format = format!("12.0\n{}\n", columns.len());
    for (at, column) in columns.iter().enumerate() {
        let terminator = if at + 1 < columns.len() { delimiter } else { end };
        format += &format!("{0} SQLCHAR 0 0 \"{terminator}\" {0} {column} \"\"\n", at + 1);
    }
    let format = FormatFile::parse("made.fmt", format.as_bytes()).unwrap();
    Some(open(&bytes, Options { format: Some(format), ..Options::default() }).unwrap())
}

#[test]
fn country_region_is_bcp_with_tabs() {
    let Some(bytes) = shared("csv/CountryRegion.csv") else { return };
    let dump = sniffed(&bytes);
    assert_eq!(dump.format(), "tab without quotes, utf-8");
    let rows = rows(&dump);
    assert_eq!(rows.len(), 238);
    assert_eq!(rows[0], "'AD'|'Andorra'|'2019-04-30 00:00:00.000'");
    assert!(rows.iter().any(|row| row.contains("Côte d\\'Ivoire")), "{rows:?}");
}

#[test]
fn product_review_has_line_breaks_in_values_and_needs_a_format_file() {
    let Some(bytes) = shared("csv/ProductReview.csv") else { return };
    let (why, hint) = refusal(&bytes, Options::default());
    assert!(why.contains("no row can be trusted") && hint.contains("format file"), "{why}; {hint}");
    let columns = ["id", "product", "reviewer", "reviewed", "email", "rating", "comments", "modified"];
    let dump = by_terminators("csv/ProductReview.csv", &columns, "\\t", "\\n").unwrap();
    let rows = rows(&dump);
    assert_eq!(rows.len(), 4);
    assert!(rows[1].starts_with("'2'|'937'|'David'|") && rows[3].ends_with("|'2024-11-14 00:00:00.000'"));
}

#[test]
fn job_candidate_has_terminators_of_its_own() {
    let columns = ["id", "entity", "resume", "modified"];
    let Some(dump) = by_terminators("csv/JobCandidate.csv", &columns, "+|", "&|\\n") else { return };
    let rows = rows(&dump);
    assert_eq!(rows.len(), 13);
    assert!(rows.iter().all(|row| row.contains("<ns:Resume ") && !row.starts_with('!')));
    assert!(rows[0].starts_with("'1'|-|"));
}

#[test]
fn document_writes_empty_strings_as_nul() {
    let columns = [
        "node",
        "level",
        "title",
        "owner",
        "folder",
        "file",
        "extension",
        "revision",
        "change",
        "status",
        "summary",
        "document",
        "guid",
        "modified",
    ];
    let Some(dump) = by_terminators("csv/Document.csv", &columns, "+|", "&|\\r\\n") else { return };
    let rows = rows(&dump);
    assert_eq!(rows.len(), 12);
    assert!(rows[0].starts_with("''|'0'|'Documents'|'217'|'1'|'Documents'|''|'0    '|'0'|'2'|-|-|'27CF33AF"));
    assert!(!rows.iter().any(|row| row.starts_with('!')));
}

#[test]
fn format_files_of_the_vendor_are_understood() {
    let (Some(character), Some(native)) = (shared("bcp/tsjson.fmt"), shared("bcp/product.fmt")) else {
        return;
    };
    assert!(FormatFile::is_like(&character) && FormatFile::is_like(&native));
    let format = FormatFile::parse("tsjson.fmt", &character).unwrap();
    let names: Vec<&str> = format.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["EventTime", "Level", "Message", "EventData"]);
    assert_eq!(format.terminators().last().unwrap(), b"\r\n");
    let native = FormatFile::parse("product.fmt", &native).unwrap();
    assert!(native.is_native() && !format.is_native());
    let error = open(b"", Options { format: Some(native), ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("native data"), "{error}");
}

#[test]
fn ground_truth_written_by_another_program_reads_back_to_the_last_row() {
    for (name, count) in [
        ("northwind/Orders.csv", 830),
        ("northwind/Employees.csv", 9),
        ("northwind/Order_Details.csv", 2155),
        ("northwind/Region.csv", 4),
        ("pubs/pub_info.csv", 8),
        ("pubs/titles.csv", 18),
    ] {
        let Some(bytes) = shared(&format!("groundtruth/{name}")) else { return };
        let dump = sniffed(&bytes);
        let rows = rows(&dump);
        assert_eq!(rows.len(), count, "{name}");
        assert!(!rows.iter().any(|row| row.starts_with('!')), "{name}");
        let feeds = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        assert!(feeds(super::round_trip::rewritten(&dump)) == feeds(bytes), "{name} differs when written");
    }
}
