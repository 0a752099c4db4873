//! Databases and backups that the builder writes come out of the reader as the rows that were put in.

#[path = "database_files/backups.rs"]
mod backups;
#[path = "database_files/commands.rs"]
mod commands;
#[path = "database_files/converted.rs"]
mod converted;
mod database_builder;
#[path = "database_files/databases.rs"]
mod databases;
#[path = "database_files/large.rs"]
mod large;
#[path = "database_files/reading.rs"]
mod reading;
#[path = "database_files/sample.rs"]
mod sample;
#[path = "database_files/shapes.rs"]
mod shapes;
mod support;
#[path = "database_files/tables.rs"]
mod tables;
#[path = "database_files/types.rs"]
mod types;
