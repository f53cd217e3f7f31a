//! Facts about what the environment lets in by application: app access control.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Reason, Unknown};
use crate::facts::sign_in::deciding::newest_attempt;
use crate::facts::value::Kind;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "environment.app_access_refused",
    Kind::Bool,
    &["graph.sign_ins"],
    "Dynamics 365 refused the application that Work 365 signs in with (0x80095ffc): app access control does not list it.",
    |context| is_refused(context).map(Into::into),
)];

/// Access to the environment is restricted for this application: by its code, and by its sentence alone.
const REFUSED: [&str; 2] = ["0x80095ffc", "MSG:app_access_control_blocked"];

/// No API shows the list of allowed applications, so that only the refusal tells. A sign-in of Work 365 that is known, and
/// an error that says something else, speak against it; what the operator's own program met says nothing about Work 365.
fn is_refused(context: &Context<'_>) -> Reading<bool> {
    let seen = context.error.map_or(&[][..], |decoded| &decoded.errors);
    let says_so = |code: &str| REFUSED.iter().any(|known| known.eq_ignore_ascii_case(code));
    if seen.iter().any(|error| says_so(&error.code)) {
        return Ok(true);
    }
    match newest_attempt(context)? {
        Some(_) => Ok(false),
        None => Err(Unknown::because(
            "graph.sign_ins",
            Reason::Absent,
            "no sign-in of Work 365 is on file",
        )),
    }
}
