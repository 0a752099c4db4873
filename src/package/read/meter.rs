//! Counting and limiting what is read: lines for places in documents, bytes against documents made
//! to fill the memory.

use std::io::{self, BufRead, BufReader, Read};

/// A buffered reader that counts lines and refuses to go on when nobody renews its allowance.
///
/// Parsers above keep whole tokens in memory; the allowance is what one record may take.
#[derive(Debug)]
pub(crate) struct Meter<R> {
    inner: BufReader<R>,
    lines: u64,
    allowance: u64,
    left: u64,
}

impl<R: Read> Meter<R> {
    /// Reads from `inner`; between two renewals at most `allowance` bytes.
    pub(crate) fn new(inner: R, allowance: u64) -> Meter<R> {
        let inner = BufReader::with_capacity(64 * 1024, inner);
        Meter { inner, lines: 0, allowance, left: allowance }
    }

    /// Returns the number of line feeds consumed.
    pub(crate) fn lines_read(&self) -> u64 {
        self.lines
    }

    /// Grants the full allowance again.
    pub(crate) fn renew(&mut self) {
        self.left = self.allowance;
    }
}

impl<R: Read> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            let what = format!("one record is larger than {} bytes", self.allowance);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let taken = self.inner.buffer().get(..amount).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.left = self.left.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(buffer.len());
        buffer[..amount].copy_from_slice(&available[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_the_allowance_holds_until_it_is_renewed() {
        let mut meter = Meter::new(&b"a\nb\nc\nd\n"[..], 4);
        let mut four = [0; 4];
        meter.read_exact(&mut four).unwrap();
        assert_eq!(meter.lines_read(), 2);
        assert_eq!(meter.read(&mut four).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        meter.renew();
        meter.read_exact(&mut four).unwrap();
        assert_eq!(meter.lines_read(), 4);
    }
}
