//! What stands around the rows, and what is wrong with them.

use super::*;
use crate::ledger::Cause;

#[test]
fn what_is_no_data_is_passed_over() {
    let script = open(
        "/****** Object:  Table [dbo].[t]    Script Date: 01/01/2012 ******/\nSET ANSI_NULLS ON\nGO\n\
         GRANT SELECT, INSERT, UPDATE ON [dbo].[t] TO [x]\nDENY INSERT ON t TO y\nGO\n\
         CREATE TRIGGER tr ON t FOR INSERT, UPDATE AS INSERT INTO log VALUES (1)\nGO\n\
         CREATE OR ALTER PROCEDURE p @a int AS BEGIN INSERT INTO t (a) VALUES (@a) END\nGO\n\
         BULK INSERT t FROM 'file'\nEXEC sp_addtype 'id', 'varchar(11)'\nPRINT N'INSERT t VALUES (9)'\n\
         EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'Insert date here'\n\
         SELECT 1 FROM t INNER MERGE JOIN u ON 1 = 1\n\
         INSERT t VALUES (1) -- INSERT t VALUES (2)\n/* INSERT t VALUES (3) */\nALTER TABLE t CHECK CONSTRAINT ALL",
    );
    assert_eq!(names(&script), [".t"]);
    assert_eq!(rows_of(&script, 0), ["1"]);
}

#[test]
fn data_that_is_not_understood_is_told() {
    for (from, line) in [
        ("INSERT INTO t SELECT a, b FROM u", 2),
        ("INSERT INTO t EXEC p", 2),
        ("INSERT t DEFAULT VALUES", 2),
        ("INSERT t (a) (SELECT 1)", 2),
        ("INSERT t (a) FROM u", 2),
        (
            "MERGE INTO t AS g USING (VALUES (1), (2)) AS s (a) ON g.a = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (a);",
            2,
        ),
        ("EXEC (N'INSERT INTO [t] VALUES (''x'')')", 2),
        ("EXEC sp_executesql N'insert t values (1)'", 2),
        ("INSERT t VALUES (1\nGO", 2),
        ("INSERT t VALUES (1;", 2),
        ("INSERT t VALUES 1", 2),
        ("INSERT t VALUES (1\nINSERT t VALUES (3)", 2),
        ("INSERT t VALUES (3)\nGO 5", 3),
        ("INSERT t VALUES (0)(1)", 2),
        ("INSERT t VALUES (0) 'x'", 2),
    ] {
        let found = rows(&format!("INSERT t VALUES (0)\n{from}\nGO\nINSERT t VALUES (3)"));
        let faults: Vec<_> = found.iter().filter(|row| row.starts_with('!')).collect();
        assert_eq!(faults.len(), 1, "{from}: {found:?}");
        assert!(faults[0].starts_with(&format!("!malformed@{line}:")), "{from}: {found:?}");
        assert!(found.first().unwrap() == "0" && found.last().unwrap() == "3", "{from}: {found:?}");
    }
}

#[test]
fn rows_of_the_wrong_length_are_told() {
    let script = open("INSERT t (a, b) VALUES (1, 2), (3), (4, 5, 6), (7, 8)");
    assert_eq!(rows_of(&script, 0), ["1|2", "!too-few-fields@1:31", "!too-many-fields@1:36", "7|8"]);
}

#[test]
fn a_fault_shows_the_row_as_it_stands() {
    let script = open("INSERT t VALUES (1), ( GETDATE() ), (2)\nINSERT t VALUES (NEWID())");
    let faults = faults(&script, 0);
    assert_eq!(faults[0].raw, b"( GETDATE() )");
    assert_eq!(faults[0].detail, "value 1 is not understood at \"GETDATE\"");
    assert_eq!(faults[1].raw, b"INSERT t VALUES (NEWID())");
    assert_eq!((faults[1].line, faults[1].byte), (2, 40));
}

#[test]
fn a_script_that_is_cut_off_tells_where() {
    let whole =
        "INSERT [dbo].[t] ([a], [b]) VALUES (1, N'x')\nINSERT [dbo].[t] ([a], [b]) VALUES (2, N'longer')\n";
    for end in 46..whole.len() - 1 {
        let script = open(&whole[..end]);
        assert_eq!(rows_of(&script, 0), ["1|'x'", "!truncated@2:45"], "{}", &whole[45..end]);
    }
    let fault = &faults(&open(&whole[..90]), 0)[0];
    assert_eq!(fault.detail, "the script ends within this row of dbo.t");
    assert_eq!(rows("INSERT t VALUES (1)\n/* a comment\nINSERT t VALUES (2)"), ["1", "!truncated@2:20"]);
    assert_eq!(rows("INSERT t VALUES (1)\nPRINT 'INSERT t VALUES (2)"), ["1", "!truncated@2:26"]);
}

#[test]
fn tables_that_take_turns_are_read_apart() {
    let text: String =
        (0..50).map(|n| format!("INSERT a VALUES ({n})\nGO\nINSERT b VALUES ({n}, N'x')\n")).collect();
    let script = open(&text);
    assert_eq!(rows_of(&script, 0), (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(rows_of(&script, 1), (0..50).map(|n| format!("{n}|'x'")).collect::<Vec<_>>());
}

#[test]
fn tables_that_take_turns_too_often_are_read_apart_as_well() {
    let text: String = (0..40_000).map(|n| format!("INSERT a VALUES({n})INSERT b VALUES({n})")).collect();
    let script = open(&text);
    for table in 0..2 {
        let mut next = 0;
        let mut take = |row: RowResult<'_>| {
            assert_eq!(row.unwrap().values, [Value::Integer(next)]);
            next += 1;
            Ok(())
        };
        script.rows(table).unwrap().for_each_row(&mut take).unwrap();
        assert_eq!((next, script.row_count(table)), (40_000, 40_000));
    }
}

#[test]
fn a_row_beyond_the_limit_is_told_and_the_next_is_read() {
    let long = "x".repeat(3 << 20);
    let found = rows(&format!(
        "INSERT t VALUES (1)\nINSERT t VALUES (N'{long}')\nINSERT t VALUES (3), (N'{long}'), (4)"
    ));
    assert_eq!(found, ["1", "!too-large@2:20", "3", &format!("!too-large@3:{}", 63 + long.len()), "4"]);
    let fault = &faults(&open(&format!("INSERT t VALUES (N'{long}')")), 0)[0];
    assert!(fault.cause == Cause::TooLarge && fault.raw.len() == 1 << 20);
}

#[test]
fn a_file_is_jumped_through_to_the_rows_that_are_wanted() {
    #[derive(Debug)]
    struct OnDisk(tempfile::TempPath);
    impl Blob for OnDisk {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(std::fs::File::open(&self.0)?))
        }
        fn size(&self) -> Option<u64> {
            None
        }
        fn path(&self) -> Option<&std::path::Path> {
            Some(&self.0)
        }
    }
    let other = format!("INSERT b VALUES (N'{}')\r\n", "é".repeat(1 << 20));
    let text =
        format!("INSERT a VALUES (1)\r\n{other}USE m\r\nINSERT a VALUES (2)\r\n{other}INSERT a VALUES (3)");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), [&b"\xFF\xFE"[..], &utf16(&text)].concat()).unwrap();
    let blob = Arc::new(OnDisk(file.into_temp_path()));
    let script = Script::open("dump.sql", blob, ScriptOptions::default()).unwrap();
    assert_eq!(rows_of(&script, 0), ["1", "2", "3"]);
    assert_eq!(rows_of(&script, 1).len(), 2);
    let mut lines = Vec::new();
    let mut take = |row: RowResult<'_>| {
        let row = row.unwrap();
        lines.push((row.line, row.byte));
        Ok(())
    };
    script.rows(0).unwrap().for_each_row(&mut take).unwrap();
    let width = other.encode_utf16().count() as u64 * 2;
    assert_eq!(lines, [(1, 2), (4, 2 + 42 + width + 14), (6, 2 + 42 + width + 14 + 42 + width)]);
}

#[test]
fn the_dump_of_another_engine_is_refused_by_name() {
    for (text, why) in [
        (
            "-- MySQL dump 10.13  Distrib 8.0\n--\nINSERT INTO `t` VALUES (1);\n",
            "it is a dump of MySQL, not a script of SQL Server",
        ),
        (
            "--\n-- PostgreSQL database dump\n--\nINSERT INTO public.t VALUES (1);\n",
            "it is a dump of PostgreSQL, not a script of SQL Server",
        ),
    ] {
        assert_eq!(refusal(text), why);
    }
}

#[test]
fn statements_that_change_rows_afterwards_are_problems() {
    let of = |text: &str| open(text).problems();
    let behind = "; the rows are given as they were put in before";
    for (statement, problem) in [
        ("UPDATE dbo.t SET a = 2 WHERE a = 1", format!("line 2: UPDATE changes rows of dbo.t{behind}")),
        ("update top (1) [t] set a = 2", format!("line 2: UPDATE changes rows of dbo.t{behind}")),
        ("UPDATE x SET a = 2 FROM t x", format!("line 2: UPDATE changes rows of x{behind}")),
        ("DELETE FROM t WHERE a = 1", format!("line 2: DELETE takes rows out of dbo.t{behind}")),
        ("DELETE t", format!("line 2: DELETE takes rows out of dbo.t{behind}")),
        (
            "DELETE t\nDELETE t",
            format!("line 2: DELETE takes rows out of dbo.t (the first of 2 times){behind}"),
        ),
        ("TRUNCATE TABLE [dbo].[t]", format!("line 2: TRUNCATE TABLE takes all rows out of dbo.t{behind}")),
        ("DROP TABLE IF EXISTS t", format!("line 2: DROP TABLE drops dbo.t and its rows{behind}")),
        (
            "BULK INSERT t FROM 'c:\\t.bcp'",
            "line 2: BULK INSERT puts rows of a file into dbo.t, and they are not read".to_owned(),
        ),
        (":r more.sql", "line 2: another script is called by :r and not read; give it too".to_owned()),
    ] {
        let text = format!("INSERT dbo.t (a) VALUES (1)\n{statement}\nINSERT dbo.t (a) VALUES (3)");
        assert_eq!(of(&text), [problem], "{statement}");
        assert_eq!(rows_of(&open(&text), 0), ["1", "3"], "{statement}");
    }
}

#[test]
fn what_changes_no_rows_is_no_problem() {
    for statement in [
        "GRANT SELECT, UPDATE, DELETE ON t TO x",
        "UPDATE STATISTICS t",
        "ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a) ON DELETE CASCADE ON UPDATE CASCADE",
        "DELETE FROM u",
        "DROP PROCEDURE t",
        "UPDATE #t SET a = 1",
        "CREATE TRIGGER tr ON t FOR UPDATE AS DELETE FROM t\nGO",
        ":setvar Database mgc",
        "PRINT 'DELETE FROM t'",
    ] {
        let text = format!("DELETE FROM t\nINSERT t (a) VALUES (1)\n{statement}\nINSERT t (a) VALUES (3)");
        let script = open(&text);
        assert_eq!(script.problems(), [""; 0], "{statement}");
        assert_eq!(rows_of(&script, 0), ["1", "3"], "{statement}");
    }
}

#[test]
fn a_script_of_tables_alone_is_told_as_such() {
    let script = open("CREATE TABLE dbo.t (a int)\nGO\n");
    assert_eq!(script.format(), "T-SQL script without rows, utf-8");
    assert_eq!((script.has_data(), script.row_count(0)), (false, 0));
    assert!(open("CREATE TABLE dbo.t (a int)\nINSERT t VALUES (GETDATE())").has_data());
}

#[test]
fn two_databases_in_one_script_are_not_mixed() {
    let text = "USE [mgc]\nGO\nCREATE TABLE [dbo].[tblChat] ([a] int)\nGO\nINSERT [dbo].[tblChat] ([a]) VALUES (1)\nGO\n\
                USE [mgccomp]\nGO\nCREATE TABLE [dbo].[tblChat] ([b] bigint)\nGO\nINSERT [dbo].[tblChat] ([b]) VALUES (2)\n\
                USE mgc\nINSERT [dbo].[tblChat] ([a]) VALUES (3)\nINSERT [mgccomp].[dbo].[tblChat] ([b]) VALUES (4)";
    let script = open(text);
    assert_eq!(names(&script), ["dbo.tblChat", "dbo.tblChat"]);
    assert_eq!(rows_of(&script, 0), ["1", "3"]);
    assert_eq!(rows_of(&script, 1), ["2", "4"]);
    assert_eq!((columns(&script, 0), columns(&script, 1)), (vec!["a int".into()], vec!["b bigint".into()]));
}

#[test]
fn types_of_the_script_itself_are_resolved() {
    let script = open(
        "CREATE TYPE [dbo].[ticks] FROM [bigint] NOT NULL\nGO\nexec sp_addtype id, 'varchar(11)', 'NOT NULL'\n\
         EXECUTE sp_addtype N'price', N'decimal(9, 2)'\n\
         CREATE TABLE t (a [dbo].[ticks] NOT NULL, b id, c price NULL, d other,\n\
         e datetime2(3) GENERATED ALWAYS AS ROW START NOT NULL, f datetime2(3) GENERATED ALWAYS AS ROW END NOT NULL,\n\
         PERIOD FOR SYSTEM_TIME (e, f))\nINSERT t VALUES (N'5', N'x', '1.50', 7)",
    );
    assert_eq!(columns(&script, 0), ["a bigint!", "b varchar(11)", "c decimal(9, 2)", "d unknown"]);
    assert_eq!(rows_of(&script, 0), ["5|'x'|1.5|7"]);
}
