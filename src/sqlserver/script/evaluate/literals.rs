//! Values that are literals, which nearly all are, and what literals stand for.

use std::io::Read;

use memchr::{memchr, memchr2};

use super::{Context, Evaluated, Unread, unread};
use crate::ledger::Cause;
use crate::sqlserver::DataType;
use crate::sqlserver::script::cell::{Cell, Span};
use crate::sqlserver::script::define;
use crate::sqlserver::script::lexer::{Kind, Token};

/// Names of types that are remembered.
const KNOWN_TYPES: usize = 8;

impl Evaluated {
    /// Takes values that are single literals, or one in a `CAST`, commas included; nearly all are.
    /// Returns how many tokens these used up, one more than there are if no value remains.
    pub(super) fn plain<R: Read>(
        &mut self,
        context: &Context<'_, R>,
        tokens: &[Token],
    ) -> Result<usize, Unread> {
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

    /// Returns the text of a literal, its quotes single and its continued lines joined.
    pub(super) fn literal<R: Read>(&mut self, context: &Context<'_, R>, token: &Token) -> Span {
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
    pub(super) fn hexadecimal(&mut self, digits: &[u8], continued: bool) -> Result<Span, Unread> {
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
