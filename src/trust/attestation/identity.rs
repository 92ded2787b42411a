//! Whether it is this app, this document, this instance: what the log names against what was previewed.
//!
//! Values count only from a log that adds up to the quote, from its part before the app could write, and only if they
//! stand there once. It refuses to take the service's own word for a match; where the service contradicts the log, it
//! says so.

use serde_json::Value;

use super::event_log::Found;
use super::report::{Check, Subject};
use super::{Case, CertificateError, bundle, certificate};
use crate::shown::Shown;
use crate::trust::hex_text::{self, HexFlaw};

/// Bytes of a key provider's id that are read at most.
const MOST_ID_BYTES: usize = 4096;

/// What was previewed. What is `None` is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// SHA-256 of the app's document.
    pub compose_hash: Option<[u8; 32]>,
    /// The app.
    pub app_id: Option<[u8; 20]>,
    /// The instance that was created.
    pub instance_id: Option<[u8; 20]>,
    /// The machine it was placed on, by either way of naming it.
    pub device_id: Option<[u8; 32]>,
    /// Who should give it its keys.
    pub key_provider: Option<KeyProvider>,
    /// The build of the operating system.
    pub os_image_hash: Option<[u8; 32]>,
    /// The key of the TLS certificate the instance showed: SubjectPublicKeyInfo, DER.
    pub certificate_key: Option<Vec<u8>>,
}

/// Who gives an instance its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProvider {
    /// Of which kind.
    pub kind: KeyProviderKind,
    /// Of a KMS: its CA key, SubjectPublicKeyInfo in DER, `caPubkey` in the KMS contract. Of a local provider: its
    /// MRENCLAVE. `None`: only the kind is compared.
    pub id: Option<Vec<u8>>,
}

/// The kinds of key providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProviderKind {
    /// The instance makes its own keys, and loses them with the machine.
    None,
    /// An enclave on the same machine.
    Local,
    /// A key management service.
    Kms,
    /// The machine's TPM.
    Tpm,
}

impl Expected {
    /// Reads a hash of 32 bytes: hex, alone or after `0x` or `sha256:`.
    pub fn read_hash(text: &str) -> Result<[u8; 32], HexFlaw> {
        hex_text::bytes(text.strip_prefix("sha256:").unwrap_or(text))
    }

    /// Reads an app id or instance id of 20 bytes: hex, alone or after `0x`, `app_` or `instance_`.
    pub fn read_id(text: &str) -> Result<[u8; 20], HexFlaw> {
        let bare = text.strip_prefix("app_").or(text.strip_prefix("instance_"));
        hex_text::bytes(bare.unwrap_or(text))
    }

    /// Reads the key of a TLS certificate, in PEM or DER.
    pub fn read_certificate(file: &[u8]) -> Result<Vec<u8>, CertificateError> {
        certificate::key(file)
    }
}

impl KeyProvider {
    /// Reads the log's JSON, `{name, id}`; the error is the rest of a sentence, safe to show.
    pub(super) fn read(contents: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(contents).map_err(|_| "it is not JSON".to_owned())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("name") {
            "none" => KeyProviderKind::None,
            "local" | "local-sgx" => KeyProviderKind::Local,
            "kms" => KeyProviderKind::Kms,
            "tpm" => KeyProviderKind::Tpm,
            other => return Err(format!("its kind, {:?}, is not known", Shown::line(other))),
        };
        let id = bundle::bytes(text("id"), MOST_ID_BYTES)?;
        Ok(Self { kind, id: Some(id) })
    }
}

impl KeyProviderKind {
    fn words(self) -> &'static str {
        match self {
            Self::None => "nobody: it makes its own",
            Self::Local => "an enclave on the same machine",
            Self::Kms => "a key management service (KMS)",
            Self::Tpm => "the machine's TPM",
        }
    }
}

impl Case<'_> {
    pub(super) fn check_compose_hash(&self) -> Check {
        self.compare(
            Subject::ComposeHash,
            ("compose-hash", "document's hash"),
            self.expected.compose_hash,
            self.evidence.said_compose_hash.as_deref(),
        )
    }

    pub(super) fn check_app_id(&self) -> Check {
        self.compare(
            Subject::AppId,
            ("app-id", "app id"),
            self.expected.app_id,
            self.evidence.said_app_id.as_deref(),
        )
    }

    pub(super) fn check_instance_id(&self) -> Check {
        let subject = Subject::InstanceId;
        let value = self.log.map(|log| log.boot_value("instance-id"));
        match (value, self.expected.instance_id) {
            (Ok(Found::Once([])), None) => Check::not_checked(
                subject,
                "The instance runs without an id of its own, as its document may ask for.",
            ),
            (Ok(Found::Once([])), Some(wanted)) => Check::differs(
                subject,
                format!(
                    "The instance runs without an id of its own; {} was expected.",
                    hex::encode(wanted)
                ),
            ),
            (_, wanted) => self.compare(
                subject,
                ("instance-id", "instance id"),
                wanted,
                self.evidence.said_instance_id.as_deref(),
            ),
        }
    }

    pub(super) fn check_device_id(&self) -> Check {
        let subject = Subject::DeviceId;
        let Ok(quote) = &self.quote else {
            return Check::not_checked(
                subject,
                "Only a quote tells on which machine the instance runs.",
            );
        };
        let verified = self
            .verified
            .as_ref()
            .and_then(|verified| verified.as_ref().ok());
        let ids = quote.device_ids(verified);
        let older = hex::encode(ids.by_header);
        let found = match ids.by_certificate {
            Some(id) => format!(
                "{}, or {older} as systems before 0.5.6 have it",
                hex::encode(id)
            ),
            None => format!("{older} as systems before 0.5.6 have it"),
        };
        match self.expected.device_id {
            None => Check::not_checked(
                subject,
                format!("Nothing was given to compare with. The machine's id is {found}."),
            ),
            Some(wanted) if ids.by_certificate == Some(wanted) => Check::ok(
                subject,
                format!("The instance runs on the machine {}.", hex::encode(wanted)),
            ),
            Some(wanted) if ids.by_header == wanted => Check::ok(
                subject,
                format!(
                    "The instance runs on the machine {}, named as systems before 0.5.6 do it.",
                    hex::encode(wanted)
                ),
            ),
            Some(wanted) => Check::differs(
                subject,
                format!(
                    "The instance runs on another machine than {}: its id is {found}.",
                    hex::encode(wanted)
                ),
            ),
        }
    }

    pub(super) fn check_key_provider(&self) -> Check {
        let subject = Subject::KeyProvider;
        let found = match self.later_value("key-provider", "key provider") {
            Ok(Found::Once(contents)) => KeyProvider::read(contents),
            Ok(Found::Times(times)) => return repeated(subject, "key provider", times),
            Ok(Found::Missing) if self.expected.key_provider.is_some() => {
                return Check::differs(subject, "The log names no key provider.");
            }
            Ok(Found::Missing) => {
                return Check::not_checked(subject, "The log names no key provider.");
            }
            Err(why) => return Check::not_checked(subject, why),
        };
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                return Check::differs(
                    subject,
                    format!("The key provider in the log cannot be read: {why}."),
                );
            }
        };
        let whom = found.kind.words();
        let Some(wanted) = &self.expected.key_provider else {
            return Check::not_checked(
                subject,
                format!(
                    "Nothing was given to compare with. The instance got its keys from {whom}."
                ),
            );
        };
        if wanted.kind != found.kind {
            return Check::differs(
                subject,
                format!(
                    "The instance got its keys from {whom}; expected was {}.",
                    wanted.kind.words()
                ),
            );
        }
        match &wanted.id {
            // There is no other nobody.
            None if found.kind == KeyProviderKind::None => {
                Check::ok(subject, format!("The instance got its keys from {whom}."))
            }
            None => Check::not_checked(
                subject,
                format!("The instance got its keys from {whom}; which one was not compared."),
            ),
            Some(id) if found.id.as_ref() == Some(id) => Check::ok(
                subject,
                format!("The instance got its keys from {whom}, the expected one."),
            ),
            Some(_) => Check::differs(
                subject,
                format!(
                    "The instance got its keys from {whom}, but from another one than expected."
                ),
            ),
        }
    }

    pub(super) fn check_os_image(&self) -> Check {
        let subject = Subject::OsImage;
        let found = match self.later_value("os-image-hash", "operating system's build") {
            Ok(Found::Once(contents)) => hex::encode(contents),
            Ok(Found::Times(times)) => {
                return repeated(subject, "build of the operating system", times);
            }
            Ok(Found::Missing) => {
                return Check::not_checked(
                    subject,
                    "The operating system does not say in its log which build it is.",
                );
            }
            Err(why) => return Check::not_checked(subject, why),
        };
        match self.expected.os_image_hash.map(hex::encode) {
            None => Check::not_checked(
                subject,
                format!(
                    "Nothing was given to compare with. The operating system says it is build {found}."
                ),
            ),
            Some(wanted) if wanted == found => Check::ok(
                subject,
                format!("The operating system says it is the expected build, {found}."),
            ),
            Some(wanted) => Check::differs(
                subject,
                format!("The operating system says it is build {found}, not {wanted}."),
            ),
        }
    }

    /// A value of the log with exactly this many bytes, against what was expected, or else what the service says.
    fn compare<const N: usize>(
        &self,
        subject: Subject,
        (entry, noun): (&str, &str),
        wanted: Option<[u8; N]>,
        said: Option<&str>,
    ) -> Check {
        let log = match self.log {
            Ok(log) => log,
            Err(why) => return Check::not_checked(subject, unread(noun, why)),
        };
        let contents = match log.boot_value(entry) {
            Found::Once(contents) => contents,
            Found::Missing => {
                return Check::differs(subject, format!("The log names no {noun}."));
            }
            Found::Times(times) => return repeated(subject, noun, times),
        };
        let found = hex::encode(contents);
        if contents.len() != N {
            return Check::differs(
                subject,
                format!(
                    "The {noun} in the log has {} bytes instead of {N}.",
                    contents.len()
                ),
            );
        }
        match (wanted, said) {
            (Some(wanted), _) if wanted == contents => Check::ok(
                subject,
                format!("The {noun} in the log is the expected one, {found}."),
            ),
            (Some(wanted), _) => Check::differs(
                subject,
                format!(
                    "The {noun} in the log is {found}; expected was {}.",
                    hex::encode(wanted)
                ),
            ),
            (None, Some(said)) if said != found => Check::differs(
                subject,
                format!("The {noun} in the log is {found}, but the service says {said}."),
            ),
            (None, _) => Check::not_checked(
                subject,
                format!("Nothing was given to compare with. The {noun} in the log is {found}."),
            ),
        }
    }

    /// A value that not every image writes: without an end of the boot in the log, the app could have written it.
    fn later_value(&self, entry: &str, noun: &str) -> Result<Found<'_>, String> {
        let log = self.log.map_err(|why| unread(noun, why))?;
        if log.marks_end_of_boot() {
            Ok(log.boot_value(entry))
        } else {
            Err(unread(
                noun,
                "this log does not mark where the app's own entries begin",
            ))
        }
    }
}

fn unread(noun: &str, why: &str) -> String {
    format!("The {noun} cannot be learnt: {why}.")
}

fn repeated(subject: Subject, noun: &str, times: usize) -> Check {
    Check::differs(
        subject,
        format!("The log names a {noun} {times} times; just one is allowed."),
    )
}
