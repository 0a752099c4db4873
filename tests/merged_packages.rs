//! Packages as sources: merged, they hold what the dumps and documents they were made from hold.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Package, Workshop, sample, tree};

/// What a package says of a room: attributes, and lists of people by address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Room {
    name: String,
    category: String,
    privacy: String,
    members: Vec<String>,
    managers: Vec<String>,
}

/// Everybody by id: address, else GUID.
fn people(package: &Package) -> BTreeMap<String, String> {
    let people = package.elements("User.xml", "Person").into_iter();
    people.map(|one| (one["Id"].clone(), one.get("SourceUri").unwrap_or(&one["Guid"]).clone())).collect()
}

/// The rooms by GUID, categories by name.
fn rooms(package: &Package) -> BTreeMap<String, Room> {
    let categories = package.elements("Category.xml", "Category").into_iter();
    let categories: BTreeMap<String, String> =
        categories.map(|one| (one["Guid"].clone(), one["Name"].clone())).collect();
    let lists = lists(package);
    let rooms = package.elements("RoomDirectory.xml", "Room").into_iter().zip(lists);
    rooms
        .map(|(room, [members, managers])| {
            let category = categories[&room["Category"]].clone();
            let (name, privacy) = (room["Name"].clone(), room["Privacy"].clone());
            (room["Guid"].clone(), Room { name, category, privacy, members, managers })
        })
        .collect()
}

/// Members and managers of each room. The document has one record a line.
fn lists(package: &Package) -> Vec<[Vec<String>; 2]> {
    let people = people(package);
    let text = fs::read_to_string(package.folder.join("data/import/RoomDirectory.xml")).unwrap();
    let mut rooms: Vec<[Vec<String>; 2]> = Vec::new();
    let mut list: Option<usize> = None;
    for line in text.lines() {
        if line.starts_with("<Room ") {
            rooms.push(Default::default());
        } else if let Some(rest) = line.strip_prefix("<Member Person=\"") {
            let id = rest.split('"').next().unwrap();
            if let Some(list) = list {
                let lists = rooms.last_mut().unwrap();
                lists[list].push(people[id].clone());
            }
        } else {
            list = ["<Members>", "<Managers>"].iter().position(|start| line == *start);
        }
    }
    rooms.iter_mut().flatten().for_each(|list| list.sort());
    rooms
}

/// Converts inputs into a package of its own.
fn package(workshop: &Workshop, name: &str, inputs: &[PathBuf]) -> PathBuf {
    let (ran, output) = workshop.convert(inputs, name, &[]);
    assert!(ran.status < 2, "{}", ran.err);
    output
}

fn converted(workshop: &Workshop, name: &str, inputs: &[PathBuf]) -> Package {
    Package::open(&package(workshop, name, inputs))
}

/// The sample as it was half a year later: half of the role rows are gone.
fn later_dump(workshop: &Workshop) -> PathBuf {
    let later = workshop.path("later/mgc-2010");
    for name in tree(&sample("mgc-2010")).keys() {
        fs::create_dir_all(&later).unwrap();
        fs::copy(sample("mgc-2010").join(name), later.join(name)).unwrap();
    }
    edit(&later.join("tblNode.csv"), |text| text.replacen("634425192002500001", "634585192002500001", 1));
    edit(&later.join("tblPrincipalRole.csv"), |text| {
        let kept = text.lines().count() / 2;
        text.lines().take(kept).map(|line| format!("{line}\n")).collect()
    });
    later
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    let old = fs::read_to_string(path).unwrap();
    let new = change(&old);
    assert_ne!(old, new);
    fs::write(path, new).unwrap();
}

#[test]
fn access_that_was_taken_away_stays_away_in_any_order_and_mixture() {
    let workshop = Workshop::new();
    let (old, new) = (sample("mgc-2010"), later_dump(&workshop));
    // The names of packages decide the order in which they are read.
    let (early_old, early_new) =
        (package(&workshop, "b-old", std::slice::from_ref(&old)), package(&workshop, "c-new", &[new]));
    let (before, after) = (rooms(&Package::open(&early_old)), rooms(&Package::open(&early_new)));
    assert_ne!(before, after);
    let late_old = package(&workshop, "d-old", std::slice::from_ref(&old));
    for (name, inputs) in [
        ("one", [early_old, early_new.clone()]),
        ("two", [early_new.clone(), late_old]),
        ("three", [old, early_new]),
    ] {
        let merged = converted(&workshop, name, &inputs);
        assert_eq!(rooms(&merged), after, "{name}");
        assert!(merged.codes().iter().any(|code| code == "STRUCT-DIFF"), "{name}");
    }
}

#[test]
fn a_room_that_only_documents_know_gives_way_to_the_one_that_a_dump_describes() {
    let workshop = Workshop::new();
    let dump = package(&workshop, "b-dump", &[sample("mgc-2010")]);
    let described = rooms(&Package::open(&dump));
    for (name, documents) in [("one", "a-documents"), ("two", "c-documents")] {
        let documents = package(&workshop, documents, &[sample("compliance")]);
        let placeholders = rooms(&Package::open(&documents));
        assert!(placeholders.keys().any(|guid| described.contains_key(guid)));
        let merged = rooms(&converted(&workshop, name, &[dump.clone(), documents]));
        for (guid, room) in &described {
            assert_eq!(merged.get(guid), Some(room));
        }
    }
}

#[test]
fn packages_give_what_their_sources_give() {
    let workshop = Workshop::new();
    let sources = ["mgc-2010", "mgc-2013", "compliance"];
    let whole = converted(&workshop, "whole", &sources.map(sample));
    let packages = sources.map(|name| package(&workshop, &format!("{name}-package"), &[sample(name)]));
    let merged = converted(&workshop, "merged", &packages);
    let (expected, found) = (rooms(&whole), rooms(&merged));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    // A room that only the old dump has, below a category that the new one has flattened, was whole
    // when its package was made; directly converted it inherits from nothing.
    let [old, new, _] = packages.map(|package| rooms(&Package::open(&package)));
    for (guid, room) in &expected {
        let kept = old.get(guid).filter(|_| !new.contains_key(guid));
        assert_eq!(&found[guid], kept.unwrap_or(room), "{guid}");
    }
    let addresses = |package| people(package).into_values().collect::<Vec<_>>();
    assert_eq!(addresses(&merged), addresses(&whole));
    assert_eq!(workshop.run(["verify".into(), merged.folder.clone()]).status, 0);
}

/// The messages of a package without what tells where they stood.
fn messages(package: &Package) -> Vec<support::Message> {
    let mut messages = package.messages();
    messages.iter_mut().for_each(|message| message.source.clear());
    messages
}

#[test]
fn packages_are_a_source_and_merge_into_what_their_sources_give() {
    let workshop = Workshop::new();
    let whole = messages(&workshop.converted(&[sample("mgc-2010"), sample("compliance")], 0));
    let (_, dumps) = workshop.convert(&[sample("mgc-2010")], "one.zip", &[]);
    let (_, documents) = workshop.convert(&[sample("compliance")], "two", &[]);
    let (ran, merged) = workshop.convert(&[dumps, documents], "merged", &[]);
    assert!(ran.status < 2, "{}", ran.err);
    let ids =
        |messages: &[support::Message]| messages.iter().map(|message| message.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&messages(&Package::open(&merged))), ids(&whole));
}
