//! `capture --preview`: what would be replaced by what, and what would leave.

use crate::render::json;
use crate::snapshot::redact::{Kind, Redacted};
use crate::text::{one_line, terminal_safe};

/// What would be replaced by what, by kind, and how much of the file is left as it is.
pub fn redaction_preview(redacted: &Redacted) -> String {
    let mut lines = Vec::new();
    let mut kind: Option<Kind> = None;
    for replacement in &redacted.replacements {
        if replacement.original == replacement.pseudonym {
            continue;
        }
        if kind != Some(replacement.kind) {
            kind = Some(replacement.kind);
            lines.push(format!("{}:", heading(replacement.kind)));
        }
        let original = one_line(&replacement.original);
        lines.push(format!("  {original}  →  {}", replacement.pseudonym));
    }
    lines.push(String::new());
    lines.push("What would leave:".to_owned());
    lines.push(terminal_safe(&json(&redacted.document)).into_owned());
    lines.join("\n")
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Accounts",
        Kind::Domain => "Domains",
        Kind::Environment => "Environments",
        Kind::Id => "Ids",
        Kind::Address => "Addresses",
        Kind::Name => "Names",
        Kind::Text => "Other texts",
        Kind::Number => "Numbers",
        Kind::Property => "Names of properties",
    }
}
