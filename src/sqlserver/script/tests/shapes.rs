//! Shapes of INSERT statements.

use super::*;

#[test]
fn rows_stand_in_many_shapes() {
    for (from, to) in [
        ("INSERT [dbo].[t] ([a], [b]) VALUES (1, N'x')", vec!["1|'x'"]),
        ("insert into t(a,b)values(1,'x'),(2,'y') , (3, 'z');", vec!["1|'x'", "2|'y'", "3|'z'"]),
        (
            "INSERT INTO [t] SELECT 1, N'x' UNION ALL SELECT 2, N'y'\nUNION ALL\nSELECT 3, (N'z');\nPRINT 'x'",
            vec!["1|'x'", "2|'y'", "3|'z'"],
        ),
        ("INSERT t SELECT 1 AS [a], N'x' b UNION SELECT 2, 'y'\nGO", vec!["1|'x'", "2|'y'"]),
        ("INSERT t VALUES (1) INSERT t VALUES (2)INSERT t VALUES (3)", vec!["1", "2", "3"]),
        ("INSERT t VALUES (1)\nprint 'Processed 100 total records'\nINSERT t VALUES (2)", vec!["1", "2"]),
        (
            "INSERT t VALUES (1)\nGO\nINSERT t VALUES (2)\ngo 1\n go -- end\nINSERT t VALUES (3)",
            vec!["1", "2", "3"],
        ),
        (
            "INSERT TOP (5) PERCENT INTO t WITH (TABLOCK) (a) OUTPUT inserted.a INTO @x (a) VALUES (1)",
            vec!["1"],
        ),
        (
            "IF NOT EXISTS (SELECT 1 FROM t) BEGIN INSERT t VALUES (1) END ELSE INSERT t VALUES (2)",
            vec!["1", "2"],
        ),
        (
            "SET IDENTITY_INSERT [dbo].[t] ON \nINSERT t VALUES (1)\nSET IDENTITY_INSERT [dbo].[t] OFF",
            vec!["1"],
        ),
        ("\u{FEFF}INSERT t VALUES (1)\n\u{FEFF}INSERT t VALUES (2)", vec!["1", "2"]),
    ] {
        assert_eq!(rows(from), to, "{from}");
    }
}

#[test]
fn names_have_one_to_four_parts_and_any_characters() {
    for (from, to) in [
        ("tblChat", ".tblChat"),
        ("[dbo].[tblChat]", "dbo.tblChat"),
        ("mgc..tblChat", ".tblChat"),
        ("[server].[mgc].[dbo].[tblChat]", "dbo.tblChat"),
        ("\"my \"\"own\"\"\".[a]]b]", "my \"own\".a]b"),
        ("[dbo] . [Order Details]", "dbo.Order Details"),
        ("#temporary", ".#temporary"),
    ] {
        assert_eq!(names(&open(&format!("INSERT {from} VALUES (1)"))), [to]);
    }
}

#[test]
fn one_table_has_many_spellings() {
    let script = open(
        "USE mgc\nCREATE TABLE [dbo].[tblChat] (chatId int NOT NULL, content nvarchar(max))\nGO\n\
         INSERT tblChat (CHATID) VALUES (1)\nINSERT [mgc].[DBO].[TBLCHAT] (content) VALUES (N'x')\n\
         INSERT mgc..tblchat VALUES (3, N'y')\nUSE mgccomp\nINSERT tblChat VALUES (4, N'z')",
    );
    assert_eq!(names(&script), ["dbo.tblChat", ".tblChat"]);
    assert_eq!(columns(&script, 0), ["chatId int!", "content nvarchar(max)"]);
    assert_eq!(rows_of(&script, 0), ["1|-", "-|'x'", "3|'y'"]);
    assert_eq!(rows_of(&script, 1), ["4|'z'"]);
}

#[test]
fn columns_without_a_list_are_those_of_the_table_that_can_be_filled() {
    let script = open(
        "create table t\n(id int IDENTITY(1,1) PRIMARY KEY, [na]]me] varchar(5) NOT NULL DEFAULT ('x, y'),\n\
         twice AS (id * 2), price dec(4,2) NULL, stamp timestamp, CONSTRAINT c CHECK (id > 0), note ntext)\n\
         insert t values ('a', 1.5, N'n')",
    );
    assert_eq!(columns(&script, 0), ["na]me varchar(5)!", "price decimal(4, 2)", "note ntext"]);
    assert_eq!(rows_of(&script, 0), ["'a'|1.5|'n'"]);
    let whole = open("create table t (id int IDENTITY(1,1), name varchar(5))\ninsert t values (7, 'a')");
    assert_eq!(rows_of(&whole, 0), ["7|'a'"]);
    let unknown = open("insert t values (7, 'a')");
    assert_eq!(columns(&unknown, 0), ["column1 unknown", "column2 unknown"]);
}

#[test]
fn types_are_those_of_the_table() {
    let script = open(
        "CREATE TABLE [dbo].[t]([a] [decimal](18, 2) NOT NULL, b [nvarchar](max) NULL, c double precision, d datetime2,\n\
         e [sys].[sysname] NOT NULL, f [dbo].[own] NULL, g char varying(3), h float(24), i varbinary(max))\n\
         ALTER TABLE [dbo].[t] ADD [j] [int] NOT NULL\nALTER TABLE [dbo].[t] WITH CHECK ADD CONSTRAINT [k] CHECK (a > 0)\n\
         ALTER TABLE [dbo].[t] ADD CONSTRAINT [l] DEFAULT ((0)) FOR [a]\nGO",
    );
    let types = [
        "a decimal(18, 2)!",
        "b nvarchar(max)",
        "c float",
        "d datetime2(7)",
        "e nvarchar(128)!",
        "f unknown",
        "g varchar(3)",
        "h real",
        "i varbinary(max)",
        "j int!",
    ];
    assert_eq!(columns(&script, 0), types);
    assert_eq!(rows_of(&script, 0), [""; 0]);
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let text = "INSERT t VALUES (1, N'Grüße €')\r\nINSERT t VALUES (2, N'x')\r\n";
    let western: Vec<u8> =
        text.chars().map(|letter| if letter == '€' { 0x80 } else { letter as u8 }).collect();
    let mark = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    for (bytes, format, at) in [
        (text.as_bytes().to_vec(), "utf-8", "37"),
        (mark(b"\xEF\xBB\xBF", text.as_bytes().to_vec()), "utf-8", "40"),
        (mark(b"\xFF\xFE", utf16(text)), "utf-16le", "68"),
        (utf16(text), "utf-16le", "66"),
        (western, "windows-1252", "33"),
    ] {
        let script = open_bytes(&bytes, 1 << 20).unwrap();
        assert_eq!(script.format(), format!("T-SQL script, {format}"));
        assert_eq!(rows_of(&script, 0), ["1|'Grüße €'", "2|'x'"]);
        let mut rows = script.rows(0).unwrap();
        rows.next_row().unwrap();
        let row = rows.next_row().unwrap().unwrap().unwrap();
        assert_eq!((row.line, row.byte.to_string().as_str()), (2, at));
    }
}

#[test]
fn a_lone_surrogate_survives() {
    let mut bytes = utf16("INSERT t VALUES (N'a");
    bytes.extend([0x3D, 0xD8]);
    bytes.extend(utf16("b')"));
    let script = open_bytes(&[&b"\xFF\xFE"[..], &bytes].concat(), 1 << 20).unwrap();
    let mut rows = script.rows(0).unwrap();
    let row = rows.next_row().unwrap().unwrap().unwrap();
    assert_eq!(row.values[0].as_text().unwrap().as_ref(), b"a\xED\xA0\xBDb");
}

#[test]
fn a_script_without_rows_says_so() {
    assert!(refusal("PRINT 'hello'\nGRANT INSERT ON t TO x\n-- INSERT t VALUES (1)").contains("no rows"));
}
