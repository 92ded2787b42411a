//! The evidence as it comes: per CVM, per app, or as a file of a quote beside its `tcb_info`.
//!
//! Shapes: `GET /cvms/{id}/attestation` (the quote is in the leaf certificate), `GET /apps/{id}/attestations`
//! (`instances[]`, each with a quote), and the guest agent's own answers, where `tcb_info` and the log may be JSON
//! inside a text. Unknown members and nulls are fine, and what is unreadable stays in its place, so that one broken
//! member spoils one line of the report. It believes nothing of what it reads.

use std::borrow::Cow;

use serde_json::{Map, Value};
use thiserror::Error;

use super::event_log::Log;
use crate::shown::Shown;

/// Bytes of a bundle that are read at most. Real ones are some 50 KB per instance.
pub const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// Real quotes are about 5 KB.
const MAX_QUOTE_BYTES: usize = 64 * 1024;
const MAX_INSTANCES: usize = 1024;
/// Members of which at least one tells that this is evidence.
const MARKS: &[&str] = &[
    "quote",
    "tcb_info",
    "app_certificates",
    "event_log",
    "eventlog",
];

/// Evidence about one or more instances, read but not believed.
#[derive(Debug, Clone)]
pub struct Bundle {
    instances: Vec<Evidence>,
}

/// Why a file is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    /// Too long to be one.
    #[error("the bundle has {bytes} bytes, at most {MAX_BUNDLE_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More instances than an app has.
    #[error("the bundle names {0} instances, at most {MAX_INSTANCES} are read")]
    TooMany(usize),
    /// Not JSON.
    #[error("the bundle is not JSON: {0}")]
    Json(String),
    /// JSON, but nothing of what a bundle has.
    #[error("this is not an attestation bundle: it has neither a quote nor tcb_info nor instances")]
    NoEvidence,
}

/// What a bundle says about one instance. Nothing in it is true because it stands here.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    pub quote: Given<Vec<u8>>,
    pub log: Given<Log>,
    /// The document's text, byte for byte.
    pub document: Option<String>,
    /// The text behind the third form of MRCONFIGID.
    pub config: Option<String>,
    /// What the service itself says, in lower-case hex without `0x`.
    pub said_app_id: Option<String>,
    pub said_instance_id: Option<String>,
    pub said_compose_hash: Option<String>,
    name: Option<String>,
    error: Option<String>,
}

/// A part that may be absent or broken.
#[derive(Debug, Clone, Default)]
pub(super) enum Given<T> {
    #[default]
    Missing,
    /// With the reason, safe to show.
    Unreadable(String),
    Is(T),
}

/// Which instance a check is about.
pub(super) enum Picked<'b> {
    One(&'b Evidence),
    /// None or several, and no word which.
    Unclear(String),
    /// Not the one that was asked for.
    Absent(String),
}

impl Bundle {
    /// Reads a bundle of any of the three shapes.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge { bytes: bytes.len() });
        }
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| BundleError::Json(Shown::line(&error.to_string()).to_string()))?;
        let members = value.as_object().ok_or(BundleError::NoEvidence)?;
        if let Some(list) = members.get("instances").and_then(Value::as_array) {
            if list.len() > MAX_INSTANCES {
                return Err(BundleError::TooMany(list.len()));
            }
            let app_id = said(members, "app_id");
            let instances = list
                .iter()
                .filter_map(Value::as_object)
                .map(|members| Evidence::read(members, app_id.as_ref()))
                .collect();
            return Ok(Self { instances });
        }
        if !MARKS.iter().any(|mark| members.contains_key(*mark)) {
            return Err(BundleError::NoEvidence);
        }
        Ok(Self {
            instances: vec![Evidence::read(members, None)],
        })
    }

    /// How many instances it has evidence of.
    pub fn instances(&self) -> usize {
        self.instances.len()
    }

    /// The instance to look at. The service's word decides which; whether it is that one, the log says.
    pub(super) fn pick(&self, wanted: Option<[u8; 20]>) -> Picked<'_> {
        match (self.instances.as_slice(), wanted) {
            ([], _) => Picked::Unclear("The bundle names no instance.".to_owned()),
            ([only], _) => Picked::One(only),
            (several, None) => Picked::Unclear(format!(
                "The bundle holds {} instances; say which one to look at: {}.",
                several.len(),
                names(several)
            )),
            (several, Some(id)) => {
                let id = hex::encode(id);
                let mut same = several
                    .iter()
                    .filter(|evidence| evidence.said_instance_id.as_ref() == Some(&id));
                match (same.next(), same.next()) {
                    (Some(evidence), None) => Picked::One(evidence),
                    (Some(_), Some(_)) => {
                        Picked::Absent(format!("The bundle names instance {id} more than once."))
                    }
                    (None, _) => Picked::Absent(format!(
                        "The bundle does not name instance {id}; it names {}.",
                        names(several)
                    )),
                }
            }
        }
    }
}

impl Evidence {
    fn read(members: &Map<String, Value>, app_id: Option<&String>) -> Self {
        let nothing = Map::new();
        let tcb_info = members.get("tcb_info").and_then(inner);
        let tcb_info = tcb_info.as_deref().unwrap_or(&nothing);
        let logs = [
            tcb_info.get("event_log"),
            members.get("eventlog"),
            members.get("event_log"),
        ];
        Self {
            quote: quote(members),
            log: log(logs.into_iter().flatten()),
            document: text(tcb_info, "app_compose"),
            config: config(members).or_else(|| config(tcb_info)),
            said_app_id: said(members, "app_id").or_else(|| app_id.cloned()),
            said_instance_id: said(members, "instance_id"),
            said_compose_hash: said(tcb_info, "compose_hash"),
            name: text(members, "name"),
            error: text(members, "error"),
        }
    }

    /// What the service says about why something is missing, as the end of a sentence.
    pub fn excuse(&self) -> String {
        match &self.error {
            Some(error) => format!(" The service says: {}.", Shown::line(error)),
            None => String::new(),
        }
    }
}

/// The quote of its own, or the one in the first certificate that has one.
fn quote(members: &Map<String, Value>) -> Given<Vec<u8>> {
    let certificates = members.get("app_certificates").and_then(Value::as_array);
    let quotes = certificates
        .into_iter()
        .flatten()
        .filter_map(|certificate| certificate.get("quote"));
    let found = members
        .get("quote")
        .into_iter()
        .chain(quotes)
        .find(|value| !value.is_null() && value.as_str() != Some(""));
    match found {
        None => Given::Missing,
        Some(Value::String(text)) => bytes(text, MAX_QUOTE_BYTES).into(),
        Some(_) => Given::Unreadable("it is not a text of hex digits".to_owned()),
    }
}

/// The first log with anything in it. An empty one says nothing.
fn log<'v>(mut found: impl Iterator<Item = &'v Value>) -> Given<Log> {
    let list = found.find_map(|value| match value {
        Value::Null => None,
        Value::Array(list) if list.is_empty() => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(serde_json::from_str(text).map(Cow::Owned)),
        other => Some(Ok(Cow::Borrowed(other))),
    });
    match list {
        None => Given::Missing,
        Some(Err(error)) => Given::Unreadable(Shown::line(&error.to_string()).to_string()),
        Some(Ok(value)) => Log::read(&value).into(),
    }
}

/// The text of `mr_config`, beside the rest or in `vm_config`.
fn config(members: &Map<String, Value>) -> Option<String> {
    text(members, "mr_config").or_else(|| {
        let vm_config = members.get("vm_config").and_then(inner)?;
        text(&vm_config, "mr_config")
    })
}

/// An object, or the text of one.
fn inner(value: &Value) -> Option<Cow<'_, Map<String, Value>>> {
    match value {
        Value::Object(members) => Some(Cow::Borrowed(members)),
        Value::String(text) => serde_json::from_str(text).ok().map(Cow::Owned),
        _ => None,
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name)?.as_str().map(str::to_owned)
}

/// A hex text of the service in the one spelling used here, if it is one.
fn said(members: &Map<String, Value>, name: &str) -> Option<String> {
    let text = members.get(name)?.as_str()?;
    let digits = text.strip_prefix("0x").unwrap_or(text).to_ascii_lowercase();
    let is_hex = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_hexdigit());
    is_hex.then_some(digits)
}

/// Hex with or without `0x`, of at most so many bytes.
pub(super) fn bytes(text: &str, most: usize) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() > 2 * most {
        return Err(format!("it has more than {most} bytes"));
    }
    hex::decode(digits).map_err(|error| format!("it is not hex: {error}"))
}

/// The names of some instances, for a person to choose from.
fn names(instances: &[Evidence]) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = instances
        .iter()
        .take(SHOWN)
        .map(
            |evidence| match (&evidence.said_instance_id, &evidence.name) {
                (Some(id), _) => id.clone(),
                (None, Some(name)) => Shown::line(name).to_string(),
                (None, None) => "one without an id".to_owned(),
            },
        )
        .collect();
    if instances.len() > SHOWN {
        names.push(format!("{} more", instances.len() - SHOWN));
    }
    names.join(", ")
}

impl<T> From<Result<T, String>> for Given<T> {
    fn from(result: Result<T, String>) -> Self {
        result.map_or_else(Self::Unreadable, Self::Is)
    }
}
