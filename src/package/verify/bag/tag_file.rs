//! The small files beside the payload: reading them as text, `bagit.txt`, `bag-info.txt`, `fetch.txt`.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE};

use super::Check;
use crate::package::verify::fault;
use crate::package::verify::files::BagFile;
use crate::package::verify::problem::quote;

/// Tag files larger than this are not read: bounds memory.
const MAX_TAG_FILE: u64 = 256 * 1024 * 1024;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What `bagit.txt` declares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declaration {
    /// Whether the rules of BagIt 1.0 hold rather than those of the drafts before it.
    pub(super) is_final: bool,
    pub(super) encoding: &'static Encoding,
    /// Whether it is UTF-16 and nothing tells the order of bytes.
    is_utf_16: bool,
}

impl Declaration {
    /// Returns the encoding of a tag file: UTF-16 without a byte order mark and without word of its order has
    /// the high byte first (RFC 2781), unless its first character shows the other order.
    fn encoding_of(&self, bytes: &[u8]) -> &'static Encoding {
        let high_first = bytes.first() == Some(&0) || bytes.get(1).is_some_and(|&low| low != 0);
        if self.is_utf_16 && high_first { UTF_16BE } else { self.encoding }
    }
}

impl Default for Declaration {
    fn default() -> Declaration {
        Declaration { is_final: true, encoding: UTF_8, is_utf_16: false }
    }
}

impl Check<'_> {
    /// Reads the bytes of a tag file; `None` if it is not there or cannot be read.
    pub(super) fn bytes(&mut self, path: &str) -> Option<Vec<u8>> {
        let file: &BagFile = self.bag.get(path)?;
        let mut bytes = Vec::new();
        let outcome =
            self.bag.open(file).and_then(|input| input.take(MAX_TAG_FILE + 1).read_to_end(&mut bytes));
        match outcome {
            Err(cause) => self.problems.add(&fault::UNREADABLE, path, cause.to_string()),
            Ok(_) if bytes.len() as u64 > MAX_TAG_FILE => {
                self.problems.add(&fault::UNREADABLE, path, format!("larger than {MAX_TAG_FILE} bytes"));
            }
            Ok(_) => return Some(bytes),
        }
        None
    }

    /// Reads a tag file as text in the declared encoding.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        let bytes = self.bytes(path)?;
        if bytes.starts_with(MARK) {
            self.problems.add(&fault::BAG_TEXT_FORM, path, "it begins with a byte order mark");
        }
        let (text, _, damaged) = self.declaration.encoding_of(&bytes).decode(&bytes);
        if damaged {
            let name = self.declaration.encoding.name();
            self.problems.add(&fault::BAG_ENCODING, path, format!("bytes that are no {name}"));
        }
        Some(text.into_owned())
    }

    /// Reads `bagit.txt`.
    pub(super) fn read_declaration(&mut self) {
        const PATH: &str = "bagit.txt";
        if self.bag.get(PATH).is_none() {
            self.problems.add(&fault::BAG_DECLARATION, PATH, "the file is missing");
            return;
        }
        let Some(bytes) = self.bytes(PATH) else { return };
        if let Err(why) = self.take_declaration(&bytes) {
            self.problems.add(&fault::BAG_DECLARATION, PATH, why);
        }
    }

    fn take_declaration(&mut self, bytes: &[u8]) -> Result<(), String> {
        if let Some(rest) = bytes.strip_prefix(MARK) {
            // What it says behind the mark decides by which rules the rest is judged.
            let more = self.take_declaration(rest).err().map(|why| format!("; {why}")).unwrap_or_default();
            return Err(format!("it begins with a byte order mark{more}"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
        let lines: Vec<&str> = lines(text).collect();
        let [version, encoding] = lines[..] else { return Err("it has not exactly two lines".to_owned()) };
        let label = version.strip_prefix("BagIt-Version: ");
        let version = label.ok_or_else(|| format!("the first line is {}", quote(version)))?;
        let label = encoding.strip_prefix("Tag-File-Character-Encoding: ");
        let encoding = label.ok_or_else(|| format!("the second line is {}", quote(encoding)))?;
        let (major, minor) = version
            .split_once('.')
            .filter(|(major, minor)| is_number(major) && is_number(minor))
            .ok_or_else(|| format!("the version is {}", quote(version)))?;
        self.declaration.is_final = major != "0";
        match Encoding::for_label_no_replacement(encoding.as_bytes()) {
            Some(known) if encoding.trim() == encoding => {
                self.declaration.encoding = known;
                self.declaration.is_utf_16 = encoding.eq_ignore_ascii_case("utf-16");
            }
            _ => return Err(format!("the encoding {} is not known", quote(encoding))),
        }
        let known = (major, minor) == ("1", "0") || major == "0";
        if known { Ok(()) } else { Err(format!("version {version} is not known; it was read as 1.0")) }
    }

    /// Reads `bag-info.txt`: labels and values in order.
    pub(super) fn read_info(&mut self) -> Vec<(String, String)> {
        const PATH: &str = "bag-info.txt";
        let mut fields: Vec<(String, String)> = Vec::new();
        let Some(text) = self.text(PATH) else { return fields };
        for (number, line) in (1..).zip(lines(&text)) {
            if line.starts_with([' ', '\t'])
                && let Some((_, value)) = fields.last_mut()
            {
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            match line.split_once(':') {
                // The drafts let blanks stand before the colon.
                Some((label, value))
                    if !label.trim().is_empty() && (label.trim() == label || !self.declaration.is_final) =>
                {
                    let form = match value {
                        _ if label.trim() != label => Some("a blank before"),
                        "" => None,
                        _ => (!value.starts_with([' ', '\t'])).then_some("no blank behind"),
                    };
                    if let Some(form) = form {
                        let what = format!("line {number} has {form} the colon");
                        self.problems.add(&fault::BAG_INFO_FORM, PATH, what);
                    }
                    fields.push((label.trim().to_owned(), value.trim().to_owned()));
                }
                _ if line.trim().is_empty() => {}
                _ => {
                    let what = format!("line {number} is no label with a value: {}", quote(line));
                    self.problems.add(&fault::BAG_INFO, PATH, what);
                }
            }
        }
        fields
    }

    /// Reads `fetch.txt`: the names of the files that lie elsewhere.
    pub(super) fn read_fetch(&mut self) -> Vec<String> {
        const PATH: &str = "fetch.txt";
        let mut paths = Vec::new();
        let Some(text) = self.text(PATH) else { return paths };
        for (number, line) in (1..).zip(lines(&text)).filter(|(_, line)| !line.is_empty()) {
            let mut fields = line.splitn(3, [' ', '\t']);
            let (url, length, path) = (fields.next(), fields.next(), fields.next());
            let sound_length = length.is_some_and(|length| length == "-" || is_number(length));
            match (url, path.map(str::trim_start)) {
                (Some(url), Some(path)) if url.contains(':') && sound_length => {
                    paths.extend(self.safe_path(PATH, path, true));
                }
                _ => {
                    let what = format!("line {number} is not URL, length and name: {}", quote(line));
                    self.problems.add(&fault::BAG_FETCH, PATH, what);
                }
            }
        }
        paths
    }
}

/// Cuts text into lines at LF, CR or CRLF; what follows the last one counts if it is not empty.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        rest = behind.strip_prefix("\r\n").or_else(|| behind.get(1..)).unwrap_or_default();
        Some(line)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_of_the_three_ways() {
        assert_eq!(lines("a\nb\r\nc\rd").collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        assert_eq!(lines("a\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(lines("").count(), 0);
    }
}
