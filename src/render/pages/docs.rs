//! Pages of the documentation, made from the rules and the catalogue: one a check and one a code, with an index.

use super::framed::framed_html;
use crate::decode::explain::page::ExplainedCode;
use crate::diagnosis::RulePage;
use crate::render::{Style, Verbosity, code_page, rule_page};

/// Columns of a page.
const WIDTH: usize = 100;

const STYLE: Style = Style {
    color: false,
    width: WIDTH,
    verbosity: Verbosity::Normal,
    audience: None,
};

/// One page: where it goes below the folder, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocPage {
    /// As `checks/no-roles.html`.
    pub(crate) path: String,
    /// Its name in the index.
    name: String,
    /// What it is about, in the index.
    about: String,
    /// The whole page.
    pub(crate) html: String,
}

/// The page of a check.
pub(crate) fn of_rule(rule: &RulePage) -> DocPage {
    page("checks", &rule.id, &rule.title, &rule_page(rule, STYLE))
}

/// The page of a code.
pub(crate) fn of_code(code: &ExplainedCode, about: &str) -> DocPage {
    page("codes", &code.error.code, about, &code_page(code, STYLE))
}

fn page(folder: &str, name: &str, about: &str, text: &str) -> DocPage {
    let back = "<p><a href=\"../index.html\">All checks and codes</a></p></body>";
    DocPage {
        path: format!("{folder}/{}.html", file_name(name)),
        name: name.to_owned(),
        about: about.to_owned(),
        html: framed_html(name, text).replacen("</body>", back, 1),
    }
}

/// A name as a file's: what some system could misread is a hyphen.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|character| match character {
            character if character.is_ascii_alphanumeric() => character,
            '.' | '_' => character,
            _ => '-',
        })
        .collect()
}

/// A text in which no character is a mark.
fn html_safe(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The page that leads to the others.
pub(crate) fn index(pages: &[DocPage]) -> DocPage {
    let list = |folder: &str| -> String {
        pages
            .iter()
            .filter(|page| page.path.starts_with(folder))
            .map(|page| {
                format!(
                    "<li><a href=\"{}\">{}</a>: {}</li>\n",
                    page.path,
                    html_safe(&page.name),
                    html_safe(&page.about)
                )
            })
            .collect()
    };
    let body = format!(
        "<h2>Checks</h2>\n<ul>\n{}</ul>\n<h2>Codes</h2>\n<ul>\n{}</ul></body>",
        list("checks/"),
        list("codes/")
    );
    let title = concat!("work365-doctor ", env!("CARGO_PKG_VERSION"), ": checks and codes");
    DocPage {
        path: "index.html".to_owned(),
        name: String::new(),
        about: String::new(),
        html: framed_html(title, "").replacen("<pre></pre></body>", &body, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{file_name, index, page};

    #[test]
    fn a_page_is_found_from_the_index_and_leads_back() {
        let one = page("codes", "OAuth:invalid_grant", "a <b> & c", "text <i>");
        assert_eq!(one.path, "codes/OAuth-invalid_grant.html");
        assert!(one.html.contains("../index.html") && one.html.contains("text &lt;i&gt;"));
        let index = index(&[one]);
        assert!(index.html.contains(
            "<a href=\"codes/OAuth-invalid_grant.html\">OAuth:invalid_grant</a>: a &lt;b&gt; &amp; c"
        ));
        assert!(index.html.ends_with("</body></html>\n"));
        assert_eq!(file_name("../x"), "..-x");
    }
}
