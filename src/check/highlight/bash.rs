//! Meanings in a shell script, from the leaves of its syntax tree.

use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::super::shell;
use super::{Span, SpanKind};

/// Spans per line; all plain when the grammar cannot read the script with reasonable work.
pub(super) fn highlight(text: &str) -> Vec<Vec<Span>> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let mut lines = vec![Vec::new(); starts.len()];
    let Some(tree) = shell::parse(text) else {
        return lines;
    };
    for (range, kind) in parts(&tree, text) {
        file_by_line(range, kind, &starts, text, &mut lines);
    }
    for line in &mut lines {
        line.sort_by_key(|span| span.start);
    }
    lines
}

/// Coloured byte ranges of the whole text, without overlap.
fn parts(tree: &Tree, text: &str) -> Vec<(Range<usize>, SpanKind)> {
    let mut parts = Vec::new();
    let mut cursor = tree.walk();
    let mut parents: Vec<Node<'_>> = Vec::new();
    loop {
        let node = cursor.node();
        if cursor.goto_first_child() {
            if node.kind() == "heredoc_body" {
                parts.extend(between_children(node).map(|gap| (gap, SpanKind::Text)));
            }
            parents.push(node);
            continue;
        }
        let parent = parents.last().map_or("", Node::kind);
        if let Some(kind) = meaning(node, parent, text) {
            parts.push((node.byte_range(), kind));
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return parts;
            }
            parents.pop();
        }
    }
}

/// What a leaf means; nothing for a plain word.
fn meaning(leaf: Node<'_>, parent: &str, text: &str) -> Option<SpanKind> {
    let in_string = matches!(parent, "string" | "translated_string");
    Some(match leaf.kind() {
        "comment" => SpanKind::Comment,
        "string" | "string_content" | "raw_string" | "ansi_c_string" | "heredoc_body"
        | "heredoc_content" | "heredoc_start" | "heredoc_end" | "regex" => SpanKind::Text,
        "\"" if in_string => SpanKind::Text,
        "variable_name" | "special_variable_name" => SpanKind::Variable,
        "$" | "${" | "}" if matches!(parent, "expansion" | "simple_expansion") => {
            SpanKind::Variable
        }
        "word" if matches!(parent, "command_name" | "function_definition") => SpanKind::Key,
        "number" | "file_descriptor" => SpanKind::Number,
        "test_operator" => SpanKind::Punctuation,
        _ if leaf.is_named() => return None,
        _ if text[leaf.start_byte()..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
            SpanKind::Keyword
        }
        _ => SpanKind::Punctuation,
    })
}

/// The ranges of a node that none of its children covers.
fn between_children(node: Node<'_>) -> impl Iterator<Item = Range<usize>> {
    let mut children: Vec<Range<usize>> = node
        .children(&mut node.walk())
        .map(|child| child.byte_range())
        .collect();
    children.push(node.end_byte()..node.end_byte());
    let mut from = node.start_byte();
    children
        .into_iter()
        .map(move |child| std::mem::replace(&mut from, child.end)..child.start)
}

/// Cuts a range at line ends and files it under its lines.
fn file_by_line(
    part: Range<usize>,
    kind: SpanKind,
    starts: &[usize],
    text: &str,
    lines: &mut [Vec<Span>],
) {
    let first = starts
        .partition_point(|&start| start <= part.start)
        .saturating_sub(1);
    for (row, &line_start) in starts
        .iter()
        .enumerate()
        .skip(first)
        .take_while(|(_, s)| **s < part.end)
    {
        let line_end = starts.get(row + 1).map_or(text.len(), |next| next - 1);
        let from = part.start.max(line_start);
        let to = part.end.min(line_end);
        if from < to {
            lines[row].push(Span {
                start: from - line_start,
                end: to - line_start,
                kind,
            });
        }
    }
}
