//! Tables and columns as a script would create them.

use super::kinds::Kind;

/// Where the large values of a column are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Large {
    /// Where the engine would keep them.
    Usual,
    /// Outside of the row, with links to its parts in the row.
    InlineRoot,
    /// Outside of the row, with one pointer in the row to a root of this kind.
    Pointer(Root),
    /// Outside of the row, as what does not fit into it.
    Overflow,
}

/// What stands at the end of a pointer from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The value itself, of 64 bytes at most.
    Small,
    /// Links, as SQL Server 2000 wrote them.
    Old,
    /// Links, as SQL Server 2005 and later write them.
    New,
    /// Nothing: a value that was set to NULL.
    Null,
}

/// What became of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Present,
    /// It was dropped: its bytes stay in the rows, and its name is gone.
    Dropped,
    /// It is computed: its name is there, and no bytes.
    Computed,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    pub collation: u32,
    pub large: Large,
    pub presence: Presence,
}

/// Latin1_General_CI_AS.
pub const LATIN: u32 = 0x0000_D008;
/// SQL_Latin1_General_CP437_CI_AS.
pub const SQL_OEM_437: u32 = 0x1F00_D009;
/// Japanese_CI_AS.
pub const JAPANESE: u32 = 0x0000_D010;

impl Column {
    /// Makes a column that may be NULL.
    pub fn new(name: &str, kind: Kind) -> Column {
        let (nullable, collation) = (true, LATIN);
        let (large, presence) = (Large::Usual, Presence::Present);
        Column { name: name.to_owned(), kind, nullable, collation, large, presence }
    }

    pub fn not_null(mut self) -> Column {
        self.nullable = false;
        self
    }

    pub fn collation(mut self, collation: u32) -> Column {
        self.collation = collation;
        self
    }

    pub fn large(mut self, large: Large) -> Column {
        self.large = large;
        self
    }

    pub fn dropped(mut self) -> Column {
        self.presence = Presence::Dropped;
        self
    }

    pub fn computed(mut self) -> Column {
        self.presence = Presence::Computed;
        self
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    pub schema: String,
    pub name: String,
    pub columns: Vec<Column>,
    /// Positions of the columns of the clustered key; a heap has none.
    pub key: Vec<usize>,
    /// Whether no two rows have the same key.
    pub unique: bool,
    /// What the catalog says of compression; the rows are never compressed.
    pub compression: u8,
    /// A row count that the catalog has instead of the right one.
    pub claimed_rows: Option<i64>,
    /// The files that its pages are spread over.
    pub files: Vec<u16>,
    /// Whether the catalog names a page as the first that is the first no more.
    pub stale_first: bool,
}

impl Table {
    /// Makes a heap of schema `dbo`.
    pub fn heap(name: &str, columns: Vec<Column>) -> Table {
        Table {
            schema: "dbo".to_owned(),
            name: name.to_owned(),
            columns,
            key: Vec::new(),
            unique: true,
            compression: 0,
            claimed_rows: None,
            files: vec![1],
            stale_first: false,
        }
    }

    /// Makes a table with a clustered primary key.
    pub fn clustered(name: &str, key: &[&str], columns: Vec<Column>) -> Table {
        let mut table = Table::heap(name, columns);
        let position = |key: &&str| table.columns.iter().position(|column| column.name == **key);
        table.key = key.iter().map(|key| position(key).expect("the key is a column")).collect();
        table
    }

    /// Allows rows of equal keys, which the engine tells apart by a column of its own.
    pub fn not_unique(mut self) -> Table {
        self.unique = false;
        self
    }

    pub fn in_schema(mut self, schema: &str) -> Table {
        self.schema = schema.to_owned();
        self
    }

    pub fn compression(mut self, level: u8) -> Table {
        self.compression = level;
        self
    }

    pub fn claiming(mut self, rows: i64) -> Table {
        self.claimed_rows = Some(rows);
        self
    }

    pub fn with_stale_first(mut self) -> Table {
        self.stale_first = true;
        self
    }

    pub fn in_files(mut self, files: &[u16]) -> Table {
        self.files = files.to_vec();
        self
    }
}
