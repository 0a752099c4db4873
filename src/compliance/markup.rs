//! Tags taken apart: names, and attributes as they stand.

use std::collections::HashSet;

/// An attribute, its value still raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    /// Whether the tag has had an attribute of this very name.
    pub(super) repeated: bool,
}

impl Attribute<'_> {
    /// Tells whether this is the attribute meant, without regard to case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name.as_bytes() || self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Tells whether this declares a name space.
    pub(super) fn is_namespace(&self) -> bool {
        self.name == b"xmlns" || self.name.starts_with(b"xmlns:")
    }
}

/// Walks the attributes of a tag. After an error, which says what is not well-formed, it ends.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    rest: &'a [u8],
    seen: Seen<'a>,
}

impl<'a> Attributes<'a> {
    /// Takes what stands between the name of a tag and its end.
    pub(super) fn new(rest: &'a [u8]) -> Attributes<'a> {
        Attributes { rest, seen: Seen::default() }
    }

    fn take(&mut self) -> Result<Option<Attribute<'a>>, &'static str> {
        let rest = trim_start(self.rest);
        if rest.is_empty() {
            return Ok(None);
        }
        if rest.len() == self.rest.len() {
            return Err("no blank stands before an attribute");
        }
        let end = rest.iter().position(|&byte| !is(byte, IN_NAME)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if !name.first().is_some_and(|&byte| is(byte, BEGINS_NAME)) {
            return Err("an attribute has no name that XML allows");
        }
        let rest = trim_start(rest).strip_prefix(b"=").ok_or("an attribute has no value")?;
        let (&quote, rest) = trim_start(rest).split_first().ok_or("an attribute has no value")?;
        if !matches!(quote, b'"' | b'\'') {
            return Err("an attribute's value is not in quotes");
        }
        let end = memchr::memchr(quote, rest).ok_or("an attribute's value has no end")?;
        self.rest = &rest[end + 1..];
        Ok(Some(Attribute { name, value: &rest[..end], repeated: !self.seen.add(name) }))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let taken = self.take();
        if taken.is_err() {
            self.rest = &[];
        }
        taken.transpose()
    }
}

/// The names of a tag's attributes so far: a few in place, more in a set.
#[derive(Debug, Default)]
struct Seen<'a> {
    few: [&'a [u8]; 8],
    count: usize,
    many: Option<HashSet<&'a [u8]>>,
}

impl<'a> Seen<'a> {
    /// Adds a name; `false` if it was there.
    fn add(&mut self, name: &'a [u8]) -> bool {
        let few = self.count.min(self.few.len());
        if self.few[..few].contains(&name) {
            return false;
        }
        match self.few.get_mut(self.count) {
            Some(free) => *free = name,
            None => return self.many.get_or_insert_default().insert(name),
        }
        self.count += 1;
        true
    }
}

const BLANK: u8 = 1;
const IN_NAME: u8 = 2;
const BEGINS_NAME: u8 = 4;

/// What a byte may be in markup. All characters beyond ASCII pass for parts of names.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        classes[at] = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => BLANK,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' | 0x80.. => IN_NAME | BEGINS_NAME,
            b'0'..=b'9' | b'-' | b'.' => IN_NAME,
            _ => 0,
        };
        at += 1;
    }
    classes
};

fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Tells whether a byte is white space to XML.
pub(super) fn is_blank(byte: u8) -> bool {
    is(byte, BLANK)
}

/// Tells whether a byte may be in a name.
pub(super) fn is_in_name(byte: u8) -> bool {
    is(byte, IN_NAME)
}

/// Tells whether a name may begin with a byte.
pub(super) fn begins_name(byte: u8) -> bool {
    is(byte, BEGINS_NAME)
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&byte| is_blank(byte)).count()..]
}

/// Cuts white space off both ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let bytes = trim_start(bytes);
    &bytes[..bytes.len() - bytes.iter().rev().take_while(|&&byte| is_blank(byte)).count()]
}

/// Tells whether bytes are a name to XML, as far as ASCII goes.
pub(super) fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|&byte| is(byte, BEGINS_NAME)) && name.iter().all(|&byte| is(byte, IN_NAME))
}

/// Returns a name without its name space prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |at| &name[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(rest: &str) -> Result<Vec<(String, String, bool)>, &'static str> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let row = |it: Attribute<'_>| (text(it.name), text(it.value), it.repeated);
        Attributes::new(rest.as_bytes()).map(|it| it.map(row)).collect()
    }

    #[test]
    fn attributes_come_in_their_order_whatever_quotes_and_blanks_they_use() {
        let expected = [("a", "1 > 'x'"), ("b", "2 \"y\""), ("c", "")];
        let expected: Vec<_> = expected.map(|(name, value)| (name.into(), value.into(), false)).into();
        assert_eq!(all(" a=\"1 > 'x'\"\r\n b\t= '2 \"y\"' c=''  "), Ok(expected));
    }

    #[test]
    fn what_is_not_well_formed_is_told() {
        for rest in
            [" a", " a=", " a=1", " a='1'b='2'", " =''", " a='1", " 1='x'", " a\"b='x'", "a=''", " a ''"]
        {
            assert!(all(rest).is_err(), "{rest}");
        }
    }

    #[test]
    fn a_repeated_name_is_marked_among_few_and_among_many() {
        let row: String = (0..100).map(|number| format!(" a{number}=''")).collect();
        for name in ["a3", "a7", "a8", "a99"] {
            let found = all(&format!("{row} {name}='again'")).unwrap();
            let repeated: Vec<_> = found.iter().filter(|it| it.2).collect();
            assert_eq!(repeated, [&(name.to_owned(), "again".to_owned(), true)]);
        }
    }
}
