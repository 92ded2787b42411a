//! Whether a compose hash belongs to the document a person saw.
//!
//! The guest measures SHA-256 over the bytes of `app-compose.json`, and the service decides how it writes those bytes.
//! It has written them in several [forms](Form). So the stored document is hashed in every known form first, to see
//! which one reproduces the hash that is known for it; then the new document is hashed, and compared with the hash the
//! service names. A hit in any form commits to the same content.
//!
//! What the official implementations would write differently from each other is refused, never guessed. Where the
//! document came from, this room does not know.

mod form;
mod json;
mod number;

use std::fmt;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::hex_text::{self, HexFlaw};

pub use form::Form;
use json::Json;
pub use json::Unsure;

/// A compose hash: SHA-256, 32 bytes.
pub type Hash = [u8; 32];

/// Reads a hash: 64 hex digits, with or without `0x`.
pub fn read_hash(text: &str) -> Result<Hash, HexFlaw> {
    hex_text::bytes(text)
}

/// Largest document that is read, in bytes. The service's own limit for compose file and script is 200 KiB.
pub const MAX_BYTES: usize = 4 << 20;

/// An `app-compose.json` as members, in the order they were stored.
#[derive(Clone, PartialEq)]
pub struct Document {
    top: Json,
}

/// What a comparison came to; that nothing can be compared is a [`CannotCompute`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The document gives that hash when written in this form.
    Same(Form),
    /// No known form of the document gives it. `computed` is the form the stored document was found in.
    Differs {
        /// The form that was expected.
        form: Form,
        /// The document's hash in it.
        computed: Hash,
    },
}

/// Why no hash can be computed, or trusted to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CannotCompute {
    /// The text is not JSON, or more than a document.
    #[error("the document is not readable as JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("the document is not a JSON object")]
    NotAnObject,
    /// Beyond [`MAX_BYTES`].
    #[error("the document is larger than 4 MB")]
    TooLarge,
    /// The official implementations disagree on how to write a part of it.
    #[error("{0}")]
    Unsure(#[from] Unsure),
    /// The stored document does not give its own hash.
    #[error("the live document does not give its own hash in any known form")]
    Uncalibrated,
}

impl Document {
    /// Reads a document. Every member is kept, known or not.
    pub fn parse(text: &str) -> Result<Self, CannotCompute> {
        if text.len() > MAX_BYTES {
            return Err(CannotCompute::TooLarge);
        }
        let raw: &RawValue = serde_json::from_str(text).map_err(|_| CannotCompute::NotJson)?;
        let top = Json::read(raw)?;
        if !matches!(top, Json::Object(_)) {
            return Err(CannotCompute::NotAnObject);
        }
        let document = Self { top };
        document.top.is_written_alike()?;
        Ok(document)
    }

    /// The same document with this compose file and this script in place of its own; `None` leaves one as it is.
    ///
    /// A part that the document did not have comes last, and may stand where not everybody would sort it from.
    pub fn with(
        mut self,
        compose: Option<&str>,
        script: Option<&str>,
    ) -> Result<Self, CannotCompute> {
        if let Json::Object(members) = &mut self.top {
            for (name, text) in [
                ("docker_compose_file", compose),
                ("pre_launch_script", script),
            ] {
                if let Some(text) = text {
                    json::put(members, name, Json::Text(text.to_owned()));
                }
            }
        }
        self.top.is_written_alike()?;
        Ok(self)
    }

    /// The text of a member, where it has one.
    pub fn text(&self, member: &str) -> Option<&str> {
        let Json::Object(members) = &self.top else {
            return None;
        };
        let (_, value) = members.iter().find(|(name, _)| name == member)?;
        match value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its text in this form: the bytes that are hashed. It holds whatever the document holds.
    pub fn written(&self, form: Form) -> String {
        form::write(&self.top, form)
    }

    /// Its hash in this form.
    pub fn hash(&self, form: Form) -> Hash {
        Sha256::digest(self.written(form)).into()
    }

    /// Its hash in every known form, the likeliest first.
    pub fn hashes(&self) -> impl Iterator<Item = (Form, Hash)> {
        Form::ALL.into_iter().map(|form| (form, self.hash(form)))
    }

    /// The first form that gives this hash.
    pub fn form_of(&self, hash: &Hash) -> Option<Form> {
        self.hashes()
            .find_map(|(form, found)| (found == *hash).then_some(form))
    }
}

/// The names of its members: the values may be secrets that someone wrote into a script.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = match &self.top {
            Json::Object(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        };
        write!(f, "Document({})", names.join(", "))
    }
}

/// The hashes the service may name for a document, found before it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foretold {
    /// The form the live document was found in.
    form: Form,
    /// The hash in that form.
    likeliest: Hash,
    hashes: Vec<(Form, Hash)>,
}

impl Foretold {
    /// What the live document becomes when these parts of it are replaced.
    ///
    /// `live` is the stored document as text, and `known` the compose hash it is live under.
    pub fn of(
        live: &str,
        known: &Hash,
        (compose, script): (Option<&str>, Option<&str>),
    ) -> Result<Self, CannotCompute> {
        let document = Document::parse(live)?;
        let form = document.form_of(known).ok_or(CannotCompute::Uncalibrated)?;
        let revised = document.with(compose, script)?;
        Ok(Self {
            form,
            likeliest: revised.hash(form),
            hashes: revised.hashes().collect(),
        })
    }

    /// What a document of a new app becomes: nothing is live that would tell the form, so the likeliest one stands first.
    pub fn anew(document: &str) -> Result<Self, CannotCompute> {
        let document = Document::parse(document)?;
        let [form, ..] = Form::ALL;
        Ok(Self {
            form,
            likeliest: document.hash(form),
            hashes: document.hashes().collect(),
        })
    }

    /// What was computed before: the hash in the form of the live document, and those in other forms.
    pub fn recalled(
        (form, likeliest): (Form, Hash),
        others: impl IntoIterator<Item = (Form, Hash)>,
    ) -> Self {
        Self {
            form,
            likeliest,
            hashes: std::iter::once((form, likeliest)).chain(others).collect(),
        }
    }

    /// The hash in the form of the live document: the likeliest one.
    pub fn likeliest(&self) -> Hash {
        self.likeliest
    }

    /// Every form with the hash the document has in it, the likeliest first.
    pub fn hashes(&self) -> &[(Form, Hash)] {
        &self.hashes
    }

    /// The form of the live document.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Compares with the hash the service names.
    pub fn judge(&self, named: &Hash) -> Verdict {
        match self.hashes.iter().find(|(_, hash)| hash == named) {
            Some((form, _)) => Verdict::Same(*form),
            None => Verdict::Differs {
                form: self.form,
                computed: self.likeliest,
            },
        }
    }
}

#[cfg(test)]
mod tests;
