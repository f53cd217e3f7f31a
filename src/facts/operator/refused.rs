//! What Dynamics 365 said when it refused the person who ran the check: about that person, or about the environment.

use serde::Deserialize;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, read};
use crate::facts::value::Kind;
use crate::snapshot::{Outcome, Section};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "operator.address_blocked",
    Kind::Bool,
    &["dataverse.who_am_i"],
    "Dynamics 365 refused this check because of the address that it ran from (0x80095ffe).",
    |context| is_address_blocked(context).map(Into::into),
)
.its_own()];

/// The IP firewall refused the caller's address.
const ADDRESS: &str = "0x80095ffe";

/// The environment is in administration mode.
pub(crate) const ADMINISTRATION_MODE: &str = "0x8004a113";

/// The environment is disabled.
pub(crate) const DISABLED: &str = "0x8004a104";

fn is_address_blocked(context: &Context<'_>) -> Reading<bool> {
    if was_asked_and_refused_with(context, ADDRESS) {
        return Ok(true);
    }
    let answered = context
        .snapshot
        .sections
        .iter()
        .any(|(name, section)| is_of_dataverse(name) && was_answered(section));
    if answered {
        return Ok(false);
    }
    read(&context.evidence().who_am_i).map(|_| false)
}

fn is_of_dataverse(name: &str) -> bool {
    name.starts_with("dataverse.")
}

/// Whether Dynamics 365 let the check in, or refused it for another reason that it gave.
fn was_answered(section: &Section) -> bool {
    match section.outcome {
        Outcome::Ok | Outcome::NotFound => true,
        Outcome::Denied => code_of(section).is_some(),
        Outcome::Failed | Outcome::Skipped => false,
    }
}

/// Whether any question to Dynamics 365 was refused with this code, in the form `0x80040220`, or the error that was seen
/// holds it: what is said of the environment is true for whoever asks.
pub(crate) fn refused_with(context: &Context<'_>, code: &str) -> bool {
    let seen = context.error.map_or(&[][..], |decoded| &decoded.errors);
    seen.iter().any(|error| error.code.eq_ignore_ascii_case(code))
        || was_asked_and_refused_with(context, code)
}

fn was_asked_and_refused_with(context: &Context<'_>, code: &str) -> bool {
    context
        .snapshot
        .sections
        .iter()
        .filter(|(name, section)| is_of_dataverse(name) && section.outcome == Outcome::Denied)
        .any(|(_, section)| code_of(section).is_some_and(|own| own.eq_ignore_ascii_case(code)))
}

/// The code of the refusal's body.
fn code_of(section: &Section) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: Refusal,
    }
    #[derive(Deserialize)]
    struct Refusal {
        code: String,
    }
    let body: Body = serde_json::from_str(section.body.as_ref()?.get()).ok()?;
    Some(body.error.code)
}
