//! What happens from outside while the program runs: it is killed, the disk is full.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Workshop, sample, tree};

/// Numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn start(workshop: &Workshop, inputs: &[PathBuf], output: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gc2pc"));
    command.current_dir(workshop.folder.path()).arg("convert").args(inputs);
    command.args(["-o", output, "--overwrite", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// How many times a run is killed for each kind of output: 200 in all.
const KILLS: usize = 50;

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_no_half_package_and_the_next_one_clears_up() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010"), sample("compliance")];
    let before = inputs.each_ref().map(|input| tree(input));
    let mut chance = Chance(2012);
    for (output, stands_already) in [("out", false), ("out.zip", false), ("old", true), ("old.zip", true)] {
        let there = workshop.path("there");
        let target = format!("there/{output}");
        let began = Instant::now();
        assert!(start(&workshop, &inputs, &target).wait().unwrap().success());
        let whole = began.elapsed().as_micros() as u64;
        let sound = tree(&workshop.path(&target));
        let mut killed = 0;
        for _ in 0..KILLS {
            if !stands_already {
                remove(&workshop.path(&target));
            }
            let mut child = start(&workshop, &inputs, &target);
            std::thread::sleep(Duration::from_micros(chance.below(whole)));
            child.kill().unwrap();
            killed += usize::from(child.wait().unwrap().code().is_none());
            // What stands there under its name is whole; an old package may for one moment have none.
            let path = workshop.path(&target);
            assert!(!path.exists() || tree(&path) == sound, "{target}");
            assert!(
                path.exists() || !stands_already || hidden(&there) > 0,
                "{target}: the old package is lost"
            );
        }
        assert!(killed > KILLS / 4, "{target}: only {killed} were killed");
        assert!(start(&workshop, &inputs, &target).wait().unwrap().success());
        assert_eq!(tree(&workshop.path(&target)), sound);
        assert_eq!(hidden(&there), 0, "{target}: {:?}", fs::read_dir(&there).unwrap().collect::<Vec<_>>());
        assert_eq!(workshop.run(["verify".as_ref(), workshop.path(&target).as_os_str()]).status, 0);
    }
    assert_eq!(inputs.each_ref().map(|input| tree(input)), before);
}

#[test]
fn a_run_leaves_alone_what_another_one_is_writing_to_the_same_place() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010"), sample("compliance")];
    for output in ["out", "out.zip"] {
        let mut children: Vec<Child> = (0..4).map(|_| start(&workshop, &inputs, output)).collect();
        for child in &mut children {
            // Who came second may find that its output, as it was a moment ago, is gone: that is told.
            assert!(matches!(child.wait().unwrap().code(), Some(0 | 4)));
        }
        assert_eq!(workshop.run(["verify", output]).status, 0);
    }
    assert_eq!(hidden(workshop.folder.path()), 0);
}

fn hidden(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count()
}

fn remove(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

/// A small file system of its own in memory, where whoever runs the test may make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf, size: &str) -> Option<SmallDisk> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&at)
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(SmallDisk(at));
        }
        println!("skipped: only an administrator may mount a small disk");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_disk_that_is_too_small_is_told_and_nothing_is_left_on_it() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010"), sample("compliance")];
    for (number, kib) in (0..12).map(|step| 16 + step * 40).enumerate() {
        let Some(disk) = SmallDisk::mount(workshop.path(&format!("disk{number}")), &format!("{kib}k")) else {
            return;
        };
        for output in ["out", "out.zip"] {
            let target = disk.0.join(output);
            let child = start(&workshop, &inputs, target.to_str().unwrap());
            let ran: support::Ran = child.wait_with_output().unwrap().into();
            if ran.status == 0 {
                assert_eq!(workshop.run(["verify".as_ref(), target.as_os_str()]).status, 0);
                remove(&target);
            } else {
                assert_eq!(ran.status, 4, "{kib} KiB: {}", ran.err);
                assert!(ran.err.contains(target.parent().unwrap().to_str().unwrap()), "{}", ran.err);
                assert!(ran.err.contains("hint:"), "{}", ran.err);
            }
            assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0, "{kib} KiB, {output}: {}", ran.err);
        }
    }
}
