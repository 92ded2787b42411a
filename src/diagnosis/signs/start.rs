//! Containers that docker compose does not start, and containers that do not stay up.

use super::{Cause, Sign, Weight, subject};
use crate::diagnosis::line::{APP, COMPOSE, ENGINE, REPORT};
use crate::diagnosis::stage::{CONTAINERS, DONE, SCRIPT};

const DOCKER: u16 = COMPOSE | ENGINE | REPORT;

const fn up(cause: Cause, all: &'static [&'static str]) -> Sign {
    Sign::new(cause, DOCKER, CONTAINERS, all)
}

/// Said by a container that does not stay up.
const fn app(cause: Cause, any: &'static [&'static str]) -> Sign {
    Sign::new(cause, APP, CONTAINERS | DONE, &[]).any(any)
}

pub(super) const SIGNS: &[Sign] = &[
    up(Cause::BuildImpossible, &[])
        .any(&[
            "unable to prepare context",
            "failed to read dockerfile",
            "failed to solve: dockerfile",
        ])
        .about(subject::path),
    up(
        Cause::FileMissing,
        &["are you trying to mount a directory onto a file"],
    )
    .about(subject::path),
    up(Cause::FileMissing, &["bind source path does not exist"]).about(subject::path),
    up(Cause::FileMissing, &["env file", "not found"]).about(subject::path),
    up(
        Cause::FileMissing,
        &["error mounting", "no such file or directory"],
    )
    .about(subject::path),
    // Docker makes a folder where the file is missing, and the app finds a folder.
    app(
        Cause::FileMissing,
        &[
            "is a directory: '/",
            "eisdir: illegal operation on a directory",
        ],
    )
    .about(subject::path),
    up(Cause::ComposeInvalid, &[])
        .any(&[
            "invalid reference format",
            "empty section between colons",
            "invalid containerport",
            "invalid hostport",
            "invalid proto",
        ])
        .gap()
        .about(subject::complaint),
    up(Cause::ComposeInvalid, &[])
        .any(&[
            "additional propert",
            "invalid compose project",
            "validating /dstack/docker-compose",
            "parsing /dstack/docker-compose",
            "yaml: line ",
            "yaml: unmarshal errors",
            "did not find expected key",
            "mapping values are not allowed",
            "top-level object must be a mapping",
            "refers to undefined ",
            "depends on undefined service",
            "depends on unknown service",
            "invalid interpolation format",
            "has neither an image nor a build context",
            "empty compose file",
            "no service selected",
            "has no healthcheck configured",
            "declared as external, but could not be found",
        ])
        .about(subject::complaint),
    up(Cause::PortTaken, &[])
        .any(&["port is already allocated", "ports are not available"])
        .about(subject::port),
    up(Cause::PortTaken, &["address already in use"]).about(subject::port),
    app(Cause::PortTaken, &["eaddrinuse", "address already in use"]).about(subject::port),
    up(
        Cause::DeviceRefused,
        &["error gathering device information"],
    )
    .about(subject::path),
    up(Cause::DeviceRefused, &["could not select device driver"]),
    up(Cause::DeviceRefused, &["unknown or invalid runtime name"]),
    up(
        Cause::DeviceRefused,
        &["runtime create failed", "operation not permitted"],
    )
    .about(subject::path),
    up(Cause::DeviceRefused, &["privileged mode is incompatible"]),
    up(Cause::StartCommand, &["exec: \""])
        .any(&[
            "not found",
            "no such file or directory",
            "permission denied",
        ])
        .about(subject::command),
    app(
        Cause::VolumeDenied,
        &[
            "eacces: permission denied, mkdir '/",
            "eacces: permission denied, open '/",
            "permissionerror: [errno 13] permission denied: '/",
            "can't open, permission denied: /",
        ],
    )
    .about(subject::path),
    Sign::new(
        Cause::VolumeDenied,
        APP,
        CONTAINERS | DONE,
        &["permission denied"],
    )
    .any(&[
        "mkdir: ",
        "touch: ",
        "could not change permissions",
        "could not open file",
        "cannot create directory",
    ])
    .about(subject::path)
    .named(),
    Sign::new(
        Cause::VolumeDenied,
        APP,
        CONTAINERS | DONE,
        &["chown: ", "operation not permitted"],
    )
    .about(subject::path)
    .named(),
    Sign::new(
        Cause::DiskFull,
        APP,
        CONTAINERS | DONE,
        &["no space left on device"],
    )
    .about(subject::path),
    up(
        Cause::ContainerUnhealthy,
        &["dependency failed to start", "is unhealthy"],
    )
    .about(subject::container)
    .weight(Weight::Where),
    Sign::new(Cause::ContainerExits, DOCKER, CONTAINERS | SCRIPT, &[])
        .any(&["dependency failed to start", "didn't complete successfully"])
        .not(&["is unhealthy", "has no healthcheck", "exited (137)"])
        .about(subject::container)
        .weight(Weight::Where),
];
