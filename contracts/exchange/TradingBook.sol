// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICarbonLedger} from "../interfaces/ICarbonLedger.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {CashBook} from "./CashBook.sol";
import {DayWord} from "./DayWord.sol";
import {Purse} from "./Purse.sol";
import {Stock} from "./Stock.sol";

/// @title What comes into trading and leaves it; see ITradingBook. Who may call is decided by the contract that inherits this.
abstract contract TradingBook is CashBook, ITradingBook {
    struct Request {
        uint64 amount;
        uint64 at;
    }

    bytes32 private constant _MOVE_TYPEHASH =
        keccak256("TradingMove(bytes32 opId,bytes32 account,uint32 asset,uint64 amount,bool inward,uint64 deadline)");
    AssetId private constant _CASH = AssetId.wrap(0x0003_0000);

    ICarbonLedger internal immutable _ledger;
    mapping(bytes32 account => mapping(AssetId asset => Request request)) private _requests;

    /// @param ledger That keeps the units; it gives this contract the role of exchanges.
    constructor(ICarbonLedger ledger) {
        if (address(ledger).code.length == 0) revert IExchange.LedgerWithoutCode(address(ledger));
        _ledger = ledger;
    }

    /// @inheritdoc ITradingBook
    function requestRelease(AssetId asset, uint64 amount) external {
        bytes32 account = _callersAccount();
        _requireKept(asset);
        uint64 at = uint64(block.timestamp) + _terms.releaseDelay;
        _requests[account][asset] = Request(amount, at);
        emit ReleaseRequested(account, asset, amount, at);
    }

    /// @inheritdoc ITradingBook
    function completeRelease(bytes32 account, AssetId asset) external {
        if (_callersAccount() != account) revert IOrderBook.CallerUnknown(msg.sender);
        Request memory request = _requests[account][asset];
        uint64 there = asset == _CASH ? _purses[account].trading() : _stocks[account][asset].trading();
        uint64 amount = request.amount < there ? request.amount : there;
        if (amount == 0) revert ReleaseUnknown(account, asset);
        uint64 nowAt = uint64(block.timestamp);
        // The delay is hours: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (nowAt < request.at) revert ReleaseEarly(account, asset, request.at);
        delete _requests[account][asset];
        emit Released(account, asset, amount, nowAt);
        _leave(account, asset, amount);
    }

    /// @inheritdoc ITradingBook
    function tradingOf(bytes32 account, AssetId asset) external view returns (uint64 trading, uint64 locked) {
        Stock stock = _stocks[account][asset];
        DayWord day = _days[asset][_markets[asset].lastDay];
        trading = stock.trading();
        uint256 bought = stock.locked(day.index(), day.lockDays());
        locked = bought < trading ? uint64(bought) : trading;
    }

    /// @inheritdoc ITradingBook
    function releaseOf(bytes32 account, AssetId asset) external view returns (uint64 amount, uint64 at) {
        Request storage request = _requests[account][asset];
        return (request.amount, request.at);
    }

    /// @inheritdoc ITradingBook
    function isBarred(bytes32 account) external view returns (bool) {
        return _purses[account].isBarred();
    }

    /// @inheritdoc ITradingBook
    function holderCount() external view returns (uint32) {
        return _holders;
    }

    function _moveTrading(TradingMove calldata m, Cosignature calldata signature, Entry calldata entry) internal {
        _begin(m.opId, entry);
        _checkHolder(m.account, keccak256(abi.encode(_MOVE_TYPEHASH, m)), m.deadline, signature);
        _requireKept(m.asset);
        if (m.amount == 0) revert IExchange.AmountZero();
        emit Moved(m.account, m.asset, m.opId, m.amount, m.inward, entry.leafHash, entry.logIndex);
        if (m.inward) _enter(m.account, m.asset, m.amount);
        else _leave(m.account, m.asset, m.amount);
    }

    function _sweep(bytes32 opId, bytes32 account, AssetId asset, uint64 amount, Entry calldata entry) internal {
        _begin(opId, entry);
        _requireKept(asset);
        if (amount == 0) revert IExchange.AmountZero();
        emit Swept(account, asset, opId, amount, entry.leafHash, entry.logIndex);
        _leave(account, asset, amount);
    }

    function _bar(bytes32 opId, bytes32 account, bool barred, Entry calldata entry) internal {
        _begin(opId, entry);
        Purse purse = _purses[account];
        if (purse.isBarred() == barred) revert BarUnchanged(account, barred);
        _purses[account] = purse.withBar(barred);
        emit Barred(account, opId, barred, entry.leafHash, entry.logIndex);
    }

    function _enter(bytes32 account, AssetId asset, uint64 amount) private {
        Purse purse = _admit(account);
        _requireLet(account, purse);
        if (asset == _CASH) {
            _requireCashMoves();
            if (amount > purse.free()) revert CashInsufficient(account, amount, purse.free());
            _purses[account] = purse.withFree(0, amount).withTrading(amount, 0);
        } else {
            _purses[account] = purse;
            _stocks[account][asset] = _stocks[account][asset].withTrading(amount, 0);
            _ledger.takeCustody(account, asset, amount);
        }
    }

    function _leave(bytes32 account, AssetId asset, uint64 amount) private {
        if (asset == _CASH) {
            _requireCashMoves();
            Purse purse = _purses[account];
            if (amount > purse.trading()) revert CashInsufficient(account, amount, purse.trading());
            _purses[account] = purse.withFree(amount, 0).withTrading(0, amount);
        } else {
            Stock stock = _stocks[account][asset];
            if (amount > stock.trading()) revert UnitsInsufficient(account, asset, amount, stock.trading());
            _stocks[account][asset] = stock.withTrading(0, amount);
            _ledger.giveBack(account, asset, amount);
        }
    }

    function _requireKept(AssetId asset) private pure {
        if (!(asset == _CASH)) _requireTradable(asset);
    }
}
