//! 500 Conditional Access policies judged for one sign-in, beside a named peer that only parses the same bytes.
//!
//! `cargo bench --bench conditional_access`. Judging must cost less than the parsing that nobody can avoid.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use work365_doctor::conditional_access::{
    Decision, Membership, PolicySet, SignIn, Subject, User, UserKind, evaluate, grants,
};

const POLICIES: usize = 500;

/// Policies of every shape: for everybody, a group, a role, other applications; with locations, platforms, risk,
/// device filters; enforced, report-only and off. None certainly blocks, so none ends the work early.
fn policies() -> Value {
    let id = |kind: usize, number: usize| format!("{kind:08}-0000-4000-8000-{number:012}");
    let policy = |number: usize| {
        let users = match number % 4 {
            0 => json!({"includeUsers": ["All"], "excludeGroups": [id(1, number), id(1, 7)]}),
            1 => {
                json!({"includeUsers": [], "includeGroups": (0..20).map(|group| id(1, number + group)).collect::<Vec<_>>()})
            }
            2 => json!({"includeRoles": ["62e90394-69f5-4237-9190-012177145e10", id(3, number)]}),
            _ => json!({"includeUsers": (0..20).map(|user| id(4, number + user)).collect::<Vec<_>>()}),
        };
        let applications = match number % 3 {
            0 => json!({"includeApplications": ["All"], "excludeApplications": [id(5, number)]}),
            1 => json!({"includeApplications": ["00000007-0000-0000-c000-000000000000"]}),
            _ => json!({"includeApplications": [id(5, number)]}),
        };
        let locations = number.is_multiple_of(5).then(
            || json!({"includeLocations": ["All"], "excludeLocations": [id(6, number % 20), "AllTrusted"]}),
        );
        let platforms = number
            .is_multiple_of(7)
            .then(|| json!({"includePlatforms": ["windows", "macOS"]}));
        let devices = number
            .is_multiple_of(11)
            .then(|| json!({"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}));
        let state = match number % 4 {
            0 | 1 => "enabled",
            2 => "enabledForReportingButNotEnforced",
            _ => "disabled",
        };
        let sign_in_risk: &[&str] = if number.is_multiple_of(13) { &["high"] } else { &[] };
        json!({
            "id": id(9, number), "displayName": format!("Policy {number}"), "templateId": null,
            "state": state,
            "conditions": {
                "users": users, "applications": applications, "locations": locations, "platforms": platforms,
                "devices": devices, "clientAppTypes": ["all"], "signInRiskLevels": sign_in_risk,
                "userRiskLevels": [], "servicePrincipalRiskLevels": [], "authenticationFlows": null,
            },
            "grantControls": {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"],
                "customAuthenticationFactors": [], "termsOfUse": [], "authenticationStrength": null},
            "sessionControls": null,
        })
    };
    json!({"value": (0..POLICIES).map(policy).collect::<Vec<_>>()})
}

fn locations() -> Value {
    let location = |number: usize| {
        json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": format!("{:08}-0000-4000-8000-{number:012}", 6),
            "displayName": format!("Office {number}"), "isTrusted": number.is_multiple_of(2),
            "ipRanges": (0..50).map(|range| json!({"@odata.type": "#microsoft.graph.iPv4CidrRange",
                "cidrAddress": format!("10.{number}.{range}.0/24")})).collect::<Vec<_>>()})
    };
    json!({"value": (0..20).map(location).collect::<Vec<_>>()})
}

fn sign_in() -> SignIn {
    let groups = (0..200).map(|group| format!("{:08}-0000-4000-8000-{group:012}", 1));
    let mut sign_in = SignIn::new(
        Subject::User(User {
            id: Some("aaaaaaaa-0000-4000-8000-000000000001".to_owned()),
            kind: UserKind::Member,
            groups: Membership::known(groups),
            roles: Membership::known(Vec::<String>::new()),
        }),
        jiff::civil::date(2026, 1, 5),
    )
    .assuming_no_risk();
    sign_in.ip = "203.0.113.10".parse().ok();
    sign_in.country = Some("DE".to_owned());
    sign_in
}

fn bench(criterion: &mut Criterion) {
    let body = policies();
    let bytes = serde_json::to_vec(&body).unwrap();
    let locations = locations();
    let sign_in = sign_in();
    let set = PolicySet::parse(&body, Some(&locations), None).unwrap();
    let evaluation = evaluate(&set, &sign_in);
    assert_eq!((set.len(), evaluation.outcomes.len()), (POLICIES, POLICIES));
    assert_ne!(evaluation.decision, Decision::Block);
    let mut group = criterion.benchmark_group("500 policies");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("peer: serde_json::Value", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Value>(black_box(&bytes)).unwrap());
    });
    group.bench_function("read the policies", |bencher| {
        bencher.iter(|| PolicySet::parse(black_box(&body), Some(&locations), None).unwrap());
    });
    group.bench_function("evaluate", |bencher| {
        bencher.iter(|| evaluate(black_box(&set), &sign_in));
    });
    group.bench_function("evaluate, with every question answered", |bencher| {
        bencher.iter(|| grants(&evaluate(black_box(&set), &sign_in)));
    });
    group.bench_function("all of it, from bytes", |bencher| {
        bencher.iter(|| {
            let body: Value = serde_json::from_slice(black_box(&bytes)).unwrap();
            let set = PolicySet::parse(&body, Some(&locations), None).unwrap();
            grants(&evaluate(&set, &sign_in))
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
