//! Real databases, read where they lie; skipped where they do not.

use std::collections::BTreeMap;
use std::fs;

use super::*;

/// What is known of a file.
pub(super) fn expected(name: &str) -> Option<serde_json::Value> {
    let all = fs::read(shared("expected.json")?).unwrap();
    let all: serde_json::Value = serde_json::from_slice(&all).unwrap();
    Some(all[name]["tables"].clone())
}

/// Opens a real file and compares tables, columns and counts with what is known of it.
fn open(name: &str) -> Option<Mdf> {
    let path = shared(name)?;
    let expected = expected(name)?;
    let mdf = open_file(&path).unwrap();
    assert_eq!(mdf.problems(), [] as [String; 0]);
    let mut tables = BTreeMap::new();
    for (at, table) in mdf.tables().iter().enumerate() {
        let rows = rows(&mdf, at);
        let faults: Vec<_> = rows.iter().filter(|row| row[0].starts_with('!')).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", table.name);
        assert_eq!(Some(rows.len() as u64), table.engine_rows, "{}", table.name);
        let short = |column: &crate::sqlserver::Column| {
            let data_type = column.data_type.to_string();
            format!("{} {}", column.name, data_type.split('(').next().unwrap())
        };
        let columns: Vec<String> = table.columns.iter().map(short).collect();
        tables.insert(format!("{}.{}", table.schema, table.name), (rows.len() as u64, columns));
    }
    let listed = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let known = expected.as_object().unwrap().iter();
    let known = known.map(|(name, table)| {
        (name.clone(), (table["read_rows"].as_u64().unwrap(), listed(&table["columns"])))
    });
    assert_eq!(tables, known.collect());
    Some(mdf)
}

/// Reads a table of the ground truth: its header and its rows.
fn truth(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    let mut records = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect());
    (records.next().unwrap(), records.collect())
}

/// Picks the named columns of all rows, in sorted order of rows.
fn picked(rows: Vec<Vec<String>>, columns: &[String], names: &[String]) -> Vec<Vec<String>> {
    let places: Vec<usize> =
        names.iter().map(|name| columns.iter().position(|column| column == name).unwrap()).collect();
    let mut rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| places.iter().map(|&at| row[at].clone()).collect()).collect();
    rows.sort();
    rows
}

/// Compares a table with the truth over the columns that both have; `left_out` are not compared.
fn compare(mdf: &Mdf, table: &str, header: &[String], truth: Vec<Vec<String>>, left_out: &[&str]) {
    let at = position(mdf, table);
    let columns: Vec<String> = mdf.tables()[at].columns.iter().map(|column| column.name.clone()).collect();
    let common: Vec<String> = header
        .iter()
        .filter(|name| columns.contains(name) && !left_out.contains(&name.as_str()))
        .cloned()
        .collect();
    assert!(!common.is_empty(), "{table}");
    let (mine, theirs) = (picked(rows(mdf, at), &columns, &common), picked(truth, header, &common));
    assert_eq!(mine.len(), theirs.len(), "{table}");
    for (mine, theirs) in mine.iter().zip(&theirs) {
        assert_eq!(mine, theirs, "{table}");
    }
}

pub(super) fn compare_folder(mdf: &Mdf, folder: &str, left_out: &[&str]) {
    let Some(folder) = shared(folder) else { return };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let table = path.file_stem().unwrap().to_str().unwrap().replace('_', " ");
        let table = if table == "pub info" { "pub_info" } else { &table };
        let (header, rows) = truth(&path);
        compare(mdf, table, &header, rows, left_out);
    }
}

#[test]
fn northwind_of_2005_that_began_on_2000_is_whole() {
    let Some(mdf) = open("mdf/northwind-2005-upgraded-torn.mdf") else { return };
    assert_eq!((mdf.version(), mdf.product()), (611, "SQL Server 2005"));
    assert!(mdf.database().ends_with("\\APP_DATA\\NORTHWND.MDF"), "{}", mdf.database());
    compare_folder(&mdf, "groundtruth/northwind", &[]);
}

#[test]
fn northwind_of_2008_is_whole() {
    let Some(mdf) = open("mdf/northwind-2008-checksum.mdf") else { return };
    assert_eq!(mdf.version(), 655);
    compare_folder(&mdf, "groundtruth/northwind", &[]);
}

#[test]
fn pubs_has_columns_in_another_order_than_its_keys() {
    let Some(mdf) = open("mdf/pubs-2008-checksum.mdf") else { return };
    assert_eq!(mdf.database(), r"C:\DBS\PUBS.MDF");
    compare_folder(&mdf, "groundtruth/pubs", &["pubdate"]);
}

#[test]
fn music_store_of_2012_agrees_with_an_independent_reader() {
    let Some(mdf) = open("mdf/mvcmusicstore-2012.mdf") else { return };
    let Some(path) = shared("groundtruth/mvcmusicstore-2012.orcamdf.tsv") else { return };
    let text = fs::read_to_string(path).unwrap();
    let field = |field: &str| match field {
        "\\N" => field.to_owned(),
        _ => field.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\"),
    };
    let line = |line: &str| -> Vec<String> { line.split('\t').map(field).collect() };
    let mut compared = 0;
    for table in text.split("#TABLE\t").skip(1) {
        let mut lines = table.lines().map(line);
        let mut header = lines.next().unwrap();
        let name = header.remove(0);
        compare(&mdf, &name, &header, lines.collect(), &[]);
        compared += 1;
    }
    assert_eq!(compared, 7);
}

#[test]
fn a_database_of_2000_is_refused_by_name() {
    let Some(path) = shared("mdf/northwind-2000-unsupported.mdf") else { return };
    let Err(Error::Unusable { why, hint, .. }) = open_file(&path) else { panic!("not refused") };
    assert!(why.contains("SQL Server 2000") && why.contains("539"), "{why}");
    assert!(hint.contains("attach"), "{hint}");
}

#[test]
fn columns_tell_whether_they_may_be_null() {
    for name in ["mdf/northwind-2005-upgraded-torn.mdf", "mdf/northwind-2008-checksum.mdf"] {
        let Some(path) = shared(name) else { return };
        let mdf = open_file(&path).unwrap();
        let products = &mdf.tables()[position(&mdf, "Products")];
        let nullable: Vec<bool> = products.columns.iter().map(|column| column.nullable).collect();
        assert_eq!(nullable, [false, false, true, true, true, true, true, true, true, false], "{name}");
    }
}
