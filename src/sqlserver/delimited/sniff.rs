//! Finding the dialect of a text from its beginning.
//!
//! Every plausible layout is tried on the same text and weighed. It is rather refused than
//! guessed: without quotes a text is taken only if every record has the same number of fields.

use std::io;

use super::MAX_COLUMNS;
use super::dialect::{Layout, RecordEnd, delimiter_name};
use super::sample::Sample;
use super::survey::Survey;

/// Delimiters that are tried, the ones that values hold least often first. Others must be told.
const DELIMITERS: [u8; 4] = [b'\t', b'|', b';', b','];

/// A layout together with what speaks for it.
pub(super) struct Candidate {
    pub(super) layout: Layout,
    pub(super) survey: Survey,
    /// Whether rows can be trusted in it.
    sound: bool,
    /// Names in its first record that the caller knows.
    known: usize,
    /// Whether the first record is cut off by the end of the sample in either layout.
    unfinished: bool,
}

/// Which layout a text is in; `Err` tells why none will do.
pub(super) fn sniff(
    sample: &mut Sample,
    announced: Option<u8>,
    expected: Option<usize>,
    known: &dyn Fn(&[Vec<u8>]) -> usize,
) -> io::Result<Result<Candidate, String>> {
    let delimiters = match announced {
        Some(ref delimiter) => std::slice::from_ref(delimiter),
        None => &DELIMITERS[..],
    };
    loop {
        let mut candidates = Vec::new();
        // Delimiters that do not occur all give one column; the comma stands for them.
        let occurs = |delimiter: &&u8| {
            announced.is_some() || **delimiter == b',' || memchr::memchr(**delimiter, sample.text()).is_some()
        };
        for &delimiter in delimiters.iter().filter(occurs) {
            candidates.push(weigh(sample, delimiter, known)?);
        }
        if candidates.iter().any(|candidate| candidate.unfinished) && sample.grow()? {
            continue;
        }
        return Ok(choose(candidates, expected, announced.is_some()));
    }
}

fn choose(candidates: Vec<Candidate>, expected: Option<usize>, announced: bool) -> Result<Candidate, String> {
    // One column is right only if no delimiter splits the first record.
    let unsplit = candidates.iter().all(|candidate| candidate.survey.fields < 2);
    let one_column = announced || unsplit || expected == Some(1);
    let sound = |candidate: &Candidate| candidate.sound && (one_column || candidate.survey.fields > 1);
    let rank = |it: &Candidate| {
        let fields = it.survey.fields;
        let usual = fields < 2 && delimiter_of(&it.layout) == b",";
        let consistent = sound(it) && it.survey.is_consistent();
        (sound(it), it.known, expected == Some(fields), consistent, fields, usual)
    };
    let mut best: Option<Candidate> = None;
    for candidate in candidates {
        if best.as_ref().is_none_or(|best| rank(&candidate) > rank(best)) {
            best = Some(candidate);
        }
    }
    match best {
        Some(best) if sound(&best) => Ok(best),
        Some(best) => Err(mismatch(&best.layout, &best.survey)),
        None => Err("it has no fields".to_owned()),
    }
}

fn weigh(sample: &Sample, delimiter: u8, known: &dyn Fn(&[Vec<u8>]) -> usize) -> io::Result<Candidate> {
    let quoted_layout = Layout::Quoted { delimiter };
    let quoted = sample.survey(&quoted_layout)?;
    let (lines_layout, lines) = lines(sample, delimiter)?;
    let unfinished = quoted.fields == 0 || lines.fields == 0;
    let (layout, survey, sound) = match verdict(&quoted, &lines) {
        Some(Quoting::Rfc4180) => (quoted_layout, quoted, true),
        Some(Quoting::None) => (lines_layout, lines, true),
        None => (lines_layout, lines, false),
    };
    let sound = sound && survey.fields <= MAX_COLUMNS;
    let first = sample.first_records(&layout)?;
    let known = first.first().map_or(0, |names| known(names));
    Ok(Candidate { layout, survey, sound, known, unfinished })
}

/// Tries the line ends that occur and returns the first that fits, or the first.
fn lines(sample: &Sample, delimiter: u8) -> io::Result<(Layout, Survey)> {
    let mut first = None;
    for layout in line_layouts(&[delimiter], sample.text()) {
        let survey = sample.survey(&layout)?;
        if survey.is_consistent() {
            return Ok((layout, survey));
        }
        first.get_or_insert((layout, survey));
    }
    let fallback = Layout::Lines { delimiter: vec![delimiter], end: RecordEnd::LineFeed };
    Ok(first.unwrap_or_else(|| (fallback, Survey::default())))
}

/// Returns the layouts without quotes that a text may be in, by the line ends that occur in it.
pub(super) fn line_layouts(delimiter: &[u8], text: &[u8]) -> Vec<Layout> {
    let has_feed = memchr::memchr(b'\n', text).is_some();
    let has_both = memchr::memmem::find(text, b"\r\n").is_some();
    let only_return = !has_feed && memchr::memchr(b'\r', text).is_some();
    [
        (!only_return, RecordEnd::LineFeed),
        (has_both, RecordEnd::CarriageReturnLineFeed),
        (only_return, RecordEnd::CarriageReturn),
    ]
    .into_iter()
    .filter_map(|(occurs, end)| occurs.then(|| Layout::Lines { delimiter: delimiter.to_vec(), end }))
    .collect()
}

enum Quoting {
    Rfc4180,
    None,
}

/// Weighs a layout with quotes against the one without.
fn verdict(quoted: &Survey, lines: &Survey) -> Option<Quoting> {
    let quoting = quoted.has_quoting() && quoted.broken == 0;
    // A quote that never ends, and no other: the text is cut off within it, unless many sound
    // lines stand behind it.
    let cut_off = quoted.open_end && quoted.quoted == 0 && lines.records <= quoted.records + 1;
    if lines.has_nul_field && lines.is_consistent() {
        // Only bcp writes fields of one NUL, and it never quotes.
        return Some(Quoting::None);
    }
    if (quoting && quoted.is_consistent()) || (cut_off && quoted.is_consistent()) {
        return Some(Quoting::Rfc4180);
    }
    if lines.is_consistent() && lines.records > 0 {
        return Some(Quoting::None);
    }
    let flawed = quoted.wrong + quoted.broken;
    let mostly_sound = quoted.needed > quoted.broken && flawed * 2 <= quoted.records;
    let plain = quoted.quoted == 0 && quoted.is_consistent() && !quoted.open_end;
    (mostly_sound || plain && quoted.records > 0 || quoting && flawed * 2 <= quoted.records)
        .then_some(Quoting::Rfc4180)
}

fn delimiter_of(layout: &Layout) -> &[u8] {
    match layout {
        Layout::Quoted { delimiter } => std::slice::from_ref(delimiter),
        Layout::Lines { delimiter, .. } => delimiter,
        Layout::Terminated { .. } => &[],
    }
}

/// Tells in which way records disagree.
pub(super) fn mismatch(layout: &Layout, survey: &Survey) -> String {
    let quotes = if matches!(layout, Layout::Quoted { .. }) { "" } else { ", no quotes" };
    let delimiter = delimiter_name(delimiter_of(layout)) + quotes;
    match survey.first_wrong {
        _ if survey.fields > MAX_COLUMNS => {
            format!("its first line has more than {MAX_COLUMNS} fields ({delimiter})")
        }
        Some(wrong) => format!(
            "line {} has {} where the first has {} ({delimiter}); a value may hold the separator or a line \
             break, so no row can be trusted",
            wrong.line,
            fields(wrong.fields),
            survey.fields,
        ),
        None => format!("it is no table ({delimiter})"),
    }
}

fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}
