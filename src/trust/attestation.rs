//! Whether a running instance is what was asked for: a bundle of evidence in, one line per question out.
//!
//! The chain of reasons: Intel's hardware signs a *quote* with registers in it ([`quote`]); a log of what was started
//! adds up to those registers ([`event_log`]), and one register names the compose hash directly ([`config_id`]); the
//! log names the app, the document and the instance, which are compared with what was previewed ([`identity`]).
//! A link that could not be looked at is `not checked`, never `ok`.
//!
//! It refuses to know the network: the collateral (Intel's lists of good and revoked hardware) and the time are handed
//! in. And it refuses to be content: each line also says what it does not prove.

mod bundle;
mod certificate;
mod collateral;
mod config_id;
mod event_log;
mod identity;
mod measured;
mod quote;
mod report;

pub use super::hex_text::HexFlaw;
pub use bundle::{Bundle, BundleError, MAX_BUNDLE_BYTES};
pub use certificate::{CertificateError, MAX_CERTIFICATE_BYTES};
pub use collateral::{
    Ca, Collateral, CollateralError, Listed, Lists, MAX_COLLATERAL_BYTES, Need, NeedError, Part,
};
pub use identity::{Expected, KeyProvider, KeyProviderKind};
pub use report::{Check, Report, Subject, Verdict};

use bundle::{Evidence, Given, Picked};
use event_log::Log;
use quote::{Quote, Verified};

/// Checks a bundle against what was previewed, at `at`, Unix seconds.
///
/// Without collateral the quote's signature is `not checked`, and every other line holds only if the quote is genuine.
/// Of a bundle with several instances the expected one is looked at.
pub fn check(
    bundle: &Bundle,
    expected: &Expected,
    collateral: Option<&Collateral>,
    at: u64,
) -> Report {
    match bundle.pick(expected.instance_id) {
        Picked::One(evidence) => Case::open(evidence, expected, collateral, at).report(),
        Picked::Unclear(why) => Report::of(vec![Check::not_checked(Subject::InstanceId, why)]),
        Picked::Absent(why) => Report::of(vec![Check::differs(Subject::InstanceId, why)]),
    }
}

/// One instance's evidence, and how far it could be read.
struct Case<'c> {
    evidence: &'c Evidence,
    expected: &'c Expected,
    at: u64,
    quote: Result<Quote, Unread>,
    /// `None`: no collateral, or no quote to verify.
    verified: Option<Result<Verified, String>>,
    /// The log, only where it adds up to the quote; else why nothing may be read from it.
    log: Result<&'c Log, &'static str>,
}

/// Why there are no registers to look at.
enum Unread {
    /// The bundle has no quote; with the service's reason, if it gave one.
    Missing(String),
    /// What is called a quote is none.
    Broken(String),
}

impl<'c> Case<'c> {
    fn open(
        evidence: &'c Evidence,
        expected: &'c Expected,
        collateral: Option<&Collateral>,
        at: u64,
    ) -> Self {
        let quote = match &evidence.quote {
            Given::Missing => Err(Unread::Missing(evidence.excuse())),
            Given::Unreadable(why) => Err(Unread::Broken(why.clone())),
            Given::Is(bytes) => Quote::parse(bytes).map_err(Unread::Broken),
        };
        let verified = quote
            .as_ref()
            .ok()
            .zip(collateral)
            .map(|(quote, collateral)| quote.verify(collateral, at));
        let log = match (&quote, &evidence.log) {
            (Err(_), _) => Err("without a readable quote, nothing says whether the log is true"),
            (_, Given::Missing) => Err("the bundle holds no log"),
            (_, Given::Unreadable(_)) => Err("the log cannot be read"),
            (Ok(quote), Given::Is(log)) => match log.runtime() {
                Ok(register) if register == quote.report().rt_mr3 => Ok(log),
                _ => Err("the log is not the one that was measured"),
            },
        };
        Self {
            evidence,
            expected,
            at,
            quote,
            verified,
            log,
        }
    }

    fn report(&self) -> Report {
        Report::of(vec![
            self.check_quote(),
            self.check_firmware_state(),
            self.check_debug(),
            self.check_firmware_log(),
            self.check_event_log(),
            self.check_config_id(),
            self.check_document(),
            self.check_compose_hash(),
            self.check_app_id(),
            self.check_instance_id(),
            self.check_device_id(),
            self.check_key_provider(),
            self.check_os_image(),
            self.check_certificate(),
        ])
    }
}

#[cfg(test)]
mod tests;
