//! Facts about the methods that the account has registered.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, read};
use crate::facts::value::Kind;
use crate::snapshot::graph::RegistrationDetails;

/// Where they are listed.
const SECTIONS: &[&str] = &["graph.authentication_methods", "graph.registration_details"];

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "mfa.registered",
        Kind::Bool,
        SECTIONS,
        "The account has a method for MFA registered: any beside the password and the e-mail address.",
        |context| mfa_is_registered(context).map(Into::into),
    ),
    fact(
        "mfa.methods",
        Kind::Texts,
        SECTIONS,
        "Methods for MFA that are registered.",
        |context| mfa_methods(context).map(Into::into),
    ),
];

/// Methods that prove no second factor: a QR code with its PIN is a single one
/// (<https://learn.microsoft.com/graph/api/resources/qrcodepinauthenticationmethod>).
const NO_SECOND_FACTOR: [&str; 3] = ["password", "email", "qrCodePin"];

pub(crate) fn mfa_methods(context: &Context<'_>) -> Reading<Vec<String>> {
    let by_methods = read(&context.evidence().authentication_methods).map(|list| {
        // An expired pass, or one for later, is none (<https://learn.microsoft.com/graph/api/resources/temporaryaccesspassauthenticationmethod>).
        let usable = list
            .value
            .iter()
            .filter(|method| method.is_usable.known() != Some(&false));
        let kinds = usable.map(|method| {
            let kind = method.odata_type.text().unwrap_or("unknown method");
            let kind = kind
                .trim_start_matches('#')
                .trim_start_matches("microsoft.graph.");
            kind.trim_end_matches("AuthenticationMethod").to_owned()
        });
        kinds
            .filter(|kind| !NO_SECOND_FACTOR.contains(&kind.as_str()))
            .collect()
    });
    by_methods.or_else(|unknown| {
        let methods = registration_details(context).and_then(|details| details.methods_registered.value());
        methods.cloned().ok_or(unknown)
    })
}

pub(crate) fn mfa_is_registered(context: &Context<'_>) -> Reading<bool> {
    let by_methods = read(&context.evidence().authentication_methods)
        .and_then(|_| mfa_methods(context).map(|methods| !methods.is_empty()));
    by_methods.or_else(|unknown| {
        let registered =
            registration_details(context).and_then(|details| details.is_mfa_registered.value().copied());
        registered.ok_or(unknown)
    })
}

fn registration_details<'a>(context: &Context<'a>) -> Option<&'a RegistrationDetails> {
    context.evidence().registration_details.ok()?.0.as_ref()
}
