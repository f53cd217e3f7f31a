//! Facts of Work 365's own jobs: the workflows that start them, what waits, what fails, and what the failures say.

pub(super) mod course;
pub(super) mod job;
pub(super) mod lists;
pub(super) mod message;
pub(super) mod messages;
pub(super) mod provider;
pub(super) mod reach;
pub(super) mod right;
pub(super) mod verdicts;
pub(super) mod workflows;
