// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title What an identifier names.
library AccountKind {
    uint8 internal constant PARK = 1;
    uint8 internal constant ENTERPRISE = 2;
    uint8 internal constant DEVICE = 3;
    uint8 internal constant VERIFIER = 4;
    uint8 internal constant REGULATOR = 5;
    uint8 internal constant PERSON = 6;

    /// @notice Whether accounts of this kind run meters, and so have emissions of their own.
    function emits(uint8 kind) internal pure returns (bool) {
        return kind == ENTERPRISE || kind == PARK;
    }

    /// @notice Whether persons of such a body approve what takes two.
    function sendsApprovers(uint8 kind) internal pure returns (bool) {
        return kind == PARK || kind == VERIFIER || kind == REGULATOR;
    }
}
