//! A thousand accounts, a fifth of them in trouble, measured: wall against the floor of the slowest tenant, and memory.
//!
//!     cargo test --release --test live -- --ignored --nocapture fleet_measure

use std::fs;
use std::io::Read as _;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::tool;
use crate::server::{How, Request, Response, serve_on};
use crate::tenant::State;
use crate::{ACCOUNT, dataverse, healthy};

/// Accounts of the largest tenant: the pace of its logs is what the run waits for.
const LARGEST: usize = 40;

/// Accounts of every other tenant.
const SMALL: usize = 4;

/// A variable that says how many accounts, if not a thousand.
const COUNT: &str = "WORK365_DOCTOR_TEST_ACCOUNTS";

/// The environment of a tenant: an address of its own on this machine.
fn environment(tenant: usize, port: u16) -> String {
    format!(
        "http://127.{}.{}.{}:{port}",
        1 + tenant / 62_500,
        tenant / 250 % 250,
        1 + tenant % 250
    )
}

fn tenant_id(host: &str) -> String {
    let bytes: Vec<u32> = host
        .split(['.', ':'])
        .filter_map(|part| part.parse().ok())
        .collect();
    format!(
        "aaaaaaaa-0000-4000-8000-{:04x}{:04x}{:04x}",
        bytes[1], bytes[2], bytes[3]
    )
}

/// The environment of the loopback tenant as that of whichever tenant is addressed.
fn answer(state: &State, mut request: Request) -> Response {
    let host = request.header("host").unwrap_or_default().to_owned();
    let origin = format!("http://{host}");
    if request.target == "/api/data/v9.2/" {
        let uri = format!(
            "https://login.microsoftonline.com/{}/oauth2/authorize",
            tenant_id(&host)
        );
        return Response::text(401, "text/plain", "").with(
            "WWW-Authenticate",
            &format!("Bearer authorization_uri={uri}, resource_id={origin}/"),
        );
    }
    if let Some(refusal) = state.unauthorised(&request, &origin) {
        return refusal;
    }
    let token = state.application_token(&state.addresses().dataverse);
    request
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    request
        .headers
        .push(("Authorization".to_owned(), format!("Bearer {token}")));
    dataverse::answer(state, &request)
}

/// The peak of a process's memory so far, in kB.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

#[test]
#[ignore = "takes minutes: the pace of a large tenant's logs"]
fn a_thousand_accounts_of_which_a_fifth_are_in_trouble() {
    let count: usize = std::env::var(COUNT).map_or(1000, |count| count.parse().unwrap());
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let state = Arc::clone(&tenant.state);
    let port = serve_on("0.0.0.0", Arc::new(move |request| answer(&state, request)));
    let hanging = serve_on(
        "127.0.0.1",
        Arc::new(|_| Response::json(200, &json!({})).sent(How::Late(600_000))),
    );
    let busy = Response::json(
        429,
        &json!({"error": {"code": "TooManyRequests", "message": "later"}}),
    )
    .with("Retry-After", "1");
    tenant.fault("/users/busy@fabrikam.com", busy, usize::MAX);
    tenant
        .state
        .secrets
        .lock()
        .unwrap()
        .insert("client_secret".into(), "right-canary".into());

    let mut rows = vec!["name,account,environment,tenant,auth,client-id,secret-variable".to_owned()];
    let mut kinds = [0_usize; 5];
    let mut next_tenant = 0;
    let mut left = LARGEST.min(count / 5);
    let largest = left;
    for number in 0..count {
        let (kind, account, environment, tenant) = if number % 5 == 4 {
            let kind = 1 + number / 5 % 4;
            let of_one = format!("bbbbbbbb-0000-4000-8000-{number:012x}");
            match kind {
                1 => (
                    1,
                    "busy@fabrikam.com",
                    environment(100_000 + number, port),
                    tenant_id(&environment(100_000 + number, port)[7..]),
                ),
                2 => (2, ACCOUNT, format!("http://127.0.0.1:{hanging}"), of_one),
                3 => (3, ACCOUNT, "http://127.0.0.1:1".to_owned(), of_one),
                _ => (4, ACCOUNT, format!("https://nowhere-{number}.invalid"), of_one),
            }
        } else {
            if left == 0 {
                next_tenant += 1;
                left = SMALL;
            }
            left -= 1;
            let environment = environment(next_tenant, port);
            let tenant = tenant_id(&environment[7..]);
            (0, ACCOUNT, environment, tenant)
        };
        kinds[kind] += 1;
        rows.push(format!("row-{number:04},{account},{environment},{tenant},client-secret,00001111-aaaa-2222-bbbb-3333cccc4444,WORK365_DOCTOR_RIGHT"));
    }
    let list = folder.path().join("list.csv");
    fs::write(&list, rows.join("\n")).unwrap();
    let started = Instant::now();
    let mut command = match std::env::var_os("WORK365_DOCTOR_TEST_PROGRAM") {
        Some(program) => {
            let known = tool(&tenant, &[]);
            let mut command = std::process::Command::new(program);
            command.env_clear().arg("--no-config");
            command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command
        }
        None => tool(&tenant, &[]),
    };
    let mut child = command
        .args(["fleet", list.to_str().unwrap(), "-o", "json"])
        .env("WORK365_DOCTOR_RIGHT", "right-canary")
        .env("WORK365_DOCTOR_TIMEOUT", "5s")
        // What nobody answers is given up after this.
        .env("WORK365_DOCTOR_DEADLINE", "60s")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    let mut memory = Vec::new();
    while child.try_wait().unwrap().is_none() {
        memory.extend(peak(child.id()));
        std::thread::sleep(Duration::from_millis(200));
    }
    let wall = started.elapsed();
    let answer: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    let accounts = answer["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), count);
    let judged = accounts
        .iter()
        .filter(|account| account["verdict"] == true)
        .count();
    let told = accounts
        .iter()
        .filter(|account| !account["error"].is_null() || !account["outcome"].is_null());
    assert_eq!(told.count(), count, "every row is reported");
    assert!(
        judged >= kinds[0],
        "{judged} of {} healthy ones were judged",
        kinds[0]
    );
    // Requests for logs travel at five in ten seconds for a tenant; those of one account by those of all.
    let seen = tenant.state.seen.lock().unwrap();
    let logs = seen
        .iter()
        .filter(|one| one.contains("auditLogs") || one.contains("/reports/"))
        .count();
    let floor = (logs as f64 / (kinds[0] + kinds[1]) as f64 * largest as f64 - 5.0) / 5.0 * 10.0;
    println!(
        "{count} accounts: {} right, {} busy, {} hanging, {} refused, {} unreachable; judged {judged}; wall {:.1} s, floor of \
         the largest tenant ({largest} accounts) {floor:.1} s, ratio {:.2}; peak {} kB, at half time {} kB; requests {}; summary {}",
        kinds[0],
        kinds[1],
        kinds[2],
        kinds[3],
        kinds[4],
        wall.as_secs_f64(),
        wall.as_secs_f64() / floor,
        memory.last().unwrap_or(&0),
        memory.get(memory.len() / 2).unwrap_or(&0),
        seen.len(),
        answer["summary"],
    );
}
