//! What a policy demands: grant controls and session controls.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::calendar;
use super::list::{has_content, holds_only, list};
use super::strength::{Strength, Strengths};

/// How several grant controls combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operator {
    /// All are needed.
    And,
    /// One is enough.
    Or,
    /// Absent or not known to this version.
    Unknown,
}

/// One grant control.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Control {
    /// No access.
    Block,
    /// Multifactor authentication.
    Mfa,
    /// A device marked as compliant.
    CompliantDevice,
    /// A hybrid joined device.
    DomainJoinedDevice,
    /// An approved client application.
    ApprovedApplication,
    /// An application under an app protection policy.
    CompliantApplication,
    /// A password change.
    PasswordChange,
    /// Remediation of the user's risk.
    RiskRemediation,
    /// An authentication strength.
    AuthenticationStrength(Strength),
    /// Terms of use, by id.
    TermsOfUse(String),
    /// A custom authentication factor (third-party MFA), by name.
    CustomFactor(String),
    /// A control that this version does not know.
    Unknown(String),
}

impl Control {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Block => "block",
            Self::Mfa => "mfa",
            Self::CompliantDevice => "compliantDevice",
            Self::DomainJoinedDevice => "domainJoinedDevice",
            Self::ApprovedApplication => "approvedApplication",
            Self::CompliantApplication => "compliantApplication",
            Self::PasswordChange => "passwordChange",
            Self::RiskRemediation => "riskRemediation",
            Self::AuthenticationStrength(_) => "authenticationStrength",
            Self::TermsOfUse(_) => "termsOfUse",
            Self::CustomFactor(_) => "customAuthenticationFactor",
            Self::Unknown(name) => name,
        }
    }

    /// Whether only a managed device or application can satisfy it.
    pub fn is_device_or_app(&self) -> bool {
        matches!(
            self,
            Self::CompliantDevice
                | Self::DomainJoinedDevice
                | Self::ApprovedApplication
                | Self::CompliantApplication
        )
    }

    /// Whether MFA satisfies it and nothing less; `None` = not known.
    pub fn is_mfa(&self) -> Option<bool> {
        match self {
            Self::Mfa => Some(true),
            Self::AuthenticationStrength(strength) => strength.requires_mfa,
            Self::Unknown(_) => None,
            _ => Some(false),
        }
    }

    fn from_name(name: &str) -> Self {
        [
            Self::Block,
            Self::Mfa,
            Self::CompliantDevice,
            Self::DomainJoinedDevice,
            Self::ApprovedApplication,
            Self::CompliantApplication,
            Self::PasswordChange,
            Self::RiskRemediation,
        ]
        .into_iter()
        .find(|control| control.name() == name)
        .unwrap_or_else(|| Self::Unknown(name.to_owned()))
    }
}

/// The grant controls of a policy; none when it only shapes sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// How they combine.
    pub operator: Operator,
    /// The controls, as the policy lists them.
    pub controls: Vec<Control>,
}

/// The properties that this version understands (Source: Microsoft Graph reference, conditionalAccessPolicy).
const GRANT: &[&str] = &[
    "operator",
    "builtInControls",
    "customAuthenticationFactors",
    "termsOfUse",
    STRENGTH,
];
const STRENGTH: &str = "authenticationStrength";
/// The properties that a posted policy names, and no other.
const POSTED_GRANT: &[&str] = &["operator", "builtInControls"];

impl Grant {
    /// Stands for grant controls that could not be read.
    pub(super) fn unreadable() -> Self {
        Self {
            operator: Operator::Unknown,
            controls: vec![Control::Unknown("grantControls".to_owned())],
        }
    }

    /// What is enforced of it on a day: a control whose enforcement has ended counts as not selected. The names of
    /// those come beside it.
    pub(super) fn on(&self, day: Date) -> (Self, Vec<String>) {
        let (enforced, ended): (Vec<_>, Vec<_>) = self
            .controls
            .iter()
            .cloned()
            .partition(|control| calendar::is_enforced(control.name(), day));
        let grant = Self {
            operator: self.operator,
            controls: enforced,
        };
        let names = ended.iter().map(|control| control.name().to_owned());
        (grant, names.collect())
    }

    /// Reads the controls. `is_posted`: the policy has the form in which one is posted, where what it does not name is
    /// not set; Graph's own answers name all.
    pub(super) fn parse(raw: Option<&Value>, strengths: &Strengths, is_posted: bool) -> Self {
        let raw = match raw {
            None | Some(Value::Null) => {
                return Self {
                    operator: Operator::Or,
                    controls: Vec::new(),
                };
            }
            Some(Value::Object(raw)) => raw,
            Some(_) => return Self::unreadable(),
        };
        let is_posted = is_posted && holds_only(raw, GRANT, POSTED_GRANT);
        let is_unread = |key: &str| !is_posted && !raw.contains_key(key);
        let operator = match raw.get("operator").and_then(Value::as_str) {
            Some("AND") => Operator::And,
            Some("OR") => Operator::Or,
            _ => Operator::Unknown,
        };
        let words = |key: &'static str| {
            let words = list(key, raw.get(key));
            // Graph always writes the list, empty where nothing is demanded.
            let unread = words.malformed || is_unread(key);
            let malformed = unread.then(|| Control::Unknown(key.to_owned()));
            (words.items, malformed)
        };
        let (built_in, broken_built_in) = words("builtInControls");
        let (terms, broken_terms) = words("termsOfUse");
        let (factors, broken_factors) = words("customAuthenticationFactors");
        let mut controls: Vec<Control> = built_in.iter().map(|name| Control::from_name(name)).collect();
        let strength = raw.get(STRENGTH).filter(|strength| !strength.is_null());
        controls.extend(strength.map(|raw| Control::AuthenticationStrength(strengths.demanded(raw))));
        controls.extend(is_unread(STRENGTH).then(|| Control::Unknown(STRENGTH.to_owned())));
        let strange = raw.iter().filter(|(key, value)| {
            !GRANT.contains(&key.as_str()) && !key.contains('@') && has_content(value)
        });
        controls.extend(strange.map(|(key, _)| Control::Unknown(key.clone())));
        controls.extend(terms.into_iter().map(Control::TermsOfUse));
        controls.extend(factors.into_iter().map(Control::CustomFactor));
        controls.extend(
            [broken_built_in, broken_terms, broken_factors]
                .into_iter()
                .flatten(),
        );
        Self { operator, controls }
    }
}

/// One session control.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SessionControl {
    /// The name on the wire: `signInFrequency`, `persistentBrowser`, `cloudAppSecurity`, …
    pub name: String,
    /// Whether it is on; `None` = not said.
    pub enabled: Option<bool>,
    /// Its setting, as `1 hours`, `everyTime`, `never`; untrusted text.
    pub setting: Option<String>,
}

impl SessionControl {
    /// Name of the control that ages a session.
    pub const SIGN_IN_FREQUENCY: &'static str = "signInFrequency";
    /// Name of the control that wants a token bound to a device.
    pub const TOKEN_PROTECTION: &'static str = "secureSignInSession";

    /// Stands for session controls that could not be read.
    pub(super) fn unreadable() -> Self {
        Self {
            name: "sessionControls".to_owned(),
            enabled: None,
            setting: None,
        }
    }

    /// Reads the controls. `is_posted`: what the policy does not name is not set; Graph names every control, unset as null.
    pub(super) fn parse(raw: Option<&Value>, is_posted: bool) -> Vec<Self> {
        let controls = match raw {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Object(controls)) => controls,
            Some(_) => return vec![Self::unreadable()],
        };
        let is_set = |name: &str, value: &Value| {
            !name.contains('@') && !value.is_null() && *value != Value::Bool(false)
        };
        let is_unread = !is_posted && !controls.contains_key(Self::SIGN_IN_FREQUENCY);
        let unread = is_unread.then(Self::unreadable);
        let set = controls
            .iter()
            .filter(|(name, value)| is_set(name, value))
            .map(|(name, value)| Self {
                name: name.clone(),
                enabled: value
                    .as_bool()
                    .or_else(|| value.get("isEnabled").and_then(Value::as_bool)),
                setting: setting(value),
            })
            .filter(|control| control.enabled != Some(false));
        set.chain(unread).collect()
    }

    /// Whether it ages the session; `None` = cannot be told.
    pub(super) fn ages_session(&self) -> Option<bool> {
        if *self == Self::unreadable() {
            None
        } else if self.name == Self::SIGN_IN_FREQUENCY {
            self.enabled
        } else {
            Some(false)
        }
    }
}

fn setting(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if text("frequencyInterval").as_deref() == Some("everyTime") {
        return text("frequencyInterval");
    }
    let amount = value.get("value").and_then(Value::as_i64);
    match (amount, text("type")) {
        (Some(amount), Some(unit)) => Some(format!("{amount} {unit}")),
        _ => text("mode").or_else(|| text("cloudAppSecurityType")),
    }
}
