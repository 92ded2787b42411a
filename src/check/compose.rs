//! Checks of a compose text before any request: what would be refused, and what would fail on a distant machine.
//!
//! The machine gets this text and nothing else: no folder, no build context, no file beside it. Nothing here asks a
//! registry, and no byte of the text is changed.

mod image;
mod mounts;

use super::names::{self, UsedName};
use super::yaml::{self, Node};
use super::{Finding, MAX_COMBINED_BYTES, Severity, text_form};

pub use image::registry_remarks;

/// Beyond this a text is not even parsed: it is far over the limit anyway.
const MAX_PARSED_BYTES: usize = 1 << 20;

const ONLY_TEXT: &str = "the machine gets only this text, not your folder";

/// Everything a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComposeReport {
    /// Errors first, then remarks, each by line.
    pub findings: Vec<Finding>,
    /// Services in the order of the text; empty when it is not YAML.
    pub services: Vec<Service>,
    /// Variables used, in the order of first use.
    pub names: Vec<UsedName>,
    /// Bytes of text and script together.
    pub combined_bytes: usize,
}

/// One service, for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its key.
    pub name: String,
    /// Its image as written; `None` when it has none.
    pub image: Option<String>,
    /// Its published ports as written, `8080:80` style.
    pub ports: Vec<String>,
    /// Line of its key, counted from 1.
    pub line: usize,
}

impl ComposeReport {
    /// Whether nothing stops the person.
    pub fn can_be_sent(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }
}

/// Checks a compose text that will travel with a script of `script_len` bytes.
pub fn check(text: &str, script_len: usize) -> ComposeReport {
    let combined_bytes = text.len().saturating_add(script_len);
    let mut report = ComposeReport {
        combined_bytes,
        ..ComposeReport::default()
    };
    report.findings.extend(size(combined_bytes));
    report.findings.extend(text_form::remarks(text));
    if text.len() <= MAX_PARSED_BYTES {
        match yaml::parse(text) {
            Ok(root) => check_document(&root, text, &mut report),
            Err(error) => report.findings.push(not_yaml(error)),
        }
    }
    report
        .findings
        .sort_by_key(|finding| (finding.severity, finding.line));
    report
}

fn size(bytes: usize) -> Option<Finding> {
    (bytes > MAX_COMBINED_BYTES).then(|| {
        let what =
            format!("{bytes} bytes together with the script, {MAX_COMBINED_BYTES} are allowed");
        Finding::error(
            what,
            "move large content into an image or fetch it at start",
        )
    })
}

fn not_yaml(error: yaml::YamlError) -> Finding {
    let finding = Finding::error(
        error.message,
        "the text is not readable as YAML from here on",
    );
    Finding {
        line: error.line,
        column: error.column,
        ..finding
    }
}

fn check_document(root: &Node, text: &str, report: &mut ComposeReport) {
    let findings = &mut report.findings;
    if root.is_null() {
        findings.push(Finding::error(
            "there is nothing in it",
            "a compose file needs 'services:'",
        ));
        return;
    }
    if !root.is_map() {
        let what = "this is no mapping of keys to values";
        findings.push(
            Finding::error(what, "a compose file starts with keys such as 'services:'")
                .at(root.line, root.column),
        );
        return;
    }
    let (used, bad_dollars) = names::scan(root, text);
    findings.extend(bad_dollars.into_iter().map(|bad| {
        let why = "docker compose refuses it: write '$$' for a plain dollar";
        Finding::error("a '$' that names no variable", why).at(bad.line, bad.column)
    }));
    report.names = used;
    findings.extend(files_elsewhere(root));
    match root.entry("services") {
        Some((_, services)) if !services.entries().is_empty() => {
            report.services = services
                .entries()
                .iter()
                .map(|(key, body)| service_row(key, body))
                .collect();
            for (key, body) in services.entries() {
                findings.extend(check_service(key, body, root));
            }
            findings.extend(image::tag_remarks(services.entries()));
            findings.extend(no_ports(services.entries()));
        }
        Some((key, _)) => findings.push(
            Finding::error("'services:' is empty", "name at least one service")
                .at(key.line, key.column),
        ),
        None => findings.push(Finding::error(
            "there is no 'services:'",
            "name at least one service",
        )),
    }
}

/// Sections that point at files which do not travel.
fn files_elsewhere(root: &Node) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some((key, _)) = root.entry("include") {
        let what = "'include:' names another file";
        found.push(Finding::error(what, ONLY_TEXT).at(key.line, key.column));
    }
    for section in ["configs", "secrets"] {
        for (name, body) in root.get(section).map(Node::entries).unwrap_or_default() {
            if let Some((key, _)) = body.entry("file") {
                let what = format!(
                    "{section} '{}' comes from a file",
                    name.text().unwrap_or_default()
                );
                let why = "the file does not travel; use 'content:' or 'environment:'";
                found.push(Finding::error(what, why).at(key.line, key.column));
            }
        }
    }
    found
}

fn service_row(key: &Node, body: &Node) -> Service {
    let ports = body.get("ports").map(Node::items).unwrap_or_default();
    Service {
        name: key.text().unwrap_or_default().to_owned(),
        image: body.get("image").and_then(Node::text).map(str::to_owned),
        ports: ports.iter().filter_map(port_text).collect(),
        line: key.line,
    }
}

fn port_text(port: &Node) -> Option<String> {
    if let Some(text) = port.text() {
        return Some(text.to_owned());
    }
    let target = port.get("target").and_then(Node::text)?;
    Some(match port.get("published").and_then(Node::text) {
        Some(published) => format!("{published}:{target}"),
        None => target.to_owned(),
    })
}

fn check_service(key: &Node, body: &Node, root: &Node) -> Vec<Finding> {
    let name = key.text().unwrap_or_default();
    if !body.is_map() {
        let what = format!("service '{name}' has nothing in it");
        return vec![Finding::error(what, "it needs at least 'image:'").at(key.line, key.column)];
    }
    let mut found = Vec::new();
    found.extend(image::origin(key, body));
    found.extend(env_files(name, body));
    found.extend(extends_elsewhere(name, body));
    found.extend(mounts::check(name, body, root));
    if let Some(platform) = body
        .get("platform")
        .filter(|p| p.text().is_some_and(|t| t.contains("arm")))
    {
        let what = format!("service '{name}' asks for an ARM platform");
        found.push(
            Finding::remark(what, "the machines are amd64").at(platform.line, platform.column),
        );
    }
    found
}

fn env_files(name: &str, body: &Node) -> Vec<Finding> {
    let Some((key, value)) = body.entry("env_file") else {
        return Vec::new();
    };
    let optional = |file: &Node| file.get("required").and_then(Node::text) == Some("false");
    let path = |file: &Node| {
        file.text()
            .or_else(|| file.get("path")?.text())
            .unwrap_or_default()
            .to_owned()
    };
    // The guest itself keeps the opened variables under this name.
    let in_guest = |path: &str| path.starts_with('/') || path.ends_with(".decrypted-env");
    let files: Vec<&Node> = if value.items().is_empty() {
        vec![value]
    } else {
        value.items().iter().collect()
    };
    if files
        .iter()
        .all(|file| optional(file) || in_guest(&path(file)))
    {
        return Vec::new();
    }
    let why = "the file does not travel; write 'environment:' and give the values in the next step";
    vec![
        Finding::error(format!("service '{name}' reads 'env_file:'"), why).at(key.line, key.column),
    ]
}

fn extends_elsewhere(name: &str, body: &Node) -> Option<Finding> {
    let (key, _) = body.get("extends")?.entry("file")?;
    let what = format!("service '{name}' extends another file");
    Some(Finding::error(what, ONLY_TEXT).at(key.line, key.column))
}

fn no_ports(services: &[(Node, Node)]) -> Option<Finding> {
    let reachable = |body: &Node| {
        body.get("ports")
            .is_some_and(|ports| !ports.items().is_empty())
            || body.get("network_mode").and_then(Node::text) == Some("host")
            || body.get("extends").is_some()
    };
    let none = !services.iter().any(|(_, body)| reachable(body));
    none.then(|| {
        Finding::remark(
            "no service publishes a port",
            "nothing can be reached from outside; that may be meant",
        )
    })
}

/// How many findings stop and how many do not.
pub fn counts(findings: &[Finding]) -> (usize, usize) {
    let errors = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .count();
    (errors, findings.len() - errors)
}

#[cfg(test)]
mod tests;
