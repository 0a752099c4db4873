//! Folder and ZIP, the same bytes, and what is left behind when something goes wrong.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::scenario::*;
use crate::Error;
use crate::ledger::Digest;
use crate::package::*;

fn unpack(zip: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ::zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let count = archive.len();
    let entry = |at| {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(entry).collect()
}

/// Bounds so tight that documents are cut and files are written piece by piece.
fn tight() -> Options {
    Options { sizes: Sizes { part: 200, kept: 64, waiting: 1 }, ..Options::default() }
}

#[test]
fn a_folder_and_a_zip_hold_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let bag = folder.path().join("My bag");
    let zip = folder.path().join("My bag.ZIP");
    for options in [Options::default(), tight()] {
        let options = Options { overwrite: true, ..options };
        let sealed = Archive::new().write(&bag, &options).unwrap();
        assert_eq!(Archive::new().write(&zip, &options).unwrap(), sealed);
        let unpacked = unpack(&zip);
        let mut names: Vec<&str> = unpacked.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "My_bag/bagit.txt");
        names.sort_unstable();
        let expected: Vec<String> =
            names_below(&bag).into_iter().map(|name| format!("My_bag/{name}")).collect();
        assert_eq!(names, expected);
        for ((name, bytes), entry) in unpacked.iter().zip(&sealed.entries) {
            assert_eq!(name.strip_prefix("My_bag/"), Some(entry.path.as_str()));
            assert_eq!(fs::read(bag.join(&entry.path)).unwrap(), *bytes);
            assert_eq!((bytes.len() as u64, Digest::of(bytes)), (entry.size, entry.digest));
        }
    }
}

#[test]
fn the_same_bytes_come_out_whatever_the_thread_count() {
    let folder = tempfile::tempdir().unwrap();
    for (name, options) in [("plain", Options::default()), ("tight", tight())] {
        let written = [1, 2, 8].map(|threads| {
            let target = folder.path().join(format!("{name}{threads}")).join("out.zip");
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Archive::new().write(&target, &options)).unwrap();
            fs::read(target).unwrap()
        });
        assert!(written[0] == written[1] && written[1] == written[2], "{name}");
    }
}

#[test]
fn compression_changes_the_zip_and_nothing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let written = [Compression::Fast, Compression::Default, Compression::Max].map(|compression| {
        let target = folder.path().join(format!("{compression:?}")).join("out.zip");
        Archive::new().write(&target, &Options { compression, ..Options::default() }).unwrap();
        unpack(&target)
    });
    assert!(written[0] == written[1] && written[1] == written[2]);
}

#[test]
fn a_rehearsal_tells_what_the_run_would_tell() {
    let folder = tempfile::tempdir().unwrap();
    for options in [Options::default(), tight()] {
        let rehearsed = Archive::new().make(None, &options, &|_| Ok(())).unwrap();
        let options = Options { overwrite: true, ..options };
        assert_eq!(rehearsed, Archive::new().write(&folder.path().join("out"), &options).unwrap());
    }
}

#[test]
fn both_manifests_name_every_file_with_its_digest() {
    let written = Archive::new().written();
    let (mut payload, mut tags) = (String::new(), String::new());
    let mut oxum = (0, 0);
    for name in written.names() {
        let bytes = fs::read(written.root.join(&name)).unwrap();
        let line = format!("{}  {name}\n", Digest::of(&bytes));
        if name.starts_with("data/") {
            payload.push_str(&line);
            oxum = (oxum.0 + bytes.len(), oxum.1 + 1);
        } else if name != layout::TAG_MANIFEST {
            tags.push_str(&line);
        }
    }
    assert_eq!(written.text(layout::MANIFEST), payload);
    assert_eq!(written.text(layout::TAG_MANIFEST), tags);
    assert_eq!(written.text(layout::BAGIT), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    assert!(written.text(layout::BAG_INFO).contains(&format!("Payload-Oxum: {}.{}\n", oxum.0, oxum.1)));
}

#[test]
fn nothing_is_left_behind_at_whatever_step_the_user_stops() {
    for name in ["new/folder/out", "new/folder/out.zip"] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join(name);
        let steps = AtomicU64::new(0);
        let mut stop_at = 1;
        loop {
            steps.store(0, Ordering::Relaxed);
            let progress = |_: Step| match steps.fetch_add(1, Ordering::Relaxed) + 1 {
                step if step == stop_at => Err(Error::Interrupted),
                _ => Ok(()),
            };
            match Archive::new().make(Some(&target), &tight(), &progress) {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, Error::Interrupted), "{error}"),
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{name}, step {stop_at}");
            stop_at += 1;
        }
        assert!(stop_at > 50, "{stop_at}");
        assert!(target.exists());
    }
}

#[test]
fn an_old_package_stays_until_the_new_one_is_proven() {
    for name in ["out", "out.zip"] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join(name);
        let before = Archive::new().write(&target, &Options::default()).unwrap();
        let refused = Archive::new().write(&target, &Options::default());
        assert!(matches!(refused, Err(Error::OutputExists { .. })));

        let replacing = Options { overwrite: true, ..Options::default() };
        let stopped = Archive::new().make(Some(&target), &replacing, &|step| match step {
            Step::ReadBack { files, of } if files == of => Err(Error::Interrupted),
            _ => Ok(()),
        });
        assert!(matches!(stopped, Err(Error::Interrupted)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let mut changed = Archive::new();
        changed.plan.rooms[1].description = "changed".into();
        let after = changed.write(&target, &replacing).unwrap();
        assert_ne!(before.entries, after.entries);
        assert_eq!(after.left_behind, None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_was_changed_on_disk_before_the_seal_is_noticed() {
    for name in ["out", "out.zip"] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join(name);
        let spoil = |step: Step| {
            if let Step::ReadBack { files: 1, .. } = step {
                let beside = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
                let is_lock = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "lock");
                let partial = beside.into_iter().find(|path| !is_lock(path)).unwrap();
                let victim = if partial.is_dir() { partial.join(layout::TAG_MANIFEST) } else { partial };
                let mut bytes = fs::read(&victim).unwrap();
                // The last entry's data stand before the ZIP's directory.
                let at = bytes.len() / if name == "out" { 2 } else { 5 };
                bytes[at..].iter_mut().for_each(|byte| *byte ^= 1);
                fs::write(victim, bytes).unwrap();
            }
            Ok(())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let result = pool.install(|| Archive::new().make(Some(&target), &Options::default(), &spoil));
        assert!(matches!(result, Err(Error::Unsound { .. } | Error::Read { .. })), "{result:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn histories_that_contradict_the_plan_or_the_ledger_are_not_published() {
    type Spoil = fn(&mut Archive);
    let cases: [(&str, Spoil); 5] = [
        ("out of order", |archive| archive.histories.reverse()),
        ("not in the plan", |archive| archive.histories[0].room = guid(1)),
        ("person 5", |archive| archive.histories[0].messages[0].author = 4),
        ("person 5", |archive| archive.histories[1].events[0].person = 4),
        ("the ledger says", |archive| drop(archive.histories[0].messages.pop())),
    ];
    for (why, spoil) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::new();
        spoil(&mut archive);
        match archive.write(&folder.path().join("out.zip"), &Options::default()) {
            Err(Error::Unsound { what }) => assert!(what.contains(why), "{what}"),
            other => panic!("{why}: {other:?}"),
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_piece_that_does_not_belong_ends_the_package() {
    let archive = Archive::new();
    let mut messages = pieces(&archive.histories, 3);
    let events = messages.pop().unwrap();
    for (level, order, why) in [
        (Level::All, vec![events, messages[0].clone()], "come after events"),
        (Level::RoomDirectory, vec![messages[0].clone()], "has no messages"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.zip");
        let mut writer = Writer::begin(Some(&target), level, &Options::default(), &|_| Ok(())).unwrap();
        let taken = order.into_iter().try_for_each(|piece| writer.take(piece));
        assert!(matches!(taken, Err(Error::Unsound { what }) if what.contains(why)), "{why}");
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn fields_of_the_user_stand_in_the_bag_and_no_date_does() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let info = vec![("Source-Organization".into(), "Litware\nInc.".into())];
    Archive::new().write(&target, &Options { info, ..Options::default() }).unwrap();
    let text = fs::read_to_string(target.join(layout::BAG_INFO)).unwrap();
    assert!(text.ends_with("Source-Organization: Litware\n  Inc.\n"));
    assert!(!text.contains("Date"));

    let info = vec![("Payload-Oxum".into(), "0.0".into())];
    let refused = Archive::new().write(&folder.path().join("x"), &Options { info, ..Options::default() });
    assert!(matches!(refused, Err(Error::Usage { .. })));
}
