//! Bytes in and out: files and stdin, the console, many inputs side by side.

pub(crate) mod console;
pub(crate) mod demo;
pub(crate) mod files;
pub(crate) mod inputs;
pub(crate) mod interrupt;
pub(crate) mod lines;
pub(crate) mod parallel;
pub(crate) mod progress;
pub(crate) mod read_places;
pub(crate) mod readers;
pub(crate) mod turn;
pub(crate) mod whole_file;
