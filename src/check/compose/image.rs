//! Where images come from: named at all, pinned, and pullable without a login.

use super::super::yaml::Node;
use super::{Finding, Service};

/// Registries whose images are read by anyone as a rule.
const PUBLIC: [&str; 9] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "public.ecr.aws",
    "mcr.microsoft.com",
    "registry.k8s.io",
    "quay.io",
    "gcr.io",
    "nvcr.io",
];

/// A service without an image, or with a build context that does not travel.
pub(super) fn origin(key: &Node, body: &Node) -> Option<Finding> {
    let name = key.text().unwrap_or_default();
    let image = body
        .get("image")
        .and_then(Node::text)
        .filter(|image| !image.trim().is_empty());
    match (image, body.entry("build")) {
        (None, Some((build, _))) => {
            let what = format!("service '{name}' has 'build:' but no 'image:'");
            let why = "the machine gets only this text, not your folder: push an image and name it";
            Some(Finding::error(what, why).at(build.line, build.column))
        }
        (Some(_), Some((build, _))) => {
            let what = format!("service '{name}' has 'build:' beside 'image:'");
            let why = "nothing can be built there: the image must be in the registry";
            Some(Finding::remark(what, why).at(build.line, build.column))
        }
        (None, None) if body.get("extends").is_none() && body.get("provider").is_none() => {
            let what = format!("service '{name}' has no 'image:'");
            Some(Finding::error(what, "name the image to run").at(key.line, key.column))
        }
        _ => None,
    }
}

/// Images without a tag, with `latest`, or with a tag where a digest is advised: one remark for each kind.
pub(super) fn tag_remarks(services: &[(Node, Node)]) -> Vec<Finding> {
    let kinds = [
        (
            Pin::None,
            "no tag, so 'latest' is meant",
            "two boots may run two different images: name a version",
        ),
        (
            Pin::Latest,
            "tag 'latest'",
            "two boots may run two different images: name a version",
        ),
        (
            Pin::Tag,
            "tag, not digest",
            "a tag can be moved later; '@sha256:...' cannot",
        ),
    ];
    let pinned = |kind: Pin| {
        services.iter().filter_map(move |(key, body)| {
            let image = body.get("image")?;
            (pin(image.text()?) == Some(kind)).then_some((key, image))
        })
    };
    let remark = |(kind, fact, why)| {
        let names: Vec<&str> = pinned(kind).filter_map(|(key, _)| key.text()).collect();
        let (_, first) = pinned(kind).next()?;
        Some(
            Finding::remark(format!("{}: {fact}", names.join(", ")), why)
                .at(first.line, first.column),
        )
    };
    kinds.into_iter().filter_map(remark).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pin {
    None,
    Latest,
    Tag,
    Digest,
}

/// How an image is pinned; `None` when a variable hides it.
fn pin(image: &str) -> Option<Pin> {
    let image = image.trim();
    let last = image.rsplit('/').next().unwrap_or(image);
    if image.contains("@sha256:") {
        return Some(Pin::Digest);
    }
    match last.split_once(':') {
        _ if image.is_empty() || last.contains('$') || image.ends_with('}') => None,
        None => Some(Pin::None),
        Some((_, "latest")) => Some(Pin::Latest),
        Some(_) => Some(Pin::Tag),
    }
}

/// Images that look private while the names given hold no login for their registry.
pub fn registry_remarks(services: &[Service], given: &[String]) -> Vec<Finding> {
    let has = |name: &str| given.iter().any(|g| g == name);
    let docker = has("DSTACK_DOCKER_USERNAME") && has("DSTACK_DOCKER_PASSWORD");
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for service in services {
        let Some(host) = service.image.as_deref().and_then(private_host) else {
            continue;
        };
        if seen.contains(&host) {
            continue;
        }
        seen.push(host);
        let finding = if host.contains(".dkr.ecr.") {
            (!has("DSTACK_AWS_ACCESS_KEY_ID")).then_some((
                format!("{host} looks private: needs DSTACK_AWS_*"),
                "without a login the image cannot be pulled",
            ))
        } else if !docker {
            Some((
                format!(
                    "{host} looks private: needs DSTACK_DOCKER_USERNAME and DSTACK_DOCKER_PASSWORD"
                ),
                "without a login a private image cannot be pulled; a public one needs none",
            ))
        } else {
            (!has("DSTACK_DOCKER_REGISTRY")).then_some((
                format!("the login would go to docker.io, not to {host}"),
                "give DSTACK_DOCKER_REGISTRY too",
            ))
        };
        found.extend(finding.map(|(what, why)| Finding::remark(what, why).at(service.line, 1)));
    }
    found
}

/// The registry of an image when it is named and not a public one.
fn private_host(image: &str) -> Option<&str> {
    let (host, _) = image.split_once('/')?;
    let is_host = (host.contains('.') || host.contains(':')) && !host.contains('$');
    (is_host && !PUBLIC.contains(&host)).then_some(host)
}
