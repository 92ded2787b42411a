//! Memory and disk of the machine, as the kernel and everybody else complain of them.

use super::{Cause, Sign, Weight, subject};
use crate::diagnosis::line::{COMPOSE, CREATION, ENGINE, GUEST, KERNEL, REPORT};
use crate::diagnosis::stage::{ANYWHERE, CONTAINERS, DISK, DOCKER, DONE, GATEWAY, SCRIPT};

pub(super) const SIGNS: &[Sign] = &[
    Sign::new(
        Cause::OutOfMemory,
        KERNEL,
        DOCKER | SCRIPT | CONTAINERS | DONE,
        &["out of memory: killed process"],
    )
    .about(subject::process),
    Sign::new(
        Cause::OutOfMemory,
        KERNEL,
        ANYWHERE,
        &["kernel panic - not syncing"],
    )
    .any(&["out of memory", "deadlocked on memory"]),
    Sign::new(
        Cause::OutOfMemory,
        COMPOSE | REPORT,
        CONTAINERS,
        &["exited (137)"],
    )
    .weight(Weight::Likely)
    .about(subject::container),
    Sign::new(
        Cause::DiskFull,
        GUEST | COMPOSE | ENGINE | KERNEL | REPORT | CREATION,
        DISK | GATEWAY | DOCKER | SCRIPT | CONTAINERS | DONE,
        &["no space left on device"],
    )
    .about(subject::path),
];
