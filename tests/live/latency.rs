//! What a run waits for: answers of which each needs the one before. Latency costs their number, whatever the machine does.
//!
//! The table of wall times: `cargo test --test live -- --ignored --nocapture latency`.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use work365_doctor::collect::{Auth, Language, ScriptOrder};
use work365_doctor::secret::Secret;

use crate::equality::first_difference;
use crate::script::{Desk, comparable, runnable};
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order};

/// Nobody who has answers to wait for takes longer to send what they lead to, on a busy machine either.
const QUIET: Duration = Duration::from_millis(2500);

/// Requests that are let through together: when as many wait as are ever under way, or nobody came for a while. So the
/// answers that a run waits for one after another are counted, whatever the time that each takes.
pub(crate) struct Waves {
    most: usize,
    state: Mutex<Wave>,
    released: Condvar,
}

#[derive(Default)]
struct Wave {
    waiting: usize,
    count: usize,
}

impl Waves {
    fn of(tenant: &Tenant, most: usize) -> Arc<Self> {
        let waves = Arc::new(Self {
            most,
            state: Mutex::default(),
            released: Condvar::new(),
        });
        *tenant.state.waves.lock().unwrap() = Some(Arc::clone(&waves));
        waves
    }

    /// Waits for the end of the wave.
    pub(crate) fn pass(&self) {
        let mut wave = self.state.lock().unwrap();
        wave.waiting += 1;
        let own = wave.count;
        if wave.waiting < self.most {
            wave = self
                .released
                .wait_timeout_while(wave, QUIET, |wave| wave.count == own)
                .unwrap()
                .0;
        }
        if wave.count == own {
            wave.count += 1;
            wave.waiting = 0;
            self.released.notify_all();
        }
    }

    fn count(&self) -> usize {
        self.state.lock().unwrap().count
    }
}

/// Sign-ins of the log.
pub(crate) const SIGN_INS: usize = 500;

/// A healthy account with a log of 500 sign-ins, passwords and refreshes, in pages of this many.
pub(crate) fn with_a_long_log(page: usize) -> Tenant {
    let (tenant, _) = healthy();
    {
        let mut served = tenant.state.snapshot.lock().unwrap();
        let newest: Timestamp = served["captured_at"].as_str().unwrap().parse().unwrap();
        let log = served
            .pointer_mut("/sections/graph.sign_ins/body/value")
            .and_then(Value::as_array_mut)
            .unwrap();
        let kinds = [log[0].clone(), log[1].clone()];
        *log = (0..SIGN_INS)
            .map(|number| {
                let mut entry = kinds[number % 2].clone();
                let back = SignedDuration::from_mins(80 * i64::try_from(number).unwrap());
                entry["createdDateTime"] = json!((newest - back).to_string());
                entry["id"] = json!(format!("00000000-0000-4000-8000-{number:012}"));
                entry["correlationId"] = entry["id"].clone();
                entry
            })
            .collect();
    }
    *tenant.state.page_size.lock().unwrap() = page;
    tenant
}

#[test]
fn a_verdict_waits_for_six_answers_whatever_the_pages_of_the_log_and_the_sign_in() {
    for (page, signs_in) in [(SIGN_INS, false), (SIGN_INS / 5, false), (SIGN_INS / 5, true)] {
        let tenant = with_a_long_log(page);
        let waves = Waves::of(&tenant, usize::MAX);
        let mut order = order(&tenant, ACCOUNT);
        if signs_in {
            let secrets = &tenant.state.secrets;
            secrets
                .lock()
                .unwrap()
                .insert("client_secret".into(), "secret".into());
            order.auth = Auth::ClientSecret(Secret::new("secret"));
            order.client_id = Some("client".to_owned());
        }
        let (session, _) = collected(order);
        let (requests, count) = (session.requests().len(), waves.count());
        println!(
            "pages of {page}, signs in: {signs_in}: {count} answers one after another, {requests} requests"
        );
        assert!(
            count <= 6 && requests <= 25,
            "{page}: {count} answers, {requests} requests"
        );
        let log = &session.snapshot()["sections"]["graph.sign_ins"]["body"];
        assert_eq!(log["value"].as_array().unwrap().len(), page);
        assert_eq!(log["truncated"] == true, page < SIGN_INS);
    }
}

#[test]
fn a_log_is_read_on_as_long_as_it_shows_refusals_alone() {
    let tenant = with_a_long_log(SIGN_INS / 5);
    {
        let mut served = tenant.state.snapshot.lock().unwrap();
        let log = &mut served["sections"]["graph.sign_ins"]["body"]["value"];
        for entry in &mut log.as_array_mut().unwrap()[..130] {
            entry["status"]["errorCode"] = json!(50126);
        }
    }
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let log = &session.snapshot()["sections"]["graph.sign_ins"]["body"];
    assert_eq!(log["value"].as_array().unwrap().len(), 2 * SIGN_INS / 5);
    assert_eq!(log["truncated"], true);
}

/// A script sends GETs alone, each by itself, and eight at a time: its requests by eights are the least that it waits for,
/// after the challenge, which comes first; who brings every token and names no tenant waits for nothing before.
#[test]
fn a_script_has_eight_requests_under_way_and_waits_for_as_few_answers_as_that_allows() {
    for language in runnable() {
        let (tenant, _) = healthy();
        let waves = Waves::of(&tenant, 8);
        Desk::new(language, &tenant, &ScriptOrder::default()).snapshot(&tenant, ACCOUNT);
        let most = tenant.state.most_at_once.load(Ordering::SeqCst);
        let count = waves.count();
        let seen = tenant.state.seen.lock().unwrap();
        // The PowerShell script asks for the challenge and the realm first.
        let (before, rest) = match language {
            Language::Bash => (0, seen.len()),
            Language::PowerShell => (1, seen.len() - 2),
        };
        let least = before + rest.div_ceil(8);
        println!(
            "{language:?}: {} requests, {most} at once, {count} one after another; {least} at least",
            seen.len()
        );
        assert_eq!(most, 8, "{language:?}");
        assert!(count <= least, "{language:?}: {count}, {least} at least");
        let lists: Vec<_> = seen
            .iter()
            .filter(|request| request.contains("/environments?"))
            .collect();
        assert!(lists.is_empty(), "{lists:?}");
    }
}

#[test]
fn a_script_reads_a_log_as_far_back_as_a_live_run() {
    let tenant = with_a_long_log(SIGN_INS / 5);
    let log = |snapshot: &Value| comparable(snapshot)["sections"]["graph.sign_ins"]["body"].clone();
    let live = log(&collected(order(&tenant, ACCOUNT)).0.snapshot());
    assert_eq!(live["value"].as_array().unwrap().len(), SIGN_INS / 5);
    for language in runnable() {
        let desk = Desk::new(language, &tenant, &ScriptOrder::default());
        let by_script = log(&desk.snapshot(&tenant, ACCOUNT));
        assert_eq!(first_difference("", &live, &by_script), "", "{language:?}");
    }
}

#[test]
fn nobody_asks_for_every_environment_where_the_environment_names_itself() {
    let (tenant, _) = healthy();
    collected(order(&tenant, ACCOUNT));
    let seen = tenant.state.seen.lock().unwrap();
    let of_the_admin_api = seen.iter().filter(|request| request.contains("/environments"));
    let asked: Vec<_> = of_the_admin_api.collect();
    assert!(
        asked.len() == 1 && asked[0].contains("/environments/"),
        "{asked:?}"
    );
}

#[test]
#[ignore = "a table of wall times, for a machine with nothing else to do"]
fn latency_table() {
    println!("| latency | pages of the log | verdict after | budget | requests |");
    println!("|---|---|---|---|---|");
    for latency in [0, 50, 100, 200] {
        for page in [SIGN_INS, SIGN_INS / 5, SIGN_INS / 10] {
            let tenant = with_a_long_log(page);
            *tenant.state.latency.lock().unwrap() = Duration::from_millis(latency);
            let started = Instant::now();
            let (session, _) = collected(order(&tenant, ACCOUNT));
            println!(
                "| {latency} ms | {} | {} ms | {} ms | {} |",
                SIGN_INS / page,
                started.elapsed().as_millis(),
                6 * latency + 150,
                session.requests().len()
            );
        }
    }
}

#[test]
#[ignore = "a table of wall times, for a machine with nothing else to do"]
fn latency_table_of_the_scripts() {
    println!("| script | latency | wall time | less the start | × latency | requests |");
    println!("|---|---|---|---|---|---|");
    for language in runnable() {
        let mut start = None;
        for latency in [0, 50, 100, 200, 400] {
            let (tenant, _) = healthy();
            *tenant.state.latency.lock().unwrap() = Duration::from_millis(latency);
            let desk = Desk::new(language, &tenant, &ScriptOrder::default());
            let started = Instant::now();
            desk.snapshot(&tenant, ACCOUNT);
            let took = started.elapsed();
            let rest = took.saturating_sub(*start.get_or_insert(took)).as_millis();
            println!(
                "| {language:?} | {latency} ms | {} ms | {rest} ms | {:.1} | {} |",
                took.as_millis(),
                if latency == 0 {
                    0.0
                } else {
                    rest as f64 / latency as f64
                },
                tenant.state.seen.lock().unwrap().len()
            );
        }
    }
}
