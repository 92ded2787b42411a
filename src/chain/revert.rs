//! Why a contract gave up, from the bytes it left.

use std::fmt;

use alloy_sol_types::{SolError, SolInterface, sol};

use crate::shown::Shown;

sol! {
    /// What the app's contract and its proxy can say (OpenZeppelin 5, Solidity itself).
    #[derive(Debug)]
    interface Reasons {
        error OwnableUnauthorizedAccount(address account);
        error OwnableInvalidOwner(address owner);
        error InvalidInitialization();
        error NotInitializing();
        error FailedCall();
        error AddressEmptyCode(address target);
        error ERC1967InvalidImplementation(address implementation);
        error ERC1967NonPayable();
        error UUPSUnauthorizedCallContext();
        error UUPSUnsupportedProxiableUUID(bytes32 slot);
        error Error(string reason);
        error Panic(uint256 code);
    }
}

/// Most characters of a contract's own words.
const WORDS: usize = 200;

/// Why a contract gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revert(Shown);

impl Revert {
    /// Reads what the call left: a selector of four bytes and arguments, or nothing.
    pub fn read(data: &[u8]) -> Self {
        Self(Shown::bounded(&told(data), WORDS))
    }

    /// In a node's words, where it does not hand on what the contract left.
    pub fn told(words: &str) -> Self {
        Self(Shown::bounded(words, WORDS))
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn told(data: &[u8]) -> String {
    use Reasons::ReasonsErrors as Known;
    if data.is_empty() {
        return "without a reason: it does not know the call, or wants none".to_owned();
    }
    let Ok(reason) = Known::abi_decode(data) else {
        let head = data.get(..4).unwrap_or(data);
        return format!("an error of its own, 0x{}", hex::encode(head));
    };
    match reason {
        Known::OwnableUnauthorizedAccount(it) => {
            named::<Reasons::OwnableUnauthorizedAccount>(it.account)
        }
        Known::OwnableInvalidOwner(it) => named::<Reasons::OwnableInvalidOwner>(it.owner),
        Known::InvalidInitialization(_) => bare::<Reasons::InvalidInitialization>(),
        Known::NotInitializing(_) => bare::<Reasons::NotInitializing>(),
        Known::FailedCall(_) => bare::<Reasons::FailedCall>(),
        Known::AddressEmptyCode(it) => named::<Reasons::AddressEmptyCode>(it.target),
        Known::ERC1967InvalidImplementation(it) => {
            named::<Reasons::ERC1967InvalidImplementation>(it.implementation)
        }
        Known::ERC1967NonPayable(_) => bare::<Reasons::ERC1967NonPayable>(),
        Known::UUPSUnauthorizedCallContext(_) => bare::<Reasons::UUPSUnauthorizedCallContext>(),
        Known::UUPSUnsupportedProxiableUUID(it) => {
            named::<Reasons::UUPSUnsupportedProxiableUUID>(it.slot)
        }
        Known::Error(it) => it.reason,
        Known::Panic(it) => format!("Panic(0x{:02x})", it.code),
    }
}

fn named<E: SolError>(argument: impl fmt::Display) -> String {
    let name = E::SIGNATURE.split('(').next().unwrap_or(E::SIGNATURE);
    format!("{name}({argument})")
}

fn bare<E: SolError>() -> String {
    E::SIGNATURE.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> String {
        Revert::read(&hex::decode(data).unwrap()).to_string()
    }

    #[test]
    fn a_recorded_refusal_names_the_account() {
        assert_eq!(
            read("118cdaa700000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8"),
            "OwnableUnauthorizedAccount(0x70997970C51812dc3A010C7d01b50e0d17dc79C8)"
        );
    }

    #[test]
    fn selectors_are_those_of_the_contracts() {
        for (selector, name) in [
            ("f92ee8a9", "InvalidInitialization()"),
            ("d7e6bcf8", "NotInitializing()"),
            ("d6bda275", "FailedCall()"),
            ("b398979f", "ERC1967NonPayable()"),
            ("e07c8dba", "UUPSUnauthorizedCallContext()"),
        ] {
            assert_eq!(read(selector), name);
        }
        let word = format!("{:0>64}", "1");
        for (selector, name) in [
            ("1e4fbdf7", "OwnableInvalidOwner"),
            ("9996b315", "AddressEmptyCode"),
            ("4c9c8ce3", "ERC1967InvalidImplementation"),
            ("aa1d49a4", "UUPSUnsupportedProxiableUUID"),
        ] {
            assert!(read(&format!("{selector}{word}")).starts_with(name));
        }
        assert_eq!(read(&format!("4e487b71{:0>64}", "11")), "Panic(0x11)");
    }

    #[test]
    fn a_contract_s_words_are_data() {
        let said = Reasons::Error {
            reason: "paused\u{1b}[2J".to_owned(),
        };
        let told = Revert::read(&said.abi_encode()).to_string();
        assert!(
            told.starts_with("paused") && !told.contains('\u{1b}'),
            "{told}"
        );
    }

    #[test]
    fn what_is_not_known_is_shown_by_its_selector_and_nothing_says_so() {
        assert_eq!(read("deadbeef00"), "an error of its own, 0xdeadbeef");
        assert_eq!(read("de"), "an error of its own, 0xde");
        assert!(read("").starts_with("without a reason"));
    }
}
