//! One entry of the sign-in log, and what it says by itself.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;

use crate::snapshot::Field;
use crate::snapshot::graph::SignIn;
use crate::snapshot::login::Probe;

use crate::decode::Lockout;
use crate::facts::value::parse_time;
use crate::text::is_zero_guid;
use crate::well_known::{DATAVERSE_APPLICATION, WORK_365_APPLICATIONS};

/// Too many wrong passwords, or an address that is known for them: the sentence tells which.
/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const LOCKED: i64 = 50053;

/// What stands in the place of a section where something rests on the error that somebody saw.
pub(crate) const SEEN: &str = "error";

/// Whether the entry names `provider` as the one that demanded more than a password. Source: <https://learn.microsoft.com/graph/api/resources/signin>.
pub(crate) fn demanded_by(entry: &SignIn, provider: &str) -> bool {
    entry
        .authentication_requirement_policies
        .items()
        .iter()
        .any(|policy| {
            policy
                .requirement_provider
                .text()
                .is_some_and(|name| name.eq_ignore_ascii_case(provider))
        })
}

/// Codes that are no refusal of the account: the sign-in was left unfinished, or the service was to blame.
static NO_REFUSALS: LazyLock<BTreeSet<i64>> = LazyLock::new(|| {
    include_str!("../../../rules/data/attempts.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next()?.parse().ok())
        .collect()
});

/// Whether a code says nothing about the account: the sign-in was left unfinished, or the service was to blame.
pub(crate) fn says_nothing(code: i64) -> bool {
    NO_REFUSALS.contains(&code)
}

/// The code that a refused sign-in has when it is told by its sentence alone.
pub(crate) fn code_of_sentence(class: &str) -> Option<i64> {
    include_str!("../../../rules/data/sentences.csv")
        .lines()
        .skip(1)
        .find_map(|line| {
            line.strip_prefix(class)?
                .strip_prefix(',')?
                .split(',')
                .next()?
                .parse()
                .ok()
        })
}

/// One sign-in attempt: of the probe, or an entry of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// AADSTS number, 0 for success.
    pub(crate) code: i64,
    /// When.
    pub(crate) at: Option<Timestamp>,
    /// The entry of the log; none for an attempt that was seen elsewhere.
    pub(crate) entry: Option<&'a SignIn>,
    /// Which of the two reasons of an AADSTS50053 was told of it where it was seen; an entry of the log has its own words.
    pub(crate) told_lockout: Option<Lockout>,
    /// Where it was seen.
    pub(crate) source: Source,
}

/// Where an attempt was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The sign-in log.
    Log,
    /// The single sign-in of `--probe-sign-in`.
    Probe,
    /// `--error`.
    Argument,
    /// A person reported it.
    Answer,
    /// A background operation of Dataverse.
    SystemJob,
    /// The result of a job of Work 365.
    Work365Job,
    /// An exception of a plug-in of Work 365.
    PluginTrace,
}

impl Source {
    /// Whether it is what somebody told, not what was read: it proves a refusal, and not by which policy.
    pub(crate) fn is_hearsay(self) -> bool {
        !matches!(self, Source::Log | Source::Probe)
    }

    /// The word of the report.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Source::Log => "sign_in_log",
            Source::Probe => "probe",
            Source::Argument => "argument",
            Source::Answer => "answer",
            Source::SystemJob => "system_job",
            Source::Work365Job => "work365_job",
            Source::PluginTrace => "plugin_trace",
        }
    }
}

impl Attempt<'_> {
    /// Which of the two reasons an AADSTS50053 had, where that is told.
    pub(crate) fn lockout(&self) -> Option<Lockout> {
        self.entry.map_or(self.told_lockout, lockout_of_entry)
    }

    /// Whether it was refused for the address that it came from, and says so.
    pub(crate) fn is_refused_for_address(&self) -> bool {
        self.code == LOCKED && self.lockout() == Some(Lockout::Address)
    }

    /// Where it is recorded.
    pub(crate) fn section(&self) -> &'static str {
        match self.source {
            Source::Log => "graph.sign_ins",
            Source::Probe => "login.probe",
            Source::Argument => SEEN,
            Source::Answer => "answers",
            Source::SystemJob => "dataverse.system_jobs",
            Source::Work365Job => "dataverse.work365_jobs",
            Source::PluginTrace => "dataverse.plugin_traces",
        }
    }

    /// The address that the service saw, if it is known.
    pub(crate) fn address(&self) -> Option<&str> {
        self.entry.and_then(|entry| entry.ip_address.text())
    }
}

/// The code of a log entry, 0 for a success.
pub(crate) fn any_code_of(entry: &SignIn) -> Option<i64> {
    entry.status.value()?.error_code.value().copied()
}

/// The code of a log entry, if it has one that speaks of the account.
pub(crate) fn code_of(entry: &SignIn) -> Option<i64> {
    any_code_of(entry).filter(|code| !says_nothing(*code))
}

/// When a log entry was written.
pub(crate) fn time_of(entry: &SignIn) -> Option<Timestamp> {
    entry.created_date_time.text().and_then(parse_time)
}

/// Whether the entry is about an application that signed in by itself.
pub(crate) fn is_application_sign_in(entry: &SignIn) -> bool {
    let kinds = entry.sign_in_event_types.items();
    let is_its_kind = |kind: &String| kind == "servicePrincipal" || kind == "managedIdentity";
    // Where the entry does not say its kind, that it names no user tells.
    kinds.iter().any(is_its_kind) || (kinds.is_empty() && names_no_user(entry))
}

/// Whether it is, or may be: it says neither its kind nor a user.
pub(crate) fn may_be_application_sign_in(entry: &SignIn) -> bool {
    let names_somebody = [&entry.user_id, &entry.user_principal_name]
        .into_iter()
        .any(is_somebody);
    is_application_sign_in(entry) || (entry.sign_in_event_types.items().is_empty() && !names_somebody)
}

/// Whether the entry says that no user signed in; an unknown user has no id, but a name.
fn names_no_user(entry: &SignIn) -> bool {
    let is_nobody = |field: &Field<String>| !field.is_missing() && !is_somebody(field);
    is_nobody(&entry.user_id) && is_nobody(&entry.user_principal_name)
}

fn is_somebody(field: &Field<String>) -> bool {
    let text = field.known().map_or("", |text| text.trim());
    !text.is_empty() && !is_zero_guid(text)
}

/// Whether the entry is a token refresh rather than a sign-in with a credential. Source: <https://learn.microsoft.com/graph/api/resources/signin>.
pub(crate) fn is_non_interactive(entry: &SignIn) -> bool {
    let kinds = entry.sign_in_event_types.items();
    if kinds.is_empty() {
        entry.is_interactive.value() == Some(&false)
    } else {
        kinds.iter().all(|kind| kind == "nonInteractiveUser")
    }
}

/// Whether the entry carried a password, as far as the log tells: the password grant, or an interactive sign-in.
pub(crate) fn carries_password(entry: &SignIn) -> bool {
    let by_grant = entry
        .authentication_protocol
        .text()
        .is_some_and(|protocol| protocol.eq_ignore_ascii_case("ropc"));
    by_grant || !is_non_interactive(entry)
}

/// Whether the entry is for Dynamics 365, or signed in by Work 365; an entry that names neither counts.
pub(crate) fn concerns_work_365(entry: &SignIn) -> bool {
    match (entry.app_id.text(), entry.resource_id.text()) {
        (None, None) => true,
        (app, resource) => {
            app.is_some_and(is_work_365)
                || resource.is_some_and(|id| id.eq_ignore_ascii_case(DATAVERSE_APPLICATION))
        }
    }
}

/// Whether the id is one of Work 365's application ids.
pub(crate) fn is_work_365(application_id: &str) -> bool {
    WORK_365_APPLICATIONS
        .iter()
        .any(|id| id.eq_ignore_ascii_case(application_id))
}

/// The entry as an attempt, if its code speaks of the account.
pub(crate) fn attempt(entry: &SignIn) -> Option<Attempt<'_>> {
    Some(attempt_with(code_of(entry)?, entry))
}

/// The entry as an attempt that ended with `code`.
pub(crate) fn attempt_with(code: i64, entry: &SignIn) -> Attempt<'_> {
    Attempt {
        code,
        at: time_of(entry),
        entry: Some(entry),
        told_lockout: None,
        source: Source::Log,
    }
}

fn lockout_of_entry(entry: &SignIn) -> Option<Lockout> {
    let status = entry.status.value()?;
    let texts = [status.failure_reason.text(), status.additional_details.text()];
    texts
        .into_iter()
        .flatten()
        .map(lockout_of_service)
        .max_by_key(|reason| *reason == Lockout::Address)
}

/// The reason that the service itself gives for an AADSTS50053: it says so where it is the address.
pub(crate) fn lockout_of_service(text: &str) -> Lockout {
    Lockout::of(text).unwrap_or(Lockout::Attempts)
}

/// The probe's primary code: 0 when a token was issued, else the first number. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
pub(crate) fn probe_code(probe: &Probe) -> Option<i64> {
    if probe.token_type.text().is_some() {
        return Some(0);
    }
    let listed = probe.error_codes.items().first().copied();
    let code = listed.or_else(|| {
        let text = probe.error_description.text()?;
        let digits = text.split("AADSTS").nth(1)?;
        let end = digits.find(|character: char| !character.is_ascii_digit());
        digits[..end.unwrap_or(digits.len())].parse().ok()
    });
    let success = probe.error.text().is_none() && code.is_none() && probe.claims.value().is_some();
    let code = if success { Some(0) } else { code };
    code.filter(|code| !says_nothing(*code))
}

/// Whether a person made the sign-in: interactively, in a browser.
pub(crate) fn is_by_person(entry: &SignIn) -> bool {
    !is_non_interactive(entry) && entry.client_app_used.text() == Some("Browser")
}
/// The text of a property, for a caller that says itself what its absence means.
pub(crate) fn plain(field: &Field<String>) -> Option<&str> {
    field
        .known()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}
