//! Names that are safe to write into an archive or a folder, on every system.

use std::fmt;

/// The name of an archive entry for output: ASCII letters, digits, `.`, `_`, `-`, and `/` between
/// segments. It cannot be absolute, climb (`..`), or name a folder (`a/`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeName(String);

impl SafeName {
    /// Takes a name; `None` if it is not safe.
    pub fn new(name: &str) -> Option<SafeName> {
        name.split('/').all(is_safe_segment).then(|| SafeName(name.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts another name behind this one and a `/`; `None` if that one is not safe.
    pub fn join(&self, name: &str) -> Option<SafeName> {
        SafeName::new(name).map(|name| SafeName(format!("{}/{}", self.0, name.0)))
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_safe_segment(segment: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !matches!(segment, "" | "." | "..") && segment.bytes().all(known)
}

/// Tells whether Windows takes a name for a device, whatever its extension (Microsoft, "Naming
/// Files, Paths, and Namespaces").
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || numbered.is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_package_are_safe() {
        for name in ["bagit.txt", "data/import/Content/0a-1b.0002.xml", "a", "..a", "-"] {
            assert_eq!(SafeName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_lead_astray_cannot_be_held() {
        for name in
            ["", "/", "/a", "a/", "a//b", ".", "a/.", "..", "../a", "a/../b", "C:a", "a\\b", "ä", "a b"]
        {
            assert_eq!(SafeName::new(name), None, "{name}");
        }
    }

    #[test]
    fn joining_keeps_the_promise() {
        let folder = SafeName::new("data/import").unwrap();
        assert_eq!(folder.join("User.xml").unwrap().as_str(), "data/import/User.xml");
        assert_eq!(folder.join("../User.xml"), None);
    }
}
