//! The app-compose document: built from what a request replaces, and hashed.
//!
//! It computes hashes by itself, so that a wrong hash in the client has a second opinion to face.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An app-compose document as the service stores it.
#[derive(Clone, PartialEq)]
pub(super) struct Document(Map<String, Value>);

/// What the sandbox understands of one service in a compose file.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) image: String,
    /// Container ports that are published.
    pub(super) ports: Vec<u16>,
}

impl Document {
    /// The members Phala Cloud spells out, around the ones that differ per app.
    pub(super) fn new(name: &str, compose: &str, script: &str, allowed_envs: &[String]) -> Self {
        let mut members = Map::new();
        if let Value::Object(object) = json!({
            "manifest_version": 2,
            "name": name,
            "runner": "docker-compose",
            "docker_compose_file": compose,
            "allowed_envs": allowed_envs,
            "features": ["kms", "tproxy-net"],
            "gateway_enabled": true,
            "kms_enabled": true,
            "local_key_provider_enabled": false,
            "no_instance_id": false,
            "public_logs": true,
            "public_sysinfo": true,
            "public_tcbinfo": true,
            "secure_time": false,
            "storage_fs": "zfs",
            "tproxy_enabled": true,
        }) {
            members = object;
        }
        if !script.is_empty() {
            members.insert("pre_launch_script".to_owned(), script.into());
        }
        Self(members)
    }

    /// A document as a client wrote it, with every member spelt out that it left out.
    pub(super) fn completed(given: Map<String, Value>, name: &str) -> Self {
        let mut document = Self::new(name, "", "", &[]);
        for (member, value) in given {
            // Null is as good as absent, and so is the empty name that official clients send.
            let is_empty = value.is_null() || (member == "name" && value == "");
            if !is_empty {
                document = document.set(&member, value);
            }
        }
        document
    }

    /// The same document with the parts a request brings; all else is carried over.
    pub(super) fn with(&self, compose: Option<&str>, script: Option<&str>) -> Self {
        let mut members = self.0.clone();
        for (name, text) in [
            ("docker_compose_file", compose),
            ("pre_launch_script", script),
        ] {
            if let Some(text) = text {
                members.insert(name.to_owned(), text.into());
            }
        }
        Self(members)
    }

    /// Lower-case hex of the SHA-256 of the canonical text.
    pub(super) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.canonical().as_bytes()))
    }

    /// Compact, keys sorted at every depth.
    ///
    /// That the service writes this form in 2026 is inference from two independent projects.
    pub(super) fn canonical(&self) -> String {
        let mut text = String::new();
        write_sorted(&self.to_json(), &mut text);
        text
    }

    pub(super) fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    pub(super) fn compose(&self) -> &str {
        self.text("docker_compose_file")
    }

    pub(super) fn script(&self) -> &str {
        self.text("pre_launch_script")
    }

    pub(super) fn allowed_envs(&self) -> Vec<&str> {
        self.0
            .get("allowed_envs")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }

    /// The services of the compose file; none if it cannot be read.
    pub(super) fn services(&self) -> Vec<Service> {
        services(self.compose()).unwrap_or_default()
    }

    /// A yes or no of the document; no if it does not say.
    pub(super) fn flag(&self, member: &str) -> bool {
        self.0
            .get(member)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// The same document with one more member, or another value for one it has.
    pub(super) fn set(mut self, member: &str, value: Value) -> Self {
        self.0.insert(member.to_owned(), value);
        self
    }

    /// A member that is a text; empty if there is none.
    pub(super) fn text(&self, member: &str) -> &str {
        self.0
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Reads a compose file; the error is a sentence for the person who wrote it.
pub(super) fn services(compose: &str) -> Result<Vec<Service>, String> {
    #[derive(Deserialize)]
    struct Compose {
        services: Option<BTreeMap<String, Option<Entry>>>,
    }
    #[derive(Deserialize)]
    struct Entry {
        image: Option<String>,
        ports: Option<Vec<Value>>,
    }
    let compose: Compose = serde_saphyr::from_str(compose).map_err(|error| error.to_string())?;
    let services: Vec<Service> = compose
        .services
        .into_iter()
        .flatten()
        .map(|(name, entry)| Service {
            name,
            image: entry
                .as_ref()
                .and_then(|entry| entry.image.clone())
                .unwrap_or_default(),
            ports: entry
                .and_then(|entry| entry.ports)
                .iter()
                .flatten()
                .filter_map(published)
                .collect(),
        })
        .collect();
    if services.is_empty() {
        return Err("no services".to_owned());
    }
    Ok(services)
}

/// The container side of `8080`, `"80:8080"`, `"127.0.0.1:80:8080/tcp"` or `{ target: 8080 }`.
fn published(port: &Value) -> Option<u16> {
    match port {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.rsplit(':').next()?.split('/').next()?.parse().ok(),
        Value::Object(long) => u16::try_from(long.get("target")?.as_u64()?).ok(),
        _ => None,
    }
}

/// Writes a value without blanks and with the members of every object in order, whatever map the JSON library uses.
fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                write_sorted(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hash made by the official JavaScript SDK for this document with this compose file put in.
    #[test]
    fn the_hash_equals_that_of_the_official_implementation() {
        let stored = json!({
            "name": "prod-app",
            "manifest_version": 2,
            "runner": "docker-compose",
            "docker_compose_file": "services:\n  a:\n    image: nginx\n",
            "features": ["kms", "tproxy-net"],
            "kms_enabled": true,
            "gateway_enabled": true,
            "tproxy_enabled": true,
            "local_key_provider_enabled": false,
            "no_instance_id": false,
            "secure_time": false,
            "public_logs": true,
            "public_sysinfo": true,
            "public_tcbinfo": true,
            "allowed_envs": ["A", "B"],
            "pre_launch_script": "#!/bin/bash\necho hi\n",
            "storage_fs": "zfs",
        });
        let Value::Object(stored) = stored else {
            panic!("an object")
        };
        let new = "services:\n  web:\n    image: ghcr.io/x/y:1\n    command: [\"a\", \"--b=c\"]\n";
        assert_eq!(
            Document(stored).with(Some(new), None).hash(),
            "3aea69a3948321bb5b19f176db827e7aa54b574f6f6faa66f6cd6bf0dcd19fa6"
        );
    }

    #[test]
    fn keys_are_sorted_at_every_depth_and_lists_keep_their_order() {
        let value = json!({ "b": [{ "z": 1, "a": 2 }, 1], "B": null, "a": { "y": 1, "x": 2 } });
        let mut text = String::new();
        write_sorted(&value, &mut text);
        assert_eq!(
            text,
            r#"{"B":null,"a":{"x":2,"y":1},"b":[{"a":2,"z":1},1]}"#
        );
    }

    #[test]
    fn what_a_request_does_not_bring_is_carried_over() {
        let document = Document::new(
            "web",
            "services: {a: {image: x}}",
            "echo 1",
            &["A".to_owned()],
        );
        assert!(document.with(None, None) == document);
        let changed = document.with(None, Some("echo 2"));
        assert_eq!(changed.compose(), document.compose());
        assert_eq!(changed.script(), "echo 2");
        assert_ne!(changed.hash(), document.hash());
    }

    #[test]
    fn services_are_read_with_their_ports_in_every_notation() {
        let found = services(concat!(
            "services:\n  web:\n    image: nginx\n    ports: [\"127.0.0.1:80:8080/tcp\", 9000, {target: 7}]\n",
            "  bare:\n",
        ))
        .unwrap();
        assert_eq!(found[1].ports, [8080, 9000, 7]);
        assert_eq!(found[0].name, "bare");
        assert_eq!(services("volumes: {}\n"), Err("no services".to_owned()));
        assert!(services("services: [\n").is_err());
    }
}
