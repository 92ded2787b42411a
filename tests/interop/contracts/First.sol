// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// An app's contract of dstack up to 0.5.3, as far as it is read: it has an id that is not its address, and its flags lie
/// one slot further.
contract First {
    address public appId;
    mapping(bytes32 => bool) public allowedComposeHashes;
    bool internal upgradesDisabled;
    bool public allowAnyDevice;
    mapping(bytes32 => bool) public allowedDeviceIds;
    address public owner;

    constructor(address by, address app, bool fixedCode) {
        owner = by;
        appId = app;
        upgradesDisabled = fixedCode;
    }
}
