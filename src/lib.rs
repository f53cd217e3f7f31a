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
//! # Features
//!
//! `cli` and `live` are default, `page` is for the page in a browser. Without them the library is the pure part: no network, terminal, thread or clock.
//!
//! # Floors
//!
//! A module imports only from lower floors. `tests/suite/architecture/` reads the table below and fails on any
//! other import, on writing outside `cli`, and on HTTP outside `collect`.
//!
//! | floor | module | holds |
//! |---|---|---|
//! | 0 | `text` | text for people: safe to show on a terminal, placeholders filled |
//! | 0 | `json_reader` | JSON from bytes and trees, through the one reader of texts |
//! | 0 | `embedded` | the rules, tables and demonstrations that the program carries, packed by the build script |
//! | 0 | `secret` | secrets that cannot be printed |
//! | 1 | `remedy` | the shape of advice, and what may stand in a command to paste |
//! | 0 | `well_known` | ids that are the same in every tenant |
//! | 1 | `portal` | the menus of the admin centers, by name |
//! | 0 | `profile` | the three guidance profiles, and values that several of them share |
//! | 1 | `snapshot` | the evidence file: sections, outcomes, the catalogue of sections |
//! | 1 | `token` | what a bearer token says; its signature, checked against a key set |
//! | 2 | `decode` | error text to codes, causes and next steps: scan, catalogue, logs, HAR captures |
//! | 2 | `conditional_access` | the offline evaluator: policies + account + sign-in → decision with reasons |
//! | 3 | `collect` | everything that speaks HTTP: sign-in, the request table, Graph, Dataverse, the admin API, the ledger |
//! | 3 | `facts` | typed, documented, named facts computed from a snapshot |
//! | 4 | `rules` | rule files: parse, check, three-valued judgement, their own tests |
//! | 4 | `timeline` | sign-in log and audit logs in one order: since when it fails, and which changes could explain it |
//! | 5 | `ask` | the next best question: which causes are left, and which look tells most for what it costs |
//! | 6 | `diagnosis` | masking, root causes, pending, the report |
//! | 7 | `fleet` | many accounts at once: the list, what one cause breaks for many, what changed since the last run |
//! | 8 | `render` | one file per format; data in, text out |
//! | 9 | `documents` | what the commands answer, from bytes in memory: the same for the command line, an agent and the page |
//! | 10 | `cli` | arguments; one file per command; the only writer; exit codes |
//! | 10 | `page` | the same answers for a page in a browser, offline; built for `wasm32` with the feature `page` only |

pub mod ask;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "live")]
pub mod collect;
pub mod conditional_access;
pub mod decode;
pub mod diagnosis;
#[cfg(any(feature = "cli", feature = "page"))]
mod documents;
mod embedded;
pub mod facts;
pub mod fleet;
mod json_reader;
#[cfg(all(feature = "page", target_arch = "wasm32"))]
mod page;
pub mod portal;
pub mod profile;
pub mod remedy;
pub mod render;
pub mod rules;
pub mod secret;
pub mod snapshot;
pub mod text;
pub mod timeline;
pub mod token;
mod well_known;
