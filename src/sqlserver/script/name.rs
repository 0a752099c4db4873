//! Names of tables, of one to four parts.

use std::io::{self, Read};

use super::lexer::{Kind, Lexer, Token};

/// The name of a table as a statement has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Empty where neither the name nor `USE` tells.
    pub(super) database: String,
    /// Empty where the name does not tell.
    pub(super) schema: String,
    pub(super) table: String,
}

impl Name {
    /// Tells whether two names mean one table: names are equal without regard to case, no schema
    /// is `dbo`, and a database that is not told is any.
    pub(super) fn means(&self, other: &Name) -> bool {
        let schema =
            |name: &Name| if name.schema.is_empty() { "dbo".to_owned() } else { folded(&name.schema) };
        let unknown = self.database.is_empty() || other.database.is_empty();
        same(&self.table, &other.table)
            && schema(self) == schema(other)
            && (unknown || same(&self.database, &other.database))
    }

    /// Takes over what the other name tells and this one does not.
    pub(super) fn complete(&mut self, other: &Name) {
        if self.database.is_empty() {
            self.database.clone_from(&other.database);
        }
        if self.schema.is_empty() {
            self.schema.clone_from(&other.schema);
        }
    }
}

/// Returns a name in the form in which a server of the usual collation compares it.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Compares two names as a server of the usual collation does.
fn same(one: &str, two: &str) -> bool {
    one == two || folded(one) == folded(two)
}

/// Returns what a name token stands for, its quotes resolved.
pub(super) fn plain<R: Read>(lexer: &Lexer<R>, token: &Token) -> String {
    let text = String::from_utf8_lossy(lexer.text(token));
    match token.kind {
        Kind::Bracketed if token.doubled => text.replace("]]", "]"),
        Kind::Quoted if token.doubled => text.replace("\"\"", "\""),
        _ => text.into_owned(),
    }
}

/// Reads a name that begins with `first`; gives with it the token behind it. `None` if it is none.
pub(super) fn read<R: Read>(
    lexer: &mut Lexer<R>,
    first: Token,
    database: &str,
) -> io::Result<(Option<Name>, Token)> {
    let mut token = first;
    let mut parts: Vec<String> = Vec::new();
    if !token.is_name() {
        return Ok((None, token));
    }
    loop {
        if token.is_name() {
            parts.push(plain(lexer, &token));
            token = lexer.next()?;
        } else {
            // `database..table`
            parts.push(String::new());
        }
        if !token.is(b'.') {
            break;
        }
        if parts.len() > 4 {
            return Ok((None, token));
        }
        token = lexer.next()?;
    }
    let mut parts = parts.into_iter().rev();
    let name = Name {
        table: parts.next().unwrap_or_default(),
        schema: parts.next().unwrap_or_default(),
        database: parts.next().filter(|part| !part.is_empty()).unwrap_or_else(|| database.to_owned()),
    };
    Ok(((!name.table.is_empty()).then_some(name), token))
}
