//! What a fault makes of a body that was right.

use std::{io::Write, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Ways for JSON to be wrong.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mangle {
    /// It stops half-way, and its length says so.
    Torn,
    /// Every member is there and null.
    Nulls,
    /// Texts where numbers belong, numbers where texts belong, objects where lists belong.
    Types,
    /// The answer as the only item of a list.
    Listed,
}

/// Moves the cursor, clears the screen, renames the window, turns the text around.
const POISON: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{0}";

const MEGABYTE: usize = 1 << 20;
/// What one gzip member unpacks to, in megabytes.
const MEMBER: u32 = 16;

/// One member of a bomb. Concatenated members are one valid file (RFC 1952, section 2.2).
static CHARGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let blanks = vec![b' '; MEGABYTE];
    for _ in 0..MEMBER {
        // A vector takes everything.
        let _ = packer.write_all(&blanks);
    }
    packer.finish().unwrap_or_default()
});

/// Blanks, which JSON may have anywhere: at least so many megabytes of them, in steps of 16.
pub(super) fn bomb(megabytes: u32) -> Vec<u8> {
    let members = usize::try_from(megabytes.div_ceil(MEMBER).max(1)).unwrap_or(1);
    CHARGE.repeat(members)
}

/// The body with its JSON spoilt; one that is no JSON only loses its second half.
pub(super) fn mangled(how: Mangle, mut body: Vec<u8>) -> Vec<u8> {
    let value = match (how, serde_json::from_slice(&body)) {
        (Mangle::Torn, _) | (_, Err(_)) => {
            body.truncate(body.len() / 2);
            return body;
        }
        (Mangle::Nulls, Ok(value)) => nulled(value),
        (Mangle::Types, Ok(value)) => turned(value),
        (Mangle::Listed, Ok(value)) => Value::Array(vec![value]),
    };
    value.to_string().into_bytes()
}

fn nulled(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, _)| (name, Value::Null))
            .collect(),
        Value::Array(items) => items.into_iter().map(nulled).collect(),
        _ => Value::Null,
    }
}

fn turned(value: Value) -> Value {
    match value {
        Value::String(text) => text.len().into(),
        Value::Number(number) => number.to_string().into(),
        Value::Bool(flag) => flag.to_string().into(),
        Value::Null => Value::Object(Map::new()),
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(place, item)| (place.to_string(), turned(item)))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, turned(member)))
            .collect(),
    }
}

/// The body with control bytes in the texts of these members; in each line of its own if it is no JSON.
pub(super) fn tainted(members: &[String], body: &[u8]) -> Vec<u8> {
    let poisoned = |text: &str| -> Option<String> {
        let mut value = serde_json::from_str(text).ok()?;
        poison(members, "", &mut value);
        Some(value.to_string())
    };
    let text = String::from_utf8_lossy(body);
    if let Some(json) = poisoned(&text) {
        return json.into_bytes();
    }
    text.lines()
        .map(|line| poisoned(line).unwrap_or_else(|| format!("{POISON}{line}")) + "\n")
        .collect::<String>()
        .into_bytes()
}

/// The body with these members null, and those not there; one that is no JSON stays as it is.
pub(super) fn emptied(null: &[String], absent: &[String], body: Vec<u8>) -> Vec<u8> {
    match serde_json::from_slice(&body) {
        Ok(mut value) => {
            empty(null, absent, &mut value);
            value.to_string().into_bytes()
        }
        Err(_) => body,
    }
}

fn empty(null: &[String], absent: &[String], value: &mut Value) {
    match value {
        Value::Array(items) => {
            for item in items {
                empty(null, absent, item);
            }
        }
        Value::Object(object) => {
            let pair = object.get("field").and_then(Value::as_str);
            let pair = pair.map(str::to_owned);
            let own = |name: &str| match (name, &pair) {
                ("value", Some(field)) => field.clone(),
                _ => name.to_owned(),
            };
            object.retain(|name, _| !absent.contains(&own(name)));
            for (name, member) in object {
                if null.contains(&own(name)) {
                    *member = Value::Null;
                } else {
                    empty(null, absent, member);
                }
            }
        }
        _ => {}
    }
}

fn poison(members: &[String], name: &str, value: &mut Value) {
    match value {
        Value::String(text) if members.iter().any(|wanted| wanted == name || wanted == "*") => {
            text.insert_str(0, POISON);
        }
        Value::Array(items) => {
            for item in items {
                poison(members, name, item);
            }
        }
        Value::Object(object) => {
            for (name, member) in object {
                poison(members, name, member);
            }
        }
        _ => {}
    }
}
