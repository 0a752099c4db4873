//! Real scripts, read where they lie; skipped where they do not.

use std::collections::BTreeMap;

use super::*;
use crate::sqlserver::{CsvWriter, Delimited, Options};

/// Reads CSV into rows of named values, `None` being NULL.
fn truth(bytes: &[u8]) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let dump = Delimited::open("truth.csv", Arc::new(Memory(bytes.into())), Options::default()).unwrap();
    let names = dump.tables()[0].columns.iter().map(|column| column.name.clone()).collect();
    (names, plain_rows(&dump, 0))
}

fn plain_rows(dump: &dyn Dump, table: usize) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut take = |row: RowResult<'_>| {
        let row = row.unwrap_or_else(|fault| panic!("{fault:?}"));
        let value = |value: &Value<'_>| {
            value.present(true).map(|value| String::from_utf8(value.as_text().unwrap().into_owned()).unwrap())
        };
        rows.push(row.values.iter().map(value).collect());
        Ok(())
    };
    dump.rows(table).unwrap().for_each_row(&mut take).unwrap();
    rows
}

/// Tells whether a table of a script has the rows of the ground truth, in any order.
fn compare(
    script: &Script,
    table: &str,
    bytes: &[u8],
    fields: impl Fn(&str, String) -> Option<String>,
) -> usize {
    let (names, expected) = truth(bytes);
    let at = script.tables().iter().position(|found| found.name == table).expect(table);
    let columns = &script.tables()[at].columns;
    let places: Vec<Option<usize>> =
        names.iter().map(|name| columns.iter().position(|column| column.name == *name)).collect();
    let kept = |name: &str, value: Option<String>| value.and_then(|value| fields(name, value));
    let mut expected: Vec<Vec<Option<String>>> = expected
        .into_iter()
        .map(|row| {
            let row = row.into_iter().zip(&names).zip(&places).filter(|(_, place)| place.is_some());
            row.map(|((value, name), _)| kept(name, value)).collect()
        })
        .collect();
    let mut found: Vec<Vec<Option<String>>> = plain_rows(script, at)
        .into_iter()
        .map(|row| {
            let named = names.iter().zip(&places).filter_map(|(name, place)| Some((name, (*place)?)));
            named.map(|(name, place)| kept(name, row[place].clone())).collect()
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found.len(), expected.len(), "{table}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{table}");
    }
    assert_eq!(script.row_count(at), found.len() as u64);
    found.len()
}

const NORTHWIND: [&str; 11] = [
    "Categories",
    "Customers",
    "EmployeeTerritories",
    "Employees",
    "Order Details",
    "Orders",
    "Products",
    "Region",
    "Shippers",
    "Suppliers",
    "Territories",
];

fn northwind(file: &str, fields: impl Fn(&str, String) -> Option<String> + Copy) {
    let Some(bytes) = shared(file) else { return };
    let script = open_bytes(&bytes, 1 << 20).unwrap();
    let mut rows = 0;
    for table in NORTHWIND {
        let truth = shared(&format!("groundtruth/northwind/{}.csv", table.replace(' ', "_"))).unwrap();
        rows += compare(&script, table, &truth, fields);
    }
    assert_eq!(rows, 3308);
}

#[test]
fn northwind_of_2008_is_exact() {
    northwind("sql/northwind-ssms2008-utf16.sql", |_, value| Some(value));
}

#[test]
fn northwind_of_later_years_is_exact() {
    northwind("sql/northwind-ssms2012plus-utf16.sql", |_, value| Some(value));
}

#[test]
fn types_of_northwind_come_from_its_tables() {
    let Some(bytes) = shared("sql/northwind-ssms2008-utf16.sql") else { return };
    let script = open_bytes(&bytes, 1 << 20).unwrap();
    let orders = script.tables().iter().position(|table| table.name == "Orders").unwrap();
    assert_eq!(
        columns(&script, orders)[..4],
        ["OrderID int!", "CustomerID nchar(5)", "EmployeeID int", "OrderDate datetime"]
    );
    assert_eq!(script.format(), "T-SQL script, utf-16le");
}

#[test]
fn a_script_cut_off_anywhere_gives_the_rows_before_and_one_fault() {
    let Some(bytes) = shared("sql/northwind-ssms2012plus-utf16.sql") else { return };
    let whole = open_bytes(&bytes, 1 << 20).unwrap();
    let total: u64 = (0..whole.tables().len()).map(|table| whole.row_count(table)).sum();
    for cut in (600_000..bytes.len()).step_by(471_717) {
        let script = open_bytes(&bytes[..cut], 1 << 20).unwrap();
        let rows: u64 = (0..script.tables().len()).map(|table| script.row_count(table)).sum();
        assert!(rows < total);
        let faults: Vec<_> = (0..script.tables().len()).flat_map(|table| faults(&script, table)).collect();
        let truncated = faults.iter().all(|fault| fault.cause == crate::ledger::Cause::Truncated);
        assert!(faults.len() <= 1 && truncated, "cut at {cut}: {faults:?}");
    }
}

#[test]
fn chinook_has_rows_in_lists() {
    let Some(bytes) = shared("sql/chinook-multirow-utf8.sql") else { return };
    let script = open_bytes(&bytes, 1 << 20).unwrap();
    let counts: BTreeMap<&str, usize> = script
        .tables()
        .iter()
        .enumerate()
        .map(|(at, table)| (table.name.as_str(), plain_rows(&script, at).len()))
        .collect();
    let expected = [
        ("Album", 347),
        ("Artist", 275),
        ("Customer", 59),
        ("Employee", 8),
        ("Genre", 25),
        ("Invoice", 412),
        ("InvoiceLine", 2240),
        ("MediaType", 5),
        ("Playlist", 18),
        ("PlaylistTrack", 8715),
        ("Track", 3503),
    ];
    assert_eq!(counts, expected.into());
    let invoice = script.tables().iter().position(|table| table.name == "Invoice").unwrap();
    let mut out = CsvWriter::new(Vec::new(), &script.tables()[invoice].columns).unwrap();
    out.row(script.rows(invoice).unwrap().next_row().unwrap().unwrap().unwrap().values).unwrap();
    assert_eq!(
        String::from_utf8(out.finish().unwrap()).unwrap().lines().nth(1).unwrap(),
        "1,2,2021-01-01 00:00:00.000,Theodor-Heuss-Straße 34,Stuttgart,\\N,\\N,Germany,70174,1.98"
            .replace("\\N,\\N", "\\N")
    );
}

#[test]
fn pubs_is_written_by_hand() {
    let Some(bytes) = shared("sql/instpubs-utf8.sql") else { return };
    let script = open_bytes(&bytes, 1 << 20).unwrap();
    let mut rows = 0;
    for table in [
        "authors",
        "discounts",
        "employee",
        "jobs",
        "pub_info",
        "publishers",
        "roysched",
        "sales",
        "stores",
        "titleauthor",
        "titles",
    ] {
        let truth = shared(&format!("groundtruth/pubs/{table}.csv")).unwrap();
        rows += compare(&script, table, &truth, |name, value| match (table, name) {
            // The truth has the server's defaults and its own idea of an umlaut.
            ("titles", "pubdate" | "type") | ("publishers", "city") => None,
            ("employee", "job_lvl") => None,
            // Nothing fills fixed lengths up.
            _ => Some(
                value.replace("\r\n", "\n").replace(['ü', '\u{FFFD}'], "?").trim_end_matches(' ').to_owned(),
            ),
        });
    }
    assert_eq!(rows, 255);
}

#[test]
fn every_real_script_is_known_by_its_head_and_has_no_problem() {
    for name in
        ["chinook-multirow-utf8", "instpubs-utf8", "northwind-ssms2008-utf16", "northwind-ssms2012plus-utf16"]
    {
        let Some(bytes) = shared(&format!("sql/{name}.sql")) else { return };
        assert!(Script::is_like(&bytes[..bytes.len().min(1 << 16)]), "{name}");
        assert!(Script::is_like(&bytes[..4096]), "{name}");
        assert_eq!(open_bytes(&bytes, 1 << 20).unwrap().problems(), [""; 0], "{name}");
    }
}
