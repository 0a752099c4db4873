//! Whether a document is so plain and so sound that its parts can be read one without the other.
//!
//! This knows less of XML than a parser, and errs on the safe side: what passes here ends no reading
//! half-way. Whatever is unusual does not pass, well-formed or not.

use super::bounds::Bounds;
use super::markup::{begins_name, is_blank, is_in_name};

/// Elements in one another, the root included.
const DEPTH: usize = 64;

/// The document is unusual, or not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusual;

/// The elements open at a place, and what may come there.
#[derive(Debug)]
pub(super) struct Frame {
    names: Vec<u8>,
    /// Where each name ends.
    ends: Vec<usize>,
    /// Whether the root element has begun.
    rooted: bool,
    room: usize,
}

/// What a tag does.
enum Tag {
    Open(usize),
    Empty,
    Close(usize),
}

impl Frame {
    /// Begins at the root's start tag.
    pub(super) fn new(bounds: Bounds) -> Frame {
        Frame { names: Vec::new(), ends: Vec::new(), rooted: false, room: bounds.open / 8 }
    }

    /// Begins within the root.
    pub(super) fn within(root: &[u8], bounds: Bounds) -> Frame {
        Frame { names: root.to_vec(), ends: vec![root.len()], rooted: true, ..Frame::new(bounds) }
    }

    /// Tells whether the root is open, and no other element.
    pub(super) fn is_at_root(&self) -> bool {
        self.ends.len() == 1
    }

    /// Tells whether the root was closed.
    pub(super) fn is_over(&self) -> bool {
        self.rooted && self.ends.is_empty()
    }

    /// Looks at bytes, and returns how many it is done with: all but a tag, or a text, that may go on.
    ///
    /// # Errors
    /// [`Unusual`], and then nothing more should be looked at.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, Unusual> {
        let mut done = 0;
        while let Some(text) = memchr::memchr(b'<', &bytes[done..]) {
            let begin = done + text;
            if self.ends.is_empty() && !bytes[done..begin].iter().all(|&byte| is_blank(byte)) {
                return Err(Unusual);
            }
            done = begin;
            let Some((tag, end)) = tag(bytes, begin + 1)? else { break };
            match tag {
                Tag::Open(name) => self.open(&bytes[begin + 1..name])?,
                Tag::Empty if self.ends.is_empty() => return Err(Unusual),
                Tag::Empty => {}
                Tag::Close(name) => self.close(&bytes[begin + 2..name])?,
            }
            done = end;
        }
        Ok(done)
    }

    fn open(&mut self, name: &[u8]) -> Result<(), Unusual> {
        let full = self.ends.len() >= DEPTH || self.names.len() + name.len() + 8 * DEPTH > self.room;
        if full || (self.rooted && self.ends.is_empty()) {
            return Err(Unusual);
        }
        self.rooted = true;
        self.names.extend_from_slice(name);
        self.ends.push(self.names.len());
        Ok(())
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Unusual> {
        self.ends.pop().ok_or(Unusual)?;
        let start = self.ends.last().copied().unwrap_or(0);
        if self.names[start..] != *name {
            return Err(Unusual);
        }
        self.names.truncate(start);
        Ok(())
    }
}

/// Takes the tag that begins before this place; returns what it does, its name's end, and its own
/// end; `None` if the bytes end within it.
fn tag(bytes: &[u8], at: usize) -> Result<Option<(Tag, usize)>, Unusual> {
    let closing = bytes.get(at) == Some(&b'/');
    let at = at + usize::from(closing);
    let name = at + bytes[at..].iter().take_while(|&&byte| is_in_name(byte)).count();
    match bytes.get(at) {
        Some(&byte) if begins_name(byte) => {}
        Some(_) => return Err(Unusual),
        None => return Ok(None),
    }
    if closing {
        return match bytes.get(name) {
            Some(b'>') => Ok(Some((Tag::Close(name), name + 1))),
            Some(_) => Err(Unusual),
            None => Ok(None),
        };
    }
    let mut at = name;
    loop {
        let blanks = bytes[at..].iter().take_while(|&&byte| is_blank(byte)).count();
        at += blanks;
        match bytes.get(at) {
            Some(b'>') => return Ok(Some((Tag::Open(name), at + 1))),
            Some(b'/') => {
                return match bytes.get(at + 1) {
                    Some(b'>') => Ok(Some((Tag::Empty, at + 2))),
                    Some(_) => Err(Unusual),
                    None => Ok(None),
                };
            }
            Some(&byte) if blanks > 0 && begins_name(byte) => {}
            Some(_) => return Err(Unusual),
            None => return Ok(None),
        }
        at += bytes[at..].iter().take_while(|&&byte| is_in_name(byte)).count();
        let quote = match bytes[at..] {
            [b'=', quote @ (b'"' | b'\''), ..] => quote,
            [] | [b'='] => return Ok(None),
            _ => return Err(Unusual),
        };
        at += 2;
        let Some(length) = memchr::memchr2(quote, b'<', &bytes[at..]) else { return Ok(None) };
        at += length + 1;
        if bytes[at - 1] != quote {
            return Err(Unusual);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &str) -> bool {
        let mut frame = Frame::new(Bounds::default());
        let whole =
            frame.pass(text.as_bytes()).is_ok_and(|done| text.as_bytes()[done..].trim_ascii().is_empty());
        whole && frame.is_over()
    }

    #[test]
    fn a_plain_sound_document_passes() {
        assert!(passes("<a><b c=\"1>2\" d='\"'/>text &amp; more<e\n x='1' ></e></a>\n"));
    }

    #[test]
    fn what_a_parser_would_stop_at_or_what_is_unusual_does_not_pass() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a></a><a></a>",
            "<a></a>x",
            "x<a></a>",
            "<a><!-- --></a>",
            "<a><![CDATA[x]]></a>",
            "<a><?x?></a>",
            "<a b='<'></a>",
            "<a b='1'c='2'></a>",
            "<a b></a>",
            "<a b=1></a>",
            "<a/ ></a>",
            "<a><b/ ></a>",
            "<a>< b/></a>",
            "<a><1/></a>",
            "<a></a",
            "<a b='></a>",
        ] {
            assert!(!passes(text), "{text}");
        }
    }

    #[test]
    fn where_the_bytes_are_cut_does_not_matter() {
        let text = b"<root><b c=\"1>2\" d='\"'/>text<e\n x='1' ></e></root>";
        for cut in 0..text.len() {
            let mut frame = Frame::new(Bounds::default());
            let done = frame.pass(&text[..cut]).unwrap();
            frame.pass(&text[done..]).unwrap();
            assert!(frame.is_over(), "{cut}");
        }
    }
}
