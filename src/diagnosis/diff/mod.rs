//! Two reports of one account, compared: what still fails, what is new, fixed, changed, still unknown
//! (`work365-doctor/report-diff/v1`).

mod around;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::report::{Finding, Outcome, Report, Status, Tool, Upcoming};
use crate::facts::Reason;
use crate::profile::Profile;
use crate::rules::Severity;
use crate::text::one_line;

pub use around::SignIns;

/// The schema name of the comparison.
pub const SCHEMA: &str = "work365-doctor/report-diff/v1";

/// The comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportDiff {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Which program compared.
    pub tool: Tool,
    /// The account of both.
    pub account: String,
    /// The environment of both, if known.
    pub environment: Option<String>,
    /// The older report.
    pub old: Side,
    /// The newer report.
    pub new: Side,
    /// Whether something got worse: exit code 1.
    pub worse: bool,
    /// What limits the comparison.
    pub notes: Vec<String>,
    /// Faults that the older report does not have.
    pub new_faults: Vec<Change>,
    /// Faults that are gone.
    pub fixed: Vec<Change>,
    /// Faults that are still there but differ, answers that are no longer known, and faults that only one of the reports asked
    /// for.
    pub changed: Vec<Change>,
    /// Questions that neither report answers.
    pub still_unknown: Vec<Change>,
    /// How many findings are the same in both.
    pub unchanged: usize,
    /// Faults of both reports, the causes first in the order to fix them; those that differ stand under `changed` too.
    #[serde(default)]
    pub still_failing: Vec<Change>,
    /// What the sign-ins come to; null where the newer report says nothing of them.
    #[serde(default)]
    pub sign_ins: Option<SignIns>,
    /// What time will bring and the older report does not tell of.
    #[serde(default)]
    pub upcoming_new: Vec<Upcoming>,
    /// What the older report tells of and the newer does not: it is past, or was taken care of.
    #[serde(default)]
    pub upcoming_gone: Vec<Upcoming>,
}

/// What is told about one of the two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// When its evidence was collected.
    pub captured_at: String,
    /// As of when it was judged.
    pub generated_at: String,
    /// What its findings come to.
    pub outcome: Outcome,
    /// Whose guidance decided.
    pub profile: Profile,
    /// Version of its rules.
    pub rules: String,
    /// How many questions its evidence could not answer; above zero it is incomplete.
    pub unread: usize,
    /// Its one sentence.
    #[serde(default)]
    pub headline: String,
    /// Who does what first.
    #[serde(default)]
    pub next_step: String,
}

/// One finding that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Rule id.
    pub id: String,
    /// The newer title.
    pub title: String,
    /// The newer severity.
    pub severity: Severity,
    /// The older answer; null when the rule was not asked.
    pub before: Option<Status>,
    /// The newer answer; null when the rule was not asked.
    pub after: Option<Status>,
    /// Whether this got worse.
    pub worse: bool,
    /// What differs, one phrase each.
    pub differences: Vec<String>,
    /// Whether it is a root cause of the newer report.
    #[serde(default)]
    pub root_cause: bool,
    /// Who fixes it, when it is a fault now.
    #[serde(default)]
    pub owner: Option<String>,
    /// How, when it is a fault now.
    #[serde(default)]
    pub steps: Vec<String>,
}

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

fn is_fault(finding: &Finding) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
}

/// Whether both reports asked the same.
#[derive(Clone, Copy)]
struct Asked {
    /// The older report left checks out.
    in_part: bool,
    /// The guidance is another one.
    of_another_profile: bool,
}

impl Asked {
    fn by(old: &Report, new: &Report) -> Self {
        Self {
            in_part: old.summary.left_out > 0,
            of_another_profile: old.profile != new.profile,
        }
    }

    /// Why these two answers show no change of the account: what was not asked before, or asks another thing of it.
    fn otherwise(self, before: Option<&Finding>, after: Option<&Finding>) -> Option<&'static str> {
        match (before, after) {
            (None, Some(after)) if self.in_part && is_fault(after) => Some("not asked before"),
            (Some(before), Some(after)) if self.of_another_profile && before.status != after.status => {
                Some("profile changed")
            }
            _ => None,
        }
    }
}

fn place(diff: &mut ReportDiff, asked: Asked, before: Option<&Finding>, after: Option<&Finding>) {
    let Some(shown) = after.or(before) else {
        return;
    };
    let otherwise = asked.otherwise(before, after);
    let mut differences = differences(before, after);
    differences.extend(otherwise.map(str::to_owned));
    let was_fault = before.is_some_and(is_fault);
    let is_now_fault = after.is_some_and(is_fault);
    let status = |finding: Option<&Finding>| finding.map(|finding| finding.status);
    let remedy = after
        .filter(|_| is_now_fault)
        .and_then(|after| after.remedy.as_ref());
    let change = Change {
        id: shown.id.clone(),
        title: shown.title.clone(),
        severity: shown.severity,
        before: status(before),
        after: status(after),
        worse: otherwise.is_none() && is_worse(before, after),
        differences,
        root_cause: after.is_some_and(|after| after.root_cause),
        owner: remedy.map(|remedy| remedy.owner.clone()),
        steps: remedy.map(|remedy| remedy.steps.clone()).unwrap_or_default(),
    };
    // What somebody accepted is no work that is left.
    if was_fault && is_now_fault && after.is_some_and(|after| after.accepted.is_none()) {
        diff.still_failing.push(change.clone());
    }
    let unknown_now = status(after) == Some(Status::Unknown);
    match (was_fault, is_now_fault) {
        (false, true) | (true, false) if otherwise.is_some() => diff.changed.push(change),
        (false, true) => diff.new_faults.push(change),
        (true, false) if matches!(change.after, Some(Status::Pass | Status::NotApplicable)) => {
            diff.fixed.push(change);
        }
        (true, false) => diff.changed.push(change),
        (true, true) if !change.differences.is_empty() => diff.changed.push(change),
        (false, false) if unknown_now && change.before == Some(Status::Unknown) => {
            diff.still_unknown.push(change);
        }
        (false, false) if unknown_now => diff.changed.push(change),
        _ => diff.unchanged += 1,
    }
}

/// A fault that was hidden behind another one was there before: that it can be seen now is no step back.
fn is_worse(before: Option<&Finding>, after: Option<&Finding>) -> bool {
    let Some(after) = after.filter(|after| is_fault(after) && after.accepted.is_none()) else {
        return false;
    };
    match before {
        None => true,
        Some(before) if is_fault(before) => {
            after.severity > before.severity
                || (before.status == Status::Pending && after.status == Status::Fail)
                || before.accepted.is_some()
        }
        Some(before) => before.blocked_by.is_empty(),
    }
}

fn differences(before: Option<&Finding>, after: Option<&Finding>) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let mut differences = Vec::new();
    if before.status != after.status {
        differences.push(format!("{} became {}", before.status.word(), after.status.word()));
    }
    if before.severity != after.severity {
        differences.push(format!("{} became {}", before.severity, after.severity));
    }
    match (&before.accepted, &after.accepted) {
        (None, Some(now)) => differences.push(format!("now accepted until {} by {}", now.expires, now.owner)),
        (Some(_), None) => differences.push("no longer accepted".to_owned()),
        _ => {}
    }
    let lists = [
        ("because of", &before.explained_by, &after.explained_by),
        ("hidden behind", &before.blocked_by, &after.blocked_by),
    ];
    for (what, old, new) in lists {
        if old != new {
            let (now, then) = (new.join(", "), old.join(", "));
            differences.push(match (now.as_str(), then.as_str()) {
                ("", then) => format!("no longer {what} {then}"),
                (now, "") => format!("now {what} {now}"),
                (now, then) => format!("{what} {now}, before {then}"),
            });
        }
    }
    if is_fault(before) && is_fault(after) {
        for evidence in &after.evidence {
            let old = before.evidence.iter().find(|old| old.fact == evidence.fact);
            if let Some(old) = old.filter(|old| old.value != evidence.value) {
                differences.push(format!(
                    "{}: {} became {}",
                    evidence.fact, old.value, evidence.value
                ));
            }
        }
    }
    differences
}
