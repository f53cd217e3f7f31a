//! Circles of what rules say about each other.

/// Every circle of a directed graph that is given as the targets of each node: one per group of nodes that reach each
/// other, each starting at its lowest node.
pub(crate) fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    for start in in_or_behind_circles(edges) {
        if found.iter().any(|circle| circle.contains(&start)) {
            continue;
        }
        if let Some(circle) = shortest_way_back(edges, start) {
            found.push(circle);
        }
    }
    found
}

/// The nodes that are left when those that nothing points to are taken away, again and again: none where there is no circle.
fn in_or_behind_circles(edges: &[Vec<usize>]) -> impl Iterator<Item = usize> {
    let mut pointers = vec![0_usize; edges.len()];
    for target in edges.iter().flatten() {
        pointers[*target] += 1;
    }
    let mut free: Vec<usize> = (0..edges.len()).filter(|node| pointers[*node] == 0).collect();
    let mut is_left = vec![true; edges.len()];
    while let Some(node) = free.pop() {
        is_left[node] = false;
        for target in &edges[node] {
            pointers[*target] -= 1;
            if pointers[*target] == 0 {
                free.push(*target);
            }
        }
    }
    (0..edges.len()).filter(move |node| is_left[*node])
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
        assert_eq!(
            circles(&[vec![1], vec![2, 3], vec![1], vec![4, 4], vec![3], vec![0, 3]]),
            [vec![1, 2], vec![3, 4]]
        );
    }
}
