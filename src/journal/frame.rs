//! Records as bytes: length, checksum, text.
//!
//! ```text
//!   ┌────────────┬─────────────┬──────────────────────┐
//!   │ length u32 │ CRC-32C u32 │ JSON, `length` bytes │   both numbers little-endian
//!   └────────────┴─────────────┴──────────────────────┘
//! ```
//!
//! The checksum covers the length too. A write that was cut off leaves the beginning of a frame, and nothing behind it;
//! everything else that does not fit together is damage. The two are told apart without mercy, because a cut end is
//! dropped and damage stops everything: no single flipped bit ever looks like a cut.

use std::io::{self, Write};

use crc::{CRC_32_ISCSI, Crc};
use serde::Serialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// CRC-32C goes by the name of the protocol that made it common.
const CASTAGNOLI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Length and checksum.
const HEAD: usize = 8;

/// The longest text of one record, in bytes: a compose file, a sealed blob and a token at their limits, several times.
pub const MOST: usize = 4 << 20;

/// Frames that could begin behind a cut are tried this many times; more is no accident.
const TRIES: usize = 64;

/// What the next bytes are.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// A frame, and everything behind it.
    Frame(&'a [u8], &'a [u8]),
    /// Nothing more.
    End,
    /// The beginning of a frame that was never finished.
    Torn,
    /// Neither: something changed these bytes after they were written.
    Damaged,
}

/// Takes the next frame off.
pub fn next(bytes: &[u8]) -> Next<'_> {
    if bytes.is_empty() {
        return Next::End;
    }
    // Room that the disk made for a frame and never filled.
    if bytes.iter().all(|byte| *byte == 0) {
        return Next::Torn;
    }
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
        return Next::Torn;
    };
    let (length, sum) = numbers(*head);
    if length > MOST {
        return Next::Damaged;
    }
    let Some((text, behind)) = rest.split_at_checked(length) else {
        return if is_whole(rest) || holds_a_frame(rest) {
            Next::Damaged
        } else {
            Next::Torn
        };
    };
    if checksum(length, text) == sum {
        return Next::Frame(text, behind);
    }
    // JSON ends in a brace: a zero at the very end is room that was never filled.
    if behind.is_empty() && text.last() == Some(&0) {
        Next::Torn
    } else {
        Next::Damaged
    }
}

/// A frame around this content, in memory that is wiped; `None` where it is longer than a record may be.
pub fn around(content: &impl Serialize) -> Option<Zeroizing<Vec<u8>>> {
    // Counted first: a buffer that grows leaves unwiped copies of a token behind.
    let mut count = Count(0);
    serde_json::to_writer(&mut count, content).ok()?;
    let length = count.0;
    if length > MOST {
        return None;
    }
    let mut frame = Zeroizing::new(Vec::with_capacity(HEAD + length));
    frame.extend_from_slice(&[0; HEAD]);
    serde_json::to_writer(&mut *frame, content).ok()?;
    let sum = checksum(length, &frame[HEAD..]);
    frame[..4].copy_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    frame[4..HEAD].copy_from_slice(&sum.to_le_bytes());
    Some(frame)
}

fn numbers(head: [u8; HEAD]) -> (usize, u32) {
    let [length, sum] = [0, 4].map(|at| {
        let mut number = [0; 4];
        number.copy_from_slice(&head[at..at + 4]);
        u32::from_le_bytes(number)
    });
    (usize::try_from(length).unwrap_or(usize::MAX), sum)
}

fn checksum(length: usize, text: &[u8]) -> u32 {
    let mut digest = CASTAGNOLI.digest();
    digest.update(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    digest.update(text);
    digest.finalize()
}

/// Whether a whole record stands here: then it was written to its end, and its length is what is wrong.
fn is_whole(text: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    matches!(values.next(), Some(Ok(_)))
}

/// Whether a sound frame begins anywhere: then these bytes are not the end of the file.
fn holds_a_frame(bytes: &[u8]) -> bool {
    let mut tries = 0;
    for start in 1..bytes.len() {
        let Some((head, rest)) = bytes[start..].split_first_chunk::<HEAD>() else {
            return false;
        };
        let (length, sum) = numbers(*head);
        // Four letters of JSON are a number far beyond the limit, so hardly any place gets past this.
        if !(2..=MOST).contains(&length) {
            continue;
        }
        let Some(text) = rest.get(..length) else {
            continue;
        };
        tries += 1;
        if tries > TRIES || checksum(length, text) == sum {
            return true;
        }
    }
    false
}

/// Counts what is written to it.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Vec<u8> {
        ["{\"a\":1}", "{\"b\":2}"]
            .into_iter()
            .flat_map(|text| {
                let value: serde_json::Value = serde_json::from_str(text).unwrap();
                around(&value).unwrap().to_vec()
            })
            .collect()
    }

    #[test]
    fn the_checksum_is_crc_32c() {
        // The check value of the catalogue.
        assert_eq!(CASTAGNOLI.checksum(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn frames_come_back_one_by_one() {
        let bytes = frames();
        let Next::Frame(first, rest) = next(&bytes) else {
            panic!("no first frame");
        };
        let Next::Frame(second, rest) = next(rest) else {
            panic!("no second frame");
        };
        assert_eq!((first, second), (&b"{\"a\":1}"[..], &b"{\"b\":2}"[..]));
        assert_eq!(next(rest), Next::End);
    }

    #[test]
    fn every_cut_is_a_cut() {
        let bytes = frames();
        let one = bytes.len() / 2;
        for cut in 1..one {
            assert_eq!(next(&bytes[..cut]), Next::Torn, "{cut}");
        }
    }

    #[test]
    fn room_that_was_never_filled_is_a_cut() {
        let bytes = frames();
        let one = bytes.len() / 2;
        for filled in 0..one {
            let mut room = bytes[..filled].to_vec();
            room.resize(one, 0);
            assert_eq!(next(&room), Next::Torn, "{filled}");
        }
    }

    #[test]
    fn no_flipped_bit_is_a_cut() {
        let bytes = frames();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let verdict = match next(&flipped) {
                Next::Frame(_, rest) => next(rest),
                other => other,
            };
            assert_eq!(verdict, Next::Damaged, "{bit}");
        }
    }

    #[test]
    fn a_frame_that_lost_its_beginning_is_no_cut_while_others_follow() {
        let mut bytes = frames();
        // A length that reaches beyond the end, before a text that does not read.
        bytes[..4].copy_from_slice(&1_000_u32.to_le_bytes());
        bytes[HEAD] = b'?';
        assert_eq!(next(&bytes), Next::Damaged);
        let alone = &bytes[..bytes.len() / 2];
        assert_eq!(next(alone), Next::Torn, "what follows is the difference");
    }

    #[test]
    fn a_record_beyond_the_limit_is_not_written() {
        let text = "x".repeat(MOST);
        assert_eq!(around(&text), None);
        assert!(around(&&text[..MOST - 2]).is_some());
    }
}
