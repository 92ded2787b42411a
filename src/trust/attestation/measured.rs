//! Whether logs, document and certificate are the ones the registers stand for.
//!
//! Compares evidence with evidence; what was expected is [`super::identity`]'s, but for MRCONFIGID, which can be held
//! against the expected compose hash where the service shows no log.

use dcap_qvl::quote::TDReport10;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};

use super::bundle::Given;
use super::config_id::{self, ConfigId};
use super::event_log::{Found, Log};
use super::identity::KeyProvider;
use super::report::{Check, Subject};
use super::{Case, bundle};

const CERTIFICATE_PREFIX: &[u8] = b"ratls-cert:";
/// An app may hide its log; then only the quote speaks.
const NO_LOG: &str = "The service shows no log of what was started. An app whose document sets public_tcbinfo to false \
                      keeps it to itself.";
const NO_QUOTE: &str = "Without a readable quote there is nothing measured to compare with.";
/// Bytes of an id in a document.
const MOST_ID_BYTES: usize = 4096;

impl Case<'_> {
    pub(super) fn check_firmware_log(&self) -> Check {
        let subject = Subject::FirmwareLog;
        let (report, log) = match self.registers_and_log(subject) {
            Ok(both) => both,
            Err(check) => return check,
        };
        if !log.has_firmware_entries() {
            return Check::not_checked(
                subject,
                "The log leaves out firmware, kernel and boot options, so there is nothing to add up.",
            );
        }
        let registers = match log.firmware() {
            Ok(registers) => registers,
            Err(flaw) => {
                return Check::differs(subject, format!("The start-up log is not sound: {flaw}."));
            }
        };
        let measured = [report.rt_mr0, report.rt_mr1, report.rt_mr2];
        let wrong = registers
            .iter()
            .zip(&measured)
            .position(|(one, other)| one != other);
        match wrong {
            None => Check::ok(
                subject,
                "The log of firmware, kernel and boot options adds up to what the hardware measured.",
            ),
            Some(number) => Check::differs(
                subject,
                format!(
                    "The log of firmware, kernel and boot options does not add up to what the hardware measured \
                     (register RTMR{number})."
                ),
            ),
        }
    }

    pub(super) fn check_event_log(&self) -> Check {
        let subject = Subject::EventLog;
        let (report, log) = match self.registers_and_log(subject) {
            Ok(both) => both,
            Err(check) => return check,
        };
        let measured = report.rt_mr3;
        let entries = log.runtime_entries();
        match log.runtime() {
            Err(flaw) => Check::differs(
                subject,
                format!("The operating system's log is not sound: {flaw}."),
            ),
            Ok(register) if register == measured => Check::ok(
                subject,
                format!(
                    "All {entries} entries of the operating system's log, computed anew from their contents, add up to \
                     what the hardware measured."
                ),
            ),
            Ok(_) => {
                let hint = match log.runtime_prefix(&measured) {
                    None | Some(0) => String::new(),
                    Some(first) => format!(
                        " The first {first} of its {entries} entries do: what follows was added after the quote was \
                         made, by the app or by somebody else."
                    ),
                };
                Check::differs(
                    subject,
                    format!(
                        "The operating system's log does not add up to what the hardware measured: an entry was \
                         changed, added, removed or moved.{hint}"
                    ),
                )
            }
        }
    }

    pub(super) fn check_config_id(&self) -> Check {
        let subject = Subject::ConfigId;
        let Ok(quote) = &self.quote else {
            return Check::not_checked(subject, NO_QUOTE);
        };
        match ConfigId::read(&quote.report().mr_config_id) {
            ConfigId::Unused => Check::not_checked(
                subject,
                "The host fixed no document before the start (MRCONFIGID is empty).",
            ),
            ConfigId::Unknown(form) => Check::not_checked(
                subject,
                format!(
                    "What the host fixed before the start is of form {form}, which this program does not know."
                ),
            ),
            ConfigId::Malformed => Check::differs(
                subject,
                "What the host fixed before the start (MRCONFIGID) has none of its known forms.",
            ),
            ConfigId::ComposeHash(hash) => self.compare_launch_hash(&hash),
            ConfigId::Identity(hash) => self.compare_launch_identity(&hash),
            ConfigId::Document(hash) => self.compare_launch_document(&hash),
        }
    }

    pub(super) fn check_document(&self) -> Check {
        let subject = Subject::Document;
        let Some(document) = &self.evidence.document else {
            return Check::not_checked(subject, "The bundle does not hold the document's text.");
        };
        let hash: [u8; 32] = Sha256::digest(document).into();
        let found = hex::encode(hash);
        let (measured, by) = match (self.measured_compose_hash(), self.launch_hash()) {
            (Some(measured), _) => (measured, "the log"),
            (None, Some(measured)) => (measured, "MRCONFIGID"),
            (None, None) => {
                return Check::not_checked(
                    subject,
                    format!(
                        "Nothing measured names a document to compare with. The text's hash is {found}."
                    ),
                );
            }
        };
        if hash == measured {
            Check::ok(
                subject,
                format!("The document shown is the one the instance was started from, by {by}."),
            )
        } else {
            Check::differs(
                subject,
                format!(
                    "The document shown is not the one the instance was started from: its hash is {found}, {by} says \
                     {}.",
                    hex::encode(measured)
                ),
            )
        }
    }

    pub(super) fn check_certificate(&self) -> Check {
        let subject = Subject::Certificate;
        let Some(key) = &self.expected.certificate_key else {
            return Check::not_checked(
                subject,
                "The instance's TLS certificate was not at hand; the bundle does not hold it. Where you have it in a \
                 file, phala-wizard check attestation compares its key, with --certificate FILE.",
            );
        };
        let Ok(quote) = &self.quote else {
            return Check::not_checked(subject, NO_QUOTE);
        };
        let bound: [u8; 64] = Sha512::new()
            .chain_update(CERTIFICATE_PREFIX)
            .chain_update(key)
            .finalize()
            .into();
        if bound == quote.report().report_data {
            Check::ok(
                subject,
                "The quote names the key of this TLS certificate: who holds it is inside the machine.",
            )
        } else {
            Check::differs(
                subject,
                "The quote names another key than that of this TLS certificate: somebody may stand in between.",
            )
        }
    }

    /// What a log is held against, and the log; or what can be said without one of them.
    fn registers_and_log(&self, subject: Subject) -> Result<(&TDReport10, &Log), Check> {
        match (&self.quote, &self.evidence.log) {
            (Err(_), _) => Err(Check::not_checked(subject, NO_QUOTE)),
            (_, Given::Missing) => Err(Check::not_checked(subject, NO_LOG)),
            (_, Given::Unreadable(why)) => Err(Check::differs(
                subject,
                format!("The log cannot be read: {why}."),
            )),
            (Ok(quote), Given::Is(log)) => Ok((quote.report(), log)),
        }
    }

    /// The compose hash that the log names, if the log may be believed and names just one.
    pub(super) fn measured_compose_hash(&self) -> Option<[u8; 32]> {
        self.measured("compose-hash")
    }

    fn measured<const N: usize>(&self, name: &str) -> Option<[u8; N]> {
        match self.log.ok()?.boot_value(name) {
            Found::Once(value) => value.try_into().ok(),
            Found::Missing | Found::Times(_) => None,
        }
    }

    fn launch_hash(&self) -> Option<[u8; 32]> {
        match ConfigId::read(&self.quote.as_ref().ok()?.report().mr_config_id) {
            ConfigId::ComposeHash(hash) => Some(hash),
            _ => None,
        }
    }

    /// Form 1: every compose hash at hand has to be this one.
    fn compare_launch_hash(&self, hash: &[u8; 32]) -> Check {
        let subject = Subject::ConfigId;
        let from_text = || {
            let document = self.evidence.document.as_ref()?;
            Some(Sha256::digest(document).into())
        };
        let mut known = vec![
            (self.measured_compose_hash(), "in the log"),
            (self.expected.compose_hash, "previewed"),
        ];
        known.retain(|(hash, _)| hash.is_some());
        if known.is_empty() {
            known.push((from_text(), "of the document shown"));
        }
        let shown = hex::encode(hash);
        for (other, whence) in &known {
            if let Some(other) = other.filter(|other| other != hash) {
                return Check::differs(
                    subject,
                    format!(
                        "The document fixed before the start has hash {shown}; the one {whence} has {}.",
                        hex::encode(other)
                    ),
                );
            }
        }
        match known.iter().find_map(|(hash, whence)| hash.map(|_| whence)) {
            Some(whence) => Check::ok(
                subject,
                format!("The document fixed before the start is the one {whence}."),
            ),
            None => Check::not_checked(
                subject,
                format!(
                    "There is no compose hash to compare with. The one fixed before the start is {shown}."
                ),
            ),
        }
    }

    /// Form 2: made of the values in the log. Which spelling of the provider's id the host used is not told, so each is
    /// tried; whichever fits, app and document are bound by it.
    fn compare_launch_identity(&self, hash: &[u8; 32]) -> Check {
        let subject = Subject::ConfigId;
        let compose_hash = self.measured_compose_hash().or(self.expected.compose_hash);
        let app_id = self.measured("app-id").or(self.expected.app_id);
        let provider = self.measured_provider();
        let (Some(compose_hash), Some(app_id), Some(provider)) = (compose_hash, app_id, provider)
        else {
            return Check::not_checked(
                subject,
                "What the host fixed before the start can only be compared with a sound log, and there is none.",
            );
        };
        let (kind, id) = (provider.kind, provider.id);
        let spellings = [
            (
                Some(Vec::new()),
                "App and document are the ones fixed before the start; of the key provider only the kind was.",
            ),
            (
                id,
                "App, document and key provider are the ones fixed before the start.",
            ),
            (
                self.document_provider_id(),
                "App, document and the key provider that the document shown names are the ones fixed before the start.",
            ),
        ];
        let fits = |id: &[u8]| config_id::identity_hash(&compose_hash, &app_id, kind, id) == *hash;
        let fitting = spellings
            .into_iter()
            .find(|(id, _)| id.as_deref().is_some_and(fits));
        match fitting {
            Some((_, words)) => Check::ok(subject, words),
            None => Check::differs(
                subject,
                "App, document or key provider are not the ones fixed before the start.",
            ),
        }
    }

    /// Form 3: a document with the values in it, if the bundle shows it.
    fn compare_launch_document(&self, hash: &[u8; 32]) -> Check {
        let subject = Subject::ConfigId;
        let Some(text) = &self.evidence.config else {
            return Check::not_checked(
                subject,
                "The bundle does not hold the text of what the host fixed before the start.",
            );
        };
        if config_id::document_hash(text) != *hash {
            return Check::differs(
                subject,
                "The text shown is not what the host fixed before the start.",
            );
        }
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let named = |name: &str| {
            let text = value.get(name)?.as_str()?;
            bundle::bytes(text, MOST_ID_BYTES).ok()
        };
        let Some(fixed) = named("compose_hash") else {
            return Check::differs(
                subject,
                "What the host fixed before the start names no document.",
            );
        };
        let compose_hash = self.measured_compose_hash().or(self.expected.compose_hash);
        let Some(compose_hash) = compose_hash else {
            return Check::not_checked(
                subject,
                format!(
                    "There is no compose hash to compare with. The one fixed before the start is {}.",
                    hex::encode(fixed)
                ),
            );
        };
        let app_id = self.measured::<20>("app-id").or(self.expected.app_id);
        let instance_id = self
            .measured::<20>("instance-id")
            .or(self.expected.instance_id);
        let mut compared = Vec::new();
        for (noun, fixed, known) in [
            ("document", Some(fixed), Some(compose_hash.to_vec())),
            ("app", named("app_id"), app_id.map(Vec::from)),
            ("instance", named("instance_id"), instance_id.map(Vec::from)),
        ] {
            let (Some(fixed), Some(known)) = (fixed, known) else {
                continue;
            };
            if fixed != known {
                let (fixed, known) = (hex::encode(fixed), hex::encode(known));
                return Check::differs(
                    subject,
                    format!("The {noun} fixed before the start is {fixed}, not {known}."),
                );
            }
            compared.push(noun);
        }
        Check::ok(
            subject,
            match compared.as_slice() {
                [_, app, instance] => {
                    format!("Document, {app} and {instance} are the ones fixed before the start.")
                }
                [_, other] => format!("Document and {other} are the ones fixed before the start."),
                _ => "The document is the one fixed before the start.".to_owned(),
            },
        )
    }

    fn measured_provider(&self) -> Option<KeyProvider> {
        match self.log.ok()?.boot_value("key-provider") {
            Found::Once(value) => KeyProvider::read(value).ok(),
            Found::Missing | Found::Times(_) => None,
        }
    }

    /// `key_provider_id` of the document shown.
    fn document_provider_id(&self) -> Option<Vec<u8>> {
        let document: Value = serde_json::from_str(self.evidence.document.as_ref()?).ok()?;
        bundle::bytes(document.get("key_provider_id")?.as_str()?, MOST_ID_BYTES).ok()
    }
}
