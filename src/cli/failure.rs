//! Why a command did not do what it was asked. Every message says what, where, and what to do next.

use std::path::PathBuf;

/// What stands in the way of a command. All of them end with exit code 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// What was asked for does not exist, does not fit together, or is said in a way that nobody understands.
    #[error("{0}")]
    Usage(String),
    /// Something that was named cannot be read, or is not what it should be.
    #[error("{place}: {why}")]
    Input {
        /// The file, the flag or the variable.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// An answer cannot be written.
    #[error("{}: {why}", path.display())]
    Output {
        /// Where it should go.
        path: PathBuf,
        /// What is in the way.
        why: String,
    },
    /// The program itself: what it carries, or what the system gives it.
    #[error("{0}")]
    Program(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Usage(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::Usage(message.to_owned())
    }
}

impl Failure {
    /// Something that was named and cannot be used.
    pub(crate) fn input(place: impl ToString, why: impl ToString) -> Self {
        Self::Input {
            place: place.to_string(),
            why: why.to_string(),
        }
    }
}
