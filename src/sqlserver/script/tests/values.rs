//! Literals and expressions.

use super::*;

#[test]
fn literals_mean_what_they_mean_in_transact_sql() {
    for (from, to) in [
        ("N'it''s', 'plain', N'', ''''", "'it\\'s'|'plain'|''|'\\''"),
        ("NULL, null", "-|-"),
        ("1, -2, +3, 12.50, -0.10, 1.5e1, .5, 5.", "1|-2|3|12.5|-0.1|15|0.5|5"),
        ("$19.99, -$5", "19.99|-5"),
        ("0x, 0x151c2F, 0xF", "0x|0x151C2F|0x0F"),
        ("9223372036854775807, 9223372036854775808", "9223372036854775807|9223372036854775808"),
        ("N'two\r\nlines', 'tab\t'", "'two\\r\\nlines'|'tab\\t'"),
        ("N'a\\\r\nb', N'c\\\nd', N'e\\f\ng''h\\\ni'", "'ab'|'cd'|'e\\\\f\\ng\\'hi'"),
        ("0x12\\\n34", "0x1234"),
        ("\"old \"\"style\"\"\"", "'old \\\"style\\\"'"),
        ("N'a\0b'", "'a\\0b'"),
        ("N'GO\nGO\n--/*'", "'GO\\nGO\\n--/*'"),
        ("N'😀', N'\u{FEFF}'", "'😀'|'\\u{feff}'"),
        ("/* a /* nested */ one */ 1 -- and, more\n, 2", "1|2"),
    ] {
        assert_eq!(row(from), to, "{from}");
    }
}

#[test]
fn expressions_of_generators_are_evaluated() {
    for (from, to) in [
        ("N'a' + CHAR(13) + CHAR(10) + N'b'", "'a\\r\\nb'"),
        ("N'5 ' + NCHAR(8364) + N' ''net'''", "'5 € \\'net\\''"),
        ("NCHAR(55357) + NCHAR(56832), CHAR(128), NCHAR(55357)", "'😀'|'€'|'\u{FFFD}\u{FFFD}\u{FFFD}'"),
        ("(N'a' + (N'b' + N'c')) + N'd'", "'abcd'"),
        ("CAST(N'a' AS nvarchar(max)) + N'b' + CONVERT(nvarchar(max), N'c')", "'abc'"),
        ("N'a' + NULL", "-"),
        ("CHAR(-1), NCHAR(NULL)", "-|-"),
        ("0x01 + 0x02", "0x0102"),
        ("((1)), -(-2)", "1|2"),
        ("CAST(12.50 AS Decimal(18, 2)), CAST(7 AS Numeric(5, 0))", "12.5|7"),
        (
            "CAST(1 AS Bit), CAST(N'6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier)",
            "1|6f9619ff-8b86-d011-b42d-00c04fc964ff",
        ),
        ("CONVERT(varbinary(max), '0x0A1b', 1), CONVERT(varbinary(max), N'0A1B', 2)", "0x0A1B|0x0A1B"),
        (
            "CONVERT(datetime, '31/01/2012', 103), CONVERT(datetime, '20120131')",
            "2012-01-31 00:00:00.000|2012-01-31 00:00:00.000",
        ),
        ("TRY_CAST(N'x' AS int), TRY_CONVERT(int, N'5')", "-|5"),
        ("CAST(N'<a>''</a>' AS xml), CAST(5 AS nvarchar(10))", "'<a>\\'</a>'|5"),
    ] {
        assert_eq!(row(from).replace("\\u{d83d}", "\u{FFFD}\u{FFFD}\u{FFFD}"), to, "{from}");
    }
}

#[test]
fn dates_of_all_generations_are_read() {
    for (from, to) in [
        ("CAST(0x000089B000000000 AS DateTime)", "1996-07-04 00:00:00.000"),
        ("CAST(N'1996-07-04T00:00:00.000' AS DateTime)", "1996-07-04 00:00:00.000"),
        ("CAST(0x89B00000 AS SmallDateTime)", "1996-07-04 00:00:00.000"),
        ("CAST(0x910D0B00 AS Date)", "1984-04-04"),
        ("CAST(0x070010ACD1530000 AS Time)", "10:00:00.0000000"),
        ("CAST(0x0780671AB773F4410B AS DateTime2)", "2020-12-22 13:48:19.3200000"),
        ("CAST(0x070080461C86673A0BE001 AS DateTimeOffset)", "2015-09-08 00:00:00.0000000+08:00"),
        ("CAST(N'2015-06-24T18:00:00.0000000+08:00' AS DateTimeOffset)", "2015-06-24 18:00:00.0000000+08:00"),
        ("CAST(N'2012-01-31T10:20:30.1234567' AS DateTime2)", "2012-01-31 10:20:30.1234567"),
    ] {
        assert_eq!(row(from), to, "{from}");
    }
}

#[test]
fn what_needs_a_server_is_told_and_the_next_row_is_read() {
    for value in [
        "GETDATE()",
        "NEWID()",
        "@x",
        "DEFAULT",
        "1 + 2",
        "1 - 2",
        "2 * 3",
        "N'a' + 1",
        "CASE WHEN 1=1 THEN 2 END",
        "(SELECT 1)",
        "CAST(N'x' AS int)",
        "CAST(N'2012-02-30' AS datetime)",
        "CAST(1)",
        "CONVERT(int)",
        "1,",
        "-N'a'",
        "CHAR(1, 2)",
        "CAST(1 AS int",
        "a.b",
    ] {
        let found = rows(&format!("INSERT t VALUES (1)\nINSERT t VALUES ({value})\nGO\nINSERT t VALUES (3)"));
        assert_eq!(found.len(), 3, "{value}: {found:?}");
        assert!(found[0] == "1" && found[2] == "3", "{value}: {found:?}");
        assert!(found[1].starts_with("!malformed@2:"), "{value}: {found:?}");
    }
}

#[test]
fn columns_convert_what_is_put_into_them() {
    let script = open(
        "CREATE TABLE t (a bit, b uniqueidentifier, c datetime2(3), d money, e float, f nvarchar(9), g varbinary(9), h date)\n\
         INSERT t VALUES ('True', '{6F9619FF-8B86-D011-B42D-00C04FC964FF}', '2012-01-31', 5, 1.5, 0x48006900, 0x01, '1/2/2012')\n\
         INSERT t VALUES (1, N'no guid', N'yesterday', '7.50', -1, N'NULL', 0x, N'2012-01-31 10:00')",
    );
    assert_eq!(
        rows_of(&script, 0),
        [
            "1|6f9619ff-8b86-d011-b42d-00c04fc964ff|2012-01-31 00:00:00.000|5|1.5|'Hi'|0x01|'1/2/2012'",
            "1|'no guid'|'yesterday'|7.5|-1|'NULL'|0x|2012-01-31",
        ]
    );
}

#[test]
fn the_order_of_dates_is_told_by_the_script() {
    let text =
        |order| format!("CREATE TABLE t (a date)\nSET DATEFORMAT {order}\nINSERT t VALUES ('1/2/2012')");
    assert_eq!(rows(&text("mdy")), ["2012-01-02"]);
    assert_eq!(rows(&text("dmy")), ["2012-02-01"]);
}
