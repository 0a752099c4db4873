//! Compliance XML as XmlAdapter writes it: slices of time, in each a conversation for every room.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use gc2pc::chat::Ticks;

use super::{Corpus, Message};

/// Rows of a slice: some eight hours.
const SLICE: u64 = 20_000;
const BEGIN: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Conversations \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n";
const END: &str = "</Conversations>\n";

/// Writes one document of all slices.
///
/// # Errors
/// What the writer says.
pub fn write(corpus: &Corpus, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(BEGIN.as_bytes())?;
    for slice in 0..corpus.rows().div_ceil(SLICE) {
        write_slice(corpus, slice, out)?;
    }
    out.write_all(END.as_bytes())
}

/// Writes a document for each slice into a folder.
///
/// # Errors
/// What the file system says.
pub fn write_files(corpus: &Corpus, folder: &Path) -> io::Result<()> {
    for slice in 0..corpus.rows().div_ceil(SLICE) {
        let mut out = BufWriter::new(File::create(folder.join(format!("batch-{:05}.xml", slice + 1)))?);
        out.write_all(BEGIN.as_bytes())?;
        write_slice(corpus, slice, &mut out)?;
        out.write_all(END.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

/// Writes the conversations of a slice. Nobody joins or parts in them: all is what was said.
fn write_slice(corpus: &Corpus, slice: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut rooms: BTreeMap<usize, Vec<Message>> = BTreeMap::new();
    for row in slice * SLICE..corpus.rows().min((slice + 1) * SLICE) {
        let mut message = Message::default();
        corpus.read(row, &mut message);
        rooms.entry(message.room).or_default().push(message);
    }
    let mut text = String::new();
    for (room, messages) in rooms {
        text.clear();
        push_conversation(corpus, room, &messages, &mut text);
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn push_conversation(corpus: &Corpus, room: usize, messages: &[Message], text: &mut String) {
    let room = &corpus.rooms[room];
    let guid = room.guid.to_string();
    push(text, &["  <Conversation>\n    <Channel uri=\"ma-chan://litware.example/", &guid, "\" name=\""]);
    push_escaped(&room.name, text);
    push(text, &["\" islogged=\"true\" />\n"]);
    push_message(corpus, "FirstMessage", "    ", &messages[0], text);
    push(text, &["    <Messages>\n"]);
    for message in messages {
        push_message(corpus, "Message", "      ", message, text);
    }
    push(text, &["    </Messages>\n    "]);
    push_time("StartTimeUTC", messages[0].time, text);
    push(text, &["    "]);
    push_time("EndTimeUTC", messages[messages.len() - 1].time, text);
    push(text, &["  </Conversation>\n"]);
}

fn push_message(corpus: &Corpus, element: &str, indent: &str, message: &Message, text: &mut String) {
    let author = &corpus.people[message.author];
    let (address, chat_id, person) = (&author.address, message.chat_id.to_string(), author.id.to_string());
    push(text, &[indent, "<", element, " type=\"CHAT\" content=\""]);
    push_escaped(&message.content, text);
    push(text, &["\" id=\"", &chat_id, "\">\n", indent, "  <Sender UserName=\""]);
    push_escaped(&author.name, text);
    push(text, &["\" id=\"", &person, "\" email=\"", address, "\" internal=\"true\" uri=\"", address]);
    push(text, &["\" />\n", indent, "  "]);
    push_time("DateTimeUTC", message.time, text);
    push(text, &[indent, "</", element, ">\n"]);
}

fn push(text: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| text.push_str(part));
}

fn push_time(element: &str, time: i64, text: &mut String) {
    let ticks = Ticks::new(time).expect("the corpus stays in its century");
    let milliseconds = ticks.to_unix_milliseconds();
    let _ = writeln!(text, "<{element} since1970=\"{milliseconds}\" string=\"{ticks}\" long=\"{time}\" />");
}

/// Appends what stands between the quotes of an attribute.
fn push_escaped(value: &str, text: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| b"&<>\"\r\n".contains(&byte)) {
        text.push_str(&rest[..at]);
        text.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\r' => "&#xD;",
            _ => "&#xA;",
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
}
