//! The next best question: which causes are still possible, and which one look tells most for what it costs.
//!
//! Decision-theoretic troubleshooting (Heckerman, Breese & Rommelse, *Decision-theoretic troubleshooting*, 1995): keep a
//! weight for each cause, ask what lowers the uncertainty most for a minute of the person's time, stop when one cause
//! is established.
//!
//! * **Causes** are the rules that can be a root cause under the profile. A rule that fails is established, one that
//!   passes is excluded, and every other one is possible. Rules judge, here as everywhere: an answer is a fact's value,
//!   and what it does to a cause is what the rule says of it.
//! * **One fault is assumed** until the evidence shows two. An established cause settles the case once nothing that
//!   would explain it ([`explained_by`](crate::rules::Rule::explained_by)) is still possible; a cause that it masks
//!   ([`requires`](crate::rules::Rule::requires)) is not asked about.
//! * **Weights** order, they are no probabilities of truth ([`Weights`]).
//! * "I cannot see this" excludes nothing: it only takes the question away.

mod answers;
mod causes;
mod choice;
mod questions;
mod shown;
mod weights;

pub use answers::{Answer, AnswersError, AnswersFile, NoAnswer, SCHEMA as ANSWERS_SCHEMA};
pub use causes::{Cause, Causes, Standing};
pub use choice::{Consultation, State, Step};
pub use questions::{Choice, Free, Question, Questions, Rung};
pub use shown::{AskChoice, AskQuestion};
pub use weights::{Weights, rules_of};

pub use crate::decode::symptoms::{Symptom, Symptoms};
