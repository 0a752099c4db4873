//! What a backup says of the database in it.

use super::built::Built;
use super::bytes::put;
use super::tape::add_texts;

/// Returns the server's major and minor version.
pub fn server_version(version: u16) -> (u8, u8) {
    match version {
        ..655 => (9, 0),
        655..660 => (10, 0),
        660..706 => (10, 50),
        706..782 => (11, 0),
        782..852 => (12, 0),
        852..869 => (13, 0),
        869..904 => (14, 0),
        904..957 => (15, 0),
        957..998 => (16, 0),
        _ => (17, 0),
    }
}

/// Describes the database: its name, its server, its files and that of its log.
pub fn description(database: &Built) -> Vec<u8> {
    let mut description = Vec::new();
    let mut add = |kind: &[u8; 4], size: usize, numbers: &[(usize, u32)], texts: &[(usize, &str)]| {
        let mut record = vec![0; size];
        put(&mut record, 0, kind);
        numbers.iter().for_each(|(at, number)| put(&mut record, *at, &number.to_le_bytes()));
        add_texts(&mut record, texts);
        let size = record.len() as u32;
        put(&mut record, 4, &size.to_le_bytes());
        description.extend(record);
    };
    add(b"SCIN", 364, &[], &[(104, &database.name), (108, "CHAT01")]);
    add(b"SFGI", 44, &[(8, 0x10), (12, 1)], &[(16, "PRIMARY")]);
    for file in &database.files {
        let path = format!("C:\\Data\\{}.{}df", file.name, if file.number == 1 { 'm' } else { 'n' });
        add(b"SFIN", 1024, &[(20, file.number.into())], &[(48, &file.name), (52, &path)]);
    }
    let log = format!("{}_log", database.name);
    let path = format!("C:\\Data\\{log}.ldf");
    add(b"SFIN", 1024, &[(20, 2)], &[(48, &log), (52, &path)]);
    description
}
