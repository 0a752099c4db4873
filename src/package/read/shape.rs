//! The shape of an XML document nobody has described: which elements and attributes it has, where
//! and how often, and nothing of what they hold. So the owner of a file can share facts about it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

use super::xml::{Broken, Elements, Piece};
use crate::error::{Error, Result};

/// Different paths that are told apart; the rest is counted under [`OTHERS`].
const MAX_PATHS: usize = 10_000;
/// A name longer than this is no name that a schema has.
const MAX_NAME: usize = 256;
/// Stands for all paths beyond the limit.
const OTHERS: &str = "(other paths)";

/// Counts the elements and attributes of a document by path: `Root/Element` and
/// `Root/Element/@attribute`, in the order of paths. A document that breaks off gives its shape up
/// to there, with a last path that says why. UTF-8 and UTF-16 are read.
///
/// # Errors
/// [`Error::Read`] if the input itself fails; `name` is what to call it.
pub fn shape(name: &str, reader: impl Read) -> Result<Vec<(String, u64)>> {
    let mut elements = Elements::of_any_encoding(Utf8::new(reader));
    let mut counts = BTreeMap::new();
    let mut path = String::new();
    let mut lengths: Vec<usize> = Vec::new();
    let broken = loop {
        match elements.next() {
            Ok(None) => break None,
            Ok(Some(Piece::Text(_))) => {}
            Ok(Some(Piece::End)) => path.truncate(lengths.pop().unwrap_or_default()),
            Ok(Some(Piece::Start(tag))) => {
                lengths.push(path.len());
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(shorten(tag.name()));
                add(&mut counts, &path);
                let length = path.len();
                for (attribute, _) in tag.attributes() {
                    path.push_str("/@");
                    path.push_str(shorten(attribute));
                    add(&mut counts, &path);
                    path.truncate(length);
                }
            }
            Err(Broken::Input(cause)) => return Err(Error::read(name, cause)),
            Err(Broken::Document { detail, .. }) => break Some(detail),
        }
    };
    let mut shape: Vec<(String, u64)> = counts.into_iter().collect();
    shape.extend(broken.map(|why| (format!("(broken off: {why})"), 1)));
    Ok(shape)
}

/// Bytes as UTF-8: UTF-16 with a byte order mark is decoded. What the declaration says is not
/// believed, since documents written through a string often declare UTF-16 and are UTF-8.
struct Utf8<R> {
    inner: BufReader<R>,
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    taken: usize,
    begun: bool,
}

impl<R: Read> Utf8<R> {
    fn new(inner: R) -> Utf8<R> {
        Utf8 { inner: BufReader::new(inner), decoder: None, decoded: Vec::new(), taken: 0, begun: false }
    }

    /// Decodes the next piece; leaves nothing at the end.
    fn decode(&mut self) -> io::Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        self.taken = 0;
        self.decoded.resize(64 * 1024, 0);
        let mut filled = 0;
        while filled == 0 {
            let input = self.inner.fill_buf()?;
            let last = input.is_empty();
            let (outcome, read, written, _) = decoder.decode_to_utf8(input, &mut self.decoded, last);
            self.inner.consume(read);
            filled = written;
            if last && outcome == CoderResult::InputEmpty {
                break;
            }
        }
        self.decoded.truncate(filled);
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !std::mem::replace(&mut self.begun, true) {
            let wide = Encoding::for_bom(self.inner.fill_buf()?).filter(|(_, length)| *length == 2);
            self.decoder = wide.map(|(encoding, _)| encoding.new_decoder_with_bom_removal());
        }
        if self.decoder.is_none() {
            return self.inner.read(buffer);
        }
        if self.taken == self.decoded.len() {
            self.decode()?;
        }
        let count = (&self.decoded[self.taken..]).read(buffer)?;
        self.taken += count;
        Ok(count)
    }
}

fn shorten(name: &str) -> &str {
    let end = (0..=MAX_NAME.min(name.len())).rev().find(|&end| name.is_char_boundary(end));
    &name[..end.unwrap_or_default()]
}

fn add(counts: &mut BTreeMap<String, u64>, path: &str) {
    if let Some(count) = counts.get_mut(path) {
        *count += 1;
    } else {
        let path = if counts.len() < MAX_PATHS { path } else { OTHERS };
        *counts.entry(path.to_owned()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_every_path_with_its_count_and_no_content() {
        let document = "<a x=\"secret\"><b y=\"1\"/><b y=\"2\" z=\"3\">secret</b><c><b/></c></a>";
        let shape = shape("sample", document.as_bytes()).unwrap();
        let text: Vec<String> = shape.iter().map(|(path, count)| format!("{path} {count}")).collect();
        assert_eq!(text, ["a 1", "a/@x 1", "a/b 2", "a/b/@y 2", "a/b/@z 1", "a/c 1", "a/c/b 1"]);
    }

    #[test]
    fn documents_in_utf_16_and_those_that_only_say_so_are_read() {
        let document =
            format!("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>{}</a>", "<b é=\"ü\"/>".repeat(20_000));
        let expected = [("a".to_owned(), 1), ("a/b".to_owned(), 20_000), ("a/b/@é".to_owned(), 20_000)];
        assert_eq!(shape("sample", document.as_bytes()).unwrap(), expected);
        let marked = format!("\u{FEFF}{document}");
        let wide = |order: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(shape("sample", &wide(u16::to_le_bytes)[..]).unwrap(), expected);
        assert_eq!(shape("sample", &wide(u16::to_be_bytes)[..]).unwrap(), expected);
    }

    #[test]
    fn a_document_of_ever_new_names_does_not_grow_the_shape() {
        let elements: String = (0..MAX_PATHS + 10).map(|n| format!("<e{n}/>")).collect();
        let shape = shape("sample", format!("<a>{elements}").as_bytes()).unwrap();
        assert_eq!(shape.len(), MAX_PATHS + 2);
        assert!(shape.contains(&(OTHERS.to_owned(), 11)));
        assert!(shape.last().unwrap().0.starts_with("(broken off"));
    }
}
