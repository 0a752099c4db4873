//! The digests that manifests use, several of them in one pass over the bytes.

use std::io::{self, Read};

use sha2::Digest as _;

/// A digest algorithm of manifests, by the name in their file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::package::verify) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    /// Reads a name as RFC 8493, section 2.4, normalizes it: lower case, letters and digits alone.
    pub(super) fn from_name(name: &str) -> Option<Algorithm> {
        Some(match name {
            "md5" => Algorithm::Md5,
            "sha1" => Algorithm::Sha1,
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return None,
        })
    }
}

/// One digest in the making.
enum Hasher {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(Box<sha2::Sha512>),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Hasher {
        match algorithm {
            Algorithm::Md5 => Hasher::Md5(md5::Md5::new()),
            Algorithm::Sha1 => Hasher::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Hasher::Sha512(Box::new(sha2::Sha512::new())),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Md5(hasher) => hasher.update(bytes),
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Md5(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// The digests of one file, in the order of the algorithms asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::package::verify) struct Digests(Vec<(Algorithm, Vec<u8>)>);

impl Digests {
    /// Returns the digest of an algorithm that was asked for.
    pub(in crate::package::verify) fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == algorithm).map(|(_, digest)| digest.as_slice())
    }
}

/// Digests and counts all that is read through it.
pub(in crate::package::verify) struct Digesting<'a, R> {
    inner: R,
    hashers: Vec<(Algorithm, Hasher)>,
    size: u64,
    failed: Option<io::Error>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a, R: Read> Digesting<'a, R> {
    /// Reads from `inner`; `progress` is told the bytes of every read.
    pub(in crate::package::verify) fn new(
        inner: R,
        algorithms: &[Algorithm],
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Digesting<'a, R> {
        let hashers = algorithms.iter().map(|&algorithm| (algorithm, Hasher::new(algorithm))).collect();
        Digesting { inner, hashers, size: 0, failed: None, progress }
    }

    /// Reads to the end and returns the digests and the size of everything.
    ///
    /// # Errors
    /// The first error that any read gave.
    pub(in crate::package::verify) fn finish(mut self) -> io::Result<(Digests, u64)> {
        let mut buffer = vec![0; 64 * 1024];
        while self.failed.is_none() && self.read(&mut buffer)? > 0 {}
        if let Some(error) = self.failed {
            return Err(error);
        }
        let digests = self.hashers.into_iter().map(|(algorithm, hasher)| (algorithm, hasher.finish()));
        Ok((Digests(digests.collect()), self.size))
    }
}

impl<R: Read> Read for Digesting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.inner.read(buffer) {
            Err(error) => {
                // A parser above may take this for the end; the file is unreadable all the same.
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                return Err(error);
            }
            Ok(count) => count,
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        self.hashers.iter_mut().for_each(|(_, hasher)| hasher.update(bytes));
        self.size += count as u64;
        (self.progress)(count as u64);
        Ok(count)
    }
}

/// Shows a digest in hex.
pub(in crate::package::verify) fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Reads hex digits of either case.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let digit = |byte: u8| char::from(byte).to_digit(16);
    pairs
        .map(|pair| match *pair {
            [high, low] => Some((digit(high)? << 4 | digit(low)?) as u8),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_digests_of_abc_come_out_in_one_pass() {
        let algorithms = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
        let (digests, size) = Digesting::new(&b"abc"[..], &algorithms, &|_| ()).finish().unwrap();
        assert_eq!(size, 3);
        for (algorithm, start) in
            algorithms.into_iter().zip(["900150983cd2", "a9993e364706", "ba7816bf8f01", "ddaf35a19361"])
        {
            let text = hex(digests.get(algorithm).unwrap());
            assert!(text.starts_with(start), "{algorithm:?}: {text}");
            assert_eq!(from_hex(&text.to_uppercase()).as_deref(), digests.get(algorithm));
        }
        assert_eq!(from_hex("abc"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
