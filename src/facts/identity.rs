//! Facts of the area identity.

use super::FactDefinition;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[];
