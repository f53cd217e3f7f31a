//! Interviews: somebody who can see what a System Administrator of the environment sees is never told a wrong cause, and
//! what an answer implies is so in every case. Who sees nothing is told what somebody else has to look at.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use work365_doctor::ask::{Questions, Rung};
use work365_doctor::diagnosis::Doctor;

use crate::support::big_stack;
use crate::support::persons::{Case, Order, cases, interview};

/// Of the cases every so many'th is interviewed; `cargo bench --bench ask -- whole` takes all.
const STRIDE: usize = 19;

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    let (all, some, without) = (Arc::clone(doctor), Arc::clone(doctor), Arc::clone(doctor));
    vec![
        Trial::test("ask::a_look_shows_that_something_is_there_and_no_more", || {
            let shows = Questions::builtin()
                .all()
                .iter()
                .flat_map(|question| &question.shows);
            let mut names = shows.map(|(fact, _)| fact.definition().name);
            match names.find(|name| !name.ends_with(".exists") && !name.ends_with(".deleted")) {
                Some(name) => Err(format!("a question shows {name} whatever its answer is").into()),
                None => Ok(()),
            }
        }),
        Trial::test("ask::what_an_answer_implies_is_so_in_every_case", move || {
            big_stack(|| cases(&all, 1).iter().try_for_each(implied))
        }),
        Trial::test(
            "ask::without_rights_the_message_names_the_look_that_settles_it",
            move || big_stack(|| named(&without, &cases(&without, 1))),
        ),
        Trial::test("ask::nobody_is_told_a_wrong_cause", move || {
            big_stack(|| {
                let cases = cases(&some, STRIDE);
                if cases.len() < 15 {
                    return Err(format!("only {} cases were read", cases.len()).into());
                }
                cases.iter().try_for_each(|case| told(&some, case))
            })
        }),
    ]
}

fn implied(case: &Case) -> Result<(), Failed> {
    for question in Questions::builtin().all() {
        let Some(answer) = case.answer_to(question) else {
            continue;
        };
        for (fact, value) in question.settles(answer) {
            if case.answer(fact).is_some_and(|known| *known != value) {
                return Err(format!(
                    "{}: `{}` answered with {} implies {} = {}, which is not so",
                    case.name,
                    question.id,
                    json!(answer),
                    fact.definition().name,
                    json!(value)
                )
                .into());
            }
        }
    }
    Ok(())
}

/// 91 in a hundred, which was reached; `cargo bench --bench ask -- whole none` prints the share.
fn named(doctor: &Doctor, cases: &[Case]) -> Result<(), Failed> {
    let (named, missed): (Vec<&Case>, Vec<&Case>) = cases
        .iter()
        .partition(|case| interview(doctor, case, Rung::None, Order::Chosen).names_the_look(case));
    if named.len() * 100 >= cases.len() * 91 {
        return Ok(());
    }
    let missed: Vec<&str> = missed.iter().map(|case| case.name.as_str()).collect();
    Err(format!(
        "{} of {} cases; no look is named for {missed:?}",
        named.len(),
        cases.len()
    )
    .into())
}

fn told(doctor: &Doctor, case: &Case) -> Result<(), Failed> {
    for rights in [Rung::None, Rung::Dynamics] {
        let ending = interview(doctor, case, rights, Order::Chosen);
        if ending.is_wrong(case) {
            let lines: Value = json!(ending.transcript);
            return Err(format!(
                "{}: rights {} end at {:?}, not at {:?}: {lines:#}",
                case.name,
                rights.name(),
                ending.roots,
                case.causes
            )
            .into());
        }
    }
    Ok(())
}
