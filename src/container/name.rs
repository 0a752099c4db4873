//! How things are called: names for people and for sorting, never for opening anything.

use std::ffi::OsStr;
use std::fmt::Write as _;

/// What names of temporary copies of archives begin with.
pub(super) const SPOOL_PREFIX: &str = ".gc2pc-spool-";

/// Returns a file name as text; in one that is no UTF-8, the foreign bytes and `%` itself are
/// written `%XX`.
pub(super) fn readable(name: &OsStr) -> String {
    readable_bytes(name.as_encoded_bytes())
}

fn readable_bytes(bytes: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(bytes) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A name of a ZIP entry, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryName {
    /// The name as text, whatever it leads to.
    pub(super) shown: String,
    /// The same without `.` and empty segments and with `/` throughout, or why it is refused.
    pub(super) path: Result<String, &'static str>,
}

impl EntryName {
    /// Takes the bytes of a name. `\` separates too: some .NET programs wrote it against the
    /// ZIP specification (APPNOTE 4.4.17.1).
    pub(super) fn new(raw: &[u8]) -> EntryName {
        let shown = readable_bytes(raw);
        let slashed = shown.replace('\\', "/");
        let path = match refusal(&slashed) {
            Some(why) => Err(why),
            None => {
                let segments = slashed.split('/').filter(|segment| !matches!(*segment, "" | "."));
                Ok(segments.collect::<Vec<_>>().join("/"))
            }
        };
        EntryName { shown, path }
    }
}

fn refusal(name: &str) -> Option<&'static str> {
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with('/') || drive {
        Some("the name is absolute")
    } else if name.split('/').any(|segment| segment == "..") {
        Some("the name leads out of the archive")
    } else if name.contains('\0') {
        Some("the name holds a NUL")
    } else if name.split('/').all(|segment| matches!(segment, "" | ".")) {
        Some("the name is empty")
    } else {
        None
    }
}

/// Returns the folder part of a path with `/`; empty where there is none.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns the part behind the last `/`.
pub(super) fn last_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// Returns what a gzip file holds, by its own name: the name without `.gz`.
pub(super) fn without_gz(name: &str) -> &str {
    let cut = name.len().saturating_sub(3);
    match name.get(cut..) {
        Some(suffix) if cut > 0 && suffix.eq_ignore_ascii_case(".gz") => &name[..cut],
        _ => name,
    }
}

/// Tells whether a file or folder name is one that operating systems leave behind, or this program
/// where it was killed: a package half written, a copy of an archive within an archive.
pub(super) fn is_litter(segment: &str) -> bool {
    segment == ".DS_Store"
        || segment == "__MACOSX"
        || segment.starts_with("._")
        || segment.eq_ignore_ascii_case("Thumbs.db")
        || segment.eq_ignore_ascii_case("desktop.ini")
        || segment.starts_with(SPOOL_PREFIX)
        || segment.starts_with('.') && segment.contains(".gc2pc-partial-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_bytes_in_names_are_escaped_and_stay_distinct() {
        assert_eq!(readable_bytes("50% ä".as_bytes()), "50% ä");
        assert_eq!(readable_bytes(b"50% \xE4"), "50%25 %E4");
        assert_ne!(readable_bytes(b"%E4"), readable_bytes(b"\xE4%"));
    }

    #[test]
    fn entry_names_that_climb_or_begin_at_a_root_are_refused() {
        for name in
            ["../a", "a/../../b", "a/..", "/etc/passwd", "\\\\host\\share\\a", "C:\\a", "c:a", "a\0b", ""]
        {
            assert!(EntryName::new(name.as_bytes()).path.is_err(), "{name}");
        }
    }

    #[test]
    fn odd_but_harmless_entry_names_are_straightened() {
        for (name, path) in
            [("./a//b", "a/b"), ("a\\b.xml", "a/b.xml"), ("a..b/...", "a..b/..."), ("d/", "d")]
        {
            assert_eq!(EntryName::new(name.as_bytes()).path.as_deref(), Ok(path));
        }
    }

    #[test]
    fn a_gzip_file_gives_its_name_to_its_content() {
        assert_eq!(without_gz("a.xml.GZ"), "a.xml");
        assert_eq!(without_gz("a.tgz"), "a.tgz");
        assert_eq!(without_gz(".gz"), ".gz");
        assert_eq!(without_gz("ä€"), "ä€");
    }
}
