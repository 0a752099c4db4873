//! Which of eight blocks of bytes are pages of the database.
//!
//! A backup holds extents as they are, with pages that were never used and keep whatever stood there.
//! What a page says of itself decides: an extent's pages carry consecutive numbers.

use super::index::PAGE;

/// Pages of an extent.
pub(super) const EXTENT: usize = 8;

/// Bytes of an extent.
pub(super) const EXTENT_BYTES: usize = EXTENT * PAGE as usize;

/// Bytes of a page's header.
pub(super) const HEADER: usize = 96;

/// The headers of an extent's pages.
pub(super) type Headers = [[u8; HEADER]; EXTENT];

/// What the bytes of an extent turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The file of the database.
    pub file: u16,
    /// The number of its first page.
    pub first: u32,
    /// Which of the pages are there.
    pub present: [bool; EXTENT],
}

/// Returns the file and number that a page says it has, if its first bytes look like a page at all:
/// header version 1 and a type that exists. Offsets from "Inside SQL Server"'s page anatomy.
fn own_number(header: &[u8; HEADER]) -> Option<(u16, u32)> {
    let number = u32::from_le_bytes([header[32], header[33], header[34], header[35]]);
    let file = u16::from_le_bytes([header[36], header[37]]);
    (header[0] == 1 && (1..=20).contains(&header[1]) && file != 0).then_some((file, number))
}

/// Looks at the whole pages among bytes, eight at most: see [`recognise`].
pub(super) fn recognise_whole(bytes: &[u8]) -> Option<Extent> {
    let mut headers = [[0; HEADER]; EXTENT];
    copy_headers(bytes, &mut headers);
    recognise(&headers)
}

/// Copies the headers of the whole pages among bytes.
pub(super) fn copy_headers(bytes: &[u8], headers: &mut Headers) {
    let pages = bytes.chunks_exact(PAGE as usize).filter_map(|page| page.first_chunk::<HEADER>());
    headers.iter_mut().zip(pages).for_each(|(header, page)| *header = *page);
}

/// Looks at the headers of up to eight pages: the first page's number that most of them agree on holds, an
/// extent's border before others, and the first one among equals. `None` if there is no page.
pub(super) fn recognise(headers: &[[u8; HEADER]]) -> Option<Extent> {
    let mut claims = [None; EXTENT];
    for (at, header) in headers.iter().take(EXTENT).enumerate() {
        let claim =
            own_number(header).and_then(|(file, number)| Some((file, number.checked_sub(at as u32)?)));
        claims[at] = claim;
    }
    let votes = |claim: (u16, u32)| claims.iter().filter(|&&other| other == Some(claim)).count();
    let rank = |claim: (u16, u32)| (votes(claim), claim.1.is_multiple_of(EXTENT as u32));
    // The last of equal ones would win, hence backwards.
    let (file, first) = claims.iter().rev().flatten().copied().max_by_key(|&claim| rank(claim))?;
    Some(Extent { file, first, present: claims.map(|claim| claim == Some((file, first))) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(pages: &[Option<(u16, u32)>]) -> Vec<u8> {
        let mut bytes = vec![0; pages.len() * PAGE as usize];
        for (at, page) in pages.iter().enumerate() {
            if let Some((file, number)) = page {
                let header = &mut bytes[at * PAGE as usize..];
                header[..2].copy_from_slice(&[1, 1]);
                header[32..36].copy_from_slice(&number.to_le_bytes());
                header[36..38].copy_from_slice(&file.to_le_bytes());
            }
        }
        bytes
    }

    #[test]
    fn pages_that_were_never_used_are_left_out() {
        let pages = [Some((1, 64)), None, Some((1, 66)), Some((1, 900)), None, None, None, Some((1, 71))];
        let found = recognise_whole(&extent(&pages)).unwrap();
        assert_eq!((found.file, found.first), (1, 64));
        assert_eq!(found.present, [true, false, true, false, false, false, false, true]);
    }

    #[test]
    fn a_leftover_in_front_does_not_hide_the_extent() {
        let found = recognise_whole(&extent(&[Some((1, 8)), Some((3, 17)), Some((3, 18))])).unwrap();
        assert_eq!((found.file, found.first), (3, 16));
        let found = recognise_whole(&extent(&[Some((1, 9)), Some((1, 17))])).unwrap();
        assert_eq!(found.first, 16, "a border of extents is the better claim");
    }

    #[test]
    fn nothing_is_made_of_other_bytes() {
        assert_eq!(recognise_whole(&extent(&[None; 8])), None);
        assert_eq!(recognise_whole(&vec![0xFF; EXTENT_BYTES]), None);
        assert_eq!(recognise_whole(&[1; 5000]), None);
        assert_eq!(recognise_whole(&extent(&[None, Some((1, 0))])), None, "a number before the first page");
        assert_eq!(recognise_whole(&extent(&[Some((0, 8))])), None);
    }
}
