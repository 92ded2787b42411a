//! A file as bytes, and what can be trusted in it.
//!
//! Reads a header, then records, each with its number. What it gives back was written by this program, whole and in
//! this order, or it is nothing. It decides nothing about the file on the disk.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::frame::{self, Next};
use super::id::IntentId;
use super::moment::Moment;
use super::record::{Intent, Record};
use super::text::one;

/// The largest file that is read or written, in bytes.
pub const LARGEST: u64 = 32 << 20;

/// What every file begins with.
const MAGIC: &str = "phala-wizard intent";

/// The format this version writes. A change that an older version must not act on makes it one more.
const FORMAT: u32 = 1;

/// A record with its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// When it was written.
    pub at: Moment,
    /// The record.
    pub record: Record,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The intent's name.
    pub id: IntentId,
    /// All records, in order; the first is the intent.
    pub records: Vec<Stamped>,
    /// How many bytes of the file they are, with the header.
    pub sound: usize,
    /// Whether a record that was never finished follows.
    pub torn: bool,
}

/// Why a file is not acted on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It ends before its intent does: nothing was ever done for it.
    #[error("it ends before it says anything")]
    Stillborn,
    /// Its bytes were changed after they were written.
    #[error("record {record} is damaged")]
    Damaged {
        /// Which record, from 1; the header is 0.
        record: usize,
    },
    /// It begins or goes on in a way that no version of this program writes.
    #[error("it is not a journal of this program, or its records are mixed up")]
    Foreign,
    /// A newer version wrote it.
    #[error("a newer version of phala-wizard wrote it")]
    Newer,
    /// Beyond [`LARGEST`].
    #[error("it is larger than {} MB", LARGEST >> 20)]
    TooLarge,
}

#[derive(Serialize, Deserialize)]
struct Header {
    magic: String,
    format: u32,
    #[serde(with = "one")]
    id: IntentId,
}

/// The part of a header that every version keeps.
#[derive(Deserialize)]
struct AnyHeader {
    magic: String,
    format: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    n: u64,
    at: &'a Moment,
    record: &'a Record,
}

/// What a record says even if its kind is not known.
#[derive(Deserialize)]
struct Numbered {
    n: u64,
}

#[derive(Deserialize)]
struct Read {
    at: Moment,
    record: Record,
}

/// Reads a whole file.
pub fn read(bytes: &[u8]) -> Result<Contents, Unreadable> {
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let (header, mut rest) = match frame::next(bytes) {
        Next::Frame(text, rest) => (text, rest),
        Next::End | Next::Torn => return Err(Unreadable::Stillborn),
        Next::Damaged => return Err(Unreadable::Damaged { record: 0 }),
    };
    let id = read_header(header)?;
    let mut records = Vec::new();
    let torn = loop {
        match frame::next(rest) {
            Next::Frame(text, behind) => {
                records.push(read_record(text, records.len() + 1)?);
                rest = behind;
            }
            Next::End => break false,
            Next::Torn => break true,
            Next::Damaged => {
                let record = records.len() + 1;
                return Err(Unreadable::Damaged { record });
            }
        }
    };
    match records.first().map(|first| &first.record) {
        Some(Record::Intent(intent)) if intent.id == id => Ok(Contents {
            id,
            records,
            sound: bytes.len() - rest.len(),
            torn,
        }),
        Some(_) => Err(Unreadable::Foreign),
        None => Err(Unreadable::Stillborn),
    }
}

/// The bytes of a new file: header and intent. `None` where the intent is longer than a record may be.
pub fn begin(intent: &Intent, at: &Moment) -> Option<Zeroizing<Vec<u8>>> {
    let header = frame::around(&Header {
        magic: MAGIC.to_owned(),
        format: FORMAT,
        id: intent.id,
    })?;
    let first = record(1, at, &Record::Intent(Box::new(intent.clone())))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(header.len() + first.len()));
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(&first);
    Some(bytes)
}

/// The bytes of the record with this number, counted from 1. `None` where it is longer than a record may be.
pub fn record(n: u64, at: &Moment, record: &Record) -> Option<Zeroizing<Vec<u8>>> {
    frame::around(&Written { n, at, record })
}

/// The same file without anything that could be used, and with one record more. `bytes` are sound.
///
/// What is not changed stays as it is, byte for byte, with members this version does not know.
pub fn closed(bytes: &[u8], at: &Moment, last: &Record) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + 4096));
    let mut rest = bytes;
    let mut count = 0;
    while let Next::Frame(text, behind) = frame::next(rest) {
        let whole = &rest[..rest.len() - behind.len()];
        match (count > 0).then(|| serde_json::from_slice::<Read>(text)) {
            Some(Ok(Read {
                at,
                record: Record::Prepared(prepared),
            })) => {
                let bare = Record::Prepared(Box::new(prepared.without_token()));
                out.extend_from_slice(&record(count, &at, &bare)?);
            }
            _ => out.extend_from_slice(whole),
        }
        rest = behind;
        count += 1;
    }
    out.extend_from_slice(&record(count, at, last)?);
    Some(out)
}

fn read_header(text: &[u8]) -> Result<IntentId, Unreadable> {
    let any: AnyHeader = serde_json::from_slice(text).map_err(|_| Unreadable::Foreign)?;
    if any.magic != MAGIC {
        return Err(Unreadable::Foreign);
    }
    if any.format != FORMAT {
        return Err(Unreadable::Newer);
    }
    let header: Header = serde_json::from_slice(text).map_err(|_| Unreadable::Newer)?;
    Ok(header.id)
}

fn read_record(text: &[u8], number: usize) -> Result<Stamped, Unreadable> {
    let numbered: Numbered = serde_json::from_slice(text).map_err(|_| Unreadable::Newer)?;
    // Whole and sound, but in another place: it was copied there.
    if numbered.n != number as u64 {
        return Err(Unreadable::Foreign);
    }
    // The checksum holds, so somebody meant what does not read: a kind or a word that came later.
    let Read { at, record } = serde_json::from_slice(text).map_err(|_| Unreadable::Newer)?;
    Ok(Stamped { at, record })
}

#[cfg(test)]
mod tests;
