//! Writes the rows as files: tables as quoted CSV, documents as XML.

use std::path::{Path, PathBuf};

use super::archive::{Archive, Document, Dump, Entry, Units};

const EPOCH: i64 = 621_355_968_000_000_000;

/// Writes all inputs into a folder and returns what to convert.
pub fn write(archive: &Archive, folder: &Path) -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    for dump in &archive.dumps {
        let path = folder.join(&dump.name);
        std::fs::create_dir_all(&path).unwrap();
        for (table, rows) in tables(dump) {
            std::fs::write(path.join(format!("{table}.csv")), csv(&rows)).unwrap();
        }
        inputs.push(path);
    }
    for document in &archive.documents {
        let path = folder.join(&document.name);
        std::fs::write(&path, if document.dump { file_dump(document) } else { conversations(document) })
            .unwrap();
        inputs.push(path);
    }
    inputs
}

/// A field; none is NULL.
type Field = Option<Units>;

fn text(value: impl ToString) -> Field {
    Some(value.to_string().encode_utf16().collect())
}

fn bit(value: bool) -> Field {
    text(u8::from(value))
}

fn maybe<T: ToString>(value: Option<T>) -> Field {
    value.and_then(text)
}

/// UTF-16 with a mark, all fields in quotes but NULL.
fn csv(rows: &[Vec<Field>]) -> Vec<u8> {
    let mut units: Units = vec![0xFEFF];
    for row in rows {
        for (at, field) in row.iter().enumerate() {
            if at > 0 {
                units.push(u16::from(b','));
            }
            match field {
                None => units.extend("NULL".encode_utf16()),
                Some(field) => {
                    units.push(u16::from(b'"'));
                    for &unit in field {
                        units.extend(std::iter::repeat_n(unit, 1 + usize::from(unit == u16::from(b'"'))));
                    }
                    units.push(u16::from(b'"'));
                }
            }
        }
        units.extend("\r\n".encode_utf16());
    }
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn header(names: &str) -> Vec<Field> {
    names.split(' ').map(text).collect()
}

fn tables(dump: &Dump) -> Vec<(&'static str, Vec<Vec<Field>>)> {
    let role = |role| 1 + role as u8;
    let mut roles = vec![header("prinRoleNodeID prinRolePrinID prinRoleTypeID prinRoleUpdatedBy")];
    roles.extend(
        dump.roles.iter().map(|row| vec![text(row.node), text(row.person), text(role(row.role)), text(1)]),
    );
    let mut types = vec![header("rtypeID rtypeDesc rtypeAllowedPermSet")];
    for (number, (name, set)) in
        [("Member", 3984), ("Manager", 12276), ("Voiced", 4096), ("Creator", 16)].into_iter().enumerate()
    {
        if number < 3 || dump.new {
            types.push(vec![text(number + 1), text(name), text(set)]);
        }
    }
    let denied = if dump.new { " scopeIsDenied" } else { "" };
    let mut scopes = vec![header(&format!("scopeNodeID scopePrinID scopeUpdatedBy{denied}"))];
    for row in &dump.scopes {
        let mut fields = vec![text(row.node), text(row.person), text(1)];
        fields.extend(dump.new.then(|| bit(row.denied)));
        scopes.push(fields);
    }
    vec![
        ("tblNode", nodes(dump)),
        ("tblPrincipal", people(dump)),
        ("tblPrincipalRole", roles),
        ("tblRoleType", types),
        ("tblScopePrincipal", scopes),
        ("tblChat", chats(dump)),
    ]
}

fn nodes(dump: &Dump) -> Vec<Vec<Field>> {
    let more = if dump.new {
        ""
    } else {
        " topic inheritance scopeChange overrideMember scopeDefinerId roleDefinerId"
    };
    let names = "nodeID nodeGuid parentID nodeType nodeName nodeDesc invite logged filePost disabled behavior visibility nodeUpdatedOn";
    let mut rows = vec![header(&format!("{names}{more}"))];
    for node in &dump.nodes {
        let flag = |value: Option<bool>| maybe(value.map(u8::from));
        let mut row = vec![
            text(node.number),
            text(&node.guid),
            maybe(node.parent),
            bit(!node.room),
            Some(node.name.clone()),
            Some(node.description.clone()),
            flag(node.invite),
            flag(node.logged),
            flag(node.upload),
            bit(node.disabled),
            text(if node.auditorium { 5 } else { 4 }),
            maybe(node.visibility),
            text(node.updated),
        ];
        if !dump.new {
            row.extend([
                Some(node.topic.clone()),
                bit(node.forces),
                bit(!node.room),
                bit(node.overrides),
                text(node.scope_definer),
                text(node.role_definer),
            ]);
        }
        rows.push(row);
    }
    rows
}

fn people(dump: &Dump) -> Vec<Vec<Field>> {
    let more = if dump.new { " prinDisplayName" } else { "" };
    let names = "prinID prinGuid prinUri prinName prinDisabled prinTypeID prinUpdatedOn";
    let mut rows = vec![header(&format!("{names}{more}"))];
    for person in &dump.people {
        let mut row = vec![
            text(person.number),
            text(&person.guid),
            text(&person.uri),
            text(format!("Person {}", &person.guid[..8])),
            text(0),
            text(person.kind),
            text(EPOCH),
        ];
        row.extend(dump.new.then(|| text(format!("Person {}", &person.guid[..8]))));
        rows.push(row);
    }
    rows
}

fn chats(dump: &Dump) -> Vec<Vec<Field>> {
    let more = if dump.new { " rtf" } else { "" };
    let mut rows = vec![header(&format!("channelId chatId chatDate userId isAlert content{more}"))];
    for chat in &dump.chats {
        let date = if chat.broken { text("yesterday") } else { text(chat.ticks) };
        let mut row = vec![text(chat.channel), text(chat.id), date, text(chat.author), bit(chat.alert)];
        row.push(Some(chat.text.clone()));
        row.extend(dump.new.then(|| maybe(chat.rtf.as_ref())));
        rows.push(row);
    }
    rows
}

/// Escapes text; what is no XML becomes a reference, as the adapter's lenient writer did.
fn escaped(units: &[u16], keeps_space: bool) -> String {
    let mut out = String::new();
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(c) if "<>&\"".contains(c) => out += &format!("&#{};", u32::from(c)),
            Ok(c @ ('\t' | '\r' | '\n')) if !keeps_space => out.push(c),
            Ok(c) if u32::from(c) < 32 || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {
                out += &format!("&#x{:X};", u32::from(c))
            }
            Ok(c) => out.push(c),
            Err(lone) => out += &format!("&#x{:X};", lone.unpaired_surrogate()),
        }
    }
    out
}

/// The entries in runs of one room.
fn runs(document: &Document) -> Vec<&[Entry]> {
    document.entries.chunk_by(|one, other| one.room == other.room).collect()
}

/// The time of a `FileDump`: milliseconds since 1970, or a second of 2012-01-01.
fn short_time(ticks: i64, span: i64) -> String {
    let seconds = (ticks - super::generate::START) / 10_000_000;
    match span {
        10_000 => format!("{}", (ticks - EPOCH).div_euclid(10_000)),
        _ => format!("2012-01-01T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// The time of a `Conversations` document: all ways to say it, or milliseconds alone.
fn time(ticks: i64, span: i64) -> String {
    let milliseconds = (ticks - EPOCH).div_euclid(10_000);
    let long = if span == 1 { format!(" long=\"{ticks}\"") } else { String::new() };
    format!("since1970=\"{milliseconds}\"{long}")
}

fn conversations(document: &Document) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Conversations>\n".to_owned();
    for run in runs(document) {
        let uri = format!("ma-chan://{}/{}", document.domain, run[0].room);
        out += &format!("<Conversation><Channel uri=\"{uri}\" name=\"{uri}\" islogged=\"\" /><Messages>\n");
        for entry in run {
            out += &format!(
                "<Message type=\"{}\" content=\"{}\" id=\"{}\"><Sender UserName=\"{author}\" id=\"7\" email=\"{author}\" internal=\"true\" uri=\"{author}\" /><DateTimeUTC {} /></Message>\n",
                entry.event.unwrap_or("CHAT"),
                escaped(&entry.text, document.keeps_space),
                entry.id,
                time(entry.ticks, document.span),
                author = entry.author,
            );
        }
        out += "</Messages></Conversation>\n";
    }
    out + "</Conversations>\n"
}

fn file_dump(document: &Document) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<FileDump>\n".to_owned();
    for run in runs(document) {
        let uri = format!("ma-chan://{}/{}", document.domain, run[0].room);
        out += &format!("<Conversation Perspective=\"{uri}_group_channel\"><RoomID>{uri}</RoomID>\n");
        for entry in run {
            out += &format!(
                "<Message><LoginName /><DateTimeUTC>{}</DateTimeUTC><Content>{}</Content></Message>\n",
                short_time(entry.ticks, document.span),
                escaped(&entry.text, true)
            );
        }
        out += "</Conversation>\n";
    }
    out + "</FileDump>\n"
}
