//! Damaged databases in recovery mode.

use super::hostile::{Memory, Random, SAMPLES, sample};
use super::*;

fn salvage(bytes: Vec<u8>) -> Mdf {
    Mdf::open_salvaging("damaged.mdf", Arc::new(Memory(bytes))).unwrap()
}

/// The rows of a table in sorted order, and its faults.
fn sorted(mdf: &Mdf, name: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let (faults, mut rows): (Vec<_>, Vec<_>) =
        rows(mdf, position(mdf, name)).into_iter().partition(|row| row[0].starts_with('!'));
    rows.sort();
    (rows, faults.into_iter().flatten().collect())
}

fn wipe(bytes: &mut [u8], page: usize) {
    bytes[page * PAGE_SIZE..][..PAGE_SIZE].fill(0);
}

/// Tells that all tables but those left out have the rows of the undamaged database.
fn all_is_there(sound: Vec<u8>, damaged: &Mdf) {
    let sound = Mdf::open("sound.mdf", Arc::new(Memory(sound))).unwrap();
    for table in sound.tables() {
        let (rows, _) = sorted(damaged, &table.name);
        assert_eq!(rows, sorted(&sound, &table.name).0, "{}", table.name);
    }
}

#[test]
fn a_lost_allocation_map_costs_no_rows_and_they_are_marked() {
    let Some(sound) = sample("mdf/northwind-2008-checksum.mdf") else { return };
    let mdf = Mdf::open("sound.mdf", Arc::new(Memory(sound.clone()))).unwrap();
    let map = mdf.catalog.entries[position(&mdf, "Orders")].partitions[0].first_map.page as usize;
    let mut bytes = sound.clone();
    wipe(&mut bytes, map);
    let damaged = salvage(bytes);
    let (_, faults) = sorted(&damaged, "Orders");
    assert_eq!(faults[0], format!("!page (1:{map}) is damaged: it does not bear its own number"));
    assert_eq!(faults.len(), 1 + 20, "{faults:?}");
    assert!(faults[1..].iter().all(|fault| fault.contains("was found by its own header")), "{faults:?}");
    let problems = damaged.problems();
    assert!(problems[0].contains("recovery mode"), "{problems:?}");
    let told = "20 page(s) of table dbo.Orders were found by their own headers alone";
    assert!(problems.iter().any(|problem| problem == told), "{problems:?}");
    all_is_there(sound, &damaged);
}

#[test]
fn a_sound_database_is_read_the_same_but_for_the_label() {
    for name in SAMPLES {
        let Some(sound) = sample(name) else { return };
        let mdf = salvage(sound.clone());
        assert!(mdf.problems()[0].contains("recovery mode"));
        // Pages that were given back may have rows, each told of.
        let plain = Mdf::open("sound.mdf", Arc::new(Memory(sound))).unwrap();
        for table in plain.tables() {
            let (rows, faults) = sorted(&mdf, &table.name);
            let expected = sorted(&plain, &table.name).0;
            assert!(rows.len() == expected.len() || !faults.is_empty(), "{}", table.name);
            assert!(expected.iter().all(|row| rows.binary_search(row).is_ok()), "{}", table.name);
        }
    }
}

#[test]
fn without_the_map_of_used_pages_everything_is_read() {
    let Some(sound) = sample("mdf/northwind-2005-upgraded-torn.mdf") else { return };
    let mut bytes = sound.clone();
    wipe(&mut bytes, 1);
    let mdf = salvage(bytes);
    let (rows, faults) = sorted(&mdf, "Orders");
    assert!(rows.len() >= 830, "{}", rows.len());
    assert_eq!(faults[0], "!page (1:1) is damaged: it does not bear its own number");
}

#[test]
fn without_the_boot_page_the_catalog_is_found_by_its_pages() {
    for name in SAMPLES {
        let Some(sound) = sample(name) else { return };
        let mut bytes = sound.clone();
        wipe(&mut bytes, 9);
        assert!(Mdf::open("damaged.mdf", Arc::new(Memory(bytes.clone()))).is_err());
        let mdf = salvage(bytes);
        assert_eq!((mdf.version(), mdf.database(), mdf.product()), (0, "", "SQL Server"));
        let problems = mdf.problems();
        assert!(problems.iter().any(|problem| problem.contains("boot page")), "{problems:?}");
        all_is_there(sound, &mdf);
    }
}

/// The pages of the table of allocation units.
fn pages_of_units(sound: &[u8]) -> Vec<usize> {
    let mut next = boot::read("sound.mdf", &Memory(sound.to_vec())).unwrap().first.page as usize;
    let mut pages = Vec::new();
    while next != 0 {
        pages.push(next);
        next = bytes::u32_at(sound, next * PAGE_SIZE + 16).unwrap() as usize;
    }
    pages
}

#[test]
fn without_the_first_page_of_units_the_others_are_found() {
    let Some(sound) = sample("mdf/northwind-2008-checksum.mdf") else { return };
    let first = pages_of_units(&sound)[0];
    let mut bytes = sound.clone();
    wipe(&mut bytes, first);
    assert!(Mdf::open("damaged.mdf", Arc::new(Memory(bytes.clone()))).is_err());
    let mdf = salvage(bytes);
    let problems = mdf.problems();
    let named = format!("page (1:{first}) is damaged");
    assert!(problems.iter().any(|problem| problem.contains(&named)), "{problems:?}");
    all_is_there(sound, &mdf);
}

#[test]
fn tables_whose_units_are_lost_are_refused_and_not_taken_for_empty() {
    let Some(sound) = sample("mdf/northwind-2008-checksum.mdf") else { return };
    let mut bytes = sound.clone();
    wipe(&mut bytes, *pages_of_units(&sound).last().unwrap());
    for mdf in [Mdf::open("damaged.mdf", Arc::new(Memory(bytes.clone()))).unwrap(), salvage(bytes)] {
        let orders = position(&mdf, "Orders");
        assert!(mdf.refusal(orders).unwrap().contains("where its rows lie"), "{:?}", mdf.refusal(orders));
        assert_eq!(mdf.tables()[orders].engine_rows, Some(830));
    }
}

#[test]
fn a_file_whose_first_pages_are_gone_is_known_by_the_others() {
    let Some(sound) = sample("mdf/pubs-2008-checksum.mdf") else { return };
    let mut bytes = sound.clone();
    (0..10).for_each(|page| wipe(&mut bytes, page));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    assert!(open_file(file.path()).is_err());
    let temp = std::env::temp_dir();
    let items = container::walk(&[file.path().to_owned()], &Limits::default(), &temp).unwrap().items;
    let pages = FilePages::open_salvaging(&items, &temp).unwrap();
    let mdf = Mdf::open_salvaging("damaged.mdf", Arc::new(pages)).unwrap();
    let plain = Mdf::open("sound.mdf", Arc::new(Memory(sound))).unwrap();
    for table in plain.tables() {
        let (rows, expected) = (sorted(&mdf, &table.name).0, sorted(&plain, &table.name).0);
        assert!(expected.iter().all(|row| rows.contains(row)), "{}", table.name);
    }
}

#[test]
fn every_damaged_page_is_named_even_if_no_table_needs_it() {
    let Some(mut bytes) = sample("mdf/pubs-2008-checksum.mdf") else { return };
    let is_index = |page: &usize| bytes[page * PAGE_SIZE] == 1 && bytes[page * PAGE_SIZE + 1] == 2;
    let index = (10..bytes.len() / PAGE_SIZE).find(is_index).unwrap();
    bytes[index * PAGE_SIZE + 4000] ^= 1;
    let mdf = Mdf::open("damaged.mdf", Arc::new(Memory(bytes))).unwrap();
    assert_eq!(mdf.damaged_pages(), [format!("page (1:{index}) is damaged: its checksum is wrong")]);
}

/// What is told of pages by verifying and by reading all rows.
fn all_damage(mdf: &Mdf) -> Vec<String> {
    let mut told = mdf.damaged_pages();
    for table in 0..mdf.tables().len() {
        told.extend(
            rows(mdf, table).into_iter().map(|row| row[0].clone()).filter(|row| row.starts_with('!')),
        );
    }
    told
}

#[test]
fn any_bit_that_changed_is_told_by_its_page() {
    for name in
        ["mdf/pubs-2008-checksum.mdf", "mdf/mvcmusicstore-2012.mdf", "mdf/northwind-2008-checksum.mdf"]
    {
        let Some(sound) = sample(name) else { return };
        let mdf = Mdf::open("sound.mdf", Arc::new(Memory(sound.clone()))).unwrap();
        assert_eq!(mdf.damaged_pages(), [""; 0], "{name}");
        let protected: Vec<usize> = (0..sound.len() / PAGE_SIZE)
            .filter(|page| sound[page * PAGE_SIZE] == 1 && sound[page * PAGE_SIZE + 5] & 2 != 0)
            .filter(|page| *page != 9)
            .collect();
        let mut random = Random(name.len() as u64);
        for round in 0..14 {
            let page = protected[random.next(protected.len())];
            // Headers are where a bit does most.
            let place = if round % 2 == 0 { random.next(96) } else { random.next(PAGE_SIZE) };
            let mut bytes = sound.clone();
            bytes[page * PAGE_SIZE + place] ^= 1 << random.next(8);
            let told = match Mdf::open("damaged.mdf", Arc::new(Memory(bytes))) {
                Ok(mdf) => all_damage(&mdf),
                Err(error) => vec![error.to_string()],
            };
            let named = format!("page (1:{page}) ");
            assert!(told.iter().any(|told| told.contains(&named)), "{name} {page} {place}: {told:?}");
        }
    }
}
