//! The advice of a rule, and the guidance that it rests on.

use std::collections::BTreeMap;

use crate::embedded::tree::{Content, Node};
use crate::facts::{FactId, Kind};
use crate::profile::Profile;
use crate::remedy::Shell;
use crate::rules::file::diagnostic::did_you_mean;
use crate::rules::file::mapping::{Form, Words, list, one_of, text};
use crate::rules::rule::{Guidance, Meaning, RemedyTemplate, RemedyWhere};
use crate::rules::template::Template;

use super::RuleParser;

const REMEDY_KEYS: [&str; 6] = ["owner", "steps", "commands", "avoid", "verify", "links"];

impl RuleParser<'_> {
    pub(crate) fn remedy(&self, node: &Node<'_>) -> Option<RemedyTemplate> {
        let form = Form::open(self.desk, node, "a remedy", &REMEDY_KEYS)?;
        let owner = form
            .need_text("owner", "name who acts: an id of rules/owners.yaml")
            .and_then(|words| {
                let known = self.owners.get_key_value(words.text);
                if known.is_none() {
                    let ids = self.owners.keys().map(String::as_str);
                    let help = did_you_mean(words.text, ids)
                        .unwrap_or_else(|| "owners are listed in rules/owners.yaml".to_owned());
                    self.desk.complain(
                        words.span.clone(),
                        format!("there is no owner `{}`", words.text),
                        Some(help),
                    );
                }
                known
            });
        let steps = form.need("steps", "one click path or one action a step");
        let steps = steps.and_then(|node| {
            let items = list(self.desk, node);
            if items.is_empty() && matches!(node.content, Content::List(_)) {
                self.desk.complain(
                    node.span.clone(),
                    "a remedy has at least one step",
                    Some("say what to do".to_owned()),
                );
            }
            let steps: Vec<_> = items
                .iter()
                .map(|node| self.template(text(self.desk, node)))
                .collect();
            steps.into_iter().collect::<Option<Vec<_>>>()
        });
        let commands: Vec<_> = form
            .items("commands")
            .iter()
            .map(|node| self.command(node))
            .collect();
        let avoid = self.template(form.need_text("avoid", "say what would make it worse"));
        let verify = self.template(form.need_text("verify", "say how to prove that it is fixed"));
        let links = form.texts("links");
        links.iter().for_each(|link| self.check_link(link));
        let (owner, owner_name) = owner?;
        Some(RemedyTemplate {
            owner: owner.clone(),
            owner_name: owner_name.clone(),
            steps: steps?,
            commands: commands.into_iter().collect::<Option<_>>()?,
            avoid: avoid?,
            verify: verify?,
            links: links.iter().map(|link| link.text.to_owned()).collect(),
        })
    }

    fn command(&self, node: &Node<'_>) -> Option<(Shell, Template)> {
        let form = Form::open(self.desk, node, "a command", &["shell", "text"])?;
        let shell = form
            .need_text("shell", "write powershell, bash or http")
            .and_then(|words| one_of(self.desk, &words, "shell", &["powershell", "bash", "http"]));
        let template = self.template(form.need_text("text", "write the command"));
        let shell = match shell? {
            "powershell" => Shell::Powershell,
            "bash" => Shell::Bash,
            _ => Shell::Http,
        };
        Some((shell, template?))
    }

    fn check_link(&self, link: &Words<'_>) {
        let sound = link.text.starts_with("https://")
            && link.text.len() > "https://".len()
            && !link
                .text
                .contains(|character: char| character.is_whitespace() || character.is_control());
        if !sound {
            self.desk.complain(
                link.span.clone(),
                "a link is an https address",
                Some("write `https://…`".to_owned()),
            );
        }
    }

    pub(crate) fn remedies(&self, node: &Node<'_>) -> BTreeMap<Profile, RemedyTemplate> {
        let Some(form) = Form::open(self.desk, node, "`remedies`", &Profile::ALL.map(Profile::name)) else {
            return BTreeMap::new();
        };
        Profile::ALL
            .into_iter()
            .filter_map(|profile| Some((profile, self.remedy(form.get(profile.name())?)?)))
            .collect()
    }

    /// `remedy-where`: one state of things, or several of which the first that holds decides.
    pub(crate) fn remedy_where(&self, node: &Node<'_>) -> Option<Vec<RemedyWhere>> {
        let states: Vec<_> = match &node.content {
            Content::List(states) if states.is_empty() => {
                self.desk.complain(
                    node.span.clone(),
                    "`remedy-where` has at least one state",
                    Some("name a fact, and what to do where it is so".to_owned()),
                );
                return None;
            }
            Content::List(states) => states.iter().map(|state| self.state(state)).collect(),
            _ => vec![self.state(node)],
        };
        states.into_iter().collect()
    }

    /// A fact, what it is, and the advice where it is so.
    fn state(&self, node: &Node<'_>) -> Option<RemedyWhere> {
        let keys = ["fact", "is", "independent", "remedy"];
        let form = Form::open(self.desk, node, "`remedy-where`", &keys)?;
        let fact = form
            .need_text("fact", "name the fact that decides where this advice holds")
            .and_then(|words| self.truth_fact(&words));
        let is_independent = form.get("independent").is_some_and(|node| self.truth(node));
        let remedy = match is_independent {
            true => form.get("remedy"),
            false => form.need("remedy", "say who does what there: owner, steps, avoid, verify"),
        };
        Some(RemedyWhere {
            fact: fact?,
            is: form.get("is").is_none_or(|node| self.truth(node)),
            is_independent,
            remedy: remedy.and_then(|node| self.remedy(node)),
        })
    }

    fn truth_fact(&self, words: &Words<'_>) -> Option<FactId> {
        let fact = self.fact(words)?;
        if fact.definition().kind == Kind::Bool {
            return Some(fact);
        }
        self.desk.complain(
            words.span.clone(),
            format!("`{}` is neither true nor false", words.text),
            Some("name a fact of type bool".to_owned()),
        );
        None
    }

    pub(crate) fn guidance(
        &self,
        node: &Node<'_>,
        applies: Option<&[Meaning; 3]>,
    ) -> BTreeMap<Profile, Guidance> {
        let keys = ["default", "legacy-password", "consent", "application-user"];
        let Some(form) = Form::open(self.desk, node, "`guidance`", &keys) else {
            return BTreeMap::new();
        };
        let default = form.get("default").and_then(|node| self.one_guidance(node));
        let mut by_profile = BTreeMap::new();
        for profile in Profile::ALL {
            let judged = applies.is_none_or(|meanings| meanings[profile as usize] != Meaning::NotApplicable);
            let own = form.get(profile.name()).map(|node| self.one_guidance(node));
            match own {
                Some(own) => by_profile.extend(own.map(|guidance| (profile, guidance))),
                None if !judged => {}
                None if form.get("default").is_some() => {
                    by_profile.extend(default.clone().map(|guidance| (profile, guidance)));
                }
                None => self.desk.complain(
                    form.heading(),
                    format!("no guidance says why this is judged under {}", profile.name()),
                    Some("add it, or a `default`".to_owned()),
                ),
            }
        }
        by_profile
    }

    fn one_guidance(&self, node: &Node<'_>) -> Option<Guidance> {
        let form = Form::open(self.desk, node, "guidance", &["source", "date"])?;
        let source = form.need_text("source", "the document's title and publisher");
        let date = form.need_text("date", "the document's date, as `2019-02-04`");
        if let Some(date) = &date
            && date.text.parse::<jiff::civil::Date>().is_err()
        {
            self.desk.complain(
                date.span.clone(),
                format!("`{}` is no date", date.text),
                Some("write it as `2019-02-04`".to_owned()),
            );
        }
        Some(Guidance {
            source: source?.text.to_owned(),
            date: date?.text.to_owned(),
        })
    }
}
