//! Builds the failing layer, and runs the program upon it in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};

use super::support::{Ran, Workshop, sample, tree};

/// What fails: operations of a kind, with an error of the operating system, once or from then on.
#[derive(Clone, Copy)]
pub struct Fault<'a> {
    pub kind: &'a str,
    pub error: i32,
    pub lasts: bool,
}

/// What became of a run.
pub struct Outcome {
    /// `None` where a signal ended it.
    pub status: Option<i32>,
    pub told: String,
    /// Whether the fault was met at all.
    pub dealt: bool,
}

/// Compiles the layer once; `None` where there is no compiler.
pub fn layer() -> Option<PathBuf> {
    static BUILT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let library =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(source);
        match compiler.arg("-ldl").output() {
            Ok(built) => {
                assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
                Some(library)
            }
            Err(_) => {
                println!("skipped: there is no C compiler to build the failing layer with");
                None
            }
        }
    });
    BUILT.clone()
}

/// A folder with sources, and the name of the output. Where that begins with `old`, a package stands
/// there already and is to be replaced.
pub struct Desk {
    workshop: Workshop,
    root: PathBuf,
    pub output: String,
    sources: BTreeMap<String, String>,
    /// The output of an earlier run, apart.
    before: Option<PathBuf>,
    /// Names and digests of what comes out when nothing fails.
    pub whole: Arc<BTreeMap<String, String>>,
}

impl Desk {
    pub fn new(output: &str) -> Desk {
        let workshop = Workshop::new();
        let root = workshop.folder.path().canonicalize().unwrap();
        gather(&workshop);
        let sources = tree(&root.join("in"));
        let mut desk =
            Desk { workshop, root, output: output.to_owned(), sources, before: None, whole: Arc::default() };
        desk.whole = whole(&desk);
        if output.starts_with("old") {
            let before = desk.root.join("before").join(output);
            let ran =
                desk.workshop.run(["convert".into(), sample("tblChat-alone"), "-o".into(), before.clone()]);
            assert!(matches!(ran.status, 0 | 1), "{}", ran.err);
            desk.before = Some(before);
        }
        desk
    }

    /// Runs the program upon the layer, into a fresh folder.
    pub fn run(&self, layer: &Path, fault: Option<(Fault<'_>, usize)>) -> Outcome {
        let folder = self.root.join("there");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        if let Some(before) = &self.before {
            copy(before, &folder.join(&self.output));
        }
        let mark = self.root.join("mark");
        let _ = fs::remove_file(&mark);
        let ran = self.convert(|command| {
            let Some((fault, at)) = fault else { return };
            command.env("LD_PRELOAD", layer).env("FAULT_ROOT", &self.root).env("FAULT_TOLD", &mark);
            command.env("FAULT_KIND", fault.kind).env("FAULT_AT", at.to_string());
            command.env("FAULT_ERRNO", fault.error.to_string());
            if fault.lasts {
                command.env("FAULT_LASTS", "1");
            }
        });
        let status = Some(ran.status).filter(|status| *status >= 0);
        Outcome { status, told: ran.err, dealt: mark.exists() }
    }

    fn convert(&self, change: impl FnOnce(&mut Command)) -> Ran {
        let output = format!("there/{}", self.output);
        self.workshop.run_with(
            ["convert", "in/chat", "in/more.zip", "-o", &output, "--overwrite", "--threads", "2"],
            change,
        )
    }

    /// Whether the output is what comes out when nothing fails.
    pub fn is_whole(&self) -> bool {
        tree(&self.target()) == *self.whole
    }

    fn target(&self) -> PathBuf {
        self.root.join("there").join(&self.output)
    }

    /// How many hidden names stand beside the output.
    pub fn hidden(&self) -> usize {
        let names = fs::read_dir(self.root.join("there")).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with('.')).count()
    }

    /// Whether a sentence names something that the user knows.
    pub fn names_a_file(&self, told: &str) -> bool {
        ["there", "in/chat", "chat/", "more.zip"].iter().any(|name| told.contains(name))
    }

    /// What stands under the final name is sound; after the next run nothing else stands there; the
    /// sources are what they were.
    pub fn leave_nothing_half(&self, context: &str) {
        if self.target().exists() {
            let verified = self.workshop.run(["verify".into(), self.target()]);
            assert_eq!(verified.status, 0, "{context}\n{}{}", verified.out, verified.err);
        } else if self.before.is_some() {
            assert!(self.hidden() > 0, "the package before is lost: {context}");
        }
        let stands = fs::read_dir(self.root.join("there")).unwrap().count();
        if stands == 0 {
            // As it was before, so the next run has nothing to clear up.
        } else if self.hidden() > 0 || !self.target().exists() {
            let next = self.convert(|_| {});
            assert_eq!(next.status, 0, "the next run: {}\n{context}", next.err);
            assert!(self.is_whole(), "the next run differs: {context}");
        }
        let left: Vec<_> = fs::read_dir(self.root.join("there")).unwrap().collect();
        assert_eq!(left.len(), stands.min(1), "{left:?}\n{context}");
        assert_eq!(tree(&self.root.join("in")), self.sources, "{context}");
    }
}

/// Lays out sources of several kinds: a table, a document, one of them packed, and an archive within
/// an archive, which is copied to a temporary file.
fn gather(workshop: &Workshop) {
    use std::io::Write as _;
    let document = fs::read(sample("compliance/2013-03/batch-0201.xml")).unwrap();
    for name in ["tblChat.csv", "tblNode.csv", "tblPrincipal.csv"] {
        workshop.file(&format!("in/chat/{name}"), fs::read(sample("mgc-2010").join(name)).unwrap());
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fs::read(sample("compliance/2012-11/batch-0001.xml")).unwrap()).unwrap();
    workshop.file("in/chat/batch.xml.gz", packed.finish().unwrap());
    let inner = zip_of("batch.xml", &document);
    workshop.file("in/more.zip", zip_of("inner.zip", &inner));
}

fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

/// What comes out when nothing fails, found out once for each kind of output.
fn whole(desk: &Desk) -> Arc<BTreeMap<String, String>> {
    type Known = BTreeMap<String, Arc<BTreeMap<String, String>>>;
    static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let entry = known.entry(desk.output.clone()).or_insert_with(|| {
        fs::create_dir(desk.root.join("there")).unwrap();
        let ran = desk.convert(|_| {});
        assert_eq!(ran.status, 0, "{}", ran.err);
        Arc::new(tree(&desk.target()))
    });
    entry.clone()
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        copy(&path, &to.join(path.file_name().unwrap()));
    }
}

/// Runs the program, stops it before it opens a file for the how manyth time, changes something, and
/// lets it go on. `None` if it never opened so many.
pub fn run_paused(
    workshop: &Workshop,
    layer: &Path,
    root: &Path,
    at: usize,
    change: &dyn Fn(),
) -> Option<Ran> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gc2pc"));
    command.current_dir(root).args(["convert", "in", "-o", "out", "--threads", "1"]);
    command.env("LD_PRELOAD", layer).env("FAULT_ROOT", root);
    command.env("FAULT_KIND", "pause").env("FAULT_AT", at.to_string());
    command.stdout(Stdio::null()).stderr(Stdio::from(fs::File::create(workshop.path("told")).unwrap()));
    let mut child = command.spawn().unwrap();
    let mut paused = false;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        // The letter behind the name in parentheses: T is stopped.
        let state = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        if !paused && state.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T')) {
            change();
            let resumed = Command::new("kill").args(["-CONT", &child.id().to_string()]).status().unwrap();
            paused = resumed.success();
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    let err = fs::read_to_string(workshop.path("told")).unwrap();
    paused.then(|| Ran { status: status.code().unwrap_or(-1), out: String::new(), err })
}
