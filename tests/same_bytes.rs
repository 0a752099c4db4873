//! The same bytes for the same inputs, whatever else differs.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Package, Workshop, digest, sample, tree};

fn sound() -> Vec<PathBuf> {
    ["mgc-2010", "mgc-2013", "compliance", "mgccomp"].map(sample).to_vec()
}

#[test]
fn the_same_bytes_come_out_for_any_number_of_threads() {
    let workshop = Workshop::new();
    let package = |threads: &str| {
        let (ran, output) =
            workshop.convert(&sound(), &format!("{threads}/history.zip"), &["--threads", threads]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        digest(&output)
    };
    let one = package("1");
    assert_eq!(package("2"), one);
    assert_eq!(package("8"), one);
}

#[test]
fn the_same_bytes_come_out_for_any_memory_and_temporary_folder() {
    let workshop = Workshop::new();
    let package = |name: &str, more: &[&str]| {
        let (ran, output) = workshop.convert(&sound(), &format!("{name}/history.zip"), more);
        assert_eq!(ran.status, 0, "{}", ran.err);
        digest(&output)
    };
    let usual = package("usual", &[]);
    assert_eq!(package("least", &["--memory", "256MiB"]), usual);
    assert_eq!(package("most", &["--memory", "4GiB", "--temp", "."]), usual);
}

#[test]
fn the_same_bytes_come_out_for_any_order_of_inputs_folder_zone_and_language() {
    let workshop = Workshop::new();
    let (_, first) = workshop.convert(&sound(), "history.zip", &[]);
    let elsewhere = workshop.path("some/where else");
    fs::create_dir_all(&elsewhere).unwrap();
    let mut reversed = sound();
    reversed.reverse();
    let ran = workshop.run_with(["convert", "-o", "history.zip"], |command| {
        command.args(reversed).current_dir(&elsewhere);
        command.env("TZ", "Pacific/Kiritimati").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8");
    });
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(digest(&elsewhere.join("history.zip")), digest(&first));
}

#[test]
fn a_zip_holds_the_very_files_of_the_folder() {
    let workshop = Workshop::new();
    let (_, folder) = workshop.convert(&sound(), "history", &[]);
    for compression in ["fast", "default", "max"] {
        let name = format!("{compression}/history.zip");
        let (ran, zipped) = workshop.convert(&sound(), &name, &["--compression", compression]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let mut archive = zip::ZipArchive::new(fs::File::open(zipped).unwrap()).unwrap();
        let unpacked = workshop.path(&format!("{compression}/unpacked"));
        archive.extract(&unpacked).unwrap();
        assert_eq!(tree(&unpacked.join("history")), tree(&folder));
    }
}

/// The messages of a package without what tells where they stood.
fn messages(package: &Package) -> Vec<support::Message> {
    let mut messages = package.messages();
    messages.iter_mut().for_each(|message| message.source.clear());
    messages
}

#[test]
fn the_messages_do_not_depend_on_how_the_inputs_are_cut_or_repeated() {
    let workshop = Workshop::new();
    let whole = messages(&workshop.converted(&sound(), 0));

    let mut twice = sound();
    twice.extend(sound());
    assert_eq!(messages(&workshop.converted(&twice, 0)), whole);

    let cut = workshop.path("cut/mgc-2010");
    copy(&sample("mgc-2010"), &cut);
    cut_table(&cut.join("tblChat.csv"), 40);
    let mut inputs = sound();
    inputs[0] = cut;
    assert_eq!(messages(&workshop.converted(&inputs, 0)), whole);

    let single: Vec<PathBuf> = sound().iter().flat_map(|folder| files(folder)).collect();
    assert_eq!(messages(&workshop.converted(&single, 0)), whole);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    tree(folder).keys().map(|name| folder.join(name)).collect()
}

fn copy(from: &Path, to: &Path) {
    for name in tree(from).keys() {
        let target = to.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(name), target).unwrap();
    }
}

/// Cuts a UTF-8 table with header into two files of whole records.
fn cut_table(path: &Path, rows: usize) {
    let bytes = fs::read(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(&bytes[..]);
    let mut row = csv::ByteRecord::new();
    for _ in 0..rows {
        assert!(reader.read_byte_record(&mut row).unwrap());
    }
    let border = reader.position().byte() as usize;
    let header = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    fs::write(path.with_file_name("tblChat_1.csv"), &bytes[..border]).unwrap();
    fs::write(path.with_file_name("tblChat_2.csv"), [&bytes[..header], &bytes[border..]].concat()).unwrap();
    fs::remove_file(path).unwrap();
}
