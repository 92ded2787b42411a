//! A credentials file as it is changed: what nobody here knows stays as it was, byte for byte and in its place.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Change, Entry};
use crate::secret::Secret;

/// Why a file is left alone. The parser's own words may quote it, so they are not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is no JSON, or not of this form.
    NotUnderstood,
    /// It is of another version.
    Version,
}

/// A credentials file, as far as it has to be understood.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    top: Object<'a>,
    profiles: Object<'a>,
}

/// What is left of a file.
#[derive(Debug)]
pub(super) enum After<'a> {
    /// Nothing: it goes.
    Empty,
    /// This.
    File(Object<'a>),
}

impl<'a> Layout<'a> {
    /// Reads it. An empty text is a file to begin with.
    pub(super) fn parse(text: &'a str, version: u64) -> Result<Self, Unknown> {
        if text.trim().is_empty() {
            return Ok(Self {
                top: Object::default(),
                profiles: Object::default(),
            });
        }
        let top: Object = serde_json::from_str(text).map_err(|_| Unknown::NotUnderstood)?;
        let said = top.get("schema_version").map(Member::text);
        if said.as_deref() != Some(version.to_string().as_str()) {
            return Err(Unknown::Version);
        }
        let profiles = match top.get("profiles") {
            Some(Member::Was(raw)) if raw.get() != "null" => {
                serde_json::from_str(raw.get()).map_err(|_| Unknown::NotUnderstood)?
            }
            _ => Object::default(),
        };
        Ok(Self { top, profiles })
    }

    /// Whether there is a profile of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.profiles.get(name).is_some()
    }

    /// What it is afterwards; `None` where nothing changes.
    pub(super) fn changed(mut self, change: &Change, version: u64) -> Option<After<'a>> {
        match change {
            Change::Put(entry) => {
                let before = match self.profiles.get(&entry.name) {
                    Some(Member::Was(raw)) => serde_json::from_str(raw.get()).unwrap_or_default(),
                    _ => Object::default(),
                };
                let entry_now = Member::Is(over(entry, before));
                self.profiles.set(&entry.name, entry_now);
                self.top.set("schema_version", Member::Number(version));
                let current = Member::Text(entry.name.clone());
                self.top.set("current_profile", current);
            }
            Change::Take(name) => {
                if !self.profiles.remove(name) {
                    return None;
                }
                let Some((first, _)) = self.profiles.0.first() else {
                    return Some(After::Empty);
                };
                let first = first.clone();
                let current = self.top.get("current_profile").and_then(Member::word);
                if current.is_none_or(|current| current == *name) {
                    self.top.set("current_profile", Member::Text(first));
                }
            }
            Change::Unset => {
                let none = Member::Text(String::new());
                self.top.set("current_profile", none);
            }
        }
        self.top.set("profiles", Member::Is(self.profiles));
        Some(After::File(self.top))
    }
}

/// The members of an entry, over what was there under its name.
fn over<'a>(entry: &Entry, mut before: Object<'a>) -> Object<'a> {
    match &entry.token {
        Some(token) => before.set("token", Member::Key(token.clone())),
        None => {
            before.remove("token");
        }
    }
    before.set("api_prefix", Member::Text(entry.api_prefix.clone()));
    let (name, slug) = &entry.workspace;
    let mut workspace = Object::default();
    workspace.set("name", Member::Text(name.clone()));
    if let Some(slug) = slug {
        workspace.set("slug", Member::Text(slug.clone()));
    }
    before.set("workspace", Member::Is(workspace));
    let mut user = Object::default();
    user.set("username", Member::Text(entry.username.clone()));
    before.set("user", Member::Is(user));
    before.set("updated_at", Member::Text(entry.updated_at.clone()));
    before
}

/// An object with its members in their order. What is not touched is borrowed from the text, so that wiping the text
/// wipes it too.
#[derive(Debug, Default)]
pub(super) struct Object<'a>(Vec<(String, Member<'a>)>);

/// A member of it.
enum Member<'a> {
    /// As it was.
    Was(&'a RawValue),
    Number(u64),
    Text(String),
    Key(Secret),
    Is(Object<'a>),
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member(..)")
    }
}

impl Member<'_> {
    /// As it stands in a file.
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The text that it is, where it is one.
    fn word(&self) -> Option<String> {
        serde_json::from_str(&self.text()).ok()
    }
}

impl<'a> Object<'a> {
    /// Of several of one name the last counts, as for every reader.
    fn get(&self, name: &str) -> Option<&Member<'a>> {
        let mut all = self.0.iter().rev();
        all.find(|(known, _)| known == name).map(|(_, it)| it)
    }

    fn set(&mut self, name: &str, member: Member<'a>) {
        match self.0.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, place)) => *place = member,
            None => self.0.push((name.to_owned(), member)),
        }
    }

    fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != name);
        self.0.len() < before
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut object = Object::default();
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    object.0.push((name, Member::Was(raw)));
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, member) in &self.0 {
            map.serialize_entry(name, member)?;
        }
        map.end()
    }
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Was(raw) => raw.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::Key(key) => key.expose().serialize(serializer),
            Self::Is(object) => object.serialize(serializer),
        }
    }
}
