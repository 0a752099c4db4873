use std::io::{self, Write};

use super::*;
use crate::error::Error;
use crate::package::contents::{Sizes, Step};

/// A disk that is full from the first byte on.
struct FullStore;

impl FullStore {
    fn refuse() -> Error {
        Error::write("out", io::Error::from(io::ErrorKind::StorageFull))
    }
}

impl Prepare for FullStore {
    fn whole(&self, _: &str, _: &Body) -> Result<(Sum, Prepared)> {
        Err(FullStore::refuse())
    }

    fn block(&self, bytes: Vec<u8>) -> Result<Prepared> {
        Ok(Prepared::Plain(bytes))
    }
}

impl Store for FullStore {
    fn preparing(&self) -> Arc<dyn Prepare> {
        Arc::new(FullStore)
    }

    fn put(&mut self, _: &str, _: Prepared) -> Result<()> {
        Ok(())
    }

    fn open(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn append(&mut self, _: Prepared) -> Result<()> {
        Err(FullStore::refuse())
    }

    fn close(&mut self, _: &str, _: &Sum) -> Result<()> {
        Ok(())
    }

    fn seal(&mut self, _: &[Entry]) -> Result<()> {
        Ok(())
    }

    fn read_back(&self, _: &[Entry], _: Progress<'_>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_as_such_whoever_was_writing() {
    for kept in [0, 1 << 20] {
        let sizes = Sizes { kept, ..Sizes::default() };
        let mut packer = Packer::new(Box::new(FullStore), sizes, &|_| Ok(()));
        // Somebody who knows nothing of packages wraps what he gets.
        let told = packer.file("data/x".into()).fill_by(|out| {
            out.write_all(b"text").map_err(|cause| Error::write("a table", cause))?;
            Ok(())
        });
        let told = told.and_then(|()| packer.seal().map(drop)).unwrap_err();
        assert_eq!(told.hint(), FullStore::refuse().hint());
    }
}

#[test]
fn names_that_are_unsafe_or_meet_on_some_file_system_are_refused() {
    let progress = &|_: Step| Ok(());
    let mut packer = Packer::new(Box::new(NowhereStore), Sizes::default(), progress);
    packer.put("data/a".into(), Vec::new()).unwrap();
    for name in ["data/a", "data/A", "../a", "data/a:b", "/a"] {
        assert!(matches!(packer.put(name.into(), Vec::new()), Err(Error::Unsound { .. })), "{name}");
    }
}
