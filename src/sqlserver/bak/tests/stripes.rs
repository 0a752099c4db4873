//! Backups spread over several files, and files that are there twice.

use super::made::{Recipe, Set, page as made, recipe};
use super::*;

use std::sync::atomic::{AtomicU64, Ordering};

fn striped(stripes: u16, stripe: u16) -> Recipe {
    let pages = (0..64).filter(|page| page / 8 % u32::from(stripes) == u32::from(stripe - 1));
    let set = Set::of(4, vec![pages.map(|page| (1, page, 1)).collect()]);
    Recipe { stripes, stripe, ..recipe(vec![set]) }
}

#[test]
fn the_files_of_a_striped_backup_are_united_in_any_order() {
    let part = |stripe| item(&format!("{stripe}.bak"), &striped(3, stripe).plain());
    let squeezed = item("2.bak", &striped(3, 2).compressed().1);
    for inputs in [[part(1), part(2), part(3)], [part(3), part(1), squeezed]] {
        let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
        assert_eq!(numbers(&backup), (0..64).map(|page| (1, page)).collect::<Vec<_>>());
        assert!((0..64).all(|number| page(&backup, 1, number) == Some(made(1, number, 1))));
        assert_eq!(told(&backup), [""; 0]);
    }
}

#[test]
fn a_later_pass_counts_whichever_file_it_is_in() {
    let part = |stripe: u16, first: Vec<(u16, u32, u8)>, second: Vec<(u16, u32, u8)>| {
        let set = Set::of(4, vec![first, second]);
        item("x.bak", &Recipe { stripes: 2, stripe, ..recipe(vec![set]) }.plain())
    };
    let changed = part(1, vec![(1, 16, 1)], vec![(1, 9, 2)]);
    let inputs = [changed, part(2, vec![(1, 8, 1), (1, 9, 1)], vec![(1, 8, 2)])];
    let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
    assert_eq!([8, 9, 16].map(|number| page(&backup, 1, number).unwrap()[100]), [2, 2, 1]);
}

#[test]
fn a_missing_stripe_is_missed_even_if_the_rest_looks_whole() {
    let part = |stripes, stripe| item(&format!("{stripe}.bak"), &striped(stripes, stripe).plain());
    let open = |inputs: &[Item]| refusal(Backup::open(inputs, &options(), &Silent));
    let (why, hint) = open(&[part(2, 2)]);
    assert_eq!(why, "2.bak: stripe 2 of 2, other file missing (1)");
    assert!(hint.contains("give all of them together"), "{hint}");
    assert_eq!(open(&[part(4, 3), part(4, 1)]).0, "1.bak: stripes 1, 3 of 4, 2 other files missing (2, 4)");
    assert_eq!(open(&[part(2, 1), part(2, 1)]).0, "1.bak: stripe 1 of 2, other file missing (2)");
    let stranger = item("b.bak", &Recipe { media: 8, ..striped(2, 2) }.plain());
    assert_eq!(open(&[part(2, 1), stranger]).0, "b.bak: it belongs to another backup than 1.bak");
}

#[test]
fn files_tell_which_backup_they_belong_to() {
    for bytes in [striped(3, 2).plain(), striped(3, 2).compressed().1] {
        let found = family(&item("2.bak", &bytes), &options()).unwrap();
        assert_eq!(found, Some(Family { media: [7; 16], count: 3, number: 2 }));
    }
    assert_eq!(family(&item("x", b"TAPEworm"), &options()).unwrap(), None);
    assert_eq!(family(&item("x", b"MSSQLBAK"), &options()).unwrap(), None);
    assert_eq!(family(&item("x", b""), &options()).unwrap(), None);
}

#[test]
fn a_look_at_the_head_tells_a_file_from_the_others_of_a_large_archive() {
    #[derive(Debug)]
    struct Counted(Memory, Arc<AtomicU64>);
    struct Reader(Box<dyn Read + Send>, Arc<AtomicU64>);
    impl Read for Reader {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.fetch_add(read as u64, Ordering::SeqCst);
            Ok(read)
        }
    }
    impl Blob for Counted {
        fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(Reader(self.0.open()?, self.1.clone())))
        }
        fn size(&self) -> Option<u64> {
            self.0.size()
        }
    }
    let mut bytes = striped(3, 2).plain();
    bytes.resize(20 << 20, 0);
    let count = Arc::new(AtomicU64::new(0));
    let blob = Arc::new(Counted(Memory(bytes.into()), count.clone()));
    let input = Item { name: "2.bak".to_owned(), folder: String::new(), blob };
    assert_eq!(family(&input, &options()).unwrap().map(|family| family.number), Some(2));
    assert!(count.load(Ordering::SeqCst) <= 5 << 20, "{count:?} bytes were read");
}

#[test]
fn copies_of_a_stripe_add_what_one_of_them_lacks() {
    let part = |name: &str, bytes: &[u8]| item(name, bytes);
    let (one, two) = (striped(2, 1).plain(), striped(2, 2).compressed());
    let mut damaged = two.1.clone();
    damaged[two.0[3] + 28 + 256..two.0[3] + 28 + 300].fill(0xFF);
    let mut cut = two.1.clone();
    cut.truncate(two.0[4] + 100);
    for inputs in [
        [part("1.bak", &one), part("2.bak", &damaged), part("copy.bak", &cut)],
        [part("copy.bak", &cut), part("2.bak", &damaged), part("1.bak", &one)],
    ] {
        let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
        assert_eq!(numbers(&backup).len(), 64, "{:?}", told(&backup));
        assert!((0..64).all(|number| page(&backup, 1, number) == Some(made(1, number, 1))));
        assert!(!told(&backup).is_empty(), "what is damaged is told all the same");
        let line = backup.description();
        assert!(
            line.ends_with(
                "striped over 2 files; copy.bak is a copy of 2.bak: what one lacks the other adds"
            ),
            "{line}"
        );
    }
}

#[test]
fn the_soundest_copy_counts_where_all_have_a_page() {
    let state = |content| recipe(vec![Set::full(0..64, content)]);
    let mut cut = state(1).plain();
    cut.truncate(40 * PAGE_SIZE);
    let inputs = [item("a.bak", &cut), item("b.bak", &state(2).plain())];
    let backup = Backup::open(&inputs, &options(), &Silent).unwrap();
    assert!((0..64).all(|number| page(&backup, 1, number).unwrap()[100] == 2));
}

#[test]
fn files_of_the_same_media_but_of_another_day_are_not_mixed() {
    let begun = |stripe, minute| {
        let mut recipe = striped(2, stripe);
        recipe.sets[0].minute = minute;
        item(&format!("{stripe}-{minute}.bak"), &recipe.plain())
    };
    let open = |inputs: &[Item]| Backup::open(inputs, &options(), &Silent);
    assert!(open(&[begun(1, 10), begun(2, 14)]).is_ok(), "clocks are read once for each file");
    let (why, hint) = refusal(open(&[begun(1, 10), begun(2, 40)]));
    assert_eq!(why, "2-40.bak: its backup number 1 was not begun when that of 1-10.bak was");
    assert!(hint.contains("one backup at a time"), "{hint}");
    let (why, _) = refusal(open(&[begun(1, 10), begun(2, 10), begun(2, 40)]));
    assert_eq!(why, "2-40.bak: its backup number 1 was not begun when that of 1-10.bak was");
    let mut two = striped(2, 2);
    two.sets.clear();
    let (why, _) = refusal(open(&[begun(1, 10), item("b.bak", &two.plain())]));
    assert_eq!(why, "b.bak: backup number 1 is not in it, though it is in 1-10.bak");
}
