//! Rooms and people.

use uuid::Uuid;

use super::chance::Chance;

const SUBJECTS: [&str; 20] = [
    "Rates",
    "Credit",
    "Equities",
    "Foreign exchange",
    "Commodities",
    "Repo",
    "Swaps",
    "Options",
    "Research",
    "Operations",
    "Settlements",
    "Treasury",
    "Risk",
    "Legal & compliance",
    "Systems",
    "Support",
    "Sales",
    "Town hall",
    "New issues",
    "Emerging markets",
];
const FIRST: [&str; 20] = [
    "Ann", "Bob", "Chiara", "Dmitri", "Eve", "Farid", "Grace", "Hanna", "Igor", "Jane", "Kofi", "Lars",
    "Mei", "Nora", "Omar", "Petra", "Quentin", "Rosa", "Sven", "Tomás",
];
const LAST: [&str; 20] = [
    "Meyer", "Okafor", "Rossi", "Volkov", "O'Hara", "Aziz", "Chen", "Schmidt", "Petrov", "Doe", "Mensah",
    "Nilsson", "Tanaka", "Weiß", "Haddad", "Nowak", "Dubois", "García", "Lund", "Silva",
];

/// A node of the tree: a room, or the category of some.
pub struct Room {
    /// `tblNode.nodeID`, `tblChat.channelId`.
    pub id: u32,
    pub guid: Uuid,
    pub name: String,
    /// The number of its subject.
    pub subject: usize,
}

/// A user.
pub struct Person {
    /// `tblPrincipal.prinID`, `tblChat.userId`.
    pub id: u32,
    pub guid: Uuid,
    pub name: String,
    /// Without `sip:`.
    pub address: String,
}

pub fn rooms() -> Vec<Room> {
    let room = |number: usize| Room {
        id: 101 + number as u32,
        guid: guid(1, number),
        name: format!("{} {}", SUBJECTS[number % SUBJECTS.len()], number / SUBJECTS.len() + 1),
        subject: number % SUBJECTS.len(),
    };
    (0..400).map(room).collect()
}

/// Returns the categories, one for each subject.
pub fn categories() -> Vec<Room> {
    let category = |(number, name): (usize, &&str)| Room {
        id: 2 + number as u32,
        guid: guid(2, number),
        name: (*name).to_owned(),
        subject: number,
    };
    SUBJECTS.iter().enumerate().map(category).collect()
}

pub fn people() -> Vec<Person> {
    let person = |number: usize| {
        let (first, last) = (FIRST[number % 20], LAST[(number / 20 + number) % 20]);
        let plain = |name: &str| name.to_lowercase().replace('á', "a").replace('í', "i").replace('ß', "ss");
        Person {
            id: 1001 + number as u32,
            guid: guid(3, number),
            name: format!("{first} {last}"),
            address: format!("{}.{}@litware.example", plain(first), plain(last)),
        }
    };
    (0..300).map(person).collect()
}

/// Returns a GUID for the member of a sort.
pub fn guid(sort: u64, number: usize) -> Uuid {
    let mut chance = Chance::new(sort << 32 | number as u64);
    let bits = u128::from(chance.next()) << 64 | u128::from(chance.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}
