//! The shape of an XML document nobody has described: which elements and attributes it has, where
//! and how often, and nothing of what they hold. So the owner of a file can share facts about it.

use std::collections::BTreeMap;
use std::io::Read;

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
/// to there, with a last path that says why.
///
/// # Errors
/// [`Error::Read`] if the input itself fails; `name` is what to call it.
pub fn shape(name: &str, reader: impl Read) -> Result<Vec<(String, u64)>> {
    let mut elements = Elements::new(reader);
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
    fn a_document_of_ever_new_names_does_not_grow_the_shape() {
        let elements: String = (0..MAX_PATHS + 10).map(|n| format!("<e{n}/>")).collect();
        let shape = shape("sample", format!("<a>{elements}").as_bytes()).unwrap();
        assert_eq!(shape.len(), MAX_PATHS + 2);
        assert!(shape.contains(&(OTHERS.to_owned(), 11)));
        assert!(shape.last().unwrap().0.starts_with("(broken off"));
    }
}
