//! The rules and what they say about each other, as a picture.

use std::fmt::Write as _;

use super::RuleBook;

/// The rules as a Mermaid flow chart, gate by gate: a solid arrow leads to what is masked, a dotted one to what is
/// explained.
pub fn mermaid(book: &RuleBook) -> String {
    let mut chart = "flowchart LR\n".to_owned();
    let mut gate = None;
    // Writing to a String cannot fail.
    for rule in book.rules() {
        if gate != Some(rule.gate) {
            if gate.is_some() {
                chart.push_str("  end\n");
            }
            let _ = writeln!(chart, "  subgraph gate{0}[\"Gate {0}\"]", rule.gate);
            gate = Some(rule.gate);
        }
        let _ = writeln!(chart, "    {}[\"{}\"]", node(&rule.id), rule.id);
    }
    if gate.is_some() {
        chart.push_str("  end\n");
    }
    for rule in book.rules() {
        for other in &rule.requires {
            let _ = writeln!(chart, "  {} --> {}", node(other), node(&rule.id));
        }
        for other in &rule.explained_by {
            let _ = writeln!(chart, "  {} -.-> {}", node(other), node(&rule.id));
        }
    }
    chart
}

/// `end` as a part of an id would close a subgraph, so hyphens go.
fn node(id: &str) -> String {
    id.replace('-', "_")
}
