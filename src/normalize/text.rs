//! Normal text: what is left of a text that went through an XML attribute.

use std::borrow::Cow;

use memchr::memchr3_iter;

/// Returns text with every CRLF, CR, LF and TAB replaced by one space, and nothing else changed.
///
/// That is what a literal line break or tab in an XML attribute becomes (XML 1.0, sections 2.11 and
/// 3.3.3), so the copy of a message in a compliance document and the row of the database have the
/// same normal text. Takes and gives generalized UTF-8; copies only where there is something to replace.
pub fn normal_text(text: &[u8]) -> Cow<'_, [u8]> {
    let mut breaks = memchr3_iter(b'\r', b'\n', b'\t', text).peekable();
    if breaks.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut copied = 0;
    for at in breaks {
        out.extend_from_slice(&text[copied..at]);
        copied = at + 1;
        let ends_pair = text[at] == b'\n' && at > 0 && text[at - 1] == b'\r';
        if !ends_pair {
            out.push(b' ');
        }
    }
    out.extend_from_slice(&text[copied..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_break_and_tab_becomes_one_space_and_nothing_else_changes() {
        for (text, normal) in [
            ("", ""),
            ("plain  text ", "plain  text "),
            ("a\r\nb", "a b"),
            ("a\n\rb", "a  b"),
            ("a\r\r\n\nb\tc", "a   b c"),
            ("\r\n", " "),
            ("nbsp\u{A0}\u{2028}\u{B}\0", "nbsp\u{A0}\u{2028}\u{B}\0"),
        ] {
            assert_eq!(normal_text(text.as_bytes()), normal.as_bytes(), "{text:?}");
        }
    }
}
