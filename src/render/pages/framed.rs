//! A page of text where no terminal shows it: as Markdown and as HTML.

/// A page of text as Markdown: a block that shows it as it is.
pub fn framed_markdown(text: &str) -> String {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// A page of text as a self-contained HTML document: no script, no request.
pub fn framed_html(title: &str, text: &str) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;")
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>:root{{color-scheme:light dark}}\
         body{{margin:2rem;font:1rem/1.5 ui-monospace,monospace}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}</style></head>\
         <body><h1>{title}</h1><pre>{}</pre></body></html>\n",
        escaped(text.trim_end()),
        title = escaped(title),
    )
}
