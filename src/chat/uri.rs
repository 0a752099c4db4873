//! The addresses of people and rooms, compared as the servers compare them.

use super::{Guid, Text, derived_guid};

/// A person's SIP address in the form that serves comparison: lower case, without `sip:`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SipUri(Text);

impl SipUri {
    /// Takes an address with or without `sip:`; `None` if nothing remains, or if it is the address
    /// of a group (`ma-grp:…`).
    pub fn new(address: &Text) -> Option<SipUri> {
        let folded = address.to_folded();
        let bytes = folded.as_bytes().trim_ascii();
        let bytes = bytes.strip_prefix(b"sip:").unwrap_or(bytes);
        (!bytes.is_empty() && !bytes.starts_with(b"ma-grp")).then(|| SipUri(Text::from_known(bytes)))
    }

    /// Returns the address without `sip:`, in lower case.
    pub fn address(&self) -> &Text {
        &self.0
    }
}

/// A room's address: `ma-chan://<domain>/<GUID>`, or with a number in old compliance documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomUri {
    /// The domain in lower case; empty where the address has none.
    pub domain: Text,
    /// What stands after the last slash, in lower case.
    pub name: Text,
}

impl RoomUri {
    /// Takes an address apart. Anything is an address: what has no slash is all name.
    pub fn new(address: &Text) -> RoomUri {
        let folded = address.to_folded();
        let bytes = folded.as_bytes().trim_ascii();
        let path = bytes.strip_prefix(b"ma-chan://").unwrap_or(bytes);
        let (domain, name) = match path.iter().rposition(|&byte| byte == b'/') {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&path[..0], path),
        };
        RoomUri { domain: Text::from_known(domain), name: Text::from_known(name) }
    }

    /// Returns the address of a room known by its database number alone.
    pub fn numbered(number: i64) -> RoomUri {
        RoomUri { domain: Text::default(), name: Text::from(number.to_string()) }
    }

    /// Returns the room's GUID, and whether the address itself holds it. Where it does not, the
    /// GUID is derived from domain and name.
    pub fn guid(&self) -> (Guid, bool) {
        let braces: &[_] = &['{', '}'];
        match self.name.as_str().and_then(|name| Guid::try_parse(name.trim_matches(braces)).ok()) {
            Some(guid) => (guid, true),
            None => (derived_guid(&[b"room", self.domain.as_bytes(), self.name.as_bytes()]), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_with_and_without_scheme_and_in_any_case() {
        let plain = SipUri::new(&Text::from("ann@litware.example"));
        assert_eq!(SipUri::new(&Text::from("SIP:Ann@Litware.example ")), plain);
        assert_eq!(SipUri::new(&Text::from("sip:")), None);
    }

    #[test]
    fn a_room_address_gives_its_guid_or_a_derived_one() {
        let guid = "094f5a4a-c492-4f6b-91c2-385eba134fd3";
        let room = RoomUri::new(&Text::from(format!("ma-chan://Lync.Example/{}", guid.to_uppercase())));
        assert_eq!(room.domain, Text::from("lync.example"));
        assert_eq!(room.guid(), (Guid::try_parse(guid).unwrap(), true));

        let numbered = RoomUri::new(&Text::from("ma-chan://litwareinc.com/300"));
        let (derived, known) = numbered.guid();
        assert!(!known);
        assert_ne!(derived, RoomUri::numbered(300).guid().0);
    }
}
