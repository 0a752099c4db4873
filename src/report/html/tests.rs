use std::collections::BTreeMap;

use super::*;
use crate::report::{FindingGroup, RejectedSample, RoomRow, Samples, Setting, SourceRow, TableRow};

/// A report in which every text tries to be markup.
fn hostile() -> Report {
    let evil = "<img src=x onerror=alert(1)>\"'&\u{202E}\0";
    let totals = Totals { read: 7, written: 1, duplicate: 2, filtered: 3, rejected: 1 };
    Report {
        version: "0",
        format: "urn:x",
        level: "All",
        options: vec![Setting { name: evil.into(), value: evil.into() }],
        totals,
        sources: vec![SourceRow {
            input: evil.into(),
            size: 5,
            sha256: "ab".into(),
            format: evil.into(),
            totals,
        }],
        staging: Vec::new(),
        structure: vec![TableRow {
            source: 1,
            table: evil.into(),
            rows: 9,
            file: "data/source/1-x.csv".into(),
        }],
        rooms: 1,
        categories: 1,
        people: 1,
        messages: 1,
        events: 0,
        first: Some("2008-03-12T19:56:40Z".into()),
        last: Some("2009-03-12T19:56:40Z".into()),
        conflicts: 4,
        duplicates: BTreeMap::from([("same-id", 2)]),
        filtered: BTreeMap::from([("since", 3)]),
        rejected: BTreeMap::from([("bad-number", 1)]),
        findings: BTreeMap::from([("NAME-LONG", 60)]),
        per_room: vec![RoomRow {
            guid: "g".into(),
            name: evil.into(),
            category: evil.into(),
            disabled: true,
            messages: 1,
            events: 0,
            first: None,
            last: None,
        }],
        samples: Samples {
            findings: vec![FindingGroup {
                code: "NAME-LONG",
                level: "error",
                count: 60,
                first: vec![(evil.into(), evil.into()); 2],
            }],
            rejected: vec![RejectedSample {
                input: evil.into(),
                record: 1,
                line: 2,
                byte: 3,
                cause: "bad-number",
                detail: evil.into(),
            }],
        },
    }
}

fn page() -> String {
    String::from_utf8(to_html(&hostile())).unwrap()
}

#[test]
fn no_text_of_the_inputs_becomes_markup() {
    let page = page();
    assert!(!page.contains("<img") && !page.contains('\0'));
    assert!(page.matches("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\u{202E}\u{FFFD}").count() >= 10);
    assert_eq!(page.matches("<bdi>").count(), page.matches("</bdi>").count());
}

#[test]
fn the_page_loads_and_runs_nothing() {
    let page = page();
    assert!(page.contains("default-src 'none'"));
    for forbidden in ["<script", "<link", "href=", " src=\"", "url(", "style=\""] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn it_tells_what_became_of_the_records_and_what_is_claimed() {
    let page = page();
    for told in [
        "Of 7 records read, 1 stand in this package",
        "same-id: the same chat id",
        "left out on request: since",
        "could not be used: bad-number",
        "4 pairs of messages exclude each other",
        "The first 2 of 60; data/ledger/findings.csv has all",
        "before the package is used: 60.",
        "was never published",
        "sha256sum --strict -c manifest-sha256.txt",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn every_table_has_a_caption_and_headings_with_scope() {
    let page = page();
    let tables = page.matches("<table>").count();
    assert!(tables >= 7);
    assert_eq!(page.matches("<caption>").count(), tables);
    assert_eq!(
        page.matches("<th").count() - page.matches("<thead").count(),
        page.matches("<th scope=").count()
    );
}
