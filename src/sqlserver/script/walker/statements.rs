//! What stands between rows: statements that open, describe or run something, and the ends of batches.

use std::io::{self, Read};

use super::{DateOrder, SLACK, State, Step, Verb, Walker};
use crate::ledger::Cause;
use crate::sqlserver::script::define;
use crate::sqlserver::script::insert::{Header, Opened, Source};
use crate::sqlserver::script::lexer::{Kind, Token};
use crate::sqlserver::script::name;

impl<R: Read> Walker<R> {
    pub(super) fn between(&mut self) -> io::Result<Option<Step>> {
        if self.ended {
            return Ok(Some(Step::End));
        }
        let mut token = self.take()?;
        if token.from > SLACK {
            self.place = self.lexer.mark(&mut token);
        }
        let is_mention = std::mem::replace(&mut self.is_mention, token.is(b','));
        match token.kind {
            Kind::End => {
                self.ended = true;
                Ok(Some(Step::End))
            }
            Kind::Cut => {
                self.place = self.lexer.mark(&mut token);
                self.ended = true;
                let fault = self.fault(Cause::Truncated, "the script ends within a literal, name or comment");
                Ok(self.has_table.then_some(Step::Fault(fault)))
            }
            Kind::Batch(count) => Ok(self.batch_end(token, count)),
            Kind::Symbol(b';') => {
                self.executing = false;
                Ok(None)
            }
            Kind::Symbol(b':') if token.fresh => self.directive(token),
            Kind::Text if self.executing => self.executed(token),
            Kind::Word => self.keyword(token, is_mention),
            Kind::Bracketed | Kind::Quoted => {
                self.executing &= self.runs_text(&token);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Ends a batch; one that is to be run more than once, or not at all, is told.
    fn batch_end(&mut self, mut token: Token, count: u32) -> Option<Step> {
        self.executing = false;
        let has_rows = std::mem::take(&mut self.batch_has_rows);
        if !has_rows || count == 1 {
            return None;
        }
        self.place = self.lexer.mark(&mut token);
        let detail = format!("the rows above are to be put in {count} times, but are read once");
        Some(Step::Fault(self.fault(Cause::Malformed, detail)))
    }

    /// Tells whether a name may stand between `EXEC` and text that is run as a statement.
    fn runs_text(&self, token: &Token) -> bool {
        let name = self.lexer.text(token);
        ["sp_executesql", "sys", "dbo", "master"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    }

    fn keyword(&mut self, token: Token, is_mention: bool) -> io::Result<Option<Step>> {
        self.executing &= self.runs_text(&token);
        let is = |word| self.lexer.is_word(&token, word);
        match token.end.saturating_sub(token.start) {
            2 if is("OF") => self.is_mention = true,
            3 if is("FOR") => self.is_mention = true,
            3 if is("USE") => self.use_database()?,
            3 if is("SET") => self.set_option()?,
            4 if is("BULK") => return self.change(token, Verb::Bulk),
            4 if is("DROP") => return self.change(token, Verb::Drop),
            4 if is("DENY") || is("THEN") => self.is_mention = true,
            4 if is("EXEC") => self.executing = true,
            5 if is("AFTER") || is("GRANT") => self.is_mention = true,
            5 if is("MERGE") => return self.merge(token),
            5 if is("ALTER") => return self.define(token, false),
            6 if is("REVOKE") => self.is_mention = true,
            6 if is("CREATE") => return self.define(token, true),
            6 if is("INSERT") && !is_mention => return self.insert(token),
            6 if is("UPDATE") && !is_mention => return self.change(token, Verb::Update),
            6 if is("DELETE") && !is_mention => return self.change(token, Verb::Delete),
            7 if is("EXECUTE") => self.executing = true,
            8 if is("TRUNCATE") => return self.change(token, Verb::Truncate),
            10 if is("SP_ADDTYPE") => self.old_user_type()?,
            1..=5 => return self.beginning_of_insert(token),
            _ => {}
        }
        Ok(None)
    }

    /// Tells a script that was cut off within the word `INSERT`.
    fn beginning_of_insert(&mut self, mut token: Token) -> io::Result<Option<Step>> {
        let is_beginning = self
            .lexer
            .text(&token)
            .eq_ignore_ascii_case(b"INSERT".get(..token.end.saturating_sub(token.start)).unwrap_or_default());
        if !is_beginning || !self.has_table || self.lexer.reel().at() != token.end {
            return Ok(None);
        }
        let next = self.lexer.next()?;
        if next.kind == Kind::End && next.from == token.end {
            self.place = self.lexer.mark(&mut token);
            self.ended = true;
            return Ok(Some(Step::Fault(
                self.fault(Cause::Truncated, "the script ends within this statement"),
            )));
        }
        self.pending = Some(next);
        Ok(None)
    }

    fn use_database(&mut self) -> io::Result<()> {
        let token = self.take()?;
        if token.is_name() {
            self.session.database = name::plain(&self.lexer, &token);
            self.known.clear();
        } else {
            self.pending = Some(token);
        }
        Ok(())
    }

    fn set_option(&mut self) -> io::Result<()> {
        let token = self.take()?;
        if !self.lexer.is_word(&token, "DATEFORMAT") {
            self.pending = Some(token);
            return Ok(());
        }
        let token = self.take()?;
        let order = match &*self.lexer.text(&token).to_ascii_lowercase() {
            b"mdy" => Some(DateOrder::MonthDayYear),
            b"dmy" => Some(DateOrder::DayMonthYear),
            b"ymd" => Some(DateOrder::YearMonthDay),
            _ => None,
        };
        if token.is_name() {
            self.session.date_order = order;
        } else {
            self.pending = Some(token);
        }
        Ok(())
    }

    /// Reads `CREATE` and `ALTER`: tables are described, and the bodies of procedures passed over.
    fn define(&mut self, mut token: Token, created: bool) -> io::Result<Option<Step>> {
        self.executing = false;
        let place = self.lexer.mark(&mut token);
        let mut token = self.take()?;
        while self.lexer.is_word(&token, "OR") || self.lexer.is_word(&token, "ALTER") {
            token = self.take()?;
        }
        if ["PROC", "PROCEDURE", "TRIGGER", "FUNCTION"].iter().any(|word| self.lexer.is_word(&token, word)) {
            self.skip_batch()?;
            return Ok(None);
        }
        if created && self.lexer.is_word(&token, "TYPE") {
            self.user_type()?;
            return Ok(None);
        }
        if !self.lexer.is_word(&token, "TABLE") {
            self.pending = Some(token);
            return Ok(None);
        }
        self.place = place;
        let (definition, next) = define::read(&mut self.lexer, &self.session.database, &self.types, created)?;
        self.pending = Some(next);
        Ok(definition.map(Step::Definition))
    }

    fn skip_batch(&mut self) -> io::Result<()> {
        loop {
            let mut token = self.take()?;
            if token.from > SLACK {
                self.place = self.lexer.mark(&mut token);
            }
            if matches!(token.kind, Kind::End | Kind::Cut | Kind::Batch(_)) {
                self.pending = Some(token);
                return Ok(());
            }
        }
    }

    /// Opens an `INSERT`.
    fn insert(&mut self, mut token: Token) -> io::Result<Option<Step>> {
        self.executing = false;
        self.executed = false;
        let place = self.lexer.mark(&mut token);
        if self.pending.is_none() && self.lexer.jump(&self.known)? {
            self.place = place;
            self.state = State::Values { first: true };
            return Ok(Some(Step::Insert));
        }
        let Opened { header, source, next } = Header::read(&mut self.lexer, &self.session.database)?;
        // Of a name at the very end parts may be missing.
        let unsure = next.kind == Kind::End && header.columns.is_none() && self.has_table;
        let nameless = header.name.table.is_empty() || unsure && !header.name.means(&self.header.name);
        if nameless && !matches!(next.kind, Kind::Cut | Kind::End) {
            // Nothing is put in: the word stands for itself.
            self.pending = Some(next);
            return Ok(None);
        }
        self.place = place;
        self.known.clear();
        if nameless {
            self.pending = Some(next);
            self.ended = true;
            let fault = self.fault(Cause::Truncated, "the script ends within this statement");
            return Ok(self.has_table.then_some(Step::Fault(fault)));
        }
        self.enter(header);
        match source {
            Source::Values => {
                let reel = self.lexer.reel();
                if !reel.has_head() && reel.at() <= SLACK {
                    self.known.extend_from_slice(reel.text().get(..reel.at()).unwrap_or_default());
                }
                self.state = State::Values { first: true };
            }
            Source::Select => self.state = State::Select { first: true },
            Source::Other(cause, detail) => {
                self.pending = Some(next);
                self.deferred = Some((cause, detail));
            }
        }
        Ok(Some(Step::Insert))
    }

    fn enter(&mut self, header: Header) {
        let serial = self.header.serial.wrapping_add(1);
        self.header = Header { serial, ..header };
        self.has_table = true;
    }

    /// Opens a `MERGE`, whose rows stand in its source.
    fn merge(&mut self, mut token: Token) -> io::Result<Option<Step>> {
        self.executed = false;
        let place = self.lexer.mark(&mut token);
        let Opened { header, next, .. } = Header::read(&mut self.lexer, &self.session.database)?;
        self.pending = Some(next);
        if header.name.table.is_empty() {
            return Ok(None);
        }
        self.place = place;
        // Up to its semicolon: the INSERT within belongs to it.
        let mut has_source = false;
        loop {
            let token = self.take()?;
            has_source |= self.lexer.is_word(&token, "USING");
            let ends = matches!(token.kind, Kind::End | Kind::Cut | Kind::Batch(_) | Kind::Symbol(b';'));
            // `MERGE JOIN` and `MERGE RANGE` are no statements.
            if ends || !has_source && self.lexer.is_word(&token, "INSERT") {
                self.pending = Some(token);
                break;
            }
        }
        if !has_source {
            return Ok(None);
        }
        self.foreign(header, "MERGE is not understood")
    }

    /// Announces a table and then what is wrong with the statement that fills it.
    fn foreign(&mut self, header: Header, detail: &str) -> io::Result<Option<Step>> {
        self.known.clear();
        self.enter(header);
        self.deferred = Some((Cause::Malformed, detail.to_owned()));
        Ok(Some(Step::Insert))
    }

    /// Looks at text that is run as a statement.
    fn executed(&mut self, mut token: Token) -> io::Result<Option<Step>> {
        let text = self.lexer.text(&token).trim_ascii_start();
        let inserts = text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"INSERT"))
            && text.get(6).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'[');
        self.executing = false;
        if !inserts {
            return Ok(None);
        }
        let table = Header::within(text, &self.session.database)?;
        self.place = self.lexer.mark(&mut token);
        self.executed = true;
        self.foreign(table, "an INSERT in text that is run (EXEC) is not understood")
    }
}
