//! The bag around the package: BagIt 1.0 (RFC 8493), with SHA-256.

use std::fmt::Write as _;

use super::target::Entry;
use crate::error::{Error, Result};

/// `bagit.txt`, whose bytes the RFC fixes.
pub(super) const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Fields that gc2pc states itself.
const OWN_FIELDS: [&str; 2] = ["Bag-Software-Agent", "Payload-Oxum"];

/// Checks further fields of `bag-info.txt`.
///
/// # Errors
/// [`Error::Usage`] for a label that the format cannot hold or that gc2pc states itself, and for
/// control characters.
pub(super) fn check_info(info: &[(String, String)]) -> Result<()> {
    for (label, value) in info {
        let refuse = |why: &str| {
            Err(Error::Usage {
                what: format!("bag-info.txt cannot have the field {label:?}: {why}"),
                hint: "give a label and a value as in Source-Organization=Litware".into(),
            })
        };
        if label.is_empty() || label.trim() != label {
            return refuse("a label must not be empty, nor begin or end with a blank");
        }
        if label.contains(':') || label.chars().any(|c| c.is_control() || is_line_break(c)) {
            return refuse("a label must not contain colons, line breaks or control characters");
        }
        if OWN_FIELDS.iter().any(|own| own.eq_ignore_ascii_case(label)) {
            return refuse("gc2pc states it itself");
        }
        if value.chars().any(|c| c.is_control() && !is_line_break(c) && c != '\t') {
            return refuse("its value contains control characters");
        }
    }
    Ok(())
}

/// Makes `bag-info.txt`. There is no date unless the caller gives one, as the same inputs shall
/// give the same bytes on any day.
pub(super) fn info(info: &[(String, String)], payload: (u64, u64)) -> String {
    let mut text = format!(
        "Bag-Software-Agent: gc2pc {}\nPayload-Oxum: {}.{}\n",
        env!("CARGO_PKG_VERSION"),
        payload.0,
        payload.1
    );
    for (label, value) in info {
        // A value goes on in a line that begins with blanks (RFC 8493, section 2.2.2).
        // Readers skip blank lines, so none are written.
        let lines: Vec<&str> =
            value.split(is_line_break).map(str::trim).filter(|line| !line.is_empty()).collect();
        let _ = writeln!(text, "{label}: {}", lines.join("\n  "));
    }
    text
}

/// Makes a manifest of entries: `<digest>  <path>`, by path.
pub(super) fn manifest<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut entries: Vec<&Entry> = entries.collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "{}  {}", entry.digest, entry.path);
        text
    })
}

/// Returns the bytes and the number of the files of the payload.
pub(super) fn payload(entries: &[Entry]) -> (u64, u64) {
    let payload = entries.iter().filter(|entry| is_payload(entry));
    payload.fold((0, 0), |(bytes, files), entry| (bytes + entry.size, files + 1))
}

/// Tells whether an entry belongs to the payload rather than to the bag.
pub(super) fn is_payload(entry: &Entry) -> bool {
    entry.path.starts_with("data/")
}

/// Tells whether a reader of tag files may end a line here: besides CR and LF all that Unicode
/// calls a line boundary, since readers in the wild split there too.
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Digest;
    use crate::package::layout;

    fn pair(label: &str, value: &str) -> Vec<(String, String)> {
        vec![(label.into(), value.into())]
    }

    #[test]
    fn values_are_folded_so_that_none_can_start_a_field_of_its_own() {
        let text = info(&pair("Note", "one\r\ntwo: x\n\nthree\u{2028}Payload-Oxum: 0.0"), (12, 3));
        let agent = env!("CARGO_PKG_VERSION");
        assert_eq!(
            text,
            format!(
                "Bag-Software-Agent: gc2pc {agent}\nPayload-Oxum: 12.3\n\
                 Note: one\n  two: x\n  three\n  Payload-Oxum: 0.0\n"
            )
        );
    }

    #[test]
    fn labels_that_the_format_cannot_hold_are_refused() {
        for label in ["", " x", "x ", "a:b", "a\nb", "a\u{2028}b", "payload-oxum", "a\0"] {
            assert!(matches!(check_info(&pair(label, "x")), Err(Error::Usage { .. })), "{label:?}");
        }
        assert!(check_info(&pair("X", "a\0b")).is_err());
        assert!(check_info(&pair("Source-Organization", "Litware\nInc.\tü")).is_ok());
    }

    #[test]
    fn a_manifest_is_sorted_by_path() {
        let entry = |path: &str| Entry { path: path.into(), size: 1, digest: Digest([0xAB; 32]) };
        let entries = [entry("data/b"), entry(layout::BAGIT), entry("data/B")];
        let text = manifest(entries.iter().filter(|entry| is_payload(entry)));
        let digest = "ab".repeat(32);
        assert_eq!(text, format!("{digest}  data/B\n{digest}  data/b\n"));
        assert_eq!(payload(&entries), (2, 2));
    }
}
