//! The sections behind selected rules: what a run has to read for them.

use crate::collect::with_leads;
use crate::diagnosis::{Doctor, Selection};
use crate::snapshot::{section_info, sections};

/// The sections that these rules look at, and those whose answers lead to them; sorted.
pub(crate) fn behind(doctor: &Doctor, selection: &Selection) -> Vec<&'static str> {
    let mut wanted: Vec<&'static str> = doctor
        .sections(selection)
        .filter_map(|name| section_info(name).map(|info| info.name))
        .collect();
    // Without these nobody knows the tenant, the account or its row.
    wanted.extend([
        sections::CHALLENGE,
        sections::USER,
        sections::WHO_AM_I,
        sections::SYSTEM_USERS,
    ]);
    with_leads(wanted)
}
