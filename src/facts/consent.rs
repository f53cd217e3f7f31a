//! Facts of the area consent.

use super::FactDefinition;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[];

/// Readings that several facts of this file start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    nothing_yet: std::marker::PhantomData<&'a ()>,
}
