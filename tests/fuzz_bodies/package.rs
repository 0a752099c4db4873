//! Packages that somebody changed: verified, and read as a source.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gc2pc::package::verify::verify;
use sha2::Digest as _;

use super::cut::Cut;
use super::stored_zip;
use super::whole::converted_soundly;

/// The files of a sound package.
type Files = Vec<(String, Vec<u8>)>;

/// A small sound package, made once.
pub fn sound() -> &'static Files {
    static SOUND: OnceLock<Files> = OnceLock::new();
    SOUND.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR"));
        let samples =
            if samples.ends_with("fuzz") { samples.join("..") } else { samples.to_owned() }.join("samples");
        let inputs: Vec<PathBuf> = ["mgc-2010", "compliance/2013-01"].map(|name| samples.join(name)).to_vec();
        converted_soundly(&inputs, 8, folder.path()).unwrap();
        let mut zip =
            zip::ZipArchive::new(Cursor::new(fs::read(folder.path().join("out.zip")).unwrap())).unwrap();
        (0..zip.len())
            .map(|at| {
                let mut entry = zip.by_index(at).unwrap();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                (entry.name().unwrap().into_owned(), bytes)
            })
            .filter(|(name, _)| !name.contains("/data/source/"))
            .collect()
    })
}

/// Changes files of a sound package as the bytes say; seals it again if the first is odd, so that more than
/// digests are looked at. Each change is the number of a file, a place, how many bytes go, and the bytes that come.
pub fn changed(data: &[u8], folder: &Path) {
    let mut cut = Cut(data);
    let flags = cut.byte();
    let mut files = sound().clone();
    while !cut.0.is_empty() {
        let at = usize::from(cut.byte()) % files.len();
        let bytes = &mut files[at].1;
        let start = cut.number() % (bytes.len() + 1);
        let end = (start + usize::from(cut.byte())).min(bytes.len());
        let coming = usize::from(cut.byte()).min(cut.0.len());
        let (coming, rest) = cut.0.split_at(coming);
        cut.0 = rest;
        bytes.splice(start..end, coming.iter().copied());
    }
    if flags & 1 != 0 {
        seal(&mut files);
    }
    if flags & 4 != 0 {
        files.truncate(files.len() - usize::from(flags >> 3) % files.len());
    }
    let path = folder.join("changed.zip");
    fs::write(&path, stored_zip(&files)).unwrap();
    let _ = verify(&path, &mut |_| {});
    if flags & 2 != 0 {
        let _ = converted_soundly(&[path], 0, folder);
    }
}

/// Writes the manifests anew.
fn seal(files: &mut Files) {
    let lines = |files: &Files, wanted: &dyn Fn(&str) -> bool| -> Vec<u8> {
        files
            .iter()
            .filter_map(|(name, bytes)| {
                let name = name.split_once('/')?.1;
                let hex: String =
                    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                wanted(name).then(|| format!("{hex}  {name}\n"))
            })
            .collect::<String>()
            .into_bytes()
    };
    let set = |files: &mut Files, wanted: &str, lines: Vec<u8>| {
        if let Some((_, bytes)) = files.iter_mut().find(|(name, _)| name.ends_with(wanted)) {
            *bytes = lines;
        }
    };
    let manifest = lines(files, &|name| name.starts_with("data/"));
    set(files, "/manifest-sha256.txt", manifest);
    let tags = lines(files, &|name| !name.starts_with("data/") && !name.starts_with("tagmanifest"));
    set(files, "/tagmanifest-sha256.txt", tags);
}
