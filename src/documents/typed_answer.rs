//! An answer that is typed, not chosen: its value, if it is one.

use serde_json::{Value, json};

use crate::ask::{Free, Question};
use crate::decode::decode_text;
use crate::facts::{Kind, causes_in};

/// The value of an answer that was typed; none when the question wants something else.
pub(crate) fn value_of(question: &Question, text: &str) -> Option<Value> {
    let value = read(question.free?, question.fact.definition().kind, text.trim())?;
    question.fact.value_of_json(&value).is_some().then_some(value)
}

fn read(free: Free, kind: Kind, text: &str) -> Option<Value> {
    Some(match free {
        Free::Number => json!(text.parse::<i64>().ok()?),
        Free::Time => json!(text),
        Free::Texts => json!(
            text.split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .collect::<Vec<_>>()
        ),
        Free::JobResult => json!(causes_in(text)),
        Free::Error => {
            let decoded = decode_text(text.as_bytes());
            let code = decoded.primary?;
            let number = code.strip_prefix("AADSTS")?.parse::<i64>().ok()?;
            match kind {
                Kind::Int => json!(number),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;
    use crate::ask::Free;
    use crate::facts::Kind;

    #[test]
    fn typed_answers_become_values() {
        assert_eq!(
            read(Free::Texts, Kind::Texts, "Sales,  Work 365 Service,"),
            Some(json!(["Sales", "Work 365 Service"]))
        );
        assert_eq!(read(Free::Number, Kind::Int, "1031"), Some(json!(1031)));
        assert_eq!(read(Free::Number, Kind::Int, "German"), None);
        let error = "AADSTS50126: Error validating credentials due to invalid username or password.";
        assert_eq!(read(Free::Error, Kind::Int, error), Some(json!(50126)));
        assert_eq!(read(Free::Error, Kind::Int, "it failed"), None);
        let result = |text: &str| read(Free::JobResult, Kind::Texts, text);
        assert_eq!(result(error), Some(json!(["AADSTS50126"])));
        assert_eq!(
            result("Partner Center answered 401 Unauthorized for customer Fabrikam"),
            Some(json!(["work365-provider-refused"]))
        );
        assert_eq!(result("The invoice date lies in the past"), Some(json!([])));
    }
}
