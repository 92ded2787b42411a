// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// What a Safe shows of itself. Signatures are not looked at: anybody may have it act.
contract Safe {
    uint256 public getThreshold;
    address[] internal owners;

    constructor(uint256 threshold, address[] memory signers) {
        getThreshold = threshold;
        owners = signers;
    }

    function getOwners() external view returns (address[] memory) {
        return owners;
    }

    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8,
        uint256,
        uint256,
        uint256,
        address,
        address payable,
        bytes memory
    ) external payable returns (bool success) {
        (success, ) = to.call{value: value}(data);
        require(success, "GS013");
    }
}

/// What a timelock shows of itself.
contract Timelock {
    uint256 public getMinDelay;

    constructor(uint256 delay) {
        getMinDelay = delay;
    }
}
