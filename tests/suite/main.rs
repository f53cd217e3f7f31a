//! What the library and the command line promise, in one binary: each file is a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../support/mod.rs"]
mod support;

mod architecture;
mod ask;
mod cli;
mod commands;
mod condition_table;
mod conditional_access;
mod contract;
mod customer;
mod decode;
mod fleet;
mod handover;
mod jobs;
mod knowledge;
mod mcp;
mod readme;
mod reference;
mod rules;
mod rules_cli;
mod salt;
mod threads;
mod usage;
