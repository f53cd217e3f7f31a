//! One snapshot of about 60 kB from bytes to report, beside a named peer that only parses the same bytes.
//!
//! `cargo bench --bench check`. Budget: 2,000 snapshots a second on two cores, so one millisecond for one on one core.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use work365_doctor::diagnosis::{Doctor, Question, Selection, Words};
use work365_doctor::facts::Expectations;
use work365_doctor::profile::Profile;
use work365_doctor::render;
use work365_doctor::rules::{RuleBook, Severity};
use work365_doctor::snapshot::Snapshot;

fn check(criterion: &mut Criterion) {
    let bytes = std::fs::read("fixtures/demos/mfa-by-conditional-access.json").unwrap();
    let doctor = Doctor::new(
        RuleBook::builtin().expect("the rule pack loads"),
        Words::builtin().expect("the words load"),
    );
    let expectations = Expectations::default();
    let selection = Selection::default();
    let question = Question {
        profile: Profile::LegacyPassword.into(),
        now: None,
        expectations: &expectations,
        fail_on: Severity::Medium,
        selection: &selection,
        error: None,
        acceptances: &[],
    };
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("peer: serde_json::Value", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&bytes)).unwrap());
    });
    group.bench_function("snapshot", |bencher| {
        bencher.iter(|| Snapshot::from_bytes(black_box(&bytes)).unwrap());
    });
    let snapshot = Snapshot::from_bytes(&bytes).unwrap();
    group.bench_function("diagnosis", |bencher| {
        bencher.iter(|| doctor.diagnose(black_box(&snapshot), &question));
    });
    let diagnosed = doctor.diagnose(&snapshot, &question);
    group.bench_function("ndjson", |bencher| {
        bencher.iter(|| render::ndjson(black_box(&diagnosed.report)));
    });
    group.bench_function("all of it", |bencher| {
        bencher.iter(|| {
            let snapshot = Snapshot::from_bytes(black_box(&bytes)).unwrap();
            render::ndjson(&doctor.diagnose(&snapshot, &question).report)
        });
    });
    group.finish();
}

fn rules(criterion: &mut Criterion) {
    criterion.bench_function("load the rule pack", |bencher| {
        bencher.iter(|| RuleBook::builtin().expect("the rule pack loads"));
    });
}

criterion_group!(benches, check, rules);
criterion_main!(benches);
