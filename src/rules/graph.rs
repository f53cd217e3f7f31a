//! What rules say about each other: circles, and a picture.

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

/// Every circle of a directed graph that is given as the targets of each node: one per group of nodes that reach each
/// other, each starting at its lowest node.
pub(super) fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    for start in 0..edges.len() {
        if found.iter().any(|circle| circle.contains(&start)) {
            continue;
        }
        if let Some(circle) = shortest_way_back(edges, start) {
            found.push(circle);
        }
    }
    found
}

/// The shortest way from `start` back to itself, breadth first.
fn shortest_way_back(edges: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut reached_from = vec![None; edges.len()];
    let mut front = vec![start];
    while !front.is_empty() {
        let mut next = Vec::new();
        for node in front {
            for target in &edges[node] {
                if *target == start {
                    return Some(way(&reached_from, start, node));
                }
                if reached_from[*target].is_none() {
                    reached_from[*target] = Some(node);
                    next.push(*target);
                }
            }
        }
        front = next;
    }
    None
}

fn way(reached_from: &[Option<usize>], start: usize, end: usize) -> Vec<usize> {
    let mut way = vec![end];
    let mut node = end;
    while node != start {
        match reached_from[node] {
            Some(earlier) => {
                way.push(earlier);
                node = earlier;
            }
            None => break,
        }
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn circles_are_found_once_and_chains_are_none() {
        assert_eq!(circles(&[vec![1], vec![2], vec![0], vec![2]]), [vec![0, 1, 2]]);
        assert_eq!(circles(&[vec![0]]), [vec![0]]);
        assert!(circles(&[vec![1, 2], vec![2], vec![]]).is_empty());
    }
}
