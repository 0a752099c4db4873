//! The exports that people make, each recognised by its bytes.

use super::*;

const MANY: usize = 20_000;

/// More text than is looked at to find the dialect.
fn many_lines() -> String {
    "id,text\n".to_owned() + &format!("1,{}\n", "fine ".repeat(20)).repeat(MANY)
}

#[test]
fn a_csv_with_quotes_where_needed() {
    let dump =
        sniffed(b"id,text\n1,plain\n2,\"a, b\"\n3,\"say \"\"hi\"\"\"\n4,\"two\r\nlines\"\n5,\n6,\\N\n");
    assert_eq!(names(&dump), ["id", "text"]);
    assert_eq!(dump.tables()[0].name, "tblThing");
    assert_eq!(dump.format(), "comma, utf-8");
    assert_eq!(
        rows(&dump),
        ["1|plain", "2|'a, b'", "3|'say \\\"hi\\\"'", "4|'two\\r\\nlines'", "5|", "6|\\\\N"]
    );
}

#[test]
fn export_csv_of_windows_powershell() {
    let dump = sniffed(b"#TYPE System.Data.DataRow\r\n\"id\";\"text\"\r\n\"1\";\"a;b\"\r\n\"2\";\"\"\r\n");
    assert_eq!(names(&dump), ["id", "text"]);
    assert_eq!(dump.format(), "semicolon, utf-8");
    assert_eq!(rows(&dump), ["'1'|'a;b'", "'2'|''"]);
}

#[test]
fn every_delimiter_is_found() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = "id,name,note\n1,Ann,x\n2,Bob,y\n".replace(',', delimiter);
        let dump = sniffed(text.as_bytes());
        assert_eq!(names(&dump), ["id", "name", "note"]);
        assert_eq!(rows(&dump), ["1|Ann|x", "2|Bob|y"]);
    }
}

#[test]
fn a_separator_line_of_excel_is_obeyed() {
    let dump = sniffed(b"sep=;\r\nid;text\r\n1;a,b,c\r\n");
    assert_eq!(rows(&dump), ["1|a,b,c"]);
    let dump = sniffed(b"\xEF\xBB\xBF\"sep=^\"\nid^text\n1^a\n");
    assert_eq!(names(&dump), ["id", "text"]);
    assert_eq!(rows(&dump), ["1|a"]);
}

#[test]
fn the_line_of_a_row_counts_what_stands_above() {
    let dump = sniffed(b"sep=;\nid;text\n\n1;\"a\nb\"\n2;x;y\n3;\"c;d\"\n");
    assert_eq!(rows(&dump), ["1|'a\\nb'", "!too-many-fields@6:23", "3|'c;d'"]);
}

#[test]
fn sqlcmd_with_padding_dashes_and_footer() {
    let text = "chatId     ,author    ,note  \r\n-----------,----------,------\r\n          1,Ann       ,x     \r\n       NULL,NULL      , y    \r\n\r\n(2 rows affected)\r\n";
    let dump = sniffed(text.as_bytes());
    assert_eq!(names(&dump), ["chatId", "author", "note"]);
    assert_eq!(rows(&dump), ["          1|Ann|x", "NULL|NULL| y"]);
    assert_eq!(dump.tables()[0].engine_rows, Some(2));
    assert_eq!(dump.format(), "comma without quotes, utf-8");
}

#[test]
fn sqlcmd_without_padding_in_another_language() {
    let dump = sniffed(b"chatId|author\n------|------\n1|Ann\n2|Bob\n\n(2 Zeilen betroffen)\n\n");
    assert_eq!(rows(&dump), ["1|Ann", "2|Bob"]);
    let one_column = sniffed(b"author\n------\nAnn\n(1)\n\n(2 lignes)\n");
    assert_eq!(rows(&one_column), ["Ann", "(1)"]);
    assert_eq!(one_column.tables()[0].engine_rows, Some(2));
}

#[test]
fn values_that_look_like_rules_and_footers_are_values() {
    assert_eq!(rows(&sniffed(b"left,right\n-,-\n1,2\n")), ["-|-", "1|2"]);
    assert_eq!(rows(&sniffed(b"name\nAnn\n\n(1)\n")), ["Ann", "", "(1)"]);
    assert_eq!(rows(&sniffed(b"name\n----\nAnn\n\n(7)\n")), ["Ann", "", "(7)"]);
}

#[test]
fn sqlcmd_with_blanks_between_columns_is_refused() {
    let text = b"chatId      author\n----------- ----------\n          1 Ann\n\n(1 rows affected)\n";
    let (why, hint) = refusal(text, Options::default());
    assert!(why.contains("blanks") && hint.contains("-s"), "{why}; {hint}");
}

#[test]
fn bcp_character_data_knows_null_from_empty() {
    let options = || Options { columns: Some(named(&["a", "b", "c"])), ..Options::default() };
    let dump = open(b"1\t\t\0\r\n2\tNULL\t\"x\"\r\n", options()).unwrap();
    assert_eq!(names(&dump), ["a", "b", "c"]);
    assert_eq!(rows(&dump), ["'1'|-|''", "'2'|'NULL'|'\\\"x\\\"'"]);
    let wide = open(&utf16("1\t\t\0\r\n2\tx\ty\r\n"), options()).unwrap();
    assert_eq!(wide.format(), "tab without quotes, utf-16le");
    assert_eq!(rows(&wide), ["'1'|-|''", "'2'|'x'|'y'"]);
}

#[test]
fn bcp_line_breaks_in_values_are_data_if_rows_end_otherwise() {
    let dump = sniffed(b"1\tone\ntwo\r\n2\tthree\r\n");
    assert_eq!(rows(&dump), ["'1'|'one\\ntwo'", "'2'|'three'"]);
}

#[test]
fn the_grid_of_the_query_window_writes_null_as_a_word() {
    let dump = sniffed(b"id\tname\n1\tNULL\n");
    assert_eq!(rows(&dump), ["1|NULL"]);
    let headless = sniffed(b"1\tNULL\n2\t\n");
    assert_eq!(rows(&headless), ["1|NULL", "2|"], "bcp would not write the word");
}

#[test]
fn without_quotes_one_wrong_line_spoils_the_file() {
    let (why, hint) = refusal(b"id,text\n1,fine\n2,one, two\n", Options::default());
    assert!(why.starts_with("line 3 has 3 fields where the first has 2 (comma, no quotes)"), "{why}");
    assert!(hint.contains("Export-Csv") && hint.contains("bcp -w"), "{hint}");
}

#[test]
fn a_wrong_line_far_behind_the_sample_spoils_the_file_too() {
    let mut text = many_lines();
    assert_eq!(rows(&sniffed(text.as_bytes())).len(), MANY);
    text.push_str("2,one, two\n");
    let (why, _) = refusal(text.as_bytes(), Options::default());
    assert!(why.starts_with("line 20002 has 3 fields"), "{why}");
}

#[test]
fn the_first_quotes_may_stand_far_behind_the_sample() {
    let text = many_lines() + "2,\"one, two\"\n3,\"a\nb\"\n";
    let dump = sniffed(text.as_bytes());
    assert_eq!(dump.format(), "comma, utf-8");
    assert_eq!(rows(&dump)[MANY..], ["2|'one, two'", "3|'a\\nb'"]);
}

#[test]
fn quotes_that_people_wrote_stay_where_nobody_quotes() {
    let dump = sniffed(b"id\ttext\n1\t\"hello\"\n2\tplain\n3\t\"so\" he said\n");
    assert_eq!(rows(&dump), ["1|\\\"hello\\\"", "2|plain", "3|\\\"so\\\" he said"]);
    let stray = sniffed(b"id\ttext\n1\t\"hello\n2\tplain\n3\tmore\n4\tlast\n");
    assert_eq!(rows(&stray).len(), 4);
}

#[test]
fn a_first_row_is_no_header_if_the_columns_are_known_otherwise() {
    let dump = open(
        b"Ann,Litware\nBob,Contoso\n",
        Options { columns: Some(named(&["name", "company"])), ..Options::default() },
    );
    assert_eq!(rows(&dump.unwrap()), ["Ann|Litware", "Bob|Contoso"]);
    let known = |name: &str| name == "name";
    let dump = open(b"name,\nAnn,Litware\n", Options { is_known_column: &known, ..Options::default() });
    assert_eq!(names(&dump.unwrap()), ["column1", "column2"]);
    let dump = open(
        b"company,name\nLitware,Ann\n",
        Options { columns: Some(named(&["name", "company"])), ..Options::default() },
    )
    .unwrap();
    assert_eq!(names(&dump), ["company", "name"]);
    assert_eq!(rows(&dump), ["Litware|Ann"]);
}

#[test]
fn known_columns_of_another_number_are_refused() {
    let options = Options { columns: Some(named(&["a", "b"])), ..Options::default() };
    let (why, _) = refusal(b"1,2,3\n", options);
    assert_eq!(why, "its first line has 3 fields, but 2 columns are known");
}

#[test]
fn a_header_takes_type_and_nullability_from_known_columns() {
    let mut columns = named(&["id"]);
    columns[0].nullable = false;
    let dump = open(b"ID,text\n1,a\n", Options { columns: Some(columns), ..Options::default() }).unwrap();
    let columns = &dump.tables()[0].columns;
    assert_eq!((columns[0].name.as_str(), columns[0].nullable, columns[1].nullable), ("ID", false, true));
}

#[test]
fn separators_of_several_characters_must_be_told() {
    let layout = Layout::Lines { delimiter: b"+|".to_vec(), end: RecordEnd::Text(b"&|\n".to_vec()) };
    let dialect = Dialect { layout, header: false, ruled: false, bcp_nulls: true };
    let dump = with_dialect(b"1+|a\nb+|&|\n2+|+|c|&|\n", dialect);
    assert_eq!(rows(&dump), ["'1'|'a\\nb'|-", "'2'|-|'c|'"]);
}

#[test]
fn separators_that_never_end_are_a_mistake_of_the_caller() {
    for layout in [
        Layout::Quoted { delimiter: b'"' },
        Layout::Lines { delimiter: Vec::new(), end: RecordEnd::LineFeed },
        Layout::Lines { delimiter: b",".to_vec(), end: RecordEnd::Text(Vec::new()) },
        Layout::Terminated { terminators: vec![b",".to_vec(), Vec::new()] },
    ] {
        let dialect = Dialect { layout, ..Dialect::csv() };
        let result = open(b"a,b\n", Options { dialect: Some(dialect), ..Options::default() });
        assert!(matches!(result, Err(Error::Usage { .. })));
    }
}

#[test]
fn a_table_of_one_column_keeps_its_empty_rows() {
    let dump = sniffed(b"name\nAnn\n\nBob\n");
    assert_eq!(rows(&dump), ["Ann", "", "Bob"]);
    let two = sniffed(b"name,x\nAnn,1\n\nBob,2\n\n");
    assert_eq!(rows(&two), ["Ann|1", "Bob|2"]);
}
