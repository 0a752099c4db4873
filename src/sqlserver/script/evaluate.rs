//! What the values of a row are: literals, and the few expressions that generators write.
//!
//! Signs, `+` between texts, `CHAR`, `NCHAR`, `CAST`, `CONVERT` (and their `TRY_` forms) and
//! parentheses. Anything else needs a server and is told. Calls in one another are kept in a list,
//! so that no depth of theirs costs stack. Text is copied only where quotes are doubled in it, or
//! where it is joined.

use std::borrow::Cow;
use std::io::Read;

use memchr::{memchr, memchr2};

use super::cell::{Cell, Ground, Span};
use super::define;
use super::lexer::{Kind, Lexer, Token};
use super::times;
use super::walker::DateOrder;
use crate::chat::Text;
use crate::ledger::Cause;
use crate::sqlserver::{DataType, Encoding};

/// The most calls and parentheses in one another.
const DEEPEST: usize = 64;
/// Names of types that are remembered.
const KNOWN_TYPES: usize = 8;

/// Why a row has no values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) cause: Cause,
    pub(super) detail: String,
}

fn unread<T>(cause: Cause, detail: impl Into<String>) -> Result<T, Unread> {
    Err(Unread { cause, detail: detail.into() })
}

/// The values of one row; its lists serve row after row.
#[derive(Debug, Default)]
pub(super) struct Evaluated {
    pub(super) cells: Vec<Cell>,
    pub(super) store: Vec<u8>,
    frames: Vec<Frame>,
    /// Names of types as they were written.
    types: Vec<(Vec<u8>, DataType)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    /// A value of the row itself.
    Value,
    Parentheses,
    Cast {
        lenient: bool,
    },
    Convert {
        data_type: DataType,
        lenient: bool,
    },
    Character {
        wide: bool,
    },
}

/// An expression that is being read.
#[derive(Debug)]
struct Frame {
    call: Call,
    /// What was read of it; `None` at its beginning.
    sum: Option<Cell>,
    /// Whether an operand must follow.
    expecting: bool,
    negative: bool,
}

impl Frame {
    fn new(call: Call) -> Frame {
        Frame { call, sum: None, expecting: true, negative: false }
    }
}

/// What evaluation depends on besides the tokens.
pub(super) struct Context<'a, R> {
    pub(super) lexer: &'a Lexer<R>,
    pub(super) order: Option<DateOrder>,
    /// The most bytes that the store of a row may take.
    pub(super) limit: usize,
}

impl Evaluated {
    /// Evaluates the tokens of a row.
    pub(super) fn read<R: Read>(&mut self, context: &Context<'_, R>, tokens: &[Token]) -> Result<(), Unread> {
        self.cells.clear();
        self.store.clear();
        self.frames.clear();
        if tokens.is_empty() {
            return Ok(());
        }
        let mut at = self.plain(context, tokens)?;
        if at > tokens.len() {
            return Ok(());
        }
        self.frames.push(Frame::new(Call::Value));
        while let Some(token) = tokens.get(at) {
            at += self.token(context, token, tokens.get(at + 1..).unwrap_or_default())?;
            if self.store.len() > context.limit {
                return unread(Cause::TooLarge, "the values of the row are longer than the limit");
            }
        }
        match self.frames.pop() {
            // The last value was plain.
            None => Ok(()),
            Some(frame) if self.frames.is_empty() => self.end_value(context, frame),
            _ => unread(Cause::Malformed, "a parenthesis is not closed"),
        }
    }

    /// Takes values that are single literals, or one in a `CAST`, commas included; nearly all are.
    /// Returns how many tokens these used up, one more than there are if no value remains.
    fn plain<R: Read>(&mut self, context: &Context<'_, R>, tokens: &[Token]) -> Result<usize, Unread> {
        let mut at = 0;
        loop {
            let rest = tokens.get(at..).unwrap_or_default();
            let (cell, used) = match rest {
                [token, ..] if token.kind == Kind::Text => (Cell::Text(self.literal(context, token)), 1),
                [token, ..] if token.kind == Kind::Number => {
                    let span = Span { stored: false, start: token.start, end: token.end };
                    (Cell::Number { span, negative: false }, 1)
                }
                [minus, token, ..] if minus.is(b'-') && token.kind == Kind::Number => {
                    let span = Span { stored: false, start: token.start, end: token.end };
                    (Cell::Number { span, negative: true }, 2)
                }
                [token, ..] if token.kind == Kind::Hex => {
                    let span = self.hexadecimal(context.lexer.text(token), token.continued)?;
                    (Cell::Bytes(span), 1)
                }
                [token, ..] if context.lexer.is_word(token, "NULL") => (Cell::Null, 1),
                [cast, open, value, word, name, close, ..]
                    if open.is(b'(')
                        && close.is(b')')
                        && matches!(value.kind, Kind::Text | Kind::Hex)
                        && context.lexer.is_word(cast, "CAST")
                        && context.lexer.is_word(word, "AS") =>
                {
                    let Some(data_type) = self.type_of(context, name) else { return Ok(at) };
                    let cell = match value.kind {
                        Kind::Text => Cell::Text(self.literal(context, value)),
                        _ => Cell::Bytes(self.hexadecimal(context.lexer.text(value), value.continued)?),
                    };
                    (self.converted(context, cell, data_type, false)?, 6)
                }
                _ => return Ok(at),
            };
            let last = match rest.get(used) {
                None => true,
                Some(comma) if comma.is(b',') => false,
                Some(_) => return Ok(at),
            };
            let cell = self.sound(context, cell)?;
            self.cells.push(cell);
            at += used + 1;
            if last {
                return Ok(at);
            }
        }
    }

    /// Returns the type of a single name, which is mostly the one of the last row.
    fn type_of<R: Read>(&mut self, context: &Context<'_, R>, name: &Token) -> Option<DataType> {
        let text = context.lexer.text(name);
        if let Some((_, data_type)) = self.types.iter().find(|(known, _)| known == text) {
            return Some(*data_type);
        }
        let (data_type, 1) = define::data_type(context.lexer, std::slice::from_ref(name))? else {
            return None;
        };
        if self.types.len() < KNOWN_TYPES && name.kind == Kind::Word {
            self.types.push((text.to_vec(), data_type));
        }
        Some(data_type)
    }

    /// Takes a token; returns how many it used up.
    fn token<R: Read>(
        &mut self,
        context: &Context<'_, R>,
        token: &Token,
        rest: &[Token],
    ) -> Result<usize, Unread> {
        let Some(frame) = self.frames.last_mut() else {
            return unread(Cause::Malformed, "a parenthesis closes that was not opened");
        };
        match token.kind {
            Kind::Symbol(b'+') if frame.expecting => return Ok(1),
            Kind::Symbol(b'-') if frame.expecting => frame.negative = !frame.negative,
            Kind::Symbol(b'+') => frame.expecting = true,
            Kind::Symbol(b'(') if frame.expecting => return self.open(Call::Parentheses, 1),
            Kind::Symbol(b')') => return self.close(context, None),
            Kind::Symbol(b',') if frame.call == Call::Value => {
                if let Some(frame) = self.frames.pop() {
                    self.end_value(context, frame)?;
                }
                let used = self.plain(context, rest)?;
                if used <= rest.len() {
                    self.frames.push(Frame::new(Call::Value));
                }
                return Ok(1 + used);
            }
            Kind::Symbol(b',') => return self.style(context, rest),
            Kind::Text | Kind::Quoted if frame.expecting => {
                let span = self.literal(context, token);
                self.operand(context, Cell::Text(span))?;
            }
            Kind::Hex if frame.expecting => {
                let span = self.hexadecimal(context.lexer.text(token), token.continued)?;
                self.operand(context, Cell::Bytes(span))?;
            }
            Kind::Number if frame.expecting => {
                let span = Span { stored: false, start: token.start, end: token.end };
                self.operand(context, Cell::Number { span, negative: false })?;
            }
            Kind::Word if frame.expecting => return self.word(context, token, rest),
            // `CAST(value AS type)`
            Kind::Word if matches!(frame.call, Call::Cast { .. }) && context.lexer.is_word(token, "AS") => {
                let Some((data_type, used)) = define::data_type(context.lexer, rest) else {
                    return unread(Cause::Malformed, "CAST names no type");
                };
                let closes = rest.get(used).is_some_and(|token| token.is(b')'));
                if !closes {
                    return unread(Cause::Malformed, "CAST does not end behind its type");
                }
                return self.close(context, Some(data_type)).map(|closed| closed + used + 1);
            }
            // A name for the column of a SELECT.
            Kind::Word | Kind::Bracketed | Kind::Quoted | Kind::Text if frame.call == Call::Value => {
                if context.lexer.is_word(token, "AS") && rest.first().is_some_and(|token| !token.is(b',')) {
                    return Ok(2);
                }
                if rest.first().is_none_or(|token| token.is(b',')) && token.is_name() {
                    return Ok(1);
                }
                return self.misunderstood(context, token);
            }
            _ => return self.misunderstood(context, token),
        }
        Ok(1)
    }

    fn misunderstood<T, R: Read>(&self, context: &Context<'_, R>, token: &Token) -> Result<T, Unread> {
        let shown = match token.kind {
            Kind::Symbol(symbol) => char::from(symbol).to_string(),
            _ => String::from_utf8_lossy(context.lexer.text(token)).chars().take(40).collect(),
        };
        let number = self.cells.len().saturating_add(1);
        unread(Cause::Malformed, format!("value {number} is not understood at \"{}\"", shown.escape_debug()))
    }

    fn word<R: Read>(
        &mut self,
        context: &Context<'_, R>,
        token: &Token,
        rest: &[Token],
    ) -> Result<usize, Unread> {
        let is = |word| context.lexer.is_word(token, word);
        if is("NULL") {
            return self.operand(context, Cell::Null).map(|()| 1);
        }
        if !rest.first().is_some_and(|token| token.is(b'(')) {
            return self.misunderstood(context, token);
        }
        let lenient = is("TRY_CAST") || is("TRY_CONVERT");
        if is("CAST") || is("TRY_CAST") {
            return self.open(Call::Cast { lenient }, 2);
        }
        if is("CHAR") || is("NCHAR") {
            return self.open(Call::Character { wide: is("NCHAR") }, 2);
        }
        if is("CONVERT") || is("TRY_CONVERT") {
            let inner = rest.get(1..).unwrap_or_default();
            return match define::data_type(context.lexer, inner) {
                Some((data_type, used)) if inner.get(used).is_some_and(|token| token.is(b',')) => {
                    self.open(Call::Convert { data_type, lenient }, used + 3)
                }
                _ => unread(Cause::Malformed, "CONVERT names no type"),
            };
        }
        self.misunderstood(context, token)
    }

    fn open(&mut self, call: Call, used: usize) -> Result<usize, Unread> {
        if self.frames.len() >= DEEPEST {
            return unread(Cause::Malformed, format!("a value has more than {DEEPEST} calls in one another"));
        }
        self.frames.push(Frame::new(call));
        Ok(used)
    }

    /// Reads the style of a `CONVERT`, behind the comma.
    fn style<R: Read>(&mut self, context: &Context<'_, R>, rest: &[Token]) -> Result<usize, Unread> {
        let is_convert = self.frames.last().is_some_and(|frame| matches!(frame.call, Call::Convert { .. }));
        let style = rest.first().filter(|token| token.kind == Kind::Number && is_convert);
        let style = style.and_then(|token| std::str::from_utf8(context.lexer.text(token)).ok()?.parse().ok());
        let (Some(style), Some(true)) = (style, rest.get(1).map(|token| token.is(b')'))) else {
            return unread(Cause::Malformed, "a comma stands where none is understood");
        };
        let context = Context { order: times::order_of_style(style).or(context.order), ..*context };
        self.hexadecimal_style(&context, style)?;
        self.close(&context, None).map(|closed| closed + 2)
    }

    /// Reads text as hexadecimal digits, as the styles 1 and 2 of `CONVERT` to a binary type do.
    fn hexadecimal_style<R: Read>(&mut self, context: &Context<'_, R>, style: u32) -> Result<(), Unread> {
        let Some(Frame { call: Call::Convert { data_type, .. }, sum: Some(Cell::Text(span)), .. }) =
            self.frames.last()
        else {
            return Ok(());
        };
        if !data_type.is_binary() || !matches!(style, 1 | 2) {
            return Ok(());
        }
        let digits = self.ground(context).of(*span).to_vec();
        let digits = digits.strip_prefix(b"0x").or(digits.strip_prefix(b"0X")).unwrap_or(&digits);
        let span = self.hexadecimal(digits, false)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.sum = Some(Cell::Bytes(span));
        }
        Ok(())
    }

    /// Ends a call or parenthesis and hands its value on.
    fn close<R: Read>(&mut self, context: &Context<'_, R>, cast: Option<DataType>) -> Result<usize, Unread> {
        let Some(Frame { call, sum: Some(cell), expecting: false, .. }) = self.frames.pop() else {
            return unread(Cause::Malformed, "a parenthesis closes where a value is expected");
        };
        let cell = match (call, cast) {
            (Call::Parentheses, _) => cell,
            (Call::Cast { lenient }, Some(data_type)) | (Call::Convert { data_type, lenient }, _) => {
                self.converted(context, cell, data_type, lenient)?
            }
            (Call::Character { wide }, _) => self.character(context, &cell, wide)?,
            _ => return unread(Cause::Malformed, "a parenthesis closes that was not opened"),
        };
        self.operand(context, cell)?;
        Ok(1)
    }

    fn ground<'a, R: Read>(&'a self, context: &Context<'a, R>) -> Ground<'a> {
        Ground { text: context.lexer.reel().text(), store: &self.store }
    }

    fn converted<R: Read>(
        &self,
        context: &Context<'_, R>,
        cell: Cell,
        data_type: DataType,
        lenient: bool,
    ) -> Result<Cell, Unread> {
        if data_type == DataType::Unknown {
            return Ok(cell);
        }
        let ground = self.ground(context);
        match ground.fit(&cell, data_type, context.order) {
            Some(fitting) => Ok(fitting),
            None if lenient => Ok(Cell::Null),
            // Numbers made text look as they are written.
            None if data_type.is_text() => Ok(cell),
            None => {
                let shown: String =
                    String::from_utf8_lossy(&crate::sqlserver::form::plain(&ground.value(&cell)))
                        .chars()
                        .take(40)
                        .collect();
                unread(
                    Cause::Malformed,
                    format!("\"{}\" is no value of type {data_type}", shown.escape_debug()),
                )
            }
        }
    }

    /// Evaluates `CHAR` and `NCHAR`.
    fn character<R: Read>(
        &mut self,
        context: &Context<'_, R>,
        cell: &Cell,
        wide: bool,
    ) -> Result<Cell, Unread> {
        let ground = self.ground(context);
        let number = match ground.fit(cell, DataType::Int, None) {
            Some(Cell::Typed(value)) => value.as_integer().ok(),
            Some(Cell::Null) => return Ok(Cell::Null),
            _ => None,
        };
        let start = self.store.len();
        match number {
            Some(number @ 0..=127) => self.store.push(number as u8),
            Some(number @ 128..=255) if !wide => {
                let mut decoder = crate::sqlserver::Decoder::behind_mark(Encoding::Windows1252);
                decoder.feed(&[number as u8], &mut self.store);
            }
            Some(number @ 0..=0xFFFF) if wide => Text::append_units(&mut self.store, [number as u16]),
            Some(number @ 0x1_0000..=0x10_FFFF) if wide => {
                let letter = char::from_u32(number as u32).unwrap_or_default();
                self.store.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            // The server gives NULL.
            _ => return Ok(Cell::Null),
        }
        Ok(Cell::Text(Span { stored: true, start, end: self.store.len() }))
    }

    /// Takes an operand into the expression at hand.
    fn operand<R: Read>(&mut self, context: &Context<'_, R>, cell: Cell) -> Result<(), Unread> {
        let Some(mut frame) = self.frames.pop() else {
            return unread(Cause::Malformed, "a parenthesis closes that was not opened");
        };
        let cell = match (std::mem::take(&mut frame.negative), cell) {
            (false, cell) => cell,
            (true, Cell::Number { span, negative }) => Cell::Number { span, negative: !negative },
            (true, Cell::Null) => Cell::Null,
            _ => return unread(Cause::Malformed, "a sign stands before what is no number"),
        };
        frame.expecting = false;
        frame.sum = Some(match frame.sum.take() {
            None => cell,
            Some(sum) => self.joined(context, sum, cell)?,
        });
        self.frames.push(frame);
        Ok(())
    }

    fn joined<R: Read>(&mut self, context: &Context<'_, R>, one: Cell, two: Cell) -> Result<Cell, Unread> {
        match (one, two) {
            (Cell::Null, Cell::Null | Cell::Text(_) | Cell::Bytes(_))
            | (Cell::Text(_) | Cell::Bytes(_), Cell::Null) => Ok(Cell::Null),
            (Cell::Text(one), Cell::Text(two)) => Ok(Cell::Text(self.appended(context, one, two))),
            (Cell::Bytes(one), Cell::Bytes(two)) => Ok(Cell::Bytes(self.appended(context, one, two))),
            _ => unread(Cause::Malformed, "only text can be joined by a plus sign"),
        }
    }

    /// Joins two stretches; copies the first only if it does not end the store already.
    fn appended<R: Read>(&mut self, context: &Context<'_, R>, one: Span, two: Span) -> Span {
        if one.stored && two.stored && one.end == two.start {
            return Span { stored: true, start: one.start, end: two.end };
        }
        let start = match one.stored && one.end == self.store.len() {
            true => one.start,
            false => {
                let start = self.store.len();
                self.copy(context, one);
                start
            }
        };
        self.copy(context, two);
        Span { stored: true, start, end: self.store.len() }
    }

    fn copy<R: Read>(&mut self, context: &Context<'_, R>, span: Span) {
        if !span.stored {
            let text = context.lexer.reel().text();
            self.store.extend_from_slice(text.get(span.start..span.end).unwrap_or_default());
        } else if span.end <= self.store.len() && span.start <= span.end {
            self.store.extend_from_within(span.start..span.end);
        }
    }

    /// Returns the text of a literal, its quotes single and its continued lines joined.
    fn literal<R: Read>(&mut self, context: &Context<'_, R>, token: &Token) -> Span {
        if !token.doubled && !token.continued {
            return Span { stored: false, start: token.start, end: token.end };
        }
        let quote = if token.kind == Kind::Quoted { b'"' } else { b'\'' };
        let start = self.store.len();
        let mut rest = context.lexer.text(token);
        let next = |rest: &[u8]| match token.continued {
            true => memchr2(quote, b'\\', rest),
            false => memchr(quote, rest),
        };
        while let Some((plain, found)) = next(rest).and_then(|at| rest.split_at_checked(at)) {
            self.store.extend_from_slice(plain);
            rest = match found {
                [b'\\', b'\r', b'\n', behind @ ..] | [b'\\', b'\n', behind @ ..] => behind,
                [first, behind @ ..] => {
                    self.store.push(*first);
                    behind.strip_prefix(&[quote]).filter(|_| *first == quote).unwrap_or(behind)
                }
                [] => found,
            };
        }
        self.store.extend_from_slice(rest);
        Span { stored: true, start, end: self.store.len() }
    }

    /// Reads hexadecimal digits; an odd number of them has a zero in front.
    fn hexadecimal(&mut self, digits: &[u8], continued: bool) -> Result<Span, Unread> {
        let start = self.store.len();
        let joined: Vec<u8>;
        let digits = match continued {
            true => {
                joined = digits.iter().copied().filter(u8::is_ascii_hexdigit).collect();
                &joined
            }
            false => digits,
        };
        let (first, pairs) = digits.split_at(digits.len() % 2);
        let mut wrong = 0;
        self.store.extend(first.iter().map(|&digit| HEX[usize::from(digit)]));
        wrong |= first.iter().fold(0, |all, &digit| all | HEX[usize::from(digit)]);
        self.store.extend(pairs.chunks_exact(2).map(|pair| {
            let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
            wrong |= high | low;
            high << 4 | low & 0xF
        }));
        if wrong > 0xF {
            return unread(Cause::Malformed, "a binary value holds what is no hexadecimal digit");
        }
        Ok(Span { stored: true, start, end: self.store.len() })
    }

    /// Ends a value of the row: text is checked, and pairs of surrogates are joined in it.
    fn end_value<R: Read>(&mut self, context: &Context<'_, R>, frame: Frame) -> Result<(), Unread> {
        let (Some(cell), false) = (frame.sum, frame.expecting) else {
            let number = self.cells.len().saturating_add(1);
            return unread(Cause::Malformed, format!("value {number} is missing"));
        };
        let cell = self.sound(context, cell)?;
        self.cells.push(cell);
        Ok(())
    }

    fn sound<R: Read>(&mut self, context: &Context<'_, R>, cell: Cell) -> Result<Cell, Unread> {
        match cell {
            Cell::Text(span) if span.stored || context.lexer.reel().encoding() == Encoding::Utf8 => {
                self.checked(context, span)
            }
            cell => Ok(cell),
        }
    }

    fn checked<R: Read>(&mut self, context: &Context<'_, R>, span: Span) -> Result<Cell, Unread> {
        let joined = match Text::check(self.ground(context).of(span)) {
            Ok(Cow::Borrowed(_)) => return Ok(Cell::Text(span)),
            Ok(Cow::Owned(joined)) => joined,
            Err(invalid) => {
                let number = self.cells.len().saturating_add(1);
                let detail = format!("byte 0x{:02X} in value {number} is no valid UTF-8", invalid.byte);
                return unread(Cause::BadEncoding, detail);
            }
        };
        let start = self.store.len();
        self.store.extend_from_slice(&joined);
        Ok(Cell::Text(Span { stored: true, start, end: self.store.len() }))
    }
}

/// The value of each hexadecimal digit; 0xFF for all other bytes.
const HEX: [u8; 256] = {
    let mut table = [0xFF; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as u8;
        table[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    table
};
