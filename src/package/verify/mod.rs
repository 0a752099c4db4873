//! v
mod fault;
mod files;
mod problem;
