//! Hand-off: for each person who must act, one message that is ready to be sent.

use super::shown::{by_owner, numbered_lines};
use crate::diagnosis::Words;
use crate::diagnosis::report::{Finding, Report};
use crate::render::Audience;
use crate::text::one_line;

/// One message.
pub(crate) struct Message {
    /// Who gets it.
    pub(crate) owner: String,
    /// Plain text: what, why, click path, proof.
    pub(crate) text: String,
}

/// The messages for the root causes, in the order in which they are needed.
pub(crate) fn messages(report: &Report, words: &Words, audience: Option<Audience>) -> Vec<Message> {
    let opening = words.hand_off_opening(
        &report.subject.account,
        report.subject.environment.as_deref(),
        &report.captured_at,
    );
    by_owner(report)
        .into_iter()
        .map(|(owner, findings)| {
            let mut lines = vec![format!("To: {owner}"), String::new(), one_line(&opening)];
            for (position, finding) in findings.iter().enumerate() {
                lines.push(String::new());
                let number = (findings.len() > 1).then_some(position + 1);
                concern(&mut lines, number, finding, audience);
            }
            lines.push(String::new());
            lines.push(words.hand_off_closing().to_owned());
            Message {
                owner: owner.to_owned(),
                text: lines.join("\n"),
            }
        })
        .collect()
}

/// A name that holds a line feed must not write a line of the message.
fn concern(lines: &mut Vec<String>, number: Option<usize>, finding: &Finding, audience: Option<Audience>) {
    let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
    lines.push(format!("{number}What: {}", one_line(&finding.title)));
    lines.push(format!("Why: {}", one_line(&finding.why)));
    if let Some(remedy) = &finding.remedy {
        lines.extend(
            remedy
                .before
                .iter()
                .map(|need| format!("First: {}", one_line(need))),
        );
        lines.push("Do:".to_owned());
        let steps = numbered_lines(&remedy.steps, ')');
        lines.extend(steps.iter().map(|step| format!("  {}", one_line(step))));
        // A customer passes the message on; commands are for those who asked for them.
        if audience != Some(Audience::Customer) {
            for command in &remedy.commands {
                lines.push(String::new());
                lines.extend(command.text.trim_end().lines().map(|line| format!("    {line}")));
                lines.push(String::new());
            }
        }
        for (label, text) in [("Avoid", &remedy.avoid), ("Proof", &remedy.verify)] {
            if !text.is_empty() {
                lines.push(format!("{label}: {}", one_line(text)));
            }
        }
    }
}
