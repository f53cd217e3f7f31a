//! Services, proxies and error pages may send back what they were sent. No secret of this run gets past this point.

use std::borrow::Cow;

use super::call::{Answer, Service};
use super::encoding::encode;
use crate::secret::Secret;

/// Stands for a secret that came back.
const MASK: &str = "[removed]";

/// Shorter ones are looked for in error answers only, and the shortest nowhere: they may be words of the evidence.
const LONG: usize = 40;
const SHORTEST: usize = 6;

/// Every secret that was sent, in each spelling in which it may come back.
#[derive(Default)]
pub(crate) struct Sent(Vec<Secret>);

impl Sent {
    /// Remembers a secret that is about to be sent.
    pub(crate) fn remember(&mut self, secret: &Secret) {
        let text = secret.expose();
        if text.len() < SHORTEST || self.0.iter().any(|known| known.expose() == text) {
            return;
        }
        let in_json = serde_json::to_string(text).unwrap_or_default();
        let spellings = [
            text.to_owned(),
            encode(text),
            // As forms spell it.
            encode(text).replace("%20", "+"),
            in_json.trim_matches('"').to_owned(),
            in_html(text),
        ];
        for spelling in spellings {
            if !self.0.iter().any(|known| known.expose() == spelling) {
                self.0.push(Secret::new(spelling));
            }
        }
    }

    /// Takes every secret that was sent out of an answer. Evidence is left alone, except for what is too long to be a
    /// word of it, and so is what the sign-in service grants, which may be a secret that it was sent.
    pub(crate) fn remove(&self, answer: &mut Answer, service: Service) {
        let is_evidence = answer.status < 300;
        if is_evidence && service == Service::Login {
            return;
        }
        for secret in &self.0 {
            if is_evidence && secret.expose().len() < LONG {
                continue;
            }
            if let Cow::Owned(body) = without(&answer.body, secret.expose().as_bytes()) {
                answer.body = body;
            }
            for text in answer.challenges.iter_mut().chain(answer.location.as_mut()) {
                if text.contains(secret.expose()) {
                    *text = text.replace(secret.expose(), MASK);
                }
            }
        }
    }
}

/// A text of another program without what looks like a token in it.
pub(crate) fn without_tokens(text: &str) -> String {
    let words = text.split_whitespace().map(|word| match word.find("eyJ") {
        Some(start) => format!("{}{MASK}", &word[..start]),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn without<'a>(body: &'a [u8], secret: &[u8]) -> Cow<'a, [u8]> {
    let finder = memchr::memmem::Finder::new(secret);
    if finder.find(body).is_none() {
        return Cow::Borrowed(body);
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = finder.find(rest) {
        clean.extend_from_slice(&rest[..start]);
        clean.extend_from_slice(MASK.as_bytes());
        rest = &rest[start + secret.len()..];
    }
    clean.extend_from_slice(rest);
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::Sent;
    use crate::collect::wire::call::{Answer, Service};
    use crate::secret::Secret;

    fn answered(status: u16, service: Service, body: &str, secret: &str) -> String {
        let mut sent = Sent::default();
        sent.remember(&Secret::new(secret));
        let mut answer = Answer {
            status,
            content_type: String::new(),
            challenges: vec![format!("Bearer error_description=\"{secret}\"")],
            location: Some(format!("https://elsewhere.example/?p={secret}")),
            retry_after: None,
            date: None,
            request_id: None,
            body: body.as_bytes().to_vec(),
        };
        sent.remove(&mut answer, service);
        if status >= 400 && secret.len() >= super::SHORTEST {
            assert!(!answer.challenges[0].contains(secret) && !answer.location.unwrap().contains(secret));
        }
        String::from_utf8(answer.body).unwrap()
    }

    #[test]
    fn what_comes_back_in_an_error_is_removed_in_every_spelling() {
        let secret = "p&ss \"w<rd>+";
        for echo in [
            "p&ss \"w<rd>+",
            "p%26ss%20%22w%3Crd%3E%2B",
            "p%26ss+%22w%3Crd%3E%2B",
            "p&ss \\\"w<rd>+",
            "p&amp;ss &quot;w&lt;rd&gt;+",
        ] {
            let body = format!("<p>{echo}</p>{echo}");
            assert_eq!(
                answered(400, Service::Login, &body, secret),
                "<p>[removed]</p>[removed]"
            );
        }
    }

    #[test]
    fn evidence_keeps_its_words_and_loses_tokens() {
        let body = r#"{"displayName":"work365-svc"}"#;
        assert_eq!(answered(200, Service::Graph, body, "work365-svc"), body);
        let token = "a".repeat(60);
        assert_eq!(
            answered(200, Service::Graph, &format!("[\"{token}\"]"), &token),
            "[\"[removed]\"]"
        );
        let granted = format!(r#"{{"refresh_token":"{token}"}}"#);
        assert_eq!(answered(200, Service::Login, &granted, &token), granted);
        assert_eq!(answered(500, Service::Graph, "the code", "code"), "the code");
    }
}
