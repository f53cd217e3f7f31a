//! Two reports of one account, compared: what still fails, what is new, fixed, changed, still unknown
//! (`work365-doctor/report-diff/v1`).

mod answers;
mod around;
mod document;

use super::report::{Finding, Report, Status, Tool};
use crate::facts::Reason;
use crate::text::one_line;

use answers::{Asked, place};

pub use around::SignIns;
pub use document::{Change, ReportDiff, SCHEMA, Side};

/// Why two reports cannot be compared.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DiffError {
    /// They speak of different things.
    #[error(
        "the reports are about different {what}: `{}` and `{}`; only reports of one account in one environment can be compared",
        one_line(old),
        one_line(new)
    )]
    Different {
        /// `accounts`, `environments`, `tenants`.
        what: &'static str,
        /// The older one.
        old: String,
        /// The newer one.
        new: String,
    },
}

/// Compares two reports of one account.
///
/// # Errors
///
/// [`DiffError`] when account, environment or tenant differ.
pub fn diff(old: &Report, new: &Report) -> Result<ReportDiff, DiffError> {
    same_subject(old, new)?;
    let mut diff = ReportDiff {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        account: new.subject.account.clone(),
        environment: new
            .subject
            .environment
            .clone()
            .or_else(|| old.subject.environment.clone()),
        old: side(old),
        new: side(new),
        worse: false,
        notes: notes(old, new),
        new_faults: Vec::new(),
        fixed: Vec::new(),
        changed: Vec::new(),
        still_unknown: Vec::new(),
        unchanged: 0,
        still_failing: Vec::new(),
        sign_ins: around::sign_ins(old, new),
        upcoming_new: around::coming(old, new),
        upcoming_gone: around::coming(new, old),
    };
    let find = |report: &'_ Report, id: &str| -> Option<usize> {
        report.findings.iter().position(|finding| finding.id == id)
    };
    let asked = Asked::by(old, new);
    for after in &new.findings {
        let before = find(old, &after.id).map(|position| &old.findings[position]);
        place(&mut diff, asked, before, Some(after));
    }
    for before in old
        .findings
        .iter()
        .filter(|before| find(new, &before.id).is_none())
    {
        place(&mut diff, asked, Some(before), None);
    }
    let causes = &new.diagnosis.root_causes;
    diff.still_failing.sort_by_key(|change| {
        let place = causes.iter().position(|id| *id == change.id);
        place.unwrap_or(causes.len())
    });
    diff.worse = [&diff.new_faults, &diff.changed]
        .into_iter()
        .flatten()
        .any(|change| change.worse);
    Ok(diff)
}

fn same_subject(old: &Report, new: &Report) -> Result<(), DiffError> {
    let (old, new) = (&old.subject, &new.subject);
    let pairs = [
        ("accounts", Some(&old.account), Some(&new.account)),
        ("environments", old.environment.as_ref(), new.environment.as_ref()),
        ("tenants", old.tenant_id.as_ref(), new.tenant_id.as_ref()),
    ];
    for (what, old, new) in pairs {
        // What one of the two does not know speaks for no difference.
        if let (Some(old), Some(new)) = (old, new)
            && !old
                .trim_end_matches('/')
                .eq_ignore_ascii_case(new.trim_end_matches('/'))
        {
            return Err(DiffError::Different {
                what,
                old: old.clone(),
                new: new.clone(),
            });
        }
    }
    Ok(())
}

fn side(report: &Report) -> Side {
    Side {
        captured_at: report.captured_at.clone(),
        generated_at: report.generated_at.clone(),
        outcome: report.summary.outcome,
        profile: report.profile,
        rules: format!("{} {}", report.rule_pack.name, report.rule_pack.version),
        unread: report
            .findings
            .iter()
            .filter(|finding| is_unread(finding))
            .count(),
        headline: report.diagnosis.headline.clone(),
        next_step: report.diagnosis.next_step.clone(),
    }
}

/// An unknown that better evidence would answer.
fn is_unread(finding: &Finding) -> bool {
    finding.status == Status::Unknown
        && finding
            .unknown_because
            .iter()
            .any(|because| because.reason != Reason::ExpectationMissing)
}

fn notes(old: &Report, new: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, report) in [("older", old), ("newer", new)] {
        let unread = side(report).unread;
        if unread > 0 {
            let questions = if unread == 1 { "question" } else { "questions" };
            notes.push(format!(
                "the {name} report is incomplete: its evidence leaves {unread} {questions} open"
            ));
        }
    }
    if old.profile != new.profile {
        notes.push(format!(
            "profile changed from {} to {}: answers can differ for that reason alone",
            old.profile, new.profile
        ));
    }
    if old.rule_pack.sha256 != new.rule_pack.sha256 {
        notes.push("the rules differ: answers can differ for that reason alone".to_owned());
    }
    if old.captured_at > new.captured_at {
        notes.push("the first report is the newer one by its evidence".to_owned());
    }
    notes
}
