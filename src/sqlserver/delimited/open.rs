//! Opening a text: from options and bytes to a table, or to a sentence that says why not.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use super::borders::Cut;
use super::confirm::Whole;
use super::dialect::{Dialect, Layout, RecordEnd};
use super::sample::Sample;
use super::survey::{Survey, survey};
use super::window::Window;
use super::{Delimited, MAX_COLUMNS, Options, Shape, header, sniff, start};
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::sqlserver::encoding::{Census, Encoding};
use crate::sqlserver::{Column, FormatFile, Table};

const BETTER_EXPORT: &str = "export the table again with Export-Csv or as CSV with quotes, or with bcp -w and terminators \
     that occur in no value, and keep its format file beside it";

pub(super) fn open(input: &str, blob: Arc<dyn Blob>, mut options: Options<'_>) -> Result<Delimited> {
    let encoding = match options.encoding.or(options.format.as_ref().and_then(FormatFile::encoding)) {
        Some(encoding) => encoding,
        None => census(blob.as_ref()).map_err(|cause| Error::read(input, cause))?,
    };
    let name = options.name.take().unwrap_or_else(|| stem(input).to_owned());
    let opening = Opening { input, blob: blob.as_ref(), encoding, limit: options.row_limit };
    let found = match options.format.take() {
        Some(format) if format.is_native() => {
            let why = "its format file describes native data, which is no delimited text";
            return Err(opening.refuse(why, BETTER_EXPORT));
        }
        Some(format) => Found::by_format(format),
        None => opening.find(options)?,
    };
    check_layout(input, &found.dialect.layout)?;
    let shape = Shape {
        encoding,
        limit: opening.limit,
        preamble: found.preamble,
        order: found.order,
        fields: found.fields,
        records: found.records,
        dialect: found.dialect,
    };
    let (columns, engine_rows) = (found.columns, found.engine_rows);
    let table = Table { schema: String::new(), name, columns, engine_rows };
    Ok(Delimited {
        input: input.to_owned(),
        blob,
        shape,
        tables: [table],
        cut: Cut::default(),
        borders: OnceLock::new(),
    })
}

fn census(blob: &dyn Blob) -> io::Result<Encoding> {
    let mut reader = blob.open()?;
    let mut census = Census::default();
    let mut buffer = Vec::new();
    while reader.by_ref().take(256 * 1024).read_to_end(&mut buffer)? > 0 {
        census.feed(&buffer);
        buffer.clear();
    }
    Ok(census.finish())
}

/// Says that another number of columns is known than there are fields.
pub(super) fn other_columns(input: &str, fields: usize, columns: usize) -> Error {
    Error::Unusable {
        input: input.to_owned(),
        why: format!("its first line has {fields} fields, but {columns} columns are known"),
        hint: "give it with a header, or with a format file that names its columns".to_owned(),
    }
}

/// Returns the name of a file without folder, archive and extension.
fn stem(input: &str) -> &str {
    let file = input.rsplit(['/', '\\', '#']).next().unwrap_or(input);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Refuses layouts in which no record would ever end.
fn check_layout(input: &str, layout: &Layout) -> Result<()> {
    let sound = match layout {
        Layout::Quoted { delimiter } => !matches!(delimiter, b'"' | b'\r' | b'\n'),
        Layout::Lines { delimiter, end } => !delimiter.is_empty() && !end.bytes().is_empty(),
        Layout::Terminated { terminators } => {
            !terminators.is_empty() && terminators.iter().all(|end| !end.is_empty())
        }
    };
    if sound {
        return Ok(());
    }
    Err(Error::Usage {
        what: format!("{input}: a delimiter or record end is empty, or is a quote or line end"),
        hint: "give delimiters and record ends of at least one character".to_owned(),
    })
}

/// What opening found out.
struct Found {
    dialect: Dialect,
    columns: Vec<Column>,
    order: Vec<usize>,
    fields: usize,
    preamble: usize,
    records: Option<u64>,
    engine_rows: Option<u64>,
}

impl Found {
    fn by_format(format: FormatFile) -> Found {
        let (columns, order, terminators) = format.into_parts();
        let fields = terminators.len();
        let layout = Layout::Terminated { terminators };
        let dialect = Dialect { layout, header: false, ruled: false, bcp_nulls: true };
        Found { dialect, columns, order, fields, preamble: 0, records: None, engine_rows: None }
    }
}

struct Opening<'a> {
    input: &'a str,
    blob: &'a dyn Blob,
    encoding: Encoding,
    limit: usize,
}

impl Opening<'_> {
    fn refuse(&self, why: impl Into<String>, hint: &str) -> Error {
        Error::Unusable { input: self.input.to_owned(), why: why.into(), hint: hint.to_owned() }
    }

    fn read_error(&self) -> impl Fn(io::Error) -> Error + '_ {
        |cause| Error::read(self.input, cause)
    }

    fn find(&self, options: Options<'_>) -> Result<Found> {
        let reader = start(self.input, self.blob)?;
        let mut sample = Sample::take(reader, self.encoding, self.limit).map_err(self.read_error())?;
        let announced = sample.pass_preamble();
        let given = options.columns.as_deref();
        if sample.text().is_empty() && given.is_none() {
            return Err(self.refuse("it is empty", "give another file"));
        }
        let (dialect, survey) = match options.dialect {
            Some(dialect) => {
                check_layout(self.input, &dialect.layout)?;
                let survey = self.confirmed(&mut sample, &dialect)?;
                (dialect, survey)
            }
            // A table without rows, as bcp writes it.
            None if sample.text().is_empty() => {
                (Dialect::bcp(RecordEnd::CarriageReturnLineFeed), Survey::default())
            }
            None => self.sniffed(&mut sample, announced, given, options.is_known_column)?,
        };
        let columns = self.columns(&sample, &dialect, &survey, given)?;
        // In a table of one column any value may look like a footer: the number must agree.
        let footer = survey.footer.filter(|footer| {
            columns.len() > 1 || dialect.ruled && footer.records.checked_sub(2) == Some(footer.rows)
        });
        Ok(Found {
            order: (0..columns.len()).collect(),
            fields: columns.len(),
            columns,
            preamble: sample.preamble(),
            records: footer.map(|footer| footer.records),
            engine_rows: footer.map(|footer| footer.rows),
            dialect,
        })
    }

    /// Finds the dialect.
    fn sniffed(
        &self,
        sample: &mut Sample,
        announced: Option<u8>,
        given: Option<&[Column]>,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<(Dialect, Survey)> {
        self.refuse_blank_separated(sample)?;
        let count_known = |record: &[Vec<u8>]| {
            let given = |name: &str| {
                given.is_some_and(|given| given.iter().any(|column| column.name.eq_ignore_ascii_case(name)))
            };
            header::names(record).iter().filter(|name| known(name) || given(name)).count()
        };
        let found = sniff::sniff(sample, announced, given.map(<[_]>::len), &count_known)
            .map_err(self.read_error())?
            .map_err(|why| self.refuse(why, BETTER_EXPORT))?;
        let (layout, survey) = self.confirm(sample, found.layout, found.survey)?;
        let first = sample.first_records(&layout).map_err(self.read_error())?;
        let names = first.first().map(|names| header::names(names)).unwrap_or_default();
        let lines = matches!(layout, Layout::Lines { .. });
        let ruled = lines && first.get(1).is_some_and(|rule| header::is_rule(&names, rule));
        let header = ruled || !names.is_empty() && header::is_header(&names, given, known);
        let tabs = matches!(&layout, Layout::Lines { delimiter, .. } if delimiter == b"\t");
        let bcp_nulls = !header && lines && (survey.has_nul_field || tabs && !survey.has_null_word);
        Ok((Dialect { layout, header, ruled, bcp_nulls }, survey))
    }

    fn refuse_blank_separated(&self, sample: &Sample) -> Result<()> {
        let mut lines =
            sample.text().split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        match lines.nth(1) {
            Some(line) if header::is_blank_separated_rule(line) => Err(self.refuse(
                "its columns are set apart by blanks, which values hold too",
                "let sqlcmd write it again with -s and a separator that occurs in no value, or use Export-Csv",
            )),
            _ => Ok(()),
        }
    }

    /// Makes sure that a layout without quotes fits the whole text and not only its beginning.
    fn confirm(&self, sample: &Sample, layout: Layout, seen: Survey) -> Result<(Layout, Survey)> {
        let Layout::Lines { delimiter, .. } = &layout else { return Ok((layout, seen)) };
        if sample.is_all_there_is() {
            return Ok((layout, seen));
        }
        let mut refused = None;
        let others =
            sniff::line_layouts(delimiter, sample.text()).into_iter().filter(|other| *other != layout);
        for candidate in std::iter::once(layout.clone()).chain(others) {
            let survey = self.survey(sample, &candidate)?;
            if survey.is_consistent() {
                return Ok((candidate, survey));
            }
            refused.get_or_insert(survey);
        }
        if let &[delimiter] = delimiter.as_slice() {
            // The first quotes that are no data may stand far behind the sample.
            let quoted = Layout::Quoted { delimiter };
            let survey = self.survey(sample, &quoted)?;
            if survey.has_quoting() && survey.broken == 0 {
                return Ok((quoted, survey));
            }
        }
        Err(self.refuse(sniff::mismatch(&layout, &refused.unwrap_or_default()), BETTER_EXPORT))
    }

    /// Makes sure that a layout that was given fits: without quotes throughout, else as far as
    /// the first record.
    fn confirmed(&self, sample: &mut Sample, dialect: &Dialect) -> Result<Survey> {
        if matches!(dialect.layout, Layout::Lines { .. }) {
            let survey = self.survey(sample, &dialect.layout)?;
            if survey.is_consistent() {
                return Ok(survey);
            }
            return Err(self.refuse(sniff::mismatch(&dialect.layout, &survey), BETTER_EXPORT));
        }
        loop {
            let mut survey = sample.survey(&dialect.layout).map_err(self.read_error())?;
            if survey.fields == 0 && sample.grow().map_err(self.read_error())? {
                continue;
            }
            if let Layout::Terminated { terminators } = &dialect.layout {
                survey.fields = terminators.len();
            }
            return Ok(survey);
        }
    }

    /// Goes over the whole text in a layout.
    fn survey(&self, sample: &Sample, layout: &Layout) -> Result<Survey> {
        if let Some(path) = self.blob.path() {
            let expected = sample.survey(layout).map_err(self.read_error())?.fields;
            let (encoding, limit, preamble) = (self.encoding, self.limit, sample.preamble());
            let whole = Whole { path, encoding, limit, preamble, cut: Cut::default() };
            // What cannot be read is gone over in sequence, which judges by what came before.
            if expected > 0
                && let Ok(Some(survey)) = whole.survey(layout, expected)
            {
                return Ok(survey);
            }
        }
        let mut window = Window::new(start(self.input, self.blob)?, self.encoding, self.limit);
        window
            .skip(sample.preamble())
            .and_then(|()| survey(&mut window, layout, MAX_COLUMNS, true))
            .map_err(self.read_error())
    }

    /// Names the columns.
    fn columns(
        &self,
        sample: &Sample,
        dialect: &Dialect,
        survey: &Survey,
        given: Option<&[Column]>,
    ) -> Result<Vec<Column>> {
        if survey.fields > MAX_COLUMNS {
            return Err(self.refuse(sniff::mismatch(&dialect.layout, survey), BETTER_EXPORT));
        }
        if dialect.header {
            let first = sample.first_records(&dialect.layout).map_err(self.read_error())?;
            return match first.into_iter().next() {
                Some(names) => Ok(header::columns(header::names(&names), given)),
                None => Err(self.refuse("it ends within its header", BETTER_EXPORT)),
            };
        }
        match given {
            Some(given) if survey.fields == 0 || survey.fields == given.len() => Ok(given.to_vec()),
            Some(given) => Err(other_columns(self.input, survey.fields, given.len())),
            None if survey.fields == 0 => Err(self.refuse("it ends within its first row", BETTER_EXPORT)),
            None => Ok((1..=survey.fields).map(|number| Column::named(format!("column{number}"))).collect()),
        }
    }
}
