//! How ids, hashes and secrets are spelt in a file: as text, whatever they are in memory.
//!
//! A file outlives the types of the program. So nothing of the API's types is written as it happens to be; each has
//! its spelling here, and what does not read back is an error, never a guess.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::id::IntentId;
use crate::api::types::{AppId, ComposeHash, CvmUuid, DeviceId, Proof, TransactionHash};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::compose_hash::Form;

/// `N` bytes, written as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Hex<N> {
    /// Reads exactly `N` bytes of hex, without `0x`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hex({self})")
    }
}

/// Something with one spelling in a file.
pub trait Text: Sized {
    /// Writes it.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads it back; `None` where the text is not one.
    fn read(text: String) -> Option<Self>;
}

/// What writes itself as its `Display` says, and is read by `$read`.
macro_rules! as_displayed {
    ($($type:ty: $read:expr;)*) => {$(
        impl Text for $type {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }

            fn read(text: String) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(&text)
            }
        }
    )*};
}

as_displayed! {
    IntentId: Self::parse;
    AppId: Self::parse;
    ComposeHash: Self::parse;
    DeviceId: Self::parse;
    TransactionHash: Self::parse;
    CvmUuid: Self::parse;
    Proof: |text| match text {
        "already-registered" => Some(Self::AlreadyRegistered),
        hash => TransactionHash::parse(hash).map(Self::Transaction),
    };
    // Cleaned again, as one line: a file is text from outside like any other.
    Shown: |text| Some(Self::line(text));
}

impl<const N: usize> Text for Hex<N> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn read(text: String) -> Option<Self> {
        Self::parse(&text)
    }
}

impl Text for Form {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }

    fn read(text: String) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == text)
    }
}

/// The commit token and the page that carries it. Where else a secret may stand, no record has a field.
impl Text for Secret {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }

    fn read(text: String) -> Option<Self> {
        Some(Self::new(text))
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(serializer)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one::deserialize(deserializer)
    }
}

/// For `#[serde(with)]`: one of them.
pub mod one {
    use super::{Deserialize, Deserializer, Serializer, Text, misread};

    pub fn serialize<T: Text, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.write(to)
    }

    pub fn deserialize<'de, T: Text, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        T::read(String::deserialize(from)?).ok_or_else(misread::<D>)
    }
}

/// For `#[serde(with)]`: one or none. Goes with `default` and `skip_serializing_if`.
pub mod maybe {
    use super::{Deserialize, Deserializer, Serializer, Text, misread};

    #[allow(clippy::ref_option, reason = "serde hands the field as it is")]
    pub fn serialize<T: Text, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => value.write(to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, T: Text, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| T::read(text).ok_or_else(misread::<D>))
            .transpose()
    }
}

/// For `#[serde(with)]`: any number of them.
pub mod many {
    use serde::ser::SerializeSeq;

    use super::{Deserialize, Deserializer, Serialize, Serializer, Text, misread};

    struct One<'a, T>(&'a T);

    impl<T: Text> Serialize for One<'_, T> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            self.0.write(to)
        }
    }

    pub fn serialize<T: Text, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(values.len()))?;
        for value in values {
            list.serialize_element(&One(value))?;
        }
        list.end()
    }

    pub fn deserialize<'de, T: Text, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?.into_iter();
        texts
            .map(|text| T::read(text).ok_or_else(misread::<D>))
            .collect()
    }
}

/// Never the text itself: it could be the token.
fn misread<'de, D: Deserializer<'de>>() -> D::Error {
    D::Error::custom("a text that is not what belongs here")
}
