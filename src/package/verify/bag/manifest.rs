//! Manifests: which files they list with which digests.

use std::collections::HashMap;

use super::Check;
use super::digest::{Algorithm, from_hex};
use super::path::{danger, decode};
use super::tag_file::lines;
use crate::package::verify::fault;
use crate::package::verify::problem::quote;

/// A manifest of the payload or of the tag files.
#[derive(Debug)]
pub(in crate::package::verify) struct Manifest {
    /// Its own name.
    pub(in crate::package::verify) path: String,
    /// `None` for an algorithm that is not known here.
    pub(super) algorithm: Option<Algorithm>,
    /// Whether it lists the payload rather than tag files.
    pub(super) of_payload: bool,
    /// Digests by path; a path listed twice with different digests has the first.
    pub(in crate::package::verify) listed: HashMap<String, Vec<u8>>,
}

impl Check<'_> {
    /// Reads all manifests, in the order of their names.
    pub(super) fn read_manifests(&mut self) -> Vec<Manifest> {
        let mut manifests = Vec::new();
        for file in &self.bag.files {
            let stem = file.path.strip_suffix(".txt").unwrap_or_default();
            let of_payload = stem.strip_prefix("manifest-");
            let Some(name) = of_payload.or_else(|| stem.strip_prefix("tagmanifest-")) else { continue };
            if name.contains('/') {
                continue;
            }
            let algorithm = Algorithm::from_name(name);
            if algorithm.is_none() {
                let what = format!("the algorithm {} is not known", quote(name));
                self.problems.add(&fault::BAG_ALGORITHM, &file.path, what);
            }
            let mut manifest = Manifest {
                path: file.path.clone(),
                algorithm,
                of_payload: of_payload.is_some(),
                listed: HashMap::new(),
            };
            self.read_manifest(&mut manifest);
            manifests.push(manifest);
        }
        manifests
    }

    fn read_manifest(&mut self, manifest: &mut Manifest) {
        let Some(text) = self.text(&manifest.path) else { return };
        for (number, line) in (1..).zip(lines(&text)).filter(|(_, line)| !line.is_empty()) {
            let fields = line.split_once([' ', '\t']);
            let digest = fields.and_then(|(digest, _)| from_hex(digest));
            let (Some(digest), Some((_, path))) = (digest, fields) else {
                let what = format!("line {number} is not a digest and a name: {}", quote(line));
                self.problems.add(&fault::BAG_MANIFEST, &manifest.path, what);
                continue;
            };
            let path = path.trim_start_matches([' ', '\t']);
            let Some(path) = self.safe_path(&manifest.path, path, manifest.of_payload) else { continue };
            match manifest.listed.get(&path) {
                None => drop(manifest.listed.insert(path, digest)),
                Some(known) if *known == digest && !self.declaration.is_final => {
                    let what = format!("listed twice in {}", manifest.path);
                    self.problems.add(&fault::BAG_DUPLICATE_LINE, &path, what);
                }
                Some(known) => {
                    let how = if *known == digest { "the same digest" } else { "different digests" };
                    let what = format!("listed twice in {} with {how}", manifest.path);
                    self.problems.add(&fault::BAG_DUPLICATE, &path, what);
                }
            }
        }
    }

    /// Understands a name that stands in the tag file `holder`; `None` if it must not be followed.
    pub(super) fn safe_path(&mut self, holder: &str, written: &str, in_payload: bool) -> Option<String> {
        let (mut path, mut doubtful) = decode(written, self.declaration.is_final);
        // Some programs do not escape: the name stands for the file that bears it.
        if path != written && self.bag.get(&path).is_none() && self.bag.get(written).is_some() {
            (path, doubtful) = (written.to_owned(), true);
        }
        let outside = match path.starts_with("data\\") {
            true => "the name has backslashes where BagIt has slashes",
            false => "the name lies outside the payload",
        };
        let is_outside = in_payload && !path.starts_with("data/");
        let why = danger(&path).or(is_outside.then_some(outside));
        if let Some(why) = why {
            self.problems.add(&fault::BAG_PATH, holder, format!("{}: {why}", quote(written)));
            return None;
        }
        if doubtful {
            self.problems.add(
                &fault::BAG_PATH_FORM,
                holder,
                format!("{} was read as {}", quote(written), quote(&path)),
            );
        }
        Some(path)
    }
}
