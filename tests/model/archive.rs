//! What remains of a deployment, as rows: what the generator makes, the writer writes, and the model reads.

/// Text as code units, since people wrote any.
pub type Units = Vec<u16>;

/// All inputs.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    pub dumps: Vec<Dump>,
    pub documents: Vec<Document>,
}

/// A database of the given generation, in a folder of this name.
#[derive(Debug, Clone)]
pub struct Dump {
    pub name: String,
    pub new: bool,
    pub nodes: Vec<Node>,
    pub people: Vec<Person>,
    pub roles: Vec<RoleRow>,
    pub scopes: Vec<ScopeRow>,
    pub chats: Vec<Chat>,
}

impl Dump {
    /// Leaves out what refers to rows that are gone.
    fn close(&mut self) {
        let nodes: Vec<(i64, bool)> = self.nodes.iter().map(|node| (node.number, node.room)).collect();
        let people: Vec<i64> = self.people.iter().map(|person| person.number).collect();
        self.chats.retain(|chat| nodes.contains(&(chat.channel, true)) && people.contains(&chat.author));
        self.roles.retain(|row| nodes.iter().any(|node| node.0 == row.node) && people.contains(&row.person));
        self.scopes.retain(|row| nodes.iter().any(|node| node.0 == row.node) && people.contains(&row.person));
    }
}

/// A row of `tblNode`; what a generation has no column for counts for nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub number: i64,
    pub guid: String,
    pub parent: Option<i64>,
    pub room: bool,
    pub name: Units,
    pub description: Units,
    pub topic: Units,
    pub forces: bool,
    pub overrides: bool,
    pub invite: Option<bool>,
    pub logged: Option<bool>,
    pub upload: Option<bool>,
    pub disabled: bool,
    pub auditorium: bool,
    pub visibility: Option<i64>,
    pub scope_definer: i64,
    pub role_definer: i64,
    pub updated: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub number: i64,
    pub guid: String,
    pub uri: String,
    pub kind: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Member,
    Manager,
    Voiced,
    Creator,
}

#[derive(Debug, Clone)]
pub struct RoleRow {
    pub node: i64,
    pub person: i64,
    pub role: Role,
}

#[derive(Debug, Clone)]
pub struct ScopeRow {
    pub node: i64,
    pub person: i64,
    pub denied: bool,
}

/// A row of `tblChat`; one whose date is no number is broken.
#[derive(Debug, Clone)]
pub struct Chat {
    pub channel: i64,
    pub id: i64,
    pub ticks: i64,
    pub broken: bool,
    pub author: i64,
    pub alert: bool,
    pub text: Units,
    pub rtf: Option<String>,
}

/// A compliance document: `Conversations`, or the `FileDump` of the sample transform.
#[derive(Debug, Clone)]
pub struct Document {
    pub name: String,
    pub dump: bool,
    pub domain: String,
    /// Line breaks and tabs as references, which survive; else as they are, which become blanks.
    pub keeps_space: bool,
    /// 1 for ticks, 10,000 for milliseconds, 10,000,000 for seconds.
    pub span: i64,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub room: String,
    pub event: Option<&'static str>,
    /// 0 is none.
    pub id: i64,
    pub ticks: i64,
    pub author: String,
    pub text: Units,
}

impl Archive {
    /// All lists of rows, for leaving some out.
    pub fn without(&self, list: usize, rows: std::ops::Range<usize>) -> Option<Archive> {
        let mut less = self.clone();
        let mut list = list;
        fn cut<T>(rows: &std::ops::Range<usize>, of: &mut Vec<T>) -> Option<()> {
            (rows.start < of.len()).then(|| drop(of.drain(rows.start..rows.end.min(of.len()))))
        }
        match list {
            0 => cut(&rows, &mut less.dumps)?,
            1 => cut(&rows, &mut less.documents)?,
            _ => {
                list -= 2;
                let (dump, table) = (list / 5, list % 5);
                if let Some(dump) = less.dumps.get_mut(dump) {
                    match table {
                        0 => cut(&rows, &mut dump.chats)?,
                        1 => cut(&rows, &mut dump.roles)?,
                        2 => cut(&rows, &mut dump.scopes)?,
                        3 => cut(&rows, &mut dump.people)?,
                        // The root stays.
                        _ => cut(&(rows.start + 1..rows.end + 1), &mut dump.nodes)?,
                    }
                } else {
                    let document = (dump - less.dumps.len()) * 5 + table;
                    cut(&rows, &mut less.documents.get_mut(document)?.entries)?;
                }
            }
        }
        less.dumps.iter_mut().for_each(Dump::close);
        Some(less)
    }

    /// How many lists there are for [`without`](Archive::without), empty places included.
    pub fn lists(&self) -> usize {
        2 + 5 * self.dumps.len() + self.documents.len().next_multiple_of(5)
    }
}

/// The rows, one a line, to look at.
impl std::fmt::Display for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |guid: &str| guid[..8].to_owned();
        let text = |units: &[u16]| format!("{:?}", String::from_utf16_lossy(units));
        for dump in &self.dumps {
            writeln!(f, "{} ({}):", dump.name, if dump.new { 2013 } else { 2010 })?;
            for node in &dump.nodes {
                writeln!(
                    f,
                    "  {} {} {} below {:?} {} forces={} overrides={} invite={:?} logged={:?} upload={:?} disabled={} \
                     auditorium={} visibility={:?} scope={} list={} updated={}",
                    if node.room { "room" } else { "category" },
                    node.number,
                    short(&node.guid),
                    node.parent,
                    text(&node.name),
                    node.forces,
                    node.overrides,
                    node.invite,
                    node.logged,
                    node.upload,
                    node.disabled,
                    node.auditorium,
                    node.visibility,
                    node.scope_definer,
                    node.role_definer,
                    node.updated - super::generate::START
                )?;
            }
            for person in &dump.people {
                writeln!(
                    f,
                    "  person {} {} {} kind={}",
                    person.number,
                    short(&person.guid),
                    person.uri,
                    person.kind
                )?;
            }
            for row in &dump.roles {
                writeln!(f, "  role {:?} of {} at {}", row.role, row.person, row.node)?;
            }
            for row in &dump.scopes {
                writeln!(f, "  scope {} at {} denied={}", row.person, row.node, row.denied)?;
            }
            for chat in &dump.chats {
                let ticks = chat.ticks - super::generate::START;
                let Chat { channel, id, author, alert, broken, rtf, .. } = chat;
                writeln!(
                    f,
                    "  chat {channel} id={id} at {ticks} by {author} alert={alert} broken={broken} {rtf:?} {}",
                    text(&chat.text)
                )?;
            }
        }
        for document in &self.documents {
            let Document { name, dump, domain, keeps_space, span, .. } = document;
            writeln!(f, "{name}: transformed={dump} {domain} keeps_space={keeps_space} span={span}")?;
            for Entry { room, event, id, ticks, author, text: said } in &document.entries {
                let ticks = ticks - super::generate::START;
                writeln!(f, "  {} {event:?} id={id} at {ticks} by {author} {}", short(room), text(said))?;
            }
        }
        Ok(())
    }
}
