//! The two calls that let an instance boot and the one that founds an app, and the contract they are sent to.

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

    /// As the official clients call the contract of a KMS (dstack 0.5.4 and later, `DstackKms.sol`).
    interface Deploying {
        function deployAndRegisterApp(address initialOwner, bool disableUpgrades, bool allowAnyDevice,
            bytes32 initialDeviceId, bytes32 initialComposeHash) external returns (address appId);
    }
}

/// What an app's contract is asked to allow, or that of a KMS to deploy. Allowing does not fail where it is allowed
/// already; what is deployed twice is two apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `addDevice(bytes32)`: instances may boot on this machine.
    AddDevice(DeviceId),
    /// `addComposeHash(bytes32)`: this code gets the app's keys.
    AddComposeHash(ComposeHash),
    /// `deployAndRegisterApp(…)`, of the contract of a KMS: a new app comes to be.
    DeployApp(Deployment),
}

/// What the contract of a new app begins with. Its code can be replaced by its owner, and no machine but this one may
/// run it: both as the official clients have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// Who owns it.
    pub owner: Address,
    /// The machine it allows.
    pub device: DeviceId,
    /// The code it allows.
    pub hash: ComposeHash,
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
    /// Reads the data of a transaction; `None` where it is not exactly one of these calls.
    pub fn read(input: &[u8]) -> Option<Self> {
        let call = Self::deployment(input).or_else(|| Self::allowance(input))?;
        // A contract passes over what follows the argument, and people would pass over it too.
        (call.input() == input).then_some(call)
    }

    fn allowance(input: &[u8]) -> Option<Self> {
        Some(match Allowing::AllowingCalls::abi_decode(input).ok()? {
            Allowing::AllowingCalls::addDevice(call) => Self::AddDevice(call.deviceId.0.into()),
            Allowing::AllowingCalls::addComposeHash(call) => {
                Self::AddComposeHash(call.composeHash.0.into())
            }
        })
    }

    fn deployment(input: &[u8]) -> Option<Self> {
        let Deploying::DeployingCalls::deployAndRegisterApp(call) =
            Deploying::DeployingCalls::abi_decode(input).ok()?;
        Some(Self::DeployApp(Deployment {
            owner: call.initialOwner,
            device: call.initialDeviceId.0.into(),
            hash: call.initialComposeHash.0.into(),
        }))
    }

    /// The name of the function.
    pub fn function(self) -> &'static str {
        match self {
            Self::AddDevice(_) => "addDevice",
            Self::AddComposeHash(_) => "addComposeHash",
            Self::DeployApp(_) => "deployAndRegisterApp",
        }
    }

    /// The function as Solidity writes it: `addDevice(bytes32)`.
    pub fn signature(self) -> &'static str {
        match self {
            Self::AddDevice(_) => Allowing::addDeviceCall::SIGNATURE,
            Self::AddComposeHash(_) => Allowing::addComposeHashCall::SIGNATURE,
            Self::DeployApp(_) => Deploying::deployAndRegisterAppCall::SIGNATURE,
        }
    }

    /// Its arguments as they are written, in order.
    pub fn arguments(self) -> Vec<String> {
        match self {
            Self::AddDevice(_) | Self::AddComposeHash(_) => vec![self.argument().to_string()],
            Self::DeployApp(Deployment {
                owner,
                device,
                hash,
            }) => vec![
                owner.to_string(),
                "false".to_owned(),
                "false".to_owned(),
                format!("0x{device}"),
                format!("0x{hash}"),
            ],
        }
    }

    /// The one argument that people compare: what is allowed by it.
    pub fn argument(self) -> B256 {
        B256::from(match self {
            Self::AddDevice(device) => *device.bytes(),
            Self::AddComposeHash(hash) => *hash.bytes(),
            Self::DeployApp(deployment) => *deployment.hash.bytes(),
        })
    }

    /// The data of the transaction: selector and arguments.
    pub fn input(self) -> Vec<u8> {
        let argument = self.argument();
        match self {
            Self::AddDevice(_) => Allowing::addDeviceCall { deviceId: argument }.abi_encode(),
            Self::AddComposeHash(_) => Allowing::addComposeHashCall {
                composeHash: argument,
            }
            .abi_encode(),
            Self::DeployApp(deployment) => Deploying::deployAndRegisterAppCall {
                initialOwner: deployment.owner,
                disableUpgrades: false,
                allowAnyDevice: false,
                initialDeviceId: B256::from(*deployment.device.bytes()),
                initialComposeHash: argument,
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
        write!(f, "{}({})", self.function(), self.arguments().join(", "))
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
    fn an_app_is_deployed_as_the_official_client_deploys_it() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/vectors/chain.json")).unwrap();
        let deployment = Deployment {
            owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
                .parse()
                .unwrap(),
            device: DeviceId::parse(&format!("de71ce{}", "1".repeat(58))).unwrap(),
            hash: ComposeHash::parse(&format!("c0ffee{}", "0".repeat(58))).unwrap(),
        };
        let call = Call::DeployApp(deployment);
        let mut compared = 0;
        for generation in vectors["generations"].as_array().unwrap() {
            let asked = generation["rpc"].as_array().unwrap().iter();
            let asked = asked.filter(|asked| asked["label"] == "deployAppAuth");
            for asked in asked.filter(|asked| asked["request"]["method"] == "eth_fillTransaction") {
                let sent = &asked["request"]["params"][0];
                assert_eq!(sent["data"], format!("0x{}", hex::encode(call.input())));
                assert_eq!(sent["to"], generation["contracts"]["kms"]);
                compared += 1;
            }
        }
        assert_eq!(compared, 2, "two releases, one form");
        assert_eq!(Call::read(&call.input()), Some(call));
        assert!(
            call.signature()
                .starts_with("deployAndRegisterApp(address,bool,bool,")
        );
        assert_eq!(call.argument(), B256::from(*deployment.hash.bytes()));
        // With any other flag it is another contract than the one that is shown.
        for place in [4 + 2 * 32 - 1, 4 + 3 * 32 - 1] {
            let mut other = call.input();
            other[place] = 1;
            assert_eq!(Call::read(&other), None);
        }
        let longer = [&call.input()[..], &[0]].concat();
        assert_eq!(Call::read(&longer), None);
    }

    #[test]
    fn only_these_calls_are_read() {
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
