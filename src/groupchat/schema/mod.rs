//! The tables of the two databases as the vendor documents them, and how to know them again.
//!
//! It holds facts and reads no rows. The facts are those of the "Lync Server 2013 database schema"
//! and "Lync Server 2010 Group Chat schema" topics. The vendor reserves the right to add columns,
//! so nothing here depends on the order or number of columns where a file names them; only files
//! without a header have to be taken by their documented layout.

mod affix;
mod facts;
mod kind;
mod layout;
mod recognise;

pub use affix::name_affix;
pub(super) use affix::{part_free, without_schema};
pub use kind::TableKind;
pub use layout::{Layout, documented_layouts, fits, layouts_for_field_count};
pub use recognise::{Recognised, is_documented_column, recognise};
pub(super) use recognise::{compare_columns, generation_hint, is_foreign};
