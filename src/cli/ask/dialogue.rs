//! The interview on a terminal: one question a screen, or line by line with `--plain`.

use std::io::BufRead as _;
use std::path::Path;

use inquire::{InquireError, Select, Text};
use serde_json::{Value, json};

use crate::ask::{Answer, NoAnswer, Question, Questions, Symptoms};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::documents::interview::Interview;
use crate::documents::typed_answer::value_of;
use crate::render::pages::ask::{AskState, ask_screen, free_form};

/// What a person does with a question.
enum Reply {
    Value(Value),
    No(NoAnswer),
    Other,
    Back,
    Quit,
}

/// Asks until the case is settled, nothing is left to ask, or the person stops.
///
/// # Errors
///
/// The terminal cannot be read or written, or the answers cannot be kept.
pub(super) fn run(
    session: &mut Interview<'_>,
    is_plain: bool,
    save: Option<&Path>,
    console: &Console,
) -> Result<(), Failure> {
    let terminal = Terminal { is_plain, console };
    if session.symptom.is_none() && session.answers.answers.is_empty() && session.error.is_none() {
        session.symptom = terminal.symptom()?;
    }
    loop {
        let step = session.step();
        let Some(asked) = step.question.as_ref().filter(|_| step.state == AskState::Asking) else {
            return Ok(());
        };
        let Some(question) = Questions::builtin().find(&asked.id) else {
            return Ok(());
        };
        console.aside(&ask_screen(&step, console.style(None)));
        match terminal.reply(question)? {
            Reply::Value(value) => session.answer(answer(question, value, None, session)),
            Reply::No(why) => session.answer(answer(question, Value::Null, Some(why), session)),
            Reply::Back => {
                session.answers.answers.pop();
            }
            Reply::Quit => {
                if save.is_none() {
                    console.note("stopped; with --save FILE the answers are kept, to go on later");
                }
                return Ok(());
            }
            Reply::Other => {}
        }
    }
}

fn answer(question: &Question, value: Value, why: Option<NoAnswer>, session: &Interview<'_>) -> Answer {
    Answer {
        question: question.id.clone(),
        value,
        why,
        at: Some(session.now.to_string()),
    }
}

struct Terminal<'a> {
    is_plain: bool,
    console: &'a Console,
}

const SOMETHING_ELSE: &str = "Something else";
const CANNOT_SEE: &str = "I cannot see this";
const DO_NOT_KNOW: &str = "I do not know";
const BACK: &str = "Go back";
const STOP: &str = "Stop here";

impl Terminal<'_> {
    fn symptom(&self) -> Result<Option<String>, Failure> {
        let symptoms = Symptoms::builtin().all();
        let mut labels: Vec<String> = symptoms.iter().map(|symptom| symptom.title.clone()).collect();
        labels.push(SOMETHING_ELSE.to_owned());
        let chosen = self.choose("What do you see?", &labels)?;
        Ok(chosen
            .and_then(|index| symptoms.get(index))
            .map(|symptom| symptom.id.clone()))
    }

    fn reply(&self, question: &Question) -> Result<Reply, Failure> {
        let mut labels: Vec<String> = question
            .answers
            .iter()
            .map(|choice| choice.label.clone())
            .collect();
        let listed = labels.len();
        if let Some(free) = question.free {
            labels.push(format!("{SOMETHING_ELSE}: {}", free_form(free)));
        }
        let offered = labels.len();
        labels.extend([CANNOT_SEE, DO_NOT_KNOW, BACK, STOP].map(str::to_owned));
        let Some(chosen) = self.choose("Your answer?", &labels)? else {
            return Ok(Reply::Quit);
        };
        if let Some(choice) = question.answers.get(chosen) {
            return Ok(Reply::Value(json!(choice.value)));
        }
        if chosen >= listed && chosen < offered {
            return self.typed(question);
        }
        Ok(match chosen - offered {
            0 => Reply::No(NoAnswer::CannotSee),
            1 => Reply::No(NoAnswer::Unknown),
            2 => Reply::Back,
            _ => Reply::Quit,
        })
    }

    /// An answer that is not listed; asked for again by the same question when it cannot be read.
    fn typed(&self, question: &Question) -> Result<Reply, Failure> {
        let Some(free) = question.free else {
            return Ok(Reply::Other);
        };
        let Some(text) = self.text(free_form(free))? else {
            return Ok(Reply::Other);
        };
        match value_of(question, &text) {
            Some(value) => Ok(Reply::Value(value)),
            None => {
                self.console.note(&format!(
                    "that is no answer to this question, which wants {}",
                    free_form(free)
                ));
                Ok(Reply::Other)
            }
        }
    }

    fn choose(&self, prompt: &str, labels: &[String]) -> Result<Option<usize>, Failure> {
        if !self.is_plain {
            let chosen = Select::new(prompt, labels.to_vec())
                .with_page_size(12)
                .raw_prompt();
            return match chosen {
                Ok(chosen) => Ok(Some(chosen.index)),
                Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => Ok(None),
                Err(error) => Err(Failure::Usage(format!(
                    "the terminal: {error}; --plain asks line by line"
                ))),
            };
        }
        loop {
            let mut page = format!("{prompt}\n");
            for (index, label) in labels.iter().enumerate() {
                page.push_str(&format!("  {}. {}\n", index + 1, crate::text::one_line(label)));
            }
            self.console.aside(&page);
            let Some(line) = self.line("Number: ")? else {
                return Ok(None);
            };
            match line.trim().parse::<usize>() {
                Ok(number) if (1..=labels.len()).contains(&number) => return Ok(Some(number - 1)),
                _ => self
                    .console
                    .note(&format!("type a number from 1 to {}", labels.len())),
            }
        }
    }

    fn text(&self, prompt: &str) -> Result<Option<String>, Failure> {
        if self.is_plain {
            return self.line(&format!("{prompt}: "));
        }
        match Text::new(prompt).prompt() {
            Ok(text) => Ok(Some(text)),
            Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => Ok(None),
            Err(error) => Err(Failure::Usage(format!(
                "the terminal: {error}; --plain asks line by line"
            ))),
        }
    }

    /// One line of the terminal; none at its end.
    fn line(&self, prompt: &str) -> Result<Option<String>, Failure> {
        self.console.aside(prompt);
        let mut line = String::new();
        let read = std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| format!("the terminal: {error}"))?;
        Ok((read > 0).then_some(line))
    }
}
