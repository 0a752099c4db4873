//! The documents of a package as tables: elements in their order, attributes with their kinds.

use super::grammar::{Attribute, Element, Times};
use super::kinds::Kind;

const fn required(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: false }
}

/// `User.xml`.
pub(super) static USERS: Element =
    Element { name: "Users", attributes: &[], children: &[(&PERSON, Times::Many)], has_text: false };

pub(super) static PERSON: Element = Element {
    name: "Person",
    attributes: &[
        required("Id", Kind::Count),
        required("Guid", Kind::Guid),
        optional("Uri", Kind::Text),
        optional("SourceUri", Kind::Text),
        optional("Name", Kind::Text),
        required("Type", Kind::Person),
        required("Disabled", Kind::OneOf(&["0", "1", "2"])),
        optional("Email", Kind::Text),
        optional("Company", Kind::Text),
        optional("DirectoryPath", Kind::Text),
        optional("UserPrincipalName", Kind::Text),
        optional("NewGuid", Kind::Guid),
        optional("NewUserPrincipalName", Kind::Text),
        optional("SourceGeneration", Kind::OneOf(&["2010", "2013"])),
        optional("SourceUpdated", Kind::Time),
    ],
    children: &[],
    has_text: false,
};

/// `Category.xml`.
pub(super) static CATEGORIES: Element =
    Element { name: "Categories", attributes: &[], children: &[(&CATEGORY, Times::Many)], has_text: false };

pub(super) static CATEGORY: Element = Element {
    name: "Category",
    attributes: &[
        required("Guid", Kind::Guid),
        required("Name", Kind::Text),
        optional("Description", Kind::Text),
        required("Invitations", Kind::Flag),
        required("ChatHistory", Kind::Flag),
        required("FileUpload", Kind::Flag),
        optional("SourceGeneration", Kind::OneOf(&["2010", "2013"])),
        optional("SourceUpdated", Kind::Time),
    ],
    children: &[(&ALLOWED, Times::One), (&DENIED, Times::One), (&CREATORS, Times::One)],
    has_text: false,
};

static ALLOWED: Element = Element {
    name: "AllowedMembers",
    attributes: &[optional("Unrestricted", Kind::Flag)],
    children: &[(&MEMBER, Times::Many)],
    has_text: false,
};

static DENIED: Element = list("DeniedMembers");
static CREATORS: Element = list("Creators");
static MEMBERS: Element = list("Members");
static MANAGERS: Element = list("Managers");
static PRESENTERS: Element = list("Presenters");

const fn list(name: &'static str) -> Element {
    Element { name, attributes: &[], children: ANY_MEMBERS, has_text: false }
}

static ANY_MEMBERS: &[(&Element, Times)] = &[(&MEMBER, Times::Many)];

pub(super) static MEMBER: Element = Element {
    name: "Member",
    attributes: &[required("Person", Kind::Count), optional("OutsideScope", Kind::Flag)],
    children: &[],
    has_text: false,
};

/// `RoomDirectory.xml`.
pub(super) static ROOM_DIRECTORY: Element = Element {
    name: "RoomDirectory",
    attributes: &[],
    children: &[(&ADD_IN, Times::Many), (&ROOM, Times::Many)],
    has_text: false,
};

pub(super) static ADD_IN: Element = Element {
    name: "AddIn",
    attributes: &[required("Guid", Kind::Guid), required("Name", Kind::Text), required("Url", Kind::Text)],
    children: &[],
    has_text: false,
};

pub(super) static ROOM: Element = Element {
    name: "Room",
    attributes: &[
        required("Guid", Kind::Guid),
        required("Name", Kind::Text),
        required("Category", Kind::Guid),
        optional("Description", Kind::Text),
        required("Privacy", Kind::OneOf(&["Secret", "Closed", "Open"])),
        required("Behavior", Kind::OneOf(&["Normal", "Auditorium"])),
        required("Invitations", Kind::OneOf(&["Inherit", "False"])),
        required("Disabled", Kind::Flag),
        optional("AddIn", Kind::Guid),
        optional("Topic", Kind::Text),
        optional("LastChatId", Kind::Number),
        optional("Uri", Kind::Text),
        optional("SourceGeneration", Kind::OneOf(&["2010", "2013"])),
        optional("SourceUpdated", Kind::Time),
    ],
    children: &[(&MEMBERS, Times::One), (&MANAGERS, Times::One), (&PRESENTERS, Times::One)],
    has_text: false,
};

/// `Content/<room>.xml`.
pub(super) static CONTENT: Element = Element {
    name: "Content",
    attributes: &[required("Room", Kind::Guid), optional("Part", Kind::Count)],
    children: &[(&MESSAGE, Times::Many)],
    has_text: false,
};

pub(super) static MESSAGE: Element = Element {
    name: "Message",
    attributes: &[
        required("Id", Kind::Id),
        required("Seq", Kind::Count),
        optional("ChatId", Kind::Number),
        required("Time", Kind::Time),
        optional("Precision", Kind::Precision),
        required("Author", Kind::Count),
        optional("Alert", Kind::Flag),
        optional("Conflict", Kind::Ids),
        optional("Extra", Kind::Text),
        required("Source", Kind::Source),
    ],
    children: &[(&TEXT, Times::One), (&RTF, Times::Optional)],
    has_text: false,
};

pub(super) static TEXT: Element = Element { name: "Text", attributes: &[], children: &[], has_text: true };
static RTF: Element = Element { name: "Rtf", attributes: &[], children: &[], has_text: true };

/// `compliance/<room>.xml`.
pub(super) static COMPLIANCE: Element = Element {
    name: "Compliance",
    attributes: &[required("Room", Kind::Guid), optional("Part", Kind::Count)],
    children: &[(&EVENT, Times::Many)],
    has_text: false,
};

pub(super) static EVENT: Element = Element {
    name: "Event",
    attributes: &[
        required("Type", Kind::Text),
        required("Time", Kind::Time),
        optional("Precision", Kind::Precision),
        required("Person", Kind::Count),
        optional("ChatId", Kind::Number),
        optional("Extra", Kind::Text),
        required("Source", Kind::Source),
    ],
    children: &[],
    has_text: true,
};
