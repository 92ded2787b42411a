//! The hardware's statement: registers with a signature that leads to Intel.
//!
//! Reading and verifying are dcap-qvl's; this file chooses what is asked of it. Debug machines are let through the
//! verification, because whether a quote is genuine and whether its machine can be looked into are two questions, with
//! a line each. It does not fetch collateral and reads no clock.

use dcap_qvl::intel;
use dcap_qvl::quote::{Quote as Parsed, TDReport10};
use dcap_qvl::verify::QuoteVerifier;
use sha2::{Digest, Sha256};

use super::collateral::Collateral;
use super::report::{Check, Subject};
use super::{Case, Unread};
use crate::shown::Shown;

/// What dcap-qvl calls firmware without known open weaknesses.
const UP_TO_DATE: &str = "UpToDate";
/// Characters of a library's reason that are shown.
const REASON_LENGTH: usize = 300;

/// A quote of a TDX machine, read.
pub(super) struct Quote {
    bytes: Vec<u8>,
    parsed: Parsed,
    report: TDReport10,
}

/// What the signatures add to the registers.
pub(super) struct Verified {
    status: String,
    advisories: Vec<String>,
    /// The machine's id in its certificate, 16 bytes.
    ppid: Vec<u8>,
}

#[cfg(test)]
impl Verified {
    /// Of a machine that no fixture has.
    pub fn for_tests(status: &str, advisories: &[&str]) -> Self {
        Self {
            status: status.to_owned(),
            advisories: advisories.iter().map(ToString::to_string).collect(),
            ppid: vec![7; 16],
        }
    }
}

/// The two ways to name a physical machine, by the age of the operating system.
pub(super) struct DeviceIds {
    /// SHA-256 of the PPID, since 0.5.6; `None` if the quote's certificate cannot be read.
    pub by_certificate: Option<[u8; 32]>,
    /// SHA-256 of the header's user data, before that.
    pub by_header: [u8; 32],
}

impl Quote {
    /// Reads a quote; the error is the rest of a sentence about it, safe to show.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed = Parsed::parse(bytes).map_err(|error| reason(&error))?;
        let report = *parsed
            .report
            .as_td10()
            .ok_or("it is not of a TDX machine")?;
        Ok(Self {
            bytes: bytes.to_vec(),
            parsed,
            report,
        })
    }

    /// The registers.
    pub fn report(&self) -> &TDReport10 {
        &self.report
    }

    /// Verifies all signatures at this time, Unix seconds; the error is a reason, safe to show.
    pub fn verify(&self, collateral: &Collateral, at: u64) -> Result<Verified, String> {
        let report = QuoteVerifier::new_prod()
            .allow_debug(true)
            .verify(&self.bytes, collateral.lists(), at)
            .map_err(|error| reason(&format!("{error:#}")))?;
        Ok(Verified {
            status: report.status,
            advisories: report.advisory_ids,
            ppid: report.ppid,
        })
    }

    /// The machine's ids; the verified certificate counts before the one in the quote.
    pub fn device_ids(&self, verified: Option<&Verified>) -> DeviceIds {
        let ppid = match verified {
            Some(verified) => Some(verified.ppid.clone()),
            None => self.unverified_ppid(),
        };
        DeviceIds {
            by_certificate: ppid.map(|ppid| Sha256::digest(ppid).into()),
            by_header: Sha256::digest(self.parsed.header.user_data).into(),
        }
    }

    fn unverified_ppid(&self) -> Option<Vec<u8>> {
        let chain = intel::extract_cert_chain(&self.parsed).ok()?;
        let extension = intel::parse_pck_extension(chain.first()?).ok()?;
        Some(extension.ppid)
    }
}

impl Case<'_> {
    pub(super) fn check_quote(&self) -> Check {
        let subject = Subject::Quote;
        match (&self.quote, &self.verified) {
            (Err(Unread::Missing(excuse)), _) => Check::not_checked(
                subject,
                format!(
                    "The bundle holds no quote, so nothing in it is signed by hardware.{excuse}"
                ),
            ),
            (Err(Unread::Broken(why)), _) => Check::differs(
                subject,
                format!("The hardware's statement (the quote) cannot be read: {why}."),
            ),
            (Ok(_), None) => Check::not_checked(
                subject,
                "Without collateral (Intel's lists of good and revoked hardware) the signature of the quote is not \
                 checked. Every other line holds only if the quote is genuine.",
            ),
            (Ok(_), Some(Ok(_))) => Check::ok(
                subject,
                format!(
                    "The hardware's statement (the quote) is signed by a machine that Intel vouches for, as of Unix \
                     time {}.",
                    self.at
                ),
            ),
            (Ok(_), Some(Err(why))) => Check::differs(
                subject,
                format!(
                    "The hardware's statement (the quote) does not hold at Unix time {}: {why}. It is not from genuine \
                     hardware, or the collateral is for another machine or another time. Until it holds, no other line \
                     proves anything.",
                    self.at
                ),
            ),
        }
    }

    pub(super) fn check_firmware_state(&self) -> Check {
        let subject = Subject::FirmwareState;
        let Some(Ok(verified)) = &self.verified else {
            return Check::not_checked(
                subject,
                "Only a verified quote tells how current the machine's firmware is.",
            );
        };
        if verified.status == UP_TO_DATE {
            return Check::ok(
                subject,
                "The machine's firmware is up to date by Intel's list.",
            );
        }
        let advisories = match verified.advisories.as_slice() {
            [] => String::new(),
            some => format!(" Intel's notes on it: {}.", Shown::line(&some.join(", "))),
        };
        Check::differs(
            subject,
            format!(
                "By Intel's list the machine is not up to date ({}): {}.{advisories}",
                Shown::line(&verified.status),
                meaning(&verified.status)
            ),
        )
    }

    pub(super) fn check_debug(&self) -> Check {
        let subject = Subject::Debug;
        let Ok(quote) = &self.quote else {
            return Check::not_checked(
                subject,
                "Only a quote tells whether the machine is in debug mode.",
            );
        };
        // TUD, bits 0 to 7 of the attributes: any of them makes the machine untrusted (TDX module spec, A.3.4).
        match quote.report.td_attributes {
            [0, ..] => Check::ok(
                subject,
                "The machine was not started in debug mode: its host cannot read its memory.",
            ),
            _ => Check::differs(
                subject,
                "The machine was started in debug mode: its host can read its memory, with every secret in it.",
            ),
        }
    }
}

/// What a state other than up to date means to somebody with secrets in the machine.
fn meaning(status: &str) -> &'static str {
    match status {
        "Revoked" => "Intel has withdrawn its trust in it",
        "OutOfDate" | "OutOfDateConfigurationNeeded" => {
            "its firmware is old and has known weaknesses"
        }
        "SWHardeningNeeded" | "ConfigurationAndSWHardeningNeeded" => {
            "known weaknesses are open unless the software in it works around them"
        }
        "ConfigurationNeeded" => "its settings leave known weaknesses open",
        "TDRelaunchAdvised" | "TDRelaunchAdvisedConfigurationNeeded" => {
            "the instance was started on old firmware and should be started anew"
        }
        _ => "Intel's word for it is not known to this program",
    }
}

/// A library's words as one short line that is safe to show.
pub(super) fn reason(error: &impl ToString) -> String {
    Shown::bounded(&error.to_string(), REASON_LENGTH).to_string()
}
