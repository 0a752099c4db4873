//! Packages written from a small archive made by hand, looked at with independent eyes.

mod contents;
mod sealing;
mod tools;

pub(super) mod scenario;
