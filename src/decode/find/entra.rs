//! Entra ID codes: spelled, misread by a scanner, broken by a console, or as the bare number of a field.

use std::sync::LazyLock;

use regex::Regex;

use super::context::Evidence;
use super::sighting::{How, Sighting};
use super::token::is_filler;
use super::token::{Token, tokens};
use crate::decode::explain::tables::{Known, TABLES};
use crate::decode::text::pattern::{self, Alternative};

/// The longest text that can be a code and nothing else.
const LONGEST_ALONE: usize = 80;

/// Number fields that hold nothing but Entra codes, and the address of a code's page.
static FIELDS: LazyLock<Vec<Alternative>> = LazyLock::new(|| {
    pattern::alternatives(concat!(
        r#"error_?codes["'\\\s]*[:=]?\s*\[(?P<list>[\d\s,]{5,})"#,
        r#"|error_?code["'\\\s]{0,4}(?:[:=]|==)["'\\\s]{0,4}(?P<field>\d{5,8})\b"#,
        r#"|resulttype["'\\\s]{0,4}(?:[:=]|==)["'\\\s]{0,4}(?P<field>\d{5,8})\b"#,
        r#"|/error\?code=(?P<page>\d{5,8})\b"#,
    ))
    .collect()
});

/// A number that a sentence calls an error code, in the languages that Microsoft's pages come in.
static PROSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)(?:\berr(?:or|eur|ore|o)?|\bfehler\w*|\banmeldefehler\w*|\bcode|\bcode\s+d'erreur|\bkod\w*|\bfout\w*|\bfel\w*|\bc[oó]digo
        |код\w*|ошибк\w*|エラー|コード|错误|錯誤|代码|代碼|오류|코드|\bchyb\w*|\bhata\w*|\bvirhe\w*|\bhiba\w*)
        (?:\s*(?:code|number|no\.?|コード|代码|代碼|코드)|\s\w{2,12}){0,2}[\s:=\#("'`*-]{1,8}(?P<number>\d{5,7})(?:\b|Request)"#,
    )
    .ok()
});

/// The code that a token spells: `AADSTS50076`, `AADB2C90080`, and their damaged forms when only one
/// documented code can be meant.
pub(crate) fn spelled(token: &Token<'_>) -> Option<Sighting> {
    let word = token.word();
    let upper = word.to_ascii_uppercase();
    if let Some(index) = upper.find("AADB2C") {
        return numbered("AADB2C", token, index + 6);
    }
    if let Some(index) = upper.find("AADSTS") {
        if is_denied(token) {
            return None;
        }
        return numbered("AADSTS", token, index + 6);
    }
    // A product rename turned "AAD" into "Microsoft Entra ID" in whole documentation sets.
    if let Some(digits) = upper
        .strip_prefix("IDSTS")
        .or_else(|| upper.strip_prefix("ADSTS"))
        && is_number(digits)
    {
        return Some(sighting(format!("AADSTS{digits}"), token));
    }
    if upper == "AAD" || upper == "A" || upper == "AA" {
        return spaced(token);
    }
    if upper.starts_with("AAD") || upper.starts_with("AA0") {
        return misread(&upper, token);
    }
    None
}

/// Whether the words before a code say that there is none, or that it is another one: `no AADSTS50126 in the log`, `this is not AADSTS50126`, `kein Fehler AADSTS53003 mehr`.
fn is_denied(token: &Token<'_>) -> bool {
    const NONE: [&str; 11] = [
        "no", "not", "without", "kein", "keine", "keinen", "nicht", "ohne", "geen", "niet", "aucun",
    ];
    const ERROR: [&str; 7] = ["error", "errors", "code", "fehler", "fout", "erreur", "more"];
    let before = token.before(24).to_lowercase();
    let Some(before) = before.strip_suffix(' ') else {
        return false;
    };
    let mut words = before.rsplit(' ');
    let (last, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // `Error no AADSTS50126` gives its number.
    (NONE.contains(&last) && !ERROR.contains(&second)) || (ERROR.contains(&last) && NONE.contains(&second))
}

fn is_number(digits: &str) -> bool {
    (5..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn sighting(code: String, token: &Token<'_>) -> Sighting {
    Sighting {
        code,
        offset: token.start,
        how: How::Spelled,
    }
}

fn numbered(prefix: &str, token: &Token<'_>, from: usize) -> Option<Sighting> {
    let word = token.word();
    let tail = &word[from..];
    let digits: String = tail.chars().take_while(char::is_ascii_digit).collect();
    if digits.len() == tail.len() {
        let joined = if digits.is_empty() {
            after_a_gap(token)
        } else {
            continued(prefix, &digits, token)
        };
        if let Some(digits) = joined {
            return Some(sighting(format!("{prefix}{digits}"), token));
        }
    }
    if is_number(&digits) {
        return Some(sighting(format!("{prefix}{digits}"), token));
    }
    if digits.len() == tail.len() && !digits.is_empty() {
        let after = token.after(8);
        let more: String = after
            .strip_prefix(' ')
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let joined = format!("{digits}{more}");
        if !more.is_empty() && documented(&joined).is_some() {
            return Some(sighting(format!("{prefix}{joined}"), token));
        }
    }
    misread(&word.to_ascii_uppercase(), token)
}

/// `AADSTS 50076`, `AADSTS: 50076`, `AADSTS**50076**`: digits after a gap that a reader or an editor put in.
fn after_a_gap(token: &Token<'_>) -> Option<String> {
    let after = token.after(24);
    let rest = after.trim_start_matches([' ', '\n', '\t', ':', '-', '#', '*', '|']);
    if after.len() - rest.len() > 6 {
        return None;
    }
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let ends = !rest[digits.len()..].starts_with(|next: char| next.is_ascii_alphanumeric());
    if is_number(&digits) && ends {
        return Some(digits);
    }
    // A scanner's letters among the digits, or a blank: only a published code is believed.
    let repaired: String = rest
        .chars()
        .take_while(|character| character.is_ascii_alphanumeric() || *character == ' ')
        .filter(|character| *character != ' ')
        .take(8)
        .map(digit_for)
        .take_while(char::is_ascii_digit)
        .collect();
    (5..=repaired.len())
        .rev()
        .map(|length| &repaired[..length])
        .find(|digits| documented(digits).is_some())
        .map(str::to_owned)
}

/// The rest of a number that a console broke at its right edge: taken only when the joined number is a
/// known code, and the broken one is none or lacks the colon that follows a code in a message.
fn continued(prefix: &str, digits: &str, token: &Token<'_>) -> Option<String> {
    let after = token.after(64);
    // Mail ends a line that it breaks inside a word with `=`.
    let rest = after
        .strip_prefix('=')
        .unwrap_or(after)
        .trim_start_matches('\r')
        .strip_prefix('\n')?
        .trim_start_matches([' ', '\t', '|', '>', '#', '/', '*']);
    let more: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let joined = format!("{digits}{more}");
    let known = |number: &str| TABLES.known(&format!("{prefix}{number}")).is_some();
    let ends_with_colon = rest[more.len()..].starts_with(':') && more.len() <= 3;
    (!more.is_empty() && known(&joined) && (ends_with_colon || !known(digits))).then_some(joined)
}

/// `AAD STS 50076`, `A ADSTS50076`: letters pulled apart; certain only for a documented code.
fn spaced(token: &Token<'_>) -> Option<Sighting> {
    let compact: String = token.text[token.start..]
        .chars()
        .take(24)
        .take_while(|character| character.is_ascii_alphanumeric() || matches!(character, ' ' | '\n'))
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let digits: String = compact
        .to_ascii_uppercase()
        .strip_prefix("AADSTS")?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    documented(&digits).map(|code| sighting(code.to_owned(), token))
}

/// `AADST550076`, `AAD5TS50076`, `AADSTS5OO76`: letters and digits that a scanner mistakes for each other.
fn misread(upper: &str, token: &Token<'_>) -> Option<Sighting> {
    let body = upper.strip_prefix("AAD").or_else(|| upper.strip_prefix("AA0"))?;
    if body.len() < 6 || body.len() > 12 {
        return None;
    }
    let letter_s = |byte: Option<u8>| matches!(byte, Some(b'S' | b'5'));
    let bytes = body.as_bytes();
    if !letter_s(bytes.first().copied()) || !matches!(bytes.get(1), Some(b'T' | b'7')) {
        return None;
    }
    let tails = [
        letter_s(bytes.get(2).copied()).then(|| &body[3..]),
        Some(&body[2..]),
    ];
    tails.into_iter().flatten().find_map(|tail| {
        let digits: String = tail.chars().map(digit_for).collect();
        documented(&digits).map(|code| sighting(code.to_owned(), token))
    })
}

/// The digit that a scanner took for a letter.
fn digit_for(character: char) -> char {
    match character.to_ascii_uppercase() {
        'O' | 'Q' | 'D' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'B' => '8',
        other => other,
    }
}

fn documented(digits: &str) -> Option<&'static str> {
    if !is_number(digits) {
        return None;
    }
    TABLES
        .known(&format!("AADSTS{digits}"))
        .filter(|known| known.documented)
        .map(|known| known.code)
}

/// Codes that stand as bare numbers in fields made for them.
pub(crate) fn fields(text: &str, evidence: Evidence) -> Vec<Sighting> {
    let mut found = column(text);
    let small = text.to_ascii_lowercase();
    let fields = FIELDS.iter().filter_map(|field| field.for_text(&small));
    for captures in fields.flat_map(|field| field.captures_iter(text.as_bytes())) {
        if let Some(list) = captures.name("list") {
            let mut offset = list.start();
            for number in text[list.range()].split(',') {
                let digits = number.trim();
                let known = documented(digits).is_some() || (is_number(digits) && evidence.entra);
                // The last number of a cut text may itself be cut.
                let cut = list.end() == text.len() && offset + number.len() == list.end();
                if known && !(cut && documented(digits).is_none()) {
                    found.push(Sighting {
                        code: format!("AADSTS{digits}"),
                        offset,
                        how: How::Field,
                    });
                }
                offset += number.len() + 1;
            }
        } else if let Some(field) = captures.name("field") {
            let code = format!("AADSTS{}", &text[field.range()]);
            if evidence.sign_in_record && TABLES.known(&code).is_some() {
                found.push(Sighting {
                    code,
                    offset: field.start(),
                    how: How::Field,
                });
            }
        } else if let Some(page) = captures.name("page")
            && let Some(code) = documented(&text[page.range()])
        {
            found.push(Sighting {
                code: code.to_owned(),
                offset: page.start(),
                how: How::Prose,
            });
        }
    }
    found
}

/// Codes that a sentence names by number only, beside Entra words or on a sign-in page, or that are all the
/// text there is. The caller asks only when nothing else was found: the prose around an error often gets the
/// number wrong.
pub(crate) fn prose(text: &str, evidence: Evidence) -> Vec<Sighting> {
    let numbers = alone(text).map_or_else(|| named(text, evidence), |number| vec![number]);
    numbers
        .into_iter()
        .map(|(offset, known)| Sighting {
            code: known.code.to_owned(),
            offset,
            how: How::Prose,
        })
        .collect()
}

/// The number of a known code in a text of nothing else but words such as "error" and "code".
fn alone(text: &str) -> Option<(usize, Known)> {
    if text.len() > LONGEST_ALONE {
        return None;
    }
    let mut numbers = tokens(text).filter(|token| !is_filler(token.word()));
    let number = numbers.next().filter(|token| is_number(token.word()))?;
    let known = TABLES.known(&format!("AADSTS{}", number.word()))?;
    let other = numbers.next().is_some() || number.is_negative();
    (!other && text.is_ascii()).then_some((number.start, known))
}

fn named(text: &str, evidence: Evidence) -> Vec<(usize, Known)> {
    let placed = (evidence.entra || evidence.sign_in_page) && !evidence.is_foreign();
    let Some(prose) = PROSE.as_ref().filter(|_| placed) else {
        return Vec::new();
    };
    prose
        .captures_iter(text)
        .filter_map(|captures| captures.name("number"))
        .filter_map(|number| {
            let known = TABLES.known(&format!("AADSTS{}", number.as_str()))?;
            // An unpublished number is believed only where the page itself labels it.
            (known.documented || evidence.sign_in_page).then_some((number.start(), known))
        })
        .collect()
}

/// How the column of codes is headed in the portal's download of the sign-in log, and in Log Analytics.
const HEADINGS: [&str; 2] = ["Sign-in error code", "ResultType"];

/// The codes of an exported sign-in log, whose header names the column.
fn column(text: &str) -> Vec<Sighting> {
    HEADINGS
        .iter()
        .find_map(|heading| {
            let header = memchr::memmem::find(text.as_bytes(), heading.as_bytes())?;
            let start = text[..header].rfind('\n').map_or(0, |index| index + 1);
            let line = text[start..].lines().next()?;
            // The header separates its columns with one character, and the heading is a column's whole name.
            [',', ';', '\t'].into_iter().find_map(|separator| {
                let is_heading = |(_, cell): (usize, &str)| bare(cell) == *heading;
                let index = cells(line, separator).position(is_heading)?;
                (cells(line, separator).count() > 1).then(|| codes_below(text, start, separator, index))
            })
        })
        .unwrap_or_default()
}

/// What a cell holds, without its quotes.
fn bare(cell: &str) -> &str {
    cell.trim_matches(['"', ' ', '\r', '\n', '\u{feff}'])
}

fn codes_below(text: &str, start: usize, separator: char, index: usize) -> Vec<Sighting> {
    let mut offset = start;
    let mut found = Vec::new();
    for line in text[start..].split_inclusive('\n') {
        if let Some((at, cell)) = cells(line, separator).nth(index)
            && let digits = bare(cell)
            && is_number(digits)
            && TABLES.known(&format!("AADSTS{digits}")).is_some()
        {
            found.push(Sighting {
                code: format!("AADSTS{digits}"),
                offset: offset + at,
                how: How::Field,
            });
        }
        offset += line.len();
    }
    found
}

/// The cells of a line with their offsets; a separator in quotes separates nothing.
fn cells(line: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut quoted = false;
    let mut start = 0;
    line.split(move |character: char| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
    .map(move |cell| {
        let at = start;
        start += cell.len() + 1;
        (at, cell)
    })
}

#[cfg(test)]
mod tests {
    use super::super::context::Evidence;
    use super::super::scan::scan;
    use super::super::token::tokens;
    use super::spelled;

    fn first(text: &str) -> Option<String> {
        tokens(text)
            .find_map(|token| spelled(&token))
            .map(|sighting| sighting.code)
    }

    #[test]
    fn a_code_of_which_there_is_none_is_no_code() {
        for text in [
            "I checked: no AADSTS50126 in the sign-in log",
            "Kein Fehler AADSTS53003 mehr seit gestern",
            "no more AADSTS50076 since the exclusion",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn whole_spaced_broken_renamed_and_misread_codes_are_read() {
        for text in [
            "AADSTS50076: x",
            "Error no AADSTS50076",
            "aadsts50076",
            "AADSTS 50076",
            "AADSTS: 50076",
            "AADSTS\n50076",
            "AADSTS500\n   76: x",
            "AAD STS 50076",
            "A ADSTS50076",
            "AADST550076",
            "AAD5TS50076",
            "AADSTS5OO76",
            "Microsoft Entra IDSTS50076: x",
            "credentials.AADSTS50076",
            "xAADSTS50076",
            "AADSTS5007\n                              6: x",
        ] {
            assert_eq!(first(text).as_deref(), Some("AADSTS50076"), "{text}");
        }
        assert_eq!(first("AADB2C90080: x").as_deref(), Some("AADB2C90080"));
        assert_eq!(first("AADSTS99999999: new").as_deref(), Some("AADSTS99999999"));
    }

    #[test]
    fn uncertain_readings_are_left_alone() {
        for text in [
            "AADSTS",
            "AADSTS12",
            "AADST599999",
            "AADSTS report 2024",
            "reference-aadsts-error-codes",
            "AAD 50076",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn bare_numbers_count_in_their_fields_and_in_entra_prose_only() {
        let codes = |text: &str| -> Vec<String> {
            scan(text, Evidence::of(text))
                .sightings
                .into_iter()
                .map(|sighting| sighting.code)
                .collect()
        };
        assert_eq!(codes(r#"{"error_codes":[50076]}"#), ["AADSTS50076"]);
        assert_eq!(
            codes(r#"SigninLogs | where ResultType == "50126""#),
            ["AADSTS50126"]
        );
        assert_eq!(codes("Azure AD sign-in failed, kod błędu 50053"), ["AADSTS50053"]);
        for text in [
            "50076",
            " \"50076\" ",
            "error code: 50076",
            "what does 50076 mean?",
        ] {
            assert_eq!(codes(text), ["AADSTS50076"], "{text}");
        }
        for text in ["-50076", "50076 55", "99999", "build 50076"] {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
        let page = "Error Code: 53003\nRequest Id: x\nCorrelation Id: y";
        assert_eq!(codes(page), ["AADSTS53003"]);
        let download =
            "User,\"Name, first\",Sign-in error code\na@b.example,\"x, y\",50057\na@b.example,\"x, y\",0\n";
        assert_eq!(codes(download), ["AADSTS50057"]);
        assert_eq!(
            codes("order number 50053 shipped, error code 50053 of the printer"),
            Vec::<String>::new()
        );
    }
}
