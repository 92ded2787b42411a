//! A creation that failed, in the service's codes and words, and a boot that the service ends.

use super::{Cause, Sign, subject};
use crate::diagnosis::line::{CREATION, MANAGER, REPORT};
use crate::diagnosis::stage::ANYWHERE;

const fn code(cause: Cause, any: &'static [&'static str]) -> Sign {
    Sign::new(cause, CREATION, ANYWHERE, &[]).any(any)
}

const fn said(cause: Cause, all: &'static [&'static str]) -> Sign {
    Sign::new(cause, CREATION | REPORT, ANYWHERE, all)
}

pub(super) const SIGNS: &[Sign] = &[
    code(
        Cause::NodeFull,
        &[
            "err-02-002",
            "err-02-003",
            "err-02-004",
            "err-02-005",
            "err-02-007",
            "err-02-016",
        ],
    ),
    code(
        Cause::QuotaReached,
        &["err-02-015", "err-04-002", "err-04-003"],
    ),
    code(Cause::CreditExhausted, &["err-04-001"]),
    code(
        Cause::OsImageMissing,
        &["err-02-010", "err-02-013", "err-03-006"],
    ),
    code(Cause::NodeUnavailable, &["err-01-001", "err-02-012"]),
    code(Cause::ComposeInvalid, &["err-01-003"]),
    code(Cause::HashNotAllowed, &["err-01-008"]),
    said(Cause::QuotaReached, &["quota"])
        .any(&["exceed", "reached"])
        .not(&["disk quota"]),
    said(Cause::CreditExhausted, &[]).any(&[
        "insufficient balance",
        "insufficient credit",
        "balance is too low",
        "balance too low",
        "out of credit",
        "credit is used up",
        "credits exhausted",
    ]),
    said(Cause::OsImageMissing, &["image"]).any(&[
        "os image not found",
        "os image is not on",
        "is not available on the node",
        "not found on the node",
        "no compatible os image",
    ]),
    said(Cause::NodeFull, &[]).any(&[
        "not enough vcpu",
        "not enough memory on the node",
        "not enough slots",
        "no resources match",
        "insufficient capacity",
        "no capacity",
        "node is full",
        "gpu is busy",
        "not enough gpu",
    ]),
    // The process around the guest gets no memory from the node.
    Sign::new(
        Cause::NodeFull,
        CREATION | MANAGER,
        ANYWHERE,
        &["cannot set up guest memory"],
    )
    .about(subject::reason),
    said(Cause::NodeUnavailable, &["node"])
        .any(&[
            "is not available",
            "is offline",
            "is in maintenance",
            "not reachable",
        ])
        .not(&["image"]),
];
