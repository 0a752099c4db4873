//! The small tables that stand beside `tblChat`, as Lync Server 2013 has them.

use super::directory::{self, Room};
use super::{BEGIN, Corpus};

/// A table of few rows, as text.
pub struct SmallTable {
    pub name: &'static str,
    pub columns: Vec<Column>,
    /// The values of each row; NULL is none.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A column.
pub struct Column {
    pub name: &'static str,
    /// As a script declares it.
    pub kind: &'static str,
    pub nullable: bool,
}

impl Column {
    /// Tells whether scripts quote the values.
    pub fn is_text(&self) -> bool {
        !matches!(self.kind, "bit" | "smallint" | "int" | "bigint")
    }
}

/// The columns of `tblChat`.
pub fn chat_columns() -> Vec<Column> {
    columns(
        "channelId int, chatId bigint, chatDate bigint, userId int, isAlert bit, content nvarchar(max), \
         rtf varchar(max) null",
    )
}

/// Returns the tables that tell of rooms and people.
pub fn small_tables(corpus: &Corpus) -> Vec<SmallTable> {
    vec![nodes(corpus), principals(corpus)]
}

fn nodes(corpus: &Corpus) -> SmallTable {
    let row = |node: &Room, parent: u32, is_category: bool| {
        let inherited = |value: &str| is_category.then(|| value.to_owned());
        let text = |value: &str| Some(value.to_owned());
        let time = Some(BEGIN.to_string());
        let shown = if is_category { "3" } else { "6" };
        vec![
            Some(node.id.to_string()),
            Some(node.guid.to_string()),
            Some(parent.to_string()),
            Some(u8::from(is_category).to_string()),
            Some(node.name.clone()),
            Some(format!("About {}", node.name)),
            inherited("1"),
            inherited("1"),
            inherited("0"),
            text("0"),
            text("4"),
            text(shown),
            None,
            text("1001"),
            time.clone(),
            text("1001"),
            time,
            None,
        ]
    };
    let root = Room { id: 1, guid: directory::guid(4, 0), name: "Litware".to_owned(), subject: 0 };
    let categories = directory::categories();
    let mut rows = vec![row(&root, 1, true)];
    rows.extend(categories.iter().map(|category| row(category, 1, true)));
    rows.extend(corpus.rooms.iter().map(|room| row(room, categories[room.subject].id, false)));
    SmallTable {
        name: "tblNode",
        columns: columns(
            "nodeID int, nodeGuid uniqueidentifier, parentID int null, nodeType bit, nodeName nvarchar(256), \
             nodeDesc nvarchar(256), invite bit null, logged bit null, filePost bit null, disabled bit, \
             behavior smallint, visibility smallint, siopID uniqueidentifier null, nodeAddedBy int, \
             nodeAddedOn bigint, nodeUpdatedBy int, nodeUpdatedOn bigint, purgedOn datetime null",
        ),
        rows,
    }
}

fn principals(corpus: &Corpus) -> SmallTable {
    let rows = corpus.people.iter().map(|person| {
        let text = |value: &str| Some(value.to_owned());
        vec![
            Some(person.id.to_string()),
            Some(person.guid.to_string()),
            Some(format!("sip:{}", person.address)),
            text(&person.name),
            text(&person.name),
            text("Litware, Bank plc"),
            text(&person.address),
            Some(format!("CN={},OU=Markets,DC=litware,DC=example", person.name)),
            text(&person.address),
            text("0"),
            text("5"),
            None,
            None,
            text("1001"),
            Some(BEGIN.to_string()),
            text("1001"),
            Some(BEGIN.to_string()),
            text("2013-02-15 03:00:00.000"),
        ]
    });
    SmallTable {
        name: "tblPrincipal",
        columns: columns(
            "prinID int, prinGuid uniqueidentifier, prinUri nvarchar(256), prinName nvarchar(256) null, \
             prinDisplayName nvarchar(256) null, prinCompanyName nvarchar(256) null, \
             prinEmail nvarchar(256) null, prinADPath nvarchar(384) null, \
             prinADUserPrincipalName nvarchar(256) null, prinDisabled smallint, prinTypeID smallint, \
             prinPoolID int null, prinPolicyID int null, prinAddedBy int null, prinAddedOn bigint, \
             prinUpdatedBy int null, prinUpdatedOn bigint, prinVerifiedOn datetime",
        ),
        rows: rows.collect(),
    }
}

fn columns(declarations: &'static str) -> Vec<Column> {
    let column = |declaration: &'static str| {
        let mut words = declaration.split_whitespace();
        let (name, kind) = (words.next().expect("a name"), words.next().expect("a type"));
        Column { name, kind, nullable: words.next().is_some() }
    };
    declarations.split(", ").map(column).collect()
}
