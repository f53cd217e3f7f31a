//! What the script says about a case, as JSON: the names are those of the command line's flags, with `_` for `-`.

use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::error::PageError;
use crate::ask::{AnswersFile, Questions, Rung};
use crate::conditional_access::{ClientApp, DraftPolicy};
use crate::decode::{Decoded, decode_text};
use crate::documents::what_if::AskedSignIn;
use crate::facts::{self, Expectations};
use crate::profile::Choice;
use crate::rules::Severity;
use crate::well_known::DATAVERSE_APPLICATION;

/// How a case is judged. What is empty is not said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CaseSettings {
    profile: String,
    time_zone: String,
    configured_identity: String,
    ip: Vec<String>,
    country: String,
    now: String,
    error: String,
}

/// What `check` is told beside the snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CheckSettings {
    #[serde(flatten)]
    pub(super) case: CaseSettings,
    fail_on: String,
    /// Ids of rules, or `all`.
    pub(super) assume_fixed: Vec<String>,
    answers: Value,
}

/// What one step of `ask` follows from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskSettings {
    #[serde(flatten)]
    pub(super) case: CaseSettings,
    pub(super) symptom: Option<String>,
    pub(super) rights: Rung,
    answers: Value,
}

/// The sign-in of `what-if`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WhatIfSettings {
    app: String,
    client_app: String,
    ip: String,
    country: String,
    platform: String,
    sign_in_risk: String,
    user_risk: String,
    device_code: bool,
    profile: String,
    now: String,
    drafts: Vec<DraftFile>,
}

/// A file with policies that are not in force.
#[derive(Debug, Deserialize)]
struct DraftFile {
    /// Its name, by which a policy without one goes.
    name: String,
    text: String,
}

/// A time in RFC 3339.
pub(super) fn time(text: &str) -> Result<Timestamp, PageError> {
    text.parse().map_err(|error: jiff::Error| PageError::Setting {
        name: "now",
        reason: error.to_string(),
    })
}

impl CaseSettings {
    pub(super) fn now(&self) -> Result<Option<Timestamp>, PageError> {
        said(&self.now).map(time).transpose()
    }

    pub(super) fn profile(&self) -> Result<Choice, PageError> {
        profile(&self.profile)
    }

    pub(super) fn expectations(&self) -> Result<Expectations, PageError> {
        let time_zone = said(&self.time_zone).map(facts::expected_time_zone).transpose();
        Ok(Expectations {
            time_zone: time_zone.map_err(|error| PageError::Setting {
                name: "time-zone",
                reason: error.to_string(),
            })?,
            configured_identity: said(&self.configured_identity).map(str::to_owned),
            addresses: self
                .ip
                .iter()
                .map(|address| named("ip", address))
                .collect::<Result<Vec<IpAddr>, _>>()?,
            country: country(&self.country)?,
            ..Expectations::default()
        })
    }

    pub(super) fn seen_error(&self) -> Option<Decoded> {
        said(&self.error).map(|text| decode_text(text.as_bytes()))
    }
}

impl CheckSettings {
    pub(super) fn read(json: &str) -> Result<Self, PageError> {
        Ok(serde_json::from_str(json)?)
    }

    pub(super) fn answers(&self) -> Result<Option<AnswersFile>, PageError> {
        answers(&self.answers)
    }

    pub(super) fn fail_on(&self) -> Result<Severity, PageError> {
        let Some(text) = said(&self.fail_on) else {
            return Ok(Severity::Medium);
        };
        [Severity::Blocker, Severity::High, Severity::Medium, Severity::Low]
            .into_iter()
            .find(|severity| severity.name() == text)
            .ok_or_else(|| unknown("fail-on", text))
    }
}

impl AskSettings {
    pub(super) fn read(json: &str) -> Result<Self, PageError> {
        Ok(serde_json::from_str(json)?)
    }

    pub(super) fn answers(&self) -> Result<Option<AnswersFile>, PageError> {
        answers(&self.answers)
    }
}

impl WhatIfSettings {
    pub(super) fn read(json: &str) -> Result<Self, PageError> {
        Ok(serde_json::from_str(json)?)
    }

    pub(super) fn asked(&self) -> Result<AskedSignIn, PageError> {
        Ok(AskedSignIn {
            app: said(&self.app).unwrap_or(DATAVERSE_APPLICATION).to_owned(),
            client_app: match said(&self.client_app) {
                Some(text) => named("client-app", text)?,
                None => named::<ClientApp>("client-app", "mobileAppsAndDesktopClients")?,
            },
            ip: said(&self.ip).map(|text| named("ip", text)).transpose()?,
            country: country(&self.country)?,
            platform: said(&self.platform)
                .map(|text| named("platform", text))
                .transpose()?,
            sign_in_risk: said(&self.sign_in_risk)
                .map(|text| named("sign-in-risk", text))
                .transpose()?,
            user_risk: said(&self.user_risk)
                .map(|text| named("user-risk", text))
                .transpose()?,
            device_code: self.device_code,
            profile: profile(&self.profile)?,
            now: said(&self.now).map(time).transpose()?,
        })
    }

    /// The policies of the files, in their order.
    pub(super) fn drafts(&self) -> Result<Vec<DraftPolicy>, PageError> {
        let mut drafts = Vec::new();
        for file in &self.drafts {
            let stem = Path::new(&file.name).file_stem().unwrap_or_default();
            let found = DraftPolicy::read(file.text.as_bytes(), &stem.to_string_lossy());
            drafts.extend(found.map_err(|error| PageError::Setting {
                name: "policy",
                reason: format!("{}: {error}", file.name),
            })?);
        }
        Ok(drafts)
    }
}

/// How Work 365 signs in, as it was chosen.
pub(super) fn profile(text: &str) -> Result<Choice, PageError> {
    said(text).map_or(Ok(Choice::Auto), |text| named("profile", text))
}

fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn named<T: FromStr>(name: &'static str, text: &str) -> Result<T, PageError> {
    text.trim().parse().map_err(|_| unknown(name, text))
}

fn unknown(name: &'static str, text: &str) -> PageError {
    PageError::Setting {
        name,
        reason: format!("`{text}` is none of the values that it can have"),
    }
}

fn country(text: &str) -> Result<Option<String>, PageError> {
    match said(text) {
        None => Ok(None),
        Some(text) if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Ok(Some(text.to_ascii_uppercase()))
        }
        Some(_) => Err(PageError::Setting {
            name: "country",
            reason: "a country is two letters, as DE".to_owned(),
        }),
    }
}

fn answers(value: &Value) -> Result<Option<AnswersFile>, PageError> {
    if value.is_null() {
        return Ok(None);
    }
    AnswersFile::from_bytes(value.to_string().as_bytes(), Questions::builtin())
        .map(Some)
        .map_err(PageError::of)
}
