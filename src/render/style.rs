//! How an answer for people looks, how much of it is shown, and who reads it.

/// Who reads. Only the formats for people differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Plain words, click paths, who to send what: no ids, codes or evidence.
    Customer,
    /// Everything, evidence and ids first of all.
    Engineer,
    /// Facts and hashes only.
    Ticket,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// The diagnosis alone.
    Quiet,
    /// What is wrong and what could not be judged.
    #[default]
    Normal,
    /// Also what is right, and the evidence.
    Verbose,
}

/// How text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether colour is wanted. Status is always a word as well.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// How much is shown.
    pub verbosity: Verbosity,
    /// Who reads, if it was said.
    pub audience: Option<Audience>,
}
