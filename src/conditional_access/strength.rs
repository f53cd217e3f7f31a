//! Authentication strengths: what each demands, and which methods satisfy it.

use std::collections::BTreeMap;

use serde_json::Value;

/// An authentication strength that a policy demands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Strength {
    /// Its id.
    pub id: String,
    /// Its name; untrusted text.
    pub name: String,
    /// Whether it needs MFA; `None` = not known.
    pub requires_mfa: Option<bool>,
    /// The combinations of methods that satisfy it, each as factors with commas between; empty = not known.
    pub combinations: Vec<String>,
}

/// The authentication strengths of the tenant, by id.
#[derive(Debug, Default)]
pub(super) struct Strengths(BTreeMap<String, Strength>);

/// The built-in strength that any MFA satisfies.
const MULTIFACTOR_STRENGTH: &str = "00000000-0000-0000-0000-000000000002";

/// The built-in strengths all need MFA: multifactor, passwordless, phishing-resistant. The first is satisfied by whatever is MFA, the
/// others by these methods.
///
/// Source: <https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths>.
const BUILT_IN_STRENGTHS: [(&str, &[&str]); 3] = [
    (MULTIFACTOR_STRENGTH, &[]),
    (
        "00000000-0000-0000-0000-000000000003",
        &[
            "windowsHelloForBusiness",
            "fido2",
            "x509CertificateMultiFactor",
            "deviceBasedPush",
        ],
    ),
    (
        "00000000-0000-0000-0000-000000000004",
        &["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    ),
];

/// Methods that are multifactor by themselves.
const MULTIFACTOR_METHODS: [&str; 5] = [
    "fido2",
    "windowsHelloForBusiness",
    "deviceBasedPush",
    "x509CertificateMultiFactor",
    "federatedMultiFactor",
];

impl Strengths {
    pub(super) fn parse(body: Option<&Value>) -> Self {
        let list = body.and_then(|body| body.get("value")).and_then(Value::as_array);
        let strengths = list.into_iter().flatten().map(Strength::parse);
        let named = strengths.filter(|strength| !strength.id.is_empty());
        Self(
            named
                .map(|strength| (strength.id.to_ascii_lowercase(), strength))
                .collect(),
        )
    }

    /// The strength that a policy's `authenticationStrength` stands for: what it says itself, then what the tenant's list
    /// says, then what is known of a built-in one.
    pub(super) fn demanded(&self, raw: &Value) -> Strength {
        let own = Strength::parse(raw);
        let listed = self.0.get(&own.id.to_ascii_lowercase()).cloned();
        let built_in = Strength::built_in(&own.id);
        listed.into_iter().chain(built_in).fold(own, Strength::or)
    }
}

impl Strength {
    /// Whether any MFA satisfies it.
    pub fn is_any_mfa(&self) -> bool {
        self.id.eq_ignore_ascii_case(MULTIFACTOR_STRENGTH)
    }

    fn parse(raw: &Value) -> Self {
        let text = |key: &str| {
            raw.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let listed = raw.get("allowedCombinations").and_then(Value::as_array);
        let texts = listed.map(|listed| listed.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        Self {
            id: text("id"),
            name: text("displayName"),
            requires_mfa: requires_mfa(raw),
            combinations: texts.flatten().unwrap_or_default(),
        }
    }

    fn built_in(id: &str) -> Option<Self> {
        let (_, combinations) = BUILT_IN_STRENGTHS
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(id))?;
        Some(Self {
            requires_mfa: Some(true),
            combinations: combinations.iter().map(|&one| one.to_owned()).collect(),
            ..Self::default()
        })
    }

    /// What it demands, completed by what another source says of the same strength.
    fn or(self, other: Self) -> Self {
        Self {
            requires_mfa: self.requires_mfa.or(other.requires_mfa),
            combinations: if self.combinations.is_empty() {
                other.combinations
            } else {
                self.combinations
            },
            ..self
        }
    }
}

fn requires_mfa(strength: &Value) -> Option<bool> {
    match strength.get("requirementsSatisfied").and_then(Value::as_str) {
        Some("mfa") => return Some(true),
        Some("none") => return Some(false),
        _ => {}
    }
    let combinations = strength.get("allowedCombinations")?.as_array()?;
    let multifactor = |combination: &Value| {
        combination
            .as_str()
            .map(|methods| methods.contains(',') || MULTIFACTOR_METHODS.contains(&methods))
    };
    let all: Option<Vec<bool>> = combinations.iter().map(multifactor).collect();
    all.filter(|all| !all.is_empty())
        .map(|all| all.into_iter().all(|multifactor| multifactor))
}
