//! The two calls that let an instance boot, and the contract they are sent to.

use std::fmt;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolInterface, sol};

use crate::api::types::{AppId, ComposeHash, DeviceId};

sol! {
    /// As far as it is written to (dstack, `DstackApp.sol`; `AppAuth.sol` up to 0.5.3).
    interface Allowing {
        function addComposeHash(bytes32 composeHash) external;
        function addDevice(bytes32 deviceId) external;
    }
}

/// What an app's contract is asked to allow. Neither call fails where it is allowed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `addDevice(bytes32)`: instances may boot on this machine.
    AddDevice(DeviceId),
    /// `addComposeHash(bytes32)`: this code gets the app's keys.
    AddComposeHash(ComposeHash),
}

/// An app's contract, and what is to be known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The chain, as EIP-155 numbers it.
    pub chain_id: u64,
    /// The address of the contract.
    pub contract: Address,
    /// The app it has to be the contract of.
    pub app: AppId,
    /// The hash that has to be allowed, where one is known.
    pub hash: Option<ComposeHash>,
    /// The machine that has to be allowed, where one is known.
    pub device: Option<DeviceId>,
}

impl Call {
    /// Reads the data of a transaction; `None` where it is not exactly one of the two calls.
    pub fn read(input: &[u8]) -> Option<Self> {
        let call = match Allowing::AllowingCalls::abi_decode(input).ok()? {
            Allowing::AllowingCalls::addDevice(call) => Self::AddDevice(call.deviceId.0.into()),
            Allowing::AllowingCalls::addComposeHash(call) => {
                Self::AddComposeHash(call.composeHash.0.into())
            }
        };
        // A contract passes over what follows the argument, and people would pass over it too.
        (call.input() == input).then_some(call)
    }

    /// The name of the function.
    pub fn function(self) -> &'static str {
        match self {
            Self::AddDevice(_) => "addDevice",
            Self::AddComposeHash(_) => "addComposeHash",
        }
    }

    /// The function as Solidity writes it: `addDevice(bytes32)`.
    pub fn signature(self) -> &'static str {
        match self {
            Self::AddDevice(_) => Allowing::addDeviceCall::SIGNATURE,
            Self::AddComposeHash(_) => Allowing::addComposeHashCall::SIGNATURE,
        }
    }

    /// Its one argument.
    pub fn argument(self) -> B256 {
        B256::from(match self {
            Self::AddDevice(device) => *device.bytes(),
            Self::AddComposeHash(hash) => *hash.bytes(),
        })
    }

    /// The data of the transaction: selector and argument, 36 bytes.
    pub fn input(self) -> Vec<u8> {
        let argument = self.argument();
        match self {
            Self::AddDevice(_) => Allowing::addDeviceCall { deviceId: argument }.abi_encode(),
            Self::AddComposeHash(_) => Allowing::addComposeHashCall {
                composeHash: argument,
            }
            .abi_encode(),
        }
    }

    /// The same with its argument cut in the middle, for a narrow column.
    pub fn short(self) -> String {
        let argument = hex::encode(self.argument());
        let (head, tail) = (&argument[..8], &argument[argument.len() - 6..]);
        format!("{}(0x{head}..{tail})", self.function())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.function(), self.argument())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn calls_are_written_as_the_official_clients_write_them() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/vectors/chain.json")).unwrap();
        let mut compared = 0;
        for vector in vectors["calldata"].as_array().unwrap() {
            let text = |member: &str| vector[member].as_str().unwrap();
            let argument = text("arg");
            let call = match text("fn") {
                "addComposeHash(bytes32)" => {
                    Call::AddComposeHash(ComposeHash::parse(argument).unwrap())
                }
                "addDevice(bytes32)" => Call::AddDevice(DeviceId::parse(argument).unwrap()),
                _ => continue,
            };
            assert_eq!(format!("0x{}", hex::encode(call.input())), text("calldata"));
            assert_eq!(call.signature(), text("fn"));
            assert_eq!(Call::read(&call.input()), Some(call));
            assert_eq!(Call::read(&call.input()[1..]), None);
            compared += 1;
        }
        assert!(compared >= 2, "{compared}");
    }

    #[test]
    fn only_the_two_calls_are_read() {
        let call = Call::AddDevice(DeviceId::from([0xab; 32]));
        let input = call.input();
        assert_eq!(Call::read(&input), Some(call));
        let removal = [&[0x1d, 0x26, 0x62, 0x00], &input[4..]].concat();
        let longer = [&input[..], &[0]].concat();
        for other in [&[][..], &input[..4], &input[..35], &longer, &removal] {
            assert_eq!(Call::read(other), None, "{}", hex::encode(other));
        }
    }

    #[test]
    fn a_call_is_shown_whole_or_short() {
        let call = Call::AddComposeHash(ComposeHash::from([0xab; 32]));
        assert_eq!(
            call.to_string(),
            format!("addComposeHash(0x{})", "ab".repeat(32))
        );
        assert_eq!(call.short(), "addComposeHash(0xabababab..ababab)");
    }
}
