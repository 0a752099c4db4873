//! The words in which differences are told.

use crate::chat::{Guid, MessageId, Text, Ticks};

/// Which of both sides holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A alone.
    A,
    /// B alone.
    B,
    /// Both, and they differ in it.
    Both,
}

impl Side {
    /// Returns the name that stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Side::A => "a",
            Side::B => "b",
            Side::Both => "both",
        }
    }
}

/// What differs. Differences are told in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Which documents there are.
    Level,
    /// A person, group or container.
    Person,
    /// A setting of a person.
    PersonSetting,
    /// An add-in.
    AddIn,
    /// A setting of an add-in.
    AddInSetting,
    /// A category.
    Category,
    /// A setting of a category.
    CategorySetting,
    /// Somebody whom a category lets in.
    AllowedMember,
    /// Somebody whom a category shuts out.
    DeniedMember,
    /// Somebody who may create rooms in a category.
    Creator,
    /// A room.
    Room,
    /// A setting of a room.
    RoomSetting,
    /// A member of a room.
    Member,
    /// A manager of a room.
    Manager,
    /// A presenter of a room.
    Presenter,
    /// A message.
    Message,
    /// A compliance event.
    Event,
}

impl Kind {
    /// Returns the name that stands in JSON and is shown.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Level => "level",
            Kind::Person => "person",
            Kind::PersonSetting => "person-setting",
            Kind::AddIn => "add-in",
            Kind::AddInSetting => "add-in-setting",
            Kind::Category => "category",
            Kind::CategorySetting => "category-setting",
            Kind::AllowedMember => "allowed-member",
            Kind::DeniedMember => "denied-member",
            Kind::Creator => "creator",
            Kind::Room => "room",
            Kind::RoomSetting => "room-setting",
            Kind::Member => "member",
            Kind::Manager => "manager",
            Kind::Presenter => "presenter",
            Kind::Message => "message",
            Kind::Event => "event",
        }
    }
}

/// Something with a GUID, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its GUID.
    pub guid: Guid,
    /// Its name in A, else in B; `None` where neither knows one.
    pub name: Option<Text>,
}

/// Which message or event is spoken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSubject {
    /// The message's identity in A, else in B; events have none.
    pub id: Option<MessageId>,
    /// Its identity in B where that is another one, as its text is.
    pub id_in_b: Option<MessageId>,
    /// When it was written or happened.
    pub time: Ticks,
    /// Its chat id.
    pub chat_id: Option<i64>,
    /// The type of an event.
    pub type_name: Option<Text>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub kind: Kind,
    /// Who holds it.
    pub side: Side,
    /// The person, add-in, category or room that it is, or belongs to; `None` for the level.
    pub subject: Option<Named>,
    /// Who stands in a list, wrote a message, or figures in an event.
    pub person: Option<Named>,
    /// The message or event.
    pub record: Option<RecordSubject>,
    /// What of it differs, as the documents of a package call it; `None` for something that one side lacks.
    pub field: Option<&'static str>,
    /// The value in A: of the field, or the text of a message or event that B lacks.
    pub a: Option<Text>,
    /// The value in B.
    pub b: Option<Text>,
}
