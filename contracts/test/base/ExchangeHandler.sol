// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICashBook} from "../../interfaces/ICashBook.sol";
import {IOrderBook} from "../../interfaces/IOrderBook.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {ITradingBook} from "../../interfaces/ITradingBook.sol";
import {ITradingDays} from "../../interfaces/ITradingDays.sol";
import {ExchangeModel} from "./ExchangeModel.sol";

/// @title What holders, two persons and the registrar do at the market, honestly or not.
/// @notice Before each call it is said, from the events so far, whether the contract must take it: any other answer fails.
contract ExchangeHandler is ExchangeModel {
    uint256 public constant ACTIONS = 13;
    uint8 public constant LOCK_DAYS = 2;
    uint8 private constant _FEE_BPS = 20;
    uint256 private constant _OPEN = 12;

    /// @notice Calls of each kind that were taken since the start; all that were sent, and refused.
    uint256[13] public taken;
    uint256 public refused;
    uint256 public sent;
    /// @notice Whether a call was answered otherwise than foretold.
    bool public unfounded;

    mapping(bytes32 account => uint256 key) private _keys;
    mapping(bytes32 account => uint64 amount) private _asked;
    mapping(bytes32 account => uint64 at) private _askedAt;
    IOrderBook.Order[2][12] private _pairs;
    uint256 private _made;
    bytes32[8] private _ways;
    uint256 private _wayCount;
    bytes[8] private _sent;
    uint256 private _sentCount;
    uint64 private _time;

    /// @dev The time is kept here, whatever becomes of `vm.warp` between calls.
    modifier inTime() {
        _time += 10 minutes;
        vm.warp(_time);
        deadline = _time + 3 days;
        cutOff = uint32(_time) + 30 days;
        _;
    }

    constructor() {
        _deployExchange();
        (_keys[BUYER], _keys[SELLER], _keys[NEIGHBOUR_ACCOUNT]) = (BUYER_KEY, SELLER_KEY, NEIGHBOUR_KEY);
        cutOff += 30 days;
        vm.recordLogs();
        ITradingDays.MarketTerms memory t = _marketTerms(LICENSED);
        (t.feeBps, t.feeAccount, t.lockDays, t.releaseDelay) = (_FEE_BPS, RESERVE, LOCK_DAYS, 1 hours);
        _do(_call(t));
        _do(_call(_reference(OPENING_FEN)));
        _do(_openCall(DAY));
        for (uint256 i = 0; i < 3; ++i) {
            (bytes32 account, uint256 key) = (traders[i], _keys[traders[i]]);
            _funded(account, key, 1_000_000_000);
            _stocked(account, key, 100_000);
            ICashBook.BankBinding memory b = _binding();
            b.account = account;
            _do(_call(b));
        }
        _learn(vm.getRecordedLogs());
        _time = uint64(block.timestamp);
    }

    /// @notice What the events say is what the contracts say; called after each action.
    function checkRebuilt() external view {
        _checkExchange(LOCK_DAYS);
        // One after the other.
        IOrderBook.Order[2] storage pair = _pairs[sent % _OPEN];
        if (pair[0].account != 0) {
            _checkOrder(_hash(pair[0]), pair[0].tonnes);
            _checkOrder(_hash(pair[1]), pair[1].tonnes);
        }
    }

    /// @dev A new pair of orders, filled in part or whole.
    function settleNew(uint256 who, uint256 tonnes, uint256 price) external inTime {
        (bytes32 buyer, bytes32 seller) = (traders[who % 3], traders[(who % 3 + 1 + (who >> 8) % 2) % 3]);
        _goOn();
        IOrderBook.Order[2] storage pair = _pairs[_made++ % _OPEN];
        pair[0] = _of(1, buyer, tonnes, price);
        pair[1] = _of(2, seller, tonnes >> 64, price >> 64);
        // Mostly they meet.
        if ((price >> 128) % 16 != 0 && pair[0].priceFen < pair[1].priceFen) pair[1].priceFen = pair[0].priceFen;
        _fill(0, pair, (tonnes >> 128) | 1, false);
    }

    /// @dev More of a pair that there is; now and then out of order.
    function settleMore(uint256 which, uint256 tonnes) external inTime {
        for (uint256 i = 0; i < _OPEN; ++i) {
            IOrderBook.Order[2] storage pair = _pairs[(which % _OPEN + i) % _OPEN];
            if (pair[0].account == 0 || (_isOver(pair) && (which >> 64) % 32 != 0)) continue;
            _goOn();
            return _fill(1, pair, tonnes, (which >> 32) % 16 == 0);
        }
    }

    function moveUnits(uint256 who, uint256 amount, bool inward) external inTime {
        bytes32 account = traders[who % 3];
        (uint64 free,) = ledger.balanceOf(account, QUOTA);
        uint64 there = inward ? free : units[account];
        uint64 tonnes = _about(amount, there / 4 + 1);
        bytes memory call = _moveCall(_move(account, QUOTA, tonnes, inward), _keys[account]);
        _act(2, call, tonnes <= there && !(inward && bars[account]));
    }

    function moveCash(uint256 who, uint256 amount, bool inward) external inTime {
        bytes32 account = traders[who % 3];
        uint64 there = inward ? cash[account].free : cash[account].trading;
        uint64 fen = _about(amount, there / 4 + 1);
        bytes memory call = _moveCall(_move(account, CASH, fen, inward), _keys[account]);
        _act(3, call, fen <= there && !(inward && bars[account]));
    }

    function deposit(uint256 who, uint256 amount) external inTime {
        ICashBook.Deposit memory m = _deposit(uint64(bound(amount, 1, 100_000_000)));
        m.account = traders[who % 3];
        _act(4, _call(m), true);
    }

    function withdraw(uint256 who, uint256 amount) external inTime {
        bytes32 account = traders[who % 3];
        uint64 fen = _about(amount, cash[account].free / 4 + 1);
        ICashBook.Withdrawal memory m = _withdrawal(fen);
        m.account = account;
        bytes memory call =
            abi.encodeCall(ICashBook.withdraw, (m, _word(_keys[account], keccak256(abi.encode(WITHDRAWAL, m))), entry));
        if (_act(5, call, fen <= cash[account].free && !bars[account])) _ways[_wayCount++ % 8] = m.opId;
    }

    function payout(uint256 which, bool paid) external inTime {
        bytes32 way = _ways[which % 8];
        if (way == 0) return;
        (,, bool pending) = exchange.withdrawalOf(way);
        if (!pending && (which >> 8) % 8 != 0) return;
        _act(6, _call(_payout(way, paid)), pending);
    }

    function cancel(uint256 which, bool direct) external inTime {
        if ((which >> 64) % 3 != 0) return;
        IOrderBook.Order memory o = _pairs[which % _OPEN][(which >> 8) % 2];
        if (o.account == 0) return;
        uint256 key = _keys[o.account];
        if (!direct) {
            _act(7, _cancelCall(o, key), true);
            return;
        }
        vm.prank(vm.addr(key));
        _act(7, abi.encodeCall(IOrderBook.cancelDirect, (o)), true);
    }

    function cancelAll(uint256 who, uint256 epoch) external inTime {
        if ((who >> 8) % 16 != 0) return;
        bytes32 account = traders[who % 3];
        uint32 next = epochs[account] + uint32(bound(epoch, 0, 8));
        _act(8, _cancelAllCall(account, next, _keys[account]), next > epochs[account]);
    }

    /// @dev Asks, or takes what was asked for.
    function release(uint256 who, uint256 amount) external inTime {
        bytes32 account = traders[who % 3];
        address sender = vm.addr(_keys[account]);
        if (_asked[account] == 0) {
            uint64 tonnes = uint64(bound(amount, 1, 5_000));
            (_asked[account], _askedAt[account]) = (tonnes, _time + 1 hours);
            vm.prank(sender);
            _act(9, abi.encodeCall(ITradingBook.requestRelease, (QUOTA, tonnes)), true);
            return;
        }
        bool ready = _time >= _askedAt[account] && units[account] != 0;
        if (!ready && (who >> 8) % 4 != 0) return;
        vm.prank(sender);
        if (_act(9, abi.encodeCall(ITradingBook.completeRelease, (account, QUOTA)), ready)) _asked[account] = 0;
    }

    function sweep(uint256 who, uint256 amount) external inTime {
        bytes32 account = traders[who % 3];
        bool units_ = (who >> 8) % 2 == 0;
        uint64 there = units_ ? units[account] : cash[account].trading;
        uint64 swept = _about(amount, there / 16 + 1);
        _act(10, _sweepCall(account, units_ ? QUOTA : CASH, swept), swept <= there);
    }

    function bar(uint256 who) external inTime {
        bytes32 account = traders[who % 3];
        // Who is barred is soon let in again, so that something happens.
        for (uint256 i = 0; i < 3; ++i) {
            if (bars[traders[i]]) account = traders[i];
        }
        bool barred = !bars[account];
        if (barred && (who >> 8) % 4 != 0) return;
        if ((who >> 16) % 16 == 0) barred = !barred;
        _act(11, _barCall(account, barred), barred != bars[account]);
    }

    /// @dev Days halt, go on, close, and the next one opens.
    function turn(uint256 which) external inTime {
        if (status == 3) {
            uint32 day = lastDay + uint32(bound(which, 0, 3));
            _act(12, _openCall(day), day > lastDay);
        } else if (status == 2) {
            _act(12, (which >> 8) % 2 == 0 ? _haltCall(lastDay, false) : _closeCall(lastDay, 2), true);
        } else if ((which >> 8) % 4 == 0) {
            _act(12, _haltCall(lastDay, true), true);
        } else if ((which >> 8) % 4 == 1) {
            _act(12, _closeCall(lastDay, uint16((which >> 16) % 4)), true);
        }
    }

    /// @dev What was taken is not taken twice (law 6).
    function replay(uint256 which) external inTime {
        if (_sentCount == 0) return;
        _mustFail(_sent[which % (_sentCount < 8 ? _sentCount : 8)]);
    }

    /// @dev Others' units and cash, by whoever has no right to them (law 7).
    function steal(uint256 who, uint256 how) external inTime {
        (bytes32 account, bytes32 thief) = (traders[who % 3], traders[(who % 3 + 1) % 3]);
        // Who may settle is remembered for the one who may, whoever asks for it and whoever it is asked of.
        exchange.refreshSettler(address(this));
        exchange.refreshSettler(vm.addr(_keys[thief]));
        if (how % 8 == 3) {
            bytes memory settling = _settleCall(_trade(1, OPENING_FEN));
            vm.prank(vm.addr(_keys[thief]));
            return _mustFail(settling);
        }
        if (how % 4 == 0) return _mustFail(_moveCall(_move(account, QUOTA, 1, false), _keys[thief]));
        if (how % 4 == 1) return _mustFail(_cancelAllCall(account, epochs[account] + 1, _keys[thief]));
        if (how % 4 == 2) {
            vm.prank(vm.addr(_keys[thief]));
            return _mustFail(abi.encodeCall(ITradingBook.completeRelease, (account, QUOTA)));
        }
        ISettlement.Trade memory t = _trade(1, OPENING_FEN);
        (t.day, t.buy.account, t.sell.account) = (lastDay, thief, account);
        t.buySignature = _signOrder(_keys[thief], t.buy);
        t.sellSignature = _signOrder(_keys[thief], t.sell);
        _mustFail(_settleCall(t));
    }

    /// @dev Whether one of the two is filled, cancelled or of an epoch before.
    function _isOver(IOrderBook.Order[2] storage pair) private view returns (bool) {
        for (uint256 i = 0; i < 2; ++i) {
            IOrderBook.Order memory o = pair[i];
            bytes32 orderHash = _hash(o);
            if (ended[orderHash] || fills[orderHash] == o.tonnes || o.epoch != epochs[o.account]) return true;
        }
        return false;
    }

    /// @dev Nothing is settled on a day that stands still; now and then it does.
    function _goOn() private {
        if (sent % 16 == 0) return;
        if (status == 2) _act(12, _haltCall(lastDay, false), true);
        if (status == 3) _act(12, _openCall(lastDay + 1), true);
    }

    function _fill(uint256 action, IOrderBook.Order[2] storage pair, uint256 amount, bool disordered) private {
        ISettlement.Trade memory t;
        (t.buy, t.sell) = (pair[0], pair[1]);
        (bytes32 buyHash, bytes32 sellHash) = (_hash(t.buy), _hash(t.sell));
        (t.buyFilled, t.sellFilled) = (fills[buyHash], fills[sellHash]);
        uint64 left = t.buy.tonnes - t.buyFilled;
        if (t.sell.tonnes - t.sellFilled < left) left = t.sell.tonnes - t.sellFilled;
        t.tonnes = _about(amount, left);
        if (disordered) t.buyFilled += 1;
        (t.opId, t.day, t.priceFen) = (_nextOp(), lastDay, t.sell.priceFen);
        t.buyLeaf = t.sellLeaf = _leaf(5);
        t.buySignature = _signOrder(_keys[t.buy.account], t.buy);
        t.sellSignature = _signOrder(_keys[t.sell.account], t.sell);
        bool fair = !disordered && t.tonnes <= left && status == 1 && _time < t.buy.deadline;
        fair = fair && !ended[buyHash] && !ended[sellHash] && !bars[t.buy.account] && !bars[t.sell.account];
        fair = fair && t.priceFen <= t.buy.priceFen;
        fair = fair && t.buy.epoch == epochs[t.buy.account] && t.sell.epoch == epochs[t.sell.account];
        _act(action, _settleCall(t), fair && _covered(t));
    }

    function _covered(ISettlement.Trade memory t) private view returns (bool) {
        uint256 value = uint256(t.tonnes) * t.priceFen;
        ITradingDays.Day memory day = exchange.dayOf(QUOTA, lastDay);
        if (_time >= day.cutOff) return false;
        uint256 middle = day.referenceFen;
        if (10_000 * uint256(t.priceFen) < 9_000 * middle || 10_000 * uint256(t.priceFen) > 11_000 * middle) {
            return false;
        }
        if (value + (value * _FEE_BPS + 5_000) / 10_000 > cash[t.buy.account].trading) return false;
        return t.tonnes <= units[t.sell.account] - _lockedOf(t.sell.account, LOCK_DAYS);
    }

    function _of(uint8 side, bytes32 account, uint256 tonnes, uint256 price)
        private
        returns (IOrderBook.Order memory o)
    {
        o = _order(
            side,
            uint64(bound(tonnes, 1, 400)),
            uint32(bound(price, referenceFen - referenceFen / 20, referenceFen + referenceFen / 20))
        );
        (o.account, o.feeLimitBps, o.epoch) = (account, _FEE_BPS, epochs[account]);
    }

    function _act(uint256 action, bytes memory call, bool expected) private returns (bool succeeded) {
        ++sent;
        vm.recordLogs();
        (succeeded,) = address(exchange).call(call);
        if (succeeded != expected) unfounded = true;
        if (!succeeded) {
            ++refused;
            return false;
        }
        ++taken[action];
        // What a holder may say again, and days, have their own ends.
        if (action != 7 && action != 9) _sent[_sentCount++ % 8] = call;
        _learn(vm.getRecordedLogs());
    }

    function _mustFail(bytes memory call) private {
        ++sent;
        (bool succeeded,) = address(exchange).call(call);
        if (succeeded) unfounded = true;
        ++refused;
    }

    /// @dev Mostly what there is, seldom just too much.
    function _about(uint256 amount, uint64 there) private pure returns (uint64) {
        if (amount % 16 == 0) return there + 1;
        return uint64(bound(amount >> 8, 1, there == 0 ? 1 : there));
    }
}
