//! Text that was made to be taken for something else by whoever shows or runs it: terminals, browsers,
//! PowerShell, SQL Server, spreadsheets. In data it stays what it is, everywhere else it is harmless.

mod support;

use std::fs;
use std::path::PathBuf;

use support::{Package, Ran, Workshop, sample};

/// What is put into names and texts. Of the sequences none is one that gc2pc itself uses for colours.
const EVIL: &str = "=cmd|' /C calc'!A0\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}5n\u{202e}txt\u{2066}\u{61c}\u{200f}\u{8}\u{7f}\
                    <script>alert(1)</script><img src=x onerror=alert(2)>'; Remove-Item C:\\ -Recurse; \u{2019}; $(calc) \
                    \"&calc;\" ); DROP TABLE tblChat; -- ]]>";

/// The sample with evil in the names of a category, a room and a person, in every message, in the name of
/// a column and of a file.
fn archive(workshop: &Workshop) -> PathBuf {
    for entry in fs::read_dir(sample("mgc-2010")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for (line, row) in reader.byte_records().enumerate() {
            let row = row.unwrap();
            let last = row.len() - 1;
            let fields = row.iter().enumerate().map(|(column, field)| match (&*name, column, field) {
                ("tblNode.csv", _, b"Markets" | b"Swaps desk" | b"Everything that trades") => EVIL.as_bytes(),
                ("tblPrincipal.csv", _, b"Ann Meyer") => EVIL.as_bytes(),
                ("tblChat.csv", column, _) if column == last && line > 0 => EVIL.as_bytes(),
                _ => field,
            });
            out.write_record(fields).unwrap();
        }
        workshop.file(&format!("in/{name}"), out.into_inner().unwrap());
    }
    workshop.file("in/tblOther.csv", format!("a,\"b{}\"\n1,2\n", EVIL.replace('"', "")));
    workshop.file("in/no\u{1b}[2Jte\u{202e}.txt", "x");
    workshop.path("in")
}

/// Runs a command with colours, as on a terminal, and looks that nothing but those steers it.
fn harmless(workshop: &Workshop, arguments: &[&str]) -> Ran {
    let ran = workshop.run_with(arguments, |command| {
        command.env("CLICOLOR_FORCE", "1");
    });
    for told in [&ran.out, &ran.err] {
        let mut plain = String::new();
        let mut rest = told.as_str();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            plain.push_str(before);
            let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
            assert!(after[end..].starts_with('m'), "{arguments:?} steers: {:.60}", after.escape_debug());
            rest = &after[end + 1..];
        }
        plain.push_str(rest);
        let steers = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if let Some(at) = plain.find(steers) {
            panic!(
                "{arguments:?} steers: {}",
                plain[at..].chars().take(60).collect::<String>().escape_debug()
            );
        }
    }
    ran
}

#[test]
fn nothing_from_an_archive_steers_the_terminal() {
    let workshop = Workshop::new();
    archive(&workshop);
    let converted = harmless(&workshop, &["convert", "in", "-o", "out", "-v"]);
    assert!(converted.err.contains("\\u{1b}[2J"), "nothing evil was shown: {}", converted.err);
    assert!(converted.err.contains("\u{1b}["), "no colours: the scenario shows nothing");
    harmless(&workshop, &["convert", "in", "--dry-run", "-v"]);
    harmless(&workshop, &["inspect", "in", "-v"]);
    harmless(&workshop, &["tables", "in", "-v"]);
    harmless(&workshop, &["verify", "out"]);
    let hint = harmless(&workshop, &["convert", "in", "-o", "none", "--scope", "no such"]);
    assert!(hint.err.contains("\\u{1b}[2J"), "{}", hint.err);
    harmless(&workshop, &["rows", "in", "no such table"]);
    workshop.convert(&[sample("mgc-2013")], "other", &[]);
    let differ = harmless(&workshop, &["diff", "out", "other", "-v"]);
    assert_eq!(differ.status, 1, "{}", differ.err);
    assert!(differ.out.contains("\\u{1b}"), "{}", differ.out);
    harmless(&workshop, &["diff", "in", "out", "-v"]);
    workshop.file("out/data/\u{1b}[2Jmore", "x");
    assert_eq!(harmless(&workshop, &["verify", "out"]).status, 5);
}

#[test]
fn data_stays_as_it_is() {
    let workshop = Workshop::new();
    let input = archive(&workshop);
    let ran = workshop.run(["rows", input.to_str().unwrap(), "tblChat"]);
    assert!(matches!(ran.status, 0 | 1), "{}", ran.err);
    assert!(ran.out.contains(&EVIL.replace('"', "\"\"")), "{}", ran.out);
    let package = workshop.converted(&[input], 1);
    let messages = package.messages();
    assert!(messages.len() > 50 && messages.iter().all(|message| message.text() == EVIL), "{messages:?}");
    let told: Vec<_> =
        package.ledger("findings.csv").into_iter().filter(|row| row["code"] == "CSV-FORMULA").collect();
    assert_eq!((told.len(), &*told[0]["level"]), (1, "info"));
    assert!(told[0]["detail"].starts_with(&format!("{} messages and ", messages.len())), "{told:?}");
    assert_eq!(workshop.run(["verify", "out"]).status, 0);
}

#[test]
fn nothing_from_an_archive_is_run_by_a_browser_powershell_or_sql_server() {
    let workshop = Workshop::new();
    let input = archive(&workshop);
    let (ran, output) = workshop.convert(&[input], "out", &["--staging"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let report = fs::read_to_string(output.join("data/report.html")).unwrap();
    assert!(report.contains("&lt;script"), "nothing evil is in the report");
    assert!(!report.contains("<script") && !report.contains("<img"));

    let script = fs::read_to_string(output.join("data/structure.ps1")).unwrap();
    assert!(script.contains("Remove-Item"), "nothing evil is in the script");
    let commands = without_strings(&script);
    assert!(!commands.contains("Remove-Item") && !commands.contains("calc"), "{commands}");
    let steers = |c: char| c.is_control() && !"\r\n\t".contains(c) || ('\u{2028}'..='\u{202e}').contains(&c);
    assert!(!script.contains(steers), "the script shows itself as something else");

    let load = fs::read_to_string(output.join("data/staging/load.sql")).unwrap();
    assert!(!load.contains("DROP TABLE tblChat") && !load.contains("owned"));
    assert!(!Package::open(&output).messages().is_empty());
}

/// Takes away comments and what stands in single quotes, as PowerShell reads them: typographic ones are
/// quotes too. What stands in double quotes may be run, so it stays.
fn without_strings(script: &str) -> String {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    let mut out = String::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = if let Some(comment) = rest.strip_prefix("<#") {
            comment.split_once("#>").unwrap().1
        } else if c == '#' {
            after.split_once('\n').map_or("", |(_, next)| next)
        } else if is_quote(c) {
            after.split_once(is_quote).unwrap().1
        } else if c == '"' {
            let (text, next) = after.split_once('"').unwrap();
            out.push_str(text);
            next
        } else {
            out.push(c);
            after
        };
    }
    out
}
