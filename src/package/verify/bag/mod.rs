//! BagIt (RFC 8493, and the drafts up to 0.97): is the bag complete and valid?
//!
//! It reads the tag files, says which digests it needs, and compares them when somebody has read
//! the files. What the payload means is not its matter.

mod digest;
mod manifest;
mod path;
mod tag_file;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::fault;
use super::files::Bag;
use super::problem::{Problems, quote};
use tag_file::Declaration;

pub(super) use digest::{Algorithm, Digesting, Digests, hex};
pub(super) use manifest::Manifest;
pub(super) use path::danger;

/// What was read of a file: its digests and its size.
pub(super) type Read = (Digests, u64);

/// What the tag files of a bag say.
#[derive(Debug)]
pub(super) struct TagFiles {
    declaration: Declaration,
    manifests: Vec<Manifest>,
    /// Labels and values of `bag-info.txt`.
    pub(super) info: Vec<(String, String)>,
    fetch: BTreeSet<String>,
}

/// Reading tag files: the bag, what holds for it, and what was found wrong.
struct Check<'a> {
    bag: &'a Bag,
    declaration: Declaration,
    problems: &'a mut Problems,
}

impl TagFiles {
    /// Reads all tag files that BagIt gives a meaning. Memory: that of the manifests.
    pub(super) fn read(bag: &Bag, problems: &mut Problems) -> TagFiles {
        let mut check = Check { bag, declaration: Declaration::default(), problems };
        check.read_declaration();
        let manifests = check.read_manifests();
        let info = check.read_info();
        let fetch = check.read_fetch().into_iter().collect();
        TagFiles { declaration: check.declaration, manifests, info, fetch }
    }

    /// Returns the values of a label of `bag-info.txt`, compared without regard to case.
    pub(super) fn info(&self, label: &str) -> impl Iterator<Item = &str> {
        self.info
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(label))
            .map(|(_, value)| value.as_str())
    }

    /// Returns a manifest by its own name.
    pub(super) fn manifest(&self, path: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.path == path)
    }

    /// Returns the algorithms that manifests use.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        let all: BTreeSet<Algorithm> =
            self.manifests.iter().filter_map(|manifest| manifest.algorithm).collect();
        all.into_iter().collect()
    }

    /// Compares what the tag files say with the files. `read` holds what was read of each file of
    /// the bag; a file that could not be read, and was told of, is not in it.
    pub(super) fn compare(&self, bag: &Bag, read: &HashMap<&str, Read>, problems: &mut Problems) {
        self.check_presence(bag, problems);
        self.check_payload_size(bag, problems);
        check_names(bag, problems);
        for manifest in &self.manifests {
            self.check_listed(manifest, bag, read, problems);
        }
        self.check_unlisted(bag, problems);
    }

    fn check_presence(&self, bag: &Bag, problems: &mut Problems) {
        let has_data = bag.files.iter().any(|file| file.path.starts_with("data/"))
            || bag.bare_folders.iter().any(|folder| folder.starts_with("data/"));
        if !has_data {
            problems.add(&fault::BAG_MISSING, "data/", "the bag has no payload folder");
        }
        let known = |manifest: &&Manifest| manifest.of_payload && manifest.algorithm.is_some();
        if !self.manifests.iter().any(|manifest| known(&manifest)) {
            problems.add(&fault::BAG_MANIFEST, "", "the bag has no payload manifest that can be checked");
        }
        let listed = |path: &str| self.manifests.iter().any(|manifest| manifest.listed.contains_key(path));
        for path in &self.fetch {
            if bag.get(path).is_none() {
                problems.add(&fault::BAG_FETCH, path, "the file is to be fetched and is not here");
            } else if !listed(path) {
                problems.add(&fault::BAG_FETCH, path, "the file was to be fetched, and no manifest lists it");
            }
        }
    }

    fn check_payload_size(&self, bag: &Bag, problems: &mut Problems) {
        let payload = bag.files.iter().filter(|file| file.path.starts_with("data/"));
        let (bytes, files) =
            payload.fold((0_u64, 0_u64), |(bytes, files), file| (bytes.saturating_add(file.size), files + 1));
        let told: Vec<&str> = self.info("Payload-Oxum").collect();
        if told.len() > 1 {
            problems.add(&fault::BAG_INFO_FORM, "bag-info.txt", "Payload-Oxum stands there more than once");
        }
        for value in told {
            let numbers = value
                .split_once('.')
                .and_then(|(bytes, files)| Some((bytes.parse().ok()?, files.parse().ok()?)));
            match numbers {
                None => {
                    let what = format!("Payload-Oxum is not bytes and files: {}", quote(value));
                    problems.add(&fault::BAG_INFO, "bag-info.txt", what);
                }
                Some(told) if told != (bytes, files) => {
                    let what = format!("Payload-Oxum says {value}, there are {bytes} bytes in {files} files");
                    problems.add(&fault::BAG_OXUM, "bag-info.txt", what);
                }
                Some(_) => {}
            }
        }
    }

    /// Checks every file that a manifest lists.
    fn check_listed(
        &self,
        manifest: &Manifest,
        bag: &Bag,
        read: &HashMap<&str, Read>,
        problems: &mut Problems,
    ) {
        let mut paths: Vec<(&String, &Vec<u8>)> = manifest.listed.iter().collect();
        paths.sort_unstable();
        let forms = unlisted_by_form(manifest, bag);
        for (path, listed) in paths {
            if !manifest.of_payload && path.starts_with("tagmanifest-") {
                let what = format!("{} lists a tag manifest", manifest.path);
                problems.add(&fault::BAG_MANIFEST, path, what);
            }
            if bag.get(path).is_none() {
                if !self.fetch.contains(path) {
                    let mut what = format!("listed in {}, but not there", manifest.path);
                    if let Some(other) = forms.get(&path::without_marks(path)).filter(|_| !path.is_ascii()) {
                        what.push_str(&format!("; {} may be it, in another Unicode form", quote(other)));
                    }
                    problems.add(&fault::BAG_MISSING, path, what);
                }
                continue;
            }
            let found = manifest.algorithm.and_then(|algorithm| read.get(path.as_str())?.0.get(algorithm));
            if let Some(found) = found
                && found != listed
            {
                let what = format!("{} says {}, the file has {}", manifest.path, hex(listed), hex(found));
                problems.add(&fault::BAG_CHANGED, path, what);
            }
        }
    }

    /// Finds payload files that manifests do not list: since 1.0 all of them must, before one.
    fn check_unlisted(&self, bag: &Bag, problems: &mut Problems) {
        let manifests: Vec<&Manifest> =
            self.manifests.iter().filter(|manifest| manifest.of_payload).collect();
        for file in bag.files.iter().filter(|file| file.path.starts_with("data/")) {
            let without: Vec<&str> = manifests
                .iter()
                .filter(|manifest| !manifest.listed.contains_key(&file.path))
                .map(|manifest| manifest.path.as_str())
                .collect();
            let tolerated = !self.declaration.is_final && without.len() < manifests.len();
            if !without.is_empty() && !tolerated {
                problems.add(&fault::BAG_EXTRA, &file.path, format!("not listed in {}", without.join(", ")));
            }
        }
    }
}

/// Files that a manifest does not list and whose names are not ASCII, by what all Unicode normal
/// forms of the name share.
fn unlisted_by_form<'a>(manifest: &Manifest, bag: &'a Bag) -> HashMap<String, &'a str> {
    let files = bag.files.iter().map(|file| file.path.as_str());
    files
        .filter(|path| !path.is_ascii() && !manifest.listed.contains_key(*path))
        .map(|path| (path::without_marks(path), path))
        .collect()
}

/// Warns of names that some systems do not tell apart or cannot hold, and of files that systems leave about;
/// refuses names that lead astray.
fn check_names(bag: &Bag, problems: &mut Problems) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut forms: HashMap<String, &str> = HashMap::new();
    for file in &bag.files {
        let path = &file.path;
        if let Some(why) = danger(path) {
            problems.add(&fault::BAG_PATH, path, why);
        } else if let Some(why) = path::trouble_on_windows(path) {
            problems.add(&fault::BAG_PATH_SYSTEM, path, why);
        }
        if path::is_litter(path) {
            problems.add(&fault::BAG_LITTER, path, "a file that a system left");
        }
        if !seen.insert(path.to_lowercase()) {
            problems.add(&fault::BAG_CLASH, path, "another name differs in case alone");
        }
        let Some(form) = path::skeleton(path) else { continue };
        match forms.get(&form) {
            Some(other) if path::is_decomposed(path) != path::is_decomposed(other) => {
                let what = format!("it may be {} in another Unicode form", quote(other));
                problems.add(&fault::BAG_CLASH, path, what);
            }
            Some(_) => {}
            None => drop(forms.insert(form, path)),
        }
    }
}
