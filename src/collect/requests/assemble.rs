//! From replies to sections, each in the form that `src/snapshot/section.rs` gives it.

use std::collections::BTreeMap;

use super::material::Material;
use super::record::Record;
use super::table::{READS, Read};
use super::{dataverse_sections, graph_sections};
use crate::snapshot::{SECTIONS, sections};

/// Every section of the catalogue that was asked for or could have been.
pub(crate) fn assemble(material: &Material<'_>) -> BTreeMap<&'static str, Record> {
    SECTIONS
        .iter()
        .filter_map(|row| Some((row.name, section(material, row.name)?)))
        .collect()
}

fn section(material: &Material<'_>, name: &'static str) -> Option<Record> {
    if let Some(record) = material.apart.get(name) {
        return Some(record.clone());
    }
    let reads: Vec<&Read> = READS.iter().filter(|read| read.section == name).collect();
    let own = reads
        .iter()
        .find(|read| read.about.covers(material.is_application));
    let Some(own) = own else {
        return (!reads.is_empty()).then(|| Record::skipped("not asked for an application user"));
    };
    if !own.is_in(material.cloud) {
        return Some(Record::skipped("not in this cloud"));
    }
    Some(match name {
        sections::USER => graph_sections::user(material),
        sections::SIGN_INS => graph_sections::sign_ins(material),
        sections::DIRECTORY_AUDITS => graph_sections::audits(material),
        sections::CONDITIONAL_ACCESS_EVALUATION => graph_sections::evaluation(material),
        sections::SECURITY_GROUP_MEMBERSHIP => graph_sections::group_membership(material),
        sections::PERMISSION_GRANTS => material.collected(name),
        sections::APP_ROLE_ASSIGNMENTS => graph_sections::assignments(material),
        sections::GRANT_RESOURCES => graph_sections::grant_resources(material),
        sections::SERVICE_PRINCIPAL => graph_sections::without_hints(material.plain(name, own)),
        sections::ENVIRONMENT => dataverse_sections::environment(material),
        sections::SYSTEM_USERS => dataverse_sections::rows(material),
        sections::USER_TEAMS => dataverse_sections::teams(material),
        sections::USER_PRIVILEGES | sections::OPERATOR_PRIVILEGES => {
            dataverse_sections::privileges(material, name)
        }
        sections::USER_PRIVILEGES_CACHED => dataverse_sections::cached_privileges(material),
        sections::SYSTEM_JOBS => dataverse_sections::system_jobs(material),
        sections::USER_AUDIT => dataverse_sections::changes_of_the_row(material),
        sections::WORK365_TABLES => dataverse_sections::work365_tables(material),
        sections::WORK365_JOBS => dataverse_sections::work365_jobs(material),
        _ => material.plain(name, own),
    })
}
