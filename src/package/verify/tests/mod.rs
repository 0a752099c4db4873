//! Scenarios of verification: a sound package, and a shelf of damaged ones.

mod bags;
mod drafts;
mod sample;
mod shelf;

use super::Kind;
use sample::{Place, Sample, show};

#[test]
fn a_sound_package_has_no_problem_as_folder_and_as_zip() {
    let place = Place::new();
    let sample = Sample::new();
    let folder = place.verify_folder(&sample);
    let zip = place.verify_zip(&sample.zip()).unwrap();
    assert_eq!(show(&folder), "");
    assert_eq!(show(&zip), "");
    assert_eq!(folder, zip);
    assert_eq!(folder.kind, Kind::OurPackage);
    let counts = folder.counts;
    assert_eq!((counts.people, counts.categories, counts.rooms), (2, 1, 2));
    assert_eq!((counts.messages, counts.events, counts.records), (3, 2, 10));
}
