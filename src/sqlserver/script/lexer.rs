//! The words of T-SQL: names, literals, symbols, and the batch separator that is no T-SQL at all.
//!
//! Tokens are positions in the record at hand, not copies. Comments (nested ones too) and blanks
//! vanish here. Literals are found by searching for their quote, so megabytes cost little.
//! (Microsoft Learn: "Constants", "Database identifiers", "Slash star", "Backslash (line
//! continuation)", "SQL Server utilities statements - GO".)

use std::io::{self, Read};

use memchr::{memchr, memchr2};

use super::reel::Reel;
use crate::sqlserver::delimited::window::Place;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// `[name]`
    Bracketed,
    /// `"name"`
    Quoted,
    /// `'text'` or `N'text'`
    Text,
    /// `0x` and hexadecimal digits.
    Hex,
    /// Digits, with or without fraction and exponent; a leading `$` of money is left out.
    Number,
    /// `@name`
    Variable,
    /// Any other character.
    Symbol(u8),
    /// `GO` on a line of its own, and how often the batch is to be run.
    Batch(u32),
    /// The input ends within a literal, name or comment that begins here.
    Cut,
    /// The end of the input.
    End,
}

/// A token. Positions count from the beginning of the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins, prefix and quote included.
    pub(super) from: usize,
    /// Where its content begins: behind quote or `0x`.
    pub(super) start: usize,
    /// Where its content ends: before the closing quote.
    pub(super) end: usize,
    /// Whether closing quotes occur in it, doubled.
    pub(super) doubled: bool,
    /// Whether a backslash continues one of its lines on the next.
    pub(super) continued: bool,
    /// Whether it is the first on its line.
    pub(super) fresh: bool,
}

impl Token {
    /// What stands where no token was read yet.
    pub(super) const NONE: Token =
        Token { kind: Kind::End, from: 0, start: 0, end: 0, doubled: false, continued: false, fresh: false };

    pub(super) fn is(&self, symbol: u8) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// Tells whether it is where a name may stand.
    pub(super) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Bracketed | Kind::Quoted | Kind::Variable)
    }
}

pub(super) struct Lexer<R> {
    reel: Reel<R>,
    /// Whether nothing but blanks stands before the cursor on its line.
    fresh: bool,
}

/// Bytes of names and keywords; every character outside ASCII counts as a letter.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        table[byte] =
            letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'#' | b'@' | b'$') || letter >= 0x80;
        byte += 1;
    }
    table
};

fn is_word(byte: u8) -> bool {
    WORD[usize::from(byte)]
}

/// Returns where hexadecimal digits end. Looks at blocks without a branch for each byte, since
/// binary values are megabytes long.
fn end_of_hex(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let blocks = text.chunks_exact(BLOCK).take_while(|block| {
        block.iter().fold(true, |all, byte| {
            let is_digit = byte.wrapping_sub(b'0') < 10;
            let is_letter = (byte | 0x20).wrapping_sub(b'a') < 6;
            all & (is_digit | is_letter)
        })
    });
    let passed = BLOCK * blocks.count();
    let rest = text.get(passed..).unwrap_or_default();
    rest.iter().position(|byte| !byte.is_ascii_hexdigit()).map(|at| passed + at)
}

impl<R: Read> Lexer<R> {
    pub(super) fn new(reel: Reel<R>) -> Lexer<R> {
        Lexer { reel, fresh: true }
    }

    pub(super) fn reel(&self) -> &Reel<R> {
        &self.reel
    }

    /// Returns the content of a token, quotes still doubled.
    pub(super) fn text(&self, token: &Token) -> &[u8] {
        self.reel.text().get(token.start..token.end).unwrap_or_default()
    }

    /// Tells whether a token is this keyword, given in capitals.
    pub(super) fn is_word(&self, token: &Token, keyword: &str) -> bool {
        token.kind == Kind::Word && self.text(token).eq_ignore_ascii_case(keyword.as_bytes())
    }

    /// Lets a new record begin at a token, whose positions change with it.
    pub(super) fn mark(&mut self, token: &mut Token) -> Place {
        let from = token.from;
        let place = self.reel.mark(from);
        token.from = 0;
        token.start = token.start.saturating_sub(from);
        token.end = token.end.saturating_sub(from);
        place
    }

    /// Moves on to a position of the record if the text up to there is this, and no word runs on.
    pub(super) fn jump(&mut self, text: &[u8]) -> io::Result<bool> {
        let at = self.reel.at();
        let Some(ahead) = text.len().checked_sub(at).filter(|_| !text.is_empty()) else { return Ok(false) };
        let next = self.reel.peek(ahead)?;
        if self.reel.has_head() || next.is_some_and(is_word) || !self.reel.text().starts_with(text) {
            return Ok(false);
        }
        self.reel.advance(ahead);
        self.fresh = false;
        Ok(true)
    }

    /// Tells whether nothing, not even a blank, follows the last token.
    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.reel.peek(0)?.is_none())
    }

    /// Reads the next token.
    pub(super) fn next(&mut self) -> io::Result<Token> {
        let mut token = Token::NONE;
        self.next_into(&mut token)?;
        Ok(token)
    }

    /// Reads the next token into a place that is there already. A token that is handed out by value
    /// is copied while its parts are still being written, which costs more than reading it.
    pub(super) fn next_into(&mut self, token: &mut Token) -> io::Result<()> {
        *token = self.read()?;
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> io::Result<Token> {
        loop {
            let from = self.reel.at();
            let Some(byte) = self.reel.peek(0)? else { return Ok(self.token(Kind::End, from, from, from)) };
            match byte {
                b' ' => self.reel.advance(1),
                b',' | b'(' | b')' => {
                    self.reel.advance(1);
                    return Ok(self.token(Kind::Symbol(byte), from, from, from + 1));
                }
                b'\n' | b'\r' => {
                    self.fresh = true;
                    self.reel.advance(1);
                }
                0..=b' ' => self.reel.advance(1),
                b'-' if self.reel.peek(1)? == Some(b'-') => {
                    self.reel.find(|rest| memchr2(b'\n', b'\r', rest))?;
                }
                b'/' if self.reel.peek(1)? == Some(b'*') => {
                    if !self.block_comment()? {
                        return Ok(self.token(Kind::Cut, from, from, self.reel.at()));
                    }
                }
                0xC2 | 0xE3 | 0xEF if self.foreign_blank()? => {}
                _ => return self.token_at(byte),
            }
        }
    }

    /// Passes over a blank outside ASCII, or a byte order mark where scripts were joined.
    fn foreign_blank(&mut self) -> io::Result<bool> {
        let next =
            [self.reel.peek(0)?, self.reel.peek(1)?, self.reel.peek(2)?].map(Option::unwrap_or_default);
        let length = match next {
            [0xC2, 0xA0, _] => 2,
            [0xE3, 0x80, 0x80] | [0xEF, 0xBB, 0xBF] => 3,
            _ => 0,
        };
        self.reel.advance(length);
        Ok(length > 0)
    }

    /// Passes over a comment, whose like may be nested in it; `false` if it does not end.
    fn block_comment(&mut self) -> io::Result<bool> {
        let mut depth = 0_u64;
        loop {
            if !self.reel.find(|rest| memchr2(b'*', b'/', rest))? {
                return Ok(false);
            }
            match (self.reel.peek(0)?, self.reel.peek(1)?) {
                (Some(b'/'), Some(b'*')) => depth += 1,
                (Some(b'*'), Some(b'/')) => depth -= 1,
                _ => {
                    self.reel.advance(1);
                    continue;
                }
            }
            self.reel.advance(2);
            if depth == 0 {
                return Ok(true);
            }
        }
    }

    #[inline(always)]
    fn token(&mut self, kind: Kind, from: usize, start: usize, end: usize) -> Token {
        let fresh = std::mem::replace(&mut self.fresh, false);
        Token { kind, from, start, end, doubled: false, continued: false, fresh }
    }

    #[inline(always)]
    fn token_at(&mut self, byte: u8) -> io::Result<Token> {
        let next = self.reel.peek(1)?;
        let quoted = match byte {
            b'\'' => Some((Kind::Text, 1, b'\'')),
            b'N' | b'n' if next == Some(b'\'') => Some((Kind::Text, 2, b'\'')),
            b'[' => Some((Kind::Bracketed, 1, b']')),
            b'"' => Some((Kind::Quoted, 1, b'"')),
            _ => None,
        };
        if let Some((kind, prefix, quote)) = quoted {
            return self.quoted(kind, prefix, quote);
        }
        match byte {
            b'0' if matches!(next, Some(b'x' | b'X')) => self.hex(),
            b'0'..=b'9' | b'.' | b'$'
                if byte.is_ascii_digit()
                    || next.is_some_and(|next| next.is_ascii_digit() || byte == b'$' && next == b'.') =>
            {
                self.number(usize::from(byte == b'$'))
            }
            _ if is_word(byte) => self.word(byte),
            _ => {
                let from = self.reel.at();
                self.reel.advance(1);
                Ok(self.token(Kind::Symbol(byte), from, from, from + 1))
            }
        }
    }

    #[inline(always)]
    fn word(&mut self, first: u8) -> io::Result<Token> {
        let from = self.reel.at();
        self.reel.find(|rest| rest.iter().position(|&byte| !is_word(byte)))?;
        let kind = if first == b'@' { Kind::Variable } else { Kind::Word };
        let at = self.reel.at();
        let token = self.token(kind, from, from, at);
        if token.fresh
            && self.is_word(&token, "GO")
            && let Some(count) = self.batch_count()?
        {
            return Ok(Token { kind: Kind::Batch(count), ..token });
        }
        Ok(token)
    }

    /// Reads what follows `GO` on its line; `None` if it is something else, so that `GO` is a name.
    fn batch_count(&mut self) -> io::Result<Option<u32>> {
        let mut ahead = 0;
        let mut count: Option<u32> = None;
        let mut blank_after = false;
        loop {
            match self.reel.peek(ahead)? {
                Some(b' ' | b'\t') => blank_after = count.is_some(),
                Some(digit @ b'0'..=b'9') if ahead > 0 && !blank_after => {
                    let known = count.unwrap_or_default();
                    count = Some(known.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
                }
                None | Some(b'\r' | b'\n' | b'-' | b'/' | b';') => {
                    self.reel.advance(ahead);
                    return Ok(Some(count.unwrap_or(1)));
                }
                Some(_) => return Ok(None),
            }
            ahead += 1;
        }
    }

    #[inline(always)]
    fn quoted(&mut self, kind: Kind, prefix: usize, quote: u8) -> io::Result<Token> {
        let from = self.reel.at();
        self.reel.advance(prefix);
        let start = self.reel.at();
        let mut token = self.token(kind, from, start, start);
        loop {
            // Line ends are looked at for the backslash that may stand before them.
            let found = match kind {
                Kind::Text => self.reel.find(|rest| memchr2(quote, b'\n', rest))?,
                _ => self.reel.find(|rest| memchr(quote, rest))?,
            };
            token.end = self.reel.at();
            if !found {
                return Ok(Token { kind: Kind::Cut, ..token });
            }
            if self.reel.peek(0)? != Some(quote) {
                let before = self.reel.text().get(token.start..token.end).unwrap_or_default();
                token.continued |= before.strip_suffix(b"\r").unwrap_or(before).ends_with(b"\\");
                self.reel.advance(1);
            } else if self.reel.peek(1)? == Some(quote) {
                token.doubled = true;
                self.reel.advance(2);
            } else {
                self.reel.advance(1);
                return Ok(token);
            }
        }
    }

    #[inline(always)]
    fn hex(&mut self) -> io::Result<Token> {
        let from = self.reel.at();
        self.reel.advance(2);
        let mut token = self.token(Kind::Hex, from, from + 2, from + 2);
        loop {
            self.reel.find(end_of_hex)?;
            token.end = self.reel.at();
            let skipped = match [self.reel.peek(0)?, self.reel.peek(1)?, self.reel.peek(2)?] {
                [Some(b'\\'), Some(b'\n'), _] => 2,
                [Some(b'\\'), Some(b'\r'), Some(b'\n')] => 3,
                _ => return Ok(token),
            };
            token.continued = true;
            self.reel.advance(skipped);
        }
    }

    #[inline(always)]
    fn number(&mut self, prefix: usize) -> io::Result<Token> {
        let from = self.reel.at();
        self.reel.advance(prefix);
        let start = self.reel.at();
        self.reel.find(|rest| rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.'))?;
        if matches!(self.reel.peek(0)?, Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.reel.peek(1)?, Some(b'+' | b'-')));
            self.reel.advance(1 + sign);
            self.reel.find(|rest| rest.iter().position(|byte| !byte.is_ascii_digit()))?;
        }
        let at = self.reel.at();
        Ok(self.token(Kind::Number, from, start, at))
    }
}
