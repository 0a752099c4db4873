//! The nouns of the field, as plain data: text, time, people, rooms, messages.
//!
//! Everything that travels from a reader to the package is made of these types. They know nothing
//! of files, tables or XML, and they do no input or output.

mod directory;
mod history;
mod identity;
mod node;
mod origin;
mod person;
mod record;
mod text;
mod time;
mod uri;

pub use directory::{Directory, PersonKey, RoomKey, Settled};
pub use history::{ChatIds, Event, HistoryFacts, Message, Piece, RoomHistory};
pub use identity::{Guid, MessageId, derived_guid};
pub use node::{AddIn, Generation, Node, NodeKind, Role, RoleEntry, ScopeEntry, Tree, Visibility};
pub use origin::Origin;
pub use person::{Author, Person, PersonFacts, PersonKind, RoomFacts};
pub use record::{Batch, Form, Kind, Numbering, Record, Source, Span};
pub(crate) use text::units;
pub use text::{InvalidText, Text, is_formula};
pub use time::{Moment, Precision, Ticks, TicksOutOfRange};
pub use uri::{RoomUri, SipUri};
