// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITradingDays} from "../interfaces/ITradingDays.sol";

/// @notice A trading day in one word, from the lowest bit: uint40 volume, uint48 value, uint32 reference, uint16 index, uint8
/// mode, uint8 status, uint8 lock days, uint16 band, uint16 block band, uint8 fee, uint24 block threshold, uint32 cut-off.
type DayWord is uint256;

using DayWords for DayWord global;

/// @title The parts of a trading day; see ITradingDays.Day.
library DayWords {
    uint8 internal constant OPEN = 1;
    uint8 internal constant HALTED = 2;
    uint8 internal constant CLOSED = 3;

    uint256 private constant _VALUE = 40;
    uint256 private constant _REFERENCE = 88;
    uint256 private constant _INDEX = 120;
    uint256 private constant _MODE = 136;
    uint256 private constant _STATUS = 144;
    uint256 private constant _LOCK = 152;
    uint256 private constant _BAND = 160;
    uint256 private constant _BLOCK_BAND = 176;
    uint256 private constant _FEE = 192;
    uint256 private constant _THRESHOLD = 200;
    uint256 private constant _CUT_OFF = 224;

    function volume(DayWord word) internal pure returns (uint40) {
        return uint40(DayWord.unwrap(word));
    }

    function valueFen(DayWord word) internal pure returns (uint48) {
        return uint48(DayWord.unwrap(word) >> _VALUE);
    }

    function referenceFen(DayWord word) internal pure returns (uint32) {
        return uint32(DayWord.unwrap(word) >> _REFERENCE);
    }

    function index(DayWord word) internal pure returns (uint16) {
        return uint16(DayWord.unwrap(word) >> _INDEX);
    }

    function mode(DayWord word) internal pure returns (uint8) {
        return uint8(DayWord.unwrap(word) >> _MODE);
    }

    function status(DayWord word) internal pure returns (uint8) {
        return uint8(DayWord.unwrap(word) >> _STATUS);
    }

    function lockDays(DayWord word) internal pure returns (uint8) {
        return uint8(DayWord.unwrap(word) >> _LOCK);
    }

    function bandBps(DayWord word) internal pure returns (uint16) {
        return uint16(DayWord.unwrap(word) >> _BAND);
    }

    function blockBandBps(DayWord word) internal pure returns (uint16) {
        return uint16(DayWord.unwrap(word) >> _BLOCK_BAND);
    }

    function feeBps(DayWord word) internal pure returns (uint8) {
        return uint8(DayWord.unwrap(word) >> _FEE);
    }

    function blockThreshold(DayWord word) internal pure returns (uint24) {
        return uint24(DayWord.unwrap(word) >> _THRESHOLD);
    }

    function cutOff(DayWord word) internal pure returns (uint32) {
        return uint32(DayWord.unwrap(word) >> _CUT_OFF);
    }

    function withStatus(DayWord word, uint8 next) internal pure returns (DayWord) {
        uint256 rest = DayWord.unwrap(word) & ~(uint256(type(uint8).max) << _STATUS);
        return DayWord.wrap(rest | (uint256(next) << _STATUS));
    }

    /// @dev `fits` is false where a sum has no room.
    function withTrade(DayWord word, uint256 tonnes, uint256 fen) internal pure returns (DayWord changed, bool fits) {
        // Of tonnes below 2^64 and fen below 2^96.
        unchecked {
            fits = volume(word) + tonnes <= type(uint40).max && valueFen(word) + fen <= type(uint48).max;
            changed = DayWord.wrap(DayWord.unwrap(word) + tonnes + (fen << _VALUE));
        }
    }

    /// @dev The prices of the band, rounded inward to the fen (DOMAIN 15).
    function limits(uint256 middle, uint256 bps) internal pure returns (uint256 low, uint256 high) {
        // Of a price below 2^32 and at most 10,000 basis points.
        unchecked {
            low = (middle * (10_000 - bps) + 9_999) / 10_000;
            high = (middle * (10_000 + bps)) / 10_000;
        }
    }

    /// @dev An open day without trades.
    function opened(ITradingDays.MarketTerms memory t, uint256 number, uint256 priceFen, uint256 cutOff_)
        internal
        pure
        returns (DayWord)
    {
        uint256 word = (priceFen << _REFERENCE) | (number << _INDEX) | (uint256(t.mode) << _MODE)
            | (uint256(OPEN) << _STATUS) | (uint256(t.lockDays) << _LOCK) | (uint256(t.bandBps) << _BAND)
            | (uint256(t.blockBandBps) << _BLOCK_BAND) | (uint256(t.feeBps) << _FEE)
            | (uint256(t.blockThreshold) << _THRESHOLD) | (cutOff_ << _CUT_OFF);
        return DayWord.wrap(word);
    }

    function shown(DayWord word) internal pure returns (ITradingDays.Day memory) {
        return ITradingDays.Day({
            status: status(word),
            mode: mode(word),
            index: index(word),
            referenceFen: referenceFen(word),
            volume: volume(word),
            valueFen: valueFen(word),
            lockDays: lockDays(word),
            bandBps: bandBps(word),
            blockBandBps: blockBandBps(word),
            feeBps: feeBps(word),
            blockThreshold: blockThreshold(word),
            cutOff: cutOff(word)
        });
    }
}
