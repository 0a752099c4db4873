//! Statements that change, drop or fetch rows elsewhere. They are not carried out; that they are there
//! is told, since the rows read are then not those that a server would have in the end.

use std::io::{self, Read};

use super::{Step, Walker};
use crate::sqlserver::script::define;
use crate::sqlserver::script::insert::skip_group;
use crate::sqlserver::script::lexer::{Kind, Lexer, Token};
use crate::sqlserver::script::name::{self, Name, folded};
use crate::sqlserver::script::reel::Reel;
use crate::sqlserver::{DataType, Encoding, delimited::window::Place};

/// User types that are remembered.
const MAX_TYPES: usize = 10_000;

/// What such a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sqlserver::script) enum Verb {
    Update,
    Delete,
    Truncate,
    Drop,
    /// `BULK INSERT`
    Bulk,
    /// `:r`, by which `sqlcmd` reads another script.
    Script,
}

/// A statement that is told.
#[derive(Debug)]
pub(in crate::sqlserver::script) struct Change {
    pub(in crate::sqlserver::script) verb: Verb,
    /// The table, or an alias of one.
    pub(in crate::sqlserver::script) name: Name,
    /// Whether it is a statement even if there is no such table.
    pub(in crate::sqlserver::script) sure: bool,
}

impl<R: Read> Walker<R> {
    /// Reads on behind `UPDATE`, `DELETE`, `TRUNCATE`, `DROP` or `BULK`.
    pub(super) fn change(&mut self, mut verb_token: Token, verb: Verb) -> io::Result<Option<Step>> {
        let place = self.lexer.mark(&mut verb_token);
        let mut token = self.take()?;
        let is = |walker: &Self, token: &Token, word| walker.lexer.is_word(token, word);
        match verb {
            Verb::Truncate | Verb::Drop if !is(self, &token, "TABLE") => return Ok(self.put_back(token)),
            Verb::Bulk if !is(self, &token, "INSERT") => return Ok(self.put_back(token)),
            Verb::Update if is(self, &token, "STATISTICS") => return Ok(None),
            Verb::Truncate | Verb::Drop | Verb::Bulk => token = self.lexer.next()?,
            Verb::Update | Verb::Delete | Verb::Script => {}
        }
        if is(self, &token, "TOP") {
            token = self.lexer.next()?;
            token = skip_group(&mut self.lexer, token)?;
        }
        for word in ["IF", "EXISTS", "FROM"] {
            if is(self, &token, word) {
                token = self.lexer.next()?;
            }
        }
        let (name, next) = name::read(&mut self.lexer, token, &self.session.database)?;
        self.pending = Some(next);
        let Some(name) = name else { return Ok(None) };
        self.place = place;
        let sure = match verb {
            Verb::Update => is(self, &next, "SET"),
            Verb::Delete => is(self, &next, "FROM") || is(self, &next, "WHERE"),
            _ => false,
        };
        Ok(Some(Step::Change(Change { verb, name, sure })))
    }

    /// Reads on behind a colon that opens a line.
    pub(super) fn directive(&mut self, mut colon: Token) -> io::Result<Option<Step>> {
        let place = self.lexer.mark(&mut colon);
        let token = self.take()?;
        if !self.lexer.is_word(&token, "R") {
            return Ok(self.put_back(token));
        }
        self.place = place;
        Ok(Some(Step::Change(Change { verb: Verb::Script, name: Name::default(), sure: true })))
    }

    fn put_back(&mut self, token: Token) -> Option<Step> {
        self.pending = Some(token);
        None
    }

    /// Reads on behind `CREATE TYPE`.
    pub(super) fn user_type(&mut self) -> io::Result<()> {
        let first = self.take()?;
        let (name, mut token) = name::read(&mut self.lexer, first, "")?;
        let mut tokens = Vec::new();
        if self.lexer.is_word(&token, "FROM") {
            token = self.lexer.next()?;
            let ends = |token: &Token| {
                matches!(token.kind, Kind::End | Kind::Cut | Kind::Batch(_) | Kind::Symbol(b';'))
            };
            while !ends(&token) && tokens.len() < 8 {
                tokens.push(token);
                token = self.lexer.next()?;
            }
        }
        self.pending = Some(token);
        if let (Some(name), Some((data_type, _))) = (name, define::data_type(&self.lexer, &tokens)) {
            self.remember_type(&name.table, data_type);
        }
        Ok(())
    }

    /// Reads on behind `sp_addtype`, the old way to name a type: `'id', 'varchar(11)'`.
    pub(super) fn old_user_type(&mut self) -> io::Result<()> {
        let first = self.take()?;
        let comma = self.lexer.next()?;
        let text = self.lexer.next()?;
        self.pending = Some(text);
        let named = first.is_name() || first.kind == Kind::Text;
        if !named || !comma.is(b',') || !(text.is_name() || text.kind == Kind::Text) {
            return Ok(());
        }
        let name = String::from_utf8_lossy(self.lexer.text(&first)).into_owned();
        let beginning = Place { line: 1, byte: 1 };
        let reel = Reel::new(self.lexer.text(&text), Encoding::Utf8, beginning, 1 << 20);
        let mut inner = Lexer::new(reel);
        let mut tokens = Vec::new();
        while tokens.len() < 8 {
            match inner.next()? {
                Token { kind: Kind::End | Kind::Cut, .. } => break,
                token => tokens.push(token),
            }
        }
        if let Some((data_type, _)) = define::data_type(&inner, &tokens) {
            self.remember_type(&name, data_type);
        }
        Ok(())
    }

    fn remember_type(&mut self, name: &str, data_type: DataType) {
        if self.types.len() < MAX_TYPES {
            self.types.insert(folded(name), data_type);
        }
    }
}
