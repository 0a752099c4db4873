//! How fast compliance documents are read, beside an XML parser alone on the same bytes.
//!
//! `cargo bench --bench compliance -- FILE` reads a `Conversations` document (the bench `whole_job` makes
//! some) on one thread, and prints megabytes a second of processor time, the best of five runs: of
//! quick-xml that walks all events and unescapes all attributes, of looking for stretches, and of reading.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use gc2pc::chat::{Batch, Directory, Text};
use gc2pc::compliance::{self, DocumentKind};
use gc2pc::container::Blob;
use gc2pc::ledger::{Level, Rejected, Sink};
use quick_xml::events::Event;

#[derive(Debug)]
struct OnDisk(PathBuf);

impl Blob for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// Counts records.
#[derive(Default)]
struct Counting(u64);

impl Sink for Counting {
    fn take(&mut self, batch: Batch) -> gc2pc::Result<()> {
        self.0 += batch.records.len() as u64;
        Ok(())
    }

    fn reject(&mut self, _rejected: Rejected) -> gc2pc::Result<()> {
        Ok(())
    }

    fn find(&mut self, _code: &'static str, _level: Level, _subject: Text, _detail: Text) {}
}

/// Returns the seconds for which this thread has run; on other systems than Linux those that passed.
fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

fn parser_alone(blob: &OnDisk) -> usize {
    let file = BufReader::with_capacity(1 << 18, blob.open().expect("the document can be opened"));
    let mut reader = quick_xml::Reader::from_reader(file);
    let mut buffer = Vec::new();
    let mut size = 0;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).expect("the document is well-formed") {
            Event::Start(start) | Event::Empty(start) => {
                for attribute in start.attributes() {
                    let attribute = attribute.expect("the attribute is well-formed");
                    let value = quick_xml::escape::unescape(&attribute.value).expect("it can be unescaped");
                    size += value.len();
                }
            }
            Event::Eof => return size,
            _ => {}
        }
    }
}

fn main() {
    let Some(path) = std::env::args().skip(1).find(|word| !word.starts_with("--")) else {
        println!("give a Conversations document");
        return;
    };
    let blob = OnDisk(path.into());
    let bytes = std::fs::metadata(&blob.0).expect("the document is there").len();
    let kind = DocumentKind::Conversations;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let _pool = pool.expect("one thread is enough");
    let begin = Instant::now();
    let mut least = [f64::INFINITY; 3];
    for _ in 0..5 {
        let mut measure = |at: usize, run: &dyn Fn()| {
            let start = seconds(begin);
            run();
            least[at] = least[at].min(seconds(begin) - start);
        };
        measure(0, &|| assert!(parser_alone(&blob) > 0));
        measure(1, &|| assert!(compliance::stretches(&kind, &blob).count() > 0));
        measure(2, &|| {
            let (directory, mut sink) = (Directory::default(), Counting::default());
            let reader = blob.open().expect("the document can be opened");
            compliance::read(1, &kind, reader, &directory, &mut sink).expect("it can be read");
            assert!(sink.0 > 0);
        });
    }
    for (name, seconds) in ["quick-xml alone", "stretches", "reading"].into_iter().zip(least) {
        println!("{name:16} {:7.0} MB/s", bytes as f64 / 1e6 / seconds);
    }
    println!("reading takes {:.2} times quick-xml alone", least[2] / least[0]);
}
