//! The normal form that serves keys: text, and the identity of messages.
//!
//! Nothing here changes what is kept: the package carries text verbatim. The normal form only
//! decides which records are one message.

mod identity;
mod text;

pub use identity::{Identity, author_name};
pub use text::normal_text;
