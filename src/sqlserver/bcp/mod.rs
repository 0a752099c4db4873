//! Native files of `bcp` (`-n`, `-N`): values as a server stores them, with lengths in front.
//!
//! Nothing in such a file tells what it holds: a [`FormatFile`] or the columns of the table must. With
//! columns alone it is not certain which lengths stand in the file, since that depends on which are
//! NOT NULL and on who wrote it; all known habits are tried, and one is taken that uses up the file
//! to its last byte. Where none does, or several do and give different rows, the file is refused;
//! of a file that was cut off the rows before the cut are given.
//!
//! Opening walks the file once for each habit tried; memory holds the row at hand.

pub(in crate::sqlserver) mod decode;
pub(in crate::sqlserver) mod field;
mod layout;
pub(in crate::sqlserver) mod rows;
pub(in crate::sqlserver) mod tape;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::encoding::{Census, Encoding};
use super::{Column, Dump, FormatFile, Rows, Table};
use crate::container::Blob;
use crate::error::{Error, Result};
use decode::{Broken, Slots};
use field::{Field, Form, Habits, of_column};
use layout::Found;
use rows::{Cut, NativeRows, Part, walk};
use tape::Tape;

/// The longest row, in bytes, if nothing else is said.
const LIMIT: usize = 256 << 20;
/// Bytes of text that are looked at to tell UTF-16 from a code page.
const SAMPLE: usize = 1 << 20;
/// Bytes after which a stretch of rows ends with the row.
pub(in crate::sqlserver) const STRETCH: u64 = 8 << 20;

/// What a caller knows about a native file.
#[derive(Debug, Clone, Default)]
pub struct BcpOptions {
    /// The name of the table; by default that of the input without folder and extension.
    pub name: Option<String>,
    /// The format file, which says all that the columns do.
    pub format: Option<FormatFile>,
    /// The table's columns in their order, with types; needed where there is no format file.
    pub columns: Option<Vec<Column>>,
    /// The encoding of `char`, `varchar` and `text`: UTF-16 for `bcp -N`, the client's code page for
    /// `bcp -n`. By default it is found from the values.
    pub narrow: Option<Encoding>,
    /// The longest row, in bytes; by default 256 MiB.
    pub row_limit: Option<usize>,
}

/// The table in a native file.
#[derive(Debug)]
pub struct Bcp {
    fields: Vec<Field>,
    order: Vec<usize>,
    parts: [Part; 1],
    tables: [Table; 1],
    rows: u64,
    /// Where the stretches begin.
    cuts: Vec<Cut>,
    limit: usize,
    problem: Option<String>,
}

impl Bcp {
    /// Opens a file. `input` names it in errors.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Usage`] if neither format file nor columns are given;
    /// [`Error::Unusable`] if no layout of the columns uses up the file, or several do and differ.
    pub fn open(input: &str, blob: Arc<dyn Blob>, options: BcpOptions) -> Result<Bcp> {
        Bcp::open_in_stretches(input, blob, options, STRETCH)
    }

    fn open_in_stretches(input: &str, blob: Arc<dyn Blob>, options: BcpOptions, stretch: u64) -> Result<Bcp> {
        let limit = options.row_limit.unwrap_or(LIMIT).clamp(1 << 10, 1 << 40);
        let parts = [Part { name: input.to_owned(), blob }];
        let named = options.format.and_then(FormatFile::into_native);
        let (columns, order, found) = match (named, options.columns) {
            // A format file is taken at its word: rows that do not fit it become faults.
            (Some((columns, order, mut fields)), _) => {
                let Surveyed { rows, cuts, .. } = survey(&fields, &parts, limit, stretch)?;
                choose_narrow(&mut fields, &parts, limit, options.narrow)?;
                (columns, order, Found { fields, rows, cuts, problem: None })
            }
            (None, Some(columns)) => {
                let layouts = habits(options.narrow)
                    .map(|habits| columns.iter().map(|column| of_column(column, habits)).collect());
                let order = (0..columns.len()).collect();
                let found = layout::find(input, &parts, distinct(layouts), limit, options.narrow, stretch)?;
                (columns, order, found)
            }
            (None, None) => {
                return Err(Error::Usage {
                    what: format!("{input} is native data, and nothing tells its columns"),
                    hint: "put its format file beside it (bcp TABLE format nul -N -f FILE)".to_owned(),
                });
            }
        };
        let Found { fields, rows, cuts, problem } = found;
        let name = options.name.unwrap_or_else(|| stem(input).to_owned());
        let tables = [Table { schema: String::new(), name, columns, engine_rows: None }];
        Ok(Bcp { fields, order, parts, tables, rows, cuts, limit, problem })
    }

    /// Returns the number of rows, as counted at opening.
    pub fn row_count(&self) -> u64 {
        self.rows
    }
}

/// Returns the name of a file without folder, archive and extension.
fn stem(input: &str) -> &str {
    let file = input.rsplit(['/', '\\', '#']).next().unwrap_or(input);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Returns the habits to try, the likeliest first.
fn habits(narrow: Option<Encoding>) -> impl Iterator<Item = Habits> {
    let narrow = narrow.unwrap_or(Encoding::Utf16LittleEndian);
    let usual = Habits {
        bare: true,
        bare_char: false,
        bare_binary: false,
        prefixed_bit: false,
        long_version: false,
        narrow,
    };
    [
        usual,
        // Where it is not known that columns are NOT NULL, or the writer did not care.
        Habits { bare: false, ..usual },
        Habits { bare: true, prefixed_bit: true, ..usual },
        Habits { bare: true, prefixed_bit: true, bare_char: true, ..usual },
        Habits { bare: true, prefixed_bit: true, bare_char: true, bare_binary: true, ..usual },
        Habits { long_version: true, ..usual },
        Habits { bare: false, long_version: true, ..usual },
    ]
    .into_iter()
}

fn distinct(layouts: impl Iterator<Item = Vec<Field>>) -> Vec<Vec<Field>> {
    let mut kept: Vec<Vec<Field>> = Vec::new();
    for layout in layouts {
        if !kept.contains(&layout) {
            kept.push(layout);
        }
    }
    kept
}

/// Sets the encoding of fields that may be in a code page; where it is not told, the values of the
/// beginning tell UTF-16 from UTF-8 from the Western code page.
fn choose_narrow(fields: &mut [Field], parts: &[Part], limit: usize, told: Option<Encoding>) -> Result<()> {
    let mut narrow: Vec<usize> = Vec::new();
    for (number, field) in fields.iter().enumerate() {
        if field.is_narrow() && field.terminator.is_empty() {
            narrow.push(number);
        }
    }
    if narrow.is_empty() {
        return Ok(());
    }
    let encoding = match told {
        Some(encoding) => encoding,
        None => sampled(fields, &narrow, parts, limit)?,
    };
    for number in narrow {
        if let Some(field) = fields.get_mut(number) {
            field.form = Form::Text(encoding);
        }
    }
    Ok(())
}

fn sampled(fields: &[Field], narrow: &[usize], parts: &[Part], limit: usize) -> Result<Encoding> {
    let mut census = Census::default();
    let mut slots = Slots::default();
    let (mut seen, mut odd) = (0, false);
    for part in parts {
        let cause = |cause| Error::read(&part.name, cause);
        let mut tape = Tape::new(part.blob.open().map_err(cause)?, limit);
        while seen < SAMPLE
            && let Ok(Some(Ok(()))) = walk(&mut tape, &mut slots, fields)
        {
            for data in narrow.iter().filter_map(|&number| slots.data(&tape, number)) {
                odd |= data.len() % 2 != 0;
                seen += data.len();
                census.feed(data.get(..SAMPLE).unwrap_or(data));
            }
        }
    }
    Ok(match census.finish() {
        Encoding::Utf16LittleEndian if !odd => Encoding::Utf16LittleEndian,
        Encoding::Utf8 => Encoding::Utf8,
        _ => Encoding::Windows1252,
    })
}

impl Bcp {
    fn check(&self, table: usize) -> Result<()> {
        if table == 0 {
            return Ok(());
        }
        Err(Error::Usage {
            what: format!("{} has no table at position {table}", self.parts[0].name),
            hint: "a native file holds one table, at position 0".to_owned(),
        })
    }

    fn reader(&self) -> NativeRows<'_> {
        NativeRows::new(&self.fields, &self.order, &self.parts, self.limit)
    }
}

impl Dump for Bcp {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>> {
        self.check(table)?;
        Ok(Box::new(self.reader()))
    }

    fn stretches(&self, _table: usize) -> usize {
        self.cuts.len()
    }

    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        self.check(table)?;
        let [part] = &self.parts;
        let (from, until) = rows::between(&self.cuts, stretch, &part.name)?;
        Ok(Box::new(self.reader().between(from, until)))
    }

    fn problems(&self) -> Vec<String> {
        self.problem.iter().cloned().collect()
    }
}

/// What walking all rows showed.
pub(in crate::sqlserver) struct Surveyed {
    /// The rows.
    pub(in crate::sqlserver) rows: u64,
    /// The first place that is none.
    pub(in crate::sqlserver) broken: Option<Broken>,
    /// Where stretches begin, the first at the beginning.
    pub(in crate::sqlserver) cuts: Vec<Cut>,
}

/// Walks all parts without reading values; returns the number of rows, and what is wrong first.
/// What is wrong ends its part.
pub(in crate::sqlserver) fn survey(
    fields: &[Field],
    parts: &[Part],
    limit: usize,
    stretch: u64,
) -> Result<Surveyed> {
    let mut slots = Slots::default();
    let mut surveyed = Surveyed { rows: 0, broken: None, cuts: vec![Cut::default()] };
    // Bytes behind the last cut, those of parts that were gone over included.
    let mut passed = 0;
    for (number, part) in parts.iter().enumerate() {
        let cause = |cause| Error::read(&part.name, cause);
        let mut tape = Tape::new(part.blob.open().map_err(cause)?, limit);
        let is_file = part.blob.path().is_some();
        let mut begun = 0;
        loop {
            match walk(&mut tape, &mut slots, fields) {
                Ok(None) => break,
                Ok(Some(Ok(()))) => surveyed.rows += 1,
                Ok(Some(Err(broken))) => {
                    surveyed.broken.get_or_insert(broken);
                    break;
                }
                Err(error) => {
                    surveyed.broken.get_or_insert(rows::damage(&error).ok_or_else(|| cause(error))?);
                    break;
                }
            }
            let byte = tape.offset();
            if passed + (byte - begun) >= stretch && (byte == 0 || is_file) {
                surveyed.cuts.push(Cut { part: number, byte });
                (passed, begun) = (0, byte);
            }
        }
        passed += tape.position() - begun;
    }
    Ok(surveyed)
}
