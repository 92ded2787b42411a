//! What stops a guest before its containers: keys, disk, gateway, clock, and the scripts.

use super::{Cause, Sign, Weight, subject};
use crate::diagnosis::line::{APP, COMPOSE, GUEST, KERNEL, REPORT, SYSTEMD};
use crate::diagnosis::stage::{
    BOOTING, CONTAINERS, DISK, DONE, GATEWAY, GPU, KEYS, SCRIPT, Stages,
};

const KMS: u16 = GUEST | REPORT;
const SCRIPTS: u16 = COMPOSE | GUEST | REPORT;
const EARLY: Stages = KEYS | DISK | GATEWAY;

const fn refused(cause: Cause, any: &'static [&'static str]) -> Sign {
    Sign::new(cause, KMS, KEYS, &[]).any(any)
}

pub(super) const SIGNS: &[Sign] = &[
    refused(
        Cause::HashNotAllowed,
        &["compose hash not allowed", "compose hash is not allowed"],
    ),
    refused(
        Cause::DeviceNotAllowed,
        &[
            "device not allowed",
            "device is not allowed",
            "device id not allowed",
        ],
    ),
    refused(
        Cause::OsImageNotAllowed,
        &[
            "os image is not allowed",
            "os image not allowed",
            "aggregated mr not allowed",
            "failed to verify os image hash",
        ],
    ),
    refused(
        Cause::AppUnknown,
        &[
            "app not registered",
            "app is not registered",
            "app not found",
            "unknown app",
        ],
    ),
    refused(Cause::TcbOutdated, &["tcb status is not up to date"]),
    refused(
        Cause::BootDenied,
        &["boot denied", "boot is not allowed", "app not allowed"],
    )
    .about(subject::reason),
    // This call needs no permission, so where it fails, nobody answered. A refusal by another KMS says more.
    Sign::new(
        Cause::KmsUnreachable,
        KMS,
        KEYS,
        &["failed to get temp ca cert"],
    )
    .weight(Weight::Likely),
    Sign::new(Cause::KmsUnreachable, KMS, KEYS, &["kms"])
        .any(&[
            "connection refused",
            "timed out",
            "dns error",
            "error sending request",
            "tcp connect error",
            "unreachable",
            "no route to host",
        ])
        .about(subject::host),
    Sign::new(Cause::EnvUnreadable, KMS, EARLY, &[]).any(&[
        "failed to decrypt env",
        "failed to decrypt the encrypted environment",
        "invalid env crypt key length",
    ]),
    Sign::new(Cause::DataDiskLocked, KMS, DISK, &[]).any(&[
        "failed to open encrypted data disk",
        "no key available with this passphrase",
        "failed to validate luks2 header",
        "failed to load luks2 header",
        "failed to import zpool",
    ]),
    Sign::new(Cause::GpuNotAttested, KMS, GPU, &["gpu"])
        .any(&["attest", "claim", "policy"])
        .not(&["verifying gpu", "attesting gpu", "accepted"]),
    // The boot goes on without it. It is the cause of what is reported only while the report says so.
    Sign::new(Cause::NoRoute, KMS, GATEWAY, &[]).any(&[
        "no ingress route",
        "failed to register cvm",
        "gateway registration failed",
        "failed to register with the gateway",
    ]),
    Sign::new(
        Cause::ClockUnset,
        GUEST | SYSTEMD | REPORT,
        BOOTING,
        &["waiting for the system time to be synchronized"],
    ),
    Sign::new(
        Cause::CommandNotFound,
        SCRIPTS,
        SCRIPT,
        &[": command not found"],
    )
    .about(subject::command),
    Sign::new(
        Cause::EnvMissing,
        SCRIPTS | APP,
        SCRIPT | CONTAINERS | DONE,
        &[": unbound variable"],
    )
    .about(subject::variable),
    Sign::new(
        Cause::EnvMissing,
        SCRIPTS,
        CONTAINERS | SCRIPT,
        &["required variable", "is missing a value"],
    )
    .about(subject::variable),
    Sign::new(Cause::EnvMissing, SCRIPTS, SCRIPT, &[])
        .any(&["parameter null or not set", "parameter not set"])
        .about(subject::variable),
    Sign::new(Cause::EnvMissing, APP, CONTAINERS | DONE, &[])
        .any(&[
            "is not set",
            "must be set",
            "is required",
            "not defined",
            "missing required",
            "is missing",
            "keyerror: '",
        ])
        .about(subject::variable)
        .named(),
    Sign::new(
        Cause::ScriptFailed,
        SYSTEMD,
        SCRIPT,
        &["main process exited", "code=exited", "status="],
    )
    .any(&["app-compose.service", "dstack-prepare.service"])
    .about(subject::exit_code)
    .weight(Weight::Where),
    Sign::new(Cause::ScriptFailed, REPORT, SCRIPT, &[])
        .any(&["exit status", "exit code", "non-zero", "script failed"])
        .about(subject::exit_code)
        .weight(Weight::Where),
    Sign::new(
        Cause::MachineExited,
        KERNEL,
        crate::diagnosis::stage::ANYWHERE,
        &["kernel panic - not syncing"],
    )
    .not(&["out of memory", "deadlocked on memory"])
    .about(subject::reason),
];
