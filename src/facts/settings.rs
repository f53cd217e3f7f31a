//! Facts of the area settings.

use super::FactDefinition;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[];
