//! `what-if/v1`: Conditional Access, judged offline for one sign-in of the account in a snapshot.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::conditional_access::{
    ClientApp, DATAVERSE, Decision, Draft, DraftAccount, DraftPolicy, DraftSignIn, Flow, Platform, RiskLevel,
    SignIn, WhatIf, evaluate,
};
use crate::facts::{self, Context, Expectations};
use crate::profile::{Choice, Profile};
use crate::snapshot::Snapshot;

/// The sign-in that is asked about; what is none is unspecified.
#[derive(Debug, Clone)]
pub(crate) struct AskedSignIn {
    /// The application that is signed in to.
    pub(crate) app: String,
    /// The kind of client.
    pub(crate) client_app: ClientApp,
    /// The address that it comes from.
    pub(crate) ip: Option<IpAddr>,
    /// The country, as two capital letters.
    pub(crate) country: Option<String>,
    /// The device's platform.
    pub(crate) platform: Option<Platform>,
    /// The risk of the sign-in.
    pub(crate) sign_in_risk: Option<RiskLevel>,
    /// The risk of the user.
    pub(crate) user_risk: Option<RiskLevel>,
    /// Whether it uses the device code flow.
    pub(crate) device_code: bool,
    /// Whose identity signs in.
    pub(crate) profile: Choice,
    /// As of when; the snapshot's time if not given.
    pub(crate) now: Option<Timestamp>,
}

/// The answer, with drafts of policies in force, and the sections that were not read where there are no policies to judge.
pub(crate) fn what_if(
    snapshot: &Snapshot,
    asked: &AskedSignIn,
    drafts: &[DraftPolicy],
) -> (WhatIf, Vec<String>) {
    let expectations = Expectations::default();
    let now = asked.now.unwrap_or(snapshot.captured_at);
    let profile = whose(asked.profile, &snapshot.subject.account);
    let context = Context::new(snapshot, &expectations, profile, now);
    let today = match facts::policies(&context) {
        Ok(policies) => policies,
        Err(unknown) => {
            let unread = unknown.causes().iter().map(|cause| cause.section.clone());
            return (WhatIf::without_policies(), unread.collect());
        }
    };
    let sign_in = sign_in(asked, &context);
    if drafts.is_empty() {
        let answer = WhatIf::new(today, &sign_in, &evaluate(today, &sign_in));
        return (answer, Vec::new());
    }
    let then = facts::policies_with(&context, drafts, today.clone());
    let of_work_365 = [
        ("password", Profile::LegacyPassword),
        ("refresh", Profile::Consent),
        ("application", Profile::ApplicationUser),
    ];
    let sign_ins = of_work_365.map(|(kind, profile)| {
        let context = Context::new(snapshot, &expectations, profile, now);
        let own = SignIn {
            subject: facts::conditional_access_subject(&context),
            application: DATAVERSE.to_owned(),
            client_app: ClientApp::MobileAppsAndDesktopClients,
            flow: Some(Flow::Ordinary),
            ..sign_in.clone()
        };
        DraftSignIn::judge(kind, today, &then, &own)
    });
    let asked = DraftSignIn::judge("asked", today, &then, &sign_in);
    let mut answer = WhatIf::new(&then, &sign_in, &evaluate(&then, &sign_in));
    answer.draft = Some(Draft {
        before: asked.before,
        after: asked.after,
        decides: asked.decides.clone(),
        accounts: vec![DraftAccount {
            account: snapshot.subject.account.clone(),
            environment: snapshot.subject.environment.clone(),
            asked,
            sign_ins: sign_ins.into(),
        }],
    });
    (answer, Vec::new())
}

/// Of several accounts the answer of the one that fares worst, with all of them under `draft`.
#[cfg(feature = "cli")]
pub(crate) fn joined(answers: Vec<WhatIf>) -> Option<WhatIf> {
    let grave = |decision: Decision| match decision {
        Decision::Allow => 0,
        Decision::Undetermined => 1,
        Decision::ControlsRequired => 2,
        Decision::Block => 3,
    };
    let gravest = |decisions: &mut dyn Iterator<Item = Decision>| {
        decisions.reduce(|one, other| if grave(other) > grave(one) { other } else { one })
    };
    let accounts: Vec<DraftAccount> = answers
        .iter()
        .filter_map(|answer| answer.draft.as_ref())
        .flat_map(|draft| draft.accounts.iter().cloned())
        .collect();
    let after = gravest(&mut answers.iter().map(|answer| answer.decision))?;
    let mut worst = answers.into_iter().find(|answer| answer.decision == after)?;
    if let Some(draft) = &mut worst.draft
        && let Some(before) = gravest(&mut accounts.iter().map(|account| account.asked.before))
    {
        draft.before = before;
        draft.accounts = accounts;
    }
    Some(worst)
}

fn sign_in(asked: &AskedSignIn, context: &Context<'_>) -> SignIn {
    let mut sign_in = SignIn::new(facts::conditional_access_subject(context), context.today());
    sign_in.application.clone_from(&asked.app);
    sign_in.client_app = asked.client_app;
    sign_in.ip = asked.ip;
    sign_in.country.clone_from(&asked.country);
    sign_in.platform = asked.platform;
    sign_in.sign_in_risk = asked.sign_in_risk;
    sign_in.user_risk = asked.user_risk;
    if asked.device_code {
        sign_in.flow = Some(Flow::DeviceCode);
    }
    sign_in
}

/// Whose sign-in it is: an address is a person's, anything else an application's.
fn whose(choice: Choice, account: &str) -> Profile {
    match choice {
        Choice::Named(profile) => profile,
        Choice::Auto if account.contains('@') => Profile::default(),
        Choice::Auto => Profile::ApplicationUser,
    }
}
