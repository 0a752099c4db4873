//! Which files form one backup.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Family;
use crate::error::{Error, Result};
use crate::source::Options;
use crate::source::survey::Surveyed;
use crate::sqlserver::bak;

/// Puts the stripes of each backup together; a file of a backup that is not striped stands alone.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn together(backups: Vec<Surveyed>, options: &Options) -> Result<Vec<Family>> {
    let reading = bak::Options { set: options.set, salvage: options.salvage, temp: options.temp.clone() };
    let told = backups.into_par_iter().map(|file| {
        let family = match bak::family(&file.item, &reading) {
            Ok(family) => family.filter(|family| family.count > 1),
            // Opening it will say why.
            Err(Error::Unusable { .. }) => None,
            Err(Error::Read { .. }) if file.item.blob.path().is_none() => None,
            Err(error) => return Err(error),
        };
        Ok((family.map(|family| (family.media, family.count)), file))
    });
    let mut striped: BTreeMap<_, Vec<Surveyed>> = BTreeMap::new();
    let mut families = Vec::new();
    for (family, file) in told.collect::<Result<Vec<_>>>()? {
        match family {
            Some(medium) => striped.entry(medium).or_default().push(file),
            None => families.push(Family::Backup(vec![file])),
        }
    }
    families.extend(striped.into_values().map(Family::Backup));
    Ok(families)
}
