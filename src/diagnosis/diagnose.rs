//! Judging one snapshot: each of the three profiles judges, one of them decides.

use jiff::Timestamp;

use super::answers::{Conditions, answers};
use super::assemble::report;
use super::doctor::{Diagnosed, Doctor, Question};
use super::fixes::Fixes;
use super::judged::judged;
use super::profiles::choose;
use super::rehearsal::{Assumed, rehearse};
use super::report::Rehearsal;
use crate::decode::Decoded;
use crate::facts::{Context, Expectations, Facts};
use crate::profile::{Choice, Profile};
use crate::snapshot::Snapshot;

impl Doctor {
    /// Judges one snapshot. Every rule is evaluated; only the selected ones count. Each of the three profiles judges, one
    /// of them decides.
    pub fn diagnose(&self, snapshot: &Snapshot, question: &Question<'_>) -> Diagnosed {
        let now = question.now.unwrap_or(snapshot.captured_at);
        let context = Context::new(snapshot, question.expectations, Profile::default(), now);
        let context = context.with_error(question.error);
        let first = Facts::of(context);
        let facts = Profile::ALL.map(|profile| first.under(profile));
        let chosen = choose(question.profile, &first, &self.words.diagnosis.profile);
        let nothing = Fixes::default();
        let conditions = Conditions::of(self);
        let judged_by = |profile: Profile, in_words: bool| {
            let answers = answers(
                self,
                &conditions,
                &facts[profile as usize],
                profile,
                now,
                &nothing,
            );
            judged(self, question, &chosen, now, &answers, &nothing, in_words)
        };
        let decided = judged_by(chosen.profile, true);
        let profiles = Profile::ALL.map(|profile| {
            let facts = &facts[profile as usize];
            if profile == chosen.profile {
                decided.verdict(facts)
            } else {
                judged_by(profile, false).verdict(facts)
            }
        });
        let facts = &facts[chosen.profile as usize];
        report(self, question, &chosen, now, facts, decided, profiles.into())
    }

    /// Judges one snapshot again as if findings were fixed.
    pub fn rehearse(&self, snapshot: &Snapshot, question: &Question<'_>, assumed: &Assumed) -> Rehearsal {
        let now = question.now.unwrap_or(snapshot.captured_at);
        let context = Context::new(snapshot, question.expectations, Profile::default(), now);
        let any = Facts::of(context.with_error(question.error));
        let chosen = choose(question.profile, &any, &self.words.diagnosis.profile);
        rehearse(self, snapshot, question, &chosen, now, assumed)
    }

    /// The profile by which the evidence is judged; none where nothing speaks for any.
    pub(crate) fn profile_of(
        &self,
        snapshot: &Snapshot,
        choice: Choice,
        expectations: &Expectations,
        error: Option<&Decoded>,
        now: Option<Timestamp>,
    ) -> Option<Profile> {
        let now = now.unwrap_or(snapshot.captured_at);
        let context = Context::new(snapshot, expectations, Profile::default(), now);
        let facts = Facts::of(context.with_error(error));
        let chosen = choose(choice, &facts, &self.words.diagnosis.profile);
        (!chosen.is_default).then_some(chosen.profile)
    }
}
