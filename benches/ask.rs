//! How well `ask` asks: every scenario with a known cause becomes a person with hidden evidence.
//!
//! `cargo bench --bench ask` takes every seventh case and prints a table; `… -- whole` takes all; `… -- dynamics` only the
//! lines of one rung; `… -- case NAME` prints the transcripts of the cases whose name contains it.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::time::Instant;

use support::persons::{Case, Ending, Order, cases, interview};
use work365_doctor::ask::{Question, Questions, Rung, State};
use work365_doctor::diagnosis::Doctor;

/// So many cases are left out between two that are taken, unless all are asked for.
const STRIDE: usize = 7;

const THREADS: usize = 2;

fn main() {
    support::big_stack(|| {
        let words: Vec<String> = std::env::args()
            .skip(1)
            .filter(|argument| !argument.starts_with("--"))
            .collect();
        let says = |word: &str| words.iter().any(|said| said == word);
        let doctor = support::doctor();
        let named = words.iter().skip_while(|word| *word != "case").nth(1);
        let stride = if says("whole") || named.is_some() {
            1
        } else {
            STRIDE
        };
        let rungs: Vec<Rung> = Rung::ALL.into_iter().filter(|rung| says(rung.name())).collect();
        let rungs = if rungs.is_empty() {
            Rung::ALL.to_vec()
        } else {
            rungs
        };
        let mut cases = cases(&doctor, stride);
        match named {
            Some(name) => {
                cases.retain(|case| case.name.contains(name.as_str()));
                transcripts(&doctor, &cases, &rungs);
            }
            None => table(&doctor, &cases, &rungs),
        }
    });
}

fn transcripts(doctor: &Doctor, cases: &[Case], rungs: &[Rung]) {
    for case in cases {
        for rights in rungs.iter().copied() {
            let ending = interview(doctor, case, rights, Order::Chosen);
            println!(
                "{} {:?}, symptom {:?}, rights {}: {:?} {:?}",
                case.name,
                case.causes,
                case.symptom,
                rights.name(),
                ending.state,
                ending.roots
            );
            for line in &ending.transcript {
                println!("    {line}");
            }
            println!("    beyond: {:?}", ending.beyond);
        }
    }
}

/// Every case interviewed, on several threads; and how long the slowest interview took a step, in milliseconds.
fn endings(doctor: &Doctor, cases: &[Case], rights: Rung, order: Order<'_>) -> (Vec<Ending>, f64) {
    let worker = |first: usize| {
        let own = cases.iter().skip(first).step_by(THREADS);
        own.map(|case| {
            let start = Instant::now();
            let ending = interview(doctor, case, rights, order);
            let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
            let step = milliseconds / f64::from(ending.questions + 1);
            (ending, step)
        })
        .collect::<Vec<_>>()
    };
    let mut parts: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..THREADS)
            .map(|first| {
                std::thread::Builder::new()
                    .stack_size(32 * 1024 * 1024)
                    .spawn_scoped(scope, move || worker(first))
                    .unwrap()
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap().into_iter())
            .collect()
    });
    let mut slowest: f64 = 0.0;
    let mut all = Vec::new();
    for index in 0..cases.len() {
        let (ending, step) = parts[index % THREADS].next().unwrap();
        slowest = slowest.max(step);
        all.push(ending);
    }
    (all, slowest)
}

/// The fixed order that is best for these very cases: how many of them a question settles for each of its minutes.
fn best_fixed_order(doctor: &Doctor, cases: &[Case]) -> Vec<&'static Question> {
    let worth = |question: &Question| {
        let settles = |case: &&Case| {
            let first = case.causes.first().and_then(|cause| doctor.book().find(cause));
            first.is_some_and(|rule| rule.reads(question.fact))
        };
        cases.iter().filter(settles).count() as f64 / f64::from(question.minutes)
    };
    let mut order: Vec<&'static Question> = Questions::builtin().all().iter().collect();
    order.sort_by(|left, right| worth(right).total_cmp(&worth(left)));
    order
}

fn table(doctor: &Doctor, cases: &[Case], rungs: &[Rung]) {
    let begun = Instant::now();
    let bits: f64 = cases.iter().map(|case| case.bits(doctor.book())).sum();
    println!(
        "{} cases with a known cause; the weights hold {:.2} bits on the average",
        cases.len(),
        bits / cases.len() as f64
    );
    println!("rights    order  right %  wrong %  open %  look %  questions  p90  minutes  p90  step ms");
    let fixed = best_fixed_order(doctor, cases);
    for rights in rungs.iter().copied() {
        for (order, word) in [
            (Order::Chosen, "chosen"),
            (Order::ByGate, "gates"),
            (Order::Fixed(&fixed), "fixed"),
        ] {
            let (endings, slowest) = endings(doctor, cases, rights, order);
            row(rights, word, cases, &endings, slowest);
            if word == "chosen" {
                kinds(cases, &endings);
            }
        }
    }
    println!("{:.0} s", begun.elapsed().as_secs_f64());
}

fn row(rights: Rung, order: &str, cases: &[Case], endings: &[Ending], slowest: f64) {
    let share = |holds: &dyn Fn(&Case, &Ending) -> bool| {
        let count = cases
            .iter()
            .zip(endings)
            .filter(|(case, ending)| holds(case, ending))
            .count();
        100.0 * count as f64 / cases.len() as f64
    };
    let spread = |of: &dyn Fn(&Ending) -> u32| {
        let mut all: Vec<u32> = endings.iter().map(of).collect();
        all.sort_unstable();
        let mean = f64::from(all.iter().sum::<u32>()) / all.len() as f64;
        (mean, all[all.len() * 9 / 10])
    };
    let (questions, most_questions) = spread(&|ending| ending.questions);
    let (minutes, most_minutes) = spread(&|ending| ending.minutes);
    println!(
        "{:9} {order:6} {:7.1} {:8.1} {:7.1} {:7.1} {questions:10.2} {most_questions:4} {minutes:8.2} {most_minutes:4} {slowest:8.1}",
        rights.name(),
        share(&|case, ending| ending.is_right(case)),
        share(&|case, ending| ending.is_wrong(case)),
        share(&|_, ending| ending.state != State::Settled),
        share(&|case, ending| ending.names_the_look(case)),
    );
}

/// What is not settled, or settled wrongly, by cause.
fn kinds(cases: &[Case], endings: &[Ending]) {
    let mut open: BTreeMap<(&str, &[String]), Vec<&str>> = BTreeMap::new();
    let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
    for (case, ending) in cases.iter().zip(endings) {
        if ending.is_wrong(case) {
            println!(
                "    wrong: {} {:?} became {:?}",
                case.name, case.causes, ending.roots
            );
        } else if !ending.is_right(case) {
            let key = (case.causes[0].as_str(), ending.roots.as_slice());
            open.entry(key).or_default().push(&case.name);
        }
        if !ending.names_the_look(case) {
            *unnamed.entry(&case.causes[0]).or_default() += 1;
        }
    }
    for ((cause, roots), names) in open {
        println!("    open: {cause} at {roots:?}: {} ({})", names.len(), names[0]);
    }
    if !unnamed.is_empty() {
        println!("    no look named: {unnamed:?}");
    }
}
