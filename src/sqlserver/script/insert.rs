//! The part of an `INSERT` before its rows: table, columns, and where the rows come from.
//! (Microsoft Learn, "INSERT (Transact-SQL)".)

use std::io::{self, Read};

use super::lexer::{Kind, Lexer, Token};
use super::name::{self, Name};
use super::reel::Reel;
use crate::ledger::Cause;
use crate::sqlserver::Encoding;
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::delimited::window::Place;

/// Which table and columns rows are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: Name,
    /// `None` where the order of the table's own columns counts.
    pub(super) columns: Option<Vec<String>>,
    /// Changes with every header that is not the same text as the last.
    pub(super) serial: u64,
}

/// Where the rows of a statement come from.
#[derive(Debug)]
pub(super) enum Source {
    /// Lists of values follow.
    Values,
    /// A list of expressions follows.
    Select,
    /// From nowhere that can be read, and why.
    Other(Cause, String),
}

/// The beginning of a statement.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its table has no name where there is none.
    pub(super) header: Header,
    pub(super) source: Source,
    /// The token behind; of no use for [`Source::Values`] and [`Source::Select`].
    pub(super) next: Token,
}

impl Header {
    /// Reads on behind the word `INSERT` (or `MERGE`).
    pub(super) fn read<R: Read>(lexer: &mut Lexer<R>, database: &str) -> io::Result<Opened> {
        let mut token = lexer.next()?;
        if lexer.is_word(&token, "TOP") {
            token = lexer.next()?;
            token = skip_group(lexer, token)?;
            if lexer.is_word(&token, "PERCENT") {
                token = lexer.next()?;
            }
        }
        if lexer.is_word(&token, "INTO") {
            token = lexer.next()?;
        }
        let (name, token) = match name::read(lexer, token, database)? {
            (Some(name), token) if token.kind != Kind::Cut => (name, token),
            (_, next) => return Ok(Opened { header: Header::default(), source: Source::Values, next }),
        };
        let mut header = Header { name, columns: None, serial: 0 };
        let (source, next) = header.read_on(lexer, token)?;
        Ok(Opened { header, source, next })
    }

    /// Reads the `INSERT` that text holds.
    pub(super) fn within(text: &[u8], database: &str) -> io::Result<Header> {
        let beginning = Place { line: 1, byte: 1 };
        let plain = String::from_utf8_lossy(text.get(..4096).unwrap_or(text)).replace("''", "'");
        let mut lexer = Lexer::new(Reel::new(plain.as_bytes(), Encoding::Utf8, beginning, usize::MAX / 2));
        lexer.next()?;
        let mut header = Header::read(&mut lexer, database)?.header;
        if header.name.table.is_empty() {
            header.name.table = "(unknown)".to_owned();
        }
        Ok(header)
    }

    fn read_on<R: Read>(&mut self, lexer: &mut Lexer<R>, mut token: Token) -> io::Result<(Source, Token)> {
        if lexer.is_word(&token, "WITH") {
            token = lexer.next()?;
            token = skip_group(lexer, token)?;
        }
        if token.is(b'(') {
            let (columns, behind) = column_list(lexer)?;
            let Some(columns) = columns else {
                return Ok((misunderstood("the list of columns is not understood", &behind), behind));
            };
            self.columns = Some(columns);
            token = behind;
        }
        if lexer.is_word(&token, "OUTPUT") {
            while !ends_output(lexer, &token) {
                token = lexer.next()?;
            }
        }
        let is_last = lexer.is_at_end()?;
        let is = |word| lexer.is_word(&token, word);
        let source = if is("VALUES") {
            Source::Values
        } else if is("SELECT") {
            Source::Select
        } else if is("DEFAULT") {
            misunderstood("a row of default values does not tell them", &token)
        } else if is("EXEC") || is("EXECUTE") {
            misunderstood("the rows come from a procedure (INSERT ... EXEC)", &token)
        } else if is_last {
            // Such as `VALU`.
            cut()
        } else {
            misunderstood("neither VALUES nor SELECT follows", &token)
        };
        Ok((source, token))
    }
}

fn cut() -> Source {
    Source::Other(Cause::Truncated, "the script ends within this statement".to_owned())
}

fn misunderstood(what: &str, token: &Token) -> Source {
    match token.kind {
        Kind::End | Kind::Cut => cut(),
        _ => Source::Other(Cause::Malformed, what.to_owned()),
    }
}

fn ends_output<R: Read>(lexer: &Lexer<R>, token: &Token) -> bool {
    matches!(token.kind, Kind::End | Kind::Cut | Kind::Batch(_) | Kind::Symbol(b';'))
        || ["VALUES", "SELECT", "DEFAULT", "EXEC", "EXECUTE", "INSERT"]
            .iter()
            .any(|word| lexer.is_word(token, word))
}

/// Passes over what stands in parentheses; gives the token behind them.
pub(super) fn skip_group<R: Read>(lexer: &mut Lexer<R>, first: Token) -> io::Result<Token> {
    if !first.is(b'(') {
        return Ok(first);
    }
    let mut depth = 1_u64;
    while depth > 0 {
        let token = lexer.next()?;
        match token.kind {
            Kind::Symbol(b'(') => depth += 1,
            Kind::Symbol(b')') => depth -= 1,
            Kind::End | Kind::Cut | Kind::Batch(_) => return Ok(token),
            _ => {}
        }
    }
    lexer.next()
}

/// Reads names up to the closing parenthesis; `None` if there is anything else.
fn column_list<R: Read>(lexer: &mut Lexer<R>) -> io::Result<(Option<Vec<String>>, Token)> {
    let mut columns = Vec::new();
    loop {
        let token = lexer.next()?;
        if !token.is_name() || columns.len() >= MAX_COLUMNS || lexer.is_word(&token, "SELECT") {
            return Ok((None, token));
        }
        columns.push(name::plain(lexer, &token));
        let token = lexer.next()?;
        if token.is(b')') {
            return Ok((Some(columns), lexer.next()?));
        }
        if !token.is(b',') {
            return Ok((None, token));
        }
    }
}
