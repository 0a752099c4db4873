//! Telling a T-SQL script from other text by its beginning, and the scripts of other engines by name.
//!
//! The first word behind marks, blanks and comments must begin a statement and be followed by what
//! that statement calls for; prose that begins with "Use" or "Set" and a table with a column
//! "Insert" do not pass. (Microsoft Learn, "Transact-SQL statements".)

use std::io;

use super::lexer::{Kind, Lexer, Token};
use super::reel::Reel;
use crate::sqlserver::delimited::window::Place;
use crate::sqlserver::encoding::{Census, Encoding};

/// Bytes that are looked at.
const HEAD: usize = 64 * 1024;
/// The most bytes of one literal, name or comment; the head has no longer one.
const LIMIT: usize = 2 * HEAD;

/// Tells whether the head of a file is that of a script that fills or describes tables.
pub(super) fn is_script(head: &[u8]) -> bool {
    let head = head.get(..HEAD).unwrap_or(head);
    // Reading from memory does not fail.
    looks_like(head).unwrap_or(false)
}

/// Names the engine other than SQL Server whose dump this is.
pub(super) fn foreign(head: &[u8]) -> Option<&'static str> {
    let head = head.get(..HEAD).unwrap_or(head);
    let mut text = head.to_ascii_lowercase();
    if matches!(encoding(head), Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian) {
        text.retain(|byte| !matches!(byte, 0 | 0xFE | 0xFF));
    }
    // What the dump programs write into the first lines, and statements that T-SQL does not know.
    let opening = text.get(..4096).unwrap_or(&text);
    let marks: [(&[u8], &'static str); 12] = [
        (b"-- mysql dump", "MySQL"),
        (b"-- mariadb dump", "MariaDB"),
        (b"-- phpmyadmin sql dump", "MySQL"),
        (b"/*!40101 set", "MySQL"),
        (b"/*!40000 alter", "MySQL"),
        (b"set foreign_key_checks", "MySQL"),
        (b"-- postgresql database dump", "PostgreSQL"),
        (b"-- postgresql database cluster dump", "PostgreSQL"),
        (b"set client_encoding", "PostgreSQL"),
        (b"select pg_catalog.set_config", "PostgreSQL"),
        (b"pragma foreign_keys", "SQLite"),
        (b"rem inserting into", "Oracle"),
    ];
    let opens_a_line = |mark: &[u8]| {
        memchr::memmem::find_iter(opening, mark).any(|at| {
            opening.get(..at).and_then(<[u8]>::last).is_none_or(|before| matches!(before, b'\n' | 0xBF))
        })
    };
    marks.iter().find(|(mark, _)| opens_a_line(mark)).map(|(_, engine)| *engine)
}

fn encoding(head: &[u8]) -> Encoding {
    let mut census = Census::default();
    census.feed(head);
    census.finish()
}

fn looks_like(head: &[u8]) -> io::Result<bool> {
    let reel = Reel::new(head, encoding(head), Place { line: 1, byte: 0 }, LIMIT);
    let mut look = Look { lexer: Lexer::new(reel), pending: Vec::new() };
    let mut token = look.next()?;
    // Lines for `sqlcmd` itself.
    while token.is(b':') && token.fresh {
        let word = look.next()?;
        if !["SETVAR", "R", "ON", "CONNECT", "OUT", "ERROR"].iter().any(|known| look.is(&word, known)) {
            return Ok(false);
        }
        loop {
            token = look.next()?;
            if token.fresh || token.kind == Kind::End {
                break;
            }
        }
    }
    if !look.begins(&token)? {
        return Ok(false);
    }
    // The first statement is one; now one that tells of tables, a database or a session.
    look.pending.push(token);
    look.has_shape()
}

struct Look<'a> {
    lexer: Lexer<&'a [u8]>,
    /// Tokens that were read ahead, the next one last.
    pending: Vec<Token>,
}

impl Look<'_> {
    fn next(&mut self) -> io::Result<Token> {
        match self.pending.pop() {
            Some(token) => Ok(token),
            None => self.lexer.next(),
        }
    }

    /// Looks at the next token and leaves it there.
    fn peek(&mut self) -> io::Result<Token> {
        let token = self.next()?;
        self.pending.push(token);
        Ok(token)
    }

    fn is(&self, token: &Token, word: &str) -> bool {
        self.lexer.is_word(token, word)
    }

    fn is_any(&self, token: &Token, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(token, word))
    }

    /// Tells whether a statement begins with this token; looks at the one behind it.
    fn begins(&mut self, token: &Token) -> io::Result<bool> {
        if matches!(token.kind, Kind::Batch(_)) {
            return Ok(true);
        }
        let next = self.peek()?;
        let named = next.is_name() && !next.fresh;
        Ok(match token.kind {
            Kind::Word if self.is_any(token, &["USE", "INSERT", "MERGE", "EXEC", "EXECUTE", "WITH"]) => named,
            Kind::Word if self.is_any(token, &["CREATE", "ALTER", "DROP"]) => self.is_object(&next),
            Kind::Word if self.is_any(token, &["DELETE", "UPDATE", "BACKUP", "RESTORE"]) => named,
            Kind::Word if self.is_any(token, &["GRANT", "DENY", "REVOKE", "DBCC"]) => named,
            Kind::Word if self.is(token, "SET") => self.is_option(&next),
            Kind::Word if self.is(token, "DECLARE") => next.kind == Kind::Variable,
            Kind::Word if self.is(token, "TRUNCATE") => self.is(&next, "TABLE"),
            Kind::Word if self.is(token, "BULK") => self.is(&next, "INSERT"),
            Kind::Word if self.is(token, "IF") => {
                next.is(b'(')
                    || next.kind == Kind::Variable
                    || self.is_any(&next, &["NOT", "EXISTS", "OBJECT_ID", "DB_ID", "SCHEMA_ID", "COL_LENGTH"])
            }
            Kind::Word if self.is_any(token, &["PRINT", "RAISERROR"]) => {
                next.is(b'(') || next.kind == Kind::Text || next.kind == Kind::Variable
            }
            Kind::Word if self.is_any(token, &["BEGIN", "COMMIT"]) => {
                next.fresh || self.is_any(&next, &["TRAN", "TRANSACTION", "TRY"])
            }
            Kind::Word if self.is(token, "SELECT") => next.kind != Kind::End,
            _ => false,
        })
    }

    fn is_object(&self, token: &Token) -> bool {
        const OBJECTS: [&str; 24] = [
            "TABLE",
            "DATABASE",
            "SCHEMA",
            "PROC",
            "PROCEDURE",
            "VIEW",
            "FUNCTION",
            "TRIGGER",
            "TYPE",
            "USER",
            "ROLE",
            "LOGIN",
            "INDEX",
            "UNIQUE",
            "CLUSTERED",
            "NONCLUSTERED",
            "OR",
            "SEQUENCE",
            "XML",
            "PARTITION",
            "FULLTEXT",
            "DEFAULT",
            "RULE",
            "SYNONYM",
        ];
        self.is_any(token, &OBJECTS)
    }

    fn is_option(&self, token: &Token) -> bool {
        const OPTIONS: [&str; 9] = [
            "NOCOUNT",
            "DATEFORMAT",
            "DATEFIRST",
            "LANGUAGE",
            "ROWCOUNT",
            "NOEXEC",
            "PARSEONLY",
            "TRANSACTION",
            "TEXTSIZE",
        ];
        token.kind == Kind::Variable
            || self.is_any(token, &OPTIONS)
            || token.kind == Kind::Word && self.lexer.text(token).contains(&b'_')
    }

    /// Looks for a statement that fills or describes a table, or that only scripts have.
    fn has_shape(&mut self) -> io::Result<bool> {
        loop {
            let token = self.next()?;
            let found = match token.kind {
                Kind::End | Kind::Cut => return Ok(false),
                Kind::Batch(_) => true,
                Kind::Word if self.is(&token, "INSERT") => self.is_insert()?,
                Kind::Word if self.is(&token, "CREATE") => {
                    let next = self.peek()?;
                    self.is(&next, "TABLE") && self.is_table()?
                }
                Kind::Word if self.is(&token, "USE") => self.is_use()?,
                Kind::Word if token.fresh && self.is(&token, "SET") => {
                    let next = self.next()?;
                    self.is_option(&next) && self.is_set()?
                }
                _ => false,
            };
            if found {
                return Ok(true);
            }
        }
    }

    /// Passes over a name of one to four parts; `false` if there is none.
    fn name(&mut self) -> io::Result<bool> {
        let first = self.peek()?;
        let mut last = first;
        while last.is_name() || last.is(b'.') {
            let is_name = self.next()?.is_name();
            last = self.peek()?;
            if is_name && !last.is(b'.') {
                break;
            }
        }
        Ok(first.is_name())
    }

    fn is_insert(&mut self) -> io::Result<bool> {
        let next = self.next()?;
        if !self.is(&next, "INTO") {
            self.pending.push(next);
        }
        if !self.name()? {
            return Ok(false);
        }
        let next = self.next()?;
        if self.is_any(&next, &["VALUES", "SELECT", "DEFAULT", "EXEC", "EXECUTE"]) {
            return Ok(true);
        }
        if !next.is(b'(') {
            return Ok(false);
        }
        // `(column, column)`
        loop {
            let column = self.next()?;
            let behind = self.next()?;
            match behind.kind {
                Kind::Symbol(b')') if column.is_name() => break,
                Kind::Symbol(b',') if column.is_name() => {}
                _ => return Ok(false),
            }
        }
        let next = self.next()?;
        Ok(self.is_any(&next, &["VALUES", "SELECT", "OUTPUT", "EXEC", "EXECUTE"]))
    }

    fn is_table(&mut self) -> io::Result<bool> {
        self.next()?;
        Ok(self.name()? && self.next()?.is(b'('))
    }

    /// `USE name`, and nothing else in the statement.
    fn is_use(&mut self) -> io::Result<bool> {
        let name = self.next()?;
        let behind = self.peek()?;
        let alone = behind.fresh || behind.is(b';') || matches!(behind.kind, Kind::Batch(_) | Kind::End);
        Ok(name.is_name() && name.kind != Kind::Variable && !name.fresh && alone)
    }

    /// What may follow the name of an option: a table, and `ON`, `OFF` or a value.
    fn is_set(&mut self) -> io::Result<bool> {
        self.name()?;
        let last = self.peek()?;
        Ok(last.fresh
            || last.is(b'=')
            || last.is(b';')
            || self.is_any(&last, &["ON", "OFF"])
            || matches!(last.kind, Kind::Batch(_) | Kind::End | Kind::Number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn scripts_of_all_makes_and_encodings_are_known() {
        for text in [
            "USE [mgc]\r\nGO\r\n/****** Object:  Table [dbo].[tblChat] ******/\r\nSET ANSI_NULLS ON\r\nGO\r\n",
            "/* a /* nested */ note */\n-- another\n\nINSERT [dbo].[t] ([a], [b]) VALUES (1, N'x')",
            "insert into t values(1)",
            "INSERT t SELECT 1 UNION ALL SELECT 2",
            "SET IDENTITY_INSERT [dbo].[t] ON \nINSERT [dbo].[t] ([a]) VALUES (1)",
            "set nocount on",
            "SET QUOTED_IDENTIFIER OFF\nGO\n",
            "CREATE TABLE t (a int)",
            "GO\n",
            "IF NOT EXISTS (SELECT 1 FROM t)\nINSERT t VALUES (1)",
            "BEGIN TRANSACTION\nINSERT INTO t (a) VALUES (1);",
            ":setvar Database mgc\n:on error exit\nUSE [$(Database)]\nGO\n",
            "DECLARE @a int\nSET @a = 1\nINSERT t VALUES (@a)",
            "PRINT N'rows'\nINSERT INTO mgc..t(a)\nVALUES (1)",
            "DELETE FROM t\nINSERT t VALUES (1)",
            "CREATE DATABASE [mgc] ON PRIMARY (NAME = N'mgc')\nGO\n",
        ] {
            assert!(is_script(text.as_bytes()), "{text}");
            assert!(is_script(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), "{text}");
            assert!(is_script(&[&b"\xFF\xFE"[..], &utf16(text, false)].concat()), "{text}");
            assert!(is_script(&[&b"\xFE\xFF"[..], &utf16(text, true)].concat()), "{text}");
            assert!(is_script(&utf16(text, false)), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_script() {
        for text in [
            "",
            "insert,update,delete\n1,2,3\n",
            "Use the file as follows:\nGo on then\n",
            "Use\nGo\n",
            "Set up the server first.\nSet it down again.\n",
            "Create a table (a wooden one) and insert a disk.\n",
            "If not found, insert into the drive (a, b) whatever\n",
            "use,set,go\nINSERT t VALUES (1)\n",
            "chatId\tcontent\n1\tINSERT t VALUES (1)\n",
            "<Conversation>INSERT t VALUES (1)</Conversation>",
            "{\"a\": \"INSERT t VALUES (1)\"}",
            "/* a comment that does not end",
            "-- a comment alone",
            "SELECT * FROM t",
            "Select the rows that you want\nand copy them\n",
            "12.0\n1\n1 SQLINT 0 4 \"\" 1 a \"\"\n",
        ] {
            assert!(!is_script(text.as_bytes()), "{text}");
            assert!(!is_script(&utf16(text, false)), "{text}");
        }
    }

    #[test]
    fn any_bytes_are_looked_at_without_harm() {
        let mut state = 1_u64;
        for length in 0..300 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            };
            let bytes: Vec<u8> = (0..length).map(|_| next()).collect();
            is_script(&bytes);
            foreign(&bytes);
        }
        is_script(&b"INSERT ".repeat(20_000));
        is_script(&b"[".repeat(100_000));
    }

    #[test]
    fn dumps_of_other_engines_are_named() {
        for (text, engine) in [
            ("-- MySQL dump 10.13  Distrib 5.7\nINSERT INTO `t` VALUES (1);", "MySQL"),
            ("--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n", "PostgreSQL"),
            ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "SQLite"),
        ] {
            assert_eq!(foreign(text.as_bytes()), Some(engine));
            assert_eq!(foreign(&utf16(text, false)), Some(engine));
            assert_eq!(foreign(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), Some(engine));
            assert_eq!(foreign(&[&b"\xFF\xFE"[..], &utf16(text, false)].concat()), Some(engine));
        }
        assert_eq!(foreign(b"INSERT t VALUES (1, '-- MySQL dump')"), None);
    }
}
