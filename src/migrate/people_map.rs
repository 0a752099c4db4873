//! The people map: new addresses for people whose old ones do not live on.

use std::collections::BTreeMap;

use crate::chat::{Guid, Person, SipUri, Text};
use crate::error::{Error, Result};

/// What somebody is called in the new world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewIdentity {
    /// The new address, with scheme.
    pub address: Option<Text>,
    /// The `objectGUID` in the new directory.
    pub guid: Option<Guid>,
    /// The new user principal name.
    pub principal_name: Option<Text>,
}

/// New identities by old address, GUID or user principal name, and new domains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleMap {
    /// By GUID in lower case, or by address in lower case without scheme.
    people: BTreeMap<Text, NewIdentity>,
    /// By domain in lower case.
    domains: BTreeMap<Text, Text>,
}

impl PeopleMap {
    /// Reads a CSV table of two columns, old and new, in UTF-8 or UTF-16, separated by commas,
    /// semicolons or tabs, with or without a header that says `old` and `new`.
    ///
    /// Old is an address (with or without `sip:`), a GUID, a user principal name or an e-mail
    /// address; new is an address or a GUID. With a header, columns `guid` and `upn` may give the GUID
    /// and the user principal name in the new directory. `@old.example` to `@new.example` moves a whole
    /// domain.
    ///
    /// # Errors
    /// [`Error::Usage`] names the line that is no such pair, or that contradicts an earlier one.
    pub fn parse(csv: &[u8]) -> Result<PeopleMap> {
        let text = decoded(csv)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(delimiter(&text))
            .from_reader(text.as_bytes());
        let mut map = PeopleMap::default();
        let mut columns = Columns { old: 0, new: 1, guid: None, principal_name: None };
        for (number, row) in reader.records().enumerate() {
            let row = row.map_err(|error| refused(number as u64 + 1, &error.to_string()))?;
            if number == 0
                && let Some(named) = header(&row)
            {
                columns = named;
            } else if row.iter().any(|cell| !cell.is_empty()) {
                let line = row.position().map_or(number as u64 + 1, csv::Position::line);
                map.add(&row, &columns, line)?;
            }
        }
        Ok(map)
    }

    /// Returns the new identity of a person; `None` where the map does not tell.
    ///
    /// GUID, address, user principal name and e-mail address are asked in this order, then the
    /// domain of the address.
    pub fn find(&self, person: &Person) -> Option<NewIdentity> {
        let facts = &person.facts;
        let guid = Text::from(person.guid.to_string());
        let address = person.address.as_ref().map(|address| address.address().clone());
        let names = [&facts.user_principal_name, &facts.email].map(|name| name.as_ref().and_then(folded));
        let [principal_name, email] = names;
        let asked = [Some(guid), address.clone(), principal_name, email];
        let mapped = asked.iter().flatten().find_map(|key| self.people.get(key)).cloned();
        let moved = || Some(NewIdentity { address: self.moved(person, &address?), ..NewIdentity::default() });
        mapped.or_else(|| moved().filter(|moved| moved.address.is_some()))
    }

    fn moved(&self, person: &Person, address: &Text) -> Option<Text> {
        let (_, domain) = split(address.as_bytes())?;
        let new = self.domains.get(&Text::from_known(domain))?;
        let written = person.facts.uri.as_ref().unwrap_or(address);
        let (user, _) = split(written.as_bytes())?;
        Some(with_scheme(&Text::from_known([user, b"@", new.as_bytes()].concat())))
    }

    fn add(&mut self, row: &csv::StringRecord, columns: &Columns, line: u64) -> Result<()> {
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let (old, new) = (cell(columns.old), cell(columns.new));
        if let (Some(old), Some(new)) = (old.strip_prefix('@'), new.strip_prefix('@'))
            && !old.is_empty()
            && !new.is_empty()
        {
            let moved = self.domains.insert(Text::from(old).to_folded(), Text::from(new));
            return agree(old, moved.as_ref().map(Text::to_string), new, line);
        }
        let identity = identity(row, columns, line)?;
        if old.starts_with('@') || identity == NewIdentity::default() {
            let why = format!("`{old}` and `{new}` are neither two addresses nor two domains");
            return Err(refused(line, &why));
        }
        let key = key(old).ok_or_else(|| refused(line, "the old address is missing"))?;
        let shown = |identity: &NewIdentity| {
            let guid = identity.guid.map(|guid| guid.to_string());
            let text = |text: &Option<Text>| text.as_ref().map(Text::to_string);
            let cells = [text(&identity.address), guid, text(&identity.principal_name)];
            cells.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let now = shown(&identity);
        let earlier = self.people.insert(key, identity.clone());
        agree(old, earlier.filter(|earlier| *earlier != identity).as_ref().map(shown), &now, line)
    }
}

/// Where the columns of a map stand.
struct Columns {
    old: usize,
    new: usize,
    guid: Option<usize>,
    principal_name: Option<usize>,
}

/// Reads what a row says of somebody's new identity.
fn identity(row: &csv::StringRecord, columns: &Columns, line: u64) -> Result<NewIdentity> {
    let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).filter(|cell| !cell.is_empty());
    let new = cell(Some(columns.new)).unwrap_or_default();
    let guid_of = |cell: &str| Guid::try_parse(cell.trim_matches(['{', '}'])).ok();
    let guid = match cell(columns.guid) {
        Some(cell) => Some(guid_of(cell).ok_or_else(|| refused(line, &format!("`{cell}` is no GUID")))?),
        None => guid_of(new),
    };
    Ok(NewIdentity {
        address: is_address(new).then(|| with_scheme(&Text::from(new))),
        guid,
        principal_name: cell(columns.principal_name).map(Text::from),
    })
}

/// Refuses a line that says something else than an earlier one.
fn agree(old: &str, earlier: Option<String>, now: &str, line: u64) -> Result<()> {
    match earlier.filter(|earlier| earlier != now) {
        Some(earlier) => {
            Err(refused(line, &format!("`{old}` was given another new identity before (`{earlier}`)")))
        }
        None => Ok(()),
    }
}

/// Returns an address with `sip:` before it, unless it has a scheme.
pub(super) fn with_scheme(address: &Text) -> Text {
    // Blanks around it are no part of an address, and would hide its scheme.
    let bytes = address.as_bytes().trim_ascii();
    let colon = bytes.iter().position(|&byte| byte == b':').unwrap_or(0);
    let (scheme, _) = bytes.split_at(colon);
    let has_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    Text::from_known(if has_scheme { bytes.to_vec() } else { [b"sip:", bytes].concat() })
}

/// Splits an address at its last `@` into user and domain.
fn split(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = address.iter().rposition(|&byte| byte == b'@')?;
    Some((&address[..at], &address[at + 1..]))
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty())
}

/// Returns the form in which an old address or GUID is compared.
fn key(old: &str) -> Option<Text> {
    match Guid::try_parse(old.trim_matches(['{', '}'])) {
        Ok(guid) => Some(Text::from(guid.to_string())),
        Err(_) => folded(&Text::from(old)),
    }
}

fn folded(address: &Text) -> Option<Text> {
    SipUri::new(address).map(|address| address.address().clone())
}

/// Returns the columns of old and new if a first row is a header.
fn header(row: &csv::StringRecord) -> Option<Columns> {
    let column = |name: &str| row.iter().position(|cell| cell.eq_ignore_ascii_case(name));
    let is_data = |cell: &str| cell.contains('@') || Guid::try_parse(cell.trim_matches(['{', '}'])).is_ok();
    match (column("old"), column("new")) {
        (Some(old), Some(new)) => {
            let either = |one, other| column(one).or_else(|| column(other));
            let (guid, principal_name) = (either("guid", "new_guid"), either("upn", "new_upn"));
            Some(Columns { old, new, guid, principal_name })
        }
        _ => {
            (!row.iter().any(is_data)).then_some(Columns { old: 0, new: 1, guid: None, principal_name: None })
        }
    }
}

/// Returns what separates the cells: of three candidates the most frequent in the first line.
pub(super) fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let frequency = |candidate: &u8| first.bytes().filter(|byte| byte == candidate).count();
    let most = b"\t;,".iter().max_by_key(|&candidate| frequency(candidate));
    most.copied().unwrap_or(b',')
}

fn decoded(csv: &[u8]) -> Result<String> {
    let (text, encoding, damaged) = encoding_rs::UTF_8.decode(csv);
    if damaged {
        return Err(refused(1, &format!("it is not in {}", encoding.name())));
    }
    Ok(text.into_owned())
}

fn refused(line: u64, why: &str) -> Error {
    Error::Usage {
        what: format!("the people map cannot be used, line {line}: {why}"),
        hint: "write a CSV file in UTF-8 with the columns old and new, and if need be guid and upn"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Author, PersonFacts};

    fn person(uri: &str) -> Person {
        let uri = Text::from(uri);
        let guid = Guid::from_u128(0xABCD);
        let facts = PersonFacts {
            uri: Some(uri.clone()),
            email: Some(Text::from("Ann.Smith@old.example")),
            user_principal_name: Some(Text::from("asmith@Old.example")),
            ..PersonFacts::default()
        };
        let address = SipUri::new(&uri);
        let author = Author::Principal(guid);
        Person { guid, author, facts, address, addresses: Vec::new(), rivals: Vec::new() }
    }

    fn new_address(csv: &str) -> Option<String> {
        let map = PeopleMap::parse(csv.as_bytes()).unwrap_or_else(|error| panic!("{csv}: {error}"));
        map.find(&person("sip:Ann@Old.example"))?.address.map(|new| new.to_string())
    }

    #[test]
    fn a_person_is_found_by_address_guid_principal_name_or_mail() {
        for old in [
            "ann@old.example",
            "SIP:ANN@OLD.EXAMPLE",
            "{00000000-0000-0000-0000-00000000ABCD}",
            "ASMITH@old.example",
            "ann.smith@old.example",
        ] {
            assert_eq!(
                new_address(&format!("{old},a.smith@new.example")).unwrap(),
                "sip:a.smith@new.example"
            );
        }
        assert_eq!(new_address("bob@old.example,bob@new.example"), None);
    }

    #[test]
    fn a_domain_rule_keeps_the_user_as_written_and_single_lines_outdo_it() {
        assert_eq!(new_address("@OLD.example,@new.example").unwrap(), "sip:Ann@new.example");
        assert_eq!(new_address("@example,@new.example"), None);
        let both = "@old.example,@new.example\nann@old.example,sip:boss@new.example";
        assert_eq!(new_address(both).unwrap(), "sip:boss@new.example");
    }

    #[test]
    fn headers_separators_byte_order_marks_and_blank_lines_are_understood() {
        for csv in [
            "old,new\nann@old.example,a@new.example\n",
            "\u{FEFF}Old;New\r\n\r\n\"ann@old.example\"; a@new.example \r\n;\r\n",
            "from\tto\nann@old.example\ta@new.example",
            "note,new,old\n\"x, y\",a@new.example,ann@old.example",
        ] {
            assert_eq!(new_address(csv).as_deref(), Some("sip:a@new.example"), "{csv:?}");
        }
        let units = "ann@old.example,a@new.example".encode_utf16().flat_map(u16::to_le_bytes);
        let csv: Vec<u8> = [0xFF, 0xFE].into_iter().chain(units).collect();
        assert!(PeopleMap::parse(&csv).unwrap().find(&person("ann@old.example")).is_some());
        assert_eq!(PeopleMap::parse(b"").unwrap(), PeopleMap::default());
    }

    #[test]
    fn what_is_no_pair_of_addresses_is_refused_with_its_line() {
        for (csv, line) in [
            (
                "ann@old.example,a@new.example\nann@old.example,other@new.example",
                "line 2: `ann@old.example` was",
            ),
            ("old,new\nann@old.example,", "line 2: `ann@old.example` and `` are neither"),
            ("ann@old.example", "line 1"),
            ("@old.example,ann@new.example", "line 1"),
            ("ann@old.example,@new.example", "line 1"),
            (",ann@new.example", "line 1: the old address is missing"),
        ] {
            let error = PeopleMap::parse(csv.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(line), "{csv}: {error}");
            assert!(matches!(error, Error::Usage { .. }));
        }
        assert!(PeopleMap::parse(b"ann@old.example,\xFF@new.example").is_err());
    }

    #[test]
    fn a_new_guid_and_a_new_principal_name_may_stand_beside_the_address_or_alone() {
        let found = |csv: &str| {
            let map = PeopleMap::parse(csv.as_bytes()).unwrap_or_else(|error| panic!("{csv}: {error}"));
            map.find(&person("sip:Ann@Old.example")).unwrap()
        };
        let (old, new) = (Guid::from_u128(0xABCD), Guid::from_u128(0xEF));
        let alone = NewIdentity { guid: Some(new), ..NewIdentity::default() };
        assert_eq!(found(&format!("{old},{new}")), alone);
        assert_eq!(found(&format!("old,new,guid\n{old},,{{{new}}}")), alone);
        let whole = found(&format!("old,new,GUID,UPN\nann@old.example,a@new.example,{new},a@corp.example"));
        assert_eq!((whole.guid, whole.principal_name), (Some(new), Some(Text::from("a@corp.example"))));
        assert_eq!(whole.address, Some(Text::from("sip:a@new.example")));
        assert!(PeopleMap::parse(b"old,new,guid\nann@old.example,a@new.example,7").is_err());
    }

    #[test]
    fn a_scheme_is_added_where_none_stands() {
        for (address, whole) in [
            ("ann@old.example", "sip:ann@old.example"),
            ("SIP:ann@old.example", "SIP:ann@old.example"),
            ("ma-grp:staff", "ma-grp:staff"),
            ("ann@old.example:5061", "sip:ann@old.example:5061"),
            (" sip:ann@old.example ", "sip:ann@old.example"),
        ] {
            assert_eq!(with_scheme(&Text::from(address)), Text::from(whole));
        }
    }
}
