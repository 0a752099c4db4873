//! Tables of every shape: heaps, clustered ones, partitions, and what their rows can be.

use crate::database_builder::bulk::{messages, write_backup, write_chat};
use crate::database_builder::group_chat::{Product, table_named};
use crate::database_builder::{
    Backup, Built, Cell, Column, Database, Form, Kind, PAGE, Protection, Row, Table, long_text,
};
use crate::reading::{Files, assert_holds, position, read};
use gc2pc::sqlserver::Dump;

/// Both dialects of the catalog.
const DIALECTS: [u16; 2] = [611, 661];

fn number(name: &str) -> Column {
    Column::new(name, Kind::Int).not_null()
}

fn word(name: &str) -> Column {
    Column::new(name, Kind::NVarChar(200))
}

/// A row of a number and a text that depends on it.
fn numbered(number: i64) -> Row {
    let text = format!("row {number} ").repeat(1 + number as usize % 7);
    Row::from(vec![Cell::from(number), Cell::from(text.as_str())])
}

fn built(version: u16, table: &Table, rows: &[Row]) -> Built {
    let mut database = Database::new("shapes", version);
    database.add(table, rows.to_vec());
    database.finish()
}

/// Asserts that a table comes out in both dialects.
fn assert_comes_out(shape: &str, table: &Table, rows: &[Row]) {
    for version in DIALECTS {
        let mdf = Files::of(&built(version, table, rows)).mdf().unwrap();
        println!("{shape}, version {version}");
        assert_eq!(mdf.problems(), Vec::<String>::new(), "{shape}");
        assert_holds(&mdf, table, rows);
    }
}

#[test]
fn rows_of_every_form_come_out_once() {
    let columns = || vec![number("id"), word("text")];
    let formed = |every: i64, form: Form| -> Vec<Row> {
        let form_of = |number: i64| if number % every == 0 { form } else { Form::Plain };
        (0..3000).map(|number| numbered(number).formed(form_of(number))).collect()
    };
    let heap = Table::heap("heap", columns());
    let clustered = Table::clustered("clustered", &["id"], columns());
    for table in [&heap, &clustered] {
        assert_comes_out("no rows", table, &[]);
        assert_comes_out("one row", table, &[numbered(1)]);
        assert_comes_out("several extents", table, &formed(1, Form::Plain));
        assert_comes_out("ghosts", table, &formed(3, Form::Ghost));
        assert_comes_out("ghosts only", table, &[numbered(1).formed(Form::Ghost)]);
        assert_comes_out("version tags", table, &formed(2, Form::Versioned));
        assert_comes_out("a page out of use", table, &formed(300, Form::Deallocated));
    }
    assert_comes_out("rows that moved", &heap, &formed(5, Form::Forwarded));
    assert_comes_out("all rows moved", &heap, &formed(1, Form::Forwarded));
    // With few others the page out of use is one of a shared extent.
    let few = [numbered(1), numbered(2).formed(Form::Deallocated)];
    assert_comes_out("a shared page out of use", &heap, &few);
}

#[test]
fn columns_are_found_whatever_their_order_and_history() {
    let cells = |number: i64| {
        vec![Cell::from(number), Cell::from("first"), Cell::from(number * 10), Cell::from("last")]
    };
    let rows: Vec<Row> = (0..900).map(|number| Row::from(cells(number))).collect();
    let columns = || vec![number("a"), word("b"), number("c"), word("d")];
    assert_comes_out("key in the middle", &Table::clustered("t", &["c"], columns()), &rows);
    let by_two = Table::clustered("t", &["c", "a"], columns());
    assert_comes_out("key in another order", &by_two, &rows);
    let by_text = Table::clustered("t", &["d", "c"], columns());
    assert_comes_out("key with text", &by_text, &rows);

    let without = vec![number("a"), word("b").dropped(), number("c").dropped(), word("d")];
    assert_comes_out("dropped columns", &Table::clustered("t", &["a"], without.clone()), &rows);
    assert_comes_out("dropped columns of a heap", &Table::heap("t", without), &rows);

    let with =
        vec![number("a"), word("sum").computed(), word("b"), number("c"), number("e").computed(), word("d")];
    assert_comes_out("computed columns", &Table::clustered("t", &["a"], with), &rows);

    // Rows that were written before the last columns were added have fewer of them.
    let added = vec![number("a"), word("b"), Column::new("c", Kind::Int), word("d")];
    let older = |number: i64| {
        let all = 1 + number as usize % 4;
        let cells = cells(number).into_iter().take(all).collect::<Vec<Cell>>();
        Row::from(cells).formed(Form::Old(all))
    };
    let rows: Vec<Row> = (0..900).map(older).collect();
    assert_comes_out("added columns", &Table::heap("t", added.clone()), &rows);
    assert_comes_out("added columns of a clustered table", &Table::clustered("t", &["a"], added), &rows);
}

#[test]
fn rows_of_equal_keys_are_told_apart_by_a_hidden_column() {
    let cells = |number: i64| vec![Cell::from(number / 7), Cell::from(number), Cell::from("text")];
    let rows: Vec<Row> = (0..2000).map(|number| Row::from(cells(number))).collect();
    let columns = vec![number("a"), number("b"), word("c")];
    assert_comes_out("equal keys", &Table::clustered("t", &["a"], columns).not_unique(), &rows);
}

#[test]
fn bits_share_bytes() {
    let mut columns = vec![number("id")];
    columns.extend((0..19).map(|bit| Column::new(&format!("bit{bit}"), Kind::Bit)));
    columns.insert(9, word("between"));
    let row = |number: i64| {
        let bit = |at: usize| {
            if at % 5 == 4 && number % 2 == 0 { Cell::Null } else { Cell::from(number >> at & 1) }
        };
        let mut cells = vec![Cell::from(number * 12345)];
        cells.extend((0..19).map(bit));
        cells.insert(9, Cell::from("text"));
        Row::from(cells)
    };
    let rows: Vec<Row> = (0..500).map(row).collect();
    assert_comes_out("bits", &Table::clustered("t", &["id"], columns), &rows);
}

#[test]
fn null_is_not_empty_and_trailing_empty_values_are_cut() {
    let columns = vec![number("id"), word("a"), Column::new("b", Kind::VarBinary(10)), word("c"), word("d")];
    let values = [Cell::Null, Cell::from(""), Cell::from("x")];
    let mut rows = Vec::new();
    for number in 0..81 {
        let value = |place: u32| match (place, &values[number / 3_usize.pow(place) % 3]) {
            (1, Cell::Text(text)) => Cell::Bytes(text.clone().into_bytes()),
            (_, value) => value.clone(),
        };
        rows.push(Row::from(vec![Cell::from(number as i64), value(0), value(1), value(2), value(3)]));
    }
    assert_comes_out("NULL and empty", &Table::heap("t", columns), &rows);
}

#[test]
fn partitions_are_read_together() {
    for table in [
        Table::heap("t", vec![number("id"), word("text")]),
        Table::clustered("t", &["id"], vec![number("id"), word("text")]),
    ] {
        let parts =
            [0..700, 700..700, 700..1500, 1500..1501].map(|part| part.map(numbered).collect::<Vec<Row>>());
        for version in DIALECTS {
            let mut database = Database::new("parts", version);
            database.add_partitioned(&table, parts.to_vec());
            let mdf = Files::of(&database.finish()).mdf().unwrap();
            assert_holds(&mdf, &table, &parts.concat());
        }
    }
}

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
