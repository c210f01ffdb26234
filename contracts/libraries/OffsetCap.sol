// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title What of an obligation is met, and how much of it offsets may meet (DOMAIN 2, 3).
/// @notice Whole tonnes, basis points. Sums are taken in 256 bits, so that nothing overflows.
/// `contracts/test/prove/OffsetCapProof.sol` proves its laws for all inputs.
library OffsetCap {
    uint256 internal constant WHOLE_BPS = 10_000;

    /// @notice `floor(capBps * emissions / 10000)`, never above `emissions`. `capBps` is at most 10,000.
    function capDown(uint64 emissions, uint16 capBps) internal pure returns (uint64) {
        return uint64(uint256(emissions) * capBps / WHOLE_BPS);
    }

    /// @notice How many of the used offsets count.
    function counted(uint64 used, uint64 cap) internal pure returns (uint64) {
        return used < cap ? used : cap;
    }

    /// @notice What may still be used of the cap; 0 where more is used, as after an amendment down.
    function room(uint64 used, uint64 cap) internal pure returns (uint64) {
        return used < cap ? cap - used : 0;
    }

    /// @notice What is due, and what was surrendered beyond it; one of them is 0.
    /// @param creditOut At most `quota + creditIn`, as what goes out is an excess, and offsets that count are at most
    /// `emissions`. So what is due is at most `emissions`.
    function balance(uint64 emissions, uint64 creditOut, uint64 quota, uint64 creditIn, uint64 offsetsCounted)
        internal
        pure
        returns (uint64 due, uint256 excess)
    {
        uint256 owed = uint256(emissions) + creditOut;
        uint256 met = uint256(quota) + creditIn + offsetsCounted;
        if (owed > met) due = uint64(owed - met);
        else excess = met - owed;
    }
}
