//! Whoever signs in, and in whichever way, a scenario is judged alike: an application by its secret or its certificate, a
//! person by a device code or in the browser. Tokens that were given are those of `equality`.
//!
//! A sample of the scenarios; `EVERY=1` takes all of them.

use std::sync::Arc;

use serde_json::Value;
use work365_doctor::collect::{Auth, Order, Session};
use work365_doctor::secret::Secret;

use crate::equality::{Compared, Judge, Trial, with_room};
use crate::sign_in::agrees;
use crate::{Watcher, collected, key_and_certificate, order, scenario};

/// Of so many scenarios one is tried.
const SAMPLE: usize = 48;

/// Sign-ins that wait for somebody are tried side by side.
const AT_ONCE: usize = 6;

fn every(default: usize) -> usize {
    let named = std::env::var("EVERY").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// How the scenarios of the sample compare when they are read like this.
fn tried(name: &str, read: impl Fn(&Trial) -> Value + Sync) {
    let folders: Vec<_> = scenario::folders().into_iter().step_by(every(SAMPLE)).collect();
    let (judge, read) = (Judge::new(), &read);
    let outcomes: Vec<Compared> = std::thread::scope(|scope| {
        let parts: Vec<_> = folders
            .chunks(folders.len().div_ceil(AT_ONCE))
            .map(|part| {
                let judge = &judge;
                let work = move || -> Vec<Compared> {
                    let trials = part.iter().filter_map(|folder| Trial::of(folder));
                    trials.map(|trial| trial.compared(judge, &read(&trial))).collect()
                };
                scope.spawn(move || with_room(work))
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let different: Vec<&str> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Compared::Different(how) => Some(how.as_str()),
            _ => None,
        })
        .collect();
    let equal = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Compared::Equal))
        .count();
    println!("{name}: {equal} equal of {}", outcomes.len());
    assert!(
        different.is_empty(),
        "{name}: {} differ:\n{}",
        different.len(),
        different.join("\n")
    );
    assert!(equal >= 10, "{equal}");
}

/// The order of somebody who signs in with an application of their own.
fn signing_in(trial: &Trial, auth: Auth) -> Order {
    Order {
        auth,
        client_id: Some("client".to_owned()),
        ..trial.order()
    }
}

#[test]
fn an_application_with_a_secret_gets_the_report_of_the_snapshot() {
    tried("client secret", |trial| {
        let secrets = &trial.tenant.state.secrets;
        secrets
            .lock()
            .unwrap()
            .insert("client_secret".into(), "secret".into());
        collected(signing_in(trial, Auth::ClientSecret(Secret::new("secret"))))
            .0
            .snapshot()
    });
}

#[test]
fn an_application_with_a_certificate_gets_the_report_of_the_snapshot() {
    let (key, certificate) = key_and_certificate();
    let pem = key + &certificate;
    tried("certificate", |trial| {
        let auth = Auth::ClientCertificate(Secret::new(pem.clone()));
        collected(signing_in(trial, auth)).0.snapshot()
    });
}

#[test]
fn a_person_with_a_device_code_gets_the_report_of_the_snapshot() {
    tried("device code", |trial| {
        collected(signing_in(trial, Auth::DeviceCode)).0.snapshot()
    });
}

#[test]
fn a_person_in_the_browser_gets_the_report_of_the_snapshot() {
    tried("browser", |trial| {
        let watcher = Arc::new(Watcher::default());
        let page = Arc::clone(&watcher);
        let person = std::thread::spawn(move || agrees(page));
        let mut session = Session::new(signing_in(trial, Auth::Browser), watcher).unwrap();
        session.collect().unwrap();
        person.join().unwrap();
        session.snapshot()
    });
}

/// A log that is cut where older entries would be history is judged as the whole one.
#[test]
fn a_log_that_is_cut_where_it_says_enough_is_judged_as_the_whole_one() {
    let judge = Judge::new();
    let (mut cut, mut different) = (0, Vec::new());
    with_room(|| {
        for folder in scenario::folders().into_iter().step_by(every(16)) {
            let Some(trial) = Trial::of(&folder) else { continue };
            let log = &trial.moved["sections"]["graph.sign_ins"]["body"]["value"];
            if log.as_array().is_none_or(|log| log.len() < 4) {
                continue;
            }
            let read = || collected(order(&trial.tenant, trial.account())).0.snapshot();
            *trial.tenant.state.page_size.lock().unwrap() = 2;
            let in_pages = read();
            if in_pages["sections"]["graph.sign_ins"]["body"]["truncated"] != true {
                continue;
            }
            cut += 1;
            *trial.tenant.state.page_size.lock().unwrap() = usize::MAX;
            let (whole, part) = (trial.verdict(&judge, &read()), trial.verdict(&judge, &in_pages));
            if whole != part {
                different.push(format!("{}: whole {whole}, cut {part}", trial.name));
            }
        }
    });
    println!("{cut} logs were cut");
    assert!(different.is_empty(), "{}", different.join("\n"));
}
