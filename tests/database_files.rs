//! Databases and backups that the builder writes come out of the reader as the rows that were put in.

mod database_builder;
#[path = "database_files/reading.rs"]
mod reading;
#[path = "database_files/sample.rs"]
mod sample;
#[path = "database_files/shapes.rs"]
mod shapes;
