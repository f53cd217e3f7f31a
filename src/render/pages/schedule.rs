//! Recipes for a check that runs by itself: `plan --schedule`. The texts are files under `rules/schedules/`.

use crate::text::fill;

/// What runs the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheduler {
    /// Windows.
    WindowsTask,
    /// cron, with a word on systemd.
    Cron,
    /// GitHub.
    GithubActions,
    /// Azure.
    AzureAutomation,
}

/// What is checked; a part that is not named stays open in the recipe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    /// The service account.
    pub(crate) account: Option<String>,
    /// The environment.
    pub(crate) environment: Option<String>,
    /// The tenant.
    pub(crate) tenant: Option<String>,
    /// The app registration.
    pub(crate) client_id: Option<String>,
}

/// The recipe, each value as a text of the language that it stands in.
pub(crate) fn schedule(scheduler: Scheduler, checked: &Checked) -> String {
    let (template, quote): (&str, fn(&str) -> String) = match scheduler {
        Scheduler::WindowsTask => (include_str!("../../../rules/schedules/task-scheduler.xml"), xml),
        Scheduler::Cron => (include_str!("../../../rules/schedules/cron.txt"), cron),
        Scheduler::GithubActions => (
            include_str!("../../../rules/schedules/github-actions.yml.txt"),
            yaml,
        ),
        Scheduler::AzureAutomation => (
            include_str!("../../../rules/schedules/azure-automation.ps1.txt"),
            powershell,
        ),
    };
    let value = |value: &Option<String>, open: &str| quote(value.as_deref().unwrap_or(open));
    fill(
        template,
        &[
            (
                "account",
                &value(&checked.account, "service.account@your-domain.com"),
            ),
            (
                "environment",
                &value(&checked.environment, "https://your-org.crm.dynamics.com"),
            ),
            ("tenant", &value(&checked.tenant, "your-domain.com")),
            (
                "client-id",
                &value(&checked.client_id, "00000000-0000-0000-0000-000000000000"),
            ),
        ],
    )
}

/// Inside double quotes of an argument, inside XML.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A word of a shell; a percent sign would end the command of a crontab.
fn cron(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''").replace('%', "\\%"))
}

fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn powershell(text: &str) -> String {
    // PowerShell takes these for its own quotation mark.
    let marks = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    let doubled: String = text
        .chars()
        .flat_map(|character| {
            let times = if marks.contains(&character) { 2 } else { 1 };
            std::iter::repeat_n(character, times)
        })
        .collect();
    format!("'{doubled}'")
}
