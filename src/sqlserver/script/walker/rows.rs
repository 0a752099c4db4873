//! The rows of one statement: lists behind `VALUES`, and `SELECT` behind `SELECT`.

use std::io::{self, Read};

use super::{MAX_TOKENS, State, Step, Walker};
use crate::ledger::Cause;
use crate::sqlserver::script::lexer::{Kind, Token};
use crate::sqlserver::script::name::Name;

impl<R: Read> Walker<R> {
    /// Walks a row of `VALUES`.
    pub(super) fn tuple(&mut self, first: bool) -> io::Result<Option<Step>> {
        let mut token = self.take()?;
        if !first {
            if !token.is(b',') {
                return self.behind_rows(token);
            }
            token = self.take()?;
            self.place = self.lexer.mark(&mut token);
        }
        self.state = State::Values { first: false };
        if matches!(token.kind, Kind::End | Kind::Cut) {
            return Ok(Some(self.cut_row()));
        }
        if !token.is(b'(') {
            self.pending = Some(token);
            return self
                .broken(Cause::Malformed, "a row does not begin with a parenthesis".to_owned())
                .map(Some);
        }
        self.tokens.clear();
        self.fields = 1;
        let mut depth = 0_u64;
        let mut too_many = false;
        let mut spare = Token::NONE;
        let wrong = loop {
            // Tokens that are wanted are read where they are kept.
            let keeps = self.wanted && self.tokens.len() < MAX_TOKENS;
            too_many |= self.wanted && !keeps;
            if keeps {
                self.tokens.push(Token::NONE);
            }
            let token = match self.tokens.last_mut() {
                Some(slot) if keeps => slot,
                _ => &mut spare,
            };
            self.lexer.next_into(token)?;
            let token = &*token;
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') if depth == 0 => {
                    self.tokens.truncate(self.tokens.len() - usize::from(keeps));
                    break None;
                }
                Kind::Symbol(b')') => depth -= 1,
                Kind::Symbol(b',') if depth == 0 => self.fields += 1,
                Kind::Symbol(b';') => break Some("a semicolon stands within this row"),
                Kind::Batch(_) => {
                    self.pending = Some(*token);
                    break Some("the batch ends within this row");
                }
                Kind::Word if self.lexer.is_word(token, "INSERT") => {
                    self.pending = Some(*token);
                    break Some("another statement begins within this row");
                }
                Kind::End | Kind::Cut => return Ok(Some(self.cut_row())),
                _ => {}
            }
        };
        self.batch_has_rows = true;
        Ok(Some(match wrong {
            Some(detail) => {
                self.state = State::Between;
                Step::Fault(self.fault(Cause::Malformed, detail))
            }
            None => self.finished(too_many),
        }))
    }

    /// Ends a list of rows; a value there belongs to none of them.
    fn behind_rows(&mut self, mut token: Token) -> io::Result<Option<Step>> {
        self.state = State::Between;
        let stray = match token.kind {
            // A line for `sqlcmd`.
            Kind::Symbol(b':') if token.fresh => false,
            Kind::Symbol(symbol) => symbol != b';',
            Kind::Text | Kind::Hex | Kind::Number => true,
            _ => false,
        };
        if stray {
            self.place = self.lexer.mark(&mut token);
        }
        self.pending = Some(token);
        match stray {
            true => self.broken(Cause::Malformed, "a value stands outside of any row".to_owned()).map(Some),
            false => Ok(None),
        }
    }

    /// Keeps a token of a row; `false` if there are too many.
    fn keep(&mut self, token: Token) -> bool {
        if self.wanted && self.tokens.len() < MAX_TOKENS {
            self.tokens.push(token);
        }
        !self.wanted || self.tokens.len() < MAX_TOKENS
    }

    fn finished(&mut self, too_many: bool) -> Step {
        if self.lexer.reel().has_head() || too_many { Step::Fault(self.too_large()) } else { Step::Row }
    }

    fn cut_row(&mut self) -> Step {
        self.state = State::Between;
        self.ended = true;
        let Name { schema, table, .. } = &self.header.name;
        let detail = match schema.as_str() {
            "" => format!("the script ends within this row of {table}"),
            _ => format!("the script ends within this row of {schema}.{table}"),
        };
        Step::Fault(self.fault(Cause::Truncated, detail))
    }

    /// Walks a row of `SELECT`, behind that word.
    pub(super) fn selected(&mut self, first: bool) -> io::Result<Option<Step>> {
        let mut token = self.take()?;
        if !first {
            self.place = self.lexer.mark(&mut token);
        }
        self.tokens.clear();
        self.fields = 1;
        let mut depth = 0_u64;
        let mut too_many = false;
        loop {
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') => depth = depth.saturating_sub(1),
                Kind::Symbol(b',') if depth == 0 => self.fields += 1,
                Kind::Cut => return Ok(Some(self.cut_row())),
                Kind::End if depth > 0 => return Ok(Some(self.cut_row())),
                Kind::End | Kind::Batch(_) | Kind::Symbol(b';') => break,
                Kind::Word if self.lexer.is_word(&token, "INSERT") => break,
                Kind::Word if depth == 0 && self.ends_select(&token) => break,
                _ => {}
            }
            too_many |= !self.keep(token);
            token = self.lexer.next()?;
        }
        self.pending = Some(token);
        self.batch_has_rows = true;
        let takes = ["FROM", "WHERE", "INTO", "EXCEPT", "INTERSECT"];
        if takes.iter().any(|word| self.lexer.is_word(&token, word)) {
            let detail = "the rows are taken from other tables (INSERT ... SELECT ... FROM)".to_owned();
            return self.broken(Cause::Malformed, detail).map(Some);
        }
        let union = self.lexer.is_word(&token, "UNION");
        self.state = if union { State::Select { first: false } } else { State::Between };
        let step = self.finished(too_many);
        if union && let Some(wrong) = self.pass_union()? {
            self.deferred = Some((Cause::Malformed, wrong));
        }
        Ok(Some(step))
    }

    /// Passes over `UNION ALL SELECT`.
    fn pass_union(&mut self) -> io::Result<Option<String>> {
        self.pending = None;
        let mut token = self.lexer.next()?;
        if self.lexer.is_word(&token, "ALL") {
            token = self.lexer.next()?;
        }
        if self.lexer.is_word(&token, "SELECT") {
            return Ok(None);
        }
        self.pending = Some(token);
        Ok(Some("UNION is not followed by SELECT".to_owned()))
    }

    fn ends_select(&self, token: &Token) -> bool {
        const ENDS: [&str; 8] = ["UNION", "FROM", "WHERE", "INTO", "EXCEPT", "INTERSECT", "OPTION", "ORDER"];
        ENDS.iter().any(|word| self.lexer.is_word(token, word))
            || self.begins_statement(token) && !self.lexer.is_word(token, "END")
    }
}
