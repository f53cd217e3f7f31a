//! `work365-doctor` finds out why a Work 365 service account cannot run its jobs in Dynamics 365.
//!
//! # Two journeys, one pipeline
//!
//! ```text
//! check:   arguments → collect (live HTTP) ─┐
//!                      snapshot file ───────┴→ Snapshot → Facts → Rules → Diagnosis → Report → render → stdout
//! decode:  text / log / HAR / token → scan → catalogue → DecodedError → render → stdout
//! ```
//!
//! Only `collect` and `cli` know the outside. Everything between is pure, synchronous and deterministic:
//! the same snapshot, rule pack and `--now` give a byte-identical report.
//!
//! # Floors
//!
//! A module imports only from lower floors. `tests/architecture.rs` reads the table below and fails on any
//! other import, on writing outside `cli`, and on HTTP outside `collect`.
//!
//! | floor | module | holds |
//! |---|---|---|
//! | 0 | `text` | text for people: safe to show on a terminal, placeholders filled |
//! | 0 | `secret` | secrets that cannot be printed |
//! | 0 | `remedy` | the shape of advice |
//! | 0 | `profile` | the three guidance profiles |
//! | 1 | `snapshot` | the evidence file: sections, outcomes, the catalogue of sections |
//! | 1 | `token` | what a bearer token says; its signature, checked against a key set |
//! | 2 | `decode` | error text to codes, causes and next steps: scan, catalogue, logs, HAR captures |
//! | 2 | `conditional_access` | the offline evaluator: policies + account + sign-in → decision with reasons |
//! | 3 | `collect` | everything that speaks HTTP: sign-in, the request table, Graph, Dataverse, the admin API, the ledger |
//! | 3 | `facts` | typed, documented, named facts computed from a snapshot |
//! | 4 | `rules` | rule files: parse, check, three-valued judgement, their own tests |
//! | 4 | `timeline` | sign-in log and audit logs in one order: since when it fails, and which changes could explain it |
//! | 5 | `diagnosis` | masking, root causes, pending, the report |
//! | 6 | `render` | one file per format; data in, text out |
//! | 7 | `cli` | arguments; one file per command; the only writer; exit codes |

pub mod cli;
pub mod collect;
pub mod conditional_access;
pub mod decode;
pub mod diagnosis;
pub mod facts;
pub mod profile;
pub mod remedy;
pub mod render;
pub mod rules;
pub mod secret;
pub mod snapshot;
pub mod text;
pub mod timeline;
pub mod token;
