// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Vm} from "./Vm.sol";

/// @title The few assertions that the tests need. A failed one reverts with what was found and what was expected.
abstract contract TestBase {
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unequal(bytes32 found, bytes32 expected);
    error NotTrue(string what);
    error NotRefused(bytes callData);
    error RefusedOtherwise(bytes returned, bytes4 expected);

    function assertEq(bytes32 found, bytes32 expected) internal pure {
        if (found != expected) revert Unequal(found, expected);
    }

    function assertEq(uint256 found, uint256 expected) internal pure {
        assertEq(bytes32(found), bytes32(expected));
    }

    function assertEq(address found, address expected) internal pure {
        assertEq(uint160(found), uint160(expected));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev Into [low, high], both included.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }

    /// @dev The call must revert with this custom error, whatever its arguments.
    function assertRefused(address target, bytes memory callData, bytes4 selector) internal {
        assertRefused(target, callData, selector, selector);
    }

    /// @dev The call must revert with one of these two custom errors.
    function assertRefused(address target, bytes memory callData, bytes4 selector, bytes4 other) internal {
        (bool succeeded, bytes memory returned) = target.call(callData);
        if (succeeded) revert NotRefused(callData);
        bytes4 found = bytes4(returned);
        if (found != selector && found != other) revert RefusedOtherwise(returned, selector);
    }

    /// @dev The call must revert with exactly this data.
    function assertRefusedWith(address target, bytes memory callData, bytes memory revertData) internal {
        (bool succeeded, bytes memory returned) = target.call(callData);
        if (succeeded) revert NotRefused(callData);
        if (keccak256(returned) != keccak256(revertData)) revert RefusedOtherwise(returned, bytes4(revertData));
    }
}
