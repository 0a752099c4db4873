//! Comparing people, add-ins, categories and rooms: what one side lacks, settings, lists of people.

use std::cmp::Ordering;

use super::Tell;
use super::difference::{Difference, Kind, Named, Side};
use super::model::{self, ADD_IN, CATEGORY, Model, PERSON, ROOM, Structure};
use crate::chat::Text;
use crate::error::Result;
use crate::package::read::{Entity, EntityShape, ListMember};

/// Tells everything in which both sides differ, messages and events left out.
///
/// # Errors
/// Those of `tell`.
pub(super) fn compare(model: &Model, tell: &mut Tell<'_>) -> Result<()> {
    let [a, b] = &model.sides;
    if a.level != b.level {
        let value = |side: &Structure| Some(Text::from(side.level.name()));
        tell(&Difference { a: value(a), b: value(b), ..plain(Kind::Level, Side::Both) })?;
    }
    compare_all(Kind::Person, Kind::PersonSetting, &PERSON, [&a.people, &b.people], tell)?;
    let both = |has: fn(crate::package::Level) -> bool| has(a.level) && has(b.level);
    if both(crate::package::Level::has_rooms) {
        compare_all(Kind::AddIn, Kind::AddInSetting, &ADD_IN, [&a.add_ins, &b.add_ins], tell)?;
    }
    if both(crate::package::Level::has_categories) {
        let categories = [&a.categories[..], &b.categories];
        compare_all(Kind::Category, Kind::CategorySetting, &CATEGORY, categories, tell)?;
        let kinds = [Kind::AllowedMember, Kind::DeniedMember, Kind::Creator];
        compare_lists(kinds, &CATEGORY, categories, model, tell)?;
    }
    if both(crate::package::Level::has_rooms) {
        let rooms = [&a.rooms[..], &b.rooms];
        compare_all(Kind::Room, Kind::RoomSetting, &ROOM, rooms, tell)?;
        compare_lists([Kind::Member, Kind::Manager, Kind::Presenter], &ROOM, rooms, model, tell)?;
    }
    Ok(())
}

fn plain(kind: Kind, side: Side) -> Difference {
    Difference { kind, side, subject: None, person: None, record: None, field: None, a: None, b: None }
}

fn subject(shape: &EntityShape, entity: &Entity) -> Option<Named> {
    Some(Named { guid: entity.guid, name: model::name(shape, entity) })
}

/// Tells what one side lacks, then the settings of what both have.
fn compare_all(
    kind: Kind,
    setting: Kind,
    shape: &EntityShape,
    sides: [&[Entity]; 2],
    tell: &mut Tell<'_>,
) -> Result<()> {
    for pair in joined(sides, |entity| entity.guid) {
        let (side, entity) = match pair {
            (Some(entity), None) => (Side::A, entity),
            (None, Some(entity)) => (Side::B, entity),
            _ => continue,
        };
        tell(&Difference { subject: subject(shape, entity), ..plain(kind, side) })?;
    }
    for pair in joined(sides, |entity| entity.guid) {
        let (Some(a), Some(b)) = pair else { continue };
        for ((a_value, b_value), path) in a.values.iter().zip(&b.values).zip(shape.attributes) {
            if a_value == b_value {
                continue;
            }
            let (a_value, b_value) = (a_value.clone(), b_value.clone());
            let field = Some(path.rsplit('/').next().unwrap_or(path));
            let subject = subject(shape, a);
            tell(&Difference { subject, field, a: a_value, b: b_value, ..plain(setting, Side::Both) })?;
        }
    }
    Ok(())
}

/// Tells who stands in the lists of one side alone. Lists of what the other side lacks go with it.
fn compare_lists(
    kinds: [Kind; 3],
    shape: &EntityShape,
    sides: [&[Entity]; 2],
    model: &Model,
    tell: &mut Tell<'_>,
) -> Result<()> {
    for (at, kind) in kinds.into_iter().enumerate() {
        for pair in joined(sides, |entity| entity.guid) {
            let (Some(a), Some(b)) = pair else { continue };
            let (Some(a_list), Some(b_list)) = (a.lists.get(at), b.lists.get(at)) else { continue };
            for pair in joined([a_list, b_list], |member| member.person) {
                tell_member(kind, pair, subject(shape, a), model, tell)?;
            }
        }
    }
    Ok(())
}

fn tell_member(
    kind: Kind,
    pair: (Option<&ListMember>, Option<&ListMember>),
    subject: Option<Named>,
    model: &Model,
    tell: &mut Tell<'_>,
) -> Result<()> {
    let flag = |member: &ListMember| Some(Text::from(if member.outside_scope { "true" } else { "false" }));
    let (difference, member) = match pair {
        (Some(a), Some(b)) if a.outside_scope != b.outside_scope => {
            let field = Some("OutsideScope");
            (Difference { field, a: flag(a), b: flag(b), ..plain(kind, Side::Both) }, a)
        }
        (Some(a), None) => (plain(kind, Side::A), a),
        (None, Some(b)) => (plain(kind, Side::B), b),
        _ => return Ok(()),
    };
    tell(&Difference { subject, person: Some(model.person(member.person)), ..difference })
}

/// Walks two lists that are in the order of their keys, side by side.
fn joined<'a, T, K: Ord>(
    [mut a, mut b]: [&'a [T]; 2],
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = (Option<&'a T>, Option<&'a T>)> {
    std::iter::from_fn(move || {
        let order = match (a.first(), b.first()) {
            (Some(one), Some(other)) => key(one).cmp(&key(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let take = |from: &mut &'a [T], wanted: bool| {
            if !wanted {
                return None;
            }
            let (first, rest) = from.split_first()?;
            *from = rest;
            Some(first)
        };
        Some((take(&mut a, order.is_le()), take(&mut b, order.is_ge())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_are_walked_side_by_side() {
        let pairs: Vec<_> = joined([&[1, 2, 2, 5], &[2, 3, 5, 6]], |&key| key).collect();
        let plain: Vec<_> = pairs.iter().map(|(a, b)| (a.copied(), b.copied())).collect();
        assert_eq!(
            plain,
            [
                (Some(1), None),
                (Some(2), Some(2)),
                (Some(2), None),
                (None, Some(3)),
                (Some(5), Some(5)),
                (None, Some(6))
            ]
        );
    }
}
