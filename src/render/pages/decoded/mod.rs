//! What the decoder found, for a person: the primary error in full, the others in a table.

mod batch;
mod error;

use std::fmt::Write as _;

use crate::decode::model::{Ending, Group};
use crate::decode::{Decoded, DecodedError, PasswordVerdict};
use crate::render::page::Page;
use crate::render::{Style, Verbosity};
use crate::text::one_line;

pub use batch::{batch, batch_short};
pub use error::code_page;

/// How many principals and correlation ids of a log are shown.
const MOST_GROUPS: usize = 10;

/// The whole answer.
pub fn decoded(answer: &Decoded, style: Style) -> String {
    let mut page = Page::new(style);
    let Some(primary) = answer.primary_error() else {
        page.nothing(answer);
        return page.into_text();
    };
    page.cause(primary, answer);
    if style.verbosity == Verbosity::Quiet {
        return page.into_text();
    }
    page.advice(primary);
    if let Some(grant) = &primary.grant {
        page.grant(grant);
    }
    page.ids(primary);
    page.others(answer);
    page.requests(answer);
    page.latest(answer);
    page.groups("Accounts", &answer.principals);
    page.groups("Attempts (correlation id)", &answer.correlations);
    page.foreign(answer);
    page.into_text()
}

/// The answer in a few lines: one a code.
pub fn decoded_short(answer: &Decoded) -> String {
    let mut text = String::new();
    for error in &answer.errors {
        let mark = if answer.primary.as_deref() == Some(error.code.as_str()) {
            " (primary)"
        } else {
            ""
        };
        let name = error
            .name
            .as_deref()
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}{name}: {}, {} time(s){mark}",
            error.code, error.category, error.count
        );
    }
    if answer.errors.is_empty() {
        text.push_str("nothing recognised\n");
    }
    text
}

impl Page {
    fn nothing(&mut self, answer: &Decoded) {
        match &answer.newest {
            Some(newest) if newest.outcome == Ending::Succeeded => {
                let at = newest
                    .at
                    .as_deref()
                    .map(|at| format!(", at {}", one_line(at)))
                    .unwrap_or_default();
                self.line(&format!("No failure: the last thing told is a success{at}."));
            }
            _ => {
                let Some(unrecognised) = &answer.unrecognised else {
                    // A document of an older version has no more to say.
                    self.line("Nothing known was found in this text.");
                    return self.foreign(answer);
                };
                self.line(&unrecognised.says);
                self.blank();
                for (position, what) in unrecognised.copy_instead.iter().enumerate() {
                    self.labelled(0, if position == 0 { "Copy instead" } else { "" }, what);
                }
                match &unrecognised.symptom {
                    Some(symptom) => {
                        self.labelled(0, "Sounds like", &format!("{}. {}", symptom.title, symptom.means));
                        self.labelled(
                            0,
                            "Next",
                            &format!("`work365-doctor ask --symptom {}`", symptom.id),
                        );
                    }
                    None => self.labelled(
                        0,
                        "No message",
                        "`work365-doctor check` looks for the cause without one",
                    ),
                }
            }
        }
        if let Some(category) = &answer.category {
            self.labelled(0, "Category", category);
        }
        self.foreign(answer);
    }

    fn cause(&mut self, primary: &DecodedError, answer: &Decoded) {
        self.title(primary);
        self.blank();
        if let Some(category) = &answer.category {
            self.labelled(0, "Category", category);
        }
        self.about_without_category(primary);
        if answer.password != PasswordVerdict::Unknown {
            self.labelled(0, "Password", &format!("{} (inference)", answer.password.word()));
        }
        for inference in &answer.inferences {
            self.labelled(
                0,
                "Follows",
                &format!("{} (inference from {})", inference.says, inference.because),
            );
        }
        if let Some(newest) = &answer.newest {
            let at = newest.at.as_deref().unwrap_or("an unknown time");
            let what = ending(newest.outcome, newest.code.as_deref());
            self.labelled(0, "Newest", &format!("{what}, at {at}"));
        }
        if primary.count > 1 || primary.first_seen.is_some() {
            self.labelled(0, "Seen", &seen(primary));
        }
    }

    fn others(&mut self, answer: &Decoded) {
        if answer.errors.len() < 2 {
            return;
        }
        self.heading("All codes");
        let rows = answer.errors.iter().map(|error| {
            [
                error.code.clone(),
                error.category.clone(),
                error.count.to_string(),
                error.first_line.to_string(),
                error.name.clone().unwrap_or_default(),
            ]
        });
        self.rows(["CODE", "CATEGORY", "COUNT", "LINE", "NAME"], rows);
        if let Some(left) = answer.left_out {
            self.item(&format!(
                "and {} more codes, met {} times",
                left.codes, left.count
            ));
        }
    }

    fn requests(&mut self, answer: &Decoded) {
        if answer.requests.is_empty() {
            return;
        }
        self.heading("Failing requests, in order");
        let rows = answer.requests.iter().map(|request| {
            [
                request.index.to_string(),
                request.status.to_string(),
                format!("{} {}", request.method, request.url),
                request.codes.join(" "),
            ]
        });
        self.rows(["NO", "STATUS", "REQUEST", "CODES"], rows);
    }

    fn latest(&mut self, answer: &Decoded) {
        if answer.latest.is_empty() {
            return;
        }
        self.heading("What came last for each");
        for latest in answer.latest.iter().take(MOST_GROUPS) {
            let whose = match (&latest.user, &latest.app_id) {
                (Some(user), Some(app)) => format!("{user} with {app}"),
                (user, app) => user.as_ref().or(app.as_ref()).cloned().unwrap_or_default(),
            };
            let ending = ending(latest.outcome, latest.code.as_deref());
            let at = latest.at.as_deref().unwrap_or("an unknown time");
            self.item(&one_line(&format!("{whose}: {ending}, at {at}")));
        }
        if answer.latest.len() > MOST_GROUPS {
            self.item(&format!("and {} more", answer.latest.len() - MOST_GROUPS));
        }
    }

    fn groups(&mut self, title: &str, groups: &[Group]) {
        if groups.is_empty() {
            return;
        }
        self.heading(title);
        for group in groups.iter().take(MOST_GROUPS) {
            self.item(&format!(
                "{}: {} ({})",
                group.id,
                group.count,
                group.codes.join(", ")
            ));
        }
        if groups.len() > MOST_GROUPS {
            self.item(&format!("and {} more", groups.len() - MOST_GROUPS));
        }
    }

    fn foreign(&mut self, answer: &Decoded) {
        if !answer.foreign.is_empty() {
            self.blank();
            let numbers = answer.foreign.join(", ");
            self.labelled(
                0,
                "Ignored",
                &format!("{numbers}: nothing beside it says that it is an error code. If it was shown as one, give it alone."),
            );
        }
    }
}

/// How an event ended, in words.
fn ending(outcome: Ending, code: Option<&str>) -> String {
    match (outcome, code) {
        (Ending::Succeeded, _) => "it worked".to_owned(),
        (Ending::Refused, Some(code)) => format!("refused with {code}"),
        (Ending::Refused, None) => "refused".to_owned(),
    }
}

fn seen(error: &DecodedError) -> String {
    let mut text = format!("{} time(s)", error.count);
    match (&error.first_seen, &error.last_seen) {
        (Some(first), Some(last)) if first != last => {
            // Writing to a String cannot fail.
            let _ = write!(text, ", first {first}, last {last}");
        }
        (Some(first), _) => {
            let _ = write!(text, ", at {first}");
        }
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{decoded, decoded_short};
    use crate::decode::decode_text;
    use crate::render::{Style, Verbosity};

    const STYLE: Style = Style {
        color: false,
        width: 80,
        verbosity: Verbosity::Normal,
        audience: None,
    };

    #[test]
    fn a_page_fits_eighty_columns_and_shows_hostile_text_as_text() {
        let text = "AADSTS50076: x for user 'svc@contoso.com'\nCorrelation ID: 3d483b09-1198-4acb-929f-c648674e32bd \u{1b}]0;x\u{7} 0x80040220 is missing prvReadAccount privilege";
        let page = decoded(&decode_text(text.as_bytes()), STYLE);
        // Addresses and commands stay whole: what is pasted must be what was meant.
        let wrapped = |line: &&str| !line.contains("https://") && !line.starts_with("      ");
        assert!(
            page.lines()
                .filter(wrapped)
                .all(|line| line.chars().count() <= 80),
            "{page}"
        );
        assert!(!page.contains('\u{1b}'));
        assert!(page.starts_with("AADSTS50076") && page.contains("accepted (inference)"));
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert!(decoded(&decode_text(b"hello"), STYLE).starts_with("Nothing known was found"));
        assert_eq!(decoded_short(&decode_text(b"hello")), "nothing recognised\n");
    }
}
