//! Dataverse codes: `0x80040220`, `-2147220960`, `80040220`, and the numbers that only look like them.
//!
//! HRESULT space is shared with Windows, OLE DB, MAPI, SQL Server and every program that has addresses. A
//! number is taken for a Dataverse code only on evidence, in this order:
//!
//! 1. it is the value of a field that Dataverse fills (`"code":"0x80…"` of an error object, `CRM ErrorCode`,
//!    a fault's `<ErrorCode>`, `errorcode=` of an import result);
//! 2. its symbolic name from the published list stands in the text;
//! 3. the text speaks of Dataverse or Dynamics 365 and the number is documented, or is called an error there;
//! 4. a word such as "error" or a field such as `ErrorCode` stands directly before it, and it is one of the
//!    documented codes that matter here;
//! 5. it is all the text there is, or begins a short line as its only number, and is one of those that matter here.
//!
//! A documented number without evidence is listed as foreign, never as an error. So is one that .NET gives to every exception of
//! a kind, unless it stands in the field of 1 or beside its name of 2: the SDK prints it above whatever failed. Rule 4 holds in
//! no text that names another component which gives out numbers of COM's interface space.

use super::context::Evidence;
use super::numbers::{Field, field, is_runtime, is_win32, may_be_new, misread, number, spelling, unmarked};
use super::sighting::{How, Scan, Sighting};
use super::token::{Token, is_filler, tokens};
use crate::decode::explain::tables::{Known, TABLES};

/// So many words are a paraphrase of a code, and no log.
const BRIEF: usize = 12;

/// How the numbers of one text are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    evidence: Evidence,
    /// The text is nothing but the code and words such as "error".
    alone: bool,
    /// The text is one short line with no other number: whoever hands it over may say in a few words what the code is.
    brief: bool,
    /// Many different numbers of the same space, most of them undocumented: addresses.
    addresses: bool,
}

impl Numbers {
    /// Looks at the text as a whole.
    pub(crate) fn of(text: &str, evidence: Evidence) -> Self {
        let mut words = 0;
        let (mut known, mut unknown) = (0, 0);
        for token in tokens(text) {
            let word = token.word();
            let value = number(&token)
                .or_else(|| unmarked(&token).filter(|value| TABLES.known(&spelling(*value)).is_some()));
            match value {
                Some(value) if TABLES.known(&spelling(value)).is_some() => known += 1,
                Some(_) => unknown += 1,
                None if token.starts_with_digit() || is_filler(word) => {}
                None => words += 1,
            }
        }
        Self {
            evidence,
            alone: words == 0 && known == 1,
            brief: words <= BRIEF && known == 1 && unknown == 0 && !text.trim().contains('\n'),
            addresses: unknown >= 4 && unknown > known,
        }
    }

    /// Reads one token that starts with a digit.
    pub(crate) fn read(&self, token: &Token<'_>, scan: &mut Scan) {
        let Some(value) = number(token)
            .or_else(|| misread(token))
            .or_else(|| self.bare(token))
        else {
            return;
        };
        let code = spelling(value);
        let known = TABLES.known(&code);
        let Some(how) = self.accept(token, value, known.as_ref(), scan) else {
            if known.is_some() && !scan.foreign.contains(&code) {
                scan.foreign.push(code);
            }
            return;
        };
        scan.sightings.push(Sighting {
            code,
            offset: token.start,
            how,
        });
    }

    fn accept(&self, token: &Token<'_>, value: u32, known: Option<&Known>, scan: &mut Scan) -> Option<How> {
        if is_win32(value) {
            return None;
        }
        let field = field(token);
        if field == Some(Field::Other) {
            return None;
        }
        if let Some(known) = known {
            let runtime = is_runtime(value);
            if is_whole_message(token) && !runtime {
                return Some(How::Inner);
            }
            if field.is_some() {
                return Some(How::Field);
            }
            if scan.mentions(token.text, known.name) {
                return Some(How::Spelled);
            }
            if self.addresses || runtime {
                return None;
            }
            let service = known.relevant
                && (called_an_error(token) || refuses(token, known) || (self.brief && leads(token)))
                && !self.is_of_others()
                && !is_constant(token);
            return (self.evidence.dataverse || self.alone || service).then_some(How::Spelled);
        }
        // The space of Windows' certificate errors; Dataverse uses it too, and only its own field tells them apart.
        if value >> 16 == 0x8009 && field == Some(Field::Dataverse) {
            return Some(How::Field);
        }
        if !may_be_new(value) {
            return None;
        }
        match field {
            Some(Field::Dataverse) => Some(How::Field),
            _ => (self.evidence.dataverse
                && called_an_error(token)
                && !self.addresses
                && value >> 16 != 0x8007)
                .then_some(How::Spelled),
        }
    }

    /// `80040220` without `0x`, `2147746336` without a sign: only a documented code, and only after an error
    /// word: anywhere before it in a Dataverse text, directly before it in any other.
    fn bare(&self, token: &Token<'_>) -> Option<u32> {
        let value = unmarked(token)?;
        let known = TABLES.known(&spelling(value))?;
        let near = called_an_error(token) || token.before(14).to_ascii_lowercase().contains("exception");
        let believed = self.alone
            || (self.evidence.dataverse && (near || (known.relevant && token.word().len() == 10)))
            || (known.relevant && follows_an_error_word(token) && !self.evidence.other_interface)
            || (token.key().as_deref() == Some("code") && refuses(token, &known) && !self.is_of_others());
        believed.then_some(value)
    }

    /// True when the text names another owner of such numbers: there an error word proves nothing.
    fn is_of_others(&self) -> bool {
        self.evidence.other_vendor || self.evidence.other_interface
    }
}

/// True when the word directly before the number, or the field that it is the value of, says "error".
fn follows_an_error_word(token: &Token<'_>) -> bool {
    const WORDS: [&str; 10] = [
        "error",
        "errorcode",
        "hresult",
        "exception",
        "fehler",
        "fehlercode",
        "erreur",
        "errore",
        "fout",
        "failed",
    ];
    let before = token.before(40).to_ascii_lowercase();
    let mut words = before
        .rsplit(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty());
    // Product, postal and customer codes are codes too: the word counts only behind one of the others.
    let word = words
        .next()
        .filter(|word| *word != "code")
        .or_else(|| words.next());
    word.is_some_and(|word| WORDS.contains(&word.replace('_', "").as_str()))
}

/// `"message":"-2147155681"`: the outer error only carries the inner one.
fn is_whole_message(token: &Token<'_>) -> bool {
    token.key().as_deref() == Some("message")
        && token.before(4).trim_end_matches('-').ends_with('"')
        && token.after(1) == "\""
}

/// True when the words just before or after the number call it an error.
fn called_an_error(token: &Token<'_>) -> bool {
    const BEFORE: [&str; 14] = [
        "error",
        "code",
        "hresult",
        "hr =",
        "fault",
        "exception",
        "fehler",
        "erreur",
        "エラー",
        "错误",
        "오류",
        "ошибк",
        "failed",
        "kod",
    ];
    let before = token.before(40).to_lowercase();
    BEFORE.iter().any(|word| before.contains(word)) || token.after(12).to_ascii_lowercase().contains("error")
}

/// True when the number is what the text begins with, and no part of a name.
fn leads(token: &Token<'_>) -> bool {
    token.text[..token.start].trim_matches(['-', ' ']).is_empty() && is_apart(token)
}

/// A dot or a stroke makes the number part of a name.
fn is_apart(token: &Token<'_>) -> bool {
    !token.after(1).starts_with(['.', '-', '/', '\\', '_'])
}

/// True when the words after a code of a refusal refuse something: `0x80040220 Sharing failed`.
fn refuses(token: &Token<'_>, known: &Known) -> bool {
    const WORDS: [&str; 8] = [
        "fail",
        "denied",
        "refused",
        "privilege",
        "permission",
        "principal",
        "not have",
        "disabled",
    ];
    let is_refusal = matches!(
        known.category,
        "privilege" | "auth" | "user-disabled" | "user-missing" | "license"
    );
    let after = token.after(60).to_ascii_lowercase();
    // The words of the same clause.
    let clause = after.split(['.', ';', '\n']).next().unwrap_or_default();
    is_refusal && is_apart(token) && WORDS.iter().any(|word| clause.contains(word))
}

/// `Name = 0x80040237` and `case 0x80040237:`, as source code lists constants.
fn is_constant(token: &Token<'_>) -> bool {
    let before = token.before(16).trim_end();
    before.ends_with('=') || before.ends_with("case") || before.ends_with("//")
}

#[cfg(test)]
mod tests {
    use super::super::context::Evidence;
    use super::super::scan::scan;
    use super::super::sighting::How;

    fn codes(text: &str) -> (Vec<String>, Vec<String>) {
        let scan = scan(text, Evidence::of(text));
        (
            scan.sightings.into_iter().map(|sighting| sighting.code).collect(),
            scan.foreign,
        )
    }

    #[test]
    fn every_spelling_gives_lower_case_hexadecimal() {
        for text in [
            r#"{"error":{"code":"0x80040220","message":"x"}}"#,
            "Dataverse said 0X80040220",
            "CRM ErrorCode: -2147220960",
            "<ErrorCode>-2147220960</ErrorCode>",
            "<a:ErrorCode>2147746336</a:ErrorCode>",
            "fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException:80040220&client=platform",
            "0x80040220",
            "Error code: -2147220960",
            "PrivilegeDenied 0x80040220",
            "User lacks a right. ErrorCode: 2147746336",
            "error 80040220",
            "80040220",
            "2147746336",
            "0x80040220: no rights",
            "0x80040220 - not enough roles for this record",
            "-2147220960 the account has too few rights",
        ] {
            assert_eq!(codes(text).0, ["0x80040220"], "{text}");
        }
    }

    #[test]
    fn numbers_of_other_products_are_foreign() {
        for text in [
            "e_logic 0x80047844 a 0x80047bf0 b 0x80047f9c c 0x80048408 d 0x8004bb14",
            "SOME_IOCTL_READ 0x80044151",
            "// the projection fails (Error code: -2147220946)",
            "RsNotFound = 2147746359, // 0x80040237",
            "product code 80040220",
            "KeyError: 80040220",
            "call 2147746336 about the error",
            "CDO.Message.1 error '80040220'\nThe \"SendUsing\" configuration value is invalid.",
            "WMI failed: error 0x80040220 from winmgmt",
            "the panel shows 0x80040220 in blue",
            "0x80040220: no rights\nand a second line",
            "0x80040220 beside 0x80044151 and nothing else",
            "0x80040220.dll was loaded at noon",
            "0x80040220 winmgmt: WMI gave up",
        ] {
            assert_eq!(codes(text).0, Vec::<String>::new(), "{text}");
        }
        assert_eq!(codes("SOME_IOCTL_READ 0x80044151").1, ["0x80044151"]);
    }

    #[test]
    fn windows_codes_are_neither_errors_nor_foreign_codes() {
        for text in [
            "0x80070005",
            "Dynamics: -2147024894",
            "0x8004840800801000",
            "Dynamics error 0x80040154",
        ] {
            assert_eq!(codes(text), (Vec::new(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn numbers_that_dot_net_gives_every_exception_count_in_the_field_of_dataverse_alone() {
        for text in [
            "DataverseConnectionException\n  HResult=0x80131500\n  Message=Failed to connect to Dataverse",
            "Dynamics 365: AuthenticationFailedException (0x80131500): authentication failed",
            "Dataverse: InvalidOperationException, HResult -2146233079, error",
            r#"{"error":{"code":"0x80040216","message":"-2146233088"}}"#,
            "0x80131500",
        ] {
            assert!(
                !codes(text).0.iter().any(|code| code.starts_with("0x8013")),
                "{text}"
            );
        }
        assert_eq!(
            codes(r#"{"error":{"code":"0x80131500","message":"x"}}"#).0,
            ["0x80131500"]
        );
    }

    #[test]
    fn an_unpublished_code_is_still_reported_in_a_dataverse_field() {
        assert_eq!(
            codes(r#"{"error":{"code":"0x8006ffff","message":"x"}}"#).0,
            ["0x8006ffff"]
        );
    }

    #[test]
    fn a_code_that_is_the_whole_message_is_the_inner_one() {
        let text = r#"{"error":{"code":"0x80050135","message":"-2147155681"}}"#;
        let found = scan(text, Evidence::of(text)).sightings;
        assert!(
            found
                .iter()
                .any(|sighting| sighting.code == "0x8005011f" && sighting.how == How::Inner)
        );
    }
}
