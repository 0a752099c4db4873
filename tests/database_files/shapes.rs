//! Each shape that databases and backups can have, and what comes out of it.

use crate::database_builder::group_chat::{self, Product};
use crate::database_builder::{Backup, Records};
use crate::reading::{Files, assert_holds};
use crate::sample::{rows_of_sample, sample_database};

/// All versions that are read.
const VERSIONS: [u16; 12] = [611, 612, 655, 660, 661, 706, 782, 852, 869, 904, 957, 998];

#[test]
fn every_version_gives_the_sample_from_its_data_file_and_from_backups() {
    for version in VERSIONS {
        let built = sample_database(version);
        let plain = Backup::of(&built);
        let wide = Backup::of(&built).alignment(4096).stripes(3);
        let made = [
            ("mdf", Files::of(&built).mdf()),
            ("plain", Files::of_backup(&plain.bytes()).restored()),
            ("striped", Files::of_backup(&wide.bytes()).restored()),
            ("compressed", Files::of_backup(&plain.compressed(Records::Version2).bytes()).restored()),
        ];
        for (shape, mdf) in made {
            let mdf = mdf.unwrap_or_else(|error| panic!("{version} as {shape}: {error}"));
            assert_eq!((mdf.database(), mdf.version()), ("mgc", version), "{shape}");
            for table in group_chat::tables(Product::Mgc2010) {
                assert_holds(&mdf, &table, &rows_of_sample("mgc-2010", &table));
            }
        }
    }
}
