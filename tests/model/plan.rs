//! Holds the categories and rooms of a package against those that must be there.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::archive::{Archive, Units};
use super::judge::must;
use super::support::Package;
use super::tree::{Planned, Tree};

type Verdict = Result<(), String>;
type Attributes = BTreeMap<String, String>;

/// An entity of a document: its attributes, and its lists of people.
struct Entity {
    attributes: Attributes,
    lists: BTreeMap<String, BTreeSet<String>>,
}

pub fn judge(archive: &Archive, package: &Package) -> Verdict {
    let people: Attributes = package
        .elements("User.xml", "Person")
        .into_iter()
        .map(|person| (person["Id"].clone(), person["Guid"].clone()))
        .collect();
    let mut categories = entities(package, "Category.xml", "Category", &people);
    let mut rooms = entities(package, "RoomDirectory.xml", "Room", &people);
    let mut planned = Vec::new();
    if let Some(tree) = Tree::merged(archive) {
        for (guid, plan) in tree.categories() {
            let Some(found) = categories.remove(&guid) else {
                return Err(format!("no category {guid}: {plan:?}"));
            };
            if tree.is_settled(&guid) {
                alike(&plan, &found).map_err(|told| format!("category {guid}: {told}"))?;
            }
            planned.push((guid, plan.name, found.name()));
        }
        for (guid, plan) in tree.rooms() {
            let Some(found) = rooms.remove(&guid) else { return Err(format!("no room {guid}: {plan:?}")) };
            if tree.is_settled(&guid) {
                alike(&plan, &found).map_err(|told| format!("room {guid}: {told}"))?;
            }
            planned.push((guid, plan.name, found.name()));
        }
    }
    // What only documents know is secret, empty, and in a category of its own.
    for (guid, room) in rooms {
        let named =
            archive.documents.iter().any(|document| document.entries.iter().any(|entry| entry.room == guid));
        must!(named, "a room that nobody knows: {guid}");
        let empty = room.lists.values().all(BTreeSet::is_empty) && room.attributes["Privacy"] == "Secret";
        must!(empty, "a room of documents with people, or not secret: {guid}");
        let category = categories.get(&room.attributes["Category"]).map(Entity::name);
        must!(
            category.is_some_and(|name| String::from_utf16_lossy(&name).starts_with("Unknown category")),
            "category of {guid}"
        );
    }
    must!(categories.len() <= 1, "categories that nobody knows: {:?}", categories.keys());
    names(planned)
}

fn alike(plan: &Planned, found: &Entity) -> Verdict {
    for (name, value) in &plan.attributes {
        let found = match *name {
            // It stands at the list.
            "Unrestricted" => {
                found.attributes.get("AllowedMembers/Unrestricted").map_or("false", String::as_str)
            }
            _ => found.attributes.get(*name).map_or("", String::as_str),
        };
        must!(found == value, "{name} is {found:?}, not {value:?}");
    }
    if let Some(category) = &plan.category {
        must!(
            found.attributes["Category"] == *category,
            "Category is {}, not {category}",
            found.attributes["Category"]
        );
    }
    for (name, list) in &plan.lists {
        must!(found.lists[*name] == *list, "{name} are {:?}, not {list:?}", found.lists[*name]);
    }
    Ok(())
}

/// Names are as planned, but where they are blank, too long or taken.
fn names(planned: Vec<(String, Units, Units)>) -> Verdict {
    let folded = |name: &Units| String::from_utf16_lossy(name).trim_end().to_lowercase();
    let blank = |name: &Units| String::from_utf16_lossy(name).trim().is_empty();
    let mut taken = BTreeSet::new();
    for (guid, name, found) in &planned {
        must!(found.len() <= 256 && !found.is_empty(), "the name of {guid} has {} units", found.len());
        must!(taken.insert(folded(found)), "two have the name {:?}", folded(found));
        if blank(name) {
            must!(
                String::from_utf16_lossy(found).contains(&guid[..]),
                "{guid} is blank and called {found:?}"
            );
            continue;
        }
        let digits: String = guid.chars().filter(|&c| c != '-').take(8).collect();
        let others = || planned.iter().filter(|other| other.0 != *guid && other.1.len() <= 256);
        let equal: Vec<_> = others().filter(|other| folded(&other.1) == folded(name)).collect();
        let keeps = name.len() <= 256 && equal.iter().all(|other| *guid < other.0);
        if keeps {
            let derived = planned.iter().any(|other| other.2 != other.1 && folded(&other.2) == folded(name));
            must!(
                found == name || derived,
                "the name of {guid} is {:?}, not {:?}",
                folded(found),
                folded(name)
            );
            continue;
        }
        let mark: Units = format!("~{digits}").encode_utf16().collect();
        let long = found.windows(mark.len()).rposition(|window| window == mark);
        let Some(at) = long else {
            return Err(format!("{guid} does not end in {digits}: {:?}", folded(found)));
        };
        must!(
            name.starts_with(&found[..at]),
            "the name of {guid} is {:?}, not of {:?}",
            folded(found),
            folded(name)
        );
    }
    Ok(())
}

impl Entity {
    fn name(&self) -> Units {
        match self.attributes.get("NameUtf16") {
            Some(encoded) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
                bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
            }
            None => self.attributes["Name"].encode_utf16().collect(),
        }
    }
}

/// Reads a document's entities by GUID; people of lists by GUID, `!` behind those outside the scope.
fn entities(package: &Package, document: &str, kind: &str, people: &Attributes) -> BTreeMap<String, Entity> {
    let text = std::fs::read_to_string(package.folder.join("data/import").join(document)).unwrap();
    let mut reader = Reader::from_str(&text);
    let mut found: BTreeMap<String, Entity> = BTreeMap::new();
    let (mut guid, mut list) = (String::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = super::support::attributes(&element);
                let name = element.name().as_ref().to_owned();
                if name == kind {
                    guid = attributes["Guid"].clone();
                    found.insert(guid.clone(), Entity { attributes, lists: BTreeMap::new() });
                } else if let Some(entity) = found.get_mut(&guid) {
                    if name == "Member" {
                        let outside = attributes.get("OutsideScope").is_some_and(|outside| outside == "true");
                        let person = people[&attributes["Person"]].clone() + if outside { "!" } else { "" };
                        entity.lists.get_mut(&list).unwrap().insert(person);
                    } else {
                        list.clone_from(&name);
                        entity.lists.insert(name.clone(), BTreeSet::new());
                        entity.attributes.extend(
                            attributes.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)),
                        );
                    }
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}
