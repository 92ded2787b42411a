//! Values as contracts return them: words of 32 bytes, read without forgiving.
//!
//! Whoever reads half a word, or a yes out of any number, can be told anything.

use alloy_primitives::{Address, U256};

/// Bytes of a word.
const WORD: usize = 32;

/// One word, whatever it says.
pub(super) fn any(returned: &[u8]) -> Option<[u8; WORD]> {
    returned.try_into().ok()
}

/// A number that fits.
pub(super) fn number(returned: &[u8]) -> Option<u64> {
    U256::from_be_bytes(any(returned)?).try_into().ok()
}

/// Yes is 1, no is 0.
pub(super) fn flag(returned: &[u8]) -> Option<bool> {
    match number(returned)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// An address, with nothing before it.
pub(super) fn account(returned: &[u8]) -> Option<Address> {
    let word = any(returned)?;
    let (before, address) = word.split_at(WORD - Address::len_bytes());
    before
        .iter()
        .all(|byte| *byte == 0)
        .then(|| Address::from_slice(address))
}

/// The same, where the zero address stands for nobody.
#[expect(clippy::option_option, reason = "unreadable, or nobody")]
pub(super) fn somebody(returned: &[u8]) -> Option<Option<Address>> {
    Some(Some(account(returned)?).filter(|address| !address.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(last: &[u8]) -> Vec<u8> {
        let mut word = vec![0; WORD - last.len()];
        word.extend_from_slice(last);
        word
    }

    #[test]
    fn a_word_has_32_bytes() {
        for length in [0, 1, 31, 33, 64] {
            let bytes = vec![0; length];
            assert_eq!(any(&bytes), None);
            assert_eq!((flag(&bytes), account(&bytes)), (None, None));
        }
        assert_eq!(any(&[7; WORD]), Some([7; WORD]));
    }

    #[test]
    fn yes_is_one() {
        assert_eq!(flag(&word(&[0])), Some(false));
        assert_eq!(flag(&word(&[1])), Some(true));
        for other in [word(&[2]), word(&[1, 0]), vec![0xff; WORD]] {
            assert_eq!(flag(&other), None);
        }
        let mut first = vec![0; WORD];
        first[0] = 1;
        assert_eq!((flag(&first), number(&first)), (None, None));
    }

    #[test]
    fn an_address_stands_alone_in_its_word() {
        let address = Address::repeat_byte(7);
        assert_eq!(account(&word(&[7; 20])), Some(address));
        assert_eq!(account(&word(&[7; 21])), None);
        assert_eq!(somebody(&word(&[7; 20])), Some(Some(address)));
        assert_eq!(somebody(&word(&[])), Some(None));
        assert_eq!(somebody(&[0; 20]), None);
    }
}
