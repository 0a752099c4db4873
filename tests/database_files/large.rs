//! Large values in every form in which they can be kept.

use crate::database_builder::{
    Cell, Column, Database, FRAGMENT_DATA, Form, Kind, Large, Protection, Root, Row, Table, long_text,
};
use crate::reading::{Files, assert_holds};

/// Puts texts of these lengths in a table, kept in one form, and asserts that they come out.
fn assert_kept(kind: Kind, large: Large, fan_out: usize, lengths: &[usize]) {
    let columns = || {
        vec![
            Column::new("id", Kind::Int).not_null(),
            Column::new("text", kind).large(large),
            Column::new("end", Kind::VarChar(9)),
        ]
    };
    let row = |(at, length): (usize, &usize)| {
        let text = match (kind, long_text(*length)) {
            (Kind::VarBinary(_) | Kind::VarBinaryMax | Kind::Image, Cell::Text(text)) => {
                Cell::Bytes(text.into_bytes())
            }
            (_, text) => text,
        };
        Row::from(vec![Cell::from(at as i64), text, Cell::from("behind")])
    };
    let rows: Vec<Row> = lengths.iter().enumerate().map(row).collect();
    for (version, protection) in [(611, Protection::TornPage), (661, Protection::Checksum)] {
        for table in [Table::heap("t", columns()), Table::clustered("t", &["id"], columns())] {
            let mut database = Database::new("large", version).protection(protection).fan_out(fan_out);
            database.add(&table, rows.clone());
            let mdf = Files::of(&database.finish()).mdf().unwrap();
            println!("{kind:?} {large:?}, version {version}");
            assert_holds(&mdf, &table, &rows);
        }
    }
}

const MAX_KINDS: [Kind; 3] = [Kind::NVarCharMax, Kind::VarCharMax, Kind::VarBinaryMax];
const OLD_KINDS: [Kind; 3] = [Kind::NText, Kind::Text, Kind::Image];

#[test]
fn values_are_kept_where_the_engine_would_keep_them() {
    for kind in MAX_KINDS {
        assert_kept(kind, Large::Usual, 501, &[0, 1, 3999, 4001, 8000, 8001, 40_200, 40_201, 100_000]);
    }
    for kind in OLD_KINDS {
        assert_kept(kind, Large::Usual, 501, &[0, 1, 32, 33, 64, 65, 8000, 40_201, 100_000]);
    }
}

#[test]
fn values_without_limit_hang_on_links_in_the_row() {
    for kind in MAX_KINDS {
        assert_kept(kind, Large::InlineRoot, 501, &[1, FRAGMENT_DATA, FRAGMENT_DATA + 1, 5 * FRAGMENT_DATA]);
    }
}

#[test]
fn pointers_lead_to_roots_of_every_kind() {
    for kind in MAX_KINDS.into_iter().chain(OLD_KINDS) {
        assert_kept(kind, Large::Pointer(Root::Small), 501, &[0, 1, 31, 32]);
        assert_kept(kind, Large::Pointer(Root::Old), 501, &[1, 84, 9000, 41_000, 90_000]);
        assert_kept(kind, Large::Pointer(Root::New), 501, &[1, 84, 9000, 41_000, 90_000]);
    }
}

#[test]
fn trees_of_several_levels_are_read_in_order() {
    for (kind, large) in [
        (Kind::NVarCharMax, Large::InlineRoot),
        (Kind::VarBinaryMax, Large::Pointer(Root::New)),
        (Kind::Text, Large::Pointer(Root::Old)),
    ] {
        for fan_out in [2, 3, 7] {
            assert_kept(kind, large, fan_out, &[90_000, 150_000]);
        }
    }
}

#[test]
fn values_of_megabytes_come_out() {
    let columns = vec![Column::new("text", Kind::VarCharMax), Column::new("picture", Kind::Image)];
    let table = Table::heap("t", columns);
    let rows = [Row::from(vec![long_text(4_500_000), Cell::Bytes(vec![7; 1_000_000])])];
    let mut database = Database::new("large", 661);
    database.add(&table, rows.clone());
    assert_holds(&Files::of(&database.finish()).mdf().unwrap(), &table, &rows);
}

#[test]
fn what_does_not_fit_into_its_row_overflows() {
    for kind in [Kind::VarChar(8000), Kind::VarBinary(8000)] {
        assert_kept(kind, Large::Overflow, 501, &[1, 25, 8000]);
    }
    let columns: Vec<Column> =
        (0..5).map(|at| Column::new(&format!("c{at}"), Kind::NVarChar(4000))).collect();
    let cells = |short: usize| {
        (0..5).map(|at| long_text(if at == short { 10 } else { 1500 + at * 300 })).collect::<Vec<Cell>>()
    };
    let mut rows: Vec<Row> = (0..5).map(|short| Row::from(cells(short))).collect();
    rows.push(Row::from(cells(1)).formed(Form::Forwarded));
    rows.push(Row::from(cells(2)).formed(Form::Versioned));
    let table = Table::heap("wide", columns);
    for version in [611, 661] {
        let mut database = Database::new("large", version);
        database.add(&table, rows.clone());
        assert_holds(&Files::of(&database.finish()).mdf().unwrap(), &table, &rows);
    }
}

#[test]
fn a_pointer_may_lead_to_no_value() {
    for kind in MAX_KINDS.into_iter().chain(OLD_KINDS) {
        let columns =
            vec![Column::new("id", Kind::Int), Column::new("text", kind).large(Large::Pointer(Root::Null))];
        let table = Table::heap("t", columns);
        let rows: Vec<Row> = (0..3).map(|number| Row::from(vec![Cell::from(number), Cell::Null])).collect();
        for version in [611, 661] {
            let mut database = Database::new("large", version);
            database.add(&table, rows.clone());
            assert_holds(&Files::of(&database.finish()).mdf().unwrap(), &table, &rows);
        }
    }
}
