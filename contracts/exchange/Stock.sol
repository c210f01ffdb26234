// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @notice What an account has of an asset in trading, and what it bought lately, in one word: uint64 trading, uint32 index of
/// the trading day of the last purchase, five times uint32: tonnes bought on that day and on each of the four before.
type Stock is uint256;

using Stocks for Stock global;

/// @title The parts of a stock.
library Stocks {
    uint256 private constant _LAST = 64;
    uint256 private constant _BOUGHT = 96;
    uint256 private constant _LANE = 32;
    /// @dev So many days are remembered: no lock is longer.
    uint256 internal constant LANES = 5;

    function trading(Stock stock) internal pure returns (uint64) {
        return uint64(Stock.unwrap(stock));
    }

    /// @dev Tonnes that were bought on trading days after `index - lockDays`: sellable is what is above them (DOMAIN 16).
    function locked(Stock stock, uint256 index, uint256 lockDays) internal pure returns (uint256 tonnes) {
        uint256 word = Stock.unwrap(stock);
        uint256 bought = word >> _BOUGHT;
        if (bought == 0) return 0;
        // Of numbers of 32 bits and fewer.
        unchecked {
            uint256 until = uint32(word >> _LAST) + lockDays;
            if (until <= index) return 0;
            uint256 lanes = until - index;
            if (lanes > LANES) lanes = LANES;
            for (; lanes != 0; --lanes) {
                tonnes += uint32(bought);
                bought >>= _LANE;
            }
        }
    }

    /// @dev The caller knows that there is room, and that what goes is there.
    function withTrading(Stock stock, uint256 comes, uint256 goes) internal pure returns (Stock) {
        unchecked {
            return Stock.wrap(Stock.unwrap(stock) + comes - goes);
        }
    }

    /// @dev So many more in trading, bought on this trading day, which is not before the last one. `fits` is false where the
    /// day's purchases have no room for them.
    function withPurchase(Stock stock, uint256 index, uint256 tonnes) internal pure returns (Stock changed, bool fits) {
        uint256 word = Stock.unwrap(stock);
        unchecked {
            uint256 since = index - uint32(word >> _LAST);
            uint256 bought = since < LANES ? (word >> _BOUGHT) << (since * _LANE) : 0;
            fits = uint32(bought) + tonnes <= type(uint32).max;
            // What is shifted out of the word is older than any lock.
            changed = Stock.wrap(((bought + tonnes) << _BOUGHT) | (index << _LAST) | (uint64(word) + tonnes));
        }
    }
}
