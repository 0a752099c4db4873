//! What does not fit in memory comes out as if it did: archives that are spilled many times over, and
//! that are given repeated, reordered, cut and merged, hold the same messages.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gc2pc::budget::Budget;
use gc2pc::convert::{Options, Outcome, convert};
use gc2pc::package::Level;
use gc2pc::progress::Silent;
use gc2pc::{dedup, migrate, package, source};
use support::{Message, Package};

const BEGIN: i64 = 633_981_888_000_000_000;
const SECOND: i64 = 10_000_000;

/// Numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Makes the rows of an archive: rooms of very different sizes, repeated words at one tick, texts with
/// line breaks, bursts within one second and silence for days.
fn rows(seed: u64, count: usize) -> Vec<String> {
    const WORDS: [&str; 8] = ["ok", "thanks", "mine at 4", "\"done\"\r\n", "a\tb", "Größe", "no", "{x}"];
    let mut chance = Chance(seed);
    let mut ticks = BEGIN;
    let mut ids = [0; 12];
    let mut rows = Vec::new();
    while rows.len() < count {
        ticks += match chance.below(20) {
            0 => 86_400 * SECOND,
            1..=6 => 0,
            7..=14 => chance.below(3_000_000) as i64,
            _ => chance.below(40) as i64 * SECOND,
        };
        let channel = if chance.below(2) == 0 { 0 } else { chance.below(12) as usize };
        ids[channel] += 1;
        let words = 1 + chance.below(9);
        let text: Vec<&str> = (0..words).map(|_| WORDS[chance.below(8) as usize]).collect();
        let text = text.join(" ").replace('"', "\"\"");
        let (user, rtf) = (10 + chance.below(5), if chance.below(6) == 0 { "{\\rtf1 x}" } else { "" });
        rows.push(format!("{},{},{ticks},{user},0,\"{text}\",\"{rtf}\"", 10 + channel, ids[channel]));
    }
    rows
}

/// The same messages as a coarser source has them: times as SQL Server's `datetime`, no RTF.
fn coarser(rows: &[String]) -> Vec<String> {
    let coarse = |row: &String| {
        let mut fields = row.splitn(4, ',');
        let mut next = || fields.next().unwrap();
        let (channel, id, ticks, rest) = (next(), next(), next().parse::<i64>().unwrap(), next());
        let three_hundredths = (ticks % SECOND * 3 + 50_000) / 100_000;
        let rounded = ticks - ticks % SECOND + (three_hundredths * 100_000 + 1) / 3;
        let milliseconds = (rounded % SECOND + 5_000) / 10_000;
        let seconds = rounded / SECOND - BEGIN / SECOND;
        let (day, second) = (seconds / 86_400, seconds % 86_400 + milliseconds / 1000);
        // BEGIN is 2010-01-04T08:00:00.
        let second = second + 8 * 3600;
        let (day, second) = (day + second / 86_400, second % 86_400);
        let date = date(day);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let time = format!("{date} {hour:02}:{minute:02}:{:02}.{:03}", second % 60, milliseconds % 1000);
        let (rest, _) = rest.rsplit_once(',').unwrap();
        format!("{channel},{id},{time},{rest},")
    };
    rows.iter().map(coarse).collect()
}

/// Returns the date so many days after 2010-01-04.
fn date(mut day: i64) -> String {
    let (mut year, mut month) = (2010, 1);
    day += 3;
    loop {
        let leap = i64::from(year % 4 == 0);
        let length = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
        if day < length {
            return format!("{year}-{month:02}-{:02}", day + 1);
        }
        day -= length;
        month = month % 12 + 1;
        year += i64::from(month == 1);
    }
}

struct Scenario {
    folder: tempfile::TempDir,
}

impl Scenario {
    fn new() -> Scenario {
        Scenario { folder: tempfile::tempdir().unwrap() }
    }

    fn table(&self, name: &str, rows: &[String]) -> PathBuf {
        let mut text = String::from("channelId,chatId,chatDate,userId,isAlert,content,rtf\r\n");
        rows.iter().for_each(|row| write!(text, "{row}\r\n").unwrap());
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Converts, and returns the messages without what tells where they stood.
    fn messages(&self, inputs: &[PathBuf], budget: Budget) -> Vec<Message> {
        let output = self.folder.path().join("out");
        run(inputs, &output, budget);
        let mut messages = Package::open(&output).messages();
        messages.iter_mut().for_each(|message| message.source.clear());
        messages
    }
}

fn run(inputs: &[PathBuf], output: &Path, budget: Budget) {
    assert_eq!(outcome(inputs, output, budget).report.totals.rejected, 0);
    let left: Vec<_> = fs::read_dir(output.parent().unwrap()).unwrap().map(|entry| entry.unwrap()).collect();
    let temporary = left.iter().filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(temporary.count(), 0, "nothing temporary is left");
}

fn outcome(inputs: &[PathBuf], output: &Path, budget: Budget) -> Outcome {
    let options = Options {
        output: Some(output.to_owned()),
        level: Level::All,
        since: None,
        until: None,
        reading: source::Options {
            temp: output.parent().unwrap().to_owned(),
            roles: Default::default(),
            set: None,
            salvage: false,
            check_pages: true,
            max_rejected: None,
            left_out: Vec::new(),
            stages: 7,
        },
        migration: migrate::Options::default(),
        package: package::Options { overwrite: true, ..package::Options::default() },
        files: None,
        budget,
        told: Vec::new(),
    };
    convert(inputs, &options, &Silent).unwrap()
}

fn ample() -> Budget {
    Budget::new(1 << 30, 2)
}

/// So little that everything is spilled: shelves of some kilobytes, units of some records.
fn tiny(shelf: usize, unit: usize) -> Budget {
    let dedup = dedup::Sizes { unit: (unit, unit), under_way: 10_000, most: 1 << 26, sorter: 1_000 };
    Budget { shelf, largest: 1 << 20, dedup, waiting: 10_000, ledger: 1_000, links: 1_000 }
}

#[test]
fn what_is_spilled_comes_out_as_if_it_were_not() {
    let scenario = Scenario::new();
    let all = rows(1, 6_000);
    let inputs = [
        scenario.table("2010/tblChat.csv", &all),
        scenario.table("old/tblChat.csv", &coarser(&all[..4_000])),
        scenario.table("copy/tblChat.csv", &all[1_000..3_000]),
    ];
    let package = |name: &str, budget| {
        let output = scenario.folder.path().join(name).join("history.zip");
        fs::create_dir_all(output.parent().unwrap()).unwrap();
        run(&inputs, &output, budget);
        support::digest(&output)
    };
    let whole = package("whole", ample());
    for (shelf, unit) in [(60_000, 1 << 20), (1 << 20, 5_000), (20_000, 2_000), (3_000, 300), (500_000, 1)] {
        assert_eq!(package("cut", tiny(shelf, unit)), whole, "shelf of {shelf} bytes, units of {unit}");
    }
}

#[test]
fn a_record_that_memory_cannot_take_is_rejected_and_all_others_are_not() {
    let scenario = Scenario::new();
    let mut all = rows(9, 300);
    let large = "x".repeat(2_000_000);
    all.insert(100, format!("10,9999,{BEGIN},10,0,\"{large}\","));
    let input = scenario.table("2010/tblChat.csv", &all);
    let output = scenario.folder.path().join("out");
    let report = outcome(&[input], &output, tiny(8_000, 1_500)).report;
    assert_eq!((report.totals.written, report.totals.rejected), (300, 1));
    let rejected = &report.samples.rejected[0];
    assert_eq!((rejected.record, rejected.cause), (101, "too-large"));
    assert!(rejected.detail.contains("2000000 bytes"), "{}", rejected.detail);
}

#[test]
fn every_kind_of_sample_is_spilled_without_a_trace() {
    let scenario = Scenario::new();
    let sets = ["mgc-2010", "mgc-2013", "compliance", "mgccomp", "mgc-2010.bak"];
    let inputs = sets.map(support::sample);
    let package = |name: &str, inputs: &[PathBuf], budget| {
        let output = scenario.folder.path().join(name).join("history.zip");
        fs::create_dir_all(output.parent().unwrap()).unwrap();
        run(inputs, &output, budget);
        support::digest(&output)
    };
    for inputs in inputs.iter().map(std::slice::from_ref).chain([&inputs[..]]) {
        let whole = package("whole", inputs, ample());
        for (shelf, unit) in [(3_000, 300), (1, 1), (1 << 20, 2_000)] {
            assert_eq!(package("cut", inputs, tiny(shelf, unit)), whole, "{inputs:?}, units of {unit}");
        }
    }
}

#[test]
fn the_messages_stay_the_same_repeated_reordered_cut_merged_and_shuffled() {
    for seed in 2..5 {
        let scenario = Scenario::new();
        let all = rows(seed, 3_000);
        let coarse = coarser(&all[500..2_500]);
        let base = [scenario.table("2010/tblChat.csv", &all), scenario.table("old/tblChat.csv", &coarse)];
        let whole = scenario.messages(&base, ample());
        assert_eq!(whole.len(), all.len(), "every message once");
        let check = |what: &str, inputs: &[PathBuf]| {
            let came = scenario.messages(inputs, tiny(8_000, 1_500));
            let differs = came.iter().zip(&whole).find(|(came, whole)| came != whole);
            assert!(came == whole, "{what}, seed {seed}: {} messages, first other {differs:?}", came.len());
        };
        check("spilled", &base);
        check("reordered", &[base[1].clone(), base[0].clone()]);
        let again = scenario.table("again/tblChat.csv", &all);
        check("repeated", &[base[0].clone(), again, base[1].clone()]);

        let mut shuffled = all.clone();
        let mut chance = Chance(seed);
        (1..shuffled.len()).rev().for_each(|at| shuffled.swap(at, chance.below(at as u64 + 1) as usize));
        let shuffled = scenario.table("shuffled/2010/tblChat.csv", &shuffled);
        check("shuffled", &[shuffled, base[1].clone()]);

        let pieces: Vec<PathBuf> = all
            .chunks(700)
            .enumerate()
            .map(|(at, rows)| scenario.table(&format!("cut/2010/tblChat_{at}.csv"), rows))
            .chain([base[1].clone()])
            .collect();
        check("cut", &pieces);

        let merged: Vec<String> = all.iter().chain(&all[100..200]).chain(&all[50..]).cloned().collect();
        let merged = scenario.table("merged/2010/tblChat.csv", &merged);
        check("merged", &[merged, base[1].clone()]);
    }
}
