//! What the guest will and will not take, value by value.
//!
//! The guest reads the opened blob strictly: over a limit the boot fails. Before it the host copies only so much of the
//! sealed one; the guest's own limit for all variables together, 1 MiB, lies beyond that. Some characters pass, but may
//! arrive changed, because the file between guest and containers escapes not everything. This room compares; it does
//! not decide whether a person may go on.

use std::fmt;

use super::dotenv::NameFlaw;
use super::env_blob::{self, HOST_LIMIT_BYTES};
use crate::secret::Secret;
use crate::shown::Shown;

/// Entries the guest accepts.
pub const MAX_ENTRIES: usize = 1024;
/// Bytes of one name the guest accepts.
pub const MAX_NAME_BYTES: usize = 255;
/// Bytes of one value the guest accepts.
pub const MAX_VALUE_BYTES: usize = 131_072;

/// Names the platform's own script sets in the machine; a value given for them is overwritten.
pub const SET_BY_PLATFORM: [&str; 3] = [
    "DSTACK_APP_ID",
    "DSTACK_APP_DOMAIN",
    "DSTACK_GATEWAY_DOMAIN",
];

/// Something about one variable, or about all of them. Its `Display` names the variable and never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRemark {
    /// The variable; `None` when it is about all of them.
    pub name: Option<String>,
    /// What it is; its `Display` is a sentence for people.
    pub kind: EnvRemarkKind,
}

/// What may go wrong with a variable in the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvRemarkKind {
    /// A backslash may arrive changed.
    Backslash,
    /// A carriage return may arrive changed.
    CarriageReturn,
    /// A line break may arrive as `\n` in two characters.
    LineBreak,
    /// The platform's script sets this name itself.
    SetByPlatform,
    /// The guest refuses the name: boot fails.
    Name(NameFlaw),
    /// The name is too long: boot fails.
    NameTooLong(usize),
    /// The value is too long: boot fails.
    ValueTooLong(usize),
    /// Too many entries: boot fails.
    TooMany(usize),
    /// Sealed, they are more than the host copies: boot fails.
    OverHostLimit(usize),
}

impl EnvRemarkKind {
    /// Whether the machine would not boot with it.
    pub fn stops_boot(self) -> bool {
        !matches!(
            self,
            Self::Backslash | Self::CarriageReturn | Self::LineBreak | Self::SetByPlatform
        )
    }
}

/// Everything worth saying about these variables, in their order, then about all of them.
pub fn remarks<'e>(entries: impl Iterator<Item = (&'e str, &'e Secret)> + Clone) -> Vec<EnvRemark> {
    let mut found = Vec::new();
    let mut count = 0;
    let sealed = env_blob::sealed_bytes(entries.clone());
    for (name, value) in entries {
        count += 1;
        let kinds = about_name(name).into_iter().chain(about_value(value));
        found.extend(kinds.map(|kind| EnvRemark {
            name: Some(name.to_owned()),
            kind,
        }));
    }
    let all = [
        (count > MAX_ENTRIES).then_some(EnvRemarkKind::TooMany(count)),
        (sealed > HOST_LIMIT_BYTES).then_some(EnvRemarkKind::OverHostLimit(sealed)),
    ];
    found.extend(
        all.into_iter()
            .flatten()
            .map(|kind| EnvRemark { name: None, kind }),
    );
    found
}

fn about_name(name: &str) -> Vec<EnvRemarkKind> {
    let mut kinds = Vec::new();
    kinds.extend(NameFlaw::of(name).map(EnvRemarkKind::Name));
    if name.len() > MAX_NAME_BYTES {
        kinds.push(EnvRemarkKind::NameTooLong(name.len()));
    }
    if SET_BY_PLATFORM.contains(&name) {
        kinds.push(EnvRemarkKind::SetByPlatform);
    }
    kinds
}

fn about_value(value: &Secret) -> Vec<EnvRemarkKind> {
    let mut kinds = Vec::new();
    if value.len() > MAX_VALUE_BYTES {
        kinds.push(EnvRemarkKind::ValueTooLong(value.len()));
    }
    let altered = [
        ('\\', EnvRemarkKind::Backslash),
        ('\r', EnvRemarkKind::CarriageReturn),
        ('\n', EnvRemarkKind::LineBreak),
    ];
    kinds.extend(
        altered
            .into_iter()
            .filter(|(c, _)| value.expose().contains(*c))
            .map(|(_, kind)| kind),
    );
    kinds
}

impl fmt::Display for EnvRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}: {}", Shown::line(name), self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl fmt::Display for EnvRemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let altered = "may arrive changed in the container; .decrypted-env.json in the machine holds it unchanged";
        match self {
            Self::Backslash => write!(f, "a backslash {altered}"),
            Self::CarriageReturn => write!(f, "a carriage return {altered}"),
            Self::LineBreak => write!(f, "a line break {altered}"),
            Self::SetByPlatform => {
                f.write_str("the platform's own script sets this name: your value is overwritten")
            }
            Self::Name(flaw) => write!(f, "{flaw}: the machine would not boot"),
            Self::NameTooLong(bytes) => {
                write!(
                    f,
                    "the name has {bytes} bytes, the machine takes {MAX_NAME_BYTES}"
                )
            }
            Self::ValueTooLong(bytes) => {
                write!(
                    f,
                    "the value has {bytes} bytes, the machine takes {MAX_VALUE_BYTES}"
                )
            }
            Self::TooMany(count) => write!(f, "{count} variables, the machine takes {MAX_ENTRIES}"),
            Self::OverHostLimit(bytes) => write!(
                f,
                "encrypted, the values take {bytes} bytes; the host copies {HOST_LIMIT_BYTES} of them"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(entries: &[(&str, String)]) -> Vec<EnvRemarkKind> {
        let owned: Vec<_> = entries
            .iter()
            .map(|(n, v)| (*n, Secret::new(v.as_str())))
            .collect();
        remarks(owned.iter().map(|(n, v)| (*n, v)))
            .into_iter()
            .map(|r| r.kind)
            .collect()
    }

    #[test]
    fn characters_that_may_change_are_remarks_and_stop_nothing() {
        let found = kinds(&[
            ("A", "C:\\new\r\n".to_owned()),
            ("DSTACK_APP_ID", "x".to_owned()),
        ]);
        assert_eq!(
            found,
            [
                EnvRemarkKind::Backslash,
                EnvRemarkKind::CarriageReturn,
                EnvRemarkKind::LineBreak,
                EnvRemarkKind::SetByPlatform,
            ]
        );
        assert!(found.iter().all(|kind| !kind.stops_boot()));
    }

    #[test]
    fn limits_are_inclusive_and_beyond_them_boot_stops() {
        assert_eq!(kinds(&[("A", "x".repeat(MAX_VALUE_BYTES))]), []);
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        assert_eq!(
            kinds(&[("A", long)]),
            [EnvRemarkKind::ValueTooLong(MAX_VALUE_BYTES + 1)]
        );
        assert_eq!(kinds(&[(&"A".repeat(255), String::new())]), []);
        let name = "A".repeat(256);
        let found = kinds(&[
            (&name, String::new()),
            ("1A", String::new()),
            ("", String::new()),
        ]);
        assert_eq!(
            found,
            [
                EnvRemarkKind::NameTooLong(256),
                EnvRemarkKind::Name(NameFlaw::Digit),
                EnvRemarkKind::Name(NameFlaw::Empty),
            ]
        );
        assert!(found.iter().all(|kind| kind.stops_boot()));
    }

    #[test]
    fn count_and_total_are_about_all() {
        let many: Vec<_> = (0..1025).map(|_| ("A", String::new())).collect();
        assert_eq!(kinds(&many[..1024]), []);
        assert_eq!(kinds(&many), [EnvRemarkKind::TooMany(1025)]);
        let bare = env_blob::sealed_bytes([("A", &Secret::new("")), ("A", &Secret::new(""))]);
        let fits = HOST_LIMIT_BYTES - MAX_VALUE_BYTES - bare;
        let two = |last: usize| [MAX_VALUE_BYTES, last].map(|bytes| ("A", "x".repeat(bytes)));
        assert_eq!(kinds(&two(fits)), []);
        let over = EnvRemarkKind::OverHostLimit(HOST_LIMIT_BYTES + 1);
        assert_eq!(kinds(&two(fits + 1)), [over]);
        assert!(over.stops_boot());
    }
}
