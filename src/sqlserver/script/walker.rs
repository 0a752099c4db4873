//! Walking a script statement by statement: where rows are put in, and where tables are described.
//!
//! Everything else (comments, `GO`, `print`, `SET`, constraints, views, procedures) is passed over.
//! The walk is by structure alone: it counts rows without looking into their values, and so finds
//! the next row whatever is wrong with the last. The same walk serves the survey of the script and
//! the reading of one table, hence both see the same rows.

use std::io::{self, Read};

use super::define::{self, Definition};
use super::insert::{Header, Opened, Source};
use super::lexer::{Kind, Lexer, Token};
use super::name::{self, Name};
use crate::ledger::Cause;
use crate::sqlserver::RowFault;
use crate::sqlserver::delimited::window::Place;

/// Tokens of one row, or of one `CREATE TABLE`.
pub(super) const MAX_TOKENS: usize = 1 << 20;
/// Text between statements that is kept before it is let go of, in bytes.
const SLACK: usize = 64 * 1024;

/// The order of day, month and year in dates that do not tell it (`SET DATEFORMAT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

/// What statements depend on besides their text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Session {
    /// The database in use; empty where no `USE` tells.
    pub(super) database: String,
    pub(super) date_order: Option<DateOrder>,
}

/// What the walk came to.
#[derive(Debug)]
pub(super) enum Step {
    /// An `INSERT`; its rows follow.
    Insert,
    /// A row of the last `INSERT`.
    Row,
    /// Data that cannot be read as a row; it belongs to the table of the last `INSERT`.
    Fault(RowFault),
    /// A `CREATE TABLE` or `ALTER TABLE ... ADD`.
    Definition(Definition),
    /// The end of the script.
    End,
}

/// Where in a statement the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    Values { first: bool },
    Select { first: bool },
}

pub(super) struct Walker<R> {
    pub(super) lexer: Lexer<R>,
    /// A token that was read ahead.
    pub(super) pending: Option<Token>,
    pub(super) session: Session,
    pub(super) header: Header,
    /// The text of the last header, so that equal ones are not read again.
    known: Vec<u8>,
    state: State,
    /// What is wrong with the statement at hand, told after its `Insert`.
    deferred: Option<(Cause, String)>,
    /// Place of the row or statement at hand.
    place: Place,
    /// Whether the tokens of rows are wanted.
    wanted: bool,
    tokens: Vec<Token>,
    /// Values of the row at hand.
    fields: usize,
    has_table: bool,
    /// Whether the batch put rows in.
    batch_has_rows: bool,
    /// Whether the statement at hand runs text as a statement.
    executing: bool,
    /// Whether the last token makes `INSERT` the name of a permission or event.
    is_mention: bool,
    ended: bool,
}

impl<R: Read> Walker<R> {
    pub(super) fn new(lexer: Lexer<R>, session: Session) -> Walker<R> {
        Walker {
            lexer,
            pending: None,
            session,
            header: Header::default(),
            known: Vec::new(),
            state: State::Between,
            deferred: None,
            place: Place { line: 1, byte: 0 },
            wanted: false,
            tokens: Vec::new(),
            fields: 0,
            has_table: false,
            batch_has_rows: false,
            executing: false,
            is_mention: false,
            ended: false,
        }
    }

    /// Says whether the tokens of the rows to come are wanted, and the bytes of what is wrong.
    pub(super) fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
    }

    /// Tells whether they are.
    pub(super) fn wanted(&self) -> bool {
        self.wanted
    }

    /// Returns the place of the row or statement at hand.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Returns the tokens of the row at hand, without the parentheses around it.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Returns the number of values of the row at hand.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Goes on.
    pub(super) fn next(&mut self) -> io::Result<Step> {
        if let Some((cause, detail)) = self.deferred.take() {
            return self.broken(cause, detail);
        }
        loop {
            let step = match self.state {
                State::Between => self.between()?,
                State::Values { first } => self.tuple(first)?,
                State::Select { first } => self.selected(first)?,
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    pub(super) fn take(&mut self) -> io::Result<Token> {
        match self.pending.take() {
            Some(token) => Ok(token),
            None => self.lexer.next(),
        }
    }

    /// Makes the row or statement at hand a fault.
    pub(super) fn fault(&self, cause: Cause, detail: impl Into<String>) -> RowFault {
        let reel = self.lexer.reel();
        let end = self.pending.map_or(reel.at(), |token| token.from);
        let kept = if self.wanted { reel.record(end) } else { &[] };
        let mut raw = reel.encoding().encode(kept);
        raw.extend(reel.stray().filter(|_| kept.last() == Some(&crate::sqlserver::encoding::STRAY)));
        let Place { line, byte } = self.place;
        RowFault { line, byte, cause, detail: detail.into(), raw }
    }

    /// Passes over the rest of a statement that is not understood, and tells what is wrong with it.
    fn broken(&mut self, cause: Cause, detail: String) -> io::Result<Step> {
        let cut = self.skip_statement()?;
        self.state = State::Between;
        Ok(Step::Fault(match cut {
            true => self.fault(Cause::Truncated, "the script ends within this statement"),
            false if self.lexer.reel().has_head() => self.too_large(),
            false => self.fault(cause, detail),
        }))
    }

    fn too_large(&self) -> RowFault {
        self.fault(Cause::TooLarge, "the row is longer than the limit")
    }

    /// Moves on to what may be the next statement; `true` if the script ends within this one.
    fn skip_statement(&mut self) -> io::Result<bool> {
        let mut depth = 0_u64;
        loop {
            let token = self.take()?;
            let stop = match token.kind {
                Kind::Cut => {
                    self.pending = Some(token);
                    self.ended = true;
                    return Ok(true);
                }
                Kind::End | Kind::Batch(_) => true,
                Kind::Symbol(b';') => depth == 0,
                Kind::Symbol(b'(') => {
                    depth += 1;
                    false
                }
                Kind::Symbol(b')') => {
                    depth = depth.saturating_sub(1);
                    false
                }
                Kind::Word => {
                    self.lexer.is_word(&token, "INSERT")
                        || depth == 0 && token.fresh && self.begins_statement(&token)
                }
                _ => false,
            };
            if stop {
                self.pending = Some(token);
                return Ok(false);
            }
        }
    }

    fn begins_statement(&self, token: &Token) -> bool {
        const STATEMENTS: [&str; 22] = [
            "ALTER",
            "BEGIN",
            "COMMIT",
            "CREATE",
            "DECLARE",
            "DELETE",
            "DENY",
            "DROP",
            "END",
            "EXEC",
            "EXECUTE",
            "GRANT",
            "IF",
            "INSERT",
            "MERGE",
            "PRINT",
            "RAISERROR",
            "SET",
            "TRUNCATE",
            "UPDATE",
            "USE",
            "WHILE",
        ];
        STATEMENTS.iter().any(|word| self.lexer.is_word(token, word))
    }

    fn between(&mut self) -> io::Result<Option<Step>> {
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
            Kind::Text if self.executing => self.executed(token),
            Kind::Word => self.keyword(token, is_mention),
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

    fn keyword(&mut self, token: Token, is_mention: bool) -> io::Result<Option<Step>> {
        let is = |word| self.lexer.is_word(&token, word);
        match token.end.saturating_sub(token.start) {
            2 if is("OF") => self.is_mention = true,
            3 if is("FOR") => self.is_mention = true,
            3 if is("USE") => self.use_database()?,
            3 if is("SET") => self.set_option()?,
            4 if is("BULK") || is("DENY") || is("THEN") => self.is_mention = true,
            4 if is("EXEC") => self.executing = true,
            5 if is("AFTER") || is("GRANT") => self.is_mention = true,
            5 if is("MERGE") => return self.merge(token),
            5 if is("ALTER") => return self.define(token, false),
            6 if is("REVOKE") => self.is_mention = true,
            6 if is("CREATE") => return self.define(token, true),
            6 if is("INSERT") && !is_mention => return self.insert(token),
            7 if is("EXECUTE") => self.executing = true,
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
        if !self.lexer.is_word(&token, "TABLE") {
            self.pending = Some(token);
            return Ok(None);
        }
        self.place = place;
        let (definition, next) = define::read(&mut self.lexer, &self.session.database, created)?;
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
        let place = self.lexer.mark(&mut token);
        let Opened { header, next, .. } = Header::read(&mut self.lexer, &self.session.database)?;
        self.pending = Some(next);
        if header.name.table.is_empty() {
            return Ok(None);
        }
        self.place = place;
        // Up to its semicolon: the INSERT within belongs to it.
        loop {
            let token = self.take()?;
            if matches!(token.kind, Kind::End | Kind::Cut | Kind::Batch(_) | Kind::Symbol(b';')) {
                self.pending = Some(token);
                break;
            }
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
        if !inserts {
            return Ok(None);
        }
        self.executing = false;
        let table = Header::within(text, &self.session.database)?;
        self.place = self.lexer.mark(&mut token);
        self.foreign(table, "an INSERT in text that is run (EXEC) is not understood")
    }

    /// Walks a row of `VALUES`.
    fn tuple(&mut self, first: bool) -> io::Result<Option<Step>> {
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
        let wrong = loop {
            let token = self.lexer.next()?;
            match token.kind {
                Kind::Symbol(b'(') => depth += 1,
                Kind::Symbol(b')') if depth == 0 => break None,
                Kind::Symbol(b')') => depth -= 1,
                Kind::Symbol(b',') if depth == 0 => self.fields += 1,
                Kind::Symbol(b';') => break Some("a semicolon stands within this row"),
                Kind::Batch(_) => {
                    self.pending = Some(token);
                    break Some("the batch ends within this row");
                }
                Kind::Word if self.lexer.is_word(&token, "INSERT") => {
                    self.pending = Some(token);
                    break Some("another statement begins within this row");
                }
                Kind::End | Kind::Cut => return Ok(Some(self.cut_row())),
                _ => {}
            }
            too_many |= !self.keep(token);
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
    fn selected(&mut self, first: bool) -> io::Result<Option<Step>> {
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
