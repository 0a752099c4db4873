//! Tables as `CREATE TABLE` describes them, and columns that `ALTER TABLE ... ADD` adds.
//!
//! Scripts of the management tool have either; what a constraint says is passed over.

use std::collections::HashMap;
use std::io::{self, Read};

use super::lexer::{Kind, Lexer, Token};
use super::name::{self, Name};
use super::walker::MAX_TOKENS;
use crate::sqlserver::declared::Declared;
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::{Column, DataType};

/// A column and what decides whether an `INSERT` without a list of columns names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) column: Column,
    /// Whether the server fills it: an identity, or a period of system versioning.
    pub(super) identity: bool,
    pub(super) computed: bool,
}

/// A table, or more columns of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: Name,
    pub(super) columns: Vec<Described>,
    /// Whether the columns come on top of those that are known.
    pub(super) added: bool,
}

/// Reads on behind `CREATE TABLE` or `ALTER TABLE`; gives with it the token behind.
pub(super) fn read<R: Read>(
    lexer: &mut Lexer<R>,
    database: &str,
    types: &HashMap<String, DataType>,
    created: bool,
) -> io::Result<(Option<Definition>, Token)> {
    let first = lexer.next()?;
    let (name, mut token) = name::read(lexer, first, database)?;
    let Some(name) = name else { return Ok((None, token)) };
    let opens = if created { token.is(b'(') } else { lexer.is_word(&token, "ADD") };
    if !opens {
        return Ok((None, token));
    }
    let mut columns = Vec::new();
    loop {
        let end;
        (token, end) = item(lexer, types, created, &mut columns)?;
        if end || columns.len() > MAX_COLUMNS {
            break;
        }
    }
    if created && token.is(b')') {
        token = lexer.next()?;
    }
    let found = (!columns.is_empty()).then_some(Definition { name, columns, added: !created });
    Ok((found, token))
}

/// Reads one column or constraint; gives the token that ends it, and whether it is the last one.
fn item<R: Read>(
    lexer: &mut Lexer<R>,
    types: &HashMap<String, DataType>,
    created: bool,
    columns: &mut Vec<Described>,
) -> io::Result<(Token, bool)> {
    let mut tokens = Vec::new();
    let mut depth = 0_u64;
    let (last, end) = loop {
        let token = lexer.next()?;
        match token.kind {
            Kind::Symbol(b'(') => depth += 1,
            Kind::Symbol(b')') if depth == 0 => break (token, true),
            Kind::Symbol(b')') => depth -= 1,
            Kind::Symbol(b',') if depth == 0 => break (token, false),
            Kind::End | Kind::Cut | Kind::Batch(_) | Kind::Symbol(b';') => break (token, true),
            Kind::Word if lexer.is_word(&token, "INSERT") => break (token, true),
            // What is added has no parenthesis to end it.
            Kind::Word
                if !created && depth == 0 && token.fresh && !tokens.is_empty() && ends(lexer, &token) =>
            {
                break (token, true);
            }
            _ => {}
        }
        if tokens.len() < MAX_TOKENS {
            tokens.push(token);
        }
    };
    columns.extend(column(lexer, types, &tokens));
    Ok((last, end))
}

fn ends<R: Read>(lexer: &Lexer<R>, token: &Token) -> bool {
    ["ALTER", "CREATE", "SET", "PRINT", "EXEC", "IF", "BEGIN", "END", "USE", "UPDATE"]
        .iter()
        .any(|word| lexer.is_word(token, word))
}

fn column<R: Read>(
    lexer: &Lexer<R>,
    types: &HashMap<String, DataType>,
    tokens: &[Token],
) -> Option<Described> {
    const OTHERS: [&str; 9] =
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "PERIOD", "DEFAULT", "FOR"];
    let [first, rest @ ..] = tokens else { return None };
    if !first.is_name() || OTHERS.iter().any(|word| lexer.is_word(first, word)) {
        return None;
    }
    let name = name::plain(lexer, first);
    let described = |data_type, nullable, identity, computed| {
        Some(Described { column: Column { name: name.clone(), data_type, nullable }, identity, computed })
    };
    if rest.first().is_some_and(|token| lexer.is_word(token, "AS")) {
        return described(DataType::Unknown, true, false, true);
    }
    let (data_type, behind) = match data_type(lexer, rest) {
        Some((DataType::Unknown, behind)) => {
            let own =
                rest.get(behind.saturating_sub(1)).map(|token| name::folded(&name::plain(lexer, token)));
            (own.and_then(|own| types.get(&own).copied()).unwrap_or(DataType::Unknown), behind)
        }
        Some(found) => found,
        // `timestamp` may stand alone.
        None if lexer.is_word(first, "TIMESTAMP") => (DataType::RowVersion, 0),
        None => return None,
    };
    let options = rest.get(behind..).unwrap_or_default();
    let has = |word: &str| flat(options).any(|token| lexer.is_word(token, word));
    let not_null = flat(options)
        .zip(flat(options).skip(1))
        .any(|(one, two)| lexer.is_word(one, "NOT") && lexer.is_word(two, "NULL"));
    let nullable = !(not_null || has("PRIMARY") || has("IDENTITY"));
    // Columns of a system-versioned table that it fills itself (`GENERATED ALWAYS AS ROW START`).
    described(data_type, nullable, has("IDENTITY") || has("GENERATED"), false)
}

/// Walks the tokens outside parentheses.
fn flat(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    let mut depth = 0_u64;
    tokens.iter().filter(move |token| {
        match token.kind {
            Kind::Symbol(b'(') => depth += 1,
            Kind::Symbol(b')') => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}

/// Reads a type at the beginning of tokens; gives with it how many there are to it.
pub(super) fn data_type<R: Read>(lexer: &Lexer<R>, tokens: &[Token]) -> Option<(DataType, usize)> {
    let mut at = 0;
    let mut name = name::plain(lexer, tokens.first().filter(|token| token.is_name())?);
    // `[sys].[int]`
    while tokens.get(at + 1).is_some_and(|token| token.is(b'.')) {
        name = name::plain(lexer, tokens.get(at + 2).filter(|token| token.is_name())?);
        at += 2;
    }
    at += 1;
    for (one, two, meaning) in [
        ("DOUBLE", "PRECISION", "float"),
        ("CHAR", "VARYING", "varchar"),
        ("CHARACTER", "VARYING", "varchar"),
    ] {
        let follows = tokens.get(at).is_some_and(|token| lexer.is_word(token, two));
        if follows && name.eq_ignore_ascii_case(one) {
            name = meaning.to_owned();
            at += 1;
        }
    }
    let mut declared = Declared { name: &name, ..Declared::default() };
    if tokens.get(at).is_some_and(|token| token.is(b'(')) {
        let close = tokens.get(at..)?.iter().position(|token| token.is(b')'))? + at;
        let within = tokens.get(at + 1..close)?;
        declared.max = within.first().is_some_and(|token| lexer.is_word(token, "MAX"));
        let mut numbers = within.iter().filter(|token| token.kind == Kind::Number);
        let mut number = || std::str::from_utf8(lexer.text(numbers.next()?)).ok()?.parse().ok();
        declared.first = number();
        declared.second = number();
        at = close + 1;
    }
    Some((declared.data_type(), at))
}
