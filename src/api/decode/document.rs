//! What an instance was started from, and what it shows of itself: the two answers that are kept byte for byte.
//!
//! Both are judged elsewhere by hashing exactly what came, so nothing in them is made safe, sorted or dropped here.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::look::Look;
use super::{Unreadable, json, object};
use crate::api::types::{Document, Evidence};

/// `GET /cvms/{id}/compose_file` (9.2). The texts stay data, byte for byte, and the document keeps its order.
pub fn document(bytes: &[u8]) -> Result<Document, Unreadable> {
    Ok(Document {
        stored: stored(bytes),
        ..document_parts(&json(bytes)?)?
    })
}

/// `GET /cvms/{id}/attestation` (9.7), untouched: only that it is a JSON object is seen to. What is in it is evidence,
/// and to be read where evidence is judged.
pub fn evidence(bytes: &[u8]) -> Result<Evidence, Unreadable> {
    object(&json(bytes)?)?;
    Ok(Evidence::new(bytes))
}

/// The document alone, as it was sent.
fn stored(bytes: &[u8]) -> Option<Arc<str>> {
    #[derive(Deserialize)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        compose_file: Option<&'a RawValue>,
    }
    let top: &RawValue = serde_json::from_slice(bytes).ok()?;
    let inner = serde_json::from_str(top.get()).ok();
    let inner = inner.and_then(|wrapped: Wrapped| wrapped.compose_file);
    let inner = inner.unwrap_or(top).get();
    // It may have come as a text in JSON.
    let text = serde_json::from_str::<String>(inner).unwrap_or_else(|_| inner.to_owned());
    let document: Value = serde_json::from_str(&text).ok()?;
    let is_document = Look::new(&document).at("docker_compose_file").raw();
    is_document.map(|_| Arc::from(text))
}

fn document_parts(value: &Value) -> Result<Document, Unreadable> {
    let top = Look::new(value);
    if let Some(text) = top.raw() {
        return Ok(document_text(text));
    }
    let top = object(value)?;
    let inner = top.at("compose_file");
    if let Some(text) = inner.raw() {
        return Ok(document_text(text));
    }
    Ok(document_fields(if inner.is_object() { inner } else { top }))
}

/// A document that came as text: the app-compose document as JSON, or the compose file alone.
fn document_text(text: String) -> Document {
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if Look::new(&value).at("docker_compose_file").raw().is_some() => {
            document_fields(Look::new(&value))
        }
        _ => Document {
            compose: text,
            ..Document::default()
        },
    }
}

fn document_fields(top: Look) -> Document {
    let envs = top.at("allowed_envs");
    Document {
        compose: top.at("docker_compose_file").raw().unwrap_or_default(),
        script: top.at("pre_launch_script").raw(),
        allowed_envs: envs
            .is_list()
            .then(|| envs.each().filter_map(Look::raw).collect()),
        stored: None,
    }
}
