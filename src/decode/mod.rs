//! Error text in, the cause and the next step out.
//!
//! [`decode_text`] reads whatever a person has: a pasted message, a screenshot's text, a JSON body, a stack
//! trace, a redirect URL. `many` reads logs of any size, browser captures and many texts at once, `explain` knows what
//! a code means. Nothing here touches the network, and no text is kept.
//!
//! | room | holds |
//! |---|---|
//! | `text` | bytes to plain text: encodings, wrappings, broken lines |
//! | `explain` | what a code means: the catalogue, the tables, the advice, what follows from it |
//! | `find` | a plain text to codes, identifiers and times; which code explains the failure |
//! | `answer` | one text to one answer |
//! | `symptoms` | what people see, in their own words: the way on when a text holds no known error |
//! | `many` | logs, captures, batches, several answers in one |

pub mod answer;
pub mod explain;
pub mod find;
pub mod many;
pub mod model;
mod recorded;
mod single;
pub mod symptoms;
pub mod text;

pub use answer::{LONGEST_TEXT, decode_text};
pub(crate) use explain::catalogue::table_category;
pub(crate) use explain::describe::{describe, spoken, with_advice};
pub use explain::inferences::verdict_of as password_verdict;
pub use explain::lockout::Lockout;
pub(crate) use find::named::time_before;
pub use model::{Decoded, DecodedError, Family, Inference, PasswordVerdict};
pub(crate) use text::encoding::to_text;
