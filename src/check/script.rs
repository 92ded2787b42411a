//! Checks of a pre-launch script: would a shell read it, does it hold a secret, and what does it switch off.
//!
//! The script is part of the compose hash and readable by others; a value in it is no secret any more. Nothing is
//! run here.

use std::collections::BTreeMap;

use tree_sitter::{Node, TreeCursor};

use super::default_script::Duty;
use super::names::{NameState, NameVerdict, UsedName};
use super::{Finding, MAX_COMBINED_BYTES, shell, text_form};
use crate::secret::Secret;

/// Values shorter than this stand in any text by chance.
const LEAST_SECRET_BYTES: usize = 6;
/// Syntax findings beyond this are echoes of the first.
const MOST_SYNTAX_FINDINGS: usize = 5;

const FAILS: &str = "a script that fails stops the boot at 'pre-launch'";

/// Checks a script that will travel with a compose text of `compose_len` bytes, against the values given.
pub fn check(text: &str, compose_len: usize, values: &[Secret]) -> Vec<Finding> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return vec![Finding::error(
            "the script is empty",
            "choose the default script instead",
        )];
    }
    let mut findings = Vec::new();
    findings.extend(size(text.len().saturating_add(compose_len)));
    findings.extend(form(text));
    findings.extend(secrets(text, values));
    if text.len() <= MAX_COMBINED_BYTES && is_shell(text) {
        findings.extend(syntax(text));
    }
    findings.sort_by_key(|finding| (finding.severity, finding.line));
    findings
}

fn size(bytes: usize) -> Option<Finding> {
    (bytes > MAX_COMBINED_BYTES).then(|| {
        let what = format!(
            "{bytes} bytes together with the compose file, {MAX_COMBINED_BYTES} are allowed"
        );
        Finding::error(what, "fetch large content at start instead")
    })
}

/// Line ends, byte order mark and first line. What is a remark in a compose file breaks a script.
fn form(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(line) = text_form::first_crlf_line(text) {
        let what = "has Windows line ends (CRLF)";
        let why = "the shell reads the carriage return as part of each command: save it with LF";
        found.push(Finding::error(what, why).at(line, 1));
    }
    if text.starts_with('\u{feff}') {
        let why = "the first line would not be read as it is meant: save it without";
        found.push(Finding::error("starts with a byte order mark", why).at(1, 1));
    } else if !text.starts_with("#!") {
        let why = "start it with '#!/bin/bash', so that it is clear what runs it";
        found.push(Finding::remark("no '#!' in the first line", why).at(1, 1));
    }
    found
}

/// One finding for each value that stands in the text; which value is never said.
fn secrets(text: &str, values: &[Secret]) -> Vec<Finding> {
    let telling = |value: &&Secret| value.expose().trim().len() >= LEAST_SECRET_BYTES;
    values
        .iter()
        .filter(telling)
        .filter_map(|value| {
            let at = text.find(value.expose().trim())?;
            let line = text[..at].matches('\n').count() + 1;
            let why = "the script is not encrypted, others can read it: use the variable's name";
            Some(Finding::error("a value of your variables stands in it", why).at(line, 1))
        })
        .collect()
}

/// Whether the first line names a shell, or nothing.
fn is_shell(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first
        .strip_prefix("#!")
        .is_none_or(|interpreter| interpreter.contains("sh"))
}

/// Places the shell grammar cannot read.
fn syntax(text: &str) -> Vec<Finding> {
    let Some(tree) = shell::parse(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(&mut tree.walk(), text, &mut found);
    found
}

/// Walks to the outermost broken nodes, without recursion: scripts may nest deeply.
fn collect(cursor: &mut TreeCursor<'_>, text: &str, found: &mut Vec<Finding>) {
    loop {
        let node = cursor.node();
        let broken = node.is_error() || node.is_missing();
        if broken {
            found.push(broken_syntax(node, text));
            if found.len() == MOST_SYNTAX_FINDINGS {
                return;
            }
        }
        if !broken && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

fn broken_syntax(node: Node<'_>, text: &str) -> Finding {
    let (start, end) = (node.start_position(), node.end_position());
    let before = text
        .lines()
        .nth(start.row)
        .and_then(|line| line.get(..start.column));
    let column = before.map_or(1, |before| before.chars().count() + 1);
    let never_ends = text
        .get(node.end_byte()..)
        .is_none_or(|rest| rest.trim().is_empty());
    let finding = if node.is_missing() {
        Finding::error(format!("'{}' is missing here", node.kind()), FAILS)
    } else if never_ends || end.row > start.row {
        Finding::error("the shell cannot read it from here on", FAILS)
    } else {
        // The grammar knows a little less than bash, and a good script must not be stopped for that.
        Finding::remark("the shell may not be able to read this", FAILS)
    };
    finding.at(start.row + 1, column)
}

/// What stops working when the own script stands alone, given the names in play.
///
/// `used` are the names of the compose text, `rows` the comparison of names; both tell which duties of the default
/// script somebody relies on.
pub fn switched_off(used: &[UsedName], rows: &[NameState]) -> Vec<Finding> {
    let mut given: BTreeMap<Duty, Vec<&str>> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| row.given && row.state != NameVerdict::NotAllowed)
    {
        if let Some(duty) = Duty::of(&row.name).filter(|duty| *duty != Duty::Sets) {
            given.entry(duty).or_default().push(&row.name);
        }
    }
    let unserved = given.into_iter().map(|(duty, names)| {
        let consequence = match duty {
            Duty::RegistryLogin => {
                "nobody would sign in to the registry: pulling a private image fails"
            }
            Duty::EcrLogin => "nobody would sign in to AWS ECR: pulling from it fails",
            Duty::RootPassword => "nobody would set the root password",
            Duty::SshKeys | Duty::Sets => "nobody would write the SSH keys: you could not sign in",
        };
        Finding::remark(format!("{} (you set it)", names.join(", ")), consequence)
    });
    let is_given = |name: &str| rows.iter().any(|row| row.name == name && row.given);
    let blank = used
        .iter()
        .filter(|u| Duty::of(&u.name) == Some(Duty::Sets) && !is_given(&u.name))
        .map(|u| {
            let what = format!(
                "${{{}}} in {} (line {})",
                u.name,
                u.used_by.join(", "),
                u.line
            );
            Finding::remark(what, "would be blank")
        });
    unserved.chain(blank).collect()
}

#[cfg(test)]
mod tests;
