//! The side tables: their columns, and with these the form of their rows, their format files and the
//! statements that create them. One definition behind all.

use std::fmt::Write;

use crate::sqlserver::DataType;

/// A column of a side table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) data_type: DataType,
    pub(super) nullable: bool,
}

/// A side table. Its files are named after it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
}

const fn column(name: &'static str, data_type: DataType) -> Column {
    Column { name, data_type, nullable: false }
}

const fn optional(name: &'static str, data_type: DataType) -> Column {
    Column { name, data_type, nullable: true }
}

/// `nodeName` and most other names, in UTF-16 code units.
const NAME: DataType = DataType::NVarChar(256);

/// Principals, for `tblPrincipal`.
pub(super) static PEOPLE: Table = Table {
    name: "People",
    columns: &[
        column("Person", DataType::Int),
        column("Guid", DataType::UniqueIdentifier),
        column("Uri", NAME),
        optional("Name", NAME),
        optional("Company", NAME),
        optional("Email", NAME),
        optional("DirectoryPath", DataType::NVarChar(384)),
        optional("UserPrincipalName", NAME),
        column("Disabled", DataType::SmallInt),
        column("TypeId", DataType::SmallInt),
    ],
};

/// Add-ins, for `tblSiopWhiteList`.
pub(super) static ADD_INS: Table = Table {
    name: "AddIns",
    columns: &[
        column("Guid", DataType::UniqueIdentifier),
        column("Name", DataType::NVarChar(50)),
        column("Url", DataType::NVarChar(255)),
    ],
};

/// Categories, for `tblNode`.
pub(super) static CATEGORIES: Table = Table {
    name: "Categories",
    columns: &[
        column("Number", DataType::Int),
        column("Guid", DataType::UniqueIdentifier),
        column("Name", NAME),
        column("Description", NAME),
        column("Invitations", DataType::Bit),
        column("ChatHistory", DataType::Bit),
        column("FileUpload", DataType::Bit),
    ],
};

/// Whom categories let in and shut out, for `tblScopePrincipal`.
pub(super) static SCOPES: Table = Table {
    name: "Scopes",
    columns: &[
        column("Category", DataType::Int),
        column("Person", DataType::Int),
        column("IsDenied", DataType::Bit),
    ],
};

/// Rooms, for `tblNode` and `tblLastChatId`, with what is to be there of their messages.
pub(super) static ROOMS: Table = Table {
    name: "Rooms",
    columns: &[
        column("Number", DataType::Int),
        column("Guid", DataType::UniqueIdentifier),
        column("Category", DataType::Int),
        column("Name", NAME),
        column("Description", NAME),
        column("Visibility", DataType::NVarChar(16)),
        column("Behavior", DataType::NVarChar(16)),
        column("InvitationsOff", DataType::Bit),
        column("Disabled", DataType::Bit),
        optional("AddIn", DataType::UniqueIdentifier),
        column("LastChatId", DataType::BigInt),
        column("Messages", DataType::BigInt),
        optional("FirstMessage", DataType::BigInt),
        optional("LastMessage", DataType::BigInt),
    ],
};

/// Who may do what, for `tblPrincipalRole`.
pub(super) static ROLES: Table = Table {
    name: "Roles",
    columns: &[
        column("Node", DataType::Int),
        column("Person", DataType::Int),
        column("RoleType", DataType::NVarChar(16)),
        column("IsLoaded", DataType::Bit),
    ],
};

/// Messages, for `tblChat`.
pub(super) static MESSAGES: Table = Table {
    name: "Messages",
    columns: &[
        column("Room", DataType::UniqueIdentifier),
        column("Seq", DataType::BigInt),
        column("ChatId", DataType::BigInt),
        optional("SourceChatId", DataType::BigInt),
        column("Ticks", DataType::BigInt),
        column("Author", DataType::Int),
        column("IsAlert", DataType::Bit),
        column("Content", DataType::NVarCharMax),
        optional("Rtf", DataType::NVarCharMax),
    ],
};

/// All of them, in the order in which they are filled.
pub(super) static TABLES: [&Table; 7] = [&PEOPLE, &ADD_INS, &CATEGORIES, &SCOPES, &ROOMS, &ROLES, &MESSAGES];

impl Column {
    /// Returns the number of bytes of the length in front of a value (Microsoft Learn, "Specify prefix
    /// length in data files by using bcp").
    pub(super) fn prefix(&self) -> usize {
        match self.data_type {
            DataType::NVarCharMax => 8,
            DataType::NVarChar(_) => 2,
            DataType::UniqueIdentifier => 1,
            _ => usize::from(self.nullable),
        }
    }

    /// Returns the bytes that a value takes, or may take at most; `None` without a bound.
    pub(super) fn width(&self) -> Option<usize> {
        Some(match self.data_type {
            DataType::Bit => 1,
            DataType::SmallInt => 2,
            DataType::Int => 4,
            DataType::BigInt => 8,
            DataType::UniqueIdentifier => 16,
            DataType::NVarChar(units) => units as usize * 2,
            _ => return None,
        })
    }

    /// Tells whether it holds text.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.data_type, DataType::NVarChar(_) | DataType::NVarCharMax)
    }

    /// Returns what format files call the type.
    fn host_type(&self) -> &'static str {
        match self.data_type {
            DataType::Bit => "SQLBIT",
            DataType::SmallInt => "SQLSMALLINT",
            DataType::Int => "SQLINT",
            DataType::BigInt => "SQLBIGINT",
            DataType::UniqueIdentifier => "SQLUNIQUEID",
            _ => "SQLNCHAR",
        }
    }
}

impl Table {
    /// Returns the format file of the table's data: non-XML, of version 10.0, which every server that
    /// can hold a Persistent Chat database reads.
    pub(super) fn format_file(&self) -> String {
        let mut text = format!("10.0\r\n{}\r\n", self.columns.len());
        for (number, column) in (1..).zip(self.columns) {
            let collation = if column.is_text() { "SQL_Latin1_General_CP1_CI_AS" } else { "\"\"" };
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{number:<8}{:<20}{:<8}{:<8}\"\"   {number:<6}{:<21}{collation}\r\n",
                column.host_type(),
                column.prefix(),
                column.width().unwrap_or(0),
                column.name,
            );
        }
        text
    }

    /// Returns the statement that creates the table.
    pub(super) fn create(&self) -> String {
        let columns = self.columns.iter().map(|column| {
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            format!("    [{}] {} {null}", column.name, column.data_type)
        });
        let columns: Vec<String> = columns.collect();
        format!("CREATE TABLE gc2pc_staging.[{}] (\n{}\n);\n", self.name, columns.join(",\n"))
    }
}
