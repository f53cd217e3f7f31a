//! Facts of the area column-security.

use super::FactDefinition;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[];
