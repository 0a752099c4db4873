//! The list of codes in the documentation is whole: every code in the source has a line, every line
//! a code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Words of other standards that are written as codes are.
const NO_CODES: [&str; 2] = ["ISO-8859-1", "SHA-256"];

fn is_code(word: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.contains('-')
        && word.split('-').all(part)
        && !NO_CODES.contains(&word)
}

/// Adds the codes of a folder's modules, those of tests left out.
fn collect(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            collect(&path, codes);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            codes.extend(source.split('"').filter(|word| is_code(word)).map(str::to_owned));
        }
    }
}

#[test]
fn every_code_of_the_program_is_documented_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    collect(&root.join("src"), &mut used);
    assert!(used.contains("INPUT-REFUSED") && used.contains("BAG-CHANGED"), "{used:?}");
    let page = fs::read_to_string(root.join("docs/findings.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let listed: Vec<String> = rows.filter(|word| is_code(word)).map(str::to_owned).collect();
    let documented: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), documented.len(), "a code stands twice");
    let missing: Vec<_> = used.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&used).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}, unknown: {unknown:?}");
}
