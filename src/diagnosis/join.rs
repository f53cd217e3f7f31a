//! Joins the errors that were seen with the findings: what each can say of the other.
//!
//! One error stands in exactly one relation to the evidence, the first that holds. Only [`Relation::Contradicted`] speaks
//! against it; everything above it says why a clean check says nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::report::{Finding, Status};
use super::words::{DiagnosisWords, JoinWords};
use crate::decode::{self, DecodedError, Family};
use crate::facts::{WORKFLOW_OWNER, refuses_a_right};
use crate::rules::Meaning;
use crate::text::fill;

/// The decoded errors for the report, and for each finding the codes that it explains.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Decode items plus `source`, `explained_by`, `contradicted_by` and `note`.
    pub errors: Vec<Value>,
    /// Codes by the rule that explains them.
    pub explains: BTreeMap<String, Vec<String>>,
    /// Each error with the faults that explain it, or are of the same kind.
    pub answered_by: Vec<(String, Vec<String>)>,
    /// A refusal of this account was seen that nothing found explains.
    pub refusal_is_open: bool,
    /// Codes of what jobs and plug-ins say that may speak of the account now.
    pub told: Vec<String>,
    /// Codes that speak of no fault of this account now: of somebody else, older than the newest success, of a busy service.
    pub settled: Vec<String>,
}

/// Where an error was seen: a word of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `--error`.
    Argument,
    /// The single sign-in of `--probe-sign-in`.
    Probe,
    /// The sign-in log.
    SignInLog,
    /// A background operation of Dataverse.
    SystemJob,
    /// The result of a job of Work 365.
    Work365Job,
    /// An exception of a plug-in of Work 365.
    PluginTrace,
}

impl Source {
    fn word(self) -> &'static str {
        match self {
            Source::Argument => "argument",
            Source::Probe => "probe",
            Source::SignInLog => "sign_in_log",
            Source::SystemJob => "system_job",
            Source::Work365Job => "work365_job",
            Source::PluginTrace => "plugin_trace",
        }
    }

    /// Whether a job or a plug-in tells of it.
    fn is_told(self) -> bool {
        matches!(self, Source::SystemJob | Source::Work365Job | Source::PluginTrace)
    }
}

/// One error that was seen, and what the evidence knows about its circumstances.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub source: Source,
    pub error: &'a DecodedError,
    /// The primary code of the same text.
    pub primary: Option<&'a str>,
    /// Somebody or something else that the text is about, in words.
    pub stranger: Option<String>,
    /// When it was met, as far as the text says.
    pub at: Option<Timestamp>,
    /// The connection of Work 365's own that the text is about.
    pub provider: Option<&'static str>,
    /// Whether the text names the owner of a workflow of Work 365 who cannot run it.
    pub names_owner: bool,
}

/// What the sign-ins of the evidence say about a code.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SignIns {
    /// The newest success of Work 365's own sign-ins.
    pub succeeded: Option<Timestamp>,
    /// The refusal that decides, when the newest was refused.
    pub refused: Option<(i64, Option<Timestamp>)>,
    /// The newest success of Work 365's jobs.
    pub job_succeeded: Option<Timestamp>,
    /// Whether jobs fail now.
    pub jobs_fail: bool,
}

/// What an error and the evidence can say of each other.
#[derive(Debug, PartialEq, Eq)]
enum Relation {
    /// A fault that was found lists the code.
    Explained(Vec<String>),
    /// The text is about another user, another resource or another application.
    Stranger(String),
    /// It refuses a right to somebody else, while the jobs succeed.
    OnePerson(String, Timestamp),
    /// The text is about a connection of Work 365's own.
    Provider(&'static str),
    /// A job succeeded after it.
    BeforeJob(Timestamp),
    /// The code only wraps a specific one of the same text.
    Wrapper(String),
    /// The same text's primary code is explained: it is one event.
    Beside(String),
    /// A fault that was found is of the same kind, though none lists the code.
    Related(Vec<String>),
    /// The service was busy.
    Service,
    /// A sign-in succeeded after it.
    Older(Timestamp),
    /// Checks that could have shown it were not answered.
    Open(Vec<String>),
    /// Checks look at it, and it is no fault under this profile.
    NoFault(Vec<String>),
    /// The newest sign-in of the log was refused in the same way.
    InTheLog(Option<Timestamp>),
    /// Every check that could have shown it came out clean.
    Contradicted(Vec<String>),
    /// No check looks at it.
    Nothing,
}

pub(super) fn join<'f>(
    seen: &[Seen<'_>],
    sign_ins: SignIns,
    words: &DiagnosisWords,
    findings: impl Iterator<Item = (&'f Finding, Meaning)> + Clone,
) -> Joined {
    let mut joined = Joined::default();
    for one in seen {
        let relation = relation(one, sign_ins, &words.same_kind, findings.clone());
        if let Relation::Explained(rules) | Relation::Related(rules) = &relation {
            joined.answered_by.push((one.error.code.clone(), rules.clone()));
        }
        if let (Relation::Explained(rules), Source::Argument) = (&relation, one.source) {
            for id in rules {
                let codes = joined.explains.entry(id.clone()).or_default();
                if !codes.contains(&one.error.code) {
                    codes.push(one.error.code.clone());
                }
            }
        }
        let settles_nothing = matches!(
            relation,
            Relation::Open(_) | Relation::NoFault(_) | Relation::Contradicted(_) | Relation::Nothing
        );
        joined.refusal_is_open |= settles_nothing && is_refusal(one);
        if matches!(
            relation,
            Relation::Stranger(_)
                | Relation::OnePerson(..)
                | Relation::Provider(_)
                | Relation::BeforeJob(_)
                | Relation::Older(_)
                | Relation::Service
                | Relation::Related(_)
        ) {
            joined.settled.push(one.error.code.clone());
        }
        if one.source.is_told()
            && (settles_nothing || matches!(relation, Relation::Explained(_) | Relation::Related(_)))
        {
            joined.told.push(one.error.code.clone());
        }
        joined.errors.push(item(one, &relation, &words.error));
    }
    joined
}

fn relation<'f>(
    seen: &Seen<'_>,
    sign_ins: SignIns,
    same_kind: &BTreeMap<String, Vec<String>>,
    findings: impl Iterator<Item = (&'f Finding, Meaning)> + Clone,
) -> Relation {
    let error = seen.error;
    let of_status = |rules: &[String], wanted: fn(Status, Meaning) -> bool| -> Vec<String> {
        findings
            .clone()
            .filter(|(finding, meaning)| rules.contains(&finding.id) && wanted(finding.status, *meaning))
            .map(|(finding, _)| finding.id.clone())
            .collect()
    };
    let is_fault = |status: Status, _: Meaning| matches!(status, Status::Fail | Status::Pending);
    if let Some(provider) = seen.provider {
        return Relation::Provider(provider);
    }
    if seen.names_owner {
        let of_owner = of_status(&[WORKFLOW_OWNER.to_owned()], is_fault);
        if !of_owner.is_empty() {
            return Relation::Explained(of_owner);
        }
    }
    if let Some(stranger) = &seen.stranger {
        return match sign_ins
            .job_succeeded
            .filter(|_| !sign_ins.jobs_fail && refuses_a_right(error))
        {
            Some(at) => Relation::OnePerson(stranger.clone(), at),
            None => Relation::Stranger(stranger.clone()),
        };
    }
    if let (true, Some(at), Some(succeeded)) = (seen.source.is_told(), seen.at, sign_ins.job_succeeded)
        && at < succeeded
    {
        return Relation::BeforeJob(succeeded);
    }
    let explained_by = of_status(&error.rules, is_fault);
    if !explained_by.is_empty() {
        return Relation::Explained(explained_by);
    }
    let specific = seen.primary.filter(|primary| *primary != error.code);
    if let Some(primary) = specific.filter(|_| is_wrapper(error)) {
        return Relation::Wrapper(primary.to_owned());
    }
    if let Some(primary) = specific
        && !of_status(&decode::describe(primary).rules, is_fault).is_empty()
    {
        return Relation::Beside(primary.to_owned());
    }
    let related = same_kind
        .get(&error.category)
        .map(|rules| of_status(rules, is_fault))
        .unwrap_or_default();
    if !related.is_empty() {
        return Relation::Related(related);
    }
    if error.retryable {
        return Relation::Service;
    }
    // What succeeded since is an answer whatever else the checks of this code could not tell.
    let at_sign_in = error.family == Family::Aadsts;
    if let (true, Some(at), Some(succeeded)) = (at_sign_in, seen.at, sign_ins.succeeded)
        && at < succeeded
    {
        return Relation::Older(succeeded);
    }
    let open = of_status(&error.rules, |status, _| status == Status::Unknown);
    if !open.is_empty() {
        return Relation::Open(open);
    }
    // Such a check passes also when what it looks for is there: its pass says nothing about the error.
    let no_fault = of_status(&error.rules, |status, meaning| {
        status == Status::Pass && meaning == Meaning::NoFault
    });
    if !no_fault.is_empty() {
        return Relation::NoFault(no_fault);
    }
    if let (Some((code, at)), Source::Argument) = (sign_ins.refused, seen.source)
        && error.code == format!("AADSTS{code}")
    {
        return Relation::InTheLog(at);
    }
    let passed = of_status(&error.rules, |status, _| status == Status::Pass);
    if passed.is_empty() {
        Relation::Nothing
    } else {
        Relation::Contradicted(passed)
    }
}

/// Whether an account was refused: by Dynamics 365, or, where somebody brings the text for an explanation, by whatever stands
/// before it. A failure of the way there refuses nobody.
fn is_refusal(seen: &Seen<'_>) -> bool {
    let error = seen.error;
    let by_dataverse = matches!(error.family, Family::Dataverse | Family::Message)
        && matches!(
            error.category.as_str(),
            "privilege" | "user-disabled" | "user-missing" | "license" | "org-state" | "auth"
        );
    let on_the_way = matches!(
        error.category.as_str(),
        "network" | "other" | "plugin" | "throttling" | "timeout" | "transient" | "validation"
    );
    !error.retryable && (by_dataverse || (seen.source == Source::Argument && !on_the_way))
}

/// A code that stands around every refusal, whatever its cause.
fn is_wrapper(error: &DecodedError) -> bool {
    matches!(
        error.family,
        Family::Oauth | Family::Http | Family::Msal | Family::Wstrust
    )
}

fn item(seen: &Seen<'_>, relation: &Relation, words: &JoinWords) -> Value {
    let code = seen.error.code.as_str();
    let say = |template: &str, rules: &str| Some(fill(template, &[("code", code), ("rules", rules)]));
    let (mut explained_by, mut contradicted_by) = (Vec::new(), Vec::new());
    let at = |at: &Timestamp| at.to_string();
    let note = match relation {
        Relation::Explained(rules) => {
            explained_by.clone_from(rules);
            say(&words.explained, &rules.join(", "))
        }
        Relation::Stranger(who) => say(&words.stranger, who),
        Relation::OnePerson(who, succeeded) => Some(fill(
            &words.one_person,
            &[("code", code), ("rules", who), ("at", &at(succeeded))],
        )),
        Relation::Provider(connection) => say(&words.provider, connection),
        Relation::BeforeJob(succeeded) => say(&words.before_job, &at(succeeded)),
        Relation::Wrapper(primary) => say(&words.wrapper, primary),
        Relation::Beside(primary) => say(&words.beside, primary),
        Relation::Related(rules) => say(&words.related, &rules.join(", ")),
        Relation::Service => say(&words.service, ""),
        Relation::Open(rules) => say(&words.open, &rules.join(", ")),
        Relation::NoFault(rules) => say(&words.no_fault, &rules.join(", ")),
        Relation::Older(succeeded) => say(&words.older, &at(succeeded)),
        Relation::InTheLog(refused) => say(
            &words.in_the_log,
            &refused
                .as_ref()
                .map_or_else(String::new, |refused| format!(" ({refused})")),
        ),
        Relation::Contradicted(rules) => {
            contradicted_by.clone_from(rules);
            say(&words.contradicted, &rules.join(", "))
        }
        Relation::Nothing => None,
    };
    // A decode item holds texts, numbers and lists only; turning it into a value has no way to fail.
    let mut item = serde_json::to_value(seen.error).unwrap_or_default();
    if let Value::Object(map) = &mut item {
        map.insert("source".to_owned(), seen.source.word().into());
        map.insert("explained_by".to_owned(), explained_by.into());
        map.insert("contradicted_by".to_owned(), contradicted_by.into());
        map.insert("note".to_owned(), note.into());
    }
    item
}
