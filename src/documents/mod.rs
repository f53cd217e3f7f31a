//! What the commands answer, from bytes and words in memory: the command line, an agent's server and the page in a browser
//! give the same documents, because they are made here. Nothing here reads or writes anything.
//!
//! | file | document |
//! |---|---|
//! | `explain` | `explain/v1` |
//! | `grants` | `decode/v1` with the evidence of who was refused |
//! | `interview` | `ask/v1`, and a snapshot with what a person reported |
//! | `symptoms` | `ask-list/v1`; from words to a symptom |
//! | `typed_answer` | from what a person typed to an answer |
//! | `what_if` | `what-if/v1` |
//! | `redaction` | `redaction-map/v1` |
//! | `case_file` | a case file (`case-file/v1`), made and opened (`report-open/v1`) |

pub(crate) mod case_file;
pub(crate) mod explain;
pub(crate) mod grants;
pub(crate) mod interview;
pub(crate) mod redaction;
pub(crate) mod symptoms;
pub(crate) mod typed_answer;
pub(crate) mod what_if;
