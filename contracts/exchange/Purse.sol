// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @notice What an account has in cash, and what is known of it, in one word: uint64 free, uint64 trading, uint64
/// withdrawing (all fen), uint24 epoch, a bit for each of a known holder and a barred account, 6 bits of nothing, uint32 group.
type Purse is uint256;

using Purses for Purse global;

/// @title The parts of a purse. Sums of cash stay below 2^63 (ICashBook), so that no part flows into the next.
library Purses {
    uint256 private constant _TRADING = 64;
    uint256 private constant _WITHDRAWING = 128;
    uint256 private constant _EPOCH = 192;
    uint256 private constant _GROUP = 224;
    uint256 private constant _KNOWN = 1 << 216;
    uint256 private constant _BARRED = 1 << 217;

    function free(Purse purse) internal pure returns (uint64) {
        return uint64(Purse.unwrap(purse));
    }

    function trading(Purse purse) internal pure returns (uint64) {
        return uint64(Purse.unwrap(purse) >> _TRADING);
    }

    function withdrawing(Purse purse) internal pure returns (uint64) {
        return uint64(Purse.unwrap(purse) >> _WITHDRAWING);
    }

    function epoch(Purse purse) internal pure returns (uint24) {
        return uint24(Purse.unwrap(purse) >> _EPOCH);
    }

    function isKnown(Purse purse) internal pure returns (bool) {
        return Purse.unwrap(purse) & _KNOWN != 0;
    }

    function isBarred(Purse purse) internal pure returns (bool) {
        return Purse.unwrap(purse) & _BARRED != 0;
    }

    /// @dev The first four bytes of the group's hash, 0: none. Groups that share them count as one, which counts less.
    function group(Purse purse) internal pure returns (uint32) {
        return uint32(Purse.unwrap(purse) >> _GROUP);
    }

    /// @dev The caller knows that what goes is there.
    function withFree(Purse purse, uint256 comes, uint256 goes) internal pure returns (Purse) {
        unchecked {
            return Purse.wrap(Purse.unwrap(purse) + comes - goes);
        }
    }

    /// @dev The caller knows that what goes is there.
    function withTrading(Purse purse, uint256 comes, uint256 goes) internal pure returns (Purse) {
        unchecked {
            return Purse.wrap(Purse.unwrap(purse) + (comes << _TRADING) - (goes << _TRADING));
        }
    }

    /// @dev The caller knows that what goes is there.
    function withWithdrawing(Purse purse, uint256 comes, uint256 goes) internal pure returns (Purse) {
        unchecked {
            return Purse.wrap(Purse.unwrap(purse) + (comes << _WITHDRAWING) - (goes << _WITHDRAWING));
        }
    }

    function withEpoch(Purse purse, uint24 number) internal pure returns (Purse) {
        uint256 rest = Purse.unwrap(purse) & ~(uint256(type(uint24).max) << _EPOCH);
        return Purse.wrap(rest | (uint256(number) << _EPOCH));
    }

    function withBar(Purse purse, bool barred) internal pure returns (Purse) {
        uint256 word = Purse.unwrap(purse);
        return Purse.wrap(barred ? word | _BARRED : word & ~_BARRED);
    }

    /// @dev Known from now on, and of this group.
    function asHolder(Purse purse, bytes32 groupHash) internal pure returns (Purse) {
        uint256 rest = (Purse.unwrap(purse) << 32) >> 32;
        return Purse.wrap(rest | _KNOWN | (uint256(uint32(bytes4(groupHash))) << _GROUP));
    }
}
