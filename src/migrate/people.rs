//! People: who the principals of the new world are, and what there is to tell of them.

use std::collections::BTreeMap;

use super::describe;
use super::names::comparison_key;
use super::people_map::with_scheme;
use crate::chat::{Author, Guid, Origin, Person, PersonKind, Settled, SipUri, Text};
use crate::ledger::{Findings, Level};
use crate::migrate::{Options, PlannedPerson};

/// Returns the principals in the order of [`Settled::people`].
///
/// `is_referenced` tells who has a role, stands in a scope or wrote something; the findings about
/// single people are told of these alone.
pub(super) fn planned(
    settled: &Settled,
    options: &Options,
    is_referenced: &dyn Fn(usize) -> bool,
    findings: &mut Findings,
) -> Vec<PlannedPerson> {
    for person in
        settled.people.iter().enumerate().filter(|(at, _)| is_referenced(*at)).map(|(_, person)| person)
    {
        tell_state(person, findings);
        tell_unmapped(person, options, findings);
    }
    settled.people.iter().for_each(|person| tell_shared_address(person, findings));
    tell_equal_names(&settled.people, findings);
    let planned: Vec<PlannedPerson> = settled.people.iter().map(|person| plan_one(person, options)).collect();
    tell_equal_new_addresses(&settled.people, &planned, findings);
    planned
}

fn plan_one(person: &Person, options: &Options) -> PlannedPerson {
    let facts = &person.facts;
    let written = facts.uri.as_ref().filter(|uri| !uri.is_empty());
    let source_uri = written.or(person.address.as_ref().map(SipUri::address)).map(with_scheme);
    let mapped = options.people_map.as_ref().and_then(|map| map.find(person)).unwrap_or_default();
    PlannedPerson {
        guid: person.guid,
        new_guid: mapped.guid,
        new_user_principal_name: mapped.principal_name,
        uri: mapped.address.or_else(|| source_uri.clone()),
        source_uri,
        name: facts.name.clone(),
        kind: kind(person),
        disabled: disabled(person),
        email: facts.email.clone(),
        company: facts.company.clone(),
        directory_path: facts.directory_path.clone(),
        user_principal_name: facts.user_principal_name.clone(),
        origin: Origin::of_rank(facts.rank),
    }
}

fn kind(person: &Person) -> PersonKind {
    match person.author {
        Author::Numbered { .. } => PersonKind::Unknown,
        _ => person.facts.kind.unwrap_or(PersonKind::Unknown),
    }
}

/// Returns the state in the target, where federated principals exist only as disabled ones
/// ("Migration process - details").
fn disabled(person: &Person) -> u8 {
    match (&person.author, kind(person)) {
        (Author::Numbered { .. }, _) => 2,
        (_, PersonKind::FederatedUser | PersonKind::FederatedGroup) => person.facts.disabled.max(1),
        _ => person.facts.disabled,
    }
}

fn tell_state(person: &Person, findings: &mut Findings) {
    let subject = || describe::person(person);
    let mut warn = |code, detail: &str| findings.add(code, Level::Warning, subject(), detail);
    match kind(person) {
        PersonKind::FederatedUser => warn(
            "FED-USER",
            "A user of another organisation: the messages stay, the principal is disabled and has no access. \
             Give an account of your own to whoever still needs access.",
        ),
        PersonKind::FederatedGroup => warn(
            "FED-GROUP",
            "A group of another organisation: it is kept as a disabled principal and gives no access. Use a \
             group of your own directory instead.",
        ),
        _ => {}
    }
    match (&person.author, person.facts.disabled) {
        (Author::Numbered { number, .. }, _) => {
            let detail = format!(
                "No row of `tblPrincipal` has the number {number}. What it wrote is kept under a placeholder; \
                 add a dump that holds the row to learn the name."
            );
            findings.add("PRIN-MISSING", Level::Error, subject(), detail);
        }
        (Author::Unnamed, _) => warn(
            "PERSON-UNNAMED",
            "Documents without a login name do not tell who wrote this. It is kept under a placeholder; add a \
             database dump of that time to learn the authors.",
        ),
        (_, 0) => {}
        (_, 1) => warn(
            "PRIN-DISABLED",
            "The account is disabled: messages and roles are kept, the server takes no disabled account into a \
             room. Enable it before the import if access is wanted.",
        ),
        (_, _) => warn(
            "PRIN-DISABLED",
            "The account was deleted from the directory: messages and roles are kept, access cannot be given.",
        ),
    }
}

fn tell_unmapped(person: &Person, options: &Options, findings: &mut Findings) {
    let Some(map) = &options.people_map else { return };
    if person.address.is_some() && map.find(person).is_none() {
        let detail = "The people map has no new address for this person, so the old one stays. Add a line if \
                      the address has changed.";
        findings.add("PEOPLE-UNMAPPED", Level::Info, describe::person(person), detail);
    }
}

fn tell_shared_address(person: &Person, findings: &mut Findings) {
    let Some(address) = person.address.as_ref().filter(|_| !person.rivals.is_empty()) else { return };
    let mut guids: Vec<Guid> = person.rivals.clone();
    if let Author::Principal(guid) = person.author {
        guids.push(guid);
    }
    guids.sort_unstable();
    guids.dedup();
    let detail = format!(
        "{} share this address: {}. They were not joined, and what bears the address alone belongs to none of \
         them. Check who is who.",
        describe::count(guids.len(), "principal"),
        describe::list(guids.iter().map(Guid::to_string))
    );
    findings.add("SIP-REUSED", Level::Warning, address.address().clone(), detail);
}

/// Tells of active users whom the directory calls alike: rooms that list them cannot be edited
/// ("Understanding Persistent Chat membership").
fn tell_equal_names(people: &[Person], findings: &mut Findings) {
    let mut by_name: BTreeMap<Text, Vec<&Person>> = BTreeMap::new();
    for person in people.iter().filter(|person| is_active_user(person)) {
        if let Some(name) = person.facts.name.as_ref().filter(|name| !name.is_empty()) {
            by_name.entry(comparison_key(name)).or_default().push(person);
        }
    }
    for namesakes in by_name.into_values().filter(|namesakes| namesakes.len() > 1) {
        let detail = format!(
            "{} bear this display name: {}. Rooms that list them cannot be edited in the new world; tell them \
             apart in the directory first.",
            describe::count(namesakes.len(), "active user"),
            describe::list(namesakes.iter().map(|person| describe::person(person).to_string()))
        );
        let name = namesakes.first().and_then(|person| person.facts.name.clone()).unwrap_or_default();
        findings.add("PERSON-NAME-DUP", Level::Warning, name, detail);
    }
}

fn is_active_user(person: &Person) -> bool {
    matches!(person.author, Author::Principal(_))
        && person.facts.kind == Some(PersonKind::User)
        && person.facts.disabled == 0
}

/// Tells of people whom the people map has given one address; the server knows one principal for
/// each.
fn tell_equal_new_addresses(people: &[Person], planned: &[PlannedPerson], findings: &mut Findings) {
    let mut holders: BTreeMap<SipUri, Vec<usize>> = BTreeMap::new();
    for (at, person) in planned.iter().enumerate() {
        if let Some(address) = person.uri.as_ref().and_then(SipUri::new) {
            holders.entry(address).or_default().push(at);
        }
    }
    for (address, holders) in holders {
        let is_moved = |&at: &usize| planned[at].uri != planned[at].source_uri;
        if holders.len() > 1 && holders.iter().any(is_moved) {
            let detail = format!(
                "By the people map {} have this address now: {}. They stay principals of their own in the \
                 package; give each an address of its own.",
                describe::count(holders.len(), "principal"),
                describe::list(holders.iter().map(|&at| describe::person(&people[at]).to_string()))
            );
            findings.add("PEOPLE-MAP-DUP", Level::Warning, address.address().clone(), detail);
        }
    }
    tell_equal_new_guids(people, planned, findings);
}

/// Tells of people who would have one GUID in the new directory.
fn tell_equal_new_guids(people: &[Person], planned: &[PlannedPerson], findings: &mut Findings) {
    let mut holders: BTreeMap<Guid, Vec<usize>> = BTreeMap::new();
    for (at, person) in planned.iter().enumerate() {
        holders.entry(person.new_guid.unwrap_or(person.guid)).or_default().push(at);
    }
    for (guid, holders) in holders.into_iter().filter(|(_, holders)| holders.len() > 1) {
        let detail = format!(
            "By the people map {} have this GUID in the new directory: {}. A directory gives it to one alone; \
             mend the map.",
            describe::count(holders.len(), "principal"),
            describe::list(holders.iter().map(|&at| describe::person(&people[at]).to_string()))
        );
        findings.add("PEOPLE-MAP-DUP", Level::Error, guid.to_string(), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::chat::{PersonFacts, PersonKey};
    use crate::migrate::PeopleMap;
    use crate::migrate::world::{Planned, World, lets_in, member};

    /// A world where everybody given is a member of one room.
    fn with_members(mut world: World, people: &[PersonKey]) -> Planned {
        world.category("A");
        world.room("A\\R").roles = people.iter().map(|&person| member(person)).collect();
        world.plan()
    }

    #[test]
    fn people_keep_what_is_known_of_them_and_their_order() {
        let world = World::settled_root();
        let ben = world.directory.person(&Author::Principal(Guid::from_u128(2)));
        let facts = PersonFacts {
            uri: Some(Text::from("Ben@litware.example")),
            name: Some(Text::from("Ben")),
            kind: Some(PersonKind::User),
            ..PersonFacts::default()
        };
        world.directory.learn_person(ben, facts);
        let ann = Author::Address(SipUri::new(&Text::from("Ann@litware.example")).unwrap());
        world.directory.person(&ann);
        let planned = world.plan();
        assert_eq!(planned.plan.people.len(), planned.settled.people.len());
        let by_uri = |uri: &str| {
            let found = planned.plan.people.iter().find(|person| person.uri == Some(Text::from(uri)));
            found.unwrap_or_else(|| panic!("no {uri}"))
        };
        assert_eq!(by_uri("sip:Ben@litware.example").name, Some(Text::from("Ben")));
        assert_eq!(by_uri("sip:ann@litware.example").kind, PersonKind::Unknown);
        let guids = planned.settled.people.iter().map(|person| person.guid);
        assert!(planned.plan.people.iter().map(|person| person.guid).eq(guids));
    }

    #[test]
    fn federated_people_and_groups_are_kept_as_disabled() {
        let mut world = World::settled_root();
        let guest = world.principal("guest", PersonKind::FederatedUser, 0);
        let partners = world.principal("partners", PersonKind::FederatedGroup, 0);
        let planned = with_members(world, &[guest, partners]);
        assert_eq!(planned.names(&planned.room("R").members), ["guest", "partners"]);
        assert_eq!(planned.told("FED-USER"), ["warning sip:guest@litware.example"]);
        assert_eq!(planned.told("FED-GROUP"), ["warning sip:partners@litware.example"]);
        assert!(planned.plan.people.iter().all(|person| person.disabled == 1));
        assert!(planned.told("PRIN-DISABLED").is_empty());
    }

    #[test]
    fn disabled_people_are_told_only_if_something_refers_to_them() {
        let mut world = World::settled_root();
        let [role, _, _, scope] = ["role", "nobody", "author", "scope"]
            .map(|name| world.principal(name, PersonKind::User, if name == "role" { 2 } else { 1 }));
        world.options.authors = BTreeSet::from([2]);
        world.category("Scoped").scopes = vec![lets_in(scope)];
        let planned = with_members(world, &[role]);
        assert_eq!(
            planned.told("PRIN-DISABLED"),
            ["author", "role", "scope"].map(|name| format!("warning sip:{name}@litware.example"))
        );
        assert_eq!(planned.plan.people[0].disabled, 2);
    }

    #[test]
    fn a_number_without_a_row_is_an_unknown_deleted_person_and_an_error() {
        let mut world = World::settled_root();
        let missing = Author::Numbered { database: Guid::from_u128(1), number: 4711 };
        world.directory.person(&missing);
        world.options.authors = BTreeSet::from([0]);
        let planned = world.plan();
        let person = &planned.plan.people[0];
        assert_eq!((person.kind, person.disabled, &person.uri), (PersonKind::Unknown, 2, &None));
        assert_eq!(planned.told("PRIN-MISSING"), ["error prinID 4711"]);
    }

    #[test]
    fn an_unnamed_author_is_told() {
        let mut world = World::settled_root();
        world.directory.person(&Author::Unnamed);
        world.options.authors = BTreeSet::from([0]);
        assert_eq!(world.plan().told("PERSON-UNNAMED"), ["warning (no author)"]);
    }

    #[test]
    fn an_address_of_two_principals_is_told_once() {
        let mut world = World::settled_root();
        world.person("ann");
        world.person("ann");
        let address = SipUri::new(&Text::from("ann@litware.example")).unwrap();
        world.directory.person(&Author::Address(address));
        let planned = world.plan();
        assert_eq!(planned.plan.people.len(), 3);
        assert_eq!(planned.told("SIP-REUSED"), ["warning ann@litware.example"]);
        assert!(planned.detail("SIP-REUSED").starts_with("2 principals share"));
    }

    #[test]
    fn equal_display_names_of_active_users_are_told() {
        let world = World::settled_root();
        for (guid, name, kind, disabled) in [
            (1, "Ann Smith", PersonKind::User, 0),
            (2, "ann smith ", PersonKind::User, 0),
            (3, "Ben", PersonKind::User, 0),
            (4, "Ben", PersonKind::User, 1),
            (5, "Ben", PersonKind::Group, 0),
        ] {
            let key = world.directory.person(&Author::Principal(Guid::from_u128(guid)));
            let uri = Some(Text::from(format!("sip:{guid}@litware.example")));
            let (name, kind) = (Some(Text::from(name)), Some(kind));
            world
                .directory
                .learn_person(key, PersonFacts { name, uri, kind, disabled, ..PersonFacts::default() });
        }
        assert_eq!(world.plan().told("PERSON-NAME-DUP"), ["warning Ann Smith"]);
    }

    #[test]
    fn mapped_people_get_new_addresses_and_the_others_are_told() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        let staff = world.principal("staff", PersonKind::User, 0);
        let csv = b"ann@litware.example,a@new.example\nben@litware.example,a@new.example";
        world.options.people_map = Some(PeopleMap::parse(csv).unwrap());
        let planned = with_members(world, &[ann, ben, staff]);
        assert_eq!(planned.plan.people[0].uri, Some(Text::from("sip:a@new.example")));
        assert_eq!(planned.plan.people[0].source_uri, Some(Text::from("sip:ann@litware.example")));
        assert_eq!(planned.plan.people[2].uri, planned.plan.people[2].source_uri);
        assert_eq!(planned.told("PEOPLE-UNMAPPED"), ["info sip:staff@litware.example"]);
        assert_eq!(planned.told("PEOPLE-MAP-DUP"), ["warning a@new.example"]);
    }

    #[test]
    fn two_people_with_one_new_guid_are_an_error() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        let guid = Guid::from_u128(0xEF);
        let csv = format!("ann@litware.example,{guid}\nben@litware.example,{guid}");
        world.options.people_map = Some(PeopleMap::parse(csv.as_bytes()).unwrap());
        let planned = with_members(world, &[ann, ben]);
        assert_eq!(planned.plan.people[0].new_guid, Some(guid));
        assert_eq!(planned.told("PEOPLE-MAP-DUP"), [format!("error {guid}")]);
    }

    #[test]
    fn without_a_map_nobody_is_unmapped() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        assert!(with_members(world, &[ann]).told("PEOPLE-UNMAPPED").is_empty());
    }
}
