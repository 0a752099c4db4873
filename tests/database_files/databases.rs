//! Databases as a whole: their files, their protection, their catalog, and what is damaged or refused.

use gc2pc::sqlserver::Dump;

use crate::database_builder::bulk::{messages, write_backup, write_chat};
use crate::database_builder::group_chat::{Product, table_named};
use crate::database_builder::{
    Backup, Cell, Column, Database, Kind, PAGE, Protection, Row, Table, long_text,
};
use crate::reading::{Files, assert_holds, position, read};
use crate::tables::{DIALECTS, assert_comes_out, built, number, numbered, word};

#[test]
fn pages_are_read_whatever_protects_them() {
    // Text in every byte, so that what stood at the ends of sectors shows.
    let columns = vec![number("id"), word("text"), Column::new("long", Kind::NVarCharMax)];
    let table = Table::clustered("t", &["id"], columns);
    let row = |number: i64| {
        Row::from(vec![Cell::from(number), Cell::from("ÿ".repeat(190).as_str()), long_text(7000)])
    };
    let rows: Vec<Row> = (0..200).map(row).collect();
    for protection in [Protection::Nothing, Protection::TornPage, Protection::Checksum] {
        let mut database = Database::new("protected", 611).protection(protection).created(539);
        database.add(&table, rows.clone());
        let mdf = Files::of(&database.finish()).mdf().unwrap();
        assert_eq!(mdf.problems(), Vec::<String>::new(), "{protection:?}");
        assert_holds(&mdf, &table, &rows);
    }
}

#[test]
fn data_files_are_read_together_and_garbage_at_their_end_is_none() {
    let heap = Table::heap("heap", vec![number("id"), word("text")]).in_files(&[1, 3]);
    let clustered = Table::clustered("clustered", &["id"], vec![number("id"), word("text")]).in_files(&[3]);
    let rows: Vec<Row> = (0..4000).map(numbered).collect();
    for version in DIALECTS {
        let mut database = Database::new("spread", version).file(3, "spread_more");
        database.add(&heap, rows.clone()).add(&clustered, rows.clone());
        let built = database.finish();
        let mdf = Files::of(&built).mdf().unwrap();
        assert_holds(&mdf, &heap, &rows);
        assert_holds(&mdf, &clustered, &rows);

        let garbage = built.with_garbage(40);
        let mdf = Files::new(&[("a.mdf", &garbage), ("b.ndf", built.bytes(3))]).mdf().unwrap();
        assert_eq!(mdf.problems(), Vec::<String>::new());
        assert_holds(&mdf, &heap, &rows);
        assert_holds(&mdf, &clustered, &rows);
    }
}

#[test]
fn what_is_left_on_pages_that_were_never_used_is_no_row() {
    let heap = Table::heap("heap", vec![number("id"), word("text")]);
    let rows: Vec<Row> = (0..700).map(numbered).collect();
    for version in DIALECTS {
        let mut database = Database::new("used", version).leftovers();
        database.add(&heap, rows.clone());
        let built = database.finish();
        let backup = Files::of_backup(&Backup::of(&built).bytes());
        for mdf in [Files::of(&built).mdf().unwrap(), backup.restored().unwrap()] {
            assert_eq!(mdf.problems(), Vec::<String>::new());
            assert_holds(&mdf, &heap, &rows);
        }
    }
}

#[test]
fn a_database_that_is_written_as_it_grows_is_the_same_as_one_in_memory() {
    let table = table_named(Product::Mgc2013, "tblChat");
    let rows: Vec<Row> = messages(20_000).collect();
    let mut database = Database::new("mgc", 706);
    database.add(&table, rows.clone());
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("mgc.mdf");
    let grown = write_chat(&path, 706, 20_000);
    let built = database.finish();
    assert!(std::fs::read(&path).unwrap() == built.bytes(1), "the files differ");
    let path = folder.path().join("mgc.bak");
    write_backup(&path, &grown, None);
    assert!(std::fs::read(&path).unwrap() == Backup::of(&built).bytes()[0], "the backups differ");
    assert_holds(&Files::of(&built).mdf().unwrap(), &table, &rows);
}

#[test]
fn many_tables_fill_many_pages_of_the_catalog() {
    let tables: Vec<Table> = (0..120)
        .map(|at| {
            let columns = (0..=at % 30).map(|column| word(&format!("column number {column}"))).collect();
            Table::heap(&format!("table {at}"), columns).in_schema(["dbo", "sales", "hr"][at % 3])
        })
        .collect();
    for version in DIALECTS {
        let mut database = Database::new("many", version);
        let row = |table: &Table| Row::from(vec![Cell::from(table.name.as_str()); table.columns.len()]);
        for table in &tables {
            database.add(table, [row(table)]);
        }
        let mdf = Files::of(&database.finish()).mdf().unwrap();
        assert_eq!(mdf.tables().len(), tables.len());
        for table in &tables {
            assert_holds(&mdf, table, &[row(table)]);
        }
    }
}

#[test]
fn compressed_tables_are_refused_by_name_and_the_others_read() {
    let columns = || vec![number("id"), word("text")];
    let rows: Vec<Row> = (0..10).map(numbered).collect();
    let plain = Table::heap("plain", columns());
    let mut database = Database::new("mixed", 661);
    database.add(&plain, rows.clone());
    database.add(&Table::heap("by row", columns()).compression(1), rows.clone());
    database.add(&Table::heap("by page", columns()).compression(2), rows.clone());
    let mdf = Files::of(&database.finish()).mdf().unwrap();
    assert_holds(&mdf, &plain, &rows);
    for name in ["by row", "by page"] {
        let at = position(&mdf, name);
        assert!(mdf.refusal(at).is_some_and(|why| why.contains("compress")), "{:?}", mdf.refusal(at));
        let error = mdf.rows(at).map(drop).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn the_engines_own_count_is_told_even_where_it_is_wrong() {
    let table = Table::heap("t", vec![number("id"), word("text")]).claiming(12);
    let rows: Vec<Row> = (0..10).map(numbered).collect();
    assert_comes_out("a wrong count", &table, &rows);
}

#[test]
fn a_flipped_bit_is_told_with_its_page_and_the_other_pages_are_read() {
    let table = Table::heap("t", vec![number("id"), word("text")]);
    let rows: Vec<Row> = (0..2000).map(numbered).collect();
    let built = built(661, &table, &rows);
    let bytes = built.bytes(1);
    // A page of rows in an extent of the table's own.
    let is_data =
        |page: &usize| bytes[page * PAGE + 1] == 1 && bytes[page * PAGE + 24..page * PAGE + 26] == [0, 2];
    let page = (0..bytes.len() / PAGE).filter(is_data).nth(10).expect("the table has pages");
    for at in [200, 4000, 8191] {
        let mut damaged = bytes.to_vec();
        damaged[page * PAGE + at] ^= 4;
        let mdf = Files::new(&[("a.mdf", &damaged)]).mdf().unwrap();
        let came_out = read(&mdf, "t");
        assert!(
            came_out.faults.iter().any(|fault| fault.contains(&format!("1:{page}"))),
            "{:?}",
            came_out.faults
        );
        assert!(came_out.rows.len() + 150 > rows.len(), "{} rows", came_out.rows.len());
    }
}
