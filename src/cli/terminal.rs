//! What reaches the user's terminal: styled where it may be, harmless always.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::chat::Text;
use crate::error::{Error, Result};
use crate::ledger::Level;

/// Style of headings.
pub const HEADING: Style = Style::new().bold();
/// Style of what went well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Style of warnings.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Style of errors.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Style of what may be passed over.
pub const DIM: Style = Style::new().dimmed();

/// Returns the style for findings of a level. The level is always told in words as well.
pub fn level_style(level: Level) -> Style {
    match level {
        Level::Info => DIM,
        Level::Warning => WARNING,
        Level::Error => BAD,
    }
}

/// Makes text from an archive harmless: control characters, which could steer the terminal, and
/// characters that turn the direction of text or end a line are shown as `\u{…}`.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmful(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Shows text from an archive, cut after so many characters, so that it can do no harm and has a visible
/// end.
pub fn quoted(text: &Text, most: usize) -> String {
    let lossy = text.to_lossy();
    let mut shown: String = lossy.chars().take(most).collect();
    if shown.len() < lossy.len() {
        shown.push('…');
    }
    format!("\"{}\"", harmless(&shown))
}

/// Writes to standard output, which takes data alone. A reader that went away is no error.
///
/// # Errors
/// [`Error::Write`] for anything but a broken pipe.
pub fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::write("standard output", error))
        }
        _ => Ok(()),
    }
}

/// Writes facts as indented JSON to standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_json(facts: &impl serde::Serialize) -> Result<()> {
    print(|out| {
        serde_json::to_writer_pretty(&mut *out, facts)?;
        writeln!(out)
    })
}

/// Writes one line to standard error. Nothing can be done where that fails.
pub fn tell(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Tells an error with its hint.
pub fn tell_error(error: &Error) {
    tell(&format!("{BAD}error:{BAD:#} {}", harmless(&error.to_string())));
    if let Some(hint) = error.hint() {
        tell(&format!("{HEADING}hint:{HEADING:#} {}", harmless(hint)));
    }
}

/// Tells whether somebody watches standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Shows a number with thousands separated by commas.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Shows a size in bytes with a unit that keeps it short.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_an_archive_cannot_steer_the_terminal() {
        assert_eq!(harmless("Trading & Rates"), "Trading & Rates");
        assert_eq!(harmless("a\u{1B}[2Jb\u{202E}c\n"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}");
    }

    #[test]
    fn numbers_and_sizes_are_short() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
    }
}
