//! Errors of an application that is none of Work 365's: `tables/another.yml`.
//!
//! An id alone tells nothing, for it may be a registration that Work 365 was set up with here; a well-known id or a name does.

use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::Deserialize;

use super::applications;
use super::catalogue::owner_name;
use super::embedded::table;
use crate::decode::model::{DecodedError, Family};
use crate::decode::text::pattern;
use crate::portal;
use crate::well_known::{DATAVERSE_APPLICATION, WORK_365_APPLICATIONS};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    says: String,
    avoid: String,
    verify: String,
    advice: Vec<Advice>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    codes: Vec<String>,
    owner: String,
    steps: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    crate::embedded::value_of_yaml(&portal::expand(table("another.yml"))).unwrap_or_default()
});

/// The places of a name in the sentences of Entra: beside the quoted id, and where there is no id.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let id = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\W{1,3}";
    pattern::regex(&format!(
        r"(?i){id}(?:named\W{{1,4}}([^'\x22\n]{{1,60}})['\x22]|\(([^()\n]{{1,60}})\))|application ([^'\x22\n]{{1,60}}?) \(\W{{1,3}}{id}|granting ([^\n]{{1,60}}?) the permissions|resource principal named (api://\S{{1,80}}?)[.,]?\s"
    ))
});

/// What stands beside a name, in the words of [`NAME`].
const NAMED_WITH: [&str; 5] = ["granting ", "principal named ", "\" (", "'(", "' ("];

/// Lets an error that names another application speak of that one.
pub(crate) fn apply(error: &mut DecodedError, message: &str) {
    // Neither the file nor the pattern is read for a message that names nothing.
    let may_name_one =
        error.ids.contains_key("app_id") || NAMED_WITH.iter().any(|words| message.contains(words));
    if error.family != Family::Aadsts || !may_name_one {
        return;
    }
    let advice = FILE
        .advice
        .iter()
        .find(|advice| advice.codes.contains(&error.code));
    let Some((advice, application)) = advice.zip(another(error, message)) else {
        return;
    };
    let Some(remedy) = error.remedy.as_mut() else {
        return;
    };
    let fill = |text: &String| text.replace("{application}", &application);
    owner_name(&advice.owner).clone_into(&mut remedy.owner);
    remedy.steps = advice.steps.iter().map(fill).collect();
    remedy.commands.clear();
    remedy.avoid.clone_from(&FILE.avoid);
    remedy.verify.clone_from(&FILE.verify);
    remedy.before = portal::before(remedy.actions());
    error.rules.clear();
    error.say_instead(&fill(&FILE.says));
}

/// The application of a text, where it is certainly another one: its name, or its id and what is known of that.
fn another(error: &DecodedError, message: &str) -> Option<String> {
    let id = error.ids.get("app_id").map(|id| id.to_ascii_lowercase());
    let id = id.as_deref().unwrap_or_default();
    if WORK_365_APPLICATIONS.contains(&id) || id == DATAVERSE_APPLICATION {
        return None;
    }
    let name = named(message).or_else(|| applications::name_of(id).map(str::to_owned))?;
    if is_work_365(&name) {
        return None;
    }
    Some(if id.is_empty() {
        name
    } else {
        format!("{name} ({id})")
    })
}

/// The name that a message gives its application; none where a mask or a placeholder stands in its place.
fn named(message: &str) -> Option<String> {
    let found = NAME.as_ref()?.captures(message.as_bytes())?;
    let name = found.iter().skip(1).flatten().next()?;
    let name = String::from_utf8_lossy(name.as_bytes()).trim().to_owned();
    let is_plain = !name.is_empty() && !name.contains(['{', '}', '<', '>', '*', '[']);
    (is_plain && !name.to_ascii_lowercase().contains("hidden")).then_some(name)
}

fn is_work_365(name: &str) -> bool {
    let letters = name.chars().filter(|letter| letter.is_ascii_alphanumeric());
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    letters.contains("work365")
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entry;
    use super::{FILE, NAME};
    use crate::decode::decode_text;

    #[test]
    fn the_file_is_whole_and_every_code_of_it_is_explained() {
        assert!(NAME.is_some() && FILE.advice.len() >= 5);
        for code in FILE.advice.iter().flat_map(|advice| &advice.codes) {
            assert!(entry(code).is_some(), "{code}");
        }
    }

    /// Steps, meaning and rules of the first error.
    fn told(text: &str) -> (String, String, Vec<String>) {
        let error = decode_text(text.as_bytes()).errors.remove(0);
        let steps = error
            .remedy
            .map(|remedy| remedy.steps.join(" "))
            .unwrap_or_default();
        (steps, error.meaning.unwrap_or_default(), error.rules)
    }

    #[test]
    fn what_another_application_lacks_is_not_repaired_at_work_365() {
        for (text, application) in [
            (
                "AADSTS65001: The user or administrator has not consented to use the application with ID 'd0d0cafe-1a2b-4c3d-8e4f-000000000007' named 'Fabrikam Reports'.",
                "Fabrikam Reports (d0d0cafe-1a2b-4c3d-8e4f-000000000007)",
            ),
            (
                "AADSTS7000112: Application 'd0d0cafe-1a2b-4c3d-8e4f-000000000007'(Fabrikam Reports) is disabled.",
                "Fabrikam Reports (d0d0cafe",
            ),
            (
                "AADSTS7000112: Die Anwendung \"d0d0cafe-1a2b-4c3d-8e4f-000000000007\" (Fabrikam Berichte) ist deaktiviert.",
                "Fabrikam Berichte",
            ),
            (
                "AADSTS50105: Your administrator has configured the application Fabrikam Reports ('d0d0cafe-1a2b-4c3d-8e4f-000000000007') to block users unless they are specifically granted ('assigned') access.",
                "Fabrikam Reports (d0d0cafe",
            ),
            (
                "AADSTS90094: An administrator of Fabrikam has set a policy that prevents you from granting Reports Plus the permissions it is requesting.",
                "Reports Plus",
            ),
            (
                "AADSTS700016: Application with identifier '1950a258-227b-4e31-a9cf-717495945fc2' was not found in the directory 'Fabrikam'.",
                "Azure PowerShell (1950a258",
            ),
            (
                "AADSTS90099: The application '04b07795-8ddb-461a-bbee-02f9e1bf7b46' (Azure CLI) has not been authorized in the tenant.",
                "Azure CLI (04b07795",
            ),
            (
                "AADSTS500011: The resource principal named api://fabrikam-reports was not found in the tenant named Fabrikam.",
                "api://fabrikam-reports",
            ),
        ] {
            let (steps, meaning, rules) = told(text);
            assert!(steps.contains(application), "{text}\n{steps}");
            assert!(meaning.contains("not about Work 365"), "{text}\n{meaning}");
            assert!(
                !steps.contains("Service Configuration") && !steps.contains("> Work 365"),
                "{steps}"
            );
            assert_eq!(rules, Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn work_365_itself_and_what_the_text_does_not_name_stay_as_they_are() {
        for text in [
            "AADSTS65001: The user or administrator has not consented to use the application with ID '5e56ae97-9be1-40d3-938b-99ea52175a30' named 'W365 EU'.",
            "AADSTS7000112: Application 'd0d0cafe-1a2b-4c3d-8e4f-000000000007'(Work 365) is disabled.",
            "AADSTS700016: Application with identifier 'd0d0cafe-1a2b-4c3d-8e4f-000000000007' was not found in the directory 'Fabrikam'.",
            "AADSTS65001: The user or administrator has not consented to use the application with ID '{identifier}' named '{name}'.",
            "AADSTS50105",
            "AADSTS500011: The resource principal named https://fabrikam.crm4.dynamics.com was not found in the tenant named Fabrikam.",
        ] {
            let (_, meaning, rules) = told(text);
            assert!(meaning.contains("For Work 365:") && !rules.is_empty(), "{text}");
        }
    }
}
