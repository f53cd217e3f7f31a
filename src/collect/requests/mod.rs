//! What is asked: the request table, what answers tell about the next questions, and the sections that answers make.

pub(crate) mod assemble;
mod assignments;
mod change_history;
mod dataverse_sections;
pub(crate) mod discover;
mod graph_sections;
pub(crate) mod job_table;
pub(crate) mod log_reach;
pub(crate) mod material;
pub(crate) mod permissions;
pub(crate) mod placeholders;
pub(crate) mod post_bodies;
pub(crate) mod record;
pub(crate) mod refusal;
pub(crate) mod replies;
pub(crate) mod table;
