//! Names of files as manifests write them: escapes, marks of `md5sum`, and names that lead astray.

use crate::container::is_device;

/// Understands a name of a manifest. The flag tells whether it was written in a doubtful form.
///
/// Line breaks are written as `%0A` and `%0D`; since BagIt 1.0 `%` itself is written as `%25`.
pub(super) fn decode(written: &str, percent_is_escaped: bool) -> (String, bool) {
    let mut doubtful = false;
    let mut rest = written;
    // `md5sum` marks files that it read as binary.
    for mark in ["*", "./"] {
        if let Some(behind) = rest.strip_prefix(mark) {
            rest = behind;
            doubtful = true;
        }
    }
    let mut path = String::with_capacity(rest.len());
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        path.push_str(before);
        let code = escape.get(1..3).map(str::to_ascii_uppercase);
        let character = match code.as_deref() {
            Some("0A") => Some('\n'),
            Some("0D") => Some('\r'),
            Some("25") if percent_is_escaped => Some('%'),
            _ => None,
        };
        doubtful |= character.is_none() && percent_is_escaped;
        path.push(character.unwrap_or('%'));
        rest = escape.get(if character.is_some() { 3 } else { 1 }..).unwrap_or_default();
    }
    path.push_str(rest);
    (path, doubtful)
}

/// Tells why a name must not be followed; `None` for a safe one.
pub(in crate::package::verify) fn danger(path: &str) -> Option<&'static str> {
    let bytes = path.as_bytes();
    if path.is_empty() {
        return Some("the name is empty");
    }
    if path.starts_with(['/', '\\']) {
        return Some("the name begins at a root, not in the bag");
    }
    if path.starts_with('~') {
        return Some("the name begins in somebody's home");
    }
    if bytes.len() > 1 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic() {
        return Some("the name begins with a drive");
    }
    if path.split(['/', '\\']).any(|step| step == "..") {
        return Some("the name leads upwards");
    }
    path.contains('\0').then_some("the name has a NUL in it")
}

/// Tells why Windows cannot hold a file of this name; `None` where it can.
pub(super) fn trouble_on_windows(path: &str) -> Option<&'static str> {
    let wrong = |step: &str| {
        if step.chars().any(|c| c.is_control() || r#"<>:"|?*\"#.contains(c)) {
            return Some("the name has a character that Windows does not allow");
        }
        if step.ends_with(['.', ' ']) {
            return Some("the name ends in a dot or a blank, which Windows drops");
        }
        is_device(step).then_some("Windows keeps the name for a device")
    };
    path.split('/').find_map(wrong)
}

/// Tells whether a path leads to a file that systems leave about.
pub(super) fn is_litter(path: &str) -> bool {
    path.split('/').any(|step| {
        step == ".DS_Store"
            || step == "__MACOSX"
            || step.starts_with("._")
            || ["thumbs.db", "desktop.ini"].iter().any(|known| step.eq_ignore_ascii_case(known))
    })
}

/// Reduces a name so that its composed and its decomposed form come out alike: a letter with marks is one
/// place holder, and so is a letter beyond ASCII. A hint, not a proof. `None` for a name that has neither.
pub(super) fn skeleton(path: &str) -> Option<String> {
    const HOLDER: char = '\u{FFFC}';
    let mut out = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '\u{300}'..='\u{36F}' if out.ends_with(HOLDER) => {}
            '\u{300}'..='\u{36F}' => {
                out.pop();
                out.push(HOLDER);
            }
            _ if character.is_ascii() => out.push(character),
            _ => out.push(HOLDER),
        }
    }
    (!path.is_ascii()).then_some(out)
}

/// Tells whether a name has marks that stand apart from their letters.
pub(super) fn is_decomposed(path: &str) -> bool {
    path.contains(|c| matches!(c, '\u{300}'..='\u{36F}'))
}

/// Reduces a name to what all Unicode normal forms of it share: a hint, not a proof.
pub(super) fn without_marks(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut base = false;
    for character in path.chars() {
        match character {
            '\u{300}'..='\u{36F}' => {
                if std::mem::take(&mut base) {
                    out.pop();
                }
            }
            _ => {
                base = character.is_ascii();
                if base {
                    out.push(character);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_marks_are_understood() {
        for (written, path, doubtful) in [
            ("data/a b.txt", "data/a b.txt", false),
            ("data/a%0Ab%0d%25.txt", "data/a\nb\r%.txt", false),
            ("*data/a", "data/a", true),
            ("./data/a", "data/a", true),
            ("data/100%", "data/100%", true),
            ("data/%é", "data/%é", true),
        ] {
            assert_eq!(decode(written, true), (path.to_owned(), doubtful), "{written}");
        }
        assert_eq!(decode("data/%25%0A", false), ("data/%25\n".to_owned(), false));
    }

    #[test]
    fn names_that_lead_out_of_the_bag_are_known() {
        for path in
            ["", "/etc/passwd", "\\\\host\\share", "C:\\x", "c:x", "~/x", "data/../x", "data\\..\\x", "a\0"]
        {
            assert!(danger(path).is_some(), "{path:?}");
        }
        for path in ["data/x", "data/...", "data/a..b", "data/~x", "é:x"] {
            assert_eq!(danger(path), None, "{path:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_names_are_reduced_alike() {
        assert_eq!(without_marks("data/caf\u{E9}.txt"), without_marks("data/cafe\u{301}.txt"));
        assert_ne!(without_marks("data/cafe.txt"), without_marks("data/caf\u{E9}.txt"));
    }
}
