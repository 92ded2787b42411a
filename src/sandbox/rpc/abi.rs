//! Signatures of the contracts the pretend chain holds, transcribed from dstack's and Multicall3's sources.
//!
//! Only what a client of this flow calls, and what those calls emit or refuse. Selectors and topics follow from the
//! signatures; a test holds them against recorded ones.

use alloy_sol_types::sol;

sol! {
    /// What a KMS tells a contract about a guest that wants its keys.
    struct AppBootInfo {
        address appId;
        bytes32 composeHash;
        address instanceId;
        bytes32 deviceId;
        bytes32 mrAggregated;
        bytes32 mrSystem;
        bytes32 osImageHash;
        string tcbStatus;
        string[] advisoryIds;
    }

    /// One app, behind an ERC-1967 proxy. Which functions there are depends on the generation.
    interface DstackApp {
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function version() external pure returns (uint256);
        function appId() external view returns (address);
        function allowAnyDevice() external view returns (bool);
        function requireTcbUpToDate() external view returns (bool);
        function allowedComposeHashes(bytes32 composeHash) external view returns (bool);
        function allowedDeviceIds(bytes32 deviceId) external view returns (bool);
        function supportsInterface(bytes4 interfaceId) external view returns (bool);
        function isAppAllowed(AppBootInfo bootInfo) external view returns (bool isAllowed, string reason);

        function addComposeHash(bytes32 composeHash) external;
        function removeComposeHash(bytes32 composeHash) external;
        function addDevice(bytes32 deviceId) external;
        function removeDevice(bytes32 deviceId) external;
        function setAllowAnyDevice(bool allowAny) external;
        function setRequireTcbUpToDate(bool requireUpToDate) external;
        function disableUpgrades() external;
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
        function renounceOwnership() external;
        function upgradeToAndCall(address newImplementation, bytes data) external payable;

        event ComposeHashAdded(bytes32 composeHash);
        event ComposeHashRemoved(bytes32 composeHash);
        event DeviceAdded(bytes32 deviceId);
        event DeviceRemoved(bytes32 deviceId);
        event AllowAnyDeviceSet(bool allowAny);
        event RequireTcbUpToDateSet(bool requireUpToDate);
        event UpgradesDisabled();
        event Initialized(uint64 version);
        event Upgraded(address indexed implementation);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
        event PolicyChanged(address indexed actor, bytes32 indexed policy, bytes32 indexed value, bool enabled);

        error OwnableUnauthorizedAccount(address account);
        error OwnableInvalidOwner(address owner);
        error ERC1967InvalidImplementation(address implementation);
    }

    /// The KMS and factory of apps.
    interface DstackKms {
        function owner() external view returns (address);
        function kmsInfo() external view returns (bytes k256Pubkey, bytes caPubkey, bytes quote, bytes eventlog);
        function gatewayAppId() external view returns (string);
        function registeredApps(address appId) external view returns (bool);
        function apps(address appId) external view returns (bool isRegistered, address controller);
        function allowedOsImages(bytes32 osImageHash) external view returns (bool);
        function isAppAllowed(AppBootInfo bootInfo) external view returns (bool isAllowed, string reason);

        event AppRegistered(address appId);
        event AppDeployedViaFactory(address indexed appId, address indexed deployer);
    }

    /// Two factories of different arity: the second is there from the third generation on.
    interface Factory {
        function deployAndRegisterApp(address owner, bool disableUpgrades, bool allowAnyDevice,
            bytes32 deviceId, bytes32 composeHash) external returns (address appId);
    }
    interface TcbFactory {
        function deployAndRegisterApp(address owner, bool disableUpgrades, bool requireTcbUpToDate,
            bool allowAnyDevice, bytes32 deviceId, bytes32 composeHash) external returns (address appId);
    }

    /// The first generation's event, which names app and contract apart.
    interface OldKms {
        event AppDeployedViaFactory(address indexed appId, address indexed proxyAddress, address indexed deployer);
    }

    /// The same address on every chain.
    interface Multicall3 {
        struct Call3 { address target; bool allowFailure; bytes callData; }
        struct Result { bool success; bytes returnData; }
        function aggregate3(Call3[] calls) external payable returns (Result[] returnData);
        function getBlockNumber() external view returns (uint256 blockNumber);
        function getChainId() external view returns (uint256 chainid);
    }

    /// As far as a Safe that owns an app shows on chain.
    interface Safe {
        function getThreshold() external view returns (uint256 threshold);
        function getOwners() external view returns (address[] owners);
        function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas,
            uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)
            external payable returns (bool success);
        event ExecutionSuccess(bytes32 txHash, uint256 payment);
    }
}

#[cfg(test)]
mod tests {
    use alloy_sol_types::{SolCall, SolError, SolEvent};

    use super::*;

    /// Recorded with solc and the official clients against the real contracts.
    #[test]
    fn selectors_and_topics_are_those_of_the_real_contracts() {
        for (ours, recorded) in [
            (DstackApp::allowedComposeHashesCall::SELECTOR, "2f6622e5"),
            (DstackApp::allowedDeviceIdsCall::SELECTOR, "bf8b211b"),
            (DstackApp::allowAnyDeviceCall::SELECTOR, "3440a16a"),
            (DstackApp::ownerCall::SELECTOR, "8da5cb5b"),
            (DstackApp::pendingOwnerCall::SELECTOR, "e30c3978"),
            (DstackApp::versionCall::SELECTOR, "54fd4d50"),
            (DstackApp::requireTcbUpToDateCall::SELECTOR, "0aa58c83"),
            (DstackApp::appIdCall::SELECTOR, "80afdea8"),
            (DstackApp::supportsInterfaceCall::SELECTOR, "01ffc9a7"),
            (DstackApp::isAppAllowedCall::SELECTOR, "1e079198"),
            (DstackApp::addComposeHashCall::SELECTOR, "dfc77223"),
            (DstackApp::addDeviceCall::SELECTOR, "2a819728"),
            (DstackApp::removeComposeHashCall::SELECTOR, "67b3f22c"),
            (DstackApp::removeDeviceCall::SELECTOR, "1d266200"),
            (DstackApp::setAllowAnyDeviceCall::SELECTOR, "7c4beeb8"),
            (DstackApp::setRequireTcbUpToDateCall::SELECTOR, "6e4c7422"),
            (DstackApp::disableUpgradesCall::SELECTOR, "ec669036"),
            (DstackApp::transferOwnershipCall::SELECTOR, "f2fde38b"),
            (DstackKms::kmsInfoCall::SELECTOR, "09177063"),
            (DstackKms::registeredAppsCall::SELECTOR, "a6c4cce9"),
            (DstackKms::allowedOsImagesCall::SELECTOR, "9a4e1d18"),
            (Factory::deployAndRegisterAppCall::SELECTOR, "8618169d"),
            (TcbFactory::deployAndRegisterAppCall::SELECTOR, "9cb9c31f"),
            (Multicall3::aggregate3Call::SELECTOR, "82ad56cb"),
            (Safe::getThresholdCall::SELECTOR, "e75235b8"),
            (Safe::getOwnersCall::SELECTOR, "a0e67e2b"),
            (DstackApp::OwnableUnauthorizedAccount::SELECTOR, "118cdaa7"),
            (DstackApp::OwnableInvalidOwner::SELECTOR, "1e4fbdf7"),
            (
                DstackApp::ERC1967InvalidImplementation::SELECTOR,
                "4c9c8ce3",
            ),
        ] {
            assert_eq!(hex::encode(ours), recorded);
        }
        for (ours, recorded) in [
            (
                DstackApp::ComposeHashAdded::SIGNATURE_HASH,
                "fecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af",
            ),
            (
                DstackApp::ComposeHashRemoved::SIGNATURE_HASH,
                "755b79bd4b0eeab344d032284a99003b2ddc018b646752ac72d681593a6e8947",
            ),
            (
                DstackApp::DeviceAdded::SIGNATURE_HASH,
                "67fc71ab96fe3fa3c6f78e9a00e635d591b7333ce611c0380bc577aac702243b",
            ),
            (
                DstackApp::DeviceRemoved::SIGNATURE_HASH,
                "e0862975ac517b0478d308012afabc4bc37c23874a18144d7f2dfb852ff95c2c",
            ),
            (
                DstackApp::AllowAnyDeviceSet::SIGNATURE_HASH,
                "bb2cdb6c7b362202d40373f87bc4788301cca658f91711ac1662e1ad2cba4a20",
            ),
            (
                DstackApp::RequireTcbUpToDateSet::SIGNATURE_HASH,
                "afae60561b2481a349b45b3a47357f70eef6ae67e5b6e1749d74de7f19a25aa1",
            ),
            (
                DstackApp::OwnershipTransferred::SIGNATURE_HASH,
                "8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0",
            ),
            (
                DstackApp::OwnershipTransferStarted::SIGNATURE_HASH,
                "38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e22700",
            ),
            (
                DstackApp::PolicyChanged::SIGNATURE_HASH,
                "341d3bc64e32172fc5bcf27b0f7f69dc5adc19af64b7aa1dee361e5883c32375",
            ),
            (
                DstackApp::Upgraded::SIGNATURE_HASH,
                "bc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b",
            ),
            (
                DstackKms::AppDeployedViaFactory::SIGNATURE_HASH,
                "fd86d7f6962eba3b7a3bf9129c06c0b2f885e1c61ef2c9f0dbb856be0deefdee",
            ),
            (
                DstackKms::AppRegistered::SIGNATURE_HASH,
                "0d540ad8f39e07d19909687352b9fa017405d93c91a6760981fbae9cf28bfef7",
            ),
        ] {
            assert_eq!(hex::encode(ours), recorded);
        }
    }
}
