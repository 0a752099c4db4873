use super::super::pages::{PageBytes, PageError};
use super::*;

/// Pages with fragments of large values, numbered from 1.
#[derive(Default)]
struct Fragments {
    pages: Vec<Vec<Vec<u8>>>,
}

impl Fragments {
    fn page(mut self, fragments: &[Vec<u8>]) -> Fragments {
        self.pages.push(fragments.to_vec());
        self
    }

    /// Reads the value to which the row's bytes lead.
    fn read(&self, row: &[u8], limit: usize) -> Result<(bool, Vec<u8>), String> {
        let mut out = Vec::new();
        let has_value = LargeValues::new(self).append(row, &mut out, limit);
        has_value.map(|has_value| (has_value, out)).map_err(|fault| fault.to_string())
    }
}

impl Pages for Fragments {
    fn files(&self) -> Vec<u16> {
        vec![1]
    }

    fn page_count(&self, _: u16) -> u32 {
        self.pages.len() as u32 + 1
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> Result<(), PageError> {
        let id = PageId { file, page };
        let fragments = (page as usize).checked_sub(1).and_then(|at| self.pages.get(at));
        let fragments = fragments.ok_or(PageError::Absent(id))?;
        into.fill(0);
        (into[0], into[1]) = (1, 3);
        into[22] = fragments.len() as u8;
        into[32..36].copy_from_slice(&page.to_le_bytes());
        into[36] = 1;
        let mut place = 96;
        for (slot, fragment) in fragments.iter().enumerate() {
            into[place..place + fragment.len()].copy_from_slice(fragment);
            into[8192 - 2 * (slot + 1)..][..2].copy_from_slice(&(place as u16).to_le_bytes());
            place += fragment.len();
        }
        Ok(())
    }
}

fn fragment(kind: u16, rest: &[u8]) -> Vec<u8> {
    let length = 14 + rest.len() as u16;
    let head = [&[8, 0], &length.to_le_bytes()[..], &[0; 8], &kind.to_le_bytes()].concat();
    [&head[..], rest].concat()
}

fn data(text: &str) -> Vec<u8> {
    fragment(3, text.as_bytes())
}

fn rid(page: u32, slot: u16) -> Vec<u8> {
    [&page.to_le_bytes()[..], &[1, 0], &slot.to_le_bytes()].concat()
}

fn pointer(page: u32, slot: u16) -> Vec<u8> {
    [vec![0; 8], rid(page, slot)].concat()
}

/// A root in the row, by cumulative ends and places.
fn row_root(kind: u8, links: &[(u32, u32, u16)]) -> Vec<u8> {
    let links =
        links.iter().flat_map(|&(end, page, slot)| [end.to_le_bytes().to_vec(), rid(page, slot)].concat());
    [kind].into_iter().chain([0; 11]).chain(links).collect()
}

fn large_root(kind: u16, links: &[(u32, u32, u16)]) -> Vec<u8> {
    let mut rest = vec![2, 0, links.len() as u8, 0];
    rest.resize(10, 0);
    rest.extend(row_root(0, links).split_off(12));
    fragment(kind, &rest)
}

fn inner(links: &[(u64, u32, u16)]) -> Vec<u8> {
    let links =
        links.iter().flat_map(|&(end, page, slot)| [end.to_le_bytes().to_vec(), rid(page, slot)].concat());
    let rest: Vec<u8> =
        [0, 0, links.clone().count().div_ceil(16) as u8, 0, 0, 0].into_iter().chain(links).collect();
    fragment(2, &rest)
}

fn whole(text: &str) -> Result<(bool, Vec<u8>), String> {
    Ok((true, text.as_bytes().to_vec()))
}

#[test]
fn values_are_joined_in_order_whatever_leads_to_them() {
    let small = fragment(0, b"\x02\0????ab--");
    let pages = Fragments::default()
        .page(&[data("left "), data("right"), small, large_root(5, &[(5, 1, 0), (10, 1, 1)])])
        .page(&[inner(&[(5, 1, 0), (10, 1, 1)]), large_root(4, &[(10, 2, 0)]), fragment(8, &[])]);
    assert_eq!(pages.read(&row_root(2, &[(10, 1, 1)][..0]), 99), whole(""));
    assert_eq!(pages.read(&row_root(4, &[(5, 1, 0), (10, 1, 1)]), 99), whole("left right"));
    assert_eq!(pages.read(&row_root(2, &[(5, 1, 1)]), 99), whole("right"));
    assert_eq!(pages.read(&pointer(1, 2), 99), whole("ab"));
    assert_eq!(pages.read(&pointer(1, 3), 99), whole("left right"));
    assert_eq!(pages.read(&pointer(2, 1), 99), whole("left right"));
    assert_eq!(pages.read(&pointer(2, 2), 99), Ok((false, Vec::new())));
}

#[test]
fn what_is_wrong_is_named() {
    let pages =
        Fragments::default().page(&[data("left "), inner(&[(5, 1, 1)]), inner(&[(5, 1, 0), (10, 1, 0)])]);
    let wrong = |row: &[u8]| pages.read(row, 99).unwrap_err();
    assert_eq!(wrong(&pointer(1, 1)), "page (1:1) is damaged: pointers run in a circle through it");
    assert_eq!(wrong(&pointer(1, 2)), "page (1:1) is damaged: pointers run in a circle through it");
    assert_eq!(wrong(&pointer(1, 3)), "slot 3 of page (1:1) holds no fragment of a large value");
    assert_eq!(wrong(&pointer(7, 0)), "page (1:7) is not in the input");
    assert_eq!(wrong(&row_root(4, &[(6, 1, 0)])), "a large value has 5 bytes where its root tells 6");
    assert_eq!(wrong(&[9; 24]), "what leads to a large value is of no known form");
    assert_eq!(pages.read(&pointer(1, 0), 4).unwrap_err(), "the row is longer than the limit of 4 bytes");
}

#[test]
fn rows_that_share_one_value_cannot_make_it_endless() {
    let pages = Fragments::default().page(&[data(&"x".repeat(5000))]);
    let mut large = LargeValues::new(&pages);
    let read = |_| large.append(&pointer(1, 0), &mut Vec::new(), 9999).is_ok();
    assert_eq!((0..100).map(read).filter(|read| *read).count(), 3);
}
