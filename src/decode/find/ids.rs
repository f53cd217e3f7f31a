//! Identifiers beside a code: correlation and trace ids, time, tenant, application, user, privilege.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;

use super::token::floor;
use crate::decode::text::pattern::{self, Alternative};

/// An identifier met in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id {
    /// Its name, as in the contract's `ids` map.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Where it stands in the plain text.
    pub offset: usize,
}

/// How the value of a key is read.
#[derive(Clone, Copy)]
enum Shape {
    /// A GUID, whole, or pulled apart by blanks or a line break.
    Guid,
    /// A date and time.
    Time,
    /// A number.
    Number,
    /// The captured text itself.
    Text,
}

struct Pattern {
    name: &'static str,
    shape: Shape,
    /// One of these, in small letters and with a `|` between, stands wherever the pattern matches. Most texts have
    /// few of them, and building a pattern takes longer than reading a text with it.
    words: &'static str,
    source: String,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern, if it can match a text of which this is the copy in small letters.
    fn for_text(&self, small: &str) -> Option<&Regex> {
        if !self.words.split('|').any(|word| small.contains(word)) {
            return None;
        }
        self.regex().as_ref()
    }

    fn regex(&self) -> &Option<Regex> {
        self.regex.get_or_init(|| pattern::regex(&self.source))
    }
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    use Shape::{Guid, Number, Text, Time};
    // Separators between a key and its value, quotes and tags included.
    // So are the marks that an email program puts before a quoted line, and those of Markdown around a word.
    let sep = r#"["'\\\s*\x60]{0,40}[:=>]["'\\\s{(>|*\x60]{0,6}"#;
    // As Japanese has it, with a colon of full width.
    let wide = r"\s{0,3}(?:[:=]|：)\s{0,3}";
    [
        ("correlation_id", Guid, "correlation", format!(r"(?i)correlation[ _-]?id{sep}")),
        // The labels of the sign-in page in other languages, each a pattern of its own: that keeps them fast.
        ("correlation_id", Guid, "korrelation", format!(r"(?i)korrelations-?id{sep}")),
        ("correlation_id", Guid, "correlatie", format!(r"(?i)correlatie-?id{sep}")),
        ("correlation_id", Guid, " corr", format!(r"(?i) d[ei] corr[a-z]{{0,4}}\S{{0,4}}[a-z]{{0,6}}{sep}")),
        ("correlation_id", Guid, "correlation", r"(?i)\bcorrelation[ _-]?id\s{1,3}".to_owned()),
        ("trace_id", Guid, "trace", format!(r"(?i)trace[ _-]?id{sep}")),
        ("correlation_id", Guid, "関連付け|相関", format!(r"(?:関連付け|相関) ?(?i:id){wide}")),
        ("trace_id", Guid, "ablaufverfolgung", format!(r"(?i)ablaufverfolgungs-?id{sep}")),
        ("trace_id", Guid, "トレース", format!(r"トレース ?(?i:id){wide}")),
        ("request_id", Guid, "request-id", format!(r"(?i)(?:^|[^-\w])(?:x-ms-)?request-id{sep}")),
        // As the sign-in page copies it; behind other words it is another request's.
        ("request_id", Guid, "request id", format!(r"(?im)^[\s>|*]{{0,8}}request id{sep}")),
        ("client_request_id", Guid, "client-request-id", format!(r"(?i)client-request-id{sep}")),
        ("activity_id", Guid, "activity", format!(r"(?i)activity_?id(?:key)?{sep}")),
        ("tenant_id", Guid, "tenant", format!(r"(?i)\btenant(?:[ _-]?id)?{sep}")),
        ("tenant_id", Guid, "login.|sts.windows.net", r"(?i)(?:login\.[\w.-]+|sts\.windows\.net)/".to_owned()),
        ("tenant_id", Guid, "tenant|directory", r"(?i)\b(?:tenant|directory)\s['\x22]{0,2}".to_owned()),
        ("app_id", Guid, "app|client", format!(r"(?i)\b(?:app(?:lication)?|client)[ _-]?id{sep}")),
        ("app_id", Guid, "app", r"(?i)(?:application|app|party application)(?: with identifier| with id)?\s{1,4}['\x22\x60]{1,2}".to_owned()),
        ("resource_id", Guid, "access|resource", r"(?i)(?:access|resource|party resource)\s{1,4}['\x22\x60]{1,2}".to_owned()),
        ("principal_id", Guid, "principal", r"(?i)\bprincipal(?: user| team| with id)?\s?(?:\(?Id\s?=\s?)?".to_owned()),
        ("principal_id", Guid, "systemuserid", format!(r"(?i)\bsystemuserid{sep}")),
        ("user_id", Guid, "user", r"(?i)\b(?:caller )?user (?:with id|\(?id\s?=)\s?".to_owned()),
        ("user_id", Guid, "user", format!(r"(?i)\b(?:calling)?user{sep}")),
        ("user_id", Guid, "callinguser", r"(?i)\bCallingUser:\s?".to_owned()),
        ("object_id", Guid, "object", format!(r"(?i)\bobject_?id{sep}")),
        ("owner_id", Guid, "owner", format!(r"(?i)\bowner_?id{sep}")),
        ("business_unit_id", Guid, "business", format!(r"(?i)(?:^|[^a-z])business_?unit_?id{sep}")),
        ("business_unit_id", Guid, "userbu", format!(r"(?i)\buserbu{sep}")),
        ("owning_business_unit_id", Guid, "objectbusiness|owningbusiness", format!(r"(?i)(?:object|owning) ?business ?unit(?: ?id)?{sep}")),
        ("record_id", Guid, "record with", r"(?i)record with id\s*=?\s?".to_owned()),
        ("privilege_id", Guid, "privilege", r"(?i)privilege(?:Id)?(?::| \(Id=)\s?".to_owned()),
        ("timestamp", Time, "timestamp", format!(r"(?i)\btimestamp{sep}|<timestamp>|[^a-z]?timestamp{sep}")),
        ("timestamp", Time, "zeitstempel", format!(r"(?i)zeitstempel{sep}")),
        ("timestamp", Time, "horodatage", format!(r"(?i)horodatage{sep}")),
        ("timestamp", Time, "marca de tiempo|tijdstempel", format!(r"(?i)(?:marca de tiempo|tijdstempel){sep}")),
        ("timestamp", Time, "タイムスタンプ", format!(r"タイムスタンプ{wide}")),
        // The marks are those of a quoted email.
        ("grant_issued", Time, "issued", r"(?i)(?:grant|token)[\s>|]{1,6}was[\s>|]{1,6}issued[\s>|]{1,6}on[\s>|]{1,6}['\x22]?".to_owned()),
        ("tokens_valid_from", Time, "tokensvalidfrom", r"(?i)TokensValidFrom[\s>|]{1,6}date[^']{0,90}is[\s>|]{1,6}['\x22]?".to_owned()),
        // A console that cuts at its last column cuts names: what stands before the next word of the sentence belongs to it.
        ("privilege", Text, "prv", r"\b(prv[A-Za-z]\w{0,60}\n[>|\x20]{0,4}\w{1,60})(?: privilege \(|, ?PrivilegeId\b)|\b(prv[A-Za-z]\w{2,60})".to_owned()),
        ("entity", Text, "entity", r"(?i)\b(?:for|on) entity '(\w{2,60})'".to_owned()),
        ("access_right", Text, "accessright| right", r"(?i)AccessRights?:\s?(\w{4,40})|does not have (\w{4,40}) right".to_owned()),
        ("required_depth", Text, "required depth", r"(?i)Required Depth:\s?(\w{3,12})".to_owned()),
        ("access_mode", Text, "access mode|accessmode", r"(?i)\baccess ?mode\s?[:=]\s?'?([\w-]{1,20})".to_owned()),
        ("role_count", Number, "rolecount", r"(?i)\broleCount\s?=\s?(\d{1,5})".to_owned()),
        ("privilege_count", Number, "privilegecount", r"(?i)\bprivilegeCount\s?=\s?(\d{1,6})".to_owned()),
        (
            "user",
            Text,
            "user|account|upn|login_hint", format!(r"(?i)(?:user(?:principalname|name)?|account|upn|login_hint){sep}([\w.+'%-]{{1,64}}@[\w.-]{{3,120}}\w)"),
        ),
        ("user", Text, "user|account", r"(?i)(?:user|account)(?: account)? ['\x22\x60{]?([\w.+-]{1,64}@[\w.-]{3,120}\w)".to_owned()),
    ]
    .into_iter()
    .map(|(name, shape, words, source)| Pattern { name, shape, words, source, regex: OnceLock::new() })
    .collect()
});

/// The policies that a claims challenge lists.
static CHALLENGED: LazyLock<Vec<Alternative>> = LazyLock::new(|| {
    pattern::alternatives(r#"(?:cap)?polids["'\\\s:{]{1,12}[^\[\]]{0,80}\[(?P<list>[^\]]{0,2000})"#).collect()
});

/// A policy that refused, in a sign-in record of Microsoft Graph: `id`, `displayName`, `enforcedGrantControls`, `result`.
static REFUSING: LazyLock<Vec<Alternative>> = LazyLock::new(|| {
    pattern::alternatives(
        r#"["']id["']\s{0,4}:\s{0,4}["'](?P<list>[0-9a-f-]{36})["'][^{}]{0,600}["']result["']\s{0,4}:\s{0,4}["']failure["']"#,
    )
    .collect()
});

static QUOTED_GUID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::regex(r#"['"`]{1,2}(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"#)
});

/// Every identifier of a text, in the order of the text; `small` is its copy in small letters.
pub(crate) fn of(text: &str, small: &str) -> Vec<Id> {
    let mut ids = Vec::new();
    for pattern in PATTERNS.iter() {
        let Some(regex) = pattern.for_text(small) else {
            continue;
        };
        for captures in regex.captures_iter(text.as_bytes()) {
            let Some(whole) = captures.get(0) else { continue };
            let value = match pattern.shape {
                Shape::Guid => guid_at(&text[floor(text, whole.end())..]),
                Shape::Time => time_at(&text[floor(text, whole.end())..]),
                // The marks are those of a line that was cut.
                Shape::Number | Shape::Text => captures.iter().skip(1).flatten().next().map(|value| {
                    String::from_utf8_lossy(value.as_bytes()).replace(['\n', '>', '|', ' '], "")
                }),
            };
            if let Some(value) = value {
                ids.push(Id {
                    name: pattern.name,
                    value,
                    offset: whole.start(),
                });
            }
        }
    }
    ids.sort_by_key(|id| id.offset);
    ids
}

/// The ids of the policies that refused: of every claims challenge in a text, and of a sign-in record; `small` is the text's
/// copy in small letters.
pub(crate) fn policies(text: &str, small: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let is_record = small.contains("ppliedconditionalaccesspolicies");
    let lists = CHALLENGED
        .iter()
        .chain(REFUSING.iter().filter(|_| is_record))
        .filter_map(|refusing| refusing.for_text(small))
        .flat_map(|refusing| refusing.captures_iter(text.as_bytes()));
    for captures in lists {
        let Some(list) = captures.name("list") else {
            continue;
        };
        for item in String::from_utf8_lossy(list.as_bytes()).split(',') {
            let item = item.trim_matches([' ', '"', '\'', '\\', '\n']);
            if let Some(guid) = guid_at(item).filter(|guid| !found.contains(guid)) {
                found.push(guid);
            }
        }
    }
    found
}

/// The ids of one code: from its place up to the next code, else the nearest before, else the only ones.
pub(crate) fn around(ids: &[Id], from: usize, to: usize) -> BTreeMap<String, String> {
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    let mut names: Vec<&'static str> = ids.iter().map(|id| id.name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let mut of_name = ids.iter().filter(|id| id.name == name);
        let id = of_name
            .clone()
            .find(|id| id.offset >= from && id.offset < to)
            .or_else(|| of_name.clone().rfind(|id| id.offset < from))
            .or_else(|| of_name.next());
        if let Some(id) = id {
            chosen.insert(name.to_owned(), id.value.clone());
        }
    }
    chosen
}

/// The ids of one event of a log: those that stand in it, the first of each name.
pub(crate) fn within(ids: &[Id], from: usize, to: usize) -> BTreeMap<String, String> {
    let mut chosen = BTreeMap::new();
    for id in ids.iter().filter(|id| id.offset >= from && id.offset < to) {
        chosen
            .entry(id.name.to_owned())
            .or_insert_with(|| id.value.clone());
    }
    chosen
}

/// The part that a quoted GUID plays in the message of an Entra code, whatever the language: the position is
/// the same in every translation.
pub(crate) fn roles_of_quoted_guids(code: &str, message: &str) -> Vec<(&'static str, String)> {
    let roles: &[&'static str] = match code {
        "AADSTS50074" | "AADSTS50076" | "AADSTS50079" | "AADSTS65005" | "AADSTS500011" => &["resource_id"],
        "AADSTS700016" | "AADSTS50194" | "AADSTS7000215" | "AADSTS7000222" | "AADSTS65001"
        | "AADSTS50105" => &["app_id"],
        "AADSTS65002" => &["app_id", "resource_id"],
        _ => &[],
    };
    // A number of the list `error_codes` is no sentence: what follows it is the rest of the answer.
    let number = message.trim_start_matches(|character: char| character.is_ascii_digit());
    if number.len() < message.len() && number.starts_with([']', ',']) {
        return Vec::new();
    }
    // The claims challenge that may follow quotes policy ids.
    let message = message.split("claims").next().unwrap_or_default();
    let Some(pattern) = QUOTED_GUID.as_ref() else {
        return Vec::new();
    };
    let guids = pattern
        .captures_iter(message.as_bytes())
        .filter_map(|captures| captures.name("guid"));
    roles
        .iter()
        .copied()
        .zip(guids.map(|guid| String::from_utf8_lossy(guid.as_bytes()).to_ascii_lowercase()))
        .collect()
}

/// The GUID at the start of `text`, blanks and line breaks inside it removed.
pub(crate) fn guid_at(text: &str) -> Option<String> {
    let mut guid = String::with_capacity(36);
    for character in text.chars().take(60) {
        match character {
            '{' if guid.is_empty() => {}
            ' ' | '\n' | '\t' | '|' | '>' if !guid.is_empty() => {}
            '-' if matches!(guid.len(), 8 | 13 | 18 | 23) => guid.push('-'),
            digit if digit.is_ascii_hexdigit() && !matches!(guid.len(), 8 | 13 | 18 | 23) => {
                guid.push(digit.to_ascii_lowercase());
            }
            _ => return None,
        }
        if guid.len() == 36 {
            return Some(guid);
        }
    }
    None
}

/// `2019-07-12 19:24:42Z` at the start of `text`, blanks around the hyphens and line breaks removed.
fn time_at(text: &str) -> Option<String> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let mut time = String::with_capacity(28);
    let mut rest = text.char_indices().take(60).peekable();
    while time.len() < SHAPE.len() {
        let (_, character) = rest.next()?;
        match (SHAPE[time.len()], character) {
            (b'd', digit) if digit.is_ascii_digit() => time.push(digit),
            (b' ', 'T') => time.push('T'),
            (b' ', ' ' | '\n') => {
                time.push(' ');
                while rest.peek().is_some_and(|(_, next)| matches!(next, ' ' | '\n')) {
                    rest.next();
                }
            }
            (expected, given) if char::from(expected) == given => time.push(given),
            (_, ' ' | '\n') => {}
            _ => return None,
        }
    }
    let mut has_zone = false;
    while let Some((_, character)) = rest.next() {
        let digit_follows = rest.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match character {
            '.' | '0'..='9' => time.push(character),
            '+' | '-' if digit_follows && !has_zone => {
                has_zone = true;
                time.push(character);
            }
            ':' if digit_follows && has_zone => time.push(':'),
            'Z' => {
                time.push('Z');
                break;
            }
            _ => break,
        }
    }
    Some(time.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, around, of, policies, roles_of_quoted_guids};

    const GUID: &str = "3d483b09-1198-4acb-929f-c648674e32bd";

    fn value(text: &str, name: &str) -> Option<String> {
        let small = text.to_ascii_lowercase();
        of(text, &small)
            .into_iter()
            .find(|id| id.name == name)
            .map(|id| id.value)
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(PATTERNS.iter().all(|pattern| pattern.regex().is_some()));
    }

    #[test]
    fn a_pattern_matches_no_text_that_lacks_its_words() {
        let corpora = [
            include_str!("../../../fixtures/errors/corpus.jsonl"),
            include_str!("../../../fixtures/errors/shapes.jsonl"),
        ];
        let mut matched = 0;
        for line in corpora.iter().flat_map(|corpus| corpus.lines()) {
            let case: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let text = case["text"].as_str().unwrap_or_default();
            let small = text.to_ascii_lowercase();
            for pattern in PATTERNS.iter() {
                if pattern
                    .regex()
                    .as_ref()
                    .is_some_and(|regex| regex.is_match(text.as_bytes()))
                {
                    matched += 1;
                    assert!(pattern.for_text(&small).is_some(), "{}: {text}", pattern.source);
                }
            }
        }
        assert!(matched > 200, "{matched}");
    }

    #[test]
    fn ids_are_read_glued_spaced_and_broken() {
        for text in [
            format!("Correlation ID: {GUID}"),
            format!(r#""correlation_id":"{}""#, GUID.to_uppercase()),
            format!("x4e6000Correlation ID: {GUID}Timestamp"),
            "Correlation ID: 3d483b09 - 1198 - 4acb - 929f - c648674e32bd".to_owned(),
            "Correlation ID:\n3d483b09-1198-4acb-929f-c64867\n4e32bd".to_owned(),
        ] {
            assert_eq!(value(&text, "correlation_id").as_deref(), Some(GUID), "{text}");
        }
        assert_eq!(value("Correlation ID: lockout-attack", "correlation_id"), None);
        assert_eq!(
            value("Timestamp: 2019 - 07 - 12 19:24:42Z", "timestamp").as_deref(),
            Some("2019-07-12 19:24:42Z")
        );
        assert_eq!(
            value("Timestamp:\n2023-05-10\n03:08:40Z\"", "timestamp").as_deref(),
            Some("2023-05-10 03:08:40Z")
        );
    }

    #[test]
    fn the_fields_of_a_refused_privilege_are_read() {
        let text = format!(
            "Principal user (Id={GUID}, type=8, roleCount=2, privilegeCount=565, accessMode='0 Read-Write'), is missing prvReadAccount privilege (Id={GUID}) on OTC=1 for entity 'account'"
        );
        for (name, expected) in [
            ("principal_id", GUID),
            ("privilege", "prvReadAccount"),
            ("role_count", "2"),
            ("entity", "account"),
            ("access_mode", "0"),
        ] {
            assert_eq!(value(&text, name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_policies_that_refused_come_out_of_a_sign_in_record() {
        let other = GUID.replace('3', "4");
        let text = format!(
            r#"{{"appliedConditionalAccessPolicies":[{{"id":"{other}","displayName":"MFA","enforcedGrantControls":["Mfa"],"result":"success"}},
            {{"id":"{GUID}","displayName":"Block","enforcedGrantControls":["Block"],"result":"failure"}}]}}"#
        );
        assert_eq!(policies(&text, &text.to_ascii_lowercase()), [GUID]);
    }

    #[test]
    fn policy_ids_come_out_of_the_claims_challenge() {
        let text = format!(
            r#""claims":"{{"access_token":{{"capolids":{{"essential":true,"values":["{GUID}"]}}}}}}""#
        );
        assert_eq!(policies(&text, &text.to_ascii_lowercase()), [GUID]);
    }

    #[test]
    fn a_code_takes_the_ids_that_follow_it() {
        let text = format!("A Correlation ID: {GUID} B Correlation ID: 00000000-0000-0000-0000-000000000001");
        let ids = of(&text, &text.to_ascii_lowercase());
        assert_eq!(around(&ids, 0, 54)["correlation_id"], GUID);
        assert_eq!(
            around(&ids, 54, text.len())["correlation_id"],
            "00000000-0000-0000-0000-000000000001"
        );
    }

    #[test]
    fn a_privilege_that_a_console_cut_is_one_name_and_a_sentence_that_goes_on_is_none() {
        for (text, name) in [
            (
                "is missing prvReadQuote\nDetail privilege (Id=1)",
                "prvReadQuoteDetail",
            ),
            (
                "> is missing prvReadQuote\n> Detail privilege (Id=1)",
                "prvReadQuoteDetail",
            ),
            (
                "PrivilegeName: prvCre\nateEntity, PrivilegeId: 1",
                "prvCreateEntity",
            ),
            ("is missing prvReadQuote\nprivilege (Id=1)", "prvReadQuote"),
            ("lacks prvReadQuote\nAsk whom it belongs to", "prvReadQuote"),
            ("lacks prvReadQuote\nThis privilege is needed", "prvReadQuote"),
        ] {
            assert_eq!(value(text, "privilege").as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn a_number_of_the_list_of_codes_quotes_nothing() {
        let list = format!(r#"700016],"session":"{GUID}""#);
        assert_eq!(roles_of_quoted_guids("AADSTS700016", &list), []);
    }

    #[test]
    fn a_quoted_guid_plays_the_part_that_its_code_gives_it() {
        let message = format!("… requested access to '{GUID}' …");
        let challenged = format!("AADSTS50079: x claims: {{capolids: [\"{GUID}\"]}}");
        assert_eq!(roles_of_quoted_guids("AADSTS50079", &challenged), []);
        assert_eq!(
            roles_of_quoted_guids("AADSTS65005", &message),
            [("resource_id", GUID.to_owned())]
        );
    }
}
