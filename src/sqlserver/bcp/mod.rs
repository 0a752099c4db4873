//! x
pub(in crate::sqlserver) mod decode;
pub(in crate::sqlserver) mod field;
pub(in crate::sqlserver) mod rows;
pub(in crate::sqlserver) mod tape;

use crate::error::{Error, Result};
use decode::{Broken, Slots};
use field::Field;
use rows::{Part, walk};
use tape::Tape;

/// Walks all parts without reading values; returns the number of rows, and what is wrong first.
/// What is wrong ends its part.
pub(in crate::sqlserver) fn survey(
    fields: &[Field],
    parts: &[Part],
    limit: usize,
) -> Result<(u64, Option<Broken>)> {
    let mut slots = Slots::default();
    let mut rows = 0;
    let mut first = None;
    for part in parts {
        let cause = |cause| Error::read(&part.name, cause);
        let mut tape = Tape::new(part.blob.open().map_err(cause)?, limit);
        loop {
            match walk(&mut tape, &mut slots, fields) {
                Ok(None) => break,
                Ok(Some(Ok(()))) => rows += 1,
                Ok(Some(Err(broken))) => {
                    first.get_or_insert(broken);
                    break;
                }
                Err(error) => {
                    first.get_or_insert(rows::damage(&error).ok_or_else(|| cause(error))?);
                    break;
                }
            }
        }
    }
    Ok((rows, first))
}
