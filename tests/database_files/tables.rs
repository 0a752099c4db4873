//! Tables of every shape: heaps, clustered ones, partitions, and what their rows can be.

use gc2pc::sqlserver::Dump;

use crate::database_builder::{Built, Cell, Column, Database, Form, Kind, Row, Table};
use crate::reading::{Files, assert_holds};

/// Both dialects of the catalog.
pub const DIALECTS: [u16; 2] = [611, 661];

pub fn number(name: &str) -> Column {
    Column::new(name, Kind::Int).not_null()
}

pub fn word(name: &str) -> Column {
    Column::new(name, Kind::NVarChar(200))
}

/// A row of a number and a text that depends on it.
pub fn numbered(number: i64) -> Row {
    let text = format!("row {number} ").repeat(1 + number as usize % 7);
    Row::from(vec![Cell::from(number), Cell::from(text.as_str())])
}

pub fn built(version: u16, table: &Table, rows: &[Row]) -> Built {
    let mut database = Database::new("shapes", version);
    database.add(table, rows.to_vec());
    database.finish()
}

/// Asserts that a table comes out in both dialects.
pub fn assert_comes_out(shape: &str, table: &Table, rows: &[Row]) {
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
fn a_first_page_that_is_first_no_more_leads_nobody_astray() {
    let columns = || vec![number("id"), word("text")];
    let rows: Vec<Row> = (0..3000).map(numbered).collect();
    assert_comes_out("heap", &Table::heap("t", columns()).with_stale_first(), &rows);
    assert_comes_out("clustered", &Table::clustered("t", &["id"], columns()).with_stale_first(), &rows);
}
