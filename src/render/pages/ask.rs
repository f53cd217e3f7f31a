//! One step of `ask`: the document, and the same for a person.

use colored::Color;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{ANSWERS_SCHEMA as ANSWERS, Answer, AskQuestion, Free, Question, Rung, Standing};
use crate::diagnosis::report::Diagnosis;
use crate::profile::Profile;
use crate::render::Style;
use crate::render::page::Page;
use crate::text::one_line;

/// The schema name of the JSON answer.
pub(crate) const SCHEMA: &str = "work365-doctor/ask/v1";

/// The schema name of the list of symptoms and questions.
pub(crate) const LIST_SCHEMA: &str = "work365-doctor/ask-list/v1";

/// One step of an interview.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AskStep {
    /// Always `work365-doctor/ask/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: &'static str,
    /// Whose guidance decides.
    pub(crate) profile: Profile,
    /// Where the interview stands.
    pub(crate) state: AskState,
    /// The symptom that it began with.
    pub(crate) symptom: Option<String>,
    /// Every cause: the established ones first, then those that are possible by weight, then the excluded ones.
    pub(crate) causes: Vec<AskCause>,
    /// Ids of those that may be behind an established one.
    #[serde(skip)]
    pub(crate) behind: Vec<String>,
    /// The question to answer next; only while asking.
    pub(crate) question: Option<AskQuestion>,
    /// What would come after it.
    pub(crate) then: Vec<AskNext>,
    /// What would tell more and that this person cannot see, best first.
    pub(crate) beyond: Vec<AskNext>,
    /// What was answered so far.
    pub(crate) answers: Vec<Answer>,
    /// How many questions were asked.
    pub(crate) asked: usize,
    /// The diagnosis of what is known, as in a report; not while asking.
    pub(crate) diagnosis: Option<Diagnosis>,
    /// A message, ready to send, to the person who has to act or to look; not while asking.
    pub(crate) message: Option<String>,
}

/// Where an interview stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AskState {
    /// There is a question to answer.
    Asking,
    /// One cause is established, or every cause is excluded.
    Settled,
    /// This person can see nothing more that would tell.
    Exhausted,
}

/// One cause.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AskCause {
    /// The rule's id.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) standing: Standing,
    /// What is so where it is not the cause.
    pub(crate) expectation: String,
    /// Its share of the weights of the causes that are left; 0 when it is excluded. It orders, it is no probability.
    pub(crate) weight: f64,
    /// What says so.
    pub(crate) because: Vec<String>,
}

/// A question that is not asked yet.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AskNext {
    /// Its id.
    pub(crate) id: &'static str,
    /// The lowest rung that sees its answer.
    pub(crate) who: Rung,
    /// What the look costs, in minutes.
    pub(crate) minutes: u32,
}

/// Every symptom and question.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AskList {
    /// Always `work365-doctor/ask-list/v1`.
    #[schemars(extend("const" = LIST_SCHEMA))]
    pub(crate) schema: &'static str,
    /// What can be given to `--symptom`.
    pub(crate) symptoms: Vec<ListedSymptom>,
    /// What can be answered.
    pub(crate) questions: Vec<AskQuestion>,
}

/// A symptom.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedSymptom {
    /// Its id.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// What usually stands behind it.
    pub(crate) means: String,
}

impl AskNext {
    /// A question that may come later.
    pub(crate) fn of(question: &'static Question) -> Self {
        Self {
            id: &question.id,
            who: question.who,
            minutes: question.minutes,
        }
    }
}

/// How many causes a person is shown.
const SHOWN: usize = 8;

/// How many of them between two questions.
const SHOWN_ON_A_SCREEN: usize = 3;

/// The step as text.
pub(crate) fn ask(step: &AskStep, style: Style) -> String {
    let mut page = Page::new(style);
    let (word, color) = match step.state {
        AskState::Asking => ("ONE QUESTION", Color::Cyan),
        AskState::Settled if step.is_fault() => ("SETTLED", Color::Red),
        AskState::Settled => ("NO CAUSE LEFT", Color::Green),
        AskState::Exhausted => ("SOMEBODY ELSE HAS TO LOOK", Color::Yellow),
    };
    let word = page.paint(word, color);
    page.line(&word);
    if let Some(diagnosis) = &step.diagnosis {
        let label = match step.state {
            AskState::Exhausted => "So far",
            AskState::Asking | AskState::Settled => "Finding",
        };
        page.labelled(0, label, &diagnosis.headline);
        page.labelled(0, "Do next", &diagnosis.next_step);
    }
    if let Some(asked) = &step.question {
        question(&mut page, asked);
        answers(&mut page, asked);
    }
    left(&mut page, step, SHOWN);
    if let Some(message) = &step.message {
        page.blank();
        page.line("Message, ready to send");
        for line in message.lines() {
            let line = one_line(line);
            match line.strip_prefix("- ") {
                Some(item) => page.item(item),
                None => page.row("  ", "  ", &line),
            }
        }
    }
    page.into_text()
}

/// The question as a screen of the interview, which offers the answers itself.
pub(crate) fn ask_screen(step: &AskStep, style: Style) -> String {
    let mut page = Page::new(style);
    if let Some(asked) = &step.question {
        question(&mut page, asked);
    }
    left(&mut page, step, SHOWN_ON_A_SCREEN);
    page.blank();
    page.into_text()
}

impl AskStep {
    /// Whether a cause is established.
    pub(crate) fn is_fault(&self) -> bool {
        self.causes
            .iter()
            .any(|cause| cause.standing == Standing::Established)
    }
}

fn question(page: &mut Page, asked: &AskQuestion) {
    page.blank();
    page.labelled(0, "Question", &asked.text);
    for place in &asked.r#where {
        page.labelled(0, "Where", place);
    }
    page.labelled(0, "Who", asked.who.person());
    page.labelled(0, "Takes", &minutes(asked.minutes));
}

/// The answers, and how one is given.
fn answers(page: &mut Page, asked: &AskQuestion) {
    for choice in &asked.answers {
        page.labelled(0, "Answer", &format!("{}   ({})", choice.label, choice.value));
    }
    if let Some(free) = asked.free {
        page.labelled(0, "Or", free_form(free));
    }
    page.blank();
    page.labelled(
        0,
        "To answer",
        &format!(
            "save {{\"schema\":\"{ANSWERS}\",\"answers\":[{{\"question\":\"{}\",\"value\":…}}]}} as a file, or add to one, and give it with --answers",
            asked.id
        ),
    );
}

/// How an answer that is not listed can be given.
pub(crate) fn free_form(free: Free) -> &'static str {
    match free {
        Free::Error => "the error as it was shown",
        Free::Number => "another number",
        Free::Time => "a time, as 2026-01-05T10:11:12Z",
        Free::Texts => "names, separated by commas",
        Free::JobResult => "the job's result as it is shown (paste it)",
    }
}

fn minutes(count: u32) -> String {
    match count {
        1 => "a minute".to_owned(),
        count => format!("{count} minutes"),
    }
}

/// What is established, and the causes that are left, the likeliest first and at most so many: those that may be behind what is
/// established, where something is. The weights are not shown: they order, and a reader would take them for probabilities.
fn left(page: &mut Page, step: &AskStep, most: usize) {
    let said = |cause: &AskCause| format!("{} ({})", cause.expectation, cause.id);
    let (established, others): (Vec<&AskCause>, Vec<&AskCause>) = step
        .causes
        .iter()
        .filter(|cause| cause.standing != Standing::Excluded)
        .partition(|cause| cause.standing == Standing::Established);
    if !established.is_empty() {
        page.blank();
        page.line("Established, this is not so:");
    }
    for cause in &established {
        page.item(&said(cause));
    }
    let left: Vec<&AskCause> = others
        .into_iter()
        .filter(|cause| established.is_empty() || step.behind.contains(&cause.id))
        .collect();
    if left.is_empty() {
        return;
    }
    page.blank();
    let heading = match established.is_empty() {
        true => format!("{} of {} causes are left", left.len(), step.causes.len()),
        false => "What may be behind it".to_owned(),
    };
    page.line(&format!(
        "{heading}, the likeliest first; each line is what should be so:"
    ));
    for cause in left.iter().take(most) {
        page.item(&said(cause));
    }
    if left.len() > most {
        page.item(&format!("and {} more", left.len() - most));
    }
}

/// The step for a ticket.
pub(crate) fn ask_markdown(step: &AskStep, style: Style) -> String {
    let plain = Style {
        color: false,
        ..style
    };
    // A fence longer than any run of backticks inside keeps text of the tenant text.
    let text = ask(step, plain).replace('`', "'");
    format!("```text\n{text}```\n")
}

/// The symptoms and questions as text.
pub(crate) fn ask_list(list: &AskList, style: Style) -> String {
    let mut page = Page::new(style);
    page.line("Symptoms (--symptom ID, or in your own words)");
    for symptom in &list.symptoms {
        page.item(&format!("{}: {}. {}", symptom.id, symptom.title, symptom.means));
    }
    page.blank();
    page.line("Questions");
    for question in &list.questions {
        page.item(&format!(
            "{} ({}, {}): {}",
            question.id,
            question.who.name(),
            minutes(question.minutes),
            question.text
        ));
    }
    page.into_text()
}
