//! Mounts: folders of this machine that do not travel, and volumes nobody declared.

use super::super::yaml::Node;
use super::Finding;

/// Paths that exist in the guest and are meant to be mounted.
const GUEST_PATHS: [&str; 12] = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/var/run/dstack.sock",
    "/run/dstack.sock",
    "/var/run/tappd.sock",
    "/run/tappd.sock",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/ssl/certs",
    "/etc/os-release",
    "/var/lib/docker",
    "/var/log",
];

/// Trees of the guest's own, mounted by tools that look at the machine.
const GUEST_TREES: [&str; 6] = ["/proc", "/sys", "/dev", "/dstack", "/tapp", "/tmp"];

/// What a mount takes its content from.
enum Source<'s> {
    /// A folder or file beside the compose file or in a home folder.
    Here(&'s str),
    /// An absolute path the guest is not known to have.
    Absolute(&'s str),
    /// A named volume.
    Volume(&'s str),
    /// Something that is there, or a variable hides.
    Fine,
}

/// Checks the mounts of one service.
pub(super) fn check(service: &str, body: &Node, root: &Node) -> Vec<Finding> {
    let mounts = body.get("volumes").map(Node::items).unwrap_or_default();
    let declared = |name: &str| root.get("volumes").is_some_and(|v| v.entry(name).is_some());
    mounts
        .iter()
        .filter_map(|mount| {
            let finding = match source(mount) {
                Source::Here(path) => Finding::remark(
                    format!("service '{service}': bind mount {path}"),
                    "the folder does not travel; use 'configs:' with 'content:', or a variable",
                ),
                Source::Absolute(path) => Finding::remark(
                    format!("service '{service}': bind mount {path}"),
                    "the path is read in the machine, where it is empty unless something fills it",
                ),
                Source::Volume(name) if !declared(name) => Finding::error(
                    format!(
                        "service '{service}' mounts the volume '{name}', which is not declared"
                    ),
                    "add it under 'volumes:' at the top level",
                ),
                Source::Volume(_) | Source::Fine => return None,
            };
            Some(finding.at(mount.line, mount.column))
        })
        .collect()
}

fn source(mount: &Node) -> Source<'_> {
    let Some(short) = mount.text() else {
        let kind = mount.get("type").and_then(Node::text).unwrap_or("volume");
        return match (kind, mount.get("source").and_then(Node::text)) {
            ("bind", Some(path)) if !is_path(path) && !path.starts_with('$') => Source::Here(path),
            ("bind" | "volume", Some(source)) => classify(source),
            _ => Source::Fine,
        };
    };
    // `C:\data:/data`: the colon behind a drive letter separates nothing.
    let bytes = short.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'\\' {
        return Source::Here(short);
    }
    match short.split_once(':') {
        Some((source, _)) => classify(source),
        None => Source::Fine,
    }
}

fn classify(source: &str) -> Source<'_> {
    if source.contains('$') || source.is_empty() {
        Source::Fine
    } else if source.starts_with('/') {
        if is_guest_path(source) {
            Source::Fine
        } else {
            Source::Absolute(source)
        }
    } else if is_path(source) {
        Source::Here(source)
    } else {
        Source::Volume(source)
    }
}

fn is_path(source: &str) -> bool {
    source.starts_with(['.', '~', '/', '\\']) || source.contains('/')
}

fn is_guest_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.is_empty()
        || GUEST_PATHS.contains(&path)
        || GUEST_TREES.iter().any(|tree| {
            path.strip_prefix(tree)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}
