//! The sign-in attempts of the account to Dynamics 365 in the order of time, each with its kind.

use jiff::{SignedDuration, Timestamp};

use super::SignInKind;
use crate::facts::{
    self, Attempt, Context, Source, concerns_work_365, is_application_sign_in, is_non_interactive,
};
use crate::profile::Profile;

/// The probe and the log tell of the same attempt when they agree and lie closer than this.
const SAME_ATTEMPT: SignedDuration = SignedDuration::from_mins(1);

/// One sign-in with a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated<'a> {
    pub(super) at: Timestamp,
    pub(super) kind: SignInKind,
    pub(super) attempt: Attempt<'a>,
}

impl Dated<'_> {
    pub(super) fn failed(&self) -> bool {
        self.attempt.code != 0
    }
}

/// The sign-ins that the timeline is about.
#[derive(Debug, Default)]
pub(super) struct Attempts<'a> {
    /// Work 365's own, oldest first; none when it cannot be told which are.
    pub(super) own: Option<Vec<Dated<'a>>>,
    /// Other sign-ins of the account to Dynamics 365, and those without a time: they are shown and decide nothing.
    pub(super) others: Vec<Attempt<'a>>,
}

/// The sign-ins of the account to Dynamics 365, Work 365's own apart: those that decide elsewhere decide here too.
pub(super) fn attempts<'a>(context: &Context<'a>) -> Attempts<'a> {
    let own = facts::own_attempts(context).ok();
    let is_own =
        |attempt: &Attempt<'a>| own.is_some_and(|own| own.iter().any(|one| is_same_record(one, attempt)));
    let others = facts::attempts(context)
        .unwrap_or_default()
        .into_iter()
        .filter(|attempt| attempt.entry.is_none_or(concerns_work_365))
        .filter(|attempt| !is_own(attempt))
        .collect();
    let own = own.map(|own| {
        let mut all: Vec<Dated<'a>> = own
            .iter()
            .filter_map(|attempt| {
                Some(Dated {
                    at: attempt.at?,
                    kind: kind_of(context.profile(), attempt),
                    attempt: *attempt,
                })
            })
            .collect();
        drop_repeated_probe(&mut all);
        // Two entries of one instant stand in an order of their own, not in that of the file.
        all.sort_by(|left, right| order_of(left).cmp(&order_of(right)));
        all
    });
    Attempts { own, others }
}

fn is_same_record(left: &Attempt<'_>, right: &Attempt<'_>) -> bool {
    match (left.entry, right.entry) {
        (Some(left), Some(right)) => std::ptr::eq(left, right),
        (None, None) => left.source == right.source,
        _ => false,
    }
}

impl SignInKind {
    pub(super) const ALL: [Self; 4] = [
        Self::Password,
        Self::Browser,
        Self::TokenRefresh,
        Self::Application,
    ];

    /// The word of the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            SignInKind::Password => "password",
            SignInKind::Browser => "browser",
            SignInKind::TokenRefresh => "token_refresh",
            SignInKind::Application => "application",
        }
    }
}

fn kind_of(profile: Profile, attempt: &Attempt<'_>) -> SignInKind {
    let Some(entry) = attempt.entry else {
        return match profile {
            Profile::LegacyPassword => SignInKind::Password,
            Profile::Consent => SignInKind::TokenRefresh,
            Profile::ApplicationUser => SignInKind::Application,
        };
    };
    if is_application_sign_in(entry) {
        SignInKind::Application
    } else if is_non_interactive(entry) {
        SignInKind::TokenRefresh
    } else if entry
        .client_app_used
        .text()
        .is_some_and(|client| client.eq_ignore_ascii_case("browser"))
    {
        SignInKind::Browser
    } else {
        SignInKind::Password
    }
}

/// The probe's sign-in reaches the log within minutes; then it stands in the evidence twice.
fn drop_repeated_probe(all: &mut Vec<Dated<'_>>) {
    let is_probe = |one: &Dated<'_>| one.attempt.source == Source::Probe;
    let Some(position) = all.iter().position(is_probe) else {
        return;
    };
    let probe = all[position];
    let is_same = |one: &Dated<'_>| {
        one.attempt.entry.is_some()
            && one.attempt.code == probe.attempt.code
            && one.kind == probe.kind
            && one.at.duration_since(probe.at).abs() <= SAME_ATTEMPT
    };
    if all.iter().any(is_same) {
        all.remove(position);
    }
}

type Order<'a> = (
    Timestamp,
    i64,
    SignInKind,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
);

fn order_of<'a>(one: &Dated<'a>) -> Order<'a> {
    let entry = one.attempt.entry;
    (
        one.at,
        one.attempt.code,
        one.kind,
        entry.and_then(|entry| entry.ip_address.text()),
        entry.and_then(|entry| entry.id.text()),
        entry.and_then(|entry| entry.correlation_id.text()),
    )
}
