//! Packages judged by programs that know nothing of gc2pc. Where one is not installed, its test
//! says so and passes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::scenario::*;
use crate::package::{Options, SCHEMAS, Sizes, layout};

/// Runs a program in a folder. `None` where it is not installed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    match Command::new(program).args(arguments).current_dir(folder).output() {
        Ok(output) => {
            let told = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&told).into_owned()))
        }
        Err(_) => {
            eprintln!("{program} is not installed: not tested");
            None
        }
    }
}

fn assert_success(folder: &Path, program: &str, arguments: &[&str]) {
    if let Some((success, told)) = run(folder, program, arguments) {
        assert!(success, "{program} {arguments:?}: {told}");
    }
}

#[test]
fn sha256sum_accepts_both_manifests() {
    let written = Archive::new().written();
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        assert_success(&written.root, "sha256sum", &["--strict", "--quiet", "-c", manifest]);
    }
}

#[test]
fn unzip_accepts_the_zip() {
    let folder = tempfile::tempdir().unwrap();
    // Files larger than `kept` are written as they grow, with the headers of ZIP64.
    for (name, kept) in [("out.zip", 1 << 20), ("grown.zip", 64)] {
        let options = Options { sizes: Sizes { kept, ..Sizes::default() }, ..Options::default() };
        Archive::new().write(&folder.path().join(name), &options).unwrap();
        assert_success(folder.path(), "unzip", &["-tq", name]);
    }
}

#[test]
fn the_documents_keep_their_schemas() {
    let written = Archive::new().written();
    for name in written.names().iter().filter(|name| name.ends_with(".xml")) {
        let schema = if name.contains("/Content/") {
            "Content"
        } else if name.contains("/compliance/") {
            "Compliance"
        } else {
            name.rsplit('/').next().and_then(|file| file.strip_suffix(".xml")).unwrap()
        };
        let schema = format!("data/schema/{schema}.xsd");
        assert_success(&written.root, "xmllint", &["--noout", "--schema", &schema, name]);
    }
}

#[test]
fn the_schemas_refuse_what_the_format_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    for (name, schema) in SCHEMAS {
        fs::write(folder.path().join(name), schema).unwrap();
    }
    let head = "xmlns=\"urn:gc2pc:package:1\"";
    let person =
        format!("<Users {head}><Person Id=\"1\" Guid=\"{}\" Type=\"User\" Disabled=\"0\"/></Users>", guid(1));
    let message = format!(
        "<Content {head} Room=\"{}\"><Message Id=\"{}\" Seq=\"1\" Time=\"2008-03-12T19:56:40.5Z\" Author=\"1\" \
         Source=\"1:1\"><Text>x</Text></Message></Content>",
        guid(1),
        id(1)
    );
    let cases = [
        ("User.xsd", person.clone(), true),
        ("User.xsd", person.replace("\"User\"", "\"Robot\""), false),
        ("User.xsd", person.replace("Id=\"1\"", "Id=\"0\""), false),
        ("User.xsd", person.replace("Disabled=\"0\"", "Disabled=\"0\" Shoe=\"44\""), false),
        ("Content.xsd", message.clone(), true),
        ("Content.xsd", message.replace("40.5Z", "40.50Z"), false),
        ("Content.xsd", message.replace("40.5Z", "40.5"), false),
        ("Content.xsd", message.replace("<Text>x</Text>", ""), false),
        ("Content.xsd", message.replace("1:1", "1:0"), false),
        ("Content.xsd", message.replace("Seq=\"1\" ", ""), false),
    ];
    for (schema, document, sound) in cases {
        fs::write(folder.path().join("document.xml"), &document).unwrap();
        let verdict = run(folder.path(), "xmllint", &["--noout", "--schema", schema, "document.xml"]);
        let Some((accepted, told)) = verdict else { return };
        assert_eq!(accepted, sound, "{document}: {told}");
    }
}

#[test]
fn the_documentation_names_every_element_attribute_column_and_key() {
    let text = include_str!("../../../docs/package-format.md");
    let quoted = |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("`<{name}>`"));
    let mut names = Vec::new();
    for (_, schema) in SCHEMAS {
        for kind in ["<xs:element name=\"", "<xs:attribute name=\""] {
            names.extend(schema.split(kind).skip(1).filter_map(|rest| rest.split('"').next()));
        }
    }
    assert!(names.len() > 80);
    for name in names.iter().filter(|name| !name.ends_with("Utf16")) {
        let shown =
            quoted(name) || text.contains(&format!("`{name}=")) || text.contains(&format!("<{name} "));
        assert!(shown || *name == "encoding", "{name}");
    }
    let written = Archive::new().written();
    for name in written.names().iter().filter(|name| name.starts_with("data/ledger/")) {
        let header = written.text(name).lines().next().unwrap().to_owned();
        for column in header.split(',') {
            assert!(quoted(column), "{name}: {column}");
        }
    }
    let report: serde_json::Value = serde_json::from_str(&written.text(layout::REPORT_JSON)).unwrap();
    for key in report.as_object().unwrap().keys() {
        assert!(quoted(key), "{key}");
    }
}
