//! Facts of the area access-mode.

use super::FactDefinition;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[];
