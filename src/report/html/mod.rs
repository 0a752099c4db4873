//! The report for people: one page without scripts, fonts or links to anywhere.
//!
//! It goes from what matters most to what matters least: the outcome, what became of the records,
//! inputs, findings, rooms; then what may be claimed of such a package, and how to check it without
//! gc2pc.

mod page;

use super::{Report, Totals};
use page::{Cell, Page};

/// Makes `report.html`.
pub fn to_html(report: &Report) -> Vec<u8> {
    let mut page = Page::begin("Conversion of Group Chat archives");
    summary(&mut page, report);
    account(&mut page, report);
    sources(&mut page, report);
    findings(&mut page, report);
    rejected(&mut page, report);
    rooms(&mut page, report);
    tables(&mut page, report);
    options(&mut page, report);
    claims(&mut page);
    checks(&mut page);
    page.end()
}

fn summary(page: &mut Page, report: &Report) {
    let Totals { read, written, duplicate, filtered, rejected } = report.totals;
    page.paragraph(&format!(
        "Of {read} records read, {written} stand in this package: {} messages and {} events. The archive has {} \
         rooms in {} categories, and {} people and groups.",
        report.messages, report.events, report.rooms, report.categories, report.people
    ));
    if let (Some(first), Some(last)) = (&report.first, &report.last) {
        page.paragraph(&format!("The first message is of {first}, the last of {last}."));
    }
    page.paragraph(&format!(
        "{duplicate} records were dropped because the package holds the same message or event already, \
         {filtered} were left out on request, and {rejected} could not be used."
    ));
    let errors = report.samples.findings.iter().filter(|group| group.level == "error");
    let errors: u64 = errors.map(|group| group.count).sum();
    if errors > 0 {
        page.paragraph(&format!(
            "Findings that must be looked at before the package is used: {errors}. They are listed below."
        ));
    }
}

fn account(page: &mut Page, report: &Report) {
    page.heading("What became of the records");
    page.paragraph(
        "Each record of each input stands exactly once: in the documents of this package, or in one of the files \
         of data/ledger.",
    );
    let row = |outcome: &'static str, why: String, count: u64| {
        vec![Cell::text(outcome), Cell::text(why), Cell::Number(count)]
    };
    let mut rows = vec![row("written", "stand in the package".into(), report.totals.written)];
    for (rule, count) in &report.duplicates {
        rows.push(row("duplicate", format!("{rule}: {}", explain_rule(rule)), *count));
    }
    for (reason, count) in &report.filtered {
        rows.push(row("filtered", format!("left out on request: {reason}"), *count));
    }
    for (cause, count) in &report.rejected {
        rows.push(row("rejected", format!("could not be used: {cause}"), *count));
    }
    rows.push(row("read", "all of them".into(), report.totals.read));
    page.table("Records by outcome", &["Outcome", "Why", "Records"], rows.into_iter());
    if report.conflicts > 0 {
        page.paragraph(&format!(
            "{} pairs of messages exclude each other: room, chat id, author and time are equal, the text is not. \
             Both are kept and marked; data/ledger/conflicts.csv lists them.",
            report.conflicts
        ));
    }
}

/// Says in words what a rule of [`Rule`](crate::ledger::Rule) found.
fn explain_rule(rule: &str) -> &'static str {
    match rule {
        "same-id" => "the same chat id, author, time and text in one database or domain",
        "same-message" => "the same author, time and text, from another database or document",
        "coarser-time" => "the same message with a time known less exactly",
        "unknown-author" => "the same message without its author's address",
        "same-event" => "the same event from another record",
        _ => "the same as another record",
    }
}

fn sources(page: &mut Page, report: &Report) {
    page.heading("What was read");
    let columns =
        ["Input", "Read as", "Bytes", "Read", "Written", "Duplicate", "Filtered", "Rejected", "SHA-256"];
    let rows = report.sources.iter().map(|source| {
        let Totals { read, written, duplicate, filtered, rejected } = source.totals;
        let mut row = vec![Cell::text(&source.input), Cell::text(&source.format)];
        row.extend([source.size, read, written, duplicate, filtered, rejected].map(Cell::Number));
        row.push(Cell::code(&source.sha256));
        row
    });
    page.table("Inputs", &columns, rows);
}

fn findings(page: &mut Page, report: &Report) {
    page.heading("Findings");
    if report.samples.findings.is_empty() {
        page.paragraph("None.");
    }
    for group in &report.samples.findings {
        page.subheading(&format!("{} ({})", group.code, group.level));
        let shown = group.first.len() as u64;
        let caption = if group.count > shown {
            format!("The first {shown} of {}; data/ledger/findings.csv has all", group.count)
        } else {
            format!("{} found", group.count)
        };
        let rows = group.first.iter().map(|row| vec![Cell::text(&row.0), Cell::text(&row.1)]);
        page.table(&caption, &["Subject", "What was found"], rows);
    }
}

fn rejected(page: &mut Page, report: &Report) {
    let samples = &report.samples.rejected;
    if samples.is_empty() {
        return;
    }
    page.heading("Records that could not be used");
    page.paragraph("data/ledger/rejected.csv has all of them, with their text as far as it could be read.");
    let rows = samples.iter().map(|row| {
        let mut cells = vec![Cell::text(&row.input)];
        cells.extend([row.record, row.line, row.byte].map(Cell::Number));
        cells.extend([Cell::text(row.cause), Cell::text(&row.detail)]);
        cells
    });
    let caption = format!("The first {} of {}", samples.len(), report.totals.rejected);
    page.table(&caption, &["Input", "Record", "Line", "Byte", "Cause", "Detail"], rows);
}

fn rooms(page: &mut Page, report: &Report) {
    page.heading("Rooms");
    let columns =
        ["Room", "Category", "Disabled", "Messages", "Events", "First message", "Last message", "GUID"];
    let rows = report.per_room.iter().map(|room| {
        vec![
            Cell::text(&room.name),
            Cell::text(&room.category),
            Cell::text(if room.disabled { "yes" } else { "no" }),
            Cell::Number(room.messages),
            Cell::Number(room.events),
            Cell::text(room.first.as_deref().unwrap_or_default()),
            Cell::text(room.last.as_deref().unwrap_or_default()),
            Cell::code(&room.guid),
        ]
    });
    page.table("Rooms by GUID", &columns, rows);
}

fn tables(page: &mut Page, report: &Report) {
    if report.structure.is_empty() {
        return;
    }
    page.heading("Tables carried verbatim");
    let rows = report
        .structure
        .iter()
        .map(|table| vec![Cell::text(&table.table), Cell::Number(table.rows), Cell::code(&table.file)]);
    page.table("Tables", &["Table", "Rows", "File"], rows);
}

fn options(page: &mut Page, report: &Report) {
    page.heading("How it was made");
    page.paragraph(&format!("gc2pc {}, level {}.", report.version, report.level));
    if !report.options.is_empty() {
        let rows = report.options.iter().map(|row| vec![Cell::text(&row.name), Cell::text(&row.value)]);
        page.table("Options that decided what stands in the package", &["Option", "Value"], rows);
    }
}

fn claims(page: &mut Page) {
    page.heading("What may be claimed");
    page.paragraph(
        "The inside of the ZIP that Import-CsPersistentChatData reads was never published. This package is \
         gc2pc's own, fully described format; nobody can promise that the cmdlet accepts it.",
    );
    page.paragraph(
        "The way into a pool that rests on published facts: load a staging mgc database created by the vendor's \
         own installer (convert --staging), run Export-CsPersistentChatData from it, and give the result to \
         Import-CsPersistentChatData. data/structure.ps1 re-creates add-ins, categories and rooms with documented \
         cmdlets; no cmdlet can load messages with their dates.",
    );
    page.paragraph(
        "Every text stands here exactly as the inputs have it. Which records are the same message was decided by \
         published rules, and each decision is in data/ledger.",
    );
}

fn checks(page: &mut Page) {
    page.heading("How to check this package without gc2pc");
    page.paragraph("In the package's folder, which is a BagIt bag (RFC 8493):");
    page.lines(
        "sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt\n\
         bagit.py --validate .\n\
         xmllint --noout --schema data/schema/User.xsd data/import/User.xml\n\
         xmllint --noout --schema data/schema/Content.xsd data/import/Content/*.xml",
    );
    page.paragraph("A package that is one ZIP, before it is unpacked:");
    page.lines("unzip -t PACKAGE.zip");
    page.paragraph(
        "The account: the Source attributes of messages and events, and the rows of duplicates.csv, filtered.csv \
         and rejected.csv, name each record from 1 to read of each row of sources.csv exactly once.",
    );
}

#[cfg(test)]
mod tests;
