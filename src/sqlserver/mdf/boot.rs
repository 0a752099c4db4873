//! The boot page: which version wrote the database, its name, where its catalog begins.

use super::bytes::{page_id_at, u16_at, u32_at, units};
use super::page::{Page, kind};
use super::pages::{PageId, Pages};
use super::salvage::Found;
use crate::chat::Text;
use crate::error::{Error, Result};

const BOOT: PageId = PageId { file: 1, page: 9 };
/// Bytes of a database name.
const NAME: usize = 256;
/// What names are filled up with: blanks, in one byte or in two, and nothing.
const PADDING: [u16; 3] = [0x2020, 0x20, 0];

/// What the boot page tells.
#[derive(Debug)]
pub(super) struct Boot {
    /// 0 if the page is lost.
    pub(super) version: u16,
    /// Whether the catalog is that of SQL Server 2005 rather than that of 2008 and later.
    pub(super) is_2005: bool,
    pub(super) name: String,
    /// The collation of columns that have none of their own.
    pub(super) collation: u32,
    /// The first page of `sysallocunits`.
    pub(super) first: PageId,
    /// What is wrong with the page although it could be read.
    pub(super) damage: Option<String>,
}

/// Returns the product that writes a version; `None` if it is unknown (Microsoft Learn, "Database
/// compatibility and internal versions"; verified on real files but 612, 660, 869 and 957).
pub(super) fn product(version: u16) -> Option<&'static str> {
    Some(match version {
        515 => "SQL Server 7.0",
        539 => "SQL Server 2000",
        611 | 612 => "SQL Server 2005",
        655 => "SQL Server 2008",
        660 | 661 => "SQL Server 2008 R2",
        706 => "SQL Server 2012",
        782 => "SQL Server 2014",
        852 => "SQL Server 2016",
        869 => "SQL Server 2017",
        904 => "SQL Server 2019",
        957 => "SQL Server 2022",
        998 => "SQL Server 2025",
        _ => return None,
    })
}

/// Why there is no boot page to go by.
enum Wrong {
    /// It is lost: the sentence, and what helps.
    Lost(String, &'static str),
    /// It tells of a database that is not supported.
    Unsupported(String, &'static str),
}

const DECRYPT: &str = "if the database is encrypted (TDE), decrypt it on its server first: \
                       ALTER DATABASE … SET ENCRYPTION OFF";

/// Reads the boot page.
pub(super) fn read(input: &str, pages: &dyn Pages) -> Result<Boot> {
    load(pages).map_err(|wrong| {
        let (Wrong::Lost(why, hint) | Wrong::Unsupported(why, hint)) = wrong;
        Error::Unusable { input: input.to_owned(), why, hint: hint.to_owned() }
    })
}

/// Reads the boot page, and where it is lost goes by the pages that were found.
pub(super) fn salvage(input: &str, pages: &dyn Pages, found: &Found) -> Result<Boot> {
    match load(pages) {
        Ok(boot) => Ok(boot),
        Err(Wrong::Lost(why, _)) => Ok(Boot {
            version: 0,
            is_2005: found.is_2005(),
            name: String::new(),
            collation: 0,
            first: PageId::default(),
            damage: Some(why),
        }),
        Err(Wrong::Unsupported(why, hint)) => {
            Err(Error::Unusable { input: input.to_owned(), why, hint: hint.to_owned() })
        }
    }
}

fn load(pages: &dyn Pages) -> std::result::Result<Boot, Wrong> {
    if pages.page_count(BOOT.file) == 0 {
        let why = "the primary data file of the database (.mdf) is not among the inputs".to_owned();
        return Err(Wrong::Lost(why, "give the .mdf file together with its .ndf files"));
    }
    let mut page = Page::new();
    let damage = page.load(pages, BOOT).map_err(|damage| {
        let why = format!("its boot page cannot be read: {damage}");
        Wrong::Lost(why, "restore an undamaged copy of the database")
    })?;
    let page = page.view();
    let boot = page.slot(0).filter(|_| page.kind() == kind::BOOT).and_then(|(_, record)| parse(record));
    let Some(mut boot) = boot.filter(|boot| boot.version > 0) else {
        let why = "its boot page makes no sense, as if damaged or encrypted".to_owned();
        return Err(Wrong::Lost(why, DECRYPT));
    };
    match (product(boot.version), boot.version) {
        (Some(old), ..611) => Err(Wrong::Unsupported(
            format!("this is a database of {old} (version {}), whose catalog is not supported", boot.version),
            "attach a copy of it to SQL Server 2005, 2008 or 2008 R2, which upgrades it, and take the file from there",
        )),
        (None, version) if damage.is_some() => Err(Wrong::Lost(
            format!("its boot page is damaged or encrypted: version {version} is unknown"),
            DECRYPT,
        )),
        (None, version) => Err(Wrong::Unsupported(
            format!("version {version} of the database is unknown"),
            "export the tables from a server that runs the database, as a .bacpac or as text",
        )),
        (Some(_), _) => {
            boot.damage = damage.map(|damage| damage.to_string());
            Ok(boot)
        }
    }
}

fn parse(record: &[u8]) -> Option<Boot> {
    let mut name: Vec<u16> = units(record.get(52..52 + NAME)?).collect();
    while name.last().is_some_and(|unit| PADDING.contains(unit)) {
        name.pop();
    }
    let version = u16_at(record, 4)?;
    Some(Boot {
        version,
        is_2005: version < 655,
        name: Text::from_units(name).to_lossy().into_owned(),
        collation: u32_at(record, 392)?,
        first: page_id_at(record, 516)?,
        damage: None,
    })
}
