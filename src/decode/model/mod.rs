//! The answer of the decoder, as it is serialised: `work365-doctor/decode/v1`.

mod grant;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::remedy::Remedy;

pub use grant::{Check, Depth, Grant, GrantAction, GrantOption, Principal, PrincipalKind};

/// The schema id that every answer carries.
pub const SCHEMA: &str = "work365-doctor/decode/v1";

/// Everything that one text (or log, or HAR capture) says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decoded {
    /// Always [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The code that best explains the failure; none when nothing was recognised.
    pub primary: Option<String>,
    /// The category of the whole text, which can differ from the primary code's usual one.
    pub category: Option<String>,
    /// True when the text holds a sign-in, permission or connection error.
    pub recognised: bool,
    /// What the text proves about the password.
    pub password: PasswordVerdict,
    /// What came last, where several records say when they happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Newest>,
    /// What came last for each account and application, where a file holds several: refusals first, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latest: Vec<Latest>,
    /// What helps more than this text, in which nothing known was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecognised: Option<Unrecognised>,
    /// Numbers that are valid codes by accident, in a text of another product.
    pub foreign: Vec<String>,
    /// The codes found: the primary one first, then in the order of the text.
    pub errors: Vec<DecodedError>,
    /// Codes that were found and are not listed, since there are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// What follows from the text without standing in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferences: Vec<Inference>,
    /// The failing authentication requests of a HAR capture, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<FailedRequest>,
    /// Who met the errors of a log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<Group>,
    /// Which sign-in attempts of a log failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlations: Vec<Group>,
}

/// The last event of a file with several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Newest {
    /// How it ended.
    pub outcome: Ending,
    /// When, as written; a date of a culture as year, month, day.
    pub at: Option<String>,
    /// Its code, when it was refused.
    pub code: Option<String>,
}

/// What came last for one account with one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Latest {
    /// The account, in small letters.
    pub user: Option<String>,
    /// The application.
    pub app_id: Option<String>,
    /// How it ended.
    pub outcome: Ending,
    /// When, as written.
    pub at: Option<String>,
    /// Its code, when it was refused.
    pub code: Option<String>,
}

/// The way on from a text in which nothing known was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unrecognised {
    /// What was found, which is nothing known, and what that does not mean.
    pub says: String,
    /// What to copy instead of this text.
    pub copy_instead: Vec<String>,
    /// What the words of the text sound like: `ask --symptom` goes on from there.
    pub symptom: Option<ToldSymptom>,
}

/// A symptom that a person tells in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToldSymptom {
    /// Its name for `ask --symptom`.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// What usually stands behind it.
    pub means: String,
}

/// How an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// It was refused.
    Refused,
    /// It worked.
    Succeeded,
}

/// How much was found beyond what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// How many different codes.
    pub codes: u64,
    /// How many times they were met.
    pub count: u64,
}

/// What an error proves about the password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PasswordVerdict {
    /// The first factor passed: the failure came after it.
    Accepted,
    /// The password is wrong.
    Rejected,
    /// The password was right but is too old or must be replaced.
    Expired,
    /// Too many attempts: the password was not even looked at.
    Locked,
    /// The text proves nothing about it.
    #[default]
    Unknown,
}

impl PasswordVerdict {
    /// The word that tables and JSON use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Locked => "locked",
            Self::Unknown => "unknown",
        }
    }
}

/// One code with its explanation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecodedError {
    /// The code in its one spelling: `AADSTS50076`, `0x80040220`, `OAuth:invalid_grant`, `MSG:account_disabled`.
    pub code: String,
    /// The family that the code belongs to.
    pub family: Family,
    /// The symbolic name, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The code's usual category.
    pub category: String,
    /// How many times it was met.
    pub count: u64,
    /// The line where it was first met, counted from 1.
    pub first_line: u64,
    /// The earliest time beside it, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// The latest time beside it, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// False for a code that no table knows: it is reported, and nothing is guessed about it.
    pub documented: bool,
    /// What the code says, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Likely causes, the most likely first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// True when the same request may succeed later without any change.
    pub retryable: bool,
    /// Who fixes it and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Rules of `check` that look at the same fault.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Identifiers beside the code, by name.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// The well-known applications among the identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<Application>,
    /// Conditional Access policies that the error's claims challenge names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditional_access_policies: Vec<String>,
    /// Who lacks which right on what, for a refused privilege of Dataverse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
}

/// An application of Microsoft's or of Work 365 that many tenants see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// Its application id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What its being there tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A family of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Entra ID: `AADSTS…`, `AADB2C…`.
    Aadsts,
    /// Dataverse: `0x8…`.
    Dataverse,
    /// OAuth errors and suberrors.
    Oauth,
    /// Microsoft Graph and the Azure services of the same shape.
    Graph,
    /// Codes of the sign-in libraries MSAL and ADAL.
    Msal,
    /// WS-Trust faults and Windows Identity Foundation messages.
    Wstrust,
    /// A failure told in words without a code.
    Message,
    /// An HTTP status stated as the failure's status.
    Http,
    /// DNS, TLS, proxy, timeout, reset.
    Network,
}

impl Family {
    /// The family that a code's spelling belongs to.
    pub fn of(code: &str) -> Self {
        match code.split_once(':') {
            Some(("OAuth" | "suberror", _)) => Self::Oauth,
            Some(("Graph", _)) => Self::Graph,
            Some(("MSAL", _)) => Self::Msal,
            Some(("WIF" | "WST", _)) => Self::Wstrust,
            Some(("HTTP", _)) => Self::Http,
            Some(("NET", _)) => Self::Network,
            Some(_) => Self::Message,
            None if code.starts_with("0x") => Self::Dataverse,
            None => Self::Aadsts,
        }
    }

    /// The word that tables and JSON use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aadsts => "aadsts",
            Self::Dataverse => "dataverse",
            Self::Oauth => "oauth",
            Self::Graph => "graph",
            Self::Msal => "msal",
            Self::Wstrust => "wstrust",
            Self::Message => "message",
            Self::Http => "http",
            Self::Network => "network",
        }
    }
}

/// A conclusion from the text: true as far as the named code is, and marked because the text does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inference {
    /// What it is about: `password`, `token`, `lockout`, `policy`, `privilege`, `transient`.
    pub about: String,
    /// The conclusion, in plain words.
    pub says: String,
    /// The code it rests on.
    pub because: String,
}

/// One failing request of a HAR capture. Query, headers, cookies and bodies never appear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedRequest {
    /// Its place in the capture, counted from 1.
    pub index: u64,
    /// When it was started, as written in the capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// Scheme, host and path.
    pub url: String,
    /// The HTTP status; 0 when no answer came.
    pub status: u16,
    /// The codes in the answer or in the address it redirects to.
    pub codes: Vec<String>,
}

/// The errors of one principal or of one correlation id in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The user name, object id or correlation id.
    pub id: String,
    /// How many errors carry it.
    pub count: u64,
    /// Which codes, in the order met.
    pub codes: Vec<String>,
}

impl Decoded {
    /// The answer for a text in which nothing was recognised.
    pub fn nothing() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            primary: None,
            category: None,
            recognised: false,
            password: PasswordVerdict::Unknown,
            newest: None,
            left_out: None,
            latest: Vec::new(),
            unrecognised: None,
            foreign: Vec::new(),
            errors: Vec::new(),
            inferences: Vec::new(),
            requests: Vec::new(),
            principals: Vec::new(),
            correlations: Vec::new(),
        }
    }

    /// The primary error with its explanation.
    pub fn primary_error(&self) -> Option<&DecodedError> {
        let primary = self.primary.as_deref()?;
        self.errors.iter().find(|error| error.code == primary)
    }
}

impl DecodedError {
    /// The id of the principal whom the text names: of Dynamics 365, else of the directory.
    pub fn named_principal(&self) -> Option<&String> {
        self.ids.get("principal_id").or_else(|| self.ids.get("user_id"))
    }

    /// Puts what the text tells in the place of what the code usually means for Work 365.
    pub(crate) fn say_instead(&mut self, says: &str) {
        if let Some(meaning) = &mut self.meaning {
            let general = meaning.find("For Work 365:").unwrap_or(meaning.len());
            meaning.truncate(general);
            *meaning = format!("{} {says}", meaning.trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Decoded, Family};

    #[test]
    fn families_follow_from_the_spelling() {
        for (code, family) in [
            ("AADSTS50076", Family::Aadsts),
            ("AADB2C90080", Family::Aadsts),
            ("0x80040220", Family::Dataverse),
            ("suberror:bad_token", Family::Oauth),
            ("WIF:ID3242", Family::Wstrust),
            ("NET:dns", Family::Network),
            ("MSG:missing_access_right", Family::Message),
        ] {
            assert_eq!(Family::of(code), family, "{code}");
        }
    }

    #[test]
    fn an_empty_answer_still_has_every_key_of_the_contract() -> Result<(), serde_json::Error> {
        let value = serde_json::to_value(Decoded::nothing())?;
        for key in [
            "schema",
            "primary",
            "category",
            "recognised",
            "password",
            "foreign",
            "errors",
        ] {
            assert!(value.get(key).is_some(), "{key}");
        }
        Ok(())
    }
}
