//! The documented lag of a `pending/fail` rule.

use jiff::SignedDuration;

use crate::embedded::tree::Node;
use crate::facts::Kind;
use crate::rules::file::mapping::{Form, Words, first_line};
use crate::rules::rule::{Meaning, Pending};

use super::RuleParser;

impl RuleParser<'_> {
    pub(crate) fn check_pending(&self, form: &Form<'_, '_, '_>, applies: &[Meaning; 3]) {
        let judged_by_age = applies.contains(&Meaning::FaultAfterLag);
        match form.get("pending") {
            None if judged_by_age => self.desk.complain(
                form.get("applies")
                    .map_or(form.heading(), |node| node.span.clone()),
                "`pending/fail` needs to know how long the lag may last",
                Some(
                    "add `pending: {since: namespace.changed_at, usual: 15m, limit: 60m, source: \"…\"}`"
                        .to_owned(),
                ),
            ),
            Some(node) if !judged_by_age => self.desk.complain(
                first_line(self.desk, &node.span),
                "no profile says `pending/fail`, so this is never used",
                Some("write `pending/fail` under `applies`, or leave `pending` out".to_owned()),
            ),
            _ => {}
        }
    }

    pub(crate) fn pending(&self, node: &Node<'_>) -> Option<Pending> {
        let form = Form::open(
            self.desk,
            node,
            "`pending`",
            &["since", "usual", "limit", "source"],
        )?;
        let since = form
            .need_text("since", "name the fact, a time, from which the lag counts")
            .and_then(|words| {
                let id = self.fact(&words)?;
                let kind = id.definition().kind;
                if kind != Kind::Time {
                    self.desk.complain(
                        words.span.clone(),
                        format!("`{}` is of type {}, not a time", words.text, kind.name()),
                        Some("`since` names a fact of type time".to_owned()),
                    );
                    return None;
                }
                Some(id)
            });
        let usual = form
            .need_text("usual", "how long it usually takes, as `15m`")
            .and_then(|words| self.duration(&words));
        let limit = form
            .need_text("limit", "after how long it is a fault, as `60m`")
            .and_then(|words| self.duration(&words));
        let source = form.need_text("source", "name the document that gives the lag");
        if let (Some(usual), Some(limit)) = (usual, limit)
            && usual > limit
        {
            self.desk.complain(
                first_line(self.desk, &node.span),
                "`usual` is longer than `limit`",
                Some("`limit` is when waiting ends".to_owned()),
            );
            return None;
        }
        Some(Pending {
            since: since?,
            usual: usual?,
            limit: limit?,
            source: source?.text.to_owned(),
        })
    }

    fn duration(&self, words: &Words<'_>) -> Option<SignedDuration> {
        let duration: Option<SignedDuration> = words.text.parse().ok();
        let duration = duration.filter(|duration| duration.is_positive());
        if duration.is_none() {
            self.desk.complain(
                words.span.clone(),
                format!("`{}` is no duration", words.text),
                Some("write `15m`, `1h` or `24h`".to_owned()),
            );
        }
        duration
    }
}
