//! Names as the model and the folders of the data have them.

/// Splits `[dbo].[a]]b]` into its parts, brackets resolved.
pub(super) fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut letters = name.chars().peekable();
    let mut part = String::new();
    let mut bracketed = false;
    while let Some(letter) = letters.next() {
        match letter {
            '[' if !bracketed => bracketed = true,
            ']' if bracketed => match letters.next_if_eq(&']') {
                Some(_) => part.push(']'),
                None => bracketed = false,
            },
            '.' if !bracketed => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts
}

/// Resolves `%20` and its like.
pub(super) fn unescaped(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, behind @ ..] = rest {
        let digit = |at: usize| behind.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        rest = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                behind.get(2..).unwrap_or_default()
            }
            _ => {
                bytes.push(*first);
                behind
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_brackets_within_brackets_are_part_of_the_name() {
        assert_eq!(parts("[dbo].[Order Details]"), ["dbo", "Order Details"]);
        assert_eq!(parts("[a.b].[c]]d].[e[f]"), ["a.b", "c]d", "e[f"]);
        assert_eq!(parts("[int]"), ["int"]);
        assert_eq!(parts(""), [""]);
    }

    #[test]
    fn folders_are_percent_encoded() {
        assert_eq!(unescaped("dbo.Order%20Details"), "dbo.Order Details");
        assert_eq!(unescaped("dbo.%C3%A4%"), "dbo.ä%");
    }
}
