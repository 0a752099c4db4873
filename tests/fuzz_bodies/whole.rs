//! The main job as a whole: what is converted verifies, or the conversion failed with an error.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gc2pc::budget::{Budget, LEAST_MEMORY};
use gc2pc::convert::{Options, Outcome, STAGES, convert};
use gc2pc::package::verify::verify;
use gc2pc::package::{self, Level};
use gc2pc::progress::Silent;
use gc2pc::{migrate, source};

use super::cut::{Cut, piece};

/// The names that inputs can have, one folder a database.
pub const NAMES: [&str; 20] = [
    "a/tblChat.csv",
    "a/tblNode.csv",
    "a/tblPrincipal.csv",
    "a/tblPrincipalRole.csv",
    "a/tblRoleType.csv",
    "a/tblScopePrincipal.csv",
    "a/tblEnumValue.csv",
    "a/tblEnumAttribute.csv",
    "a/tblSiopWhiteList.csv",
    "a/tblPrincipalType.csv",
    "a/tblPrincipalAffiliations.csv",
    "a/tblLastChatId.csv",
    "b/tblChat.csv",
    "b/tblNode.csv",
    "b/tblPrincipal.csv",
    "b/tblComplianceData.csv",
    "b/tblComplianceParticipant.csv",
    "c/batch.xml",
    "c/again.xml",
    "c/anything",
];

/// Makes the bytes of these inputs, by position in [`NAMES`].
pub fn seed(options: u8, inputs: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![options];
    for &(name, content) in inputs {
        bytes.push(name as u8);
        bytes.extend(piece(content));
    }
    bytes
}

/// Converts what the bytes say in a folder, and verifies what was written.
pub fn convert_and_verify(data: &[u8], folder: &Path) {
    let mut cut = Cut(data);
    let flags = cut.byte();
    let mut files = BTreeMap::new();
    while !cut.0.is_empty() && files.len() < NAMES.len() {
        let name = NAMES[usize::from(cut.byte()) % NAMES.len()];
        files.insert(name, cut.piece());
    }
    let inputs = folder.join("inputs");
    let _ = fs::remove_dir_all(&inputs);
    for (name, bytes) in files {
        let path = inputs.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    if inputs.is_dir() {
        let _ = converted_soundly(&[inputs], flags, folder);
    }
}

/// Converts inputs into a ZIP, which must be sound if the conversion succeeds.
pub fn converted_soundly(inputs: &[PathBuf], flags: u8, folder: &Path) -> gc2pc::Result<Outcome> {
    let output = folder.join("out.zip");
    let _ = fs::remove_file(&output);
    let outcome = convert(inputs, &options(&output, flags, folder), &Silent);
    if outcome.is_ok() {
        let found = verify(&output, &mut |_| {}).unwrap();
        assert!(found.is_sound(), "a package that is not sound: {:?}", found.problems);
    } else {
        assert!(!output.exists(), "the conversion failed and left a package");
    }
    outcome
}

fn options(output: &Path, flags: u8, temp: &Path) -> Options {
    Options {
        output: Some(output.to_owned()),
        level: Level::All,
        since: None,
        until: None,
        reading: source::Options {
            temp: temp.to_owned(),
            roles: BTreeMap::new(),
            set: None,
            salvage: flags & 1 != 0,
            check_pages: true,
            max_rejected: None,
            left_out: Vec::new(),
            stages: STAGES,
        },
        migration: migrate::Options {
            room_prefix: if flags & 2 != 0 {
                migrate::RoomPrefix::OnCollision
            } else {
                migrate::RoomPrefix::Always
            },
            without_disabled_rooms: flags & 4 != 0,
            ..migrate::Options::default()
        },
        package: package::Options { overwrite: true, staging: flags & 8 != 0, ..package::Options::default() },
        files: None,
        budget: Budget::new(LEAST_MEMORY, 1),
        told: Vec::new(),
    }
}
