//! Text as PowerShell expressions: whatever people wrote, it stays a string and never becomes code.
//!
//! PowerShell takes five characters for a single quote (`'` and U+2018 to U+201B), so all of them
//! are doubled within single quotes. What is invisible or would break a line is built from its
//! code unit, so that the script can be read and reviewed.

use crate::chat::Text;

/// Appends text as a string expression: `'Ann''s room'`, or `('a' + [char]0x000A + 'b')`.
pub(super) fn push_string(out: &mut String, text: &Text) {
    let start = out.len();
    let mut in_parts = false;
    out.push('\'');
    for unit in char::decode_utf16(text.units()) {
        let code_unit = match unit {
            Ok(c) if !is_invisible(c) => {
                if matches!(c, '\'' | '\u{2018}'..='\u{201B}') {
                    out.push(c);
                }
                out.push(c);
                continue;
            }
            Ok(c) => c as u32,
            Err(lone) => u32::from(lone.unpaired_surrogate()),
        };
        in_parts = true;
        out.push_str(&format!("' + [char]0x{code_unit:04X} + '"));
    }
    out.push('\'');
    if in_parts {
        out.insert(start, '(');
        out.push(')');
    }
}

/// Appends a list of strings: `@('a', 'b')`.
pub(super) fn push_list<'a>(out: &mut String, items: impl Iterator<Item = &'a Text>) {
    out.push_str("@(");
    for (position, item) in items.enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        push_string(out, item);
    }
    out.push(')');
}

/// Appends `$true` or `$false`.
pub(super) fn push_flag(out: &mut String, flag: bool) {
    out.push_str(if flag { "$true" } else { "$false" });
}

/// Tells whether a character of the basic plane cannot be seen, breaks a line or turns the
/// direction of what follows. All of them are one UTF-16 code unit.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FDD0}'..='\u{FDEF}'
                | '\u{FEFF}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{FFFE}'..='\u{FFFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &Text) -> String {
        let mut out = String::new();
        push_string(&mut out, text);
        out
    }

    #[test]
    fn every_kind_of_quote_is_doubled_and_nothing_else_is_touched() {
        assert_eq!(string(&Text::from("Ann's $(rm) `n \"x\"")), "'Ann''s $(rm) `n \"x\"'");
        let curly = string(&Text::from("\u{2018}\u{2019}\u{201A}\u{201B}\u{201C}"));
        let doubled = "'\u{2018}\u{2018}\u{2019}\u{2019}\u{201A}\u{201A}\u{201B}\u{201B}\u{201C}'";
        assert_eq!(curly, doubled);
        assert_eq!(string(&Text::default()), "''");
    }

    #[test]
    fn what_cannot_be_seen_is_built_from_its_code_unit() {
        assert_eq!(string(&Text::from("\na\u{202E}")), "('' + [char]0x000A + 'a' + [char]0x202E + '')");
        let lone = Text::from_units([0xD800, 0x41]);
        assert_eq!(string(&lone), "('' + [char]0xD800 + 'A')");
        assert_eq!(string(&Text::from("😀")), "'😀'");
    }

    #[test]
    fn a_list_is_an_array_even_when_it_is_empty() {
        let mut out = String::new();
        push_list(&mut out, [].into_iter());
        push_list(&mut out, [Text::from("a"), Text::from("b")].iter());
        assert_eq!(out, "@()@('a', 'b')");
    }
}
