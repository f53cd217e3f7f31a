//! Names from a tenant that try to do harm: in every format they are text.

use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use super::{FORMATS, code, run, stderr, stdout, text};

/// Escape sequences, markup, links, a table's border, a formula, a placeholder, reordering, and what XML cannot hold.
pub(crate) const NAME: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m</script><script>alert(1)</script>\
    <img src=x onerror=alert(2)>[click](javascript:alert(3))![x](http://evil.example/p.png)<http://evil.example>|cell|\
    =HYPERLINK(\"http://evil.example\") \u{202e}txt.exe\u{2066}\u{200b} \u{0}\u{b}\u{fffe}\u{ffff}]]>--> & \"q' `code` \
    **b** _i_ {subject.account} {{7*7}}\u{2028}\r\n# heading\n- item\n```\nPASS everything";

const HARMLESS: &str = "A plain name";

/// A case in which everything that can be named by a tenant is called `name`.
pub(crate) fn snapshot(folder: &Path, name: &str) -> PathBuf {
    let file = std::fs::read("fixtures/demos/mfa-by-conditional-access.json").unwrap();
    let mut snapshot: Value = serde_json::from_slice(&file).unwrap();
    rename(&mut snapshot["sections"], name);
    snapshot["subject"]["account"] = name.into();
    let path = folder.join("hostile.json");
    std::fs::write(&path, snapshot.to_string()).unwrap();
    path
}

fn rename(value: &mut Value, name: &str) {
    const NAMES: [&str; 9] = [
        "displayName",
        "appDisplayName",
        "name",
        "fullname",
        "friendlyname",
        "failureReason",
        "message",
        "additionalDetails",
        "city",
    ];
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if NAMES.contains(&key.as_str()) && value.is_string() {
                    *value = name.into();
                } else {
                    rename(value, name);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, name)),
        _ => {}
    }
}

/// The answer about a case with such names; the exit code is that of the same case with harmless ones.
fn answer(name: &str, format: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = snapshot(folder.path(), name);
    let output = run(&[&["check", "--snapshot", text(&path), "-o", format], more].concat());
    assert_eq!(code(&output), 1, "{format}: {}", stderr(&output));
    stdout(&output).to_owned()
}

#[test]
fn no_format_for_people_or_programs_holds_a_character_that_steers() {
    for format in FORMATS {
        for more in [
            &["-v"][..],
            &["--audience", "customer"],
            &["--audience", "engineer"],
        ] {
            let shown = answer(NAME, format, more);
            assert!(
                shown.contains("alert(1)"),
                "{format} {more:?}: the name is not there at all"
            );
            // JSON spells out what is below a blank and keeps the rest as the evidence has it.
            let is_data = matches!(format, "json" | "ndjson");
            let steers = |character: char| {
                let is_safe = character == '\n' || (is_data && character > ' ');
                character.is_control() && !is_safe
            };
            assert!(!shown.contains(steers), "{format} {more:?}");
            let invisible = [
                '\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{fffe}', '\u{ffff}',
            ];
            assert!(is_data || !shown.contains(invisible), "{format} {more:?}");
            // Where a row of the answer would start; deeper it is a name that was wrapped.
            let is_forged = |line: &str| {
                line.strip_prefix(' ')
                    .unwrap_or(line)
                    .starts_with("PASS everything")
            };
            let lines: Vec<&str> = match format {
                // A line feed is a blank in a page, but for what is set as it stands; in XML it is one of the value.
                "html" => shown
                    .split("<pre")
                    .skip(1)
                    .filter_map(|rest| rest.split("</pre>").next())
                    .collect(),
                "junit" => Vec::new(),
                _ => vec![&shown],
            };
            let mut lines = lines.into_iter().flat_map(str::lines);
            assert!(!lines.any(is_forged), "{format} {more:?}");
        }
    }
}

#[test]
fn a_page_for_a_browser_holds_no_element_of_a_name() {
    for audience in ["customer", "engineer", "ticket"] {
        let page = answer(NAME, "html", &["--audience", audience]);
        let lower = page.to_ascii_lowercase();
        for part in [
            "<script",
            "</script",
            "<img",
            "<http",
            "href=\"javascript",
            "{{7*7}}<",
        ] {
            assert!(!lower.contains(part), "{audience}: {part}");
        }
        let harmless = answer(HARMLESS, "html", &["--audience", audience]);
        assert_eq!(tags(&page), tags(&harmless), "{audience}");
    }
}

/// The names of a page's tags, in order.
fn tags(page: &str) -> Vec<&str> {
    let starts = page.split('<').skip(1);
    starts
        .filter_map(|rest| rest.split([' ', '>', '\n']).next())
        .collect()
}

#[test]
fn a_ticket_has_the_structure_that_harmless_names_give_it() {
    for audience in ["customer", "engineer", "ticket"] {
        let more = ["--audience", audience];
        let (hostile, harmless) = (
            answer(NAME, "markdown", &more),
            answer(HARMLESS, "markdown", &more),
        );
        assert_eq!(structure(&hostile), structure(&harmless), "{audience}");
    }
}

/// Every element of a Markdown text; raw HTML, links and pictures are refused.
fn structure(markdown: &str) -> Vec<String> {
    let mut elements = Vec::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("raw HTML: {html}"),
            Event::Start(tag) => {
                let tag = format!("{:?}", tag.to_end());
                assert!(!tag.starts_with("Link") && !tag.starts_with("Image"), "{tag}");
                elements.push(tag);
            }
            _ => {}
        }
    }
    elements
}

#[test]
fn a_placeholder_in_a_name_is_not_filled_in() {
    for format in ["table", "json", "html"] {
        let shown = answer(NAME, format, &["-v"]);
        assert!(shown.contains("{subject.account}"), "{format}");
        assert!(!shown.contains(" 49"), "{format}");
    }
}

#[test]
fn what_if_and_decode_show_hostile_text_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = snapshot(folder.path(), NAME);
    let what_if = run(&["what-if", "--snapshot", text(&path)]);
    let error = format!("AADSTS50076: {NAME} AADSTS53003");
    let decode = super::fed(&["decode", "-"], error);
    let harm = ['\u{1b}', '\u{7}', '\u{9b}', '\r', '\u{202e}', '\u{2028}'];
    for output in [&what_if, &decode] {
        assert!(!stdout(output).is_empty());
        assert!(!stdout(output).contains(harm), "{}", stdout(output));
        assert!(!stderr(output).contains(harm), "{}", stderr(output));
    }
    assert!(stdout(&what_if).contains("alert(1)"));
}

#[test]
fn a_file_name_in_a_complaint_cannot_steer_the_terminal() {
    let output = run(&["check", "--snapshot", "no\u{1b}[2J\u{202e}such.json"]);
    assert_eq!(code(&output), 2);
    assert!(
        !stderr(&output).contains(['\u{1b}', '\u{202e}']),
        "{}",
        stderr(&output)
    );
}

/// Names that GitHub would tell somebody of, and addresses that it would make links of.
const LINKED: &str = "@octocat @org/team (http://evil.example/a_b), www.evil.example #12 svc@evil.example";

/// What stands in a Markdown text outside of code.
fn outside_code(markdown: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut in_block = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Text(text) if !in_block => texts.push(text.into_string()),
            _ => {}
        }
    }
    texts
}

#[test]
fn no_ticket_mentions_anybody_or_shows_an_entity() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = snapshot(folder.path(), LINKED);
    let saved = |name: &str, title: &str| {
        let path = folder.path().join(name);
        run(&[
            "check",
            "--snapshot",
            text(&evidence),
            "-o",
            &format!("json={}", text(&path)),
        ]);
        let mut report: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        report["findings"][0]["title"] = title.into();
        for finding in report["findings"].as_array_mut().unwrap() {
            finding["title"] = format!("{LINKED} {title}").into();
        }
        std::fs::write(&path, report.to_string()).unwrap();
        path
    };
    let (old, new) = (saved("old.json", "1"), saved("new.json", "2"));
    let error = folder.path().join("error.txt");
    let refusal = format!(
        "AADSTS53003: {LINKED} for user 'svc@evil.example'. 0x80040220 is missing prvReadAccount privilege"
    );
    std::fs::write(&error, refusal).unwrap();
    let mut calls: Vec<Vec<&str>> = Vec::new();
    for audience in ["customer", "engineer", "ticket"] {
        calls.push(vec![
            "check",
            "--snapshot",
            text(&evidence),
            "--audience",
            audience,
        ]);
        calls.push(vec!["report", "render", text(&new), "--audience", audience]);
        calls.push(vec!["decode", text(&error), "--audience", audience]);
    }
    calls.push(vec!["check", "--snapshot", text(&evidence)]);
    calls.push(vec!["decode", text(&error)]);
    calls.push(vec!["report", "diff", text(&old), text(&new)]);
    calls.push(vec![
        "report",
        "diff",
        text(&old),
        text(&new),
        "--audience",
        "customer",
    ]);
    for call in calls {
        let output = run(&[&call[..], &["-o", "markdown"]].concat());
        let said = stdout(&output);
        assert!(!said.is_empty(), "{call:?}: {}", stderr(&output));
        assert!(!said.contains("&#58;"), "{call:?}");
        for part in outside_code(said) {
            for linked in ["@octocat", "@org", "://", "www.", "#12", "svc@"] {
                assert!(!part.contains(linked), "{call:?}: {linked} in {part}");
            }
        }
    }
}

/// What a command does is not for a name to say: an id in it is a GUID, and an environment is one of Microsoft's.
#[test]
fn a_command_to_paste_holds_no_id_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::read("fixtures/demos/role-not-in-effect.json").unwrap();
    for hostile in ["1)/../roles(2", "me", "x'; Remove-Item *"] {
        let mut snapshot: Value = serde_json::from_slice(&file).unwrap();
        for row in snapshot["sections"]["dataverse.system_users"]["body"]["value"]
            .as_array_mut()
            .unwrap()
        {
            row["systemuserid"] = hostile.into();
        }
        let path = folder.path().join("ids.json");
        std::fs::write(&path, snapshot.to_string()).unwrap();
        let report = super::json(&run(&["check", "--snapshot", text(&path), "-o", "json"]));
        let mut seen = 0;
        for finding in report["findings"].as_array().unwrap() {
            for command in finding["remedy"]["commands"].as_array().into_iter().flatten() {
                let command = command["text"].as_str().unwrap();
                assert!(!command.contains(&format!("({hostile})")), "{command}");
                seen += 1;
            }
        }
        assert!(seen > 0);
    }
}

#[test]
fn a_line_of_a_batch_that_is_too_long_costs_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("batch.jsonl");
    let long = "a".repeat((64 << 20) + 1);
    std::fs::write(&path, format!("\"AADSTS50076\"\n\"{long}\"\n\"AADSTS53003\"\n")).unwrap();
    let output = run(&["decode", "--batch", text(&path), "-o", "short"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("line 2: the line is longer"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output).lines().count(), 2, "{}", stdout(&output));
}
