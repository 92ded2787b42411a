// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// An app's contract as its callers see it: the calls, events, errors and storage of dstack's DstackApp after 0.5.11,
/// as far as a client of it goes. Written for the tests; nothing real may be entrusted to it.
contract App {
    error OwnableUnauthorizedAccount(address account);

    event ComposeHashAdded(bytes32 composeHash);
    event DeviceAdded(bytes32 deviceId);
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    // The places are part of what is pretended: slot 0, then two flags in slot 1.
    mapping(bytes32 => bool) public allowedComposeHashes;
    bool internal upgradesDisabled;
    bool public allowAnyDevice;
    mapping(bytes32 => bool) public allowedDeviceIds;
    bool public requireTcbUpToDate;
    address public owner;
    address public pendingOwner;

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    /// In place of a constructor, for a proxy runs none of its code's.
    function initialize(address by, bool fixedCode, bool anyDevice, bool upToDate) external {
        require(owner == address(0), "initialized");
        owner = by;
        upgradesDisabled = fixedCode;
        allowAnyDevice = anyDevice;
        requireTcbUpToDate = upToDate;
        emit OwnershipTransferred(address(0), by);
    }

    function version() external pure returns (uint256) {
        return 2;
    }

    function addComposeHash(bytes32 composeHash) external virtual onlyOwner {
        allowedComposeHashes[composeHash] = true;
        emit ComposeHashAdded(composeHash);
    }

    function addDevice(bytes32 deviceId) external onlyOwner {
        allowedDeviceIds[deviceId] = true;
        emit DeviceAdded(deviceId);
    }

    function transferOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnershipTransferStarted(owner, to);
    }

    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert OwnableUnauthorizedAccount(msg.sender);
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }
}

/// One that lets machines in, and no code.
contract Stubborn is App {
    error NotToday(uint256 until);

    function addComposeHash(bytes32) external view override onlyOwner {
        revert NotToday(7);
    }
}
