mod charset;
mod markup;
mod recognise;
pub use recognise::{DocumentKind, recognise};
pub fn read(
    _s: u32,
    _k: &DocumentKind,
    _r: Box<dyn std::io::Read + Send>,
    _d: &crate::chat::Directory,
    _x: &mut dyn crate::ledger::Sink,
) -> crate::Result<u64> {
    Ok(0)
}
