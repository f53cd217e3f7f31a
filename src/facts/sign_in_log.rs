//! The account's sign-ins, newest first, and what a result code says: the reading that credential, sign-in and consent
//! facts start from.

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::graph::SignIn;
use crate::snapshot::login::Probe;

use super::Inputs;
use super::reading::{Reading, Reason, Unknown, read, whole};
use super::subject::is_zero_guid;
use super::value::parse_time;

/// Application ids of Work 365: United States, Europe. Source: domain.md 1.2.
pub(super) const WORK_365_APPLICATIONS: [&str; 2] = [
    "e4b1a995-abe3-4350-a61c-65fccd32e8bd",
    "5e56ae97-9be1-40d3-938b-99ea52175a30",
];

/// Application id of Dataverse, the resource that Work 365 signs in to. Source: api-facts G-09.
pub(super) const DATAVERSE_APPLICATION: &str = "00000007-0000-0000-c000-000000000000";

/// Codes that speak of the service or of an unfinished sign-in, never of the account. Source: domain.md D12.
const SAYS_NOTHING: [i64; 12] = [
    50033, 50058, 50140, 50196, 50199, 90006, 90014, 90024, 90033, 90055, 90056, 16000,
];

/// One sign-in attempt: of the probe, or an entry of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// AADSTS number, 0 for success.
    pub(crate) code: i64,
    /// When.
    pub(crate) at: Option<Timestamp>,
    /// The entry of the log; none for the probe.
    pub(crate) entry: Option<&'a SignIn>,
    /// The probe's text.
    description: Option<&'a str>,
}

impl Attempt<'_> {
    /// Whether the text of the result contains one of `words` (lower case).
    pub(super) fn mentions(&self, words: &[&str]) -> bool {
        let status = self.entry.and_then(|entry| entry.status.value());
        let texts = [
            status.and_then(|status| status.failure_reason.text()),
            status.and_then(|status| status.additional_details.text()),
            self.description,
        ];
        texts.into_iter().flatten().any(|text| {
            let text = text.to_lowercase();
            words.iter().any(|word| text.contains(word))
        })
    }

    /// Where it is recorded.
    pub(super) fn section(&self) -> &'static str {
        if self.entry.is_some() {
            "graph.sign_ins"
        } else {
            "login.probe"
        }
    }

    /// The address that the service saw, if it is known.
    pub(crate) fn address(&self) -> Option<&str> {
        self.entry.and_then(|entry| entry.ip_address.text())
    }
}

/// The code of a log entry, if it has one that speaks of the account.
pub(super) fn code_of(entry: &SignIn) -> Option<i64> {
    let code = *entry.status.value()?.error_code.value()?;
    (!SAYS_NOTHING.contains(&code)).then_some(code)
}

/// When a log entry was written.
pub(crate) fn time_of(entry: &SignIn) -> Option<Timestamp> {
    entry.created_date_time.text().and_then(parse_time)
}

/// Whether the entry is about an application that signed in by itself.
pub(crate) fn is_application_sign_in(entry: &SignIn) -> bool {
    let kinds = entry.sign_in_event_types.items();
    kinds
        .iter()
        .any(|kind| kind == "servicePrincipal" || kind == "managedIdentity")
}

/// Whether the entry is a token refresh rather than a sign-in with a credential. Source: api-facts G-11.
pub(crate) fn is_non_interactive(entry: &SignIn) -> bool {
    let kinds = entry.sign_in_event_types.items();
    if kinds.is_empty() {
        entry.is_interactive.value() == Some(&false)
    } else {
        kinds.iter().all(|kind| kind == "nonInteractiveUser")
    }
}

/// Whether the entry carried a password, as far as the log tells: the password grant, or an interactive sign-in.
pub(super) fn carries_password(entry: &SignIn) -> bool {
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

impl<'a> Inputs<'a> {
    /// The account's own sign-ins, newest first, without those of applications.
    pub(super) fn account_sign_ins(&self) -> Reading<&[&'a SignIn]> {
        self.credential
            .sign_ins
            .get_or_init(|| {
                let log = &read(&self.evidence().sign_ins)?.value;
                let mut entries: Vec<_> = log
                    .iter()
                    .filter(|entry| !is_application_sign_in(entry) && self.is_of_account(entry))
                    .collect();
                entries.sort_by_cached_key(|entry| std::cmp::Reverse(time_of(entry)));
                Ok(entries)
            })
            .as_deref()
            .map_err(Clone::clone)
    }

    /// The sign-ins of the Work 365 service principal, newest first.
    pub(super) fn application_sign_ins(&self) -> Reading<Vec<&'a SignIn>> {
        let log = &read(&self.evidence().sign_ins)?.value;
        let account = self.snapshot.subject.account.as_str();
        let mut entries: Vec<_> = log
            .iter()
            .filter(|entry| {
                is_application_sign_in(entry)
                    && entry
                        .app_id
                        .text()
                        .is_none_or(|id| is_work_365(id) || id.eq_ignore_ascii_case(account))
            })
            .collect();
        entries.sort_by_cached_key(|entry| std::cmp::Reverse(time_of(entry)));
        Ok(entries)
    }

    fn is_of_account(&self, entry: &SignIn) -> bool {
        let user = self.existing_user().ok();
        let id = entry.user_id.text().filter(|id| !is_zero_guid(id));
        if let (Some(own), Some(id)) = (user.and_then(|user| user.id.text()), id) {
            return own.eq_ignore_ascii_case(id);
        }
        let Some(name) = entry.user_principal_name.text() else {
            return true;
        };
        let own_name = user.and_then(|user| user.user_principal_name.text());
        name.eq_ignore_ascii_case(&self.snapshot.subject.account)
            || own_name.is_some_and(|own| own.eq_ignore_ascii_case(name))
            || id.is_some_and(|id| id.eq_ignore_ascii_case(&self.snapshot.subject.account))
    }

    /// The probe's result, if a probe was made and its result is readable.
    pub(super) fn probe_attempt(&self) -> Option<Attempt<'a>> {
        let probe = self.evidence().probe.ok()?;
        let code = probe_code(probe)?;
        let read_at = self.evidence().probe.read_at.as_deref();
        let at = probe.timestamp.text().and_then(parse_time);
        Some(Attempt {
            code,
            at: at
                .or_else(|| read_at.and_then(parse_time))
                .or(Some(self.snapshot.captured_at)),
            entry: None,
            description: probe.error_description.text(),
        })
    }

    /// Every attempt of the account that speaks of it, newest first, the probe before the log. The probe was made when
    /// the evidence was collected, so nothing in the log is newer.
    ///
    /// Under the profile application-user the account is the service principal.
    pub(crate) fn attempts(&self) -> Reading<Vec<Attempt<'a>>> {
        if self.profile == Profile::ApplicationUser {
            return Ok(self
                .application_sign_ins()?
                .into_iter()
                .filter_map(attempt)
                .collect());
        }
        let probe = self.probe_attempt();
        match self.account_sign_ins() {
            Ok(entries) => Ok(probe
                .into_iter()
                .chain(entries.iter().copied().filter_map(attempt))
                .collect()),
            Err(_) if probe.is_some() => Ok(probe.into_iter().collect()),
            Err(unknown) => Err(unknown),
        }
    }

    /// Whether the newest attempt that concerns Work 365 ended with one of `codes`. Older attempts are history: a later
    /// success, or another failure, supersedes them.
    pub(super) fn newest_code_is_one_of(&self, codes: &[i64]) -> Reading<bool> {
        Ok(self
            .newest_attempt()?
            .is_some_and(|attempt| codes.contains(&attempt.code)))
    }

    /// A reading that would be a pass, unless the newest attempt was refused with one of `codes`, which says otherwise: then
    /// nobody knows. The directory may have been mended since, or the sign-in went elsewhere. Source: domain.md 6.2, 4.
    pub(super) fn unless_refused(&self, reading: Reading<bool>, clean: bool, codes: &[i64]) -> Reading<bool> {
        if reading != Ok(clean) {
            return reading;
        }
        match self.newest_attempt() {
            Ok(Some(attempt)) if codes.contains(&attempt.code) => Err(Unknown::silent(
                attempt.section(),
                format!(
                    "the newest sign-in was refused with AADSTS{}, which says otherwise",
                    attempt.code
                ),
            )),
            _ => reading,
        }
    }

    /// The newest attempt that concerns Work 365.
    pub(super) fn newest_attempt(&self) -> Reading<Option<Attempt<'a>>> {
        let attempts = self.attempts()?;
        let newest = attempts
            .into_iter()
            .find(|attempt| attempt.entry.is_none_or(concerns_work_365));
        self.unless_log_is_cut(newest)
    }

    /// What was found in the log; that nothing was found is an answer only when the log was read to its end.
    pub(super) fn unless_log_is_cut<T>(&self, found: Option<T>) -> Reading<Option<T>> {
        if found.is_none() && self.evidence().sign_ins.ok().is_some() {
            whole(&self.evidence().sign_ins)?;
        }
        Ok(found)
    }

    /// Whether the log was asked for token refreshes too; without them it says nothing about tokens.
    ///
    /// Source: CONTRACT section 8 (`asked`).
    pub(crate) fn log_shows_token_refreshes(&self) -> Reading<bool> {
        #[derive(serde::Deserialize, Default)]
        #[serde(default)]
        struct Asked {
            asked: Vec<String>,
        }
        let entries = &read(&self.evidence().sign_ins)?.value;
        if entries.iter().any(is_non_interactive) {
            return Ok(true);
        }
        let body = self
            .snapshot
            .section("graph.sign_ins")
            .and_then(|section| section.body.as_ref());
        let asked: Asked = body
            .and_then(|body| serde_json::from_str(body.get()).ok())
            .unwrap_or_default();
        Ok(asked.asked.iter().any(|kind| kind == "nonInteractiveUser"))
    }

    /// The cause to report when the log was read without token refreshes.
    pub(super) fn refreshes_not_asked() -> Unknown {
        Unknown::because(
            "graph.sign_ins",
            Reason::Skipped,
            "the log was read without non-interactive sign-ins, where token refreshes are recorded",
        )
    }
}

pub(super) fn attempt(entry: &SignIn) -> Option<Attempt<'_>> {
    Some(Attempt {
        code: code_of(entry)?,
        at: time_of(entry),
        entry: Some(entry),
        description: None,
    })
}

/// The probe's primary code: 0 when a token was issued, else the first number. Source: api-facts 3.2.
fn probe_code(probe: &Probe) -> Option<i64> {
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
    code.filter(|code| !SAYS_NOTHING.contains(code))
}
