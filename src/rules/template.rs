//! Sentences with facts in them: `Access Mode is {user_row.access_mode_name}`.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use crate::facts::{self, FactId, FactValue, Facts};
use crate::portal;
use crate::remedy::Shell;
use crate::text::is_guid;

use crate::rules::file::diagnostic::did_you_mean;
use crate::rules::problem::{Problem, unknown_fact};
use crate::rules::prose::{Place, Prose};

/// A text with `{namespace.name}` placeholders, taken apart once.
#[derive(Clone)]
pub struct Template {
    text: String,
    parts: OnceLock<Vec<Part>>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Fact(FactId),
}

impl Template {
    /// Parses a text; `{{` and `}}` are literal braces, `{portal.name}` is a path of `rules/portals.yaml`.
    ///
    /// # Errors
    ///
    /// Every unknown fact and every brace without a partner.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let parts = parts(text)?;
        Ok(Self {
            text: text.to_owned(),
            parts: OnceLock::from(parts),
        })
    }

    /// A text of the built-in rules, which the tests checked: taken apart when it is first asked for, as few are in a run.
    pub(crate) fn builtin(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parts: OnceLock::new(),
        }
    }

    fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| parts(&self.text).unwrap_or_default())
    }

    /// The facts that it names.
    pub fn facts(&self) -> impl Iterator<Item = FactId> {
        self.parts().iter().filter_map(|part| match part {
            Part::Fact(id) => Some(*id),
            Part::Text(_) => None,
        })
    }

    /// The sentence as advice: a fact that nobody knows is put in other words, and an aside about it is left out.
    pub fn render(&self, facts: &Facts<'_>) -> String {
        self.written(facts, Place::Advice)
    }

    /// The sentences as reasons: one about a fact that nobody knows is put in other words, or left out.
    pub fn render_reasons(&self, facts: &Facts<'_>) -> String {
        let reasons = self.written(facts, Place::Reasons);
        if reasons.is_empty() {
            self.render(facts)
        } else {
            reasons
        }
    }

    /// The sentence as a title: an aside in parentheses that nobody knows anything for is left out, and so is what follows a
    /// colon.
    pub fn render_title(&self, facts: &Facts<'_>) -> String {
        self.written(facts, Place::Title)
    }

    fn written(&self, facts: &Facts<'_>, place: Place) -> String {
        self.said_whole(facts, place)
            .unwrap_or_else(|| self.said_without(facts, place))
    }

    /// The text, when every fact of it is known, as it nearly always is.
    fn said_whole(&self, facts: &Facts<'_>, place: Place) -> Option<String> {
        let mut text = String::with_capacity(self.text.len());
        for part in self.parts() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Fact(id) => text.push_str(&in_words(facts, *id, place)?),
            }
        }
        Some(text)
    }

    fn said_without(&self, facts: &Facts<'_>, place: Place) -> String {
        let mut prose = Prose::new(place);
        for part in self.parts() {
            match part {
                Part::Text(literal) => prose.literal(literal),
                Part::Fact(id) => match in_words(facts, *id, place) {
                    Some(known) => prose.value(&known),
                    None => prose.absent(*id),
                },
            }
        }
        prose.finish()
    }

    /// The command. Only a value of safe characters is put in: a name with a quote or a blank in it would change what
    /// the pasted command does, so its placeholder stays and the command fails instead.
    pub fn render_command(&self, facts: &Facts<'_>, shell: Shell) -> String {
        self.fill_behind(|before, id| {
            let value = facts.get(id).as_ref().ok().and_then(FactValue::in_words)?;
            let value = Some(value).filter(|value| !value.is_empty())?;
            // Without quotes around it a filter compares with an id.
            let is_bare = shell == Shell::Http && before.ends_with("eq ");
            let fits = shell.takes(id.definition().name, &value) && (!is_bare || is_guid(&value));
            fits.then_some(value)
        })
    }

    /// The sentence with every placeholder left open, for pages about a rule without an account.
    pub fn render_open(&self) -> String {
        self.fill(|_| None)
    }

    fn fill(&self, value: impl Fn(FactId) -> Option<String>) -> String {
        self.fill_behind(|_, id| value(id))
    }

    /// Fills with values that may depend on the text before them.
    fn fill_behind(&self, value: impl Fn(&str, FactId) -> Option<String>) -> String {
        let mut text = String::new();
        for part in self.parts() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Fact(id) => match value(&text, *id) {
                    Some(known) => text.push_str(&known),
                    None => text.push_str(&open_placeholder(*id)),
                },
            }
        }
        text
    }
}

impl fmt::Debug for Template {
    /// Its text: whether it was taken apart already says nothing about it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// The parts of a template's text.
///
/// # Errors
///
/// As [`Template::parse`].
fn parts(text: &str) -> Result<Vec<Part>, Vec<Problem>> {
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'{', b'}', &text.as_bytes()[at..]) {
        let brace = at + found;
        literal.push_str(&text[at..brace]);
        let rest = &text[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push_str(&rest[..1]);
            at = brace + 2;
            continue;
        }
        match placeholder(rest) {
            Some(name) => {
                let span = brace..brace + name.len() + 2;
                at = span.end;
                let menu = name.strip_prefix("portal.");
                if let Some(path) = menu.and_then(portal::path) {
                    literal.push_str(path);
                    continue;
                }
                match facts::find(name) {
                    Some(id) => {
                        if !literal.is_empty() {
                            parts.push(Part::Text(std::mem::take(&mut literal)));
                        }
                        parts.push(Part::Fact(id));
                    }
                    None if menu.is_some() => problems.push(unknown_menu(span, name)),
                    None => problems.push(unknown_fact(span, name)),
                }
            }
            None => {
                at = brace + 1;
                problems.push(lonely_brace(brace..brace + 1, &rest[..1]));
            }
        }
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    if problems.is_empty() {
        Ok(parts)
    } else {
        Err(problems)
    }
}

/// The value in a sentence; an empty one says nothing, nor an empty list in a title: a person answered what it would name.
/// A grave accent marks code there: in a name it would open some.
fn in_words(facts: &Facts<'_>, id: FactId, place: Place) -> Option<String> {
    let value = facts.get(id).as_ref().ok()?;
    if matches!((place, value), (Place::Title, FactValue::Texts(list)) if list.is_empty()) {
        return None;
    }
    let text = value.in_words().filter(|text| !text.trim().is_empty())?;
    Some(text.replace('`', "'"))
}

fn open_placeholder(id: FactId) -> String {
    format!("<{}>", id.definition().name.replace(['.', '_'], " "))
}

/// The `namespace.name` of a placeholder at the start of `text`.
fn placeholder(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?;
    let name = &inside[..inside.find('}')?];
    let (namespace, last) = name.split_once('.')?;
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    (is_word(namespace) && is_word(last)).then_some(name)
}

fn unknown_menu(span: Range<usize>, name: &str) -> Problem {
    let names: Vec<String> = portal::menus().map(|(id, _)| format!("portal.{id}")).collect();
    Problem {
        span,
        message: format!("there is no menu `{name}`"),
        suggestion: did_you_mean(name, names.iter().map(String::as_str))
            .or_else(|| Some(format!("menus are listed in {}", portal::FILE_NAME))),
    }
}

fn lonely_brace(span: Range<usize>, brace: &str) -> Problem {
    Problem {
        span,
        message: format!("a single `{brace}` that is no placeholder"),
        suggestion: Some(format!(
            "write `{brace}{brace}` for the brace itself, or `{{namespace.name}}` for a fact"
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Template;
    use crate::facts::{self, FactValue, Facts};
    use crate::remedy::Shell;

    #[test]
    fn known_values_are_put_in_and_unknown_ones_stay_open() {
        let account = facts::find("subject.account").unwrap();
        let facts = Facts::given([(account, Ok(FactValue::from("svc@contoso.com")))]);
        let template = Template::parse("{{ {subject.account} of {subject.environment} }}").unwrap();
        assert_eq!(
            template.render(&facts),
            "{ svc@contoso.com of (address of the environment) }"
        );
        assert_eq!(
            template.render_open(),
            "{ <subject account> of <subject environment> }"
        );
    }

    #[test]
    fn a_title_has_no_aside_that_nobody_knows_anything_for() {
        let account = facts::find("subject.account").unwrap();
        let facts = Facts::given([(account, Ok(FactValue::from("svc (old)")))]);
        for (title, shown) in [
            ("Not consented (missing: {subject.environment})", "Not consented"),
            (
                "Not consented (as {subject.account}) today",
                "Not consented (as svc (old)) today",
            ),
            (
                "It ({subject.environment}) differs (of {subject.account})",
                "It differs (of svc (old))",
            ),
            ("Uses {user.domain} (or not)", "Uses of the account (or not)"),
            ("It differs: {subject.environment}", "It differs"),
            (
                "{roles.needed} comes from: {subject.account}",
                "The role that it needs comes from: svc (old)",
            ),
            ("Uses {subject.environment} (or not)", "Uses (not known) (or not)"),
        ] {
            assert_eq!(Template::parse(title).unwrap().render_title(&facts), shown);
        }
    }

    #[test]
    fn a_sentence_about_a_fact_that_nobody_knows_has_other_words_or_is_left_out() {
        let account = facts::find("subject.account").unwrap();
        let nobody = Facts::given([(account, Ok(FactValue::from("")))]);
        let template = |text: &str| Template::parse(text).unwrap();
        let reasons = |text: &str| template(text).render_reasons(&nobody);
        assert_eq!(
            reasons("It fails. The newest at {jobs.last_failed_at}. A result says why."),
            "It fails. A result says why."
        );
        assert_eq!(reasons("It is off. Found: {workflow.inactive}."), "It is off.");
        assert_eq!(
            reasons("The plans ({license.names}) are few."),
            "The plans are few."
        );
        assert_eq!(reasons("Found: {workflow.inactive}."), "Found: (not known).");
        let advice = |text: &str| template(text).render(&nobody);
        assert_eq!(
            advice("Users > {subject.account} > Licenses"),
            "Users > (service account) > Licenses"
        );
        assert_eq!(
            advice("Groups > (group {environment.security_group}) > Members"),
            "Groups > (group of the environment) > Members"
        );
        assert_eq!(
            advice("Untick the role ({roles.look_alikes})."),
            "Untick the role."
        );
    }

    #[test]
    fn a_value_that_would_change_the_command_stays_open() {
        let account = facts::find("subject.account").unwrap();
        let template = Template::parse("Get-MgUser -UserId '{subject.account}'").unwrap();
        for (value, safe) in [
            ("svc-d365@contoso.com", true),
            ("guest_x.com#EXT#@contoso.com", true),
            ("x'; Remove-MgUser; '", false),
            ("-Force", false),
            ("two words", false),
            ("$(id)", false),
        ] {
            let facts = Facts::given([(account, Ok(FactValue::from(value)))]);
            let shown = template.render_command(&facts, Shell::Powershell);
            assert_eq!(shown.contains(value), safe, "{shown}");
        }
    }

    #[test]
    fn a_filter_without_quotes_compares_with_an_id() {
        let account = facts::find("subject.account").unwrap();
        let template = Template::parse("GET /x?$filter=applicationid eq {subject.account}").unwrap();
        for (value, fits) in [
            ("11111111-2222-4333-8444-555555555555", true),
            ("svc-d365@contoso.com", false),
        ] {
            let facts = Facts::given([(account, Ok(FactValue::from(value)))]);
            let shown = template.render_command(&facts, Shell::Http);
            assert_eq!(shown.contains(value), fits, "{shown}");
        }
    }

    #[test]
    fn every_fault_of_a_template_is_found_at_once() {
        let problems = Template::parse("{subject.acount} } {x} {").unwrap_err();
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "there is no fact `subject.acount`",
                "a single `}` that is no placeholder",
                "a single `{` that is no placeholder",
                "a single `}` that is no placeholder",
                "a single `{` that is no placeholder"
            ]
        );
    }
}
