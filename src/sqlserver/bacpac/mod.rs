//! BACPAC files: the model of a database and its rows, in a ZIP archive (MS-DACPAC; Microsoft Learn,
//! "Data-tier applications").
//!
//! Rows stand as `bcp -N` writes them, with deviations that no document tells: a `bit` always has a
//! length in front, a `char(n)` NOT NULL has none. Where it is not known what an exporter did, all
//! data of the table is walked, and the layout that uses up every part exactly is taken.
//!
//! Opening reads model and origin, and walks all data once to count the rows.

mod model;
mod name;
mod origin;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::bcp::field::{Field, Habits, of_column};
use super::bcp::rows::{Cut, NativeRows, Part, between};
use super::bcp::{STRETCH, Surveyed, survey};
use super::encoding::Encoding;
use super::{DataType, Dump, Rows, Table};
use crate::container::{Blob, Limits, Member, members};
use crate::error::{Error, Result};
use model::ModelTable;

/// The largest model that is read, in bytes.
const LARGEST_MODEL: u64 = 256 << 20;
/// The longest row, in bytes.
const LIMIT: usize = 256 << 20;

/// A BACPAC file.
#[derive(Debug)]
pub struct Bacpac {
    input: String,
    tables: Vec<Table>,
    data: Vec<Data>,
    warnings: Vec<String>,
}

/// The rows of a table.
#[derive(Debug)]
struct Data {
    fields: Vec<Field>,
    order: Vec<usize>,
    parts: Vec<Part>,
    /// Where the stretches begin.
    cuts: Vec<Cut>,
    rows: u64,
    /// Why the rows cannot be read.
    refusal: Option<String>,
}

/// The parts of a table's data, or why one of them cannot be opened.
type Parts = std::result::Result<Vec<Part>, String>;

impl Bacpac {
    /// Tells by the names of an archive's entries whether it is a BACPAC or DACPAC.
    pub fn is_like<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
        names.into_iter().any(|name| name == "model.xml")
    }

    /// Opens a file, which must have a path. `input` names it in errors.
    ///
    /// # Errors
    /// [`Error::Read`], and [`Error::Unusable`] if it is no BACPAC, holds no data, or its model
    /// cannot be understood.
    pub fn open(input: &str, blob: &Arc<dyn Blob>, limits: &Limits) -> Result<Bacpac> {
        Bacpac::open_in_stretches(input, blob, limits, STRETCH)
    }

    fn open_in_stretches(input: &str, blob: &Arc<dyn Blob>, limits: &Limits, stretch: u64) -> Result<Bacpac> {
        let members = members(blob, limits).map_err(|cause| Error::read(input, cause))?;
        let unusable =
            |why: String, hint: &str| Error::Unusable { input: input.to_owned(), why, hint: hint.to_owned() };
        let again = "export the database again as a data-tier application with data (BACPAC)";
        let Some(model) = document(input, &members, "model.xml")? else {
            return Err(unusable("it is no BACPAC: it has no model.xml".to_owned(), again));
        };
        let origin = document(input, &members, "Origin.xml")?.unwrap_or_default();
        let mut parts = parts(input, &members);
        if parts.is_empty() {
            return Err(unusable("it is a DACPAC: it describes tables and holds no rows".to_owned(), again));
        }
        let mut warnings = Vec::new();
        let origin = origin::parse(&origin)
            .map_err(|why| warnings.push(format!("Origin.xml is not understood: {why}")))
            .unwrap_or_default();
        if let Some(promised) = &origin.model
            && !promised.eq_ignore_ascii_case(&digest(model.as_bytes()))
        {
            warnings.push(
                "model.xml is not the one that was exported: its checksum differs from Origin.xml".to_owned(),
            );
        }
        let described = model::parse(&model)
            .map_err(|why| unusable(format!("its model.xml is not understood: {why}"), again))?;
        drop(model);
        let mut bacpac = Bacpac { input: input.to_owned(), tables: Vec::new(), data: Vec::new(), warnings };
        for table in described {
            let parts = parts.remove(&format!("{}.{}", table.schema, table.name));
            bacpac.add(table, parts.unwrap_or_else(|| Ok(Vec::new())), stretch)?;
        }
        let mut strangers: Vec<String> = parts.into_keys().collect();
        strangers.sort();
        if let Some(stranger) = strangers.first() {
            return Err(unusable(
                format!("its data folder {stranger} belongs to no table of the model"),
                again,
            ));
        }
        bacpac.check_total(origin.rows);
        Ok(bacpac)
    }

    /// Takes a table. Data that cannot be opened, or does not fit, is told and stops no other table.
    fn add(&mut self, table: ModelTable, parts: Parts, stretch: u64) -> Result<()> {
        let ModelTable { schema, name, columns } = table;
        let (parts, refusal) = match parts {
            Ok(parts) => (parts, None),
            Err(why) => (Vec::new(), Some(format!("the rows of {schema}.{name} cannot be read: {why}"))),
        };
        self.warnings.extend(refusal.clone());
        let mut misfit = None;
        let mut found: Option<(Vec<Field>, Surveyed)> = None;
        for habits in habits(&columns) {
            let fields: Vec<Field> = columns.iter().map(|column| of_column(column, habits)).collect();
            let mut surveyed = survey(&fields, &parts, LIMIT, stretch)?;
            match surveyed.broken.take() {
                None => {
                    found = Some((fields, surveyed));
                    misfit = None;
                    break;
                }
                Some(broken) => {
                    found.get_or_insert((fields, surveyed));
                    misfit.get_or_insert(broken.detail);
                }
            }
        }
        let (fields, rows, cuts) = match found {
            Some((fields, Surveyed { rows, cuts, .. })) => (fields, rows, cuts),
            None => (Vec::new(), 0, vec![Cut::default()]),
        };
        self.warnings
            .extend(misfit.map(|why| format!("the data of {schema}.{name} do not fit its columns: {why}")));
        self.data.push(Data { order: (0..columns.len()).collect(), fields, parts, cuts, rows, refusal });
        self.tables.push(Table { schema, name, columns, engine_rows: None });
        Ok(())
    }

    fn check_total(&mut self, promised: Option<u64>) {
        let found: u64 = self.data.iter().map(|data| data.rows).sum();
        if let Some(promised) = promised.filter(|promised| *promised != found) {
            self.warnings.push(format!("Origin.xml tells of {promised} rows, but {found} were found"));
        }
    }

    /// Returns the number of rows that were walked in a table when the file was opened.
    pub fn row_count(&self, table: usize) -> u64 {
        self.data.get(table).map_or(0, |data| data.rows)
    }
}

/// Returns the layouts to try for a table, the likeliest first.
fn habits(columns: &[super::Column]) -> Vec<Habits> {
    let likeliest = Habits {
        bare: true,
        bare_char: true,
        bare_binary: true,
        prefixed_bit: true,
        long_version: true,
        narrow: Encoding::Utf16LittleEndian,
    };
    let has = |wanted: fn(DataType) -> bool| columns.iter().any(|column| wanted(column.data_type));
    let mut all = vec![likeliest];
    let double = |all: &mut Vec<Habits>, change: fn(&mut Habits)| {
        let mut others = all.clone();
        others.iter_mut().for_each(change);
        all.extend(others);
    };
    if has(|data_type| matches!(data_type, DataType::Binary(_) | DataType::RowVersion)) {
        double(&mut all, |habits| habits.bare_binary = false);
    }
    if has(|data_type| data_type == DataType::RowVersion) {
        double(&mut all, |habits| habits.long_version = false);
    }
    if has(|data_type| matches!(data_type, DataType::Char(_))) {
        double(&mut all, |habits| habits.bare_char = false);
    }
    all
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Reads a document of the archive; `None` if there is none of that name.
fn document(input: &str, members: &[Member], wanted: &str) -> Result<Option<String>> {
    let Some((name, blob)) = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)) else {
        return Ok(None);
    };
    let named = format!("{input}#{name}");
    let blob = member(&named, blob)?;
    let mut bytes = Vec::new();
    let reader = blob.open().and_then(|reader| reader.take(LARGEST_MODEL + 1).read_to_end(&mut bytes));
    reader.map_err(|cause| Error::read(&named, cause))?;
    let unusable = |why: &str| Error::Unusable {
        input: named.clone(),
        why: why.to_owned(),
        hint: "export the database again as a data-tier application".to_owned(),
    };
    if bytes.len() as u64 > LARGEST_MODEL {
        return Err(unusable("it is larger than any model"));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| unusable("it is no text in UTF-8"))
}

fn member<'a>(name: &str, blob: &'a std::result::Result<Arc<dyn Blob>, String>) -> Result<&'a Arc<dyn Blob>> {
    blob.as_ref().map_err(|why| Error::Unusable {
        input: name.to_owned(),
        why: why.clone(),
        hint: "copy or export the file again".to_owned(),
    })
}

/// A part with the two numbers of its name.
type Numbered = ((u64, u64), Part);

/// Finds the parts of each table's data, by the table's name, in their order.
fn parts(input: &str, members: &[Member]) -> HashMap<String, Parts> {
    let mut found: HashMap<String, std::result::Result<Vec<Numbered>, String>> = HashMap::new();
    for (name, blob) in members {
        let Some((folder, file)) = name.strip_prefix("Data/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        let numbers = file.strip_suffix(".BCP").or(file.strip_suffix(".bcp"));
        let Some(numbers) = numbers.and_then(|file| file.strip_prefix("TableData-")) else { continue };
        let (first, second) = numbers.split_once('-').unwrap_or((numbers, "0"));
        let order = (first.parse().unwrap_or(u64::MAX), second.parse().unwrap_or(u64::MAX));
        let named = format!("{input}#{name}");
        let parts = found.entry(name::unescaped(folder)).or_insert_with(|| Ok(Vec::new()));
        match (blob, parts) {
            (Ok(blob), Ok(parts)) => parts.push((order, Part { name: named, blob: Arc::clone(blob) })),
            (Err(why), parts) => *parts = Err(format!("{named}: {why}")),
            (Ok(_), Err(_)) => {}
        }
    }
    let sorted = |mut parts: Vec<Numbered>| {
        parts.sort_by(|(one, part), (two, other)| one.cmp(two).then_with(|| part.name.cmp(&other.name)));
        parts.into_iter().map(|(_, part)| part).collect()
    };
    found.into_iter().map(|(table, parts)| (table, parts.map(sorted))).collect()
}

impl Data {
    fn reader(&self) -> NativeRows<'_> {
        NativeRows::new(&self.fields, &self.order, &self.parts, LIMIT)
    }
}

impl Bacpac {
    /// Returns the rows of a table, if there is one and it can be read.
    fn data(&self, table: usize) -> Result<&Data> {
        match self.data.get(table) {
            Some(Data { refusal: Some(why), .. }) => Err(Error::Unusable {
                input: self.input.clone(),
                why: why.clone(),
                hint: "copy or export the file again".to_owned(),
            }),
            Some(data) => Ok(data),
            None => Err(Error::Usage {
                what: format!("{} has no table at position {table}", self.input),
                hint: format!("its tables are at positions 0 to {}", self.tables.len().saturating_sub(1)),
            }),
        }
    }
}

impl Dump for Bacpac {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(self.data(table)?.reader()))
    }

    fn stretches(&self, table: usize) -> usize {
        self.data.get(table).map_or(1, |data| data.cuts.len())
    }

    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        let data = self.data(table)?;
        let (from, until) = between(&data.cuts, stretch, &self.input)?;
        Ok(Box::new(data.reader().between(from, until)))
    }

    fn refusal(&self, table: usize) -> Option<&str> {
        self.data.get(table)?.refusal.as_deref()
    }

    fn problems(&self) -> Vec<String> {
        self.warnings.clone()
    }
}
