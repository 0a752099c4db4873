//! What Windows takes for a path: only such files can be copied by a script.

use crate::container::is_device;

/// Returns the path in the new store, with `\`; `None` for one that Windows cannot hold or that a
/// command line could take for something else.
pub(super) fn destination(path: &str) -> Option<String> {
    path.split('/').all(is_plain_step).then(|| path.replace('/', "\\"))
}

/// Tells whether a name is one that Windows keeps as it is (Microsoft, "Naming Files, Paths, and
/// Namespaces"), and no option of a program.
fn is_plain_step(step: &str) -> bool {
    const MOST_UNITS: usize = 255;
    let is_forbidden = |c: char| c.is_control() || "<>:\"|?*\\".contains(c);
    !step.is_empty()
        && !step.starts_with(['-', ' '])
        && !step.ends_with(['.', ' '])
        && !step.contains(is_forbidden)
        && step.encode_utf16().count() <= MOST_UNITS
        && !is_device(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_windows_keeps_have_a_place_in_the_new_store() {
        for (path, place) in [
            ("a/b c/%PATH% & 'd' \u{E9}.txt", Some("a\\b c\\%PATH% & 'd' \u{E9}.txt")),
            ("a\\b", None),
            ("a\"b", None),
            ("a*", None),
            ("a:b", None),
            ("a\nb", None),
            ("a.", None),
            ("a /b", None),
            ("-x", None),
            ("nul.txt", None),
            ("..", None),
        ] {
            assert_eq!(destination(path).as_deref(), place, "{path}");
        }
        assert!(destination(&"\u{E9}".repeat(255)).is_some() && destination(&"x".repeat(256)).is_none());
    }
}
