//! Hex digits of an exact length, read without mercy.
//!
//! Lenient readers turn 63 digits into another key and a blank into a zero; here both are refused.
//! Knows nothing of what the bytes mean.

use std::fmt;

/// Why a text is not the hex of `N` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HexFlaw {
    /// Another number of digits than asked for.
    Length {
        /// Digits that would be right.
        wanted: usize,
        /// Characters found, without `0x`.
        found: usize,
    },
    /// A character that is no hex digit, at this place counted from 1, without `0x`.
    Digit {
        /// Place of the character, counted from 1.
        place: usize,
    },
}

impl fmt::Display for HexFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { wanted, found } => {
                write!(f, "{wanted} hex digits wanted, {found} found")
            }
            Self::Digit { place } => write!(f, "character {place} is not a hex digit"),
        }
    }
}

/// Reads exactly `N` bytes of hex in either case, with or without `0x` in front.
pub(super) fn bytes<const N: usize>(text: &str) -> Result<[u8; N], HexFlaw> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let found = digits.chars().count();
    if found != 2 * N {
        return Err(HexFlaw::Length {
            wanted: 2 * N,
            found,
        });
    }
    if let Some(place) = first_non_digit(digits) {
        return Err(HexFlaw::Digit { place });
    }
    let mut out = [0; N];
    // Length and digits were checked above, so the flaw named here cannot occur.
    hex::decode_to_slice(digits, &mut out).map_err(|_| HexFlaw::Digit { place: 1 })?;
    Ok(out)
}

/// Place of the first character that is no hex digit, counted from 1.
pub(super) fn first_non_digit(text: &str) -> Option<usize> {
    text.chars()
        .position(|c| !c.is_ascii_hexdigit())
        .map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_length_is_read() {
        assert_eq!(bytes::<2>("0xABcd"), Ok([0xab, 0xcd]));
        assert_eq!(
            bytes::<2>("abc"),
            Err(HexFlaw::Length {
                wanted: 4,
                found: 3
            })
        );
        assert_eq!(bytes::<2>("0x0xab"), Err(HexFlaw::Digit { place: 2 }));
        assert_eq!(bytes::<2>("ab d"), Err(HexFlaw::Digit { place: 3 }));
        assert_eq!(
            bytes::<2>("éé"),
            Err(HexFlaw::Length {
                wanted: 4,
                found: 2
            })
        );
    }
}
