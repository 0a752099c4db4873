//! The options with which a package was made, as its report tells them: a source is read by the same.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::documents::{Document, Documents};
use crate::chat::{Role, Text, Ticks};
use crate::error::{Error, Result};
use crate::migrate::RoomPrefix;
use crate::package::Level;

/// What of a report is needed.
#[derive(Debug, Deserialize)]
struct Report {
    level: String,
    #[serde(default)]
    options: Vec<Setting>,
}

#[derive(Debug, Deserialize)]
struct Setting {
    name: String,
    value: String,
}

/// The options that decide what stands in a package.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// Which documents the package has.
    pub level: Level,
    /// What joins the names of a flattened path.
    pub separator: Text,
    /// Which rooms took their path into their name.
    pub room_prefix: RoomPrefix,
    /// The categories that were kept; all if there are none.
    pub scope: Vec<Text>,
    /// What happened before was left out.
    pub since: Option<Ticks>,
    /// What happened then or later was left out.
    pub until: Option<Ticks>,
    /// What the numbers of roles mean.
    pub roles: BTreeMap<i64, Role>,
    /// Which backup of a file was read.
    pub set: Option<usize>,
    /// Whether databases were read in recovery mode.
    pub salvage: bool,
    /// Whether there was a people map.
    pub people_map: bool,
    /// Whether disabled rooms were left out.
    pub without_disabled_rooms: bool,
    /// Options that are not known here.
    pub others: Vec<String>,
}

impl Told {
    /// Reads the options of a package.
    ///
    /// # Errors
    /// [`Error::Unusable`] if the report is missing or cannot be understood, [`Error::Read`].
    pub fn read(documents: &Documents) -> Result<Told> {
        let Some(document) = &documents.report else {
            let why = "it has no data/report.json, which tells how the source was read";
            return Err(unusable(&documents.users.name, why));
        };
        let report = parse(document)?;
        let level = level(&report).ok_or_else(|| unusable(&document.name, "its level is unknown"))?;
        let mut told = Told {
            level,
            separator: Text::from("_"),
            room_prefix: RoomPrefix::Always,
            scope: Vec::new(),
            since: None,
            until: None,
            roles: BTreeMap::new(),
            set: None,
            salvage: false,
            people_map: false,
            without_disabled_rooms: false,
            others: Vec::new(),
        };
        for Setting { name, value } in report.options {
            if told.take(&name, &value).is_none() {
                let why = format!("its option {name} has the value `{value}`, which means nothing here");
                return Err(unusable(&document.name, &why));
            }
        }
        Ok(told)
    }

    /// Takes an option; `None` if its value cannot be understood.
    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "level" => {}
            "separator" => self.separator = Text::from(value),
            "prefix-rooms" => {
                self.room_prefix = match value {
                    "always" => RoomPrefix::Always,
                    "on-collision" => RoomPrefix::OnCollision,
                    _ => return None,
                }
            }
            // These decide findings, or files that are not compared.
            "target" | "staging" | "files" => {}
            "scope" => self.scope.push(Text::from(value)),
            "since" => self.since = Some(Ticks::parse_iso(value)?),
            "until" => self.until = Some(Ticks::parse_iso(value)?),
            "role" => {
                let (id, role) = value.split_once('=')?;
                self.roles.insert(id.parse().ok()?, role_of(role)?);
            }
            "set" => self.set = Some(value.parse().ok()?),
            "salvage" => self.salvage = value == "true",
            "people-map" => self.people_map = true,
            "without-disabled-rooms" => self.without_disabled_rooms = value == "true",
            other => self.others.push(other.to_owned()),
        }
        Some(())
    }
}

/// Returns the level of a package: as its report tells, else as its documents show.
///
/// # Errors
/// [`Error::Read`] if the report cannot be read.
pub fn level_of(documents: &Documents) -> Result<Level> {
    let report = documents.report.as_ref().map(parse);
    let told = match report {
        Some(Err(error @ Error::Read { .. })) => return Err(error),
        Some(Ok(report)) => level(&report),
        _ => None,
    };
    let has_content = !documents.content.is_empty() || !documents.compliance.is_empty();
    Ok(told.unwrap_or(match (&documents.categories, &documents.room_directory) {
        (Some(_), Some(_)) => Level::All,
        (Some(_), None) => Level::Category,
        (None, Some(_)) => Level::RoomDirectory,
        (None, None) if has_content => Level::Content,
        (None, None) => Level::User,
    }))
}

fn parse(document: &Document) -> Result<Report> {
    let reader = std::io::BufReader::new(document.open()?);
    serde_json::from_reader(reader).map_err(|error| match error.io_error_kind() {
        Some(kind) => Error::read(&document.name, kind.into()),
        None => unusable(&document.name, &format!("it is no report of gc2pc: {error}")),
    })
}

fn level(report: &Report) -> Option<Level> {
    Level::from_name(&report.level)
}

fn role_of(name: &str) -> Option<Role> {
    [Role::Member, Role::Manager, Role::Presenter, Role::Creator]
        .into_iter()
        .find(|role| format!("{role:?}") == name)
}

fn unusable(input: &str, why: &str) -> Error {
    Error::Unusable {
        input: input.to_owned(),
        why: why.to_owned(),
        hint: "use a package as gc2pc wrote it; two packages can be compared without a report".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Arc;

    use super::*;
    use crate::container::Blob;

    #[derive(Debug)]
    struct Bytes(&'static str);

    impl Blob for Bytes {
        fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(self.0.as_bytes()))
        }

        fn size(&self) -> Option<u64> {
            None
        }
    }

    fn package(report: Option<&'static str>) -> Documents {
        let document = |name: &str, text| Document { name: name.to_owned(), blob: Arc::new(Bytes(text)) };
        Documents {
            users: document("User.xml", ""),
            categories: None,
            room_directory: Some(document("RoomDirectory.xml", "")),
            report: report.map(|text| document("report.json", text)),
            ledger: BTreeMap::new(),
            content: Vec::new(),
            compliance: Vec::new(),
        }
    }

    #[test]
    fn the_options_are_those_of_the_report_and_unknown_ones_are_named() {
        let report = r#"{"level": "All", "more": 1, "options": [
            {"name": "level", "value": "All"}, {"name": "separator", "value": " / "},
            {"name": "scope", "value": "A"}, {"name": "scope", "value": "B"},
            {"name": "since", "value": "2011-01-01T00:00:00Z"}, {"name": "role", "value": "3=Manager"},
            {"name": "set", "value": "2"}, {"name": "salvage", "value": "true"},
            {"name": "people-map", "value": "given"}, {"name": "colour", "value": "green"}]}"#;
        let told = Told::read(&package(Some(report))).unwrap();
        assert_eq!(told.separator, Text::from(" / "));
        assert_eq!(told.scope, [Text::from("A"), Text::from("B")]);
        assert_eq!((told.since, told.until), (Ticks::parse_iso("2011-01-01"), None));
        assert_eq!(told.roles, BTreeMap::from([(3, Role::Manager)]));
        assert_eq!((told.set, told.salvage, told.people_map), (Some(2), true, true));
        assert_eq!(told.others, ["colour"]);
    }

    #[test]
    fn a_report_that_tells_no_options_is_refused_for_sources_and_not_needed_for_packages() {
        for report in [None, Some("{"), Some("{\"level\": \"Nothing\"}"), Some("{\"level\": 3}")] {
            let package = package(report);
            let refused = Told::read(&package).unwrap_err();
            assert!(matches!(refused, Error::Unusable { .. }), "{report:?}: {refused}");
            assert_eq!(level_of(&package).unwrap(), Level::RoomDirectory);
        }
        let odd = r#"{"level": "All", "options": [{"name": "since", "value": "yesterday"}]}"#;
        assert!(Told::read(&package(Some(odd))).unwrap_err().to_string().contains("yesterday"));
    }
}
