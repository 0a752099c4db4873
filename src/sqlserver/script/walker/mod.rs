//! Walking a script statement by statement: where rows are put in, and where tables are described.
//!
//! Everything else (comments, `GO`, `print`, `SET`, constraints, views, procedures) is passed over.
//! The walk is by structure alone: it counts rows without looking into their values, and so finds
//! the next row whatever is wrong with the last. The same walk serves the survey of the script and
//! the reading of one table, hence both see the same rows.

mod changes;
mod rows;
mod statements;

use std::collections::HashMap;
use std::io::{self, Read};

use super::define::Definition;
use super::insert::Header;
use super::lexer::{Kind, Lexer, Token};
use crate::ledger::Cause;
use crate::sqlserver::delimited::window::Place;
use crate::sqlserver::{DataType, FaultKind, RowFault};
pub(super) use changes::{Change, Verb};

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

/// What the walk must know to begin at an `INSERT` as if it had come there from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resume {
    pub(super) session: Session,
    /// Whether the batch put rows in before.
    batch_has_rows: bool,
    /// Whether the statement stands in text that is run.
    executing: bool,
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
    /// A statement that changes rows, or fetches them from elsewhere.
    Change(Change),
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
    /// Types that the script gives a name of its own, by that name in lower case.
    types: HashMap<String, DataType>,
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
    /// Whether the last `INSERT` stood in such text.
    executed: bool,
    /// Whether the last token makes `INSERT` the name of a permission or event.
    is_mention: bool,
    ended: bool,
}

impl<R: Read> Walker<R> {
    pub(super) fn new(lexer: Lexer<R>, resume: Resume) -> Walker<R> {
        let Resume { session, batch_has_rows, executing } = resume;
        Walker {
            lexer,
            pending: None,
            session,
            header: Header::default(),
            types: HashMap::new(),
            known: Vec::new(),
            state: State::Between,
            deferred: None,
            place: Place { line: 1, byte: 0 },
            wanted: false,
            tokens: Vec::new(),
            fields: 0,
            has_table: false,
            batch_has_rows,
            executing,
            executed: false,
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

    /// Returns what is to be known to begin at the `INSERT` just come to, whose rows were not walked yet.
    pub(super) fn resume(&self) -> Resume {
        let (session, batch_has_rows) = (self.session.clone(), self.batch_has_rows);
        Resume { session, batch_has_rows, executing: self.executed }
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
        RowFault { kind: FaultKind::Row, line, byte, cause, detail: detail.into(), raw }
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
}
