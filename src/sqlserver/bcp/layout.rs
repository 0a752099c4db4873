//! Which layout of the columns a native file has, where no format file tells.
//!
//! One is taken if it uses up the file to its last byte. Where several do and give different rows,
//! none is taken: a guess would be as likely wrong as right. Of a file that was cut off no layout
//! can use up the last row; then the rows before must be whole, and the cut is told.

use super::decode::Broken;
use super::field::Field;
use super::rows::{Cut, NativeRows, Part};
use super::{Surveyed, choose_narrow, survey};
use crate::error::{Error, Result};
use crate::ledger::Cause;
use crate::sqlserver::{Encoding, Rows};

const HINT: &str = "put the format file of the data beside it (bcp TABLE format nul -N -f FILE)";

/// A layout that was found, and what it makes of the file.
pub(super) struct Found {
    pub(super) fields: Vec<Field>,
    pub(super) rows: u64,
    /// Where its stretches begin.
    pub(super) cuts: Vec<Cut>,
    /// What is doubtful about it, as a sentence.
    pub(super) problem: Option<String>,
}

/// Finds the layout of a file without a format file.
pub(super) fn find(
    input: &str,
    parts: &[Part],
    layouts: Vec<Vec<Field>>,
    limit: usize,
    narrow: Option<Encoding>,
    stretch: u64,
) -> Result<Found> {
    let unusable = |why: String| Error::Unusable { input: input.to_owned(), why, hint: HINT.to_owned() };
    let mut whole = Vec::new();
    let mut cut = Vec::new();
    let mut first: Option<(u64, Broken)> = None;
    for mut fields in layouts {
        let Surveyed { rows, cuts, broken } = survey(&fields, parts, limit, stretch)?;
        choose_narrow(&mut fields, parts, limit, narrow)?;
        match broken {
            None => whole.push((fields, rows, cuts)),
            Some(broken) => {
                if broken.cause == Cause::Truncated && rows > 0 {
                    cut.push((fields, rows, cuts));
                }
                first.get_or_insert((rows, broken));
            }
        }
    }
    let is_cut = whole.is_empty();
    let mut candidates = if is_cut { cut } else { whole };
    if candidates.len() > 1 || is_cut {
        // A layout whose values are no values of their types is none.
        let mut sound = Vec::new();
        for (fields, rows, _) in &candidates {
            sound.push(is_sound(fields, parts, limit, *rows)?);
        }
        if is_cut || sound.contains(&true) {
            let mut sound = sound.into_iter();
            candidates.retain(|_| sound.next().unwrap_or(true));
        }
    }
    let mut candidates = candidates.into_iter();
    let Some((fields, rows, cuts)) = candidates.next() else {
        return Err(match first {
            Some((rows, broken)) => unusable(format!(
                "its bytes do not fit the columns: in row {}, {}",
                rows.saturating_add(1),
                broken.detail
            )),
            None => Error::Usage {
                what: format!("{input}: no columns are given"),
                hint: "put its format file beside it".to_owned(),
            },
        });
    };
    for (other, ..) in candidates {
        if let Some(row) = difference(&fields, &other, parts, limit)? {
            return Err(unusable(format!(
                "its bytes fit the columns in more than one way, and row {row} is different in each"
            )));
        }
    }
    let problem = is_cut.then(|| {
        format!("{input} ends within row {}: the rows before it fit the columns", rows.saturating_add(1))
    });
    Ok(Found { fields, rows, cuts, problem })
}

/// Tells whether the values of so many rows are values of their types.
fn is_sound(fields: &[Field], parts: &[Part], limit: usize, rows: u64) -> Result<bool> {
    let order: Vec<usize> = (0..fields.len()).collect();
    let mut reader = NativeRows::new(fields, &order, parts, limit);
    for _ in 0..rows {
        match reader.next_row()? {
            None => break,
            Some(Ok(_)) => {}
            // A row beyond the limit says nothing about the layout.
            Some(Err(fault)) if fault.cause == Cause::TooLarge => {}
            Some(Err(_)) => return Ok(false),
        }
    }
    Ok(true)
}

/// Returns the number of the first row that two layouts read differently.
fn difference(one: &[Field], two: &[Field], parts: &[Part], limit: usize) -> Result<Option<u64>> {
    let order: Vec<usize> = (0..one.len()).collect();
    let mut readers =
        (NativeRows::new(one, &order, parts, limit), NativeRows::new(two, &order, parts, limit));
    let mut number = 1;
    loop {
        let same = match (readers.0.next_row()?, readers.1.next_row()?) {
            (None, None) => return Ok(None),
            (Some(Ok(one)), Some(Ok(two))) => one.values == two.values && one.byte == two.byte,
            (Some(Err(one)), Some(Err(two))) => one.byte == two.byte,
            _ => false,
        };
        if !same {
            return Ok(Some(number));
        }
        number += 1;
    }
}
