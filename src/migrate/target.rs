//! The target's own rooms and categories: what an import would overwrite.
//!
//! Items of the target with the name of an imported one are overwritten by it ("Migration process -
//! details"). The list is what the administrator exports there, such as
//! `Get-CsPersistentChatRoom | Export-Csv`.

use std::collections::BTreeMap;

use super::names::comparison_key;
use super::people_map::delimiter;
use crate::chat::{Guid, Text};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level};
use crate::migrate::{NameKind, Plan};

/// The names of rooms and categories that the target has already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetNames(BTreeMap<Text, Vec<Known>>);

/// An item of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    name: Text,
    /// `None` where the list does not tell.
    kind: Option<NameKind>,
    /// `None` where the list does not tell.
    guid: Option<Guid>,
}

/// Where the columns of a list stand.
struct Columns {
    name: usize,
    kind: Option<usize>,
    guid: Option<usize>,
}

impl TargetNames {
    /// Reads a list in UTF-8 or UTF-16: one name a line, or CSV with a header that has a column `Name`
    /// or `Identity` (`pool\name`), as `Export-Csv` writes it; a column `Kind` may say `category` or
    /// `room`, a column `Guid` the item's GUID.
    ///
    /// # Errors
    /// [`Error::Usage`] names the line that cannot be read, or that the list has no names.
    pub fn parse(bytes: &[u8]) -> Result<TargetNames> {
        let (text, encoding, damaged) = encoding_rs::UTF_8.decode(bytes);
        if damaged {
            return Err(refused(1, &format!("it is not in {}", encoding.name())));
        }
        // What `Export-Csv` of Windows PowerShell puts before the header.
        let table = match text.strip_prefix("#TYPE") {
            Some(rest) => rest.split_once('\n').map_or("", |(_, table)| table),
            None => &text,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(table))
            .from_reader(table.as_bytes());
        let mut names = TargetNames::default();
        let mut columns = None;
        for (number, row) in reader.records().enumerate() {
            let row = row.map_err(|error| refused(number as u64 + 1, &error.to_string()))?;
            if number == 0 {
                columns = header(&row);
                if columns.is_none() {
                    return Ok(TargetNames::of_lines(table));
                }
                continue;
            }
            if let Some(columns) = &columns {
                names.add_row(&row, columns);
            }
        }
        if columns.is_none() {
            return Err(refused(1, "it is empty"));
        }
        Ok(names)
    }

    fn of_lines(text: &str) -> TargetNames {
        let mut names = TargetNames::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            names.add(line.trim_end_matches('\r'), None, None);
        }
        names
    }

    fn add_row(&mut self, row: &csv::StringRecord, columns: &Columns) {
        let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).map(str::trim);
        let Some(name) = row.get(columns.name).filter(|name| !name.trim().is_empty()) else { return };
        let kind = cell(columns.kind).and_then(|kind| match kind.to_ascii_lowercase().as_str() {
            "category" => Some(NameKind::Category),
            "room" => Some(NameKind::Room),
            _ => None,
        });
        let guid = cell(columns.guid).and_then(|guid| Guid::try_parse(guid.trim_matches(['{', '}'])).ok());
        self.add(name, kind, guid);
    }

    fn add(&mut self, name: &str, kind: Option<NameKind>, guid: Option<Guid>) {
        // An identity is `<pool fqdn>\<name>`; a name itself may hold a backslash, the pool's cannot.
        let is_pool = |pool: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            pool.contains('.') && pool.chars().all(fits)
        };
        let bare = name.split_once('\\').filter(|(pool, _)| is_pool(pool)).map_or(name, |(_, bare)| bare);
        let name = Text::from(bare);
        self.0.entry(comparison_key(&name)).or_default().push(Known { name, kind, guid });
    }
}

/// Tells of the rooms and categories of a plan whose names the target has already (NAME-EXISTS).
pub(super) fn tell(plan: &Plan, target: &TargetNames, findings: &mut Findings) {
    for row in &plan.names {
        let Some(known) = target.0.get(&comparison_key(&row.new_name)) else { continue };
        for known in known {
            let clash = known.kind.is_some_and(|kind| kind != row.kind);
            let same = known.guid == Some(row.guid);
            let (level, detail) = match (clash, same) {
                (true, _) => (
                    Level::Error,
                    format!(
                        "The target has a {} `{}`, and a room may not have the name of a category. Rename one of \
                         the two before the import.",
                        if row.kind == NameKind::Room { "category" } else { "room" },
                        known.name
                    ),
                ),
                (false, true) => (
                    Level::Info,
                    format!(
                        "The target has `{}` with the same GUID already; the import updates it.",
                        known.name
                    ),
                ),
                (false, false) => (
                    Level::Warning,
                    format!(
                        "The target has `{}` already; the import would overwrite it. Rename one of the two if they \
                         are not the same.",
                        known.name
                    ),
                ),
            };
            findings.add("NAME-EXISTS", level, row.new_name.clone(), detail);
        }
    }
}

/// Returns the columns that a header names; `None` if it is none.
fn header(row: &csv::StringRecord) -> Option<Columns> {
    let column = |name: &str| row.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
    let name = column("name").or_else(|| column("identity"))?;
    Some(Columns { name, kind: column("kind"), guid: column("guid") })
}

fn refused(line: u64, why: &str) -> Error {
    Error::Usage {
        what: format!("the list of the target's names cannot be used, line {line}: {why}"),
        hint:
            "write one name a line, or CSV with a column Name, such as Get-CsPersistentChatRoom | Export-Csv"
                .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::world::World;

    fn planned(target: &[u8]) -> Vec<String> {
        let mut world = World::settled_root();
        world.category("Trading");
        world.room("Trading\\Équipe, nord");
        world.room("Trading\\Rates");
        world.options.target = Some(TargetNames::parse(target).unwrap());
        world.plan().told("NAME-EXISTS")
    }

    #[test]
    fn names_of_the_target_are_found_in_any_case_and_in_every_form_of_list() {
        let told = ["warning Équipe, nord", "warning Trading"];
        let sorted = |list: &[u8]| {
            let mut told = planned(list);
            told.sort_by(|a, b| b.cmp(a));
            told
        };
        assert_eq!(sorted("trading\r\néquipe, NORD\nOther\n".as_bytes()), told);
        assert_eq!(sorted("Name\nTRADING\n\"équipe, NORD\"\n".as_bytes()), told);
        let exported = "#TYPE Selected.Room\r\n\"Identity\",\"Disabled\"\r\n\"pool.litware.example\\Équipe, nord\",\"False\"\r\n\
                        \"pool.litware.example\\Trading\",\"False\"\r\n";
        assert_eq!(sorted(exported.as_bytes()), told);
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(exported.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(sorted(&wide), told);
    }

    #[test]
    fn a_room_with_the_name_of_a_category_of_the_target_is_an_error() {
        assert_eq!(planned(b"Kind;Name\ncategory;rates\nroom;Trading\n"), ["error Rates", "error Trading"]);
        assert_eq!(planned(b"Kind;Name\nroom;rates\n"), ["warning Rates"]);
    }

    #[test]
    fn an_item_with_the_same_guid_is_only_good_to_know() {
        let mut world = World::settled_root();
        let guid = world.category("Trading").guid;
        let list = format!("Name,Guid\nTrading,{{{guid}}}\n");
        world.options.target = Some(TargetNames::parse(list.as_bytes()).unwrap());
        assert_eq!(world.plan().told("NAME-EXISTS"), ["info Trading"]);
    }

    #[test]
    fn a_list_without_anything_is_refused() {
        assert!(TargetNames::parse(b"").is_err());
        assert!(TargetNames::parse(b"Name\n\xFF\xFE\n").is_err());
    }
}
