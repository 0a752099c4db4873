//! What a page is made of: paragraphs, tables, and escaping, through which all text goes.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ledger::Digest;

const STYLE: &str = include_str!("style.css");

/// A page as it grows.
pub(super) struct Page(String);

/// A cell of a table.
pub(super) enum Cell<'a> {
    /// Any text.
    Text(Cow<'a, str>),
    /// A number, aligned to the right.
    Number(u64),
    /// A digest or an identity.
    Code(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// Makes a cell of text.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    /// Makes a cell of a digest or an identity.
    pub(super) fn code(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Code(text.into())
    }
}

impl Page {
    /// Begins a page. Its policy lets nothing be loaded or run, and no style but its own.
    pub(super) fn begin(title: &str) -> Page {
        let digest = STANDARD.encode(Digest::of(STYLE.as_bytes()).0);
        let title = escape(title);
        Page(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        ))
    }

    /// Ends the page.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.push_str("</main>\n</body>\n</html>\n");
        self.0.into_bytes()
    }

    /// Adds a heading of the second level.
    pub(super) fn heading(&mut self, text: &str) {
        self.element("h2", text);
    }

    /// Adds a heading of the third level.
    pub(super) fn subheading(&mut self, text: &str) {
        self.element("h3", text);
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.element("p", text);
    }

    /// Adds lines as they are typed.
    pub(super) fn lines(&mut self, text: &str) {
        self.element("pre", text);
    }

    /// Adds a table. The first cell of a row is the row's heading.
    pub(super) fn table<'a>(
        &mut self,
        caption: &str,
        columns: &[&str],
        rows: impl Iterator<Item = Vec<Cell<'a>>>,
    ) {
        let _ = writeln!(self.0, "<table>\n<caption>{}</caption>\n<thead><tr>", escape(caption));
        for column in columns {
            let _ = writeln!(self.0, "<th scope=\"col\">{}</th>", escape(column));
        }
        self.0.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.0.push_str("<tr>");
            for (position, cell) in row.iter().enumerate() {
                self.cell(cell, position == 0);
            }
            self.0.push_str("</tr>\n");
        }
        self.0.push_str("</tbody>\n</table>\n");
    }

    fn cell(&mut self, cell: &Cell<'_>, is_heading: bool) {
        let (tag, scope) = if is_heading { ("th", " scope=\"row\"") } else { ("td", "") };
        // Names may run from right to left; they must not turn what stands beside them.
        let _ = match cell {
            Cell::Text(text) => write!(self.0, "<{tag}{scope}><bdi>{}</bdi></{tag}>", escape(text)),
            Cell::Number(number) => write!(self.0, "<{tag}{scope} class=\"number\">{number}</{tag}>"),
            Cell::Code(text) => write!(self.0, "<{tag}{scope}><code>{}</code></{tag}>", escape(text)),
        };
    }

    fn element(&mut self, tag: &str, text: &str) {
        let _ = writeln!(self.0, "<{tag}>{}</{tag}>", escape(text));
    }
}

/// Escapes text for any place of a page; control characters that HTML forbids become U+FFFD.
fn escape(text: &str) -> Cow<'_, str> {
    let needs_care = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || is_forbidden(c);
    if !text.contains(needs_care) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_forbidden(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n')) || (u32::from(c) & 0xFFFE) == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escape("<script>\"'&\0\r\u{85}\u{FFFF}"), {
            "&lt;script&gt;&quot;&#39;&amp;\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"
        });
        assert!(matches!(escape("Größe, 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_policy_names_the_digest_of_the_style() {
        let page = String::from_utf8(Page::begin("x").end()).unwrap();
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let digest = STANDARD.encode(Digest::of(style.as_bytes()).0);
        assert!(page.contains(&format!("style-src 'sha256-{digest}'")));
    }
}
