//! The structure of a package as it stands: people, categories, add-ins and rooms with their
//! attributes and lists, so that two packages can be compared without a meaning being lost between.

use std::collections::HashMap;
use std::io::Read;

use super::structure::{Step, required, walk};
use super::value;
use super::xml::Tag;
use crate::chat::{Guid, Text};
use crate::error::Result;

/// What elements of one kind have.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// The root of their document.
    pub root: &'static str,
    /// What they are called.
    pub element: &'static str,
    /// Their attributes, in the order in which [`Entity::values`] has them.
    pub attributes: &'static [&'static str],
    /// Their lists of people, in the order of [`Entity::lists`].
    pub lists: &'static [&'static str],
}

/// An element with a GUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its GUID.
    pub guid: Guid,
    /// Its attributes in the order of [`Shape::attributes`]; `None` for one that is not there. An
    /// attribute of a list stands among them as `List/Attribute`.
    pub values: Box<[Option<Text>]>,
    /// Its lists in the order of [`Shape::lists`], by person.
    pub lists: Box<[Vec<ListMember>]>,
}

/// Somebody in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListMember {
    /// Whom the number stands for: what the reader was told of an `Id`.
    pub person: u32,
    /// `OutsideScope`.
    pub outside_scope: bool,
}

/// Elements of one kind, in the order of their GUIDs.
pub type Entities = Vec<Entity>;

impl Shape {
    /// Reads all elements of this kind. `people` tells whom an `Id` stands for.
    ///
    /// Takes memory for all of them.
    ///
    /// # Errors
    /// [`Error::Unusable`](crate::Error::Unusable) with the place if the document is damaged, if two
    /// elements have one GUID, or if a list names somebody who is not there.
    pub fn read(&self, name: &str, reader: impl Read, people: &HashMap<u64, u32>) -> Result<Entities> {
        let mut entities: Entities = Vec::new();
        let mut seen = HashMap::new();
        let mut list = None;
        let mut is_open = false;
        walk(name, reader, self.root, &mut |step| match step {
            Step::Start(2, tag) => {
                is_open = tag.name() == self.element;
                if !is_open {
                    return Ok(());
                }
                let entity = self.entity(tag)?;
                match seen.insert(entity.guid, entities.len()) {
                    None => entities.push(entity),
                    Some(_) => return Err(format!("two of {} have the GUID {}", self.root, entity.guid)),
                }
                Ok(())
            }
            Step::Start(3, tag) if is_open => {
                list = self.lists.iter().position(|known| *known == tag.name());
                entities.last_mut().map_or(Ok(()), |entity| self.take_list(tag, entity))
            }
            Step::Start(4, tag) if is_open => {
                let known = entities.last_mut().zip(list);
                let Some(members) = known.and_then(|(entity, list)| entity.lists.get_mut(list)) else {
                    return Ok(());
                };
                members.push(member(tag, people)?);
                Ok(())
            }
            _ => Ok(()),
        })?;
        for entity in &mut entities {
            entity.lists.iter_mut().for_each(|list| list.sort_unstable());
        }
        entities.sort_by_key(|entity| entity.guid);
        Ok(entities)
    }

    /// Reads the people of a package with the number that the package gives each.
    ///
    /// # Errors
    /// As [`Shape::read`].
    pub fn read_numbered(&self, name: &str, reader: impl Read) -> Result<(Entities, HashMap<u64, Guid>)> {
        let mut entities = Vec::new();
        let mut numbers = HashMap::new();
        let mut seen = HashMap::new();
        walk(name, reader, self.root, &mut |step| {
            let Step::Start(2, tag) = step else { return Ok(()) };
            let (entity, id) = (self.entity(tag)?, required(tag, "Id", value::count)?);
            if numbers.insert(id, entity.guid).is_some() {
                return Err(format!("two of {} have the Id {id}", self.root));
            }
            if seen.insert(entity.guid, id).is_some() {
                return Err(format!("two of {} have the GUID {}", self.root, entity.guid));
            }
            entities.push(entity);
            Ok(())
        })?;
        entities.sort_by_key(|entity: &Entity| entity.guid);
        Ok((entities, numbers))
    }

    /// Returns the value of an attribute.
    pub fn value<'e>(&self, entity: &'e Entity, attribute: &str) -> Option<&'e Text> {
        let at = self.attributes.iter().position(|known| *known == attribute)?;
        entity.values.get(at)?.as_ref()
    }

    fn entity(&self, tag: &Tag) -> std::result::Result<Entity, String> {
        let values = self.attributes.iter().map(|name| value::text(tag, name));
        Ok(Entity {
            guid: required(tag, "Guid", value::guid)?,
            values: values.collect::<std::result::Result<_, String>>()?,
            lists: vec![Vec::new(); self.lists.len()].into(),
        })
    }

    /// Takes the attributes of a list.
    fn take_list(&self, tag: &Tag, entity: &mut Entity) -> std::result::Result<(), String> {
        for (value, path) in entity.values.iter_mut().zip(self.attributes) {
            if let Some((list, attribute)) = path.split_once('/')
                && list == tag.name()
            {
                *value = value::text(tag, attribute)?;
            }
        }
        Ok(())
    }
}

fn member(tag: &Tag, people: &HashMap<u64, u32>) -> std::result::Result<ListMember, String> {
    let id = required(tag, "Person", value::count)?;
    let person = people.get(&id).copied().ok_or_else(|| format!("no person has the Id {id}"))?;
    let outside_scope = match tag.get("OutsideScope") {
        None => false,
        Some(text) => value::flag(text).ok_or("an unusable OutsideScope")?,
    };
    Ok(ListMember { person, outside_scope })
}
