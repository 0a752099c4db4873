//! The schema of the package's documents, as `data/schema/` has it, and a walk that proves it.
//!
//! The tables are what the XSD files say; the three (tables, XSD, `docs/package-format.md`) change
//! together. What the walk finds sound a visitor may rely on, and what a schema cannot say (that a
//! person exists, that numbers have no gap) is the visitor's matter.

use std::io::Read;

use super::kinds::Kind;
use crate::ledger::Cause;
use crate::package::read::value::{NAMESPACE, UTF16_BASE64, UTF16_SUFFIX, append_utf16};
use crate::package::read::xml::{Broken, Elements, Piece, Tag, is_blank};
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// An attribute of an element.
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// How often an element stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    One,
    Optional,
    Many,
}

/// An element.
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) attributes: &'static [Attribute],
    pub(super) children: &'static [(&'static Element, Times)],
    /// Whether it holds text, plain or encoded.
    pub(super) has_text: bool,
}

/// Is shown the elements of a document.
pub(super) trait Visitor {
    /// An element begins.
    fn start(&mut self, element: &'static Element, tag: &Tag, problems: &mut Problems);

    /// A piece of the text of an element that holds text, as generalized UTF-8.
    fn text(&mut self, _element: &'static Element, _text: &[u8]) {}

    /// An element ends.
    fn end(&mut self, _element: &'static Element, _problems: &mut Problems) {}
}

/// An element that is open.
struct Open {
    element: &'static Element,
    /// Which of its children is expected next, and how often that one stood already.
    place: (usize, u64),
    encoded: bool,
}

/// Walks a document and proves that it follows its schema. Returns whether it could be read to its
/// end. Memory: one text that is encoded.
pub(super) fn walk(
    path: &str,
    input: impl Read,
    root: &'static Element,
    visitor: &mut dyn Visitor,
    problems: &mut Problems,
) -> bool {
    let mut elements = Elements::new(input);
    let mut walk = Walk { path, open: Vec::new(), skipped: 0, encoded: String::new(), line: 1, problems };
    loop {
        match elements.next() {
            Ok(None) => break,
            Ok(Some(Piece::Start(tag))) => walk.start(tag, root, visitor),
            Ok(Some(Piece::Text(text))) => walk.text(text, visitor),
            Ok(Some(Piece::End)) => walk.end(visitor),
            // Damage below the document is told of by whoever reads the file.
            Err(Broken::Input(_) | Broken::Document { cause: Cause::DamagedContainer, .. }) => return false,
            Err(Broken::Document { cause, detail }) => {
                let (line, byte) = elements.place();
                let what = format!("before line {line}, byte {byte}: {detail} ({cause})");
                walk.problems.add(&fault::DOC_XML, path, what);
                return false;
            }
        }
    }
    if !elements.declared {
        walk.problems.add(&fault::DOC_SCHEMA, path, "no XML declaration with UTF-8 at the beginning");
    }
    if elements.asides > 0 {
        let what = format!("{} comments, instructions or CDATA sections", elements.asides);
        walk.problems.add(&fault::DOC_SCHEMA, path, what);
    }
    true
}

struct Walk<'a> {
    path: &'a str,
    open: Vec<Open>,
    /// Depth within an element that is not known.
    skipped: usize,
    encoded: String,
    line: u64,
    problems: &'a mut Problems,
}

impl Walk<'_> {
    fn wrong(&mut self, what: impl std::fmt::Display) {
        let what = format!("line {}: {what}", self.line);
        self.problems.add(&fault::DOC_SCHEMA, self.path, what);
    }

    fn start(&mut self, tag: &Tag, root: &'static Element, visitor: &mut dyn Visitor) {
        self.line = tag.line;
        let element = match (self.skipped, self.open.is_empty()) {
            (0, true) if tag.name() == root.name => Some(root),
            (0, true) => {
                self.wrong(format!("the root is {} instead of {}", quote(tag.name()), root.name));
                None
            }
            (0, false) => self.child(tag.name()),
            _ => None,
        };
        let Some(element) = element else {
            self.skipped += 1;
            return;
        };
        if self.open.is_empty() && tag.get("xmlns") != Some(NAMESPACE) {
            self.wrong(format!("the root is not in the name space {NAMESPACE}"));
        }
        self.check_attributes(element, tag);
        let encoded = element.has_text && tag.get("encoding").is_some();
        self.encoded.clear();
        self.open.push(Open { element, place: (0, 0), encoded });
        visitor.start(element, tag, self.problems);
    }

    /// Finds the rule of a child at its place in the order.
    fn child(&mut self, name: &str) -> Option<&'static Element> {
        let parent = self.open.last_mut()?;
        let children = parent.element.children;
        let Some(at) = children.iter().position(|(child, _)| child.name == name) else {
            let what = format!("{} must not stand in {}", quote(name), parent.element.name);
            self.wrong(what);
            return None;
        };
        let (expected, count) = parent.place;
        let mut faults = Vec::new();
        if at < expected {
            faults.push(format!("{name} stands too late in {}", parent.element.name));
        } else if at == expected {
            if count > 0 && children[at].1 != Times::Many {
                faults.push(format!("{name} stands twice in {}", parent.element.name));
            }
            parent.place.1 += 1;
        } else {
            let left_out = children.iter().enumerate().take(at).skip(expected);
            for (position, (child, times)) in left_out {
                if *times == Times::One && (position > expected || count == 0) {
                    faults.push(format!("{} is missing before {name}", child.name));
                }
            }
            parent.place = (at, 1);
        }
        faults.into_iter().for_each(|fault| self.wrong(fault));
        Some(children[at].0)
    }

    fn check_attributes(&mut self, element: &'static Element, tag: &Tag) {
        for (name, value) in tag.attributes() {
            if name == "xmlns" && self.open.is_empty() || name == "encoding" && element.has_text {
                if name == "encoding" && value != UTF16_BASE64 {
                    self.wrong(format!("the encoding {} is not known", quote(value)));
                }
                continue;
            }
            let rule = element.attributes.iter().find(|rule| {
                rule.name == name
                    || (rule.kind == Kind::Text && name.strip_suffix(UTF16_SUFFIX) == Some(rule.name))
            });
            match rule {
                None => self.wrong(format!("{} has an attribute {}", element.name, quote(name))),
                Some(rule) if rule.name != name => {
                    if tag.get(rule.name).is_some() {
                        self.wrong(format!("{} has both {} and {name}", element.name, rule.name));
                    }
                    if let Err(why) = append_utf16(&mut Vec::new(), value) {
                        self.wrong(format!("{name}: {why}"));
                    }
                }
                Some(rule) if !rule.kind.allows(value) => {
                    self.wrong(format!("{name} is {}, which is no {}", quote(value), rule.kind.name()));
                }
                Some(_) => {}
            }
        }
        let present = |rule: &Attribute| {
            tag.attributes().any(|(name, _)| {
                name.strip_prefix(rule.name)
                    .is_some_and(|rest| rest.is_empty() || (rule.kind == Kind::Text && rest == UTF16_SUFFIX))
            })
        };
        for rule in element.attributes.iter().filter(|rule| rule.required) {
            if !present(rule) {
                self.wrong(format!("{} has no {}", element.name, rule.name));
            }
        }
    }

    fn text(&mut self, text: &str, visitor: &mut dyn Visitor) {
        match self.open.last() {
            _ if self.skipped > 0 => {}
            Some(open) if open.encoded => self.encoded.push_str(text),
            Some(open) if open.element.has_text => visitor.text(open.element, text.as_bytes()),
            Some(open) if !text.bytes().all(is_blank) => {
                let what = format!("text in {}", open.element.name);
                self.wrong(what);
            }
            _ => {}
        }
    }

    fn end(&mut self, visitor: &mut dyn Visitor) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(open) = self.open.pop() else { return };
        let (expected, count) = open.place;
        for (position, (child, times)) in open.element.children.iter().enumerate().skip(expected) {
            if *times == Times::One && (position > expected || count == 0) {
                self.wrong(format!("{} has no {}", open.element.name, child.name));
            }
        }
        if open.encoded {
            let mut text = Vec::new();
            let outcome = append_utf16(&mut text, &self.encoded);
            self.encoded.clear();
            match outcome {
                Ok(()) => visitor.text(open.element, &text),
                Err(why) => self.wrong(format!("{}: {why}", open.element.name)),
            }
        }
        visitor.end(open.element, self.problems);
    }
}
