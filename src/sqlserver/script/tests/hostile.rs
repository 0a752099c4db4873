//! Scripts made to break the reader.

use super::*;

/// Opens a script and reads whatever there is of it, within a limit.
fn survive(bytes: &[u8]) -> usize {
    let Ok(script) = open_bytes(bytes, 1 << 16) else { return 0 };
    (0..script.tables().len()).map(|table| rows_of(&script, table).len()).sum()
}

#[test]
fn depth_costs_nothing() {
    for piece in ["(", "CAST(", "CONVERT(int,", "/*", "[", "CHAR(", "-", "+", "N'a'+("] {
        survive(format!("INSERT t VALUES ({}", piece.repeat(50_000)).as_bytes());
        survive(format!("INSERT t VALUES ({}1)", piece.repeat(20_000)).as_bytes());
        survive(format!("CREATE TABLE t ({}", piece.repeat(50_000)).as_bytes());
    }
    assert_eq!(rows(&format!("INSERT t VALUES ({}1{})", "(".repeat(60), ")".repeat(60))), ["1"]);
    assert_eq!(rows(&format!("INSERT t VALUES ({}1{})", "(".repeat(70), ")".repeat(70))), ["!malformed@1:0"]);
}

#[test]
fn joining_many_pieces_is_not_quadratic() {
    let pieces = "N'abc' + CHAR(10) + ".repeat(20_000);
    let found = open_bytes(format!("INSERT t VALUES ({pieces}N'')").as_bytes(), 8 << 20).unwrap();
    let mut rows = found.rows(0).unwrap();
    let row = rows.next_row().unwrap().unwrap().unwrap();
    assert_eq!(row.values[0].as_text().unwrap().len(), 80_000);
}

#[test]
fn any_cut_and_any_changed_byte_is_survived() {
    let text = "\u{FEFF}USE [m]\nGO\nCREATE TABLE [dbo].[t]([a] [int] NOT NULL, b nvarchar(max), c AS (1))\nGO 2\n\
                INSERT [dbo].[t] ([a], [b]) VALUES (-1, N'x''y' + CHAR(10)), (CAST(0x01 AS int), 0xAB)\n\
                INSERT \"t\" SELECT 1.5e3, CONVERT(datetime, '2012-01-31', 120) UNION ALL SELECT $1, NULL;\n\
                /* /* */ */ EXEC('INSERT t VALUES (1)') MERGE t USING x; SET DATEFORMAT dmy -- end\nGO";
    for bytes in [text.as_bytes().to_vec(), utf16(text)] {
        for cut in 0..bytes.len() {
            survive(&bytes[..cut]);
            survive(&bytes[cut..]);
            for byte in [b'\'', b')', 0xFF] {
                let mut changed = bytes.clone();
                changed[cut] = byte;
                survive(&changed);
            }
        }
    }
}

#[test]
fn words_and_symbols_in_any_order_are_survived() {
    let words = [
        "INSERT",
        "INTO",
        "t",
        "(",
        ")",
        ",",
        "VALUES",
        "SELECT",
        "UNION",
        "ALL",
        "N'x'",
        "1",
        "0xAB",
        "[a]",
        "\"b\"",
        ".",
        "\nGO\n",
        ";",
        "CAST",
        "AS",
        "int",
        "CONVERT",
        "CHAR",
        "+",
        "-",
        "/*",
        "*/",
        "--",
        "\n",
        "CREATE",
        "TABLE",
        "ALTER",
        "ADD",
        "USE",
        "SET",
        "DATEFORMAT",
        "mdy",
        "MERGE",
        "EXEC",
        "'INSERT t VALUES (1)'",
        "NULL",
        "DEFAULT",
        "@v",
        "'",
        "FROM",
        "WITH",
        "TOP",
        "OUTPUT",
        "GO 3",
    ];
    let mut state = 88_172_645_463_325_252_u64;
    let mut found = 0;
    for _ in 0..1_000 {
        let mut text = String::from("INSERT t VALUES (1) ");
        for _ in 0..40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text += words[(state % words.len() as u64) as usize];
            text += if state & 1 << 40 == 0 { " " } else { "" };
        }
        found += survive(text.as_bytes());
    }
    assert!(found > 1_000);
}

#[test]
fn many_columns_and_tables_cost_no_more_than_their_text() {
    let names: Vec<String> = (0..20_000).map(|n| format!("c{n}")).collect();
    survive(format!("INSERT t ({}) VALUES (1)", names.join(",")).repeat(3).as_bytes());
    let tables: String = (0..20_000).map(|n| format!("INSERT t{n} VALUES (1)\n")).collect();
    assert_eq!(survive(tables.as_bytes()), 20_000);
}
