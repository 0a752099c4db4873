//! The program on real files of SQL Server, read where they lie beside this project; each scenario
//! says so and is skipped where they do not. `GC2PC_SHARED_DATA` may name their folder.

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use support::Workshop;

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("GC2PC_SHARED_DATA").map(PathBuf::from);
    let candidates = [
        named.unwrap_or_else(|| PathBuf::from("../shared/data")),
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
    ];
    let found = candidates.iter().map(|folder| folder.join("sqlserver")).find(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: the shared data are not here; GC2PC_SHARED_DATA may name their folder");
    }
    found.map(|path| path.canonicalize().unwrap())
}

/// Runs `gc2pc tables --json`; returns the status and for each table (rows, rows by the engine).
fn tables(input: &std::path::Path) -> (i32, BTreeMap<String, (u64, Option<u64>)>) {
    let ran = Workshop::new().run([PathBuf::from("tables"), "--json".into(), input.into()]);
    let listed: Vec<Value> = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let table = |table: &Value| {
        let name = format!("{}.{}", table["schema"].as_str().unwrap(), table["name"].as_str().unwrap());
        (name, (table["rows"].as_u64().unwrap(), table["engine_rows"].as_u64()))
    };
    (ran.status, listed.iter().map(table).collect())
}

#[test]
fn every_complete_dump_has_the_tables_and_rows_that_its_engine_counted() {
    let Some(shared) = shared() else { return };
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(shared.join("expected.json")).unwrap()).unwrap();
    let mut seen = 0;
    for (name, expected) in expected {
        let (status, found) = tables(&shared.join(&name));
        assert_eq!(status, 0, "{name}");
        let wanted: BTreeMap<String, u64> = expected["tables"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(table, facts)| (table.clone(), facts["read_rows"].as_u64().unwrap()))
            .collect();
        let rows: BTreeMap<String, u64> =
            found.iter().map(|(table, (rows, _))| (table.clone(), *rows)).collect();
        assert_eq!(rows, wanted, "{name}");
        for (table, facts) in expected["tables"].as_object().unwrap() {
            let engine = facts["engine_rows"].as_u64();
            assert_eq!(found[table].1, engine, "{name}, {table}");
        }
        seen += 1;
    }
    assert!(seen >= 14, "only {seen} dumps are expected");
}

/// A CSV: its columns, and its rows.
type Sheet = (Vec<String>, Vec<csv::StringRecord>);

fn sheet(csv: &[u8]) -> Sheet {
    let mut reader = csv::Reader::from_reader(csv.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(csv));
    let columns = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (columns, reader.records().map(Result::unwrap).collect())
}

/// The rows as sorted texts, of the columns that are asked for.
fn texts((columns, rows): &Sheet, wanted: &[&String]) -> Vec<String> {
    let places = wanted.iter().map(|name| columns.iter().position(|column| column == *name).unwrap());
    let places: Vec<usize> = places.collect();
    let text =
        |row: &csv::StringRecord| format!("{:?}", places.iter().map(|&at| &row[at]).collect::<Vec<_>>());
    let mut texts: Vec<String> = rows.iter().map(text).collect();
    texts.sort_unstable();
    texts
}

/// Counts the rows of the ground truth that the program's rows hold, each once.
fn found_in_truth(dump: &str, tables: &[(&str, &str)]) -> Option<(usize, usize)> {
    let shared = shared()?;
    let (mut found, mut all) = (0, 0);
    for (table, truth) in tables {
        let ran = Workshop::new().run([PathBuf::from("rows"), shared.join(dump), (*table).into()]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{dump}, {table}");
        let truth = sheet(&std::fs::read(shared.join("groundtruth").join(truth)).unwrap());
        let told = sheet(ran.out.as_bytes());
        // Some owners added columns, and a script may leave some out.
        let common: Vec<&String> = truth.0.iter().filter(|column| told.0.contains(column)).collect();
        assert!(common.len() + 1 >= truth.0.len(), "{dump}, {table}: {:?}", told.0);
        let (wanted, mut rows) = (texts(&truth, &common), texts(&told, &common));
        all += wanted.len();
        for row in wanted {
            if let Ok(at) = rows.binary_search(&row) {
                rows.remove(at);
                found += 1;
            }
        }
    }
    Some((found, all))
}

const NORTHWIND: [(&str, &str); 11] = [
    ("Categories", "northwind/Categories.csv"),
    ("Customers", "northwind/Customers.csv"),
    ("EmployeeTerritories", "northwind/EmployeeTerritories.csv"),
    ("Employees", "northwind/Employees.csv"),
    ("Order Details", "northwind/Order_Details.csv"),
    ("Orders", "northwind/Orders.csv"),
    ("Products", "northwind/Products.csv"),
    ("Region", "northwind/Region.csv"),
    ("Shippers", "northwind/Shippers.csv"),
    ("Suppliers", "northwind/Suppliers.csv"),
    ("Territories", "northwind/Territories.csv"),
];

#[test]
fn every_row_of_northwind_comes_out_as_the_script_puts_it_in() {
    for (dump, equal) in [
        ("mdf/northwind-2005-upgraded-torn.mdf", 3308),
        ("mdf/northwind-2008-checksum.mdf", 3308),
        ("bak/northwind-2005-upgraded.bak", 3308),
        ("bak/northwind-2008r2.bak", 3308),
        ("bak/northwind-2016-compressed.bak", 3307),
        ("bacpac/northwind-2019.bacpac", 3308),
        ("sql/northwind-ssms2008-utf16.sql", 3308),
        ("sql/northwind-ssms2012plus-utf16.sql", 3308),
    ] {
        let Some(found) = found_in_truth(dump, &NORTHWIND) else { return };
        assert_eq!(found, (equal, 3308), "{dump}");
    }
}

#[test]
fn rows_of_pubs_are_those_of_its_export() {
    let all = [
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
    ];
    let named = |names: &[&'static str]| -> Vec<(&'static str, String)> {
        names.iter().map(|name| (*name, format!("pubs/{name}.csv"))).collect()
    };
    let found = |dump, names: &[&'static str]| {
        let named = named(names);
        let tables: Vec<(&str, &str)> = named.iter().map(|(table, file)| (*table, file.as_str())).collect();
        found_in_truth(dump, &tables)
    };
    let Some(exported) = found("bacpac/pubs-2019.bacpac", &all) else { return };
    assert_eq!(exported, (255, 255));
    // Two titles bear the time of their installation.
    assert_eq!(found("mdf/pubs-2008-checksum.mdf", &all), Some((253, 255)));
    let untouched =
        ["authors", "discounts", "employee", "jobs", "roysched", "sales", "stores", "titleauthor"];
    assert_eq!(found("bak/pubs-2012.bak", &untouched), Some((221, 221)));
}

#[test]
fn what_cannot_be_read_is_refused_with_the_reason_and_the_way_out() {
    let Some(shared) = shared() else { return };
    for (file, why, hint) in [
        ("mdf/northwind-2000-unsupported.mdf", "SQL Server 2000", "attach a copy"),
        ("bak/northwind-2014-stripe1of2-incomplete.bak", "stripe 1 of 2, other file missing", "all of them"),
    ] {
        for verb in ["tables", "convert"] {
            let workshop = Workshop::new();
            let mut arguments = vec![PathBuf::from(verb), shared.join(file)];
            if verb == "convert" {
                arguments.push("--dry-run".into());
            }
            let ran = workshop.run(arguments);
            assert_eq!(ran.status, 3, "{verb} {file}: {}", ran.err);
            assert!(ran.err.contains(why) && ran.err.contains(hint), "{verb} {file}: {}", ran.err);
        }
    }
}

#[test]
fn a_database_of_something_else_is_carried_whole_and_told() {
    let Some(shared) = shared() else { return };
    let workshop = Workshop::new();
    let package = workshop.converted(&[shared.join("bak/northwind-2008r2.bak")], 0);
    assert!(package.codes().contains(&"DATABASE-FOREIGN".to_owned()), "{:?}", package.codes());
    let sources = package.ledger("sources.csv");
    assert!(sources.iter().any(|row| row["input"] == "northwind-2008r2.bak#dbo.Orders"), "{sources:?}");
}
