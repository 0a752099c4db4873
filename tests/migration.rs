//! Planning a migration: the dry run is the run, and what the target has already is told.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Workshop, sample};

/// The rows of a ledger file as JSON objects.
fn ledger(package: &Path, name: &str) -> Vec<Value> {
    let path = package.join("data/ledger").join(name);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| serde_json::to_value(row.unwrap()).unwrap()).collect()
}

/// What a dry run tells as JSON; its status must be that of the run.
fn planned(workshop: &Workshop, inputs: &[PathBuf], options: &[&str], status: i32) -> Value {
    let mut arguments = vec!["convert".into()];
    arguments.extend(inputs.iter().cloned());
    arguments.extend(["--dry-run", "--json"].map(PathBuf::from));
    arguments.extend(options.iter().map(PathBuf::from));
    let ran = workshop.run(arguments);
    assert_eq!(ran.status, status, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_dry_run_tells_names_findings_counts_and_sizes_of_the_run_itself() {
    let all: Vec<PathBuf> = ["mgc-2010", "mgc-2013", "compliance"].map(sample).to_vec();
    let cases: [(&[PathBuf], &[&str]); 4] = [
        (&all, &[]),
        (&all[..1], &["--since", "2009-01-01", "--separator", " / "]),
        (&all[..2], &["--without-disabled-rooms", "--prefix-rooms", "on-collision"]),
        (&all[2..], &["--level", "Content"]),
    ];
    for (at, (inputs, options)) in cases.into_iter().enumerate() {
        let workshop = Workshop::new();
        let (ran, package) = workshop.convert(inputs, &format!("out-{at}"), options);
        let plan = planned(&workshop, inputs, options, ran.status);
        assert_eq!(plan["names"], Value::from(ledger(&package, "names.csv")), "{options:?}");
        assert_eq!(plan["findings"], Value::from(ledger(&package, "findings.csv")), "{options:?}");
        let report: Value =
            serde_json::from_slice(&fs::read(package.join("data/report.json")).unwrap()).unwrap();
        assert_eq!(plan["report"], report, "{options:?}");
        let files = plan["files"].as_array().unwrap();
        let mut bytes = 0;
        for file in files {
            let path = package.join(file["path"].as_str().unwrap());
            let size = fs::metadata(&path).unwrap_or_else(|_| panic!("{path:?} is not there")).len();
            assert_eq!(file["bytes"], size, "{path:?}");
            bytes += size;
        }
        assert_eq!(plan["bytes"], bytes);
        let manifest = fs::read_to_string(package.join("manifest-sha256.txt")).unwrap();
        for line in manifest.lines() {
            let (digest, path) = line.split_once("  ").unwrap();
            assert!(files.iter().any(|file| file["path"] == path && file["sha256"] == digest), "{path}");
        }
    }
}

#[test]
fn what_the_target_has_already_is_told_before_it_is_overwritten() {
    let workshop = Workshop::new();
    let inputs = [sample("mgc-2010")];
    let plan = planned(&workshop, &inputs, &[], 0);
    let name = plan["names"][0]["new_name"].as_str().unwrap().to_uppercase();
    let target = workshop.file("target.csv", format!("Identity\npool.litware.example\\{name}\nother\n"));
    let plan = planned(&workshop, &inputs, &["--target", target.to_str().unwrap()], 0);
    let findings = plan["findings"].as_array().unwrap();
    let told: Vec<&Value> = findings.iter().filter(|finding| finding["code"] == "NAME-EXISTS").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["level"], &told[0]["subject"]),
        (&Value::from("warning"), &plan["names"][0]["new_name"])
    );
    let ran = workshop.run(["convert", "x", "--dry-run", "--target", "missing.csv"]);
    assert_eq!(ran.status, 3, "{}", ran.err);
}

#[test]
fn json_is_only_for_a_dry_run() {
    let workshop = Workshop::new();
    let ran = workshop.run(["convert", "x", "-o", "y", "--json"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
}
