//! The permissions of Microsoft Graph that requests need: as few as read them all.

use crate::snapshot::{SECTIONS, SectionInfo, Service};

/// The permissions that read every Graph section of these (of all, if none are named), sorted. None of them is one that
/// another of the list covers.
pub fn permissions(sections: Option<&[&str]>) -> Vec<&'static str> {
    let wanted: Vec<&SectionInfo> = SECTIONS
        .iter()
        .filter(|section| is_of_graph(section))
        .filter(|section| sections.is_none_or(|names| names.contains(&section.name)))
        .collect();
    let mut kept: Vec<&'static str> = wanted.iter().filter_map(|section| section.permission).collect();
    kept.sort_unstable();
    kept.dedup();
    // The narrowest first: what reads the least is the first that others make superfluous.
    let mut by_use = kept.clone();
    by_use.sort_by_key(|permission| {
        wanted
            .iter()
            .filter(|section| section.permission == Some(permission))
            .count()
    });
    for permission in by_use {
        let others: Vec<&str> = kept
            .iter()
            .copied()
            .filter(|other| *other != permission)
            .collect();
        if wanted.iter().all(|section| is_readable(section, &others)) {
            kept.retain(|other| *other != permission);
        }
    }
    kept
}

/// Whether only an administrator can consent to a permission of Graph, if a person signs in with it.
///
/// Source: the permission table that `fixtures/reference/permissions.json` holds in parts.
pub fn needs_administrator(permission: &str) -> bool {
    !matches!(
        permission,
        "LicenseAssignment.Read.All" | "Policy.Read.ConditionalAccess"
    )
}

/// Whether one of these permissions reads a section.
pub(crate) fn is_readable(section: &SectionInfo, held: &[&str]) -> bool {
    section.permission.is_none_or(|least| {
        held.contains(&least) || section.covered_by.iter().any(|wider| held.contains(wider))
    })
}

fn is_of_graph(section: &SectionInfo) -> bool {
    section
        .requests
        .iter()
        .any(|request| request.service == Service::Graph)
}

#[cfg(test)]
mod tests {
    use super::{is_of_graph, is_readable, permissions};
    use crate::snapshot::{SECTIONS, sections};

    #[test]
    fn six_permissions_read_everything_and_none_is_superfluous() {
        let all = permissions(None);
        assert_eq!(
            all,
            [
                "AuditLog.Read.All",
                "Directory.Read.All",
                "IdentityRiskyUser.Read.All",
                "Policy.Read.All",
                "RoleManagement.Read.Directory",
                "UserAuthenticationMethod.Read.All",
            ]
        );
        for left_out in &all {
            let others: Vec<&str> = all.iter().copied().filter(|one| one != left_out).collect();
            let mut graph = SECTIONS.iter().filter(|section| is_of_graph(section));
            assert!(graph.any(|section| !is_readable(section, &others)), "{left_out}");
        }
    }

    #[test]
    fn fewer_sections_ask_for_less() {
        assert_eq!(permissions(Some(&[sections::USER])), ["User.Read.All"]);
        assert_eq!(
            permissions(Some(&[sections::USER, sections::LICENSE_DETAILS])),
            ["User.Read.All"]
        );
        assert_eq!(permissions(Some(&[sections::WHO_AM_I])), Vec::<&str>::new());
    }
}
