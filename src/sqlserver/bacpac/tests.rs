//! Real packages, read where they lie, and made-up damage.

use std::path::{Path, PathBuf};

use super::*;
use crate::sqlserver::real_files::path as shared;
use crate::sqlserver::{Delimited, Options, RowResult};

#[derive(Debug)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::fs::File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

fn open(path: &Path) -> Result<Bacpac> {
    let blob: Arc<dyn Blob> = Arc::new(OnDisk(path.to_owned()));
    Bacpac::open("x.bacpac", &blob, &Limits::default())
}

fn rows(dump: &dyn Dump, table: usize) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut take = |row: RowResult<'_>| {
        let row = row.unwrap_or_else(|fault| panic!("{fault:?}"));
        let value = |value: &crate::sqlserver::Value<'_>| {
            value.present(true).map(|value| String::from_utf8(value.as_text().unwrap().into_owned()).unwrap())
        };
        rows.push(row.values.iter().map(value).collect());
        Ok(())
    };
    dump.rows(table).unwrap().for_each_row(&mut take).unwrap();
    rows
}

/// Opens a real package and counts all rows by reading them.
fn counted(name: &str, expected: u64) -> Option<Bacpac> {
    let bacpac = open(&shared(name)?).unwrap();
    assert_eq!(bacpac.problems(), [""; 0]);
    let mut all = 0;
    for table in 0..bacpac.tables().len() {
        let found = rows(&bacpac, table).len() as u64;
        assert_eq!(found, bacpac.row_count(table));
        all += found;
    }
    assert_eq!(all, expected, "{name}");
    Some(bacpac)
}

fn compare(bacpac: &Bacpac, table: &str, truth: &Path) {
    #[derive(Debug)]
    struct Memory(Vec<u8>);
    impl Blob for Memory {
        fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(std::io::Cursor::new(self.0.clone())))
        }
        fn size(&self) -> Option<u64> {
            None
        }
    }
    let truth = Arc::new(Memory(std::fs::read(truth).unwrap()));
    let truth = Delimited::open("truth.csv", truth, Options::default()).unwrap();
    let names = |dump: &dyn Dump, table: usize| -> Vec<String> {
        dump.tables()[table].columns.iter().map(|column| column.name.clone()).collect()
    };
    let at = bacpac.tables().iter().position(|found| found.name == table).unwrap();
    assert_eq!(names(bacpac, at), names(&truth, 0));
    let (mut expected, mut found) = (rows(&truth, 0), rows(bacpac, at));
    // Line ends of the truth are those of its source, a file that lost its carriage returns.
    for row in expected.iter_mut().chain(&mut found) {
        row.iter_mut().flatten().for_each(|value| *value = value.replace("\r\n", "\n"));
    }
    expected.sort();
    found.sort();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{table}");
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn northwind_is_exact() {
    let Some(bacpac) = counted("bacpac/northwind-2019.bacpac", 3308) else { return };
    for table in [
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
    ] {
        let truth = shared(&format!("groundtruth/northwind/{}.csv", table.replace(' ', "_"))).unwrap();
        compare(&bacpac, table, &truth);
    }
}

#[test]
fn pubs_is_exact() {
    let Some(bacpac) = counted("bacpac/pubs-2019.bacpac", 255) else { return };
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
        compare(&bacpac, table, &shared(&format!("groundtruth/pubs/{table}.csv")).unwrap());
    }
}

#[test]
fn other_packages_have_the_rows_that_their_origin_tells() {
    counted("bacpac/adventureworkslt-azure.bacpac", 4277);
    counted("bacpac/clinic-2016.bacpac", 287);
}

/// Copies a real package entry by entry, changed on the way.
fn changed(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Option<tempfile::NamedTempFile> {
    use std::io::Write;
    let mut source =
        ::zip::ZipArchive::new(std::fs::File::open(shared("bacpac/clinic-2016.bacpac")?).unwrap()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut target = ::zip::ZipWriter::new(file.reopen().unwrap());
    for number in 0..source.len() {
        let mut entry = source.by_index(number).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if let Some(bytes) = change(&name, bytes) {
            target.start_file(name.as_str(), ::zip::write::SimpleFileOptions::default()).unwrap();
            target.write_all(&bytes).unwrap();
        }
    }
    target.finish().unwrap();
    Some(file)
}

fn refusal(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Option<String> {
    let file = changed(change)?;
    Some(open(file.path()).unwrap_err().to_string())
}

#[test]
fn a_package_without_data_is_told_as_a_dacpac() {
    let Some(why) = refusal(|name, bytes| (!name.starts_with("Data/")).then_some(bytes)) else { return };
    assert_eq!(why, "x.bacpac: it is a DACPAC: it describes tables and holds no rows");
}

#[test]
fn data_and_model_must_belong_together() {
    let rename = |name: &str, bytes: Vec<u8>| match name {
        "model.xml" => Some(String::from_utf8(bytes).unwrap().replace("[Visits]", "[Calls]").into_bytes()),
        _ => Some(bytes),
    };
    let Some(why) = refusal(rename) else { return };
    assert_eq!(why, "x.bacpac: its data folder dbo.Visits belongs to no table of the model");
    assert!(refusal(|name, bytes| (name != "model.xml").then_some(bytes)).unwrap().contains("no model.xml"));
}

#[test]
fn promises_that_are_not_kept_are_problems() {
    let less = |name: &str, bytes: Vec<u8>| match name {
        "Origin.xml" => Some(String::from_utf8(bytes).unwrap().replace(">287<", ">288<").into_bytes()),
        "model.xml" => Some([&bytes[..], b"\n"].concat()),
        _ => Some(bytes),
    };
    let Some(file) = changed(less) else { return };
    let bacpac = open(file.path()).unwrap();
    assert_eq!(
        bacpac.problems(),
        [
            "model.xml is not the one that was exported: its checksum differs from Origin.xml",
            "Origin.xml tells of 288 rows, but 287 were found"
        ]
    );
}

#[test]
fn a_row_that_does_not_fit_names_part_and_byte() {
    let cut = |name: &str, mut bytes: Vec<u8>| {
        if name == "Data/dbo.Patients/TableData-001-00000.BCP" || name.ends_with("TableData-000-00000.BCP") {
            bytes.pop();
        }
        Some(bytes)
    };
    let Some(file) = changed(cut) else { return };
    let bacpac = open(file.path()).unwrap();
    let mut faults = Vec::new();
    for table in 0..bacpac.tables().len() {
        let mut rows = bacpac.rows(table).unwrap();
        while let Some(row) = rows.next_row().unwrap() {
            faults.extend(row.err());
        }
    }
    assert!(!faults.is_empty());
    let told = bacpac.problems().iter().filter(|told| told.contains("do not fit its columns")).count();
    assert_eq!(told, faults.len(), "{:?}", bacpac.problems());
    for fault in faults {
        assert_eq!(fault.cause, crate::ledger::Cause::Truncated);
        assert!(fault.detail.starts_with("x.bacpac#Data/dbo."), "{}", fault.detail);
        assert!(fault.detail.contains(&format!(", byte {}: ", fault.byte)), "{}", fault.detail);
    }
}

#[test]
fn changed_bytes_are_survived() {
    for step in [3, 17, 101] {
        let spoil = |name: &str, mut bytes: Vec<u8>| {
            if name.ends_with(".BCP") {
                bytes.iter_mut().step_by(step).for_each(|byte| *byte ^= 0xFF);
            }
            Some(bytes)
        };
        let Some(file) = changed(spoil) else { return };
        let bacpac = open(file.path()).unwrap();
        for table in 0..bacpac.tables().len() {
            bacpac.rows(table).unwrap().for_each_row(&mut |_| Ok(())).unwrap();
        }
    }
}

#[test]
fn a_part_that_cannot_be_opened_stops_its_own_table_alone() {
    let Some(file) = changed(|_, bytes| Some(bytes)) else { return };
    let mut bytes = std::fs::read(file.path()).unwrap();
    // Says in the directory of the archive that this entry is stored by a method that nobody has.
    let name = b"Data/dbo.Visits/";
    let entry = memchr::memmem::rfind(&bytes, name).unwrap() - 46;
    assert!(bytes[entry..].starts_with(b"PK\x01\x02"));
    bytes[entry + 10] = 77;
    let damaged = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(damaged.path(), bytes).unwrap();
    let bacpac = open(damaged.path()).unwrap();
    let mut read = 0;
    for (at, table) in bacpac.tables().iter().enumerate() {
        if table.name == "Visits" {
            let why = bacpac.refusal(at).unwrap();
            assert!(
                why.starts_with("the rows of dbo.Visits cannot be read: x.bacpac#Data/dbo.Visits/"),
                "{why}"
            );
            assert!(bacpac.rows(at).err().unwrap().to_string().contains(why));
            assert!(bacpac.problems().iter().any(|told| told == why));
        } else {
            assert_eq!(bacpac.refusal(at), None);
            read += rows(&bacpac, at).len();
        }
    }
    assert!(read > 0);
}

#[test]
fn a_package_cut_off_or_spoilt_anywhere_is_survived() {
    let Some(path) = shared("bacpac/clinic-2016.bacpac") else { return };
    let bytes = std::fs::read(path).unwrap();
    let survive = |bytes: &[u8]| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let Ok(bacpac) = open(file.path()) else { return false };
        for table in 0..bacpac.tables().len() {
            if let Ok(mut rows) = bacpac.rows(table) {
                let _ = rows.for_each_row(&mut |_| Ok(()));
            }
        }
        true
    };
    assert!(survive(&bytes));
    for cut in (0..bytes.len()).step_by(bytes.len() / 40) {
        assert!(!survive(&bytes[..cut]), "cut at {cut}");
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut spoilt = bytes.clone();
        spoilt[at] ^= 0x55;
        survive(&spoilt);
    }
}
