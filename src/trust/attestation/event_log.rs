//! The log of what was started, and the registers it adds up to.
//!
//! A register starts as 48 zero bytes; each entry turns it into SHA-384(register ‖ digest). Of the entries of RTMR 3
//! the digest is computed here from name and contents, never taken from the log: otherwise contents could be exchanged
//! beside a kept digest. Of RTMR 0 to 2 only digests exist. Entries are numbered from 1 for people.
//! It does not know what the values mean, nor whether a register is the one in the quote.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha384};

use super::bundle;
use crate::shown::Shown;

/// A register's value.
pub(super) type Register = [u8; 48];

/// `DSTACK_RUNTIME_EVENT_TYPE`: only of such an entry is the digest made of name and contents.
const RUNTIME_TYPE: u32 = 0x0800_0001;
/// The register of the operating system.
const RUNTIME_REGISTER: u32 = 3;
/// After this entry the app may add its own, under any name.
const END_OF_BOOT: &str = "system-ready";
/// Real logs have about 30 entries.
const MAX_ENTRIES: usize = 65_536;
const MAX_FIELD_BYTES: usize = 1024 * 1024;

/// The entries in the order of the list.
#[derive(Debug, Clone)]
pub(super) struct Log(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    register: u32,
    kind: u32,
    /// As the log has it; empty where it was left out.
    digest: Vec<u8>,
    name: String,
    contents: Vec<u8>,
    /// Of the digest's recipe: 1, or 2 since `event_log_version`.
    recipe: u64,
}

/// Why a log adds up to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogFlaw {
    /// Number of the entry in the list, from 1.
    entry: usize,
    name: Shown,
    what: Flaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    NotRuntime,
    OtherDigest,
    LongDigest,
    Recipe,
    Register,
}

/// How often a value stands in the part of the log that only the operating system writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'l> {
    Missing,
    Once(&'l [u8]),
    Times(usize),
}

impl Log {
    /// Reads the list; the error is the rest of a sentence about the log, safe to show.
    pub fn read(value: &Value) -> Result<Self, String> {
        let list = value.as_array().ok_or("it is not a list")?;
        if list.len() > MAX_ENTRIES {
            return Err(format!("it has more than {MAX_ENTRIES} entries"));
        }
        let entries = list.iter().enumerate().map(|(at, entry)| {
            Entry::read(entry).map_err(|why| format!("entry {}: {why}", at + 1))
        });
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// Whether anything of RTMR 0 to 2 is told; some services leave it out.
    pub fn has_firmware_entries(&self) -> bool {
        self.0.iter().any(|entry| entry.register < RUNTIME_REGISTER)
    }

    /// What RTMR 0 to 2 come to, from the digests given.
    pub fn firmware(&self) -> Result<[Register; 3], LogFlaw> {
        let mut registers = [[0; 48]; 3];
        for (at, entry) in self.0.iter().enumerate() {
            let register = registers
                .iter_mut()
                .zip(0..)
                .find(|(_, number)| *number == entry.register);
            if let Some((register, _)) = register {
                if entry.digest.len() > register.len() {
                    return Err(entry.flaw(at, Flaw::LongDigest));
                }
                extend(register, &entry.digest);
            }
        }
        Ok(registers)
    }

    /// What RTMR 3 comes to, from the contents of its entries.
    pub fn runtime(&self) -> Result<Register, LogFlaw> {
        let mut register = [0; 48];
        for digest in self.runtime_digests() {
            extend(&mut register, &digest?);
        }
        Ok(register)
    }

    /// How many of its first entries add up to this register, if fewer than all do.
    pub fn runtime_prefix(&self, wanted: &Register) -> Option<usize> {
        let mut register = [0; 48];
        for (count, digest) in self.runtime_digests().enumerate() {
            if register == *wanted {
                return Some(count);
            }
            extend(&mut register, &digest.ok()?);
        }
        None
    }

    /// How many entries the operating system and the app have made.
    pub fn runtime_entries(&self) -> usize {
        let of_runtime = |entry: &&Entry| entry.register == RUNTIME_REGISTER;
        self.0.iter().filter(of_runtime).count()
    }

    /// A value that the operating system wrote while it started. Means something only of a log that adds up.
    ///
    /// Images before 0.5 mark no end of the boot; there the whole log is read, and a second entry by the app shows
    /// as [`Found::Times`].
    pub fn boot_value(&self, name: &str) -> Found<'_> {
        let mut found = self.boot_entries().filter(|entry| entry.name == name);
        match (found.next(), found.count()) {
            (None, _) => Found::Missing,
            (Some(entry), 0) => Found::Once(&entry.contents),
            (Some(_), more) => Found::Times(more + 1),
        }
    }

    /// Whether the log marks where the app's own entries begin. Without it, a value that not every image writes may be
    /// the app's.
    pub fn marks_end_of_boot(&self) -> bool {
        self.0.iter().any(Entry::ends_boot)
    }

    fn boot_entries(&self) -> impl Iterator<Item = &Entry> {
        self.0
            .iter()
            .filter(|entry| entry.register == RUNTIME_REGISTER)
            .take_while(|entry| !entry.ends_boot())
    }

    /// The digests of RTMR 3, or what is wrong with an entry that could hide something.
    fn runtime_digests(&self) -> impl Iterator<Item = Result<Register, LogFlaw>> {
        let entries = self.0.iter().enumerate();
        entries.filter_map(|(at, entry)| match entry.register {
            RUNTIME_REGISTER => Some(entry.computed().map_err(|what| entry.flaw(at, what))),
            0..RUNTIME_REGISTER => None,
            _ => Some(Err(entry.flaw(at, Flaw::Register))),
        })
    }
}

impl Entry {
    fn read(value: &Value) -> Result<Self, String> {
        let number = |name: &str| -> Result<u32, String> {
            value
                .get(name)
                .and_then(Value::as_u64)
                .and_then(|number| u32::try_from(number).ok())
                .ok_or(format!("{name} is not a number of 32 bits"))
        };
        let hex = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => {
                bundle::bytes(text, MAX_FIELD_BYTES).map_err(|why| format!("{name}: {why}"))
            }
            Some(_) => Err(format!("{name} is not a text")),
        };
        let name = match value.get("event") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => return Err("event is not a text".to_owned()),
        };
        let recipe = match value.get("version") {
            None | Some(Value::Null) => 1,
            Some(version) => version.as_u64().ok_or("version is not a number")?,
        };
        Ok(Self {
            register: number("imr")?,
            kind: number("event_type")?,
            digest: hex("digest")?,
            name,
            contents: hex("event_payload")?,
            recipe,
        })
    }

    fn ends_boot(&self) -> bool {
        self.register == RUNTIME_REGISTER && self.name == END_OF_BOOT
    }

    /// The digest of name and contents, if the one in the log does not contradict it.
    fn computed(&self) -> Result<Register, Flaw> {
        if self.kind != RUNTIME_TYPE {
            return Err(Flaw::NotRuntime);
        }
        let computed: Register = match self.recipe {
            1 => Sha384::new()
                .chain_update(RUNTIME_TYPE.to_le_bytes())
                .chain_update(b":")
                .chain_update(&self.name)
                .chain_update(b":")
                .chain_update(&self.contents)
                .finalize()
                .into(),
            2 => Sha384::digest(self.canonical()).into(),
            _ => return Err(Flaw::Recipe),
        };
        if self.digest.is_empty() || self.digest == computed {
            Ok(computed)
        } else {
            Err(Flaw::OtherDigest)
        }
    }

    /// The canonical JSON (RFC 8785) of the second recipe: members in order, no blanks.
    fn canonical(&self) -> String {
        // A text's JSON in serde_json is the canonical one: short escapes, the rest as it is.
        let name = Value::from(self.name.as_str());
        let contents = hex::encode(&self.contents);
        format!(r#"{{"name":{name},"payload":"{contents}","type":{RUNTIME_TYPE}}}"#)
    }

    fn flaw(&self, at: usize, what: Flaw) -> LogFlaw {
        LogFlaw {
            entry: at + 1,
            name: Shown::line(&self.name),
            what,
        }
    }
}

impl fmt::Display for LogFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, name, what } = self;
        write!(f, "entry {entry}")?;
        if !name.is_empty() {
            write!(f, " ({name})")?;
        }
        f.write_str(match what {
            Flaw::NotRuntime => {
                " is not of the operating system's type, so its contents are not protected"
            }
            Flaw::OtherDigest => {
                " has other contents than its own digest says: somebody changed it"
            }
            Flaw::LongDigest => " has a digest longer than a register",
            Flaw::Recipe => " is of a version this program does not know",
            Flaw::Register => " names a register that does not exist",
        })
    }
}

/// Adds a digest to a register; a short one is filled with zeros, as the hardware does it.
fn extend(register: &mut Register, digest: &[u8]) {
    let mut filled = [0; 48];
    for (to, from) in filled.iter_mut().zip(digest) {
        *to = *from;
    }
    *register = Sha384::new()
        .chain_update(*register)
        .chain_update(filled)
        .finalize()
        .into();
}

#[cfg(test)]
mod tests;
