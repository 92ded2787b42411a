//! Images that cannot be pulled: docker and docker compose, registries, and the login of the default script.

use super::{Cause, Sign, subject};
use crate::diagnosis::line::{APP, COMPOSE, ENGINE, REPORT};
use crate::diagnosis::stage::{CONTAINERS, DONE, SCRIPT, Stages};

const PULL: Stages = SCRIPT | CONTAINERS;
const DOCKER: u16 = COMPOSE | ENGINE | REPORT;

const fn pull(cause: Cause, all: &'static [&'static str]) -> Sign {
    Sign::new(cause, DOCKER, PULL, all).about(subject::image)
}

pub(super) const SIGNS: &[Sign] = &[
    // Its words end with "not found", so it stands before the image that is not there.
    pull(
        Cause::WrongArchitecture,
        &["no matching manifest for linux/amd64"],
    ),
    pull(Cause::WrongArchitecture, &["specified platform"])
        .any(&["does not provide", "does not match"]),
    pull(
        Cause::WrongArchitecture,
        &[
            "requested image's platform",
            "does not match the detected host platform",
        ],
    ),
    Sign::new(
        Cause::WrongArchitecture,
        COMPOSE | ENGINE | REPORT | APP,
        CONTAINERS | DONE,
        &["exec", "exec format error"],
    )
    .about(subject::path),
    pull(Cause::PullLimit, &["toomanyrequests"]),
    pull(Cause::PullLimit, &["pull rate limit"]),
    pull(Cause::PullLimit, &["429 too many requests"]).any(&[
        "/v2/",
        "/token",
        "registry",
        "failed to resolve",
    ]),
    pull(
        Cause::ImageNotFound,
        &["ghcr pull access denied", "(http 404)"],
    ),
    pull(Cause::ImageDenied, &["ghcr pull access denied"]),
    // Before the script ends, "denied" at the root of a registry is about the login itself.
    Sign::new(
        Cause::LoginRefused,
        DOCKER,
        SCRIPT,
        &["docker login failed"],
    )
    .about(subject::host),
    Sign::new(Cause::LoginRefused, DOCKER, SCRIPT, &[])
        .any(&[
            "incorrect username or password",
            "invalid aws credentials",
            "aws credentials test failed",
        ])
        .about(subject::host),
    Sign::new(
        Cause::LoginRefused,
        DOCKER,
        SCRIPT,
        &["aws ecr login failed"],
    )
    .not(&["temporary"]),
    Sign::new(
        Cause::LoginRefused,
        DOCKER,
        SCRIPT,
        &["ghcr token exchange failed"],
    ),
    Sign::new(Cause::LoginRefused, DOCKER, SCRIPT, &["/v2/\":"])
        .any(&["unauthorized", "denied", "401", "403"])
        .not(&["/manifests/"])
        .about(subject::host),
    pull(Cause::ImageDenied, &["pull access denied"]),
    pull(
        Cause::ImageDenied,
        &["requested access to the resource is denied"],
    ),
    pull(
        Cause::ImageDenied,
        &["unauthorized: authentication required"],
    ),
    pull(Cause::ImageDenied, &["no basic auth credentials"]),
    pull(Cause::ImageDenied, &["insufficient_scope"]),
    pull(Cause::ImageDenied, &["error from registry"]).any(&["denied", "unauthorized"]),
    pull(Cause::ImageDenied, &["/v2/"]).any(&[
        ": denied",
        ": unauthorized",
        "401 unauthorized",
        "403 forbidden",
    ]),
    pull(Cause::ImageDenied, &["failed to resolve reference"]).any(&[
        "unauthorized",
        "403 forbidden",
        "failed to authorize",
    ]),
    pull(Cause::ImageNotFound, &["manifest unknown"]),
    pull(Cause::ImageNotFound, &["repository does not exist"]),
    pull(
        Cause::ImageNotFound,
        &["failed to resolve reference", "not found"],
    ),
    pull(
        Cause::ImageNotFound,
        &["repository name not known to registry"],
    ),
    pull(Cause::ImageNotFound, &["name unknown"]),
    Sign::new(Cause::RegistryUnreachable, DOCKER, PULL, &[])
        .any(&[
            "no such host",
            "i/o timeout",
            "tls handshake timeout",
            "connection refused",
            "connection reset by peer",
            "no route to host",
            "network is unreachable",
            "temporary failure in name resolution",
            "server misbehaving",
            "client.timeout exceeded",
            "request canceled while waiting for connection",
            "context deadline exceeded",
            "x509:",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway time",
        ])
        .about(subject::host)
        .named(),
];
