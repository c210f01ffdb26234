// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICashBook} from "../../interfaces/ICashBook.sol";
import {IOrderBook} from "../../interfaces/IOrderBook.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {ITradingBook} from "../../interfaces/ITradingBook.sol";
import {ITradingDays} from "../../interfaces/ITradingDays.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {ExchangeFixture} from "./ExchangeFixture.sol";
import {Vm} from "./Vm.sol";

/// @title What a reader knows of an exchange from its events alone: balances, locks, cash, fills, epochs and days.
abstract contract ExchangeModel is ExchangeFixture {
    struct Cash {
        uint64 free;
        uint64 trading;
        uint64 withdrawing;
    }

    struct Purchase {
        uint16 index;
        uint64 tonnes;
    }

    bytes32[3] internal traders = [BUYER, SELLER, NEIGHBOUR_ACCOUNT];
    mapping(bytes32 account => Cash) internal cash;
    mapping(bytes32 account => uint64) internal units;
    mapping(bytes32 account => Purchase[]) internal purchases;
    mapping(bytes32 account => uint32) internal epochs;
    mapping(bytes32 account => bool) internal bars;
    mapping(bytes32 orderHash => uint64) internal fills;
    mapping(bytes32 orderHash => bool) internal ended;
    uint64 internal total;
    bytes32 internal feeAccount;
    uint32 internal lastDay;
    uint16 internal lastIndex;
    uint8 internal status;
    uint40 internal volume;
    uint48 internal valueFen;
    uint32 internal referenceFen;

    function _learn(Vm.Log[] memory logs) internal {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(exchange)) _learnOne(logs[i].topics, logs[i].data);
        }
    }

    function _learnOne(bytes32[] memory t, bytes memory d) private {
        if (t[0] == ISettlement.Settled.selector) return _settled(t, d);
        if (t[0] == ITradingBook.Moved.selector || t[0] == ITradingBook.Swept.selector) {
            bool inward = t[0] == ITradingBook.Moved.selector && _at(d, 1) != 0;
            return _moved(t[1], t[2], uint64(_at(d, 0)), inward);
        }
        if (t[0] == ITradingBook.Released.selector) return _moved(t[1], t[2], uint64(_at(d, 0)), false);
        if (t[0] == ICashBook.Deposited.selector) {
            total += uint64(_at(d, 0));
            cash[t[1]].free += uint64(_at(d, 0));
        } else if (t[0] == ICashBook.Withdrawn.selector) {
            cash[t[1]].free -= uint64(_at(d, 0));
            cash[t[1]].withdrawing += uint64(_at(d, 0));
        } else if (t[0] == ICashBook.PaidOut.selector) {
            uint64 fen = uint64(_at(d, 0));
            cash[t[1]].withdrawing -= fen;
            if (_at(d, 1) != 0) total -= fen;
            else cash[t[1]].free += fen;
        } else if (t[0] == IOrderBook.OrderCancelled.selector) {
            ended[t[1]] = true;
        } else if (t[0] == IOrderBook.AllCancelled.selector) {
            epochs[t[1]] = uint32(_at(d, 0));
        } else if (t[0] == ITradingBook.Barred.selector) {
            bars[t[1]] = _at(d, 0) != 0;
        } else {
            _learnDay(t, d);
        }
    }

    function _learnDay(bytes32[] memory t, bytes memory d) private {
        if (t[0] == ITradingDays.DayOpened.selector) {
            (lastDay, lastIndex, referenceFen) = (uint32(uint256(t[2])), uint16(_at(d, 0)), uint32(_at(d, 1)));
            (status, volume, valueFen) = (1, 0, 0);
        } else if (t[0] == ITradingDays.DayHalted.selector) {
            status = _at(d, 0) != 0 ? 2 : 1;
        } else if (t[0] == ITradingDays.DayClosed.selector) {
            assertEq(_at(d, 0), volume);
            assertEq(_at(d, 1), valueFen);
            (status, referenceFen) = (3, uint32(_at(d, 2)));
        } else if (t[0] == ITradingDays.TermsSet.selector) {
            feeAccount = bytes32(_at(d, 7));
        }
    }

    function _settled(bytes32[] memory t, bytes memory d) private {
        (bytes32 buyer, bytes32 seller) = (bytes32(_at(d, 0)), bytes32(_at(d, 1)));
        (uint64 tonnes, uint64 value) = (uint64(_at(d, 4)), uint64(_at(d, 4) * _at(d, 5)));
        (uint64 buyerFee, uint64 sellerFee) = (uint64(_at(d, 6)), uint64(_at(d, 7)));
        fills[t[2]] += tonnes;
        fills[t[3]] += tonnes;
        units[seller] -= tonnes;
        units[buyer] += tonnes;
        purchases[buyer].push(Purchase(lastIndex, tonnes));
        cash[buyer].trading -= value + buyerFee;
        cash[seller].trading += value - sellerFee;
        cash[feeAccount].free += buyerFee + sellerFee;
        if (_at(d, 8) != 0) (volume, valueFen) = (volume + uint40(tonnes), valueFen + uint48(value));
    }

    function _moved(bytes32 account, bytes32 asset, uint64 amount, bool inward) private {
        if (uint256(asset) == AssetId.unwrap(CASH)) {
            Cash storage its = cash[account];
            if (inward) (its.free, its.trading) = (its.free - amount, its.trading + amount);
            else (its.free, its.trading) = (its.free + amount, its.trading - amount);
        } else if (inward) {
            units[account] += amount;
        } else {
            units[account] -= amount;
        }
    }

    /// @dev Of the last `lockDays` trading days.
    function _lockedOf(bytes32 account, uint8 lockDays) internal view returns (uint64 locked) {
        Purchase[] storage its = purchases[account];
        for (uint256 i = its.length; i != 0; --i) {
            Purchase storage one = its[i - 1];
            if (one.index + uint256(lockDays) <= lastIndex) break;
            locked += one.tonnes;
        }
        if (locked > units[account]) locked = units[account];
    }

    /// @dev Everything that the events say, as the contract has it; units in custody; all cash; law 3.
    function _checkExchange(uint8 lockDays) internal view {
        uint256 kept = 0;
        uint256 fen = uint256(cash[RESERVE].free) + cash[RESERVE].trading + cash[RESERVE].withdrawing;
        uint256 held = 0;
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 account = traders[i];
            _trades(account, units[account], _lockedOf(account, lockDays));
            Cash storage its = cash[account];
            _has(account, its.free, its.trading, its.withdrawing);
            assertEq(exchange.epochOf(account), epochs[account]);
            assertTrue(exchange.isBarred(account) == bars[account], "barred");
            kept += units[account];
            fen += uint256(its.free) + its.trading + its.withdrawing;
            (uint64 free, uint64 frozen) = ledger.balanceOf(account, QUOTA);
            held += uint256(free) + frozen;
        }
        assertEq(fen, total);
        assertEq(exchange.totalCash(), total);
        _holds(_market(), QUOTA, uint64(kept), 0);
        (uint64 issued, uint64 surrendered, uint64 cancelled) = ledger.supplyOf(QUOTA);
        assertEq(issued, held + kept + surrendered + cancelled);
        _checkDay();
    }

    function _checkOrder(bytes32 orderHash, uint64 tonnes) internal view {
        (uint64 filled, bool cancelled) = exchange.filledOf(orderHash);
        assertEq(filled, fills[orderHash]);
        assertTrue(cancelled == ended[orderHash], "cancelled");
        assertTrue(filled <= tonnes, "filled beyond the order");
    }

    function _checkDay() private view {
        ITradingDays.Day memory day = exchange.dayOf(QUOTA, lastDay);
        assertEq(keccak256(abi.encode(day.status, day.index)), keccak256(abi.encode(status, lastIndex)));
        assertEq(keccak256(abi.encode(day.volume, day.valueFen)), keccak256(abi.encode(volume, valueFen)));
        (uint32 priceFen,) = exchange.referenceOf(QUOTA);
        assertEq(priceFen, referenceFen);
    }

    function _at(bytes memory data, uint256 index) private pure returns (uint256 word) {
        for (uint256 i = 0; i < 32; ++i) {
            word = (word << 8) | uint8(data[32 * index + i]);
        }
    }
}
